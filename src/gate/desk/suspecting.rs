//! The daemon says which projects are open findings: on the disk, and in force.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use tokio::sync::watch;

use super::errand::DeskError;
use crate::gate::policy::Policy;
use crate::gate::suspects::Suspects;
use crate::model::{ProjectName, Suspect};

/// From now on these are held. What the disk does not take is held all the same, as long as this process lives.
pub(super) fn held(
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
