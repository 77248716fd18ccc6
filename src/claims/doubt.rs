//! A clock that is wrong, or may be: a window, a day's quota and the age of a page go by it. Nothing leaves by itself until it is
//! right, and nothing is believed to be missing.

use super::desk::Desk;
use crate::model::claim::Resting;
use crate::model::health::HealthIssue;
use crate::store::{StoreError, Tx};

/// Why the clock keeps everything here.
pub(super) struct Doubt {
    /// Has somebody to mend it?
    pub(super) rest: Resting,
    pub(super) why: String,
}

impl Desk {
    pub(super) fn doubt(&self, tx: &Tx<'_>) -> Result<Option<Doubt>, StoreError> {
        if tx.health().open(&HealthIssue::ClockWrong)?.is_some() {
            let why = "the clock of this machine is wrong beside PyPI's, and windows and quotas go by it: let it follow a time \
                       server (`namewarden status` says how far it is off)";
            return Ok(Some(Doubt { rest: Resting::Kept, why: why.to_owned() }));
        }
        let is_in_doubt = tx.clock().is_in_doubt()?;
        Ok(is_in_doubt.then(|| Doubt {
            rest: Resting::Waits,
            why: "no daemon ran for a while, and PyPI has not answered since, which says whether the clock of this machine is \
                  right; that ends by itself within ten minutes"
                .to_owned(),
        }))
    }
}
