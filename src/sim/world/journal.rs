//! The journal: what happened, in commit order, numbered with gaps; and enough to look back at an earlier serial.

use crate::model::{ProjectName, Serial};

/// One line of PyPI's journal, as the changelog shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub serial: Serial,
    /// The display name at that moment.
    pub name: String,
    pub version: Option<String>,
    /// Unix second of the transaction's start: not monotonic.
    pub second: i64,
    /// PyPI's words (`warehouse`, every `JournalEntry(`).
    pub action: String,
}

/// How the index listed a project before a change; `None` when it did not.
#[derive(Clone, Debug)]
pub(super) struct Before {
    /// Number of the entry that changed it.
    pub(super) serial: Serial,
    pub(super) name: ProjectName,
    pub(super) listed: Option<Listing>,
}

/// A line of the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    pub display: Box<str>,
    pub last_serial: Serial,
}

/// The journal proper. Entries below `floor` belong to what was loaded and are derived, not kept.
#[derive(Clone, Debug, Default)]
pub(super) struct Journal {
    pub(super) floor: Serial,
    pub(super) entries: Vec<Entry>,
    pub(super) before: Vec<Before>,
}

impl Journal {
    pub(super) fn last(&self) -> Serial {
        self.entries.last().map_or(self.floor, |entry| entry.serial)
    }

    /// The number the next entry gets: rolled-back transactions leave gaps of up to three.
    pub(super) fn next(&self) -> Serial {
        let last = self.last().0;
        Serial(last + 1 + (last.wrapping_mul(2_654_435_761) >> 7) % 4)
    }

    /// Entries after `serial`, at most `cap`.
    pub(super) fn since(&self, serial: Serial, cap: usize) -> &[Entry] {
        let start = self.entries.partition_point(|entry| entry.serial <= serial);
        &self.entries[start..self.entries.len().min(start + cap)]
    }

    /// The serial some entries ago; below the floor when the journal is shorter than that.
    pub(super) fn ago(&self, entries: usize) -> Serial {
        match self.entries.len().checked_sub(entries + 1) {
            Some(index) => self.entries[index].serial,
            None => Serial(self.floor.0.saturating_sub(entries as u64)),
        }
    }
}
