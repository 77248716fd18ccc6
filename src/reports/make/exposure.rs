//! How the watches stand, and what changed.

use super::extent::Extent;
use super::names;
use super::settled::Settled;
use super::stored::StoredLists;
use crate::model::Time;
use crate::model::report::{Exposures, Order};
use crate::store::{StoreError, Tx};

/// `lists`: of the same order.
pub(super) fn read(
    tx: &Tx<'_>,
    by: Settled<'_>,
    order: &Order,
    period: (Time, Time),
    lists: &StoredLists<'_>,
    extent: Extent,
) -> Result<Exposures, StoreError> {
    let owner = order.owner.as_ref();
    let counted = names::counted(tx, owner, period)?;
    let watches: Vec<_> = match extent {
        Extent::Brief => {
            names::first(tx, by, owner, extent.lines())?.into_iter().map(|line| lists.detailed(line)).collect()
        }
        Extent::Whole => lists.read_watches().collect(),
        Extent::Apart => Vec::new(),
    };
    let (changes, changes_omitted) = match extent {
        Extent::Brief | Extent::Whole => (lists.read_changes().collect(), 0),
        Extent::Apart => (Vec::new(), lists.read_changes().count()),
    };
    Ok(Exposures {
        omitted: counted.all.saturating_sub(watches.len()),
        watches,
        standing: counted.standing,
        changes,
        changes_omitted,
        added: counted.added,
        before: order.before.as_ref().map(|before| before.watches),
    })
}
