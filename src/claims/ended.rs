//! A claim that was let go and has ended without the name: whoever let it go believes that it is held, and anybody can take it.

use super::desk::Desk;
use crate::cases;
use crate::model::claim::{Claim, ClaimState};
use crate::model::health::HealthIssue;
use crate::model::{Exposure, ProjectName, WatchId};
use crate::store::{StoreError, Tx};

impl Desk {
    /// Tells the owner, where the name is still open. Of one that a stranger took they hear by its case, and of a project of
    /// ours that is another by its own.
    pub(super) fn tell_of_end(&self, tx: &Tx<'_>, claim: &Claim) -> Result<bool, StoreError> {
        let name = &claim.key.name;
        let is_lost = matches!(claim.state, ClaimState::Refused | ClaimState::Failed | ClaimState::Abandoned);
        if !is_lost || claim.released.is_none() || claim.exists || !is_open(tx, name)? {
            return Ok(false);
        }
        let state = claim.state.as_str();
        let why = claim.note.as_deref().unwrap_or("nobody said why").replace('`', "'");
        let remedy = claim.setback.as_ref().map_or("mend that", |setback| setback.remedy.as_str());
        let detail = format!(
            "{} was let go and is {state}, so that anybody can take the name: {why}; {remedy}, then \
             `namewarden claim propose {name}`; or leave it so: `namewarden health ack {}`",
            claim.key,
            issue(name)
        );
        cases::raise_health(tx, &self.watchlist, &issue(name), &detail, self.now)
    }

    /// Nobody needs to hear of it any more: a person plans anew.
    pub(super) fn begins_anew(&self, tx: &Tx<'_>, name: &ProjectName) -> Result<(), StoreError> {
        match tx.health().open(&issue(name))? {
            Some(_) => cases::clear_health(tx, &self.watchlist, &issue(name), self.now).map(drop),
            None => Ok(()),
        }
    }

    /// Resolves it where nobody can take the name any more, or nobody watches it. True when something is to be told.
    ///
    /// # Errors
    /// Those of the store.
    pub fn tell_of_closed_names(&self, tx: &Tx<'_>) -> Result<bool, StoreError> {
        let mut told = false;
        for case in tx.health().all_open()? {
            if let HealthIssue::ClaimEnded { name } = &case.issue
                && !(self.watch(name).is_some() && is_open(tx, name)?)
            {
                told |= cases::clear_health(tx, &self.watchlist, &case.issue, self.now)?;
            }
        }
        Ok(told)
    }
}

fn issue(name: &ProjectName) -> HealthIssue {
    HealthIssue::ClaimEnded { name: name.clone() }
}

fn is_open(tx: &Tx<'_>, name: &ProjectName) -> Result<bool, StoreError> {
    let exposure = tx.watches().exposure(&WatchId::name(name))?;
    Ok(matches!(exposure, Some(Exposure::Exposed | Exposure::Removed)))
}
