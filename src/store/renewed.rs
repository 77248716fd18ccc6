//! A channel with other settings: what was found out with those of before counts no more.

use super::notices::Notices;
use super::recipients::Recipients;
use super::{StoreError, sql};
use crate::model::Channel;
use crate::model::Time;

impl Notices<'_> {
    /// What was tried in vain on this channel, and is not under way, is due now. Gives how many.
    pub fn hasten(&self, channel: &Channel, now: Time) -> Result<usize, StoreError> {
        let update = "UPDATE notices SET due_at = $2 WHERE channel = $1 AND state = 'due' AND due_at > $2 \
                      AND last_error IS NOT NULL AND (lease_until IS NULL OR lease_until <= $2)";
        sql::execute(self.0, update, &[&channel.to_string(), &sql::micros(now)])
    }
}

impl Recipients<'_> {
    /// Whom the receiver of before refused, that of now is asked for. What was accepted stays so.
    pub fn forget_refusals(&self, channel: &Channel) -> Result<usize, StoreError> {
        let delete = "DELETE FROM recipients WHERE refusal IS NOT NULL AND (key, owner, channel) IN \
                      (SELECT key, owner, channel FROM notices WHERE state IN ('due', 'cancelled') AND channel = $1)";
        sql::execute(self.0, delete, &[&channel.to_string()])
    }
}
