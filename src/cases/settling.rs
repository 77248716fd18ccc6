//! A claim moves: what waited to be told until it was clear whose a project is, is ours, or goes out.

use super::exposure;
use super::notify::tell;
use super::own::{Claimed, SETTLED, claimed};
use crate::model::claim::Claim;
use crate::model::found::Found;
use crate::model::timeline::TimelineEvent;
use crate::model::{Finding, FindingState, Time, Timeline, WatchId};
use crate::store::{StoreError, Tx};
use crate::watchlist::Watchlist;

/// To be called with the claim before and after. Gives the number of messages queued.
pub fn claim_moved(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    before: &Claim,
    claim: &Claim,
    now: Time,
) -> Result<usize, StoreError> {
    if !before.state.is_open_at_pypi() && !claim.state.is_open_at_pypi() {
        return Ok(0);
    }
    let mut queued = 0;
    let registrants = &watchlist.inventory.registrants;
    for finding in tx.findings().of_project(&claim.key.name)? {
        match claimed(tx, registrants, &finding, now)? {
            Claimed::Ours if finding.state.is_live() => queued += own(tx, watchlist, finding, claim, now)?,
            // Somebody else may have been first.
            Claimed::No if finding.state.is_live() => tx.tellings().hasten(&finding.key, now, now + SETTLED)?,
            _ => {}
        }
    }
    exposure::note(tx, &WatchId::name(&claim.key.name), now)?;
    Ok(queued)
}

fn own(tx: &Tx<'_>, watchlist: &Watchlist, finding: Finding, claim: &Claim, now: Time) -> Result<usize, StoreError> {
    let untold = tx.tellings().is_untold(&finding.key)?;
    let found = Found::Published { claim: claim.key.to_string() };
    let how = found.to_string();
    let finding = Finding { state: FindingState::Ours, ..finding };
    tx.findings().update(&finding, &Timeline::seen(now, TimelineEvent::LookedUp { found }))?;
    tx.tellings().drop_waiting(&finding.key, now)?;
    if untold { Ok(0) } else { tell::ended(tx, watchlist, &finding, &how, now) }
}
