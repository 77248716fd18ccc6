//! What became of what owners were to be told.

use serde::{Deserialize, Serialize};

use super::notices::channel;
use super::tellings::{Tellings, kind};
use super::{StoreError, sql};
use crate::model::notice::{Channel, NoticeEvent};
use crate::model::{FindingKey, OwnerId, Time};

/// What became of a telling.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fate {
    /// Of the event it is about.
    pub number: u32,
    pub kind: NoticeEvent,
    pub owner: OwnerId,
    pub channel: Channel,
    /// told, refused, moot or handed-over; `None` while it waits.
    pub outcome: Option<String>,
    /// When that was, or when it is due; `None`: with the next digest.
    pub at: Option<Time>,
    /// What the receiver said of the message that carries it, when it was not delivered.
    #[serde(default)]
    pub error: Option<String>,
}

impl Tellings<'_> {
    /// Everything that was ever queued of a case, with what became of it.
    pub fn fates(&self, key: &FindingKey) -> Result<Vec<Fate>, StoreError> {
        let query = "SELECT t.number, e.kind, t.owner, t.channel, t.outcome, \
                     coalesce(t.settled_at, n.due_at, t.due_at), n.last_error \
                     FROM tellings t JOIN case_events e ON e.key = t.key AND e.number = t.number \
                     LEFT JOIN notices n ON n.id = t.notice \
                     WHERE t.key = $1 ORDER BY t.number, t.owner, t.channel";
        sql::all(self.0, query, &[&key.0], |row| {
            let outcome: Option<String> = row.get(4)?;
            let error: Option<String> = row.get(6)?;
            Ok(Fate {
                number: row.get(0)?,
                kind: kind(row.get(1)?)?,
                owner: OwnerId(row.get(2)?),
                channel: channel(&row.get::<_, String>(3)?)?,
                at: row.get::<_, Option<i64>>(5)?.map(sql::time).transpose()?,
                error: error.filter(|_| outcome.as_deref() != Some("told")),
                outcome,
            })
        })
    }
}
