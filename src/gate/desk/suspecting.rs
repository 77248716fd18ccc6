//! The daemon says which projects are open findings: on the disk, and in force.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use tokio::sync::watch;

use super::errand::DeskError;
use crate::gate::policy::Policy;
use crate::gate::suspects::Suspects;
use crate::gate::verdict::ReviewRefusal;
use crate::model::{Actor, Machine, ProjectName, Suspect};

/// From now on these are held. Whoever tells fewer lets something through, and persons have reviews for that.
pub(super) fn suspected(
    (machine, by): (Machine, &Actor),
    (dir, policy): (&Path, &watch::Sender<Arc<Policy>>),
    suspects: BTreeMap<ProjectName, Suspect>,
) -> Result<(), DeskError> {
    match machine.is_a_service(by.uid, by.user.as_deref()) {
        true => held(dir, policy, suspects),
        false => Err(ReviewRefusal::NoDaemon.into()),
    }
}

/// What the disk does not take is held all the same, as long as this process lives.
fn held(
    dir: &Path,
    policy: &watch::Sender<Arc<Policy>>,
    suspects: BTreeMap<ProjectName, Suspect>,
) -> Result<(), DeskError> {
    let told = Suspects::new(suspects);
    let kept = told.keep(dir).map_err(DeskError::Suspects);
    policy.send_modify(|now| {
        let suspects = Arc::new(if kept.is_ok() { told } else { told.unkept_beside(&now.suspects) });
        *now = Arc::new(Policy { suspects, ..Policy::clone(now) });
    });
    kept
}
