//! The thread that writes down who received what, and who uses what, and tells the policy of the latter.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use chrono::TimeDelta;
use tokio::sync::watch;

use super::recaller::Recaller;
use crate::gate::clock::GateClock;
use crate::gate::delivered::{Delivered, Delivery, GateReceipt};
use crate::gate::policy::Policy;
use crate::gate::present::Present;
use crate::gate::records::{DeliveryBook, Receipts, RecordsError, UseBook, Uses};
use crate::gate::troubles::{GateTrouble, GateTroubles};
use crate::gate::voices::UsedBy;
use crate::model::{ProjectName, Requester, Time};

/// Files and clients of a day, and projects, that wait for a disk which takes nothing.
const MOST_WAITING: usize = 100_000;
/// Between two tries to write what could not be written, two looks at what is too old, and two at what is used: every page is decided
/// anew when that is another.
const REST: Duration = Duration::from_secs(5);
const SHRINK: Duration = Duration::from_hours(1);
const PUBLISH: Duration = Duration::from_mins(10);
const BATCH: usize = 4096;
/// So many projects do not all come to one machine.
const MANY: i64 = 10;

/// How long it reaches back, at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LedgerRules {
    pub age: TimeDelta,
    /// In bytes.
    pub room: u64,
}

/// What is known of who received something.
#[derive(Debug)]
pub(in crate::gate) struct Received {
    pub(in crate::gate) receipts: Vec<GateReceipt>,
    /// The first delivery that is still known of anything.
    pub(in crate::gate) since: Option<Time>,
    /// Deliveries since the start that could not be written down.
    pub(in crate::gate) unwritten: i64,
}

/// What the thread is told.
pub(super) enum Entry {
    Delivered(Box<Delivery>),
    /// A client received all of a file that was admitted. `born`: when the first file was uploaded that the project has now.
    Used {
        file: Box<Delivered>,
        who: Requester,
        at: Present,
        born: Time,
    },
    /// PyPI has it in quarantine, or no more.
    Quarantined {
        project: ProjectName,
        is_so: bool,
    },
    /// PyPI has these files of a project, by their SHA-256, and no others.
    Listed {
        project: ProjectName,
        files: BTreeSet<String>,
    },
    /// Somebody asks for what is written.
    Look(Box<dyn FnOnce(&mut Writer) + Send>),
}

pub(super) struct Writer {
    pub(super) dir: PathBuf,
    pub(super) rules: LedgerRules,
    pub(super) clock: GateClock,
    pub(super) book: Option<DeliveryBook>,
    pub(super) uses: Option<UseBook>,
    pub(super) waiting: Receipts,
    pub(super) used: Uses,
    pub(super) policy: watch::Sender<Arc<Policy>>,
    pub(super) troubles: GateTroubles,
    pub(super) unwritten: Arc<AtomicI64>,
    /// On the monotonic clock; `None`: not yet.
    pub(super) shrunk: Option<Duration>,
    pub(super) published: Option<Duration>,
    pub(super) recaller: Recaller,
    /// When it had no room last, on the monotonic clock, for which day, and who had most of that.
    pub(super) cut: Option<(Duration, Time, Option<String>)>,
    /// What of its work fails, and why.
    pub(super) failing: BTreeMap<LogStep, String>,
}

/// What is done with the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum LogStep {
    Write,
    Quarantine,
    Listed,
    Recall,
    /// To say whether there is anything to tell: where nothing is written, that it cannot be read would be silence.
    Mark,
    Shrink,
}

