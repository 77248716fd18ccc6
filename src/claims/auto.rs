//! What goes on without a person: claims of watches with `claim = "auto"`, and names claimed back. Everything here stops with
//! everything else, and nothing of it begins again where a person has stopped it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::TimeDelta;

use super::bulk::Bulk;
use super::desk::{Desk, World};
use super::plan::{Planned, plan};
use super::publishers::PublisherRoom;
use super::rule::not_open;
use crate::cases;
use crate::model::claim::{Claim, ClaimEvent, ClaimState, Decision, Name, Origin, Party};
use crate::model::health::HealthIssue;
use crate::model::{ProjectName, Time, WatchId};
use crate::store::{CLAIM_MINDED, StoreError, Tx};

/// So long nobody minds a window before it counts as one that nobody minded: it is looked at every minute.
const GAP: TimeDelta = TimeDelta::minutes(15);
/// Between two looks whether an owner has been told.
const SOON: Duration = Duration::from_secs(1);

impl Desk {
    /// One round: plans what is due, tells the owners, and agrees to what nobody stopped. Gives how many claims moved.
    ///
    /// # Errors
    /// Those of the store.
    pub fn automatic(&self, tx: &Tx<'_>) -> Result<usize, StoreError> {
        if !self.obstacles(tx, &[])?.is_empty() || self.doubt(tx)?.is_some() {
            return Ok(0);
        }
        let mut moved = self.begin_anew_after_a_gap(tx)?;
        moved += self.begin(tx)?;
        let waiting: Vec<Claim> = tx.claims().live()?.into_iter().filter(waits).collect();
        let (mut kept, mut limits) = (None, (self.bulk(tx)?, self.publishers(&tx.claims().live()?)));
        for claim in &waiting {
            match self.goes_on(tx, claim, &mut limits)? {
                Ok(goes) => moved += usize::from(goes),
                Err(why) => kept = kept.or(Some((claim.key.name.clone(), why))),
            }
        }
        if let Some((name, why)) = kept {
            self.tell_that_it_waits(tx, &name, &why)?;
        }
        if !waiting.is_empty() {
            tx.cursors().set(CLAIM_MINDED, &self.now)?;
        }
        Ok(moved)
    }

    /// Plans what is due, and tells the owners. Gives how many claims that makes.
    fn begin(&self, tx: &Tx<'_>) -> Result<usize, StoreError> {
        let world = self.world(tx)?;
        let (mut many, mut back) = (0, world.claims.values().filter(|claim| is_coming_back(claim)).count());
        for planned in &plan(&self.known(&world)) {
            let Some(origin) = self.comes_by_itself(tx, &world, planned)? else { continue };
            let last = world.claims.get(&planned.name).filter(|_| origin == Origin::Back);
            let why = last.map(|last| self.why_back(tx, last)).transpose()?;
            let claim = self.new_claim(tx, &planned.name, origin, &Party::Daemon, why.unwrap_or_default())?;
            let turn = match origin {
                // It goes before all others, but for those that come back as it does.
                Origin::Back => world.quota.turns(self.now, back + 1).pop(),
                _ => planned.turn,
            };
            cases::announce_claim(tx, &self.watchlist, &claim, turn, self.now)?;
            (many, back) = (many + 1, back + usize::from(origin == Origin::Back));
        }
        Ok(many)
    }

    /// A window is for people to stop what would go by itself. It counts while they could: where nobody minded it for a while
    /// (no daemon, nothing enabled, another clock), its owner is told anew, and it begins from there.
    fn begin_anew_after_a_gap(&self, tx: &Tx<'_>) -> Result<usize, StoreError> {
        let minded: Option<Time> = tx.cursors().get(CLAIM_MINDED)?;
        if minded.is_some_and(|minded| (self.now - minded).abs() <= GAP) {
            return Ok(0);
        }
        let told = |claim: &Claim| waits(claim) && claim.announced.is_some();
        let told: Vec<Claim> = tx.claims().live()?.into_iter().filter(told).collect();
        for claim in &told {
            let next = Claim { announced: None, told_anew: claim.told_anew + 1, ..claim.clone() };
            let why = "nobody could have stopped it for a while: its window begins anew".to_owned();
            tx.claims().put(&next, &self.line("told-anew", &next, &Party::Daemon, why))?;
            cases::announce_claim(tx, &self.watchlist, &next, None, self.now)?;
        }
        Ok(told.len())
    }

