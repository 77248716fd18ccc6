//! A claim that was let go and has ended without the name: whoever let it go believes that it is held, and anybody can take it.

use super::desk::Desk;
use super::setback::is_reserved;
use crate::cases;
use crate::model::claim::{Claim, ClaimState, Name, Setback};
use crate::model::health::HealthIssue;
use crate::model::{Exposure, ProjectName, WatchId};
use crate::store::{StoreError, Tx};

impl Desk {
    /// Tells the owner, where the name is still open. Of one that a stranger took they hear by its case, and of a project of
    /// ours that is another by its own.
    pub(super) fn tell_of_end(&self, tx: &Tx<'_>, claim: &Claim) -> Result<bool, StoreError> {
        let name = &claim.key.name;
        let is_lost = matches!(claim.state, ClaimState::Refused | ClaimState::Failed | ClaimState::Abandoned);
        let reserved = is_reserved(claim);
        if !is_lost || claim.released.is_none() || claim.exists || !(reserved || is_open(tx, name)?) {
            return Ok(false);
        }
        let who = if reserved { "one organization on PyPI" } else { "anybody" };
        let state = claim.state.as_str();
        let note = claim.note.as_deref().unwrap_or("nobody said why").replace('`', "'");
        let (why, remedy) = match &claim.setback {
            // What was said of it is over: it is told because the project is gone.
            Some(setback) if *setback == Setback::held() => {
                ("somebody else held the project, which is gone", "`namewarden findings list --all` shows its case")
            }
            setback => (note.as_str(), setback.as_ref().map_or("mend that", |setback| setback.remedy.as_str())),
        };
        let detail = format!(
            "{} was let go and is {state}, so that {who} can take the name: {why}; {remedy}, then \
             `namewarden claim propose {name}`; or leave it so: `namewarden health ack {}`",
            claim.key,
            issue(name)
        );
        cases::raise_health(tx, &self.watchlist, &issue(name), &detail, self.now)
    }

    /// A name that nobody could take when its claim ended, and that anybody can take since: a stranger's project, or one that reads
    /// the same, is gone. True when something is to be told.
    ///
    /// # Errors
    /// Those of the store.
    pub fn tell_of_reopened_names(&self, tx: &Tx<'_>) -> Result<bool, StoreError> {
        let was_closed = |claim: &Claim| {
            let why = claim.setback.as_ref().map(|setback| setback.name);
            matches!(why, Some(Name::Held | Name::Similar)) && claim.accepted.is_none()
        };
        let mut told = false;
        for claim in tx.claims().newest()?.iter().filter(|claim| was_closed(claim)) {
            told |= self.watch(&claim.key.name).is_some() && self.tell_of_end(tx, claim)?;
        }
        Ok(told)
    }

    /// Nobody needs to hear of it any more: a person plans anew. What became of the project that was ours is over with that, too.
    pub(super) fn begins_anew(&self, tx: &Tx<'_>, name: &ProjectName) -> Result<(), StoreError> {
        for issue in [issue(name), HealthIssue::ClaimChanged { name: name.clone() }] {
            if tx.health().open(&issue)?.is_some() {
                cases::clear_health(tx, &self.watchlist, &issue, self.now)?;
            }
        }
        Ok(())
    }

    /// Resolves it where nobody can take the name any more, or nobody watches it. True when something is to be told.
    ///
    /// # Errors
    /// Those of the store.
    pub fn tell_of_closed_names(&self, tx: &Tx<'_>) -> Result<bool, StoreError> {
        let mut told = false;
        for case in tx.health().all_open()? {
            if let HealthIssue::ClaimEnded { name } = &case.issue
                && !(self.watch(name).is_some() && is_for_others(tx, name)?)
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

/// Can others take it: anybody, or the organization for which PyPI has reserved it?
fn is_for_others(tx: &Tx<'_>, name: &ProjectName) -> Result<bool, StoreError> {
    Ok(is_open(tx, name)? || tx.claims().last_of(name)?.as_ref().is_some_and(is_reserved))
}

fn is_open(tx: &Tx<'_>, name: &ProjectName) -> Result<bool, StoreError> {
    let exposure = tx.watches().exposure(&WatchId::name(name))?;
    Ok(matches!(exposure, Some(Exposure::Exposed | Exposure::Removed)))
}
