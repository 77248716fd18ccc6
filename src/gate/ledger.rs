//! Who received which bytes: a thread that writes it down, and no answer that waits for it. What cannot be written is counted, and
//! said to whoever asks.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread::JoinHandle;
use std::time::Duration;

use chrono::TimeDelta;
use tokio::sync::oneshot;

use super::delivered::{Delivered, GateReceipt, ReceivedFile};
use super::records::{DeliveryBook, Receipts, RecordsError};
use crate::clock::Clock;
use crate::model::{ProjectName, Time};

/// Deliveries on their way to the disk.
const QUEUE: usize = 65_536;
/// Files and clients of a day that wait for a disk which takes nothing.
const MOST_WAITING: usize = 100_000;
/// Between two tries to write what could not be written, and two looks at what is too old.
const REST: Duration = Duration::from_secs(5);
const SHRINK: Duration = Duration::from_hours(1);
const BATCH: usize = 4096;

/// How long it reaches back, at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LedgerRules {
    pub age: TimeDelta,
    /// In bytes.
    pub room: u64,
}

/// The log of deliveries.
#[derive(Debug)]
pub struct Ledger {
    entries: Option<SyncSender<Entry>>,
    thread: Option<JoinHandle<()>>,
    unwritten: Arc<AtomicI64>,
}

/// What is known of who received something.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) receipts: Vec<GateReceipt>,
    /// The first delivery that is still known of anything.
    pub(super) since: Option<Time>,
    /// Deliveries since the start that could not be written down.
    pub(super) unwritten: i64,
}

enum Entry {
    Delivered {
        file: Delivered,
        peer: String,
        at: Time,
        is_use: bool,
    },
    /// Somebody asks for what is written.
    Look(Box<dyn FnOnce(&mut Writer) + Send>),
}

struct Writer {
    dir: PathBuf,
    rules: LedgerRules,
    clock: Clock,
    book: Option<DeliveryBook>,
    waiting: Receipts,
    unwritten: Arc<AtomicI64>,
    was_down: bool,
    /// On the monotonic clock.
    shrunk: Duration,
}

impl Ledger {
    /// In this directory. A log that cannot be opened stops nothing, and is tried again.
    pub fn start(dir: PathBuf, rules: LedgerRules, clock: Clock) -> Self {
        let (entries, queue) = mpsc::sync_channel(QUEUE);
        let unwritten = Arc::<AtomicI64>::default();
        let (waiting, shrunk) = (Receipts::default(), Duration::ZERO);
        let mut writer = Writer {
            dir,
            rules,
            clock,
            book: None,
            waiting,
            unwritten: Arc::clone(&unwritten),
            was_down: false,
            shrunk,
        };
        let thread = std::thread::spawn(move || writer.serve(&queue));
        Self { entries: Some(entries), thread: Some(thread), unwritten }
    }

    /// Notes that bytes of a file go out. `is_use`: it says something of its project.
    pub(super) fn note(&self, file: Delivered, peer: String, at: Time, is_use: bool) {
        let entry = Entry::Delivered { file, peer, at, is_use };
        let is_sent = self.entries.as_ref().is_some_and(|entries| entries.try_send(entry).is_ok());
        if !is_sent {
            self.unwritten.fetch_add(1, Ordering::Relaxed);
        }
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

    /// Since when so many clients use each project. `None`: as for `who`.
    ///
    /// # Errors
    /// The log cannot be read.
    pub async fn used(&self, clients: usize) -> Option<Result<HashMap<ProjectName, Time>, RecordsError>> {
        self.look(move |writer| writer.book()?.used(clients)).await
    }

    /// Once everything that went out before is written.
    async fn look<T: Send + 'static>(&self, look: impl FnOnce(&mut Writer) -> T + Send + 'static) -> Option<T> {
        let (tell, told) = oneshot::channel();
        let look = Box::new(move |writer: &mut Writer| {
            writer.write();
            // Whoever asked may have gone.
            drop(tell.send(look(writer)));
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

impl Writer {
    fn serve(&mut self, queue: &Receiver<Entry>) {
        loop {
            match queue.recv_timeout(REST) {
                Ok(first) => {
                    std::iter::once(first).chain(queue.try_iter().take(BATCH)).for_each(|entry| self.take(entry));
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return self.write(),
            }
            self.write();
            self.shrink();
        }
    }

    fn take(&mut self, entry: Entry) {
        match entry {
            Entry::Delivered { .. } if self.waiting.len() >= MOST_WAITING => {
                self.unwritten.fetch_add(1, Ordering::Relaxed);
            }
            Entry::Delivered { file, peer, at, is_use } => self.waiting.add(file, peer, at, is_use),
            Entry::Look(look) => look(self),
        }
    }

    fn who(&mut self, project: &ProjectName, version: Option<&str>, most: usize) -> Result<Received, RecordsError> {
        let unwritten = self.unwritten.load(Ordering::Relaxed) + self.waiting.times();
        let book = self.book()?;
        Ok(Received { receipts: book.who(project, version, most)?, since: book.since()?, unwritten })
    }

    fn write(&mut self) {
        if self.waiting.len() == 0 {
            return;
        }
        let waiting = std::mem::take(&mut self.waiting);
        let written = self.book().and_then(|book| book.keep(&waiting));
        if written.is_err() {
            self.waiting = waiting;
        }
        self.hear(written);
    }

    fn shrink(&mut self) {
        let now = self.clock.mono();
        if self.shrunk != Duration::ZERO && now.saturating_sub(self.shrunk) < SHRINK {
            return;
        }
        self.shrunk = now.max(Duration::from_nanos(1));
        let (before, room) = (self.clock.now() - self.rules.age, self.rules.room);
        let gone = self.book().and_then(|book| book.shrink(before, room));
        if let Ok(gone @ 1..) = gone {
            tracing::info!(rows = gone, "the log of deliveries forgets what is too old, or has no room");
        }
        self.hear(gone.map(drop));
    }

    fn book(&mut self) -> Result<&mut DeliveryBook, RecordsError> {
        let book = match self.book.take() {
            Some(book) => book,
            None => DeliveryBook::open(&self.dir)?,
        };
        Ok(self.book.insert(book))
    }

    /// What cannot be written is said once, until it can be again.
    fn hear(&mut self, done: Result<(), RecordsError>) {
        match (&done, self.was_down) {
            (Err(error), false) => {
                tracing::error!("who receives what cannot be written down, and files go out: {error}");
            }
            (Ok(()), true) => tracing::info!("who receives what is written down again"),
            _ => {}
        }
        self.was_down = done.is_err();
    }
}

#[cfg(test)]
mod tests;