    /// Why the configuration agrees to it no more; or to what it agreed to, as long as nothing is sent.
    pub(super) fn unsaid(&self, claim: &Claim) -> Option<String> {
        let by_people = |by: &Party| *by != Party::Configuration;
        if !claim.origin.is_by_itself() || claim.approved.as_ref().is_some_and(|approved| by_people(&approved.by)) {
            return None;
        }
        let terms = self.watchlist.inventory.terms(&WatchId::name(&claim.key.name));
        let says = match claim.origin {
            Origin::Automatic => terms.auto,
            _ => claim.terms.is_none_or(|before| before == terms),
        };
        (!says).then(|| "the inventory no longer says what it was planned for".to_owned())
    }

    /// How long until the next window ends, or an announcement may have arrived; `None` where nothing waits for either.
    ///
    /// # Errors
    /// Those of the store.
    pub fn next_window(&self, tx: &Tx<'_>) -> Result<Option<Duration>, StoreError> {
        let live = tx.claims().live()?;
        let waits = live.iter().filter(|claim| waits(claim));
        let left = |claim: &Claim| claim.window_ends().map_or(SOON, |ends| (ends - self.now).to_std().unwrap_or(SOON));
        Ok(waits.map(left).min().map(|left| left.max(SOON)))
    }

    /// Is a claim of it due that nobody has to ask for?
    fn comes_by_itself(&self, tx: &Tx<'_>, world: &World, planned: &Planned) -> Result<Option<Origin>, StoreError> {
        let watch = WatchId::name(&planned.name);
        let auto = self.watchlist.inventory.terms(&watch).auto;
        if not_open(planned).is_some() {
            return Ok(None);
        }
        Ok(match world.claims.get(&planned.name) {
            None => auto.then_some(Origin::Automatic),
            Some(last) if self.comes_back(tx, last)? => Some(Origin::Back),
            Some(last) if auto && self.ended_by_itself(tx, last)? => Some(Origin::Automatic),
            // What a person stopped, what PyPI refused and what was ours and is gone is for people.
            Some(_) => None,
        })
    }

    /// Names with `claim = "auto"` whose last claim leaves the next to people.
    pub(super) fn stopped(
        &self,
        tx: &Tx<'_>,
        claims: &BTreeMap<ProjectName, Claim>,
    ) -> Result<BTreeSet<ProjectName>, StoreError> {
        let mut stopped = BTreeSet::new();
        let is_auto = |name: &ProjectName| self.watchlist.inventory.terms(&WatchId::name(name)).auto;
        for (name, last) in claims.iter().filter(|(name, last)| last.state.is_over() && is_auto(name)) {
            if !(self.comes_back(tx, last)? || self.ended_by_itself(tx, last)?) {
                stopped.insert(name.clone());
            }
        }
        Ok(stopped)
    }

    /// Was it approved and let go, lost to a project that a stranger was seen to hold, and does the inventory say the same as
    /// at the approval? Then nothing is new for a person to decide. What was withdrawn for any other reason, and what nobody
    /// saw in other hands, as our own project that is gone, is for people.
    fn comes_back(&self, tx: &Tx<'_>, last: &Claim) -> Result<bool, StoreError> {
        let terms = self.watchlist.inventory.terms(&WatchId::name(&last.key.name));
        match &last.approved {
            Some(approved) if last.released.is_some() && last.terms == Some(terms) && was_lost(last) => {
                cases::was_a_strangers(tx, &self.watchlist.inventory.registrants, &last.key.name, approved.at)
            }
            _ => Ok(false),
        }
    }

