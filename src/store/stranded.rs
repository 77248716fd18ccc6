//! What waits for a channel that does not work.

use super::tellings::{COLUMNS, Telling, Tellings, read, urgency};
use super::{StoreError, sql};
use crate::model::{Channel, OwnerId, Time};

impl Tellings<'_> {
    /// What was due before `before`, was tried in vain, follows something of its case that was, or waits for a channel that is
    /// held, and was told to its owner by no other; not what this stand-in has been queued for, but in a digest, which may be a day away. The most urgent first.
    /// Digests and ends can wait.
    pub fn stranded(
        &self,
        before: Time,
        (owner, channel): (&OwnerId, &Channel),
        limit: usize,
    ) -> Result<Vec<Telling>, StoreError> {
        let query = format!(
            "SELECT {COLUMNS} FROM tellings t WHERE outcome IS NULL AND lane IN ('own', 'page', 'stood', 'alert') AND due_at < $1 \
             AND (EXISTS (SELECT 1 FROM holds h WHERE h.channel = t.channel) \
             OR EXISTS (SELECT 1 FROM tellings c JOIN notices n ON n.id = c.notice WHERE c.key = t.key AND c.owner = t.owner \
             AND c.channel = t.channel AND c.outcome IS NULL AND n.last_error IS NOT NULL)) \
             AND NOT EXISTS (SELECT 1 FROM case_events e WHERE e.key = t.key AND e.number = t.number AND e.kind IN ('ended', 'decided')) \
             AND NOT EXISTS (SELECT 1 FROM tellings o WHERE o.key = t.key AND o.number = t.number \
             AND (o.owner = t.owner AND o.outcome = 'told' OR o.owner = $2 AND o.channel = $3 \
             AND NOT (o.outcome IS NULL AND o.notice IS NULL AND o.lane = 'digest'))) \
             ORDER BY {}, id LIMIT $4",
            urgency("t")
        );
        sql::all(self.0, &query, &[&sql::micros(before), &owner.0, &channel.to_string(), &(limit as i64)], read)
    }
}
