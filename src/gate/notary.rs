//! Who verifies attestations: beside the answers, one file after the other, and of no more files than an attestation can speak for.
//!
//! Asked for are attestations of what was received, whose publishers are known from then on, and of what is held for want of evidence, where
//! one of a known publisher would be evidence. Whoever asked is told nothing: they ask again, as installers do.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use url::Url;

use super::attest::{AttestedFile, ProvenPublisher, proven};
use super::attested::Attested;
use super::clock::GateClock;
use super::index::GateIndex;
use super::page::{PageFile, ProjectPage};
use super::policy::Policy;
use super::present::Present;
use super::records::{AttestedBook, RecordsError};
use super::ruling::{Cause, Hold, Origin, Ruling};
use super::workers::Workers;
use crate::model::unread::shown;
use crate::model::{ProjectName, Time};

/// Files that wait for their turn. What comes beyond them is asked for again, or received again.
const QUEUE: usize = 256;
/// What was looked at is not looked at again so soon: an index that has none today may have one tomorrow.
const AGAIN: Duration = Duration::from_mins(10);
/// Files whose last look is known.
const KNOWN: usize = 50_000;
/// Of a page.
const YOUNGEST: usize = 20;
/// One takes some 10 kB.
const PROVENANCE_LIMIT: u64 = 500_000;
const PATIENCE: Duration = Duration::from_secs(10);
/// What is proven is in force so often: every page is decided anew then.
const REST: Duration = Duration::from_secs(10);

/// A file to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NotaryErrand {
    project: ProjectName,
    filename: String,
    sha256: String,
    /// Where its provenance is, as the index says.
    provenance: Url,
}

/// Why somebody wants to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Wanted {
    /// It was received then.
    Received(Time),
    Held,
}

/// Takes errands.
#[derive(Debug)]
pub struct Notary {
    errands: mpsc::Sender<(NotaryErrand, Wanted)>,
    /// When, on the monotonic clock.
    looked: Mutex<HashMap<(String, bool), Duration>>,
    clock: GateClock,
    kept: Arc<Mutex<Kept>>,
    policy: watch::Sender<Arc<Policy>>,
    workers: Workers,
}

/// Does them.
#[derive(Debug)]
pub struct NotaryWork {
    errands: mpsc::Receiver<(NotaryErrand, Wanted)>,
    index: GateIndex,
    clock: GateClock,
    kept: Arc<Mutex<Kept>>,
    policy: watch::Sender<Arc<Policy>>,
    workers: Workers,
    /// When what was proven came into force last, on the monotonic clock.
    told: Option<Duration>,
}

/// What is proven, on the disk and on its way to be in force.
#[derive(Debug)]
struct Kept {
    book: AttestedBook,
    waiting: Vec<(NotaryErrand, Wanted, ProvenPublisher)>,
}

impl NotaryErrand {
    /// `None`: the index has no provenance of it.
    pub(super) fn of(page: &ProjectPage, file: &PageFile) -> Option<Self> {
        let said = file.said();
        let provenance = said.get("provenance")?.as_str()?.parse().ok()?;
        let (filename, sha256) = (file.filename.clone(), file.sha256.clone());
        Some(Self { project: page.name.clone(), filename, sha256, provenance })
    }
}

impl Notary {
    /// `policy` gets what is proven from now on, by the trust root that it has.
    pub fn new(
        index: GateIndex,
        book: AttestedBook,
        policy: watch::Sender<Arc<Policy>>,
        clock: GateClock,
    ) -> (Self, NotaryWork) {
        let (errands, queue) = mpsc::channel(QUEUE);
        let kept = Arc::new(Mutex::new(Kept { book, waiting: Vec::new() }));
        let workers = Workers::default();
        let work = NotaryWork {
            errands: queue,
            index,
            clock: clock.clone(),
            kept: Arc::clone(&kept),
            policy: policy.clone(),
            workers: workers.clone(),
            told: None,
        };
        (Self { errands, looked: Mutex::default(), clock, kept, policy, workers }, work)
    }

    /// A client has all of it, and every rule admitted it, or persons did.
    pub(super) fn received(&self, errand: NotaryErrand, at: Time) {
        self.send(errand, Wanted::Received(at));
    }

    /// It is held. Nothing is asked where no attestation could speak for it, or where it would stay held.
    pub(super) fn held(&self, page: &ProjectPage, file: &PageFile, hold: &Hold) {
        let lacks = |hold: &Hold| matches!(hold.cause, Cause::Unvouched { .. });
        let is_wanted = |of: &Attested| of.may_speak(&page.name, file.uploaded) && !of.is_proven(&file.sha256);
        if !lacks(hold) && !hold.then.as_deref().is_some_and(lacks) {
            return;
        }
        if is_wanted(&self.policy.borrow().consensus.attested)
            && let Some(errand) = NotaryErrand::of(page, file)
        {
            self.send(errand, Wanted::Held);
        }
    }

    /// The same of the youngest files of a page that is written: a resolver that takes an older one asks for none of them.
    pub(super) fn look_through(&self, policy: &Policy, page: &ProjectPage, now: Present) {
        let attested = &policy.consensus.attested;
        let mut files: Vec<&PageFile> =
            page.files.iter().filter(|file| attested.may_speak(&page.name, file.uploaded)).collect();
        files.sort_by_key(|file| std::cmp::Reverse(file.uploaded.at()));
        let ruling = policy.on(page, Origin::Pypi, now);
        for file in files.into_iter().take(YOUNGEST) {
            if let Ruling::Refuse(held) | Ruling::Noted(held) | Ruling::Advised(held) = ruling.ruling(file) {
                self.held(page, file, &held);
            }
        }
    }

