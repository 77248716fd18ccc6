//! From which index a name comes. What is ours comes from the private one, and PyPI never hears that it exists.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, OnceCell};

use super::alterations::Alterations;
use super::binding::Bound;
use super::index::GateIndex;
use super::memory::Memory;
use super::pages::{KnownPage, Pages, ReadPage};
use super::policy::Policy;
use super::refusal::Refusal;
use super::room::PageRoom;
use super::ruling::Origin;
use super::seldom::Seldom;
use super::standing::{PrivateIs, Standing};
use super::strays::Strays;
use super::troubles::GateTroubles;
use super::witness::Witnesses;
use crate::model::{ProjectName, Requester};
use crate::upstream::FetchError;

/// The indexes behind the gate.
#[derive(Debug)]
pub struct Sources {
    pub(super) pypi: Pages,
    pub(super) private: Option<Pages>,
    /// Is the private index a copy of PyPI? Empty until it has answered.
    mirror: OnceCell<bool>,
    /// May it have copies that somebody chose?
    copies: bool,
    /// What the private index ever had: it is ours, whatever it says later.
    memory: Arc<Memory>,
    /// What shows that the private index knows us.
    witnesses: Witnesses,
    /// How both stand.
    standing: Standing,
    alterations: Alterations,
    pub(super) seldom: Seldom,
    /// When PyPI was asked last what time it is, on the monotonic clock.
    time_asked: Mutex<Option<Duration>>,
}

/// A project, and where it is.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) origin: Origin,
    /// Its page is there.
    pub(super) known: Arc<KnownPage>,
}

/// Between two questions for the time alone.
const TIME_AGAIN: Duration = Duration::from_secs(5);
/// Pages with files of PyPI's that are asked for again at each look.
const LOOKED_AT: usize = 8;
/// Names that every copy of PyPI has, and no index of a company's own.
const OF_PYPI: [&str; 3] = ["pip", "requests", "urllib3"];
/// Names that every copy of PyPI has as well, and that nobody would choose.
const OF_NOBODY: [&str; 3] = ["sampleproject", "insecure-package", "pyjokes"];

impl Sources {
    /// `private`: `None` where the company has no index of its own.
    pub fn new(pypi: Pages, private: Option<Pages>, memory: Arc<Memory>, troubles: GateTroubles) -> Self {
        let witnesses = Witnesses::new(Arc::clone(&memory), troubles.clone());
        let (alterations, standing) = (Alterations::new(troubles.clone()), Standing::new(troubles));
        let seldom = Seldom::new(pypi.clock().clone());
        let (mirror, time_asked, copies) = (OnceCell::new(), Mutex::default(), false);
        Self { pypi, private, mirror, copies, memory, witnesses, standing, alterations, seldom, time_asked }
    }

    /// With a private index that has copies of public packages, which somebody chose.
    #[must_use]
    pub fn with_copies(self, copies: bool) -> Self {
        Self { copies, ..self }
    }

    /// The project as the index has it that may have it. `client`: who asks; `None`: the gate itself.
    ///
    /// # Errors
    /// Why there is none: it is ours and no private index is there to have it, nobody has it, or nobody can tell.
    pub(super) async fn find(
        &self,
        policy: &Policy,
        name: &ProjectName,
        client: Option<&Requester>,
    ) -> Result<Found, Refusal> {
        let bound = self.bound(policy, name);
        if let Some(private) = &self.private {
            match self.private_is_a_mirror().await {
                Ok(false) => {}
                Ok(true) => return Err(Refusal::not_now("the private index is a copy of PyPI")),
                Err(why) => {
                    readable(policy, name)?;
                    let kept = if bound.is_some() { kept(private, name).await } else { None };
                    return kept.ok_or_else(|| self.undecided("the private index", &why));
                }
            }
            let known = private.get_for(client, name).await.map_err(|why| self.undecided("the private index", &why))?;
            if known.is_there() {
                if bound.is_none() && !policy.binding.is_public(name) {
                    self.keep(private, name).await?;
                }
                self.witnesses.seen(name);
                if private.index().strays.as_ref().is_some_and(Strays::changed) {
                    self.tell_of_strays(private, policy);
                }
                readable(policy, name)?;
                return Ok(Found { origin: Origin::Private, known });
            }
        }
        if let Some(bound) = bound {
            return Err(Refusal::internal(name, bound, self.private.is_some()));
        }
        if let Some(private) = &self.private {
            self.witnesses.vouch_for(private, &policy.binding).await.map_err(|why| Refusal::not_now(&why))?;
        }
        readable(policy, name)?;
        let known = self.pypi.get_for(client, name).await.map_err(|why| self.undecided("PyPI", &why))?;
        let is_lost = self.pypi.index().is_without_time();
        // On the heap, since each answer would carry the room for it.
        let known = if is_lost { Box::pin(self.timed(client, name, known)).await? } else { known };
        self.alterations.note(name, &known, &policy.exemptions, || self.pypi.present());
        if known.is_there() { Ok(Found { origin: Origin::Pypi, known }) } else { Err(Refusal::missing(name.as_str())) }
    }

