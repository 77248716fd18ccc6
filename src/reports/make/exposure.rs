//! How the watches stand, and what changed.

use std::collections::BTreeMap;

use super::extent::Extent;
use super::names::{self, Names};
use super::settled::Settled;
use crate::model::report::{Changed, ClaimStanding, Exposures, Order};
use crate::model::{Time, WatchId};
use crate::store::{StoreError, Tx};

pub(super) fn read(
    tx: &Tx<'_>,
    by: Settled<'_>,
    order: &Order,
    period: (Time, Time),
    claims: &[ClaimStanding],
    extent: Extent,
) -> Result<Exposures, StoreError> {
    let Names { all, added, standing, mut lines } = names::read(tx, by, order.owner.as_ref(), period, extent.lines())?;
    let claims: BTreeMap<WatchId, &ClaimStanding> =
        claims.iter().map(|claim| (WatchId::name(&claim.name), claim)).collect();
    let open = (extent == Extent::Whole).then(|| tx.reported().open_by_watch()).transpose()?;
    for watch in &mut lines {
        watch.open = match &open {
            Some(open) => open.get(&watch.id.to_string()).copied().unwrap_or_default(),
            None => tx.reported().open_of(&watch.id)?,
        };
        watch.claim = claims.get(&watch.id).map(|claim| claim.state);
    }
    Ok(Exposures {
        omitted: all.saturating_sub(lines.len()),
        watches: lines,
        standing,
        changes: changes(tx, by, order, period)?,
        added,
        before: order.before.as_ref().map(|before| before.watches),
    })
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