    /// Nothing of it was ever received.
    pub(super) async fn forget(&self, project: &ProjectName) -> Result<(), RecordsError> {
        let (kept, policy, of) = (Arc::clone(&self.kept), self.policy.clone(), project.clone());
        let forgotten = move || {
            let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.book.forget(&of)?;
            kept.waiting.retain(|(errand, wanted, _)| *wanted == Wanted::Held || errand.project != of);
            tell(&policy, |attested| attested.forget(&of));
            Ok(())
        };
        self.workers.done(forgotten).await.unwrap_or(Ok(()))
    }

    fn send(&self, errand: NotaryErrand, wanted: Wanted) {
        let key = (errand.sha256.clone(), wanted == Wanted::Held);
        let (now, mut looked) = (self.clock.mono(), self.looked.lock().unwrap_or_else(PoisonError::into_inner));
        if looked.get(&key).is_some_and(|last| now.saturating_sub(*last) < AGAIN) {
            return;
        }
        if looked.len() >= KNOWN {
            looked.clear();
        }
        if self.errands.try_send((errand, wanted)).is_ok() {
            looked.insert(key, now);
        }
    }
}

impl NotaryWork {
    /// Until it is dropped, or nobody can ask any more.
    pub async fn serve(mut self) {
        while let Some(next) = self.next().await {
            if let Some((errand, wanted)) = next {
                let (filename, project) = (shown(&errand.filename), errand.project.clone());
                if let Err(why) = self.looked_at(errand, wanted).await {
                    tracing::info!(%project, file = %filename, "its attestation does not count: {why}");
                }
            }
            if self.left().is_some_and(|left| left.is_zero()) {
                self.tell_what_waits().await;
            }
        }
    }

    /// The next errand; `None` inside: something waits to be in force first. `None`: nobody can ask any more.
    async fn next(&mut self) -> Option<Option<(NotaryErrand, Wanted)>> {
        let Some(left) = self.left() else { return self.errands.recv().await.map(Some) };
        match tokio::time::timeout(left, self.errands.recv()).await {
            Ok(next) => next.map(Some),
            Err(_) => Some(None),
        }
    }

    /// How long what is proven waits yet; `None`: nothing does.
    fn left(&self) -> Option<Duration> {
        let is_any = !self.kept.lock().unwrap_or_else(PoisonError::into_inner).waiting.is_empty();
        let since = self.told.map(|told| self.clock.mono().saturating_sub(told));
        is_any.then(|| since.map_or(Duration::ZERO, |since| REST.saturating_sub(since)))
    }

    async fn tell_what_waits(&mut self) {
        self.told = Some(self.clock.mono());
        let (kept, policy) = (Arc::clone(&self.kept), self.policy.clone());
        let told = self.workers.done(move || kept.lock().unwrap_or_else(PoisonError::into_inner).told(&policy));
        if let Some(Err(error)) = told.await {
            tracing::warn!("what is proven of files takes more room than it should: {error}");
        }
    }

    async fn looked_at(&self, errand: NotaryErrand, wanted: Wanted) -> Result<(), String> {
        let Some(root) = self.policy.borrow().consensus.attested.root().cloned() else { return Ok(()) };
        let asked = self.index.provenance(&errand.provenance, PROVENANCE_LIMIT);
        let body = tokio::time::timeout(PATIENCE, asked).await.map_err(|_| "the index does not answer".to_owned())?;
        let body = body.map_err(|error| error.to_string())?;
        let (kept, policy) = (Arc::clone(&self.kept), self.policy.clone());
        let work = move || {
            let file = AttestedFile { filename: &errand.filename, sha256: &errand.sha256 };
            let proven = proven(&body, file, &root).map_err(|error| error.to_string())?;
            let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.keep(&policy, (errand, wanted), proven).map_err(|error| error.to_string())
        };
        self.workers.done(work).await.unwrap_or_else(|| Err("it could not be verified".to_owned()))
    }
}

impl Kept {
    /// On the disk first: what decides is there after a restart.
    fn keep(
        &mut self,
        policy: &watch::Sender<Arc<Policy>>,
        (errand, wanted): (NotaryErrand, Wanted),
        proven: ProvenPublisher,
    ) -> Result<(), RecordsError> {
        let NotaryErrand { project, sha256, .. } = &errand;
        match wanted {
            // Every page is decided anew where something else decides.
            Wanted::Received(_) if policy.borrow().consensus.attested.has_received(project, &proven) => return Ok(()),
            Wanted::Received(at) => self.book.receive(project, &proven, at)?,
            Wanted::Held => self.book.prove(sha256, &proven)?,
        }
        self.waiting.push((errand, wanted, proven));
        Ok(())
    }

    /// All that waits is in force, at once.
    fn told(&mut self, policy: &watch::Sender<Arc<Policy>>) -> Result<(), RecordsError> {
        let (waiting, mut since) = (std::mem::take(&mut self.waiting), None);
        tell(policy, |attested| {
            for (NotaryErrand { project, sha256, .. }, wanted, proven) in waiting {
                match wanted {
                    Wanted::Received(at) => attested.receive(project, proven, at),
                    Wanted::Held => attested.prove(&sha256, proven),
                }
            }
            since = attested.shrunk();
        });
        since.map_or(Ok(()), |since| self.book.shrink(since))
    }
}

fn tell(policy: &watch::Sender<Arc<Policy>>, change: impl FnOnce(&mut Attested)) {
    policy.send_modify(|policy| {
        let mut new = Policy::clone(policy);
        change(Arc::make_mut(&mut new.consensus.attested));
        *policy = Arc::new(new);
    });
}
