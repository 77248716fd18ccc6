//! What stood before it was watched, and is a page: one message an owner, when all of it has been looked at.

use super::throttle;
use crate::cases::notify::tell;
use crate::model::notice::NoticeEvent;
use crate::model::{Finding, OwnerId, Time};
use crate::store::{StoreError, Tx};
use crate::watchlist::Watchlist;

/// Tells that pip would take what stood. It goes out with the others of its owners that are still to be looked at, and
/// waits for these no longer than `throttle::GATHER`. Gives the number of messages queued.
pub(in crate::cases) fn tell(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    finding: &Finding,
    now: Time,
) -> Result<usize, StoreError> {
    let mut due = now;
    for owner in finding.audience().into_keys() {
        due = due.max(gathers_until(tx, owner, now)?);
    }
    tell::queue(tx, watchlist, finding, (NoticeEvent::Stood, None), due, now)
}

fn gathers_until(tx: &Tx<'_>, owner: &OwnerId, now: Time) -> Result<Time, StoreError> {
    if !tx.facts().first_looks_wait(owner)? {
        return Ok(now);
    }
    Ok(tx.tellings().gathering(owner)?.unwrap_or(now + throttle::GATHER))
}

/// One of those that stood has been looked at: where it was the last of an owner, what gathered for them goes out.
pub(in crate::cases) fn looked_at(tx: &Tx<'_>, finding: &Finding, now: Time) -> Result<(), StoreError> {
    for threat in &finding.threats {
        if !tx.facts().first_looks_wait(&threat.owner)? {
            tx.tellings().gathered(&threat.owner, now)?;
        }
    }
    Ok(())
}
