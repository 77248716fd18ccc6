//! The thread that owns the file of reviews: it does what comes, one after the other, and closes what is old enough.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::sync::{oneshot, watch};

use super::errand::{DeskError, DeskRules, Errand, ListedReviews, Shared};
use super::reporting::reviews;
use super::suspecting::suspected;
use crate::failpoint::{self, Step};
use crate::gate::clock::GateClock;
use crate::gate::exemption::Exemptions;
use crate::gate::learned::LearnedProject;
use crate::gate::news::GateNews;
use crate::gate::policy::Policy;
use crate::gate::records::{AskedAgain, RecordsError, ReviewBook, UntoldReviews};
use crate::gate::review::{Closing, HeldRequest, RepeatedRequest, Review, ReviewAct, ReviewDecision, ReviewState};
use crate::gate::sought::{FoundReviews, SoughtReviews};
use crate::gate::verdict::{Bench, ReviewRefusal};
use crate::model::held::ReviewMark;
use crate::model::unread::shown;
use crate::model::{Actor, ProjectName};

/// Between two looks at what became old enough, and at most from a repeated request to its record.
const REST: Duration = Duration::from_secs(5);
/// Done in one transaction.
const BATCH: usize = 256;
/// Reviews that were asked for again since the last commit.
const MOST_AGAIN: usize = 2000;

pub(super) struct Clerk {
    dir: PathBuf,
    book: ReviewBook,
    rules: DeskRules,
    policy: watch::Sender<Arc<Policy>>,
    clock: GateClock,
    shared: Arc<Shared>,
    again: BTreeMap<i64, AskedAgain>,
    /// On the monotonic clock.
    looked: Duration,
    dropped: i64,
}

/// Requests that wait for their review.
type Waiting = Vec<(HeldRequest, oneshot::Sender<Option<i64>>)>;

impl Clerk {
    pub(super) fn new(
        (dir, book): (PathBuf, ReviewBook),
        rules: DeskRules,
        policy: watch::Sender<Arc<Policy>>,
        clock: GateClock,
        shared: Arc<Shared>,
    ) -> Self {
        let looked = clock.mono();
        Self { dir, book, rules, policy, clock, shared, again: BTreeMap::new(), looked, dropped: 0 }
    }

