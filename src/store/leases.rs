//! Which messages are sent next, and that nobody else sends them meanwhile.

use super::StoreError;
use super::notices::{COLUMNS, NoticeRow, Notices, read};
use super::sql::{self, Param};
use super::tellings::{lane, urgency};
use crate::model::{Channel, OwnerId, Time};

/// How many messages there is room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slots {
    pub free: usize,
    /// Of these, how many may go to what is no page.
    pub low: usize,
}

/// Takes the first due notice of a channel in this order; one of each owner's slots at a time.
fn first_by(order: &str) -> String {
    format!(
        "UPDATE notices SET lease_until = $3, attempts = attempts + 1 WHERE id = (SELECT n.id FROM notices n \
         WHERE n.channel = $1 AND n.state = 'due' AND n.due_at <= $2 AND (n.lease_until IS NULL OR n.lease_until <= $2) \
         AND ($4 OR n.lane IN ('own', 'page', 'stood')) \
         AND NOT EXISTS (SELECT 1 FROM notices o WHERE o.channel = $1 AND o.state = 'due' AND o.owner = n.owner \
         AND o.slot = n.slot AND o.lease_until > $2) ORDER BY {order} LIMIT 1) RETURNING {COLUMNS}, lane"
    )
}

impl Notices<'_> {
    /// Takes due notices of a channel for `until`; nobody else gets them before. The most urgent lane first, then what was tried
    /// least, then in the order in which they were made.
    pub fn lease(&self, channel: &Channel, now: Time, until: Time, slots: Slots) -> Result<Vec<NoticeRow>, StoreError> {
        let query = first_by(&format!("{}, n.attempts, n.id", urgency("n")));
        let (mut taken, mut low) = (Vec::new(), 0);
        while taken.len() < slots.free {
            let Some((row, is_page)) = self.first(&query, channel, (now, until), low < slots.low)? else { break };
            low += usize::from(!is_page);
            taken.push(row);
        }
        Ok(taken)
    }

    /// Takes the one message with which a channel is tried that failed: a page that was never tried before all else. Then by turns
    /// what was tried least, and what is most urgent and waits longest; what failed last only where nothing else is due. It may be a
    /// message that makes the receiver fail: neither one nor a stream of them keeps the others from their turn.
    pub fn lease_to_try(&self, channel: &Channel, now: Time, until: Time) -> Result<Option<NoticeRow>, StoreError> {
        let query = first_by(&format!(
            "n.attempts > 0 OR n.lane NOT IN ('own', 'page'), \
             n.attempts > 0 AND n.due_at >= (SELECT until FROM holds WHERE channel = $1), \
             CASE WHEN (SELECT failures % 2 FROM holds WHERE channel = $1) = 1 THEN n.attempts END, {}, n.due_at, n.id",
            urgency("n")
        ));
        Ok(self.first(&query, channel, (now, until), true)?.map(|(row, _)| row))
    }

    /// With whether it is a page.
    fn first(
        &self,
        query: &str,
        channel: &Channel,
        (now, until): (Time, Time),
        low: bool,
    ) -> Result<Option<(NoticeRow, bool)>, StoreError> {
        let params: [&dyn Param; 4] = [&channel.to_string(), &sql::micros(now), &sql::micros(until), &low];
        sql::first(self.0, query, &params, |row| Ok((read(row)?, lane(&row.get::<String>(11)?)?.is_of_pages())))
    }

    /// How many are under way on a channel, and how many of them are no pages.
    pub fn under_way(&self, channel: &Channel, now: Time) -> Result<(usize, usize), StoreError> {
        let query = "SELECT count(*), coalesce(sum(lane NOT IN ('own', 'page', 'stood')), 0) FROM notices \
                     WHERE channel = $1 AND state = 'due' AND lease_until > $2";
        let counts = sql::first(self.0, query, &[&channel.to_string(), &sql::micros(now)], |row| {
            Ok((row.get::<i64>(0)? as usize, row.get::<i64>(1)? as usize))
        })?;
        Ok(counts.unwrap_or_default())
    }

    /// Is a message of this slot under way to the owner on this channel?
    pub fn is_under_way(&self, owner: &OwnerId, channel: &Channel, slot: &str, now: Time) -> Result<bool, StoreError> {
        let query = "SELECT 1 FROM notices WHERE channel = $1 AND state = 'due' AND owner = $2 AND slot = $3 \
                     AND lease_until > $4 LIMIT 1";
        let params: [&dyn Param; 4] = [&channel.to_string(), &owner.0, &slot, &sql::micros(now)];
        Ok(sql::first(self.0, query, &params, |_| Ok(()))?.is_some())
    }

    /// Is something of a more urgent lane than this one's due on its channel? What follows another of its case waits for that.
    pub fn is_outranked(&self, id: i64, now: Time) -> Result<bool, StoreError> {
        let query = format!(
            "SELECT 1 FROM notices m WHERE m.id = $1 AND (EXISTS (SELECT 1 FROM notices n WHERE n.channel = m.channel \
             AND n.state = 'due' AND n.due_at <= $2 AND (n.lease_until IS NULL OR n.lease_until <= $2) AND {} < {own}) \
             OR EXISTS (SELECT 1 FROM tellings t WHERE t.channel = m.channel AND t.notice IS NULL AND t.outcome IS NULL \
             AND t.due_at <= $2 AND {} < {own} AND NOT EXISTS (SELECT 1 FROM tellings c WHERE c.key = t.key \
             AND c.owner = t.owner AND c.channel = t.channel AND c.notice IS NOT NULL AND c.outcome IS NULL)))",
            urgency("n"),
            urgency("t"),
            own = urgency("m")
        );
        Ok(sql::first(self.0, &query, &[&id, &sql::micros(now)], |_| Ok(()))?.is_some())
    }

    /// It is due as it was. It keeps its attempts: somebody may have a part of it.
    pub fn give_back(&self, id: i64, now: Time) -> Result<(), StoreError> {
        let update = "UPDATE notices SET due_at = $2, lease_until = NULL WHERE id = $1";
        sql::execute(self.0, update, &[&id, &sql::micros(now)])?;
        Ok(())
    }

    /// Frees the leases of a process that is gone.
    pub fn free_leases(&self) -> Result<usize, StoreError> {
        sql::execute(
            self.0,
            "UPDATE notices SET lease_until = NULL WHERE state = 'due' AND lease_until IS NOT NULL",
            &[],
        )
    }
}
