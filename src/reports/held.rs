//! What mails have: lists that the report holds itself, and forms that are held whole.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};

use super::long::{LongList, LongLists};
use crate::model::report::{Changed, ClaimStanding, Report, WatchLine};
use crate::model::{Exposure, WatchId};

/// A form of a report.
pub(super) fn text(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> String {
    let mut out = Vec::new();
    // What is written into memory arrives.
    let _ = write(&mut out);
    String::from_utf8(out).unwrap_or_default()
}

/// Those that a report holds itself.
pub(super) struct HeldLists<'r> {
    report: &'r Report,
    /// The last change of each.
    changed: BTreeMap<&'r WatchId, &'r Changed>,
}

impl<'r> HeldLists<'r> {
    pub(super) fn of(report: &'r Report) -> Self {
        let changed = report.exposure.changes.iter().map(|change| (&change.id, change)).collect();
        Self { report, changed }
    }
}

impl LongLists for HeldLists<'_> {
    fn watches(&self) -> LongList<'_, WatchLine> {
        Box::new(self.report.exposure.watches.iter().map(Cow::Borrowed))
    }

    fn watches_omitted(&self) -> usize {
        self.report.exposure.omitted
    }

    fn changes(&self) -> LongList<'_, Changed> {
        Box::new(self.report.exposure.changes.iter().map(Cow::Borrowed))
    }

    fn claims(&self) -> LongList<'_, ClaimStanding> {
        Box::new(self.report.claims.iter().map(Cow::Borrowed))
    }

    fn changed_from(&self, id: &WatchId) -> Option<Exposure> {
        self.changed.get(id).map(|change| change.was.clone())
    }
}
