//! Who received which bytes, and who uses which projects: a thread that writes it down, and no answer that waits for it. What cannot be
//! written is counted, and said to whoever asks.

mod amiss;
mod recaller;
mod writer;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::mpsc::{self, SyncSender};
use std::thread::JoinHandle;

use tokio::sync::{oneshot, watch};

use super::clock::GateClock;
use super::delivered::{Delivered, Delivery, ReceivedFile};
use super::policy::Policy;
use super::present::Present;
use super::prior::ProjectUses;
use super::records::{RecallLine, Receipts, RecordsError, UseBook, UsedFiles, Uses};
use super::troubles::GateTroubles;
use crate::model::at_gate::ReceivedAtGate;
use crate::model::gate_report::StandingRecalls;
use crate::model::recall::RecallMark;
use crate::model::{ProjectName, Requester, Time};
use recaller::{Quarantined, Recaller};
pub use writer::LedgerRules;
pub(super) use writer::Received;
use writer::{Entry, LogStep, Writer};

/// Deliveries on their way to the disk.
const QUEUE: usize = 65_536;

/// The log of deliveries.
#[derive(Debug)]
pub struct Ledger {
    entries: Option<SyncSender<Entry>>,
    thread: Option<JoinHandle<()>>,
    unwritten: Arc<AtomicI64>,
    quarantined: Arc<Quarantined>,
}

/// What clients used, before anything is answered by it. Without a file it is tried again.
#[derive(Debug, Default)]
pub struct OpenedUses {
    book: Option<UseBook>,
    pub uses: ProjectUses,
}

impl OpenedUses {
    /// The uses of a directory.
    ///
    /// # Errors
    /// See [`RecordsError`]. Nobody knows what had prior use then.
    pub fn at(dir: &Path) -> Result<Self, RecordsError> {
        let mut book = UseBook::open(dir)?;
        let uses = book.all()?;
        Ok(Self { book: Some(book), uses })
    }
}

impl Ledger {
    /// In this directory. A log that cannot be opened stops nothing, and is tried again. `policy` gets what is used from now on.
    pub fn start(
        dir: PathBuf,
        rules: LedgerRules,
        uses: OpenedUses,
        (policy, troubles): (watch::Sender<Arc<Policy>>, GateTroubles),
        clock: impl Into<GateClock>,
    ) -> Self {
        let (entries, queue) = mpsc::sync_channel(QUEUE);
        let (unwritten, quarantined) = (Arc::<AtomicI64>::default(), Arc::<Quarantined>::default());
        let mut writer = Writer {
            dir,
            rules,
            clock: clock.into(),
            book: None,
            uses: uses.book,
            waiting: Receipts::default(),
            used: Uses::default(),
            policy,
            troubles,
            unwritten: Arc::clone(&unwritten),
            shrunk: None,
            published: None,
            recaller: Recaller::new(Arc::clone(&quarantined)),
            cut: None,
            failing: BTreeMap::new(),
        };
        let thread = std::thread::spawn(move || writer.serve(&queue));
        Self { entries: Some(entries), thread: Some(thread), unwritten, quarantined }
    }