    /// As PyPI says it now: what it said before is served for a minute without asking, and says nothing of the time. One asks for all who
    /// wait, and an index that never says it is not asked by each.
    async fn timed(
        &self,
        client: Option<&Requester>,
        name: &ProjectName,
        mut known: Arc<KnownPage>,
    ) -> Result<Arc<KnownPage>, Refusal> {
        let (mut asked, now) = (self.time_asked.lock().await, || self.pypi.clock().mono());
        let is_due = asked.is_none_or(|at| now().saturating_sub(at) >= TIME_AGAIN);
        if is_due && self.pypi.index().is_without_time() {
            // Whoever leaves meanwhile has asked as well, and an index that answers late is not asked at once by who waited.
            *asked = Some(now());
            let anew = self.pypi.anew_for(client, name).await;
            *asked = Some(now());
            known = anew.map_err(|why| self.undecided("PyPI", &why))?;
        }
        match self.pypi.index().is_without_time() {
            true => Err(Refusal::not_now("PyPI has not said what time it is, and what it was before cannot be read")),
            false => Ok(known),
        }
    }

    /// The project as [`Self::find`] finds it for the gate itself, with its page.
    ///
    /// # Errors
    /// As there, and as of [`Self::read`].
    pub(super) async fn whole(&self, policy: &Policy, name: &ProjectName) -> Result<(Origin, Arc<ReadPage>), Refusal> {
        let found = self.find(policy, name, None).await?;
        Ok((found.origin, self.read(name, &found).await?))
    }

    /// The page of what was found.
    ///
    /// # Errors
    /// It is there no more, or nobody can tell.
    pub(super) async fn read(&self, name: &ProjectName, found: &Found) -> Result<Arc<ReadPage>, Refusal> {
        self.pages(found.origin).read(name, &found.known).await.map_err(|why| match *why {
            FetchError::NotFound => Refusal::missing(name.as_str()),
            _ => self.undecided("the index", &why),
        })
    }

    /// Where its files are.
    pub(super) fn index(&self, origin: Origin) -> &GateIndex {
        self.pages(origin).index()
    }

    fn pages(&self, origin: Origin) -> &Pages {
        match (&self.private, origin) {
            (Some(private), Origin::Private) => private,
            _ => &self.pypi,
        }
    }

    /// How the private index stands by its last answer; `None`: it has given none since the start.
    pub(super) fn private_now(&self) -> Option<PrivateIs> {
        let Some(private) = &self.private else { return Some(PrivateIs::Alone) };
        let was_mirror = *self.mirror.get()?;
        Some(match self.standing.private() {
            _ if was_mirror => PrivateIs::Mirror,
            // It has answered somebody since.
            Some(PrivateIs::Silent) if private.index().failure().is_none() => PrivateIs::Alone,
            now => now.unwrap_or(PrivateIs::Alone),
        })
    }

    /// Asks both indexes, so that persons are told of one that does not answer, whoever asks for what.
    pub(super) async fn look(&self, policy: &Policy) {
        if let Some(private) = &self.private {
            self.standing.hear_private(&private.index().place(), has_all_of_pypi(private, self.copies).await);
            // Whoever waits until the gate is ready asks for nothing before.
            drop(self.private_is_a_mirror().await);
            self.look_at_strays(private).await;
            self.tell_of_strays(private, policy);
        }
        // A fork or a copy of one of these may be ours.
        let is_open = |name: &ProjectName| self.bound(policy, name).is_none();
        let Some(asked_for) = of_pypi(self.copies).find(is_open) else { return };
        // By what it said itself: the page may be one of before.
        drop(self.pypi.anew(&asked_for).await);
        self.standing.hear_pypi(&self.pypi.index().place(), self.pypi.index().failure());
    }

    /// Whether they are still there, so that what was mended is told, whoever asks for it.
    async fn look_at_strays(&self, private: &Pages) {
        let Some(strays) = &private.index().strays else { return };
        for name in strays.next(LOOKED_AT) {
            if private.anew(&name).await.is_ok_and(|known| !known.is_there()) {
                strays.forget(&name);
            }
        }
    }

    fn tell_of_strays(&self, private: &Pages, policy: &Policy) {
        let index = private.index();
        let told = index.strays.as_ref().map(|strays| strays.told(&index.place(), &policy.binding, &policy.suspects));
        self.standing.tell_of_merged(told.flatten());
    }

