//! What the uploader is given to do, and what it tells of it. Every rule is asked again here, in the transaction that lets
//! the first byte leave.

use serde::{Deserialize, Serialize};

use super::desk::{Desk, World};
use super::plan::rank;
use super::rule::not_open;
use super::setback::{costs_nothing, is_of_the_text};
use super::turns::Quota;
use crate::cases;
use crate::model::claim::{
    Claim, ClaimEvent, ClaimKey, ClaimState, Kind, Party, Resting, Seen, Setback, Site, Work, step,
};
use crate::model::health::HealthIssue;
use crate::model::{Time, WatchId};
use crate::store::{CLAIM_ASKED, CLAIM_HALT, CLAIM_PAUSE, StoreError, Tx};

/// Nobody waits longer than this for work that came meanwhile, seconds.
const REST: u32 = 5;
const USED_UP: &str = "the day's new projects are used up";
const NOTHING: &str = "nothing is approved, let go, and due";

/// Until when nothing new is sent, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pause {
    pub(super) until: Time,
    pub(super) why: String,
}

impl Desk {
    /// The next piece of work for the uploader.
    ///
    /// # Errors
    /// Those of the store.
    pub fn work(&self, tx: &Tx<'_>) -> Result<Work, StoreError> {
        tx.cursors().set(CLAIM_ASKED, &self.now)?;
        self.end_what_was_left(tx)?;
        if tx.claims().let_go()?.is_empty() {
            return Ok(rests(Resting::Done, NOTHING.to_owned()));
        }
        if let Some(obstacle) = self.obstacles(tx, &[])?.into_iter().next() {
            return Ok(rests(Resting::Kept, obstacle));
        }
        if let Some(doubt) = self.doubt(tx)? {
            return Ok(rests(doubt.rest, doubt.why));
        }
        let world = self.world(tx)?;
        self.withdraw(tx, &world)?;
        let mut live = tx.claims().live()?;
        let known = self.known(&world);
        live.sort_by_key(|claim| self.watch(&claim.key.name).map(|watch| rank(&known, &claim.key.name, watch)));
        for claim in &live {
            if let Some(work) = self.of(tx, &world, claim)? {
                return Ok(work);
            }
        }
        self.rest(tx, &world, &live)
    }

    /// Why there is no work, where something was let go: first what somebody may have to mend.
    fn rest(&self, tx: &Tx<'_>, world: &World, live: &[Claim]) -> Result<Work, StoreError> {
        let mut waiting = Vec::new();
        for claim in live.iter().filter(|claim| claim.released.is_some()) {
            if let Some(why) = self.is_kept_by(tx, claim)?.or_else(|| self.is_unmade(claim)) {
                return Ok(rests(Resting::Kept, why));
            }
            // Who agreed may be nobody by now, which no time mends.
            let is_due = claim.state == ClaimState::Rehearsed && claim.not_before.is_none_or(|at| at <= self.now);
            if let Some(why) = self.refusal_to_begin(claim).filter(|_| is_due) {
                return Ok(rests(Resting::Kept, why));
            }
            waiting.extend(self.waits_for(tx, world, claim)?.map(|why| (&claim.key, why)));
        }
        Ok(match waiting.as_slice() {
            [] => rests(Resting::Done, NOTHING.to_owned()),
            [(key, why)] => rests(Resting::Waits, format!("{key} waits: {why}")),
            [(key, why), more @ ..] => rests(Resting::Waits, format!("{key} and {} more wait: {why}", more.len())),
        })
    }

    /// What a claim that was let go waits for; `None` where PyPI has all of it.
    fn waits_for(&self, tx: &Tx<'_>, world: &World, claim: &Claim) -> Result<Option<String>, StoreError> {
        Ok(match claim.state {
            ClaimState::Approved | ClaimState::Rehearsed | ClaimState::Partial => {
                let turn = world.quota.next(self.now);
                self.waits(tx, &world.quota, claim)?.map(|why| match turn {
                    Some(turn) if why == USED_UP => format!("{why} until {}", turn.format("%F %T UTC")),
                    _ => why,
                })
            }
            ClaimState::Uncertain => {
                Some("PyPI is looked at until it is clear what is there; nothing is sent before".to_owned())
            }
            _ => None,
        })
    }

