//! Letting go what is approved: what keeps everything here, and what would be done with each claim.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::desk::{Desk, World};
use super::plan::plan;
use crate::model::claim::{Claim, ClaimEvent, ClaimKey, ClaimState, Party};
use crate::model::{ProjectName, Time, count};
use crate::store::{CLAIM_HALT, StoreError, Tx};

/// So many names in all are a handful; more is bulk to PyPI, and has cost companies their accounts.
const HANDFUL: usize = 10;

/// What `claim apply` did, or would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// Was anything let go?
    pub done: bool,
    /// What keeps everything here, each with its remedy.
    pub obstacles: Vec<String>,
    pub lines: Vec<ApplyLine>,
    /// Names without a claim, or with one that is over.
    pub unknown: Vec<ProjectName>,
}

/// One claim, and what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplyLine {
    pub claim: ClaimKey,
    pub state: ClaimState,
    /// When its turn comes.
    pub turn: Option<Time>,
    pub says: String,
}

impl Desk {
    /// Lets go the approved claims of these names, or all; or only says what that would do.
    ///
    /// # Errors
    /// Those of the store.
    pub fn apply(&self, tx: &Tx<'_>, names: &[ProjectName], yes: bool, by: &Party) -> Result<Applied, StoreError> {
        let live = tx.claims().live()?;
        let wanted = |claim: &&Claim| names.is_empty() || names.contains(&claim.key.name);
        let chosen: Vec<&Claim> = live.iter().filter(wanted).collect();
        let obstacles = self.obstacles(tx, &chosen)?;
        let done = yes && obstacles.is_empty();
        for claim in chosen.iter().filter(|claim| done && is_agreed(claim) && claim.released.is_none()) {
            // Whoever may not is refused by every step alike.
            if let Err(refusal) = self.take(tx, claim, &ClaimEvent::Release, by)? {
                return Ok(Applied {
                    done: false,
                    obstacles: vec![refusal.to_string()],
                    lines: vec![],
                    unknown: vec![],
                });
            }
        }
        let unknown = names.iter().filter(|name| !live.iter().any(|claim| claim.key.name == **name)).cloned().collect();
        let world = self.world(tx)?;
        let lines = chosen.iter().map(|claim| self.says(&world, claim, done)).collect();
        Ok(Applied { done, obstacles, lines, unknown })
    }

    /// What keeps all of them here.
    pub(super) fn obstacles(&self, tx: &Tx<'_>, chosen: &[&Claim]) -> Result<Vec<String>, StoreError> {
        let (settings, inventory) = (&self.settings, &self.watchlist.inventory);
        let registrants = &inventory.registrants;
        let unset = |is: bool, text: &str| is.then(|| text.to_owned());
        let mut obstacles: Vec<String> = [
            unset(!settings.enabled, "nothing is published: write [claim] enabled = true"),
            unset(settings.upload.to.is_none(), "there is no address to publish to: write [claim.upload] address"),
            unset(settings.company.is_none(), "nobody is named as the publisher: write [claim] company"),
            unset(settings.contact.is_none(), "there is no address for questions: write [claim] contact"),
            unset(
                registrants.users.is_empty() && registrants.organizations.is_empty(),
                "no account on PyPI is known as ours, so what is published could not be told from a stranger's: write \
                 [registrants] into the inventory",
            ),
        ]
        .into_iter()
        .flatten()
        .collect();
        if let Some(why) = tx.cursors().get::<String>(CLAIM_HALT)? {
            obstacles.push(format!("everything is stopped: {why}; look, then `namewarden claim retry` of that name"));
        }
        obstacles.extend(self.too_many(tx, chosen)?);
        Ok(obstacles)
    }

    fn too_many(&self, tx: &Tx<'_>, chosen: &[&Claim]) -> Result<Option<String>, StoreError> {
        let mut names: BTreeSet<ProjectName> = tx.claims().sent()?.into_iter().collect();
        names.extend(chosen.iter().filter(|claim| is_agreed(claim)).map(|claim| claim.key.name.clone()));
        if names.len() <= HANDFUL || tx.claims().agreement()?.is_some() {
            return Ok(None);
        }
        let names = count(names.len(), "name", "names");
        Ok(Some(format!(
            "that makes {names} in all, and PyPI takes more than {HANDFUL} for bulk: ask its administrators \
             (`namewarden claim request` helps), then `namewarden claim agreement REFERENCE`"
        )))
    }

    fn says(&self, world: &World, claim: &Claim, done: bool) -> ApplyLine {
        let plan = plan(&self.known(world));
        let planned = plan.iter().find(|planned| planned.name == claim.key.name);
        let turn = planned.and_then(|planned| planned.turn).map(|turn| turn.max(claim.not_before.unwrap_or(turn)));
        let day =
            turn.map_or_else(|| "when its turn comes".to_owned(), |turn| turn.format("on %F at %H:%M UTC").to_string());
        let says = match claim.state {
            ClaimState::Planned => format!("waits for approval: `namewarden claim approve {}`", claim.key.name),
            state if state.is_open_at_pypi() => "PyPI may have something of it: it is looked at".to_owned(),
            _ if claim.released.is_some() || done => format!("is rehearsed, and published {day}"),
            _ => format!("would be rehearsed, and published {day}"),
        };
        ApplyLine { claim: claim.key.clone(), state: claim.state, turn, says }
    }
}

fn is_agreed(claim: &Claim) -> bool {
    matches!(claim.state, ClaimState::Approved | ClaimState::Rehearsed)
}
