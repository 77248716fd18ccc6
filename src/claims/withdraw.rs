//! What lost its reason before anything was sent.

use super::desk::{Desk, World};
use super::plan::{Planned, Protection};
use super::rule::not_open;
use crate::cases;
use crate::model::Exposure;
use crate::model::claim::{Claim, ClaimEvent, Party, Setback};
use crate::store::{StoreError, Tx};

impl Desk {
    /// What lost its reason before anything was sent is not sent: a stranger's name costs none of the day's projects.
    pub(super) fn withdraw(&self, tx: &Tx<'_>, world: &World) -> Result<(), StoreError> {
        let plan = self.plan_of(world);
        for claim in tx.claims().live()?.iter().filter(|claim| !claim.state.is_open_at_pypi()) {
            let unfit = match plan.get(&claim.key.name) {
                None => self.unfit(&claim.key.name),
                Some(planned) => not_open(planned),
            };
            let why = match unfit.or_else(|| self.unsaid(claim)) {
                None => self.came_and_went(tx, claim)?,
                why => why,
            };
            let setback = plan.get(&claim.key.name).and_then(setback);
            if let Some(why) = why
                && let Ok(ended) = self.take(tx, claim, &ClaimEvent::Abandon { why }, &Party::Daemon)?
            {
                let setback = setback.or_else(|| ended.setback.clone());
                let ended = Claim { setback, ..ended };
                tx.claims().keep(&ended)?;
                self.tell_of_end(tx, &ended)?;
            }
        }
        Ok(())
    }

    /// Was it registered after people agreed to it, and is gone, and did nobody see whose it was? It may have been ours, where the
    /// store is one of before; and whoever removed it had a reason.
    fn came_and_went(&self, tx: &Tx<'_>, claim: &Claim) -> Result<Option<String>, StoreError> {
        let Some(approved) = claim.approved.as_ref().filter(|_| claim.begun.is_none()) else { return Ok(None) };
        let name = &claim.key.name;
        let came = cases::last_registered(tx, name)?.filter(|at| *at > approved.at);
        let Some(came) = came else { return Ok(None) };
        if cases::was_a_strangers(tx, &self.watchlist.inventory.registrants, name, approved.at)? {
            return Ok(None);
        }
        Ok(Some(format!(
            "{name} was registered at {} and is gone, and nobody saw whose it was: its case among the findings says what is known",
            came.format("%F %T UTC")
        )))
    }
}

/// What stands in its way: a project under the very name that is none of ours, as far as is known, or one that reads the same.
/// Once that is gone, anybody can take the name.
fn setback(planned: &Planned) -> Option<Setback> {
    match (planned.protection, &planned.exposure) {
        (Protection::Case, Some(Exposure::Taken)) => Some(Setback::held()),
        (Protection::None, Some(Exposure::Shielded { .. })) => Some(Setback::similar()),
        _ => None,
    }
}
