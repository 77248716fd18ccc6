//! The watches one by one: counted all, and kept those that want a look first.

use std::collections::BTreeMap;

use crate::model::report::{Errand, WatchLine};
use crate::model::{Exposure, OwnerId, Time, Watch};
use crate::store::{StoreError, WatchRow};

/// A watch of the inventory, and how it is stored.
pub(super) struct Standing<'a, 'r> {
    pub(super) watch: &'a Watch,
    pub(super) row: WatchRow<'r>,
}

/// How many of an owner's are open to strangers, and since when the first.
type Open = (usize, Option<Time>);

/// What was taken in of those seen so far, which come in the order of their ids.
pub(super) struct Names<'a> {
    owner: Option<&'a OwnerId>,
    period: (Time, Time),
    most: usize,
    pub(super) all: usize,
    /// That came in the period.
    pub(super) added: usize,
    pub(super) standing: BTreeMap<&'static str, usize>,
    /// Names that a stranger has, or can have.
    pub(super) open: BTreeMap<(&'a OwnerId, Errand), Open>,
    /// By how much they want a look.
    kept: BTreeMap<u8, Vec<WatchLine>>,
    /// The last one read: a great many stand alike.
    last: (String, Option<Exposure>),
}

impl<'a> Names<'a> {
    pub(super) fn new(owner: Option<&'a OwnerId>, period: (Time, Time), most: usize) -> Self {
        Self {
            owner,
            period,
            most,
            all: 0,
            added: 0,
            standing: BTreeMap::new(),
            open: BTreeMap::new(),
            kept: BTreeMap::new(),
            last: (String::new(), None),
        }
    }

    pub(super) fn take(&mut self, of: &Standing<'a, '_>) -> Result<(), StoreError> {
        if self.owner.is_some_and(|owner| *owner != of.watch.owner) {
            return Ok(());
        }
        let exposure = self.exposure(of.row)?;
        self.all += 1;
        self.added += usize::from(of.row.added_at > self.period.0 && of.row.added_at <= self.period.1);
        if let Some(exposure) = &exposure {
            *self.standing.entry(exposure.as_str()).or_default() += 1;
        }
        if let Some(errand) = exposure.as_ref().and_then(errand) {
            let open = self.open.entry((&of.watch.owner, errand)).or_default();
            *open = (open.0 + 1, [open.1, of.row.since].into_iter().flatten().min());
        }
        self.keep(of, exposure);
        Ok(())
    }

    fn exposure(&mut self, row: WatchRow<'_>) -> Result<Option<Exposure>, StoreError> {
        if self.last.0 != row.exposure {
            self.last = (row.exposure.to_owned(), row.read()?);
        }
        Ok(self.last.1.clone())
    }

    fn keep(&mut self, of: &Standing<'a, '_>, exposure: Option<Exposure>) {
        let kept = self.kept.entry(rank(exposure.as_ref())).or_default();
        if kept.len() < self.most {
            kept.push(WatchLine {
                id: of.watch.id.clone(),
                owner: of.watch.owner.clone(),
                since: of.row.since.filter(|_| exposure.is_some()),
                exposure,
                latest_version: of.watch.latest_version.clone(),
                open: 0,
                claim: None,
            });
        }
    }

    /// What wants a look first, up to as many as there is room for.
    pub(super) fn lines(&mut self) -> Vec<WatchLine> {
        std::mem::take(&mut self.kept).into_values().flatten().take(self.most).collect()
    }
}

fn errand(exposure: &Exposure) -> Option<Errand> {
    match exposure {
        Exposure::Taken => Some(Errand::Taken),
        Exposure::Exposed | Exposure::Removed => Some(Errand::Exposed),
        _ => None,
    }
}

fn rank(exposure: Option<&Exposure>) -> u8 {
    match exposure {
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
