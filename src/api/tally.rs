//! Cases in numbers, for whoever shows them beside what a list is narrowed by.

use super::refusal::Refusal;
use super::service::CommandService;
use crate::model::{FindingState, OwnerId, Tier};
use crate::store::Tx;

impl CommandService {
    /// How many cases there are, by tier and state: of all, or of this owner those that are not closed.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) async fn tally(&self, owner: Option<OwnerId>) -> Result<Vec<(Tier, FindingState, u64)>, Refusal> {
        let read = move |tx: &Tx<'_>| match &owner {
            Some(owner) => tx.findings().open_counts(Some(owner)),
            None => tx.findings().counts(),
        };
        Ok(self.store.read(read).await?)
    }
}