    /// Until nobody can ask any more.
    pub(super) fn serve(mut self, queue: &Receiver<Box<Errand>>) {
        loop {
            match queue.recv_timeout(REST) {
                Ok(first) => {
                    let batch = std::iter::once(first).chain(queue.try_iter().take(BATCH));
                    self.work(batch.map(|errand| *errand).collect());
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return self.flush(Waiting::new()),
            }
            if self.clock.mono().saturating_sub(self.looked) >= REST {
                self.look();
            }
        }
    }

    /// What was asked for before a person's question is written first.
    fn work(&mut self, batch: Vec<Errand>) {
        let mut waiting = Waiting::new();
        for errand in batch {
            match errand {
                Errand::Note { request, tell } => waiting.push((*request, tell)),
                Errand::Again { id, again } => self.note_again(id, again),
                of_a_person => {
                    self.flush(std::mem::take(&mut waiting));
                    self.look();
                    self.answer(of_a_person);
                }
            }
        }
        if !waiting.is_empty() {
            self.flush(waiting);
        }
    }

    fn note_again(&mut self, id: i64, again: RepeatedRequest) {
        if self.again.len() >= MOST_AGAIN && !self.again.contains_key(&id) {
            self.flush(Waiting::new());
        }
        self.again.entry(id).or_default().once_more(again);
    }

    /// Whoever waits is told the number, or, where nothing could be written, nothing.
    fn flush(&mut self, waiting: Waiting) {
        if waiting.is_empty() && self.again.is_empty() {
            return;
        }
        let again = std::mem::take(&mut self.again);
        let (requests, tells): (Vec<HeldRequest>, Vec<_>) = waiting.into_iter().unzip();
        let noted = self.book.ask(&requests, &again);
        let Some(ids) = self.heard(noted) else { return };
        if !requests.is_empty() {
            failpoint::hit(Step::GateNoted);
            self.remember_open();
            self.tell_of_dropped();
        }
        for (id, tell) in ids.into_iter().zip(tells) {
            // Whoever asked may have gone.
            let _ = tell.send(id);
        }
    }

    fn remember_open(&mut self) {
        let open = self.book.still_open();
        if let Some(open) = self.heard(open) {
            *self.shared.known.lock().unwrap_or_else(PoisonError::into_inner) = open;
        }
    }

    fn tell_of_dropped(&mut self) {
        let Ok((dropped, _)) = self.book.dropped() else { return };
        if dropped > self.dropped {
            tracing::warn!(dropped, "too many reviews are open, the oldest make room; see `namewarden gate reviews`");
        }
        self.dropped = dropped;
    }

    /// Closes what closes by itself, by the policy of now.
    fn look(&mut self) {
        self.looked = self.clock.mono();
        self.flush(Waiting::new());
        let policy = Arc::clone(&self.policy.borrow());
        let closed = self.book.close(&policy, self.clock.present());
        if let Some(closed) = self.heard(closed).filter(|closed| !closed.is_empty()) {
            let number = |closing| closed.iter().filter(|closed| **closed == closing).count();
            tracing::info!(
                matured = number(Closing::Matured),
                lapsed = number(Closing::Lapsed),
                malware = number(Closing::Malware),
                "reviews are closed: what they hold became old enough, nobody asked for it for a month, or a record names it"
            );
            self.remember_open();
        }
    }

    /// A person's question; whoever asked may have gone.
    fn answer(&mut self, errand: Errand) {
        match errand {
            Errand::List { state, most, tell } => drop(tell.send(self.listed(state, most).map_err(DeskError::from))),
            Errand::Sought { sought, tell } => drop(tell.send(self.sought(&sought).map_err(DeskError::from))),
            Errand::Show { id, tell } => drop(tell.send(self.shown(id))),
            Errand::Around { review, tell } => drop(tell.send(self.book.around(&review).map_err(DeskError::from))),
            Errand::News { after, most, tell } => drop(tell.send(self.news(after, most).map_err(DeskError::from))),
            Errand::Decide { id, by, decision, tell } => drop(tell.send(self.decided(id, &by, &decision))),
            Errand::Reject { project, version, by, reason, tell } => {
                drop(tell.send(self.rejected(&project, &version, &by, reason)));
            }
            Errand::Learn { by, new, tell } => drop(tell.send(self.learn(&by, &new))),
            Errand::Forget { by, project, tell } => drop(tell.send(self.forget(&by, &project))),
            Errand::Learned { after, most, tell } => {
                drop(tell.send(self.book.learned(&after, most).map_err(DeskError::from)));
            }
            Errand::OfPeriod { period, tell } => {
                let said = reviews(&mut self.book, &self.policy.borrow(), self.clock.present(), period);
                drop(tell.send(said.map_err(DeskError::from)));
            }
            Errand::Suspect { by, suspects, tell } => {
                drop(tell.send(suspected(((self.rules.machine)(), &by), (&self.dir, &self.policy), suspects)));
            }
            Errand::Note { .. } | Errand::Again { .. } => {}
        }
    }

    fn listed(&mut self, state: Option<ReviewState>, most: usize) -> Result<ListedReviews, RecordsError> {
        let (dropped, last_dropped) = self.book.dropped()?;
        let reviews = self.book.list(state, most)?.into_iter().map(|review| self.explained(review)).collect();
        Ok(ListedReviews { reviews, dropped, last_dropped })
    }

    fn sought(&mut self, sought: &SoughtReviews) -> Result<FoundReviews, RecordsError> {
        let found = self.book.sought(sought)?;
        Ok(FoundReviews { reviews: found.reviews.into_iter().map(|review| self.explained(review)).collect(), ..found })
    }

    fn news(&mut self, after: ReviewMark, most: usize) -> Result<GateNews, RecordsError> {
        let UntoldReviews { reviews, all, oldest, last } = self.book.untold(after, most)?;
        let held: Vec<_> = reviews.into_iter().map(|of| of.told(&self.policy.borrow(), self.clock.present())).collect();
        Ok(GateNews { omitted: all - held.len() as i64, held, oldest, last, ..GateNews::default() })
    }

    fn shown(&mut self, id: i64) -> Result<Review, DeskError> {
        match self.book.one(id)? {
            Some(review) => Ok(self.explained(review)),
            None => Err(ReviewRefusal::Unknown { id, dropped: self.book.dropped()?.0 }.into()),
        }
    }

    fn decided(&mut self, id: i64, by: &Actor, decision: &ReviewDecision) -> Result<Review, DeskError> {
        let malware = self.book.one(id)?.and_then(|review| review.malware(&self.policy.borrow().malware));
        let decided = self.book.decide(id, by, decision, &Bench { malware, ..self.bench() })?;
        Ok(self.settled(by, decision.act, decided?))
    }

    /// A version, before anybody asks for it or after. What could have no effect is refused.
    fn rejected(
        &mut self,
        project: &ProjectName,
        version: &str,
        by: &Actor,
        reason: String,
    ) -> Result<Review, DeskError> {
        if version.parse::<pep440_rs::Version>().is_err() {
            return Err(ReviewRefusal::NoVersion(shown(version)).into());
        }
        if let Some(bound) = self.policy.borrow().binding.of(project) {
            return Err(ReviewRefusal::Ours(project.clone(), bound.watch.label()).into());
        }
        if reason.trim().is_empty() {
            return Err(ReviewRefusal::NoReason.into());
        }
        let decision = ReviewDecision { act: ReviewAct::Reject, reason, until: None, files_key: None };
        let decided = self.book.decide_of((project, version), by, &decision, &self.bench())?;
        Ok(self.settled(by, decision.act, decided?))
    }

    /// It lets something through, so it takes a person.
    fn learn(&mut self, by: &Actor, new: &[LearnedProject]) -> Result<(), DeskError> {
        (self.rules.machine)().is_a_person(by.uid, by.user.as_deref()).map_err(ReviewRefusal::from)?;
        let exemptions = self.book.learn(new)?;
        self.enforce(exemptions);
        tracing::info!(projects = new.len(), %by, "projects were learned");
        Ok(())
    }

    fn forget(&mut self, by: &Actor, project: &ProjectName) -> Result<bool, DeskError> {
        let Some(exemptions) = self.book.forget(project)? else { return Ok(false) };
        self.enforce(exemptions);
        tracing::info!(%project, %by, "a project is not vouched for any more");
        Ok(true)
    }

    fn bench(&self) -> Bench {
        let (machine, approvals) = ((self.rules.machine)(), self.rules.approvals);
        Bench { machine, approvals, now: self.clock.now(), malware: None, rejected: None, open: None }
    }

    /// What is on the disk is in force before whoever decided it is told.
    fn settled(&mut self, by: &Actor, act: ReviewAct, (review, exemptions): (Review, Exemptions)) -> Review {
        failpoint::hit(Step::GateDecided);
        self.enforce(exemptions);
        self.remember_open();
        let (id, act, state) = (review.id, act.as_str(), review.state.as_str());
        tracing::info!(
            review = id, project = %review.project, version = %review.version, %by, act, state, "a review was decided"
        );
        self.explained(review)
    }

    /// From now on every answer goes by it.
    fn enforce(&self, exemptions: Exemptions) {
        let exemptions = Arc::new(exemptions);
        self.policy.send_modify(|now| *now = Arc::new(Policy { exemptions, ..Policy::clone(now) }));
    }

    /// With why it is held now, where it is, and how it closed, where nobody closed it.
    fn explained(&self, review: Review) -> Review {
        review.explained(&self.policy.borrow(), self.clock.present())
    }

    /// What cannot be written is said once, until it can be again.
    fn heard<T>(&self, done: Result<T, RecordsError>) -> Option<T> {
        let was_down = self.shared.down.swap(done.is_err(), Ordering::Relaxed);
        match (&done, was_down) {
            (Err(error), false) => {
                tracing::error!("reviews cannot be written, and what is held stays held without one: {error}");
            }
            (Ok(_), true) => tracing::info!("reviews can be written again"),
            _ => {}
        }
        done.ok()
    }
}
