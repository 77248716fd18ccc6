//! One claim as people look at it: where it stands, what comes next, and all that happened.

use super::desk::Desk;
use crate::model::ProjectName;
use crate::model::claim::{Claim, ClaimState};
use crate::store::{ClaimLine, StoreError, Tx};

/// The file of one claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimFile {
    pub claim: Claim,
    /// What it waits for, or what a person can do.
    pub next: String,
    /// Oldest first.
    pub trail: Vec<ClaimLine>,
}

impl Desk {
    /// The newest claim of each of these names, or of all, in their order, behind a name and at most so many; names without
    /// one are left out.
    ///
    /// # Errors
    /// Those of the store.
    pub fn files(
        &self,
        tx: &Tx<'_>,
        names: &[ProjectName],
        after: Option<&ProjectName>,
        most: usize,
    ) -> Result<Vec<ClaimFile>, StoreError> {
        let newest = tx.claims().newest()?.into_iter();
        let named = newest.filter(|claim| names.is_empty() || names.contains(&claim.key.name));
        let wanted = named.filter(|claim| after.is_none_or(|after| claim.key.name > *after)).take(most);
        wanted
            .map(|claim| Ok(ClaimFile { next: self.next(&claim), trail: tx.claims().trail(&claim.key)?, claim }))
            .collect()
    }

    fn next(&self, claim: &Claim) -> String {
        let due = claim.state == ClaimState::Rehearsed && claim.released.is_some() && claim.not_before.is_none();
        self.refusal_to_begin(claim).filter(|_| due).unwrap_or_else(|| next(claim))
    }
}

/// What it waits for, as long as nothing forbids it.
fn next(claim: &Claim) -> String {
    let name = &claim.key.name;
    let at = |at: chrono::DateTime<chrono::Utc>| at.format("%F %T UTC").to_string();
    let remedy = claim.setback.as_ref().map(|setback| setback.remedy.clone());
    match claim.state {
        ClaimState::Planned => match claim.window_ends() {
            Some(ends) => format!("approves itself at {}; `namewarden claim reject {name}` stops it", at(ends)),
            None => format!("another person than the planner: `namewarden claim approve {name}`"),
        },
        ClaimState::Approved | ClaimState::Rehearsed if claim.released.is_none() => {
            "`namewarden claim apply` says what would be done, with --yes it is".to_owned()
        }
        ClaimState::Approved => "the uploader builds and tries the package".to_owned(),
        ClaimState::Rehearsed => match claim.not_before {
            Some(until) => format!("waits until {}", at(until)),
            None => "the uploader sends it when its turn comes".to_owned(),
        },
        ClaimState::Uploading => "the uploader sends it; then PyPI is looked at".to_owned(),
        ClaimState::Partial | ClaimState::Uncertain => {
            "PyPI is looked at until it is clear what is there; nothing is sent before".to_owned()
        }
        ClaimState::Ours => "PyPI is looked at every day, and its owner is told when something changes".to_owned(),
        ClaimState::Refused | ClaimState::Failed => {
            remedy.unwrap_or_else(|| format!("mend what is said above, then `namewarden claim propose {name}`"))
        }
        ClaimState::Abandoned => format!("`namewarden claim propose {name}` makes a new one"),
    }
}