    /// Notes that bytes of a file go out.
    pub(super) fn note(&self, delivery: Delivery) {
        if !self.send(Entry::Delivered(Box::new(delivery))) {
            self.unwritten.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Notes that a client has all of a file that was admitted. `born`: when the first file was uploaded that the project has now.
    pub(super) fn note_use(&self, file: Delivered, who: Requester, at: Present, born: Time) {
        // One that is lost comes again with the next delivery.
        let _ = self.send(Entry::Used { file: Box::new(file), who, at, born });
    }

    /// Notes what PyPI says of a project, where it says something else than before.
    pub(super) fn note_quarantine(&self, project: &ProjectName, is_so: bool) {
        if self.quarantined.is_news(project, is_so) {
            // One that is lost comes again with the next answer.
            let _ = self.send(Entry::Quarantined { project: project.clone(), is_so });
        }
    }

    /// Notes which files PyPI has of a project that was received, by their SHA-256.
    pub(super) fn note_listed(&self, project: ProjectName, files: BTreeSet<String>) {
        // One that is lost comes again with the next look.
        let _ = self.send(Entry::Listed { project, files });
    }

    fn send(&self, entry: Entry) -> bool {
        self.entries.as_ref().is_some_and(|entries| entries.try_send(entry).is_ok())
    }

    /// `None`: the gate ends, or has more to write than it can.
    pub(super) async fn who(
        &self,
        project: ProjectName,
        version: Option<String>,
        most: usize,
    ) -> Option<Result<Received, RecordsError>> {
        self.look(move |writer| writer.who(&project, version.as_deref(), most)).await
    }

    /// Files that went out since that day, those with a higher number than `after`. `None`: as for `who`.
    pub(super) async fn files(
        &self,
        since: Time,
        after: i64,
        most: usize,
    ) -> Option<Result<Vec<ReceivedFile>, RecordsError>> {
        self.look(move |writer| writer.book()?.files(since, after, most)).await
    }

    /// Files that clients have whole, of so many projects behind this one. `None`: as for `who`.
    pub(super) async fn used_files(&self, after: String, projects: usize) -> Option<Result<UsedFiles, RecordsError>> {
        self.look(move |writer| writer.book()?.used_files(&after, projects)).await
    }

    /// What clients use by now, whether or not anything goes by that. `None`: as for `who`.
    pub(super) async fn uses(&self) -> Option<Result<ProjectUses, RecordsError>> {
        self.look(|writer| writer.uses()?.all()).await
    }

    /// What covers all that was ever found bad; `None` inside: nothing was. `None`: as for `who`.
    pub(super) async fn recalled(&self) -> Option<Result<Option<RecallMark>, RecordsError>> {
        self.look(|writer| {
            writer.recall();
            let mark = writer.book().and_then(|book| book.recalled());
            writer.hear(LogStep::Mark, &mark);
            mark
        })
        .await
    }

    /// What stands otherwise than it was told at this mark, and the mark that covers it. `None`: as for `who`.
    pub(super) async fn recalls(
        &self,
        after: RecallMark,
    ) -> Option<Result<(Vec<RecallLine>, RecallMark), RecordsError>> {
        self.look(move |writer| {
            writer.recall();
            let book = writer.book()?;
            let last = book.recalled()?.unwrap_or(after).over(after);
            Ok((book.recalls_after(after)?, last))
        })
        .await
    }

    /// What was received and is bad now, of so many projects. `None`: as for `who`.
    pub(super) async fn standing_recalls(&self, most: usize) -> Option<Result<StandingRecalls, RecordsError>> {
        self.look(move |writer| {
            writer.recall();
            writer.book()?.standing_recalls(most)
        })
        .await
    }

    /// The first project that was received and comes behind this one by its name; `None` inside: there is none. `None`: as for `who`.
    pub(super) async fn project_behind(
        &self,
        last: Option<ProjectName>,
    ) -> Option<Result<Option<ProjectName>, RecordsError>> {
        self.look(move |writer| writer.book()?.project_behind(last.as_ref())).await
    }

    /// Who has anything of it that is a stranger's, `is_ours`: nor of what was received before it was written down from where. `None`: as for `who`.
    pub(super) async fn of_strangers(
        &self,
        project: ProjectName,
        is_ours: bool,
    ) -> Option<Result<ReceivedAtGate, RecordsError>> {
        self.look(move |writer| writer.book()?.of_strangers(&project, is_ours)).await
    }

    /// The versions that were admitted and received, the newest first. `None`: as for `who`.
    pub(super) async fn admitted(&self, project: ProjectName) -> Option<Result<Vec<(String, Time)>, RecordsError>> {
        self.look(move |writer| writer.book()?.admitted(&project)).await
    }

    /// Nobody used it: on the disk and in force when this returns, with the number of clients that did. `None`: as for `who`.
    pub(super) async fn forget(&self, project: ProjectName) -> Option<Result<usize, RecordsError>> {
        self.look(move |writer| writer.forget(&project)).await
    }

    /// Once everything that went out before is written.
    async fn look<T: Send + 'static>(&self, look: impl FnOnce(&mut Writer) -> T + Send + 'static) -> Option<T> {
        let (tell, told) = oneshot::channel();
        let look = Box::new(move |writer: &mut Writer| {
            writer.write();
            // Whoever asked may have gone, and others wait behind it.
            if !tell.is_closed() {
                drop(tell.send(look(writer)));
            }
        });
        self.entries.as_ref()?.try_send(Entry::Look(look)).ok()?;
        told.await.ok()
    }
}

impl Drop for Ledger {
    /// Waits: what went out is written.
    fn drop(&mut self) {
        self.entries = None;
        if let Some(thread) = self.thread.take() {
            // One that panicked has nothing left to close.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests;
