//! What people decide about claims: each name on its own, so that one that is refused costs the others nothing.

use serde::{Deserialize, Serialize};

use super::desk::Desk;
use super::plan::{Planned, Protection};
use super::unfit::unfit;
use crate::model::ProjectName;
use crate::model::claim::{Claim, ClaimDecision, ClaimEvent, ClaimKey, ClaimState, Origin, Party, decides};
use crate::store::{CLAIM_HALT, CLAIM_PAUSE, StoreError, Tx};

/// What became of one name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuledClaim {
    pub name: ProjectName,
    pub claim: Option<(ClaimKey, ClaimState)>,
    /// Why nothing was done, with the remedy.
    pub refused: Option<String>,
}

impl RuledClaim {
    fn done(claim: &Claim) -> Self {
        Self { name: claim.key.name.clone(), claim: Some((claim.key.clone(), claim.state)), refused: None }
    }

    fn refused(name: &ProjectName, claim: Option<&Claim>, why: impl ToString) -> Self {
        let claim = claim.map(|claim| (claim.key.clone(), claim.state));
        Self { name: name.clone(), claim, refused: Some(why.to_string()) }
    }
}

impl Desk {
    /// Records that these names are to be claimed.
    ///
    /// # Errors
    /// Those of the store.
    pub fn propose(&self, tx: &Tx<'_>, names: &[ProjectName], by: &Party) -> Result<Vec<RuledClaim>, StoreError> {
        let plan = self.plan(tx)?;
        names.iter().map(|name| self.propose_one(tx, &plan, name, by)).collect()
    }

    fn propose_one(
        &self,
        tx: &Tx<'_>,
        plan: &[Planned],
        name: &ProjectName,
        by: &Party,
    ) -> Result<RuledClaim, StoreError> {
        let last = tx.claims().last_of(name)?;
        let refused = |why: String| Ok(RuledClaim::refused(name, last.as_ref(), why));
        if let Err(refusal) = decides(by, &self.policy) {
            return refused(refusal.to_string());
        }
        let Some(planned) = plan.iter().find(|planned| planned.name == *name) else {
            return refused(not_watched(name));
        };
        match (last.as_ref().filter(|claim| !claim.state.is_over()), not_open(planned)) {
            (Some(live), _) => refused(format!("{} is {} already: go on from there", live.key, live.state.as_str())),
            (None, Some(why)) => refused(why),
            (None, None) => Ok(RuledClaim::done(&self.new_claim(tx, name, Origin::Person, by)?)),
        }
    }

    /// Stores a new claim.
    pub(super) fn new_claim(
        &self,
        tx: &Tx<'_>,
        name: &ProjectName,
        origin: Origin,
        by: &Party,
    ) -> Result<Claim, StoreError> {
        let window = chrono::TimeDelta::from_std(self.settings.window).unwrap_or(chrono::TimeDelta::days(1));
        let claim = Claim::planned(tx.claims().next_key(name)?, origin, window, by.clone(), self.now);
        tx.claims().put(&claim, &self.line("plan", &claim, by, String::new()))?;
        Ok(claim)
    }

    /// A person's decision on the newest claim of each name.
    ///
    /// # Errors
    /// Those of the store.
    pub fn decide(
        &self,
        tx: &Tx<'_>,
        names: &[ProjectName],
        (decision, note): (ClaimDecision, Option<&str>),
        by: &Party,
    ) -> Result<Vec<RuledClaim>, StoreError> {
        let mut ruled = Vec::with_capacity(names.len());
        for name in names {
            let Some(claim) = tx.claims().last_of(name)? else {
                ruled.push(RuledClaim::refused(name, None, no_claim(name)));
                continue;
            };
            ruled.push(self.decide_one(tx, &claim, decision, note, by)?);
        }
        Ok(ruled)
    }

    fn decide_one(
        &self,
        tx: &Tx<'_>,
        claim: &Claim,
        decision: ClaimDecision,
        note: Option<&str>,
        by: &Party,
    ) -> Result<RuledClaim, StoreError> {
        let name = &claim.key.name;
        if decision == ClaimDecision::Approve
            && let Some(why) = self.unfit(name)
        {
            return Ok(RuledClaim::refused(name, Some(claim), why));
        }
        let why = note.unwrap_or("no reason was given").to_owned();
        let event = match decision {
            ClaimDecision::Approve => ClaimEvent::Approve,
            ClaimDecision::Reject => ClaimEvent::Reject { why },
            ClaimDecision::Abandon => ClaimEvent::Abandon { why },
            ClaimDecision::Retry => ClaimEvent::Retry,
        };
        match self.take(tx, claim, &event, by)? {
            Err(refusal) => Ok(RuledClaim::refused(name, Some(claim), refusal)),
            Ok(next) => {
                if decision == ClaimDecision::Retry {
                    tx.cursors().clear(CLAIM_HALT)?;
                    tx.cursors().clear(CLAIM_PAUSE)?;
                }
                Ok(RuledClaim::done(&next))
            }
        }
    }

    /// Why no package may be published for this name, whoever approves.
    pub(super) fn unfit(&self, name: &ProjectName) -> Option<String> {
        let Some(watch) = self.watch(name) else { return Some(not_watched(name)) };
        unfit(watch, self.watchlist.inventory.terms(&watch.id).publicity, &self.settings.version)
    }
}

fn not_watched(name: &ProjectName) -> String {
    format!("{name} is no name of the inventory, and nothing else is claimed: add it, or correct the spelling")
}

fn no_claim(name: &ProjectName) -> String {
    format!("there is no claim of {name}: `namewarden claim plan {name}` makes one")
}

/// Why a claim would be in vain.
pub(super) fn not_open(planned: &Planned) -> Option<String> {
    let (name, why) = (&planned.name, &planned.why);
    match planned.protection {
        Protection::None | Protection::Unknown | Protection::Secret => Some(match planned.how.as_str() {
            "" => format!("{name} needs no claim: {why}"),
            how => format!("{name} cannot be claimed: {why}; {how}"),
        }),
        Protection::Covered => Some(format!("{name} needs no claim of its own: {why}")),
        Protection::Case => Some(format!("{name} cannot be claimed: {why}; {}", planned.how)),
        Protection::Namespace | Protection::Request | Protection::ByHand | Protection::Publish => planned.unfit.clone(),
    }
}
