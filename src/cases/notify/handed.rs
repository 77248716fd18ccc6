//! A case that the inventory gave to other owners.

use std::collections::BTreeSet;

use super::tell::queue_for;
use crate::model::notice::NoticeEvent;
use crate::model::{Finding, OwnerId, Time};
use crate::store::{StoreError, Tx};
use crate::watchlist::Watchlist;

/// Those to be told of it now, and not before.
pub(in crate::cases) fn gained(before: &Finding, after: &Finding) -> BTreeSet<OwnerId> {
    let had = before.audience();
    after.audience().into_keys().filter(|owner| !had.contains_key(owner)).cloned().collect()
}

/// They have not heard of it yet: to them it is new.
pub(in crate::cases) fn handed(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    finding: &Finding,
    to: &BTreeSet<OwnerId>,
    now: Time,
) -> Result<usize, StoreError> {
    queue_for(tx, watchlist, finding, |owner, _| to.contains(owner), (NoticeEvent::Registered, None), (now, now))
}
