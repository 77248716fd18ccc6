//! Where reviews are kept and decided: a thread that owns the file, and what the answers of the gate know of it in memory.
//!
//! An answer never waits for the disk but for the number of a review that is new, and for that not long; whatever becomes of the
//! record, what is held stays held. A number is told only once it is on the disk, so that it is never another review's.

mod clerk;
mod errand;
mod reporting;
mod suspecting;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, SyncSender, TrySendError};
use std::sync::{Arc, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::{oneshot, watch};

use super::asker::ReviewAsker;
use super::clock::GateClock;
use super::dossier::PastDecision;
use super::exemption::Exemptions;
use super::learned::LearnedProject;
use super::news::GateNews;
use super::policy::Policy;
use super::records::{RecordsError, ReviewBook};
use super::review::{HeldRequest, Review, ReviewDecision, ReviewState};
use super::sought::{FoundReviews, SoughtReviews};
use crate::model::gate_report::GateReport;
use crate::model::held::ReviewMark;
use crate::model::{Actor, ProjectName, Suspect, Time};
use clerk::Clerk;
pub use errand::DeskRules;
pub(super) use errand::{DeskError, ListedReviews};
use errand::{Errand, Shared, Tell};

/// Whoever asks first for what is held waits this long for the number of its review: the disk is asked once. Tests wait for any disk.
const WAIT: Duration = if cfg!(test) { Duration::from_secs(60) } else { Duration::from_millis(500) };
/// Requests on their way to the disk. What comes beyond them is held without a record.
const QUEUE: usize = 1024;
/// A person waits for a place in that queue.
const TRIES: u32 = 100;
const PAUSE: Duration = Duration::from_millis(20);

/// The reviews of one gate.
#[derive(Debug)]
pub struct ReviewDesk {
    errands: Option<SyncSender<Box<Errand>>>,
    thread: Option<JoinHandle<()>>,
    shared: Arc<Shared>,
}

/// The file of reviews, before anything is answered by it.
#[derive(Debug)]
pub struct OpenedReviews {
    dir: PathBuf,
    book: ReviewBook,
    /// What persons decided so far.
    pub exemptions: Exemptions,
}

impl OpenedReviews {
    /// The reviews of a directory. Whoever cannot tell what was rejected must not give it out.
    ///
    /// # Errors
    /// See [`RecordsError`].
    pub fn at(dir: &Path) -> Result<Self, RecordsError> {
        let mut book = ReviewBook::open(dir)?;
        let exemptions = book.exemptions()?;
        Ok(Self { dir: dir.to_owned(), book, exemptions })
    }
}

impl ReviewDesk {
    /// `policy` gets what is decided from now on, before whoever decided it is told.
    ///
    /// # Errors
    /// See [`RecordsError`].
    pub fn start(
        opened: OpenedReviews,
        rules: DeskRules,
        policy: watch::Sender<Arc<Policy>>,
        clock: impl Into<GateClock>,
    ) -> Result<Self, RecordsError> {
        let mut book = opened.book;
        let shared = Arc::new(Shared { known: book.still_open()?.into(), ..Shared::default() });
        let (errands, queue) = mpsc::sync_channel(QUEUE);
        let clerk = Clerk::new((opened.dir, book), rules, policy, clock.into(), Arc::clone(&shared));
        let thread = std::thread::spawn(move || clerk.serve(&queue));
        Ok(Self { errands: Some(errands), thread: Some(thread), shared })
    }

    /// Is the thread gone that writes down what is decided?
    pub(super) fn has_ended(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Notes that somebody asked for what is held; gives the number of its review where that is known in time.
    pub(super) async fn note(&self, request: HeldRequest) -> Option<i64> {
        let key = (request.project.clone(), request.version.clone());
        let known = self.shared.known.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some((id, _)) = known.filter(|(_, files_key)| *files_key == request.files_key) {
            // One more time is not worth waiting for.
            let _ = self.send(Box::new(Errand::Again { id, again: request.again() }));
            return Some(id);
        }
        let was_down = self.shared.down.load(Ordering::Relaxed);
        let (tell, told) = oneshot::channel();
        self.send(Box::new(Errand::Note { request: Box::new(request), tell })).ok().filter(|()| !was_down)?;
        tokio::time::timeout(WAIT, told).await.ok()?.ok()?
    }

    pub(super) async fn list(&self, state: Option<ReviewState>, most: usize) -> Result<ListedReviews, DeskError> {
        self.ask(|tell| Errand::List { state, most, tell }).await
    }

    pub(super) async fn sought(&self, sought: SoughtReviews) -> Result<FoundReviews, DeskError> {
        self.ask(|tell| Errand::Sought { sought, tell }).await
    }

    pub(super) async fn show(&self, id: i64) -> Result<Review, DeskError> {
        self.ask(|tell| Errand::Show { id, tell }).await
    }

    /// Who asked for it, and what was decided about other versions of its project.
    pub(super) async fn around(&self, review: Review) -> Result<(Vec<ReviewAsker>, Vec<PastDecision>), DeskError> {
        self.ask(|tell| Errand::Around { review: Box::new(review), tell }).await
    }

    /// What is open and not covered by this mark.
    pub(super) async fn news(&self, after: ReviewMark, most: usize) -> Result<GateNews, DeskError> {
        self.ask(|tell| Errand::News { after, most, tell }).await
    }

    /// What became of those after the first time and until the second, and which are open.
    pub(super) async fn of_period(&self, period: (Time, Time)) -> Result<GateReport, DeskError> {
        self.ask(|tell| Errand::OfPeriod { period, tell }).await
    }

    /// In force, and on the disk, when this returns.
    pub(super) async fn decide(&self, id: i64, by: Actor, decision: ReviewDecision) -> Result<Review, DeskError> {
        self.ask(|tell| Errand::Decide { id, by, decision, tell }).await
    }

    /// The same of a version that may be nobody's yet: it will be refused to whoever asks first.
    pub(super) async fn reject(
        &self,
        project: ProjectName,
        version: String,
        by: Actor,
        reason: String,
    ) -> Result<Review, DeskError> {
        self.ask(|tell| Errand::Reject { project, version, by, reason, tell }).await
    }

    /// In force, and on the disk, when this returns.
    pub(super) async fn learn(&self, by: Actor, new: Vec<LearnedProject>) -> Result<(), DeskError> {
        self.ask(|tell| Errand::Learn { by, new, tell }).await
    }

    /// The same of taking that back; `false`: nobody vouched for it.
    pub(super) async fn forget(&self, by: Actor, project: ProjectName) -> Result<bool, DeskError> {
        self.ask(|tell| Errand::Forget { by, project, tell }).await
    }

    /// In force, and on the disk, when this returns.
    pub(super) async fn suspect(&self, by: Actor, suspects: BTreeMap<ProjectName, Suspect>) -> Result<(), DeskError> {
        self.ask(|tell| Errand::Suspect { by, suspects, tell }).await
    }

    /// By name, those behind `after`.
    pub(super) async fn learned(&self, after: String, most: usize) -> Result<Vec<LearnedProject>, DeskError> {
        self.ask(|tell| Errand::Learned { after, most, tell }).await
    }

    async fn ask<T>(&self, errand: impl FnOnce(Tell<T>) -> Errand) -> Result<T, DeskError> {
        let (tell, told) = oneshot::channel();
        let mut errand = Box::new(errand(tell));
        for _ in 0..TRIES {
            match self.send(errand) {
                Ok(()) => return told.await.map_err(|_| DeskError::Ended)?,
                Err(TrySendError::Disconnected(_)) => return Err(DeskError::Ended),
                Err(TrySendError::Full(back)) => errand = back,
            }
            tokio::time::sleep(PAUSE).await;
        }
        Err(DeskError::Busy)
    }

    fn send(&self, errand: Box<Errand>) -> Result<(), TrySendError<Box<Errand>>> {
        match &self.errands {
            Some(errands) => errands.try_send(errand),
            None => Err(TrySendError::Disconnected(errand)),
        }
    }
}

impl Drop for ReviewDesk {
    /// Waits: what was asked is written.
    fn drop(&mut self) {
        self.errands = None;
        if let Some(thread) = self.thread.take() {
            // One that panicked has nothing left to close.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests;