    /// One uploader works at a time: who asks for work has nothing under way any more.
    fn end_what_was_left(&self, tx: &Tx<'_>) -> Result<(), StoreError> {
        let why = "the uploader ended before it said what became of this".to_owned();
        for claim in tx.claims().live()? {
            if claim.state == ClaimState::Uploading && !claim.missing().is_empty() {
                let _ = self.take(tx, &claim, &ClaimEvent::Unanswered { why: why.clone() }, &Party::Daemon)?;
            }
        }
        Ok(())
    }

    pub(super) fn of(&self, tx: &Tx<'_>, world: &World, claim: &Claim) -> Result<Option<Work>, StoreError> {
        let key = claim.key.clone();
        let is_released = claim.released.is_some();
        Ok(match claim.state {
            _ if !is_released || self.waits(tx, &world.quota, claim)?.is_some() => None,
            // Not before its turn: a test index tells everybody the name.
            ClaimState::Approved => Some(Work::Rehearse { key, used: self.used(tx, claim)? }),
            ClaimState::Rehearsed | ClaimState::Partial => match claim.seal.clone() {
                Some(seal) => {
                    let missing = claim.missing().into_iter().map(str::to_owned).collect();
                    Some(Work::Upload { key, seal, missing, used: self.used(tx, claim)? })
                }
                None => None,
            },
            _ => None,
        })
    }

    /// Why its package is not tried at this moment.
    pub(super) fn is_unmade(&self, claim: &Claim) -> Option<String> {
        let until = claim.not_before.filter(|until| *until > self.now && claim.state == ClaimState::Approved)?;
        let (why, name) = (claim.note.as_deref().unwrap_or_default(), &claim.key.name);
        let until = until.format("%F %T UTC");
        Some(format!("{why}; it is tried again at {until}, or by `namewarden claim retry {name}` at once"))
    }

    /// Somebody hears of a package that cannot be made.
    fn tell_of_unmade(&self, tx: &Tx<'_>, claim: &Claim, told: &ClaimEvent) -> Result<(), StoreError> {
        let ClaimEvent::Hindered { site: Site::Package, why, .. } = told else { return Ok(()) };
        let (key, why) = (&claim.key, why.replace('`', "'"));
        let detail = format!("{key} is not published: {why}; then `namewarden claim retry {}`", key.name);
        let issue = HealthIssue::UploadsFailing { site: Site::Package };
        cases::raise_health(tx, &self.watchlist, &issue, &detail, self.now).map(drop)
    }

    /// Why it is not its moment yet.
    pub(super) fn waits(&self, tx: &Tx<'_>, quota: &Quota, claim: &Claim) -> Result<Option<String>, StoreError> {
        let now = self.now;
        if claim.state == ClaimState::Partial && !claim.seen.as_ref().is_some_and(Seen::lets_go_on) {
            return Ok(Some("it is looked at first".to_owned()));
        }
        if let Some(unmade) = self.is_unmade(claim) {
            return Ok(Some(unmade));
        }
        if let Some(until) = claim.not_before.filter(|until| *until > now) {
            let why = claim.note.as_deref().map(|note| format!(" ({note})")).unwrap_or_default();
            return Ok(Some(format!("it waits until {}{why}", until.format("%F %T UTC"))));
        }
        if let Some(refusal) = self.refusal_to_begin(claim) {
            return Ok(Some(refusal));
        }
        if let Some(why) = self.is_kept_by(tx, claim)? {
            return Ok(Some(why));
        }
        if claim.exists {
            return Ok(None);
        }
        if let Some(pause) = self.pause(tx)? {
            return Ok(Some(format!("{} until {}", pause.why, pause.until.format("%F %T UTC"))));
        }
        Ok(match quota.next(now) {
            Some(turn) if turn <= now => None,
            _ => Some(USED_UP.to_owned()),
        })
    }

    /// Why the last step before the first byte would not be taken: who agreed to it may be nobody by now.
    fn refusal_to_begin(&self, claim: &Claim) -> Option<String> {
        let begin = ClaimEvent::Begin { seal: claim.seal.clone()? };
        step(claim, &begin, &Party::Uploader, self.now, &self.policy).err().map(|refusal| refusal.to_string())
    }

