//! What an index said of a project, as far as it has to be at hand: the page itself may be on the disk.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;

use super::history::PageHistory;
use super::print::Print;
use crate::gate::page::{PageFile, ProjectPage, room};
use crate::model::Time;

/// What an index said of a project when it last said something.
#[derive(Debug)]
pub struct KnownPage {
    /// `None`: nobody has it there.
    pub(in crate::gate) text: Option<PageText>,
    pub(super) etag: Option<String>,
    /// When the index said so last.
    pub(super) said: Time,
    /// Until then it is served while the index does not answer; on the monotonic clock.
    pub(super) until: Duration,
}

/// A page as it came.
#[derive(Clone, Debug)]
pub(in crate::gate) struct PageText {
    pub(super) came: Print,
    /// The same with what of it contradicts what came before.
    pub(super) print: Print,
    /// The index keeps it from everybody (PEP 792).
    pub(super) quarantined: bool,
    /// What of earlier pages is known.
    pub(super) history: Arc<PageHistory>,
    /// Compressed, where the disk did not take it.
    pub(super) packed: Option<Bytes>,
}

impl PageText {
    /// What came, after what is known of earlier pages. `packed`: where the disk did not take it.
    pub(super) fn new(came: Print, quarantined: bool, history: PageHistory, packed: Option<Bytes>) -> Self {
        Self { came, print: history.print(came), quarantined, history: Arc::new(history), packed }
    }
}

impl KnownPage {
    /// Is it there?
    pub fn is_there(&self) -> bool {
        self.text.is_some()
    }

    /// Does the index keep it from everybody?
    pub(in crate::gate) fn is_quarantined(&self) -> bool {
        self.text.as_ref().is_some_and(|text| text.quarantined)
    }

    /// Files of the page that contradict what it said before, with their digests.
    pub(in crate::gate) fn contradictions(&self) -> impl Iterator<Item = (&str, &str)> {
        self.text.iter().flat_map(|text| text.history.contradictions())
    }

    /// Which page it is, as it is read.
    pub(in crate::gate) fn print(&self) -> Option<&Print> {
        self.text.as_ref().map(|text| &text.print)
    }

    /// The same, said again.
    pub(super) fn again(&self, said: Time, until: Duration) -> Self {
        Self { text: self.text.clone(), etag: self.etag.clone(), said, until }
    }

    /// What it takes of the memory, in bytes: itself, its name, its places in two caches.
    pub(super) fn weight(&self) -> u32 {
        let packed = self.text.as_ref().and_then(|text| text.packed.as_ref());
        let history = self.text.as_ref().map_or(0, |text| text.history.weight());
        u32::try_from(packed.map_or(0, Bytes::len) + history + 800).unwrap_or(u32::MAX)
    }
}

/// A page that was read.
#[derive(Debug)]
pub struct ReadPage {
    pub(in crate::gate) print: Print,
    pub page: ProjectPage,
}

impl ReadPage {
    /// What it takes of the memory, in bytes.
    pub(super) fn weight(&self) -> u32 {
        let files: usize = self.page.files.iter().map(PageFile::room).sum();
        let rest: usize = self.page.rest.values().map(room).sum();
        let left_out = self.page.left_out.iter().map(|left| left.filename.len() + 100).sum::<usize>();
        u32::try_from(files + rest + left_out + 2000).unwrap_or(u32::MAX)
    }
}
