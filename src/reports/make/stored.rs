//! The long lists of a report, read a page at a time in the transaction that its numbers are of.

use std::borrow::Cow;
use std::cell::RefCell;
use std::iter;

use super::super::long::{LongList, LongLists};
use super::names::{RANKS, line};
use super::settled::Settled;
use crate::model::report::{Changed, ClaimStanding, WatchLine};
use crate::model::{Exposure, OwnerId, Registry, Time, WatchId, WatchKind};
use crate::store::{StoreError, Tx, Watched};

/// Rows that are in memory at one time.
const PAGE: usize = 500;
/// In the order of an inventory.
const KINDS: [WatchKind; 3] = [WatchKind::Name, WatchKind::Prefix, WatchKind::Brand];

/// A list that cannot be read on ends there. So whoever has gone through them asks `end` whether they were whole.
pub struct StoredLists<'t> {
    tx: Tx<'t>,
    by: Settled<'t>,
    owner: Option<&'t OwnerId>,
    period: (Time, Time),
    failed: RefCell<Option<StoreError>>,
}

impl<'t> StoredLists<'t> {
    /// Those of an owner, or of all, with what happened after the first time and until the second.
    pub fn new(tx: &Tx<'t>, by: Settled<'t>, owner: Option<&'t OwnerId>, period: (Time, Time)) -> Self {
        Self { tx: *tx, by, owner, period, failed: RefCell::default() }
    }

    /// # Errors
    /// Why one of them was not whole.
    pub fn end(self) -> Result<(), StoreError> {
        self.failed.into_inner().map_or(Ok(()), Err)
    }

    pub(super) fn read_watches(&self) -> impl Iterator<Item = WatchLine> + '_ {
        let pages =
            self.stretches(|of, after| self.tx.watches().detailed_after(self.owner, of, after, PAGE), |of| &of.0);
        pages.filter_map(|(watched, open, claim)| {
            let line = line(self.by, watched)?;
            let claim = claim.filter(|_| is_claimable(&line.id));
            Some(WatchLine { open, claim, ..line })
        })
    }

    pub(super) fn read_changes(&self) -> impl Iterator<Item = Changed> + '_ {
        let mut after = None;
        let pages = self.paged(move || {
            let page = self.tx.reported().exposure_changes(self.period, after, PAGE)?;
            after = page.last().map(|(id, _, change)| (change.at, *id));
            Ok(page)
        });
        let theirs = pages.filter(|(_, id, _)| self.is_theirs(id));
        theirs.filter_map(|(_, id, change)| Some(Changed { id, at: change.at, was: change.was?, is: change.is }))
    }

    pub(super) fn read_claims(&self) -> impl Iterator<Item = ClaimStanding> + '_ {
        let mut after = None;
        let pages = self.paged(move || {
            let page = self.tx.claims().newest_after(after.as_ref(), PAGE)?;
            after = page.last().map(|claim| claim.key.name.clone()).or(after.take());
            Ok(page)
        });
        let claims = pages.map(|claim| {
            let watch = self.by.inventory.watch(&WatchId::name(&claim.key.name));
            let owner = watch.map_or(self.by.default_owner, |watch| &watch.owner).clone();
            ClaimStanding { name: claim.key.name, owner, state: claim.state, changed_at: claim.changed_at }
        });
        claims.filter(|claim| self.owner.is_none_or(|owner| claim.owner == *owner))
    }

    /// With what else is known of its watch.
    pub(super) fn detailed(&self, line: WatchLine) -> WatchLine {
        let open = self.kept(self.tx.reported().open_of(&line.id));
        let claim = if is_claimable(&line.id) { self.kept(self.tx.claims().state_of(&line.id.text)) } else { None };
        WatchLine { open, claim, ..line }
    }

    /// What `page` reads of all watches, those of one kind that stand alike after each other: the next that stand so, behind an id.
    fn stretches<'l, T: 'l>(
        &'l self,
        page: impl Fn(&str, &WatchId) -> Result<Vec<T>, StoreError> + Copy + 'l,
        watched: impl Fn(&T) -> &Watched + Copy + 'l,
    ) -> impl Iterator<Item = T> + 'l {
        let of_rank = |stands| Registry::ALL.iter().flat_map(move |of| KINDS.map(|kind| (stands, *of, kind)));
        RANKS.into_iter().flat_map(of_rank).flat_map(move |(stands, registry, kind)| {
            let mut after = WatchId::new(registry, kind, "");
            self.paged(move || {
                let page = page(stands, &after)?;
                if let Some(last) = page.last() {
                    after.text.clone_from(&watched(last).id.text);
                }
                Ok(page)
            })
        })
    }

    /// Page by page, to the first that is empty.
    fn paged<'l, T: 'l>(
        &'l self,
        mut page: impl FnMut() -> Result<Vec<T>, StoreError> + 'l,
    ) -> impl Iterator<Item = T> + 'l {
        let next = move || if self.failed.borrow().is_some() { Vec::new() } else { self.kept(page()) };
        iter::repeat_with(next).take_while(|page| !page.is_empty()).flatten()
    }

    /// What was read; nothing where it failed, which is kept.
    fn kept<T: Default>(&self, read: Result<T, StoreError>) -> T {
        read.unwrap_or_else(|error| {
            self.failed.borrow_mut().get_or_insert(error);
            T::default()
        })
    }

    fn is_theirs(&self, id: &WatchId) -> bool {
        let watch = self.by.inventory.watch(id);
        watch.is_some_and(|watch| self.owner.is_none_or(|owner| *owner == watch.owner))
    }
}

impl LongLists for StoredLists<'_> {
    fn watches(&self) -> LongList<'_, WatchLine> {
        Box::new(self.read_watches().map(Cow::Owned))
    }

    fn watches_omitted(&self) -> usize {
        let counts = self.kept(self.tx.watches().standing(self.owner));
        let all: usize = counts.iter().map(|(_, watches)| *watches as usize).sum();
        let read = self.stretches(|of, after| self.tx.watches().after(self.owner, of, after, PAGE), |of| of);
        all.saturating_sub(read.filter(|of| self.by.inventory.watch(&of.id).is_some()).count())
    }

    fn changes(&self) -> LongList<'_, Changed> {
        Box::new(self.read_changes().map(Cow::Owned))
    }

    fn claims(&self) -> LongList<'_, ClaimStanding> {
        Box::new(self.read_claims().map(Cow::Owned))
    }

    fn changed_from(&self, id: &WatchId) -> Option<Exposure> {
        self.kept(self.tx.reported().changed_from(id, self.period))
    }
}

/// PyPI alone has projects that are claimed.
fn is_claimable(id: &WatchId) -> bool {
    id.kind == WatchKind::Name && id.registry == Registry::Pypi
}