    /// What the uploader tells of a claim; the claim as it stands then, or why that cannot be.
    ///
    /// # Errors
    /// Those of the store.
    pub fn report(&self, tx: &Tx<'_>, key: &ClaimKey, told: &ClaimEvent) -> Result<Result<Claim, String>, StoreError> {
        let Some(claim) = tx.claims().get(key)? else { return Ok(Err(format!("there is no claim {key}"))) };
        if matches!(told, ClaimEvent::Begin { .. })
            && let Some(why) = self.may_not_begin(tx, &claim)?
        {
            return Ok(Err(format!("{key} is not to be sent: {why}")));
        }
        let next = match self.take(tx, &claim, told, &Party::Uploader)? {
            Ok(next) => next,
            Err(refusal) => return Ok(Err(refusal.to_string())),
        };
        self.heed(tx, told)?;
        self.tell_of_unmade(tx, &next, told)?;
        match told {
            ClaimEvent::Begin { .. } if !claim.exists => tx.claims().use_slot(key, self.now)?,
            ClaimEvent::SetBack { setback, wait } => self.set_back(tx, &next, setback, *wait)?,
            _ => {}
        }
        self.tell_of_end(tx, &next)?;
        Ok(Ok(next))
    }

    fn may_not_begin(&self, tx: &Tx<'_>, claim: &Claim) -> Result<Option<String>, StoreError> {
        if let Some(obstacle) = self.obstacles(tx, &[claim])?.into_iter().next() {
            return Ok(Some(obstacle));
        }
        if let Some(doubt) = self.doubt(tx)? {
            return Ok(Some(doubt.why));
        }
        let world = self.world(tx)?;
        let plan = self.plan_of(&world);
        let planned = plan.get(&claim.key.name);
        // Whether it is taken is what its answer tells.
        let is_there = claim.exists || claim.seen == Some(Seen::Unnamed);
        if let Some(why) = planned.map_or_else(|| self.unfit(&claim.key.name), not_open).filter(|_| !is_there) {
            return Ok(Some(why));
        }
        match self.unsaid(claim).filter(|_| !is_there) {
            Some(why) => Ok(Some(why)),
            None => self.waits(tx, &world.quota, claim),
        }
    }

    /// What a setback means beyond its claim: for the day, for every claim, and for the name.
    fn set_back(&self, tx: &Tx<'_>, claim: &Claim, setback: &Setback, wait: Option<u32>) -> Result<(), StoreError> {
        if let Some(sent) = claim.sent_at.filter(|_| !claim.exists && costs_nothing(setback)) {
            tx.claims().free_slot(&claim.key, sent)?;
        }
        match setback.kind {
            Kind::Passing if setback.code == Setback::RATE_LIMITED => {
                let until = self.now + setback.rest(wait);
                tx.cursors().set(CLAIM_PAUSE, &Pause { until, why: setback.meaning.clone() })?;
            }
            Kind::Account | Kind::Unknown => self.halt(tx, claim, (&setback.in_full(), &setback.remedy))?,
            Kind::Final if is_of_the_text(setback) => self.halt(tx, claim, (&setback.in_full(), &setback.remedy))?,
            Kind::Passing | Kind::Final => {}
        }
        cases::expose(tx, &WatchId::name(&claim.key.name), self.now)
    }

    /// Everything stops until a person has looked, and is told so.
    pub(super) fn halt(&self, tx: &Tx<'_>, claim: &Claim, (why, remedy): (&str, &str)) -> Result<(), StoreError> {
        // The server's own words are no command of ours.
        let (why, name) = (why.replace('`', "'"), &claim.key.name);
        let looked = format!("{remedy}; then `namewarden claim retry {name}`");
        tx.cursors().set(CLAIM_HALT, &format!("{why}, at the upload of {}; {looked}", claim.key))?;
        let detail = format!(
            "{why}, at the upload of {}; nothing more is published until somebody has looked: {looked}",
            claim.key
        );
        cases::raise_health(tx, &self.watchlist, &HealthIssue::ClaimsStopped, &detail, self.now)?;
        Ok(())
    }
}

fn rests(rest: Resting, why: String) -> Work {
    Work::Rest { seconds: REST, why, rest }
}
