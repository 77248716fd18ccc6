//! How the watches stand, and what changed.

use std::collections::BTreeMap;

use super::extent::Extent;
use super::names::{Names, Standing};
use super::settled::Settled;
use crate::model::report::{Changed, ClaimStanding, Exposures, Order};
use crate::model::{Registry, Time, WatchId, WatchKind};
use crate::store::{StoreError, Tx};

/// With what is open to strangers, by owner.
pub(super) fn read<'a>(
    tx: &Tx<'_>,
    by: Settled<'a>,
    order: &'a Order,
    period: (Time, Time),
    claims: &[ClaimStanding],
    extent: Extent,
) -> Result<(Exposures, Names<'a>), StoreError> {
    let mut names = Names::new(order.owner.as_ref(), period, extent.lines());
    for registry in Registry::ALL {
        for kind in [WatchKind::Name, WatchKind::Prefix, WatchKind::Brand] {
            look(tx, by, (*registry, kind), &mut names)?;
        }
    }
    let mut watches = names.lines();
    let claims: BTreeMap<WatchId, &ClaimStanding> =
        claims.iter().map(|claim| (WatchId::name(&claim.name), claim)).collect();
    let all = (extent == Extent::Whole).then(|| tx.reported().open_by_watch()).transpose()?;
    for watch in &mut watches {
        watch.open = match &all {
            Some(all) => all.get(&watch.id.to_string()).copied().unwrap_or_default(),
            None => tx.reported().open_of(&watch.id)?,
        };
        watch.claim = claims.get(&watch.id).map(|claim| claim.state);
    }
    let exposures = Exposures {
        omitted: names.all - watches.len(),
        watches,
        standing: names.standing.iter().map(|(word, count)| ((*word).to_owned(), *count)).collect(),
        changes: changes(tx, by, order, period)?,
        added: names.added,
        before: order.before.as_ref().map(|before| before.watches),
    };
    Ok((exposures, names))
}

/// Both the store and the inventory have those of a kind in the order of their texts: side by side, none has to be sought.
fn look<'a>(
    tx: &Tx<'_>,
    by: Settled<'a>,
    (registry, kind): (Registry, WatchKind),
    names: &mut Names<'a>,
) -> Result<(), StoreError> {
    let of = |id: &WatchId| id.registry == registry && id.kind == kind;
    let mut watches = by.inventory.watches.values().filter(|watch| of(&watch.id)).peekable();
    tx.watches().each(registry, kind, |row| {
        while watches.next_if(|watch| watch.id.text.as_str() < row.text).is_some() {}
        match watches.next_if(|watch| watch.id.text == row.text) {
            Some(watch) => names.take(&Standing { watch, row }),
            None => Ok(()),
        }
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
