//! What goes on without a person: claims of watches with `claim = "auto"`, and names claimed back. Everything here stops with
//! everything else, and nothing of it begins again where a person has stopped it.

use std::time::Duration;

use super::bulk::Bulk;
use super::desk::{Desk, World};
use super::plan::{Planned, plan};
use super::rule::not_open;
use crate::cases;
use crate::model::claim::{Claim, ClaimEvent, ClaimState, Name, Origin, Party};
use crate::model::health::HealthIssue;
use crate::model::{ProjectName, WatchId};
use crate::store::{StoreError, Tx};

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
        let world = self.world(tx)?;
        let (mut bulk, mut moved) = (self.bulk(tx)?, 0);
        for planned in &plan(&self.known(&world)) {
            if let Some(origin) = self.comes_by_itself(tx, &world, planned)? {
                let claim = self.new_claim(tx, &planned.name, origin, &Party::Daemon)?;
                cases::announce_claim(tx, &self.watchlist, &claim, self.now)?;
                moved += 1;
            }
        }
        let mut waits = None;
        for claim in tx.claims().live()?.iter().filter(|claim| claim.state == ClaimState::Planned) {
            match self.goes_on(tx, claim, &mut bulk)? {
                Ok(goes) => moved += usize::from(goes),
                Err(why) => waits = waits.or(Some((claim.key.name.clone(), why))),
            }
        }
        if let Some((name, why)) = waits {
            self.tell_that_it_waits(tx, &name, &why)?;
        }
        Ok(moved)
    }

    /// How long until the next window ends, or an announcement may have arrived; `None` where nothing waits for either.
    ///
    /// # Errors
    /// Those of the store.
    pub fn next_window(&self, tx: &Tx<'_>) -> Result<Option<Duration>, StoreError> {
        let live = tx.claims().live()?;
        let waits = live.iter().filter(|claim| claim.state == ClaimState::Planned && claim.origin != Origin::Person);
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
            Some(last) if self.was_lost_to_a_stranger(tx, last)? => match (last.approved.is_some(), auto) {
                (true, _) => Some(Origin::Back),
                (false, auto) => auto.then_some(Origin::Automatic),
            },
            // What a person stopped, what PyPI refused and what was ours and is gone is for people.
            Some(_) => None,
        })
    }

    /// Did the last claim end because somebody else had the name, and not by a person?
    fn was_lost_to_a_stranger(&self, tx: &Tx<'_>, last: &Claim) -> Result<bool, StoreError> {
        let held = last.setback.as_ref().is_some_and(|setback| setback.name == Name::Held);
        Ok(match last.state {
            ClaimState::Refused => held,
            ClaimState::Abandoned => tx.claims().trail(&last.key)?.last().is_some_and(|line| line.by == Party::Daemon),
            _ => false,
        })
    }

    /// Does it move? Within, why PyPI has to agree first.
    fn goes_on(&self, tx: &Tx<'_>, claim: &Claim, bulk: &mut Bulk) -> Result<Result<bool, String>, StoreError> {
        if claim.origin == Origin::Person {
            return Ok(Ok(false));
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
        let goes = self.take(tx, &claim, &ClaimEvent::Approve, &Party::Configuration)?.is_ok();
        if goes {
            bulk.add(&claim.key.name);
        }
        Ok(Ok(goes))
    }

    /// More than a handful is for people, and they are told that it waits.
    fn tell_that_it_waits(&self, tx: &Tx<'_>, name: &ProjectName, why: &str) -> Result<(), StoreError> {
        let detail = format!("{name} is not published: {why}");
        cases::raise_health(tx, &self.watchlist, &HealthIssue::ClaimsStopped, &detail, self.now).map(drop)
    }
}
