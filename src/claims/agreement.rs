//! That PyPI agrees to more names than a handful: recorded by a person, with where it can be read.

use super::desk::Desk;
use crate::cases;
use crate::model::claim::{Party, decides};
use crate::model::health::HealthIssue;
use crate::model::unread::shown;
use crate::store::{Agreement, CLAIM_HALT, StoreError, Tx};

/// Nothing shorter leads anywhere, bytes.
const SHORTEST: usize = 5;

impl Desk {
    /// PyPI agrees to more than a handful.
    ///
    /// # Errors
    /// Those of the store; within, why it is not recorded.
    pub fn agree(&self, tx: &Tx<'_>, reference: &str, by: &Party) -> Result<Result<Agreement, String>, StoreError> {
        if let Err(refusal) = decides(by, &self.policy) {
            return Ok(Err(refusal.to_string()));
        }
        let reference = shown(reference.trim());
        if reference.len() < SHORTEST || reference.contains(char::is_control) {
            let why =
                "the agreement has to be found again: write where it can be read, such as the address of a ticket";
            return Ok(Err(why.to_owned()));
        }
        let agreement = Agreement { at: self.now, by: by.clone(), reference };
        tx.claims().agree(&agreement)?;
        if tx.cursors().get::<String>(CLAIM_HALT)?.is_none() {
            cases::clear_health(tx, &self.watchlist, &HealthIssue::ClaimsStopped, self.now)?;
        }
        Ok(Ok(agreement))
    }
}
