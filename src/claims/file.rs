//! One claim as people look at it: where it stands, what comes next, and all that happened.

use super::desk::Desk;
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
        let wanted: Vec<Claim> = wanted.collect();
        if wanted.is_empty() {
            // The outlook looks at every name of the inventory.
            return Ok(Vec::new());
        }
        let outlook = self.outlook(tx)?;
        let file = |claim: Claim| {
            let (next, trail) = (self.next(tx, &outlook, &claim)?, tx.claims().trail(&claim.key)?);
            Ok(ClaimFile { claim, next, trail })
        };
        wanted.into_iter().map(file).collect()
    }
}
