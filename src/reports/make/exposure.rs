//! How the watches stand, and what changed.

use std::collections::BTreeMap;

use super::settled::Settled;
use crate::model::report::{Changed, ClaimStanding, Exposures, Order, WatchLine};
use crate::model::{Exposure, Time, WatchId};
use crate::store::{StoreError, Tx};

pub(super) fn read(
    tx: &Tx<'_>,
    by: Settled<'_>,
    order: &Order,
    (since, until): (Time, Time),
    open: &BTreeMap<WatchId, usize>,
    claims: &[ClaimStanding],
) -> Result<Exposures, StoreError> {
    let claims: BTreeMap<WatchId, &ClaimStanding> =
        claims.iter().map(|claim| (WatchId::name(&claim.name), claim)).collect();
    let (mut watches, mut added) = (Vec::new(), 0);
    for known in tx.watches().all()? {
        let Some(watch) = by.inventory.watch(&known.id) else { continue };
        if order.owner.as_ref().is_some_and(|owner| *owner != watch.owner) {
            continue;
        }
        added += usize::from(known.added_at > since && known.added_at <= until);
        let (exposure, since) = known.known.unzip();
        watches.push(WatchLine {
            owner: watch.owner.clone(),
            exposure,
            since,
            latest_version: watch.latest_version.clone(),
            open: open.get(&known.id).copied().unwrap_or_default(),
            claim: claims.get(&known.id).map(|claim| claim.state),
            id: known.id,
        });
    }
    watches.sort_by(|a, b| (rank(a), &a.id).cmp(&(rank(b), &b.id)));
    let changes = changes(tx, by, order, (since, until))?;
    Ok(Exposures { watches, changes, added, before: order.before.as_ref().map(|before| before.watches) })
}

/// What wants a look first.
fn rank(watch: &WatchLine) -> u8 {
    match watch.exposure {
        Some(Exposure::Taken) => 0,
        Some(Exposure::Removed) => 1,
        Some(Exposure::Quarantined) => 2,
        Some(Exposure::Exposed) => 3,
        None => 4,
        Some(Exposure::Shielded { .. }) => 5,
        Some(Exposure::Ours) => 6,
        Some(Exposure::Refused) => 7,
    }
}

fn changes(
    tx: &Tx<'_>,
    by: Settled<'_>,
    order: &Order,
    (since, until): (Time, Time),
) -> Result<Vec<Changed>, StoreError> {
    let theirs = |id: &WatchId| {
        let watch = by.inventory.watch(id);
        watch.is_some_and(|watch| order.owner.as_ref().is_none_or(|owner| *owner == watch.owner))
    };
    let all = tx.reported().exposure_changes(since, until)?;
    let changed = all.into_iter().filter(|(id, _)| theirs(id));
    Ok(changed
        .filter_map(|(id, change)| Some(Changed { id, at: change.at, was: change.was?, is: change.is }))
        .collect())
}
