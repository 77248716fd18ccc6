//! Pages that share a message: they go out together when the last of them has been looked up, each after `throttle::LOOK_UP`
//! at the latest. Sent as they are seen they would say of every project that nothing is known of it yet, and that it is a
//! stranger's where a colleague made it; sent as they are looked up, one flood under a prefix would be as many messages.

use std::collections::BTreeSet;

use super::throttle;
use crate::model::{Finding, OwnerId, Time};
use crate::store::{StoreError, Tx};

/// This case has been looked up: the pages of its owners of which none waits any longer are due.
pub(in crate::cases) fn release_pages(tx: &Tx<'_>, finding: &Finding, now: Time) -> Result<(), StoreError> {
    let owners: BTreeSet<&OwnerId> = finding.threats.iter().map(|threat| &threat.owner).collect();
    for owner in owners {
        if !tx.tellings().pages_wait(owner, now)? {
            tx.tellings().hasten_pages(owner, now, now + throttle::LOOK_UP)?;
        }
    }
    Ok(())
}
