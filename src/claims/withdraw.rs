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
            let is_taken = plan.get(&claim.key.name).is_some_and(is_taken);
            if let Some(why) = why
                && let Ok(ended) = self.take(tx, claim, &ClaimEvent::Abandon { why }, &Party::Daemon)?
            {
                if is_taken {
                    tx.claims().keep(&Claim { setback: Some(Setback::held()), ..ended.clone() })?;
                }
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
        if cases::was_a_strangers(tx, name, approved.at)? {
            return Ok(None);
        }
        Ok(Some(format!(
            "{name} was registered at {} and is gone, and nobody saw whose it was: `namewarden findings list --all` shows the case",
            came.format("%F %T UTC")
        )))
    }
}

/// Does a project stand under the very name that is none of ours, as far as is known?
fn is_taken(planned: &Planned) -> bool {
    planned.protection == Protection::Case && planned.exposure == Some(Exposure::Taken)
}
