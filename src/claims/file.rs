//! One claim as people look at it: where it stands, what comes next, and all that happened.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::desk::Desk;
use super::next::{KeptOutlook, Outlook};
use crate::model::ProjectName;
use crate::model::claim::Claim;
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
    pub fn newest(
        &self,
        tx: &Tx<'_>,
        names: &BTreeSet<ProjectName>,
        after: Option<&ProjectName>,
        most: usize,
    ) -> Result<Vec<Claim>, StoreError> {
        if names.is_empty() {
            return tx.claims().newest_after(after, most);
        }
        let behind = names.iter().filter(|name| after.is_none_or(|after| *name > after));
        let found = behind.filter_map(|name| tx.claims().last_of(name).transpose());
        found.take(most).collect()
    }

    /// Their files, by an outlook that somebody kept where it is still true; and by which they are.
    ///
    /// # Errors
    /// Those of the store.
    pub fn files(
        &self,
        tx: &Tx<'_>,
        claims: Vec<Claim>,
        kept: KeptOutlook,
    ) -> Result<(Vec<ClaimFile>, Option<Arc<Outlook>>), StoreError> {
        if claims.is_empty() {
            return Ok((Vec::new(), kept.0));
        }
        let outlook = self.current(tx, kept)?;
        let file = |claim: Claim| {
            let (next, trail) = (self.next(tx, &outlook, &claim)?, tx.claims().trail(&claim.key)?);
            Ok(ClaimFile { claim, next, trail })
        };
        let files = claims.into_iter().map(file).collect::<Result<_, StoreError>>()?;
        Ok((files, Some(outlook)))
    }
}
