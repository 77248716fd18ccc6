//! What became of what owners were to be told.

use super::columns::{channel, kind};
use super::tellings::Tellings;
use super::{StoreError, sql};
use crate::model::notice::NoticeEvent;
use crate::model::{Channel, FindingKey, OwnerId, Time};

/// What became of a telling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TellingFate {
    /// Of the event it is about.
    pub number: u32,
    pub kind: NoticeEvent,
    pub owner: OwnerId,
    pub channel: Channel,
    /// told, refused, moot or handed-over; `None` while it waits.
    pub outcome: Option<String>,
    /// When that was, or when it is due; `None`: with the next digest.
    pub at: Option<Time>,
    /// What the receiver said of the message that carries it, when not everybody has it.
    pub error: Option<String>,
}

impl Tellings<'_> {
    /// Everything that was ever queued of a case, with what became of it.
    pub fn fates(&self, key: &FindingKey) -> Result<Vec<TellingFate>, StoreError> {
        let query = "SELECT t.number, e.kind, t.owner, t.channel, t.outcome, \
                     coalesce(t.settled_at, n.due_at, t.due_at), n.last_error \
                     FROM tellings t JOIN case_events e ON e.key = t.key AND e.number = t.number \
                     LEFT JOIN notices n ON n.id = t.notice \
                     WHERE t.key = $1 ORDER BY t.number, t.owner, t.channel";
        sql::all(self.0, query, &[&key.0], |row| {
            Ok(TellingFate {
                number: row.get(0)?,
                kind: kind(row.get(1)?)?,
                owner: OwnerId(row.get(2)?),
                channel: channel(&row.get::<String>(3)?)?,
                at: row.get::<Option<i64>>(5)?.map(sql::time).transpose()?,
                error: row.get(6)?,
                outcome: row.get(4)?,
            })
        })
    }

    /// Who was told of a case or is about to be, on which channel; what waits for a digest is not counted.
    pub fn audience(&self, key: &FindingKey) -> Result<Vec<(OwnerId, Channel)>, StoreError> {
        let query = "SELECT DISTINCT owner, channel FROM tellings WHERE key = $1 \
                     AND (outcome = 'told' OR (outcome IS NULL AND (notice IS NOT NULL OR lane <> 'digest')))";
        sql::all(self.0, query, &[&key.0], |row| Ok((OwnerId(row.get(0)?), channel(&row.get::<String>(1)?)?)))
    }

    /// Did the end of a case go out, or is it going, and nothing has happened to the case since?
    pub fn is_told_over(&self, key: &FindingKey) -> Result<bool, StoreError> {
        let query = "SELECT 1 FROM tellings t JOIN case_events e ON e.key = t.key AND e.number = t.number \
                     WHERE t.key = $1 AND e.kind = 'ended' AND t.notice IS NOT NULL \
                     AND e.number = (SELECT max(number) FROM case_events WHERE key = $1 AND kind NOT IN ('decided', 'answered')) LIMIT 1";
        Ok(sql::first(self.0, query, &[&key.0], |_| Ok(()))?.is_some())
    }

    /// What happened last to a case, whatever people said of it since.
    pub fn last_kind(&self, key: &FindingKey) -> Result<Option<NoticeEvent>, StoreError> {
        let query = "SELECT kind FROM case_events WHERE key = $1 AND kind NOT IN ('decided', 'answered') ORDER BY number DESC LIMIT 1";
        sql::first(self.0, query, &[&key.0], |row| kind(row.get(0)?))
    }
}