    /// By what it is ours: the inventory, or that the private index had it once.
    pub(super) fn bound(&self, policy: &Policy, name: &ProjectName) -> Option<Bound> {
        let alike = name.ultranormal();
        let had = || self.memory.had_alike(name, &alike).filter(|_| !policy.binding.is_public(name));
        policy.binding.of_alike(name, &alike).or_else(|| Some(Bound::by_index(name, &had()?)))
    }

    fn undecided(&self, index: &'static str, why: &FetchError) -> Refusal {
        if matches!(why, FetchError::Crowded) {
            if let Some(left_out) = self.seldom.of("crowded") {
                tracing::warn!(left_out, "a page waits for others, and whoever asked is told to ask again");
            }
            return Refusal::not_now("too many pages that nobody asked for lately are asked for at once: ask again");
        }
        if let Some(left_out) = self.seldom.of(index) {
            tracing::warn!(left_out, "nothing can be given out: {index} does not answer: {why}");
        }
        Refusal::not_now(&format!("{index} does not answer: {why}"))
    }

    /// Those in `public` that would not be bound without it either: mistyped, or out of date. `None`: the private index does not say.
    pub(super) async fn idle_public(&self, policy: &Policy) -> Option<Vec<ProjectName>> {
        let mut idle = Vec::new();
        for name in policy.binding.public_of_none() {
            let is_there = match &self.private {
                Some(private) => private.get(&name).await.ok()?.is_there(),
                None => false,
            };
            if !is_there && self.memory.had_alike(&name, &name.ultranormal()).is_none() {
                idle.push(name);
            }
        }
        Some(idle)
    }

    /// What the private index has is ours from now on, unless it has begun to hand out PyPI's own.
    async fn keep(&self, private: &Pages, name: &ProjectName) -> Result<(), Refusal> {
        if has_all_of_pypi(private, self.copies).await.map_err(|why| self.undecided("the private index", &why))? {
            self.standing.tell_of_mirror(&private.index().place());
            return Err(Refusal::not_now("the private index is a copy of PyPI"));
        }
        self.memory.keep(name).await.map_err(|why| unkept(name, &why))
    }

    /// Does the private index hand out PyPI's projects? Everything would come from it unjudged, as one of ours.
    ///
    /// # Errors
    /// Where it does not answer, as it may be down: each request asks again.
    pub async fn private_is_a_mirror(&self) -> Result<bool, Arc<FetchError>> {
        let Some(private) = &self.private else { return Ok(false) };
        self.mirror.get_or_try_init(async || has_all_of_pypi(private, self.copies).await).await.copied()
    }
}

/// Where nobody knows what is malware, nobody knows what is not. Of what the inventory binds no record is asked.
fn readable(policy: &Policy, name: &ProjectName) -> Result<(), Refusal> {
    match policy.malware.are_awaited && policy.binding.of(name).is_none() {
        true => Err(Refusal::not_now("the records of malware cannot be read yet")),
        false => Ok(()),
    }
}

/// What it had of ours within a day, where it does not answer and nobody has asked since the start what it is: it was asked then.
async fn kept(private: &Pages, name: &ProjectName) -> Option<Found> {
    private.kept(name).await.map(|known| Found { origin: Origin::Private, known })
}

/// As it is now: whatever was said a moment ago, a name would be bound for good by it.
async fn has_all_of_pypi(private: &Pages, copies: bool) -> Result<bool, Arc<FetchError>> {
    for name in of_pypi(copies) {
        if !private.anew(&name).await?.is_there() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// By which names a copy of PyPI is told from an index that has some of its packages.
fn of_pypi(copies: bool) -> impl Iterator<Item = ProjectName> {
    let more = OF_NOBODY.into_iter().filter(move |_| copies);
    OF_PYPI.into_iter().chain(more).filter_map(|name| ProjectName::parse(name).ok())
}

/// The same of an index that nobody stands behind yet.
///
/// # Errors
/// Where it does not answer.
pub async fn is_a_mirror(index: &GateIndex, copies: bool) -> Result<bool, FetchError> {
    let room = PageRoom::default();
    for name in of_pypi(copies) {
        match index.page(&name, None, (&room, room.share(None).await?)).await {
            Ok(_) => {}
            Err(FetchError::NotFound) => return Ok(false),
            Err(why) => return Err(why),
        }
    }
    Ok(true)
}

/// What is given out as ours and then forgotten would be a stranger's after the next restart.
fn unkept(name: &ProjectName, why: &io::Error) -> Refusal {
    tracing::error!(
        "{name} is ours, and that cannot be written down, so it is not given out: {why}; make room in [gate] state"
    );
    Refusal::not_now("the gate cannot write down that this name is ours")
}

#[cfg(test)]
mod tests;