impl Writer {
    /// Until nobody can tell any more.
    pub(super) fn serve(&mut self, queue: &Receiver<Entry>) {
        loop {
            match queue.recv_timeout(REST) {
                Ok(first) => {
                    std::iter::once(first).chain(queue.try_iter().take(BATCH)).for_each(|entry| self.take(entry));
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return self.end(),
            }
            self.write();
            self.recall();
            self.tell_of_lost();
            let now = self.clock.mono();
            let is_due = |last: Option<Duration>, every| last.is_none_or(|last| now.saturating_sub(last) >= every);
            if is_due(self.shrunk, SHRINK) {
                self.shrunk = Some(now);
                self.shrink();
            }
            if is_due(self.published, PUBLISH) {
                self.published = Some(now);
                self.publish();
            }
        }
    }

    /// What cannot be written by now is lost.
    fn end(&mut self) {
        self.write();
        let lost = self.waiting.times() + self.unwritten.load(Ordering::Relaxed);
        if lost > 0 {
            tracing::error!(lost, "the gate ends, and nobody will know who received what of these deliveries");
        }
    }

    fn take(&mut self, entry: Entry) {
        match entry {
            Entry::Delivered(_) if self.waiting.len() >= MOST_WAITING => {
                self.unwritten.fetch_add(1, Ordering::Relaxed);
            }
            Entry::Delivered(delivery) => self.waiting.add(*delivery),
            // One that is lost comes again with the next delivery.
            Entry::Used { .. } if self.used.len() >= MOST_WAITING => {}
            Entry::Used { file, who, at, born } => {
                self.used.add(file.project.clone(), &who, at, born);
                if self.waiting.len() < MOST_WAITING {
                    self.waiting.add_use(*file, who, at.shown);
                }
            }
            Entry::Quarantined { project, is_so } => self.quarantine(project, is_so),
            Entry::Listed { project, files } => self.listed(project, &files),
            Entry::Look(look) => look(self),
        }
    }

    pub(super) fn who(
        &mut self,
        project: &ProjectName,
        version: Option<&str>,
        most: usize,
    ) -> Result<Received, RecordsError> {
        let unwritten = self.unwritten.load(Ordering::Relaxed) + self.waiting.times();
        let book = self.book()?;
        Ok(Received { receipts: book.who(project, version, most)?, since: book.since()?, unwritten })
    }

    /// In force when this returns.
    pub(super) fn forget(&mut self, project: &ProjectName) -> Result<usize, RecordsError> {
        let clients = self.uses()?.forget(project)?;
        self.publish();
        self.book()?.forget_uses(project)?;
        Ok(clients)
    }

    pub(super) fn write(&mut self) {
        if self.waiting.len() > 0 {
            let waiting = std::mem::take(&mut self.waiting);
            let written = self.book().and_then(|book| book.keep(&waiting));
            match written.is_ok() {
                true => self.recaller.heed(&waiting),
                false => self.waiting = waiting,
            }
            self.hear(LogStep::Write, &written);
        }
        if !self.used.is_empty() {
            let used = std::mem::take(&mut self.used);
            let written = self.uses().and_then(|book| book.keep(&used));
            if written.is_err() {
                self.used = used;
            }
            self.hear_of_uses(written);
        }
    }

    /// What of it turned out to be bad is written down, for whoever tells persons.
    pub(super) fn recall(&mut self) {
        let (policy, now) = (Arc::clone(&self.policy.borrow()), self.clock.now());
        // That no record names it would be told as its end.
        if policy.malware.are_awaited {
            return;
        }
        let mut recaller = std::mem::take(&mut self.recaller);
        let looked = self.book().and_then(|book| recaller.look(&policy, book, now));
        self.recaller = recaller;
        if let Ok(lines @ 1..) = looked {
            tracing::warn!(
                lines,
                "what was given out turned out to be bad, or is no more; see `namewarden gate recalls`"
            );
        }
        self.hear(LogStep::Recall, &looked);
    }

    fn quarantine(&mut self, project: ProjectName, is_so: bool) {
        let mut recaller = std::mem::take(&mut self.recaller);
        let noted = self.book().and_then(|book| recaller.quarantine(book, project, is_so));
        self.recaller = recaller;
        self.hear(LogStep::Quarantine, &noted);
    }

    fn listed(&mut self, project: ProjectName, files: &BTreeSet<String>) {
        // What is on its way to the log is looked at as well.
        self.write();
        let mut recaller = std::mem::take(&mut self.recaller);
        let noted = self.book().and_then(|book| recaller.listed(book, project, files));
        self.recaller = recaller;
        self.hear(LogStep::Listed, &noted);
    }

    /// What is used by now decides from now on.
    fn publish(&mut self) {
        let (needs, clients) = {
            let policy = self.policy.borrow();
            (policy.consensus.needs, policy.consensus.prior.clients)
        };
        if needs == 0 {
            // Nobody has to speak.
            return self.troubles.note(GateTrouble::OneClient, None);
        }
        let (all, only) = match self.uses().and_then(|book| Ok((book.all()?, book.only_client(MANY)?))) {
            Ok(read) => read,
            // What was told of them stands until they can be read.
            Err(error) => return self.hear_of_uses(Err(error)),
        };
        let lonely = only.filter(|_| clients > 1).map(|only| lonely(&only, clients));
        self.troubles.note(GateTrouble::OneClient, lonely);
        self.policy.send_if_modified(|policy| {
            let is_new = *policy.consensus.prior.of != all;
            if is_new {
                let mut new = Policy::clone(policy);
                new.consensus.prior.of = Arc::new(all);
                *policy = Arc::new(new);
            }
            is_new
        });
    }

    pub(super) fn book(&mut self) -> Result<&mut DeliveryBook, RecordsError> {
        let book = match self.book.take() {
            Some(book) => book,
            None => DeliveryBook::open(&self.dir)?,
        };
        Ok(self.book.insert(book))
    }

    pub(super) fn uses(&mut self) -> Result<&mut UseBook, RecordsError> {
        let book = match self.uses.take() {
            Some(book) => book,
            None => UseBook::open(&self.dir)?,
        };
        Ok(self.uses.insert(book))
    }
}

/// What to do where all uses share a user or a host.
fn lonely(only: &UsedBy, clients: usize) -> String {
    let proxy = only.place.as_deref().map(|place| match place == Requester::default().word() {
        true => "let the proxy in front of the gate say for whom it asks (X-Forwarded-For)",
        false => "where that host is a proxy, write behind_proxy = true",
    });
    let login = only.user.as_ref().map(|_| "whoever else installs needs a login of their own");
    let to_do: Vec<&str> = proxy.into_iter().chain(login).collect();
    format!(
        "all that is used was received by {only} alone, and prior use takes {clients} who share neither user nor host: {}",
        to_do.join(", and ")
    )
}
