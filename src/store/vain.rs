//! Messages that were tried in vain: whether anybody can have one, and what becomes of it when nobody can.

use super::notices::{COLUMNS, NewNotice, NoticeRow, Notices, read};
use super::sql::{self, Param};
use super::{StoreError, tellings};
use crate::model::Time;
use crate::model::notice::Lane;
use crate::model::{Channel, Reached};

impl Notices<'_> {
    /// An attempt failed. Until that is said of it, somebody may have the message: whoever is killed in between says nothing.
    pub fn failed(&self, id: i64, reached: Reached) -> Result<(), StoreError> {
        if reached == Reached::Nobody {
            let update = "UPDATE notices SET reached_nobody = reached_nobody + 1 WHERE id = $1";
            sql::execute(self.0, update, &[&id])?;
        }
        Ok(())
    }

    /// The receiver named the time at which it is due.
    pub fn ask(&self, id: i64) -> Result<(), StoreError> {
        sql::execute(self.0, "UPDATE notices SET asked = 1 WHERE id = $1", &[&id])?;
        Ok(())
    }

    /// The channel works: what was tried in vain and waits for another attempt is due now, but for what the receiver asked to have
    /// later. Where the channel had not failed as a whole, only what somebody may have: a server that puts a message off before it has
    /// it means that message.
    pub fn hasten_tried(&self, channel: &Channel, failed: bool, now: Time) -> Result<(), StoreError> {
        let update = "UPDATE notices SET due_at = $2 WHERE channel = $1 AND state = 'due' AND due_at > $2 AND attempts > 0 \
                      AND lease_until IS NULL AND asked = 0 AND ($3 OR attempts > reached_nobody)";
        sql::execute(self.0, update, &[&channel.to_string(), &sql::micros(now), &failed])?;
        Ok(())
    }

    /// What is due on a channel, cannot have reached anybody, and waits beside something newer of its cases; or is about a watched name,
    /// of which another registration may wait.
    pub fn overtaken(&self, channel: &Channel, now: Time) -> Result<Vec<(NoticeRow, Lane)>, StoreError> {
        let query = format!(
            "SELECT {COLUMNS}, lane FROM notices n WHERE channel = $1 AND state = 'due' AND due_at <= $2 \
             AND attempts = reached_nobody AND (lane = 'own' OR EXISTS (SELECT 1 FROM tellings c JOIN tellings w \
             ON w.key = c.key AND w.owner = c.owner AND w.channel = c.channel AND w.notice IS NULL AND w.outcome IS NULL \
             WHERE c.notice = n.id AND c.outcome IS NULL)) ORDER BY id"
        );
        sql::all(self.0, &query, &[&channel.to_string(), &sql::micros(now)], |row| {
            Ok((read(row)?, tellings::lane(&row.get::<String>(11)?)?))
        })
    }

    /// The message that nobody can have carries this instead. Says false where another of its key is there.
    pub fn renew(&self, id: i64, notice: &NewNotice) -> Result<bool, StoreError> {
        let body = sql::to_json("a notice", &notice.body)?;
        let update = "UPDATE notices SET key = $2, event = $3, tier = $4, lane = $5, slot = $6, body = $7 WHERE id = $1 \
                      AND NOT EXISTS (SELECT 1 FROM notices o WHERE o.key = $2 AND o.owner = $8 AND o.channel = $9 AND o.id <> $1)";
        let params: [&dyn Param; 9] = [
            &id,
            &notice.key.0,
            &notice.event.as_str(),
            &notice.tier.as_str(),
            &notice.lane.as_str(),
            &notice.slot(),
            &body,
            &notice.owner.0,
            &notice.channel.to_string(),
        ];
        Ok(sql::execute(self.0, update, &params)? > 0)
    }
}
