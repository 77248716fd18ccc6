//! How each channel's outbox stands, in numbers.

use super::columns::channel;
use super::notices::Notices;
use super::{StoreError, sql};
use crate::model::{Channel, Time};

/// How one channel's outbox stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outbox {
    pub channel: Channel,
    pub due: u64,
    /// Creation of the oldest notice that has been tried in vain, or is late.
    pub oldest: Option<Time>,
    /// Since when the oldest notice is due that nobody has tried to deliver, or whose first attempt has not ended.
    pub untried: Option<Time>,
    /// Of a notice that waits.
    pub last_error: Option<String>,
    /// Of one that was refused for good within the period.
    pub last_refusal: Option<String>,
    pub delivered: u64,
    pub given_up: u64,
}

impl Notices<'_> {
    /// How each channel stands: notices and what waits to be carried by one; refusals for good are counted since `since`.
    pub fn outboxes(&self, since: Time, now: Time) -> Result<Vec<Outbox>, StoreError> {
        sql::all(
            self.0,
            // What was delivered is a year of messages, and what waits all that nobody took: both are counted as they change, and only
            // what is not due yet is taken off. Those tried in vain are few.
            "SELECT channel, sum(due), min(oldest), max(error), sum(delivered), sum(refused), max(refusal), min(untried) FROM ( \
             SELECT channel, 0 AS due, NULL AS oldest, NULL AS error, delivered, 0 AS refused, \
             NULL AS refusal, NULL AS untried FROM outbox_counts WHERE delivered > 0 \
             UNION ALL SELECT channel, 1, CASE WHEN attempts > 0 THEN created_at END, last_error, 0, 0, NULL, \
             CASE WHEN attempts = 0 AND due_at <= $2 THEN due_at END FROM notices WHERE state = 'due' \
             UNION ALL SELECT channel, 0, NULL, NULL, 0, 1, last_error, NULL FROM notices \
             WHERE state = 'given-up' AND settled_at >= $1 \
             UNION ALL SELECT * FROM (SELECT channel, waiting - (SELECT count(*) FROM tellings t \
             WHERE t.channel = c.channel AND t.notice IS NULL AND t.outcome IS NULL AND t.due_at > $2) AS due, \
             (SELECT min(t.due_at) FROM tellings t WHERE t.channel = c.channel AND t.notice IS NULL AND t.outcome IS NULL), \
             NULL, 0, 0, NULL, NULL FROM outbox_counts c WHERE waiting > 0) WHERE due > 0) GROUP BY channel ORDER BY channel",
            &[&sql::micros(since), &sql::micros(now)],
            |row| {
                Ok(Outbox {
                    channel: channel(&row.get::<String>(0)?)?,
                    due: row.get::<i64>(1)?.unsigned_abs(),
                    oldest: row.get::<Option<i64>>(2)?.map(sql::time).transpose()?,
                    untried: row.get::<Option<i64>>(7)?.map(sql::time).transpose()?,
                    last_error: row.get(3)?,
                    last_refusal: row.get(6)?,
                    delivered: row.get::<i64>(4)?.unsigned_abs(),
                    given_up: row.get::<i64>(5)?.unsigned_abs(),
                })
            },
        )
    }
}