    /// On whose word it rests that a name is claimed back, for the trail: nobody is asked anew. What came back itself rests on the word
    /// that its own trail begins with.
    fn why_back(&self, tx: &Tx<'_>, last: &Claim) -> Result<String, StoreError> {
        if last.origin == Origin::Back
            && let Some(first) = tx.claims().trail(&last.key)?.into_iter().next()
        {
            return Ok(first.detail);
        }
        let by = |decided: &Decision| format!("{} on {}", decided.by, decided.at.format("%F"));
        let [approved, released] =
            [&last.approved, &last.released].map(|decided| decided.as_ref().map(by).unwrap_or_default());
        Ok(format!(
            "claimed back, as {} was approved by {approved} and let go by {released}, and a stranger had the name since",
            last.key
        ))
    }

    /// Did it end without a person's word, and without PyPI's?
    fn ended_by_itself(&self, tx: &Tx<'_>, last: &Claim) -> Result<bool, StoreError> {
        Ok(match last.state {
            ClaimState::Refused => was_lost(last),
            ClaimState::Abandoned => tx.claims().trail(&last.key)?.last().is_some_and(|line| line.by == Party::Daemon),
            _ => false,
        })
    }

    /// Does it move? Within, why PyPI has to agree first.
    fn goes_on(
        &self,
        tx: &Tx<'_>,
        claim: &Claim,
        (bulk, publishers): &mut (Bulk, PublisherRoom),
    ) -> Result<Result<bool, String>, StoreError> {
        if let Some(why) = self.unsaid(claim) {
            return Ok(Ok(self.take(tx, claim, &ClaimEvent::Abandon { why }, &Party::Daemon)?.is_ok()));
        }
        let mut claim = claim.clone();
        if claim.announced.is_none() && cases::is_claim_announced(tx, &self.watchlist, &claim, self.now)? {
            match self.take(tx, &claim, &ClaimEvent::Announced, &Party::Daemon)? {
                Ok(told) => claim = told,
                Err(_) => return Ok(Ok(false)),
            }
        }
        if !(claim.origin == Origin::Back || claim.window_ends().is_some_and(|ends| ends <= self.now)) {
            return Ok(Ok(false));
        }
        if let Some(why) = bulk.refuses([&claim.key.name]) {
            return Ok(Err(why));
        }
        if publishers.refuses(&claim.key.name, 0).is_some() {
            return Ok(Ok(false));
        }
        // One person may have agreed before; then the configuration is the second.
        let event = if claim.state == ClaimState::Planned { ClaimEvent::Approve } else { ClaimEvent::Release };
        let goes = self.take(tx, &claim, &event, &Party::Configuration)?.is_ok();
        if goes {
            bulk.add(&claim.key.name);
            publishers.add(&claim.key.name);
        }
        Ok(Ok(goes))
    }

    /// More than a handful is for people, and they are told that it waits.
    fn tell_that_it_waits(&self, tx: &Tx<'_>, name: &ProjectName, why: &str) -> Result<(), StoreError> {
        let detail = format!("{name} is not published: {why}");
        cases::raise_health(tx, &self.watchlist, &HealthIssue::ClaimsStopped, &detail, self.now).map(drop)
    }
}

/// Does it go on by itself, when its time has come?
fn waits(claim: &Claim) -> bool {
    let is_held = claim.state == ClaimState::Planned || claim.state == ClaimState::Approved;
    claim.origin.is_by_itself() && is_held && claim.released.is_none()
}

/// Does it wait for its turn before all that do not come back?
fn is_coming_back(claim: &Claim) -> bool {
    let is_sent = claim.state.is_over() || claim.state.is_open_at_pypi();
    claim.origin == Origin::Back && !is_sent
}

/// Did it end because somebody else had the name?
fn was_lost(last: &Claim) -> bool {
    let is_over = matches!(last.state, ClaimState::Refused | ClaimState::Abandoned);
    is_over && last.setback.as_ref().is_some_and(|setback| setback.name == Name::Held)
}
