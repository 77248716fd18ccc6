//! The report that somebody asks for.

use chrono::TimeDelta;

use super::due::Mark;
use crate::model::report::{Occasion, Order};
use crate::model::{OwnerId, Time};
use crate::store::{REPORTS, StoreError, Tx};

/// Where nothing was reported yet.
const WEEK: TimeDelta = TimeDelta::days(7);

/// Of what happened since then; where nothing is said, since the last that went out by the schedule.
pub fn asked(tx: &Tx<'_>, owner: Option<OwnerId>, since: Option<Time>, now: Time) -> Result<Order, StoreError> {
    let kept: Option<Mark> = tx.cursors().get(REPORTS)?;
    let last = kept.filter(|mark| mark.is_of_a_report() && mark.until < now);
    let begins = since.or(last.as_ref().map(|mark| mark.until)).unwrap_or(now - WEEK);
    // What is known of that moment alone says nothing of another.
    let before = last.filter(|mark| mark.until == begins).map(|mark| mark.before(owner.as_ref()));
    Ok(Order { owner, since: begins.min(now), until: now, occasion: Occasion::Asked, before })
}
