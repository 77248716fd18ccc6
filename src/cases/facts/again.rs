//! What becomes of a project that no feed tells of: without the changelog nothing says that PyPI has quarantined one, nor who
//! holds it now, and an index that fails too does not even say that something changed.

use chrono::TimeDelta;

use super::hands::answers;
use crate::model::Time;
use crate::store::{StoreError, Tx};

/// While the changelog is silent, a project is looked at again after so long.
const DAILY: TimeDelta = TimeDelta::days(1);

/// A round comes every half minute, and whoever holds thousands of names asks PyPI for no more than that at once.
const ROUND: usize = 20;

/// While the changelog does not answer: makes due the look-ups of what is open or ours under a watched name, each once a day.
/// Gives how many.
pub fn look_again(tx: &Tx<'_>, now: Time) -> Result<usize, StoreError> {
    if answers(tx, now)? { Ok(0) } else { tx.facts().look_again(now - DAILY, ROUND, now) }
}
