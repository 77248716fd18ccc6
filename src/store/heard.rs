//! Who has heard of a case, as far as its messages say, and who has not.

use super::StoreError;
use super::sql::{self, Param};
use super::tellings::{COLUMNS, Telling, Tellings, read};
use crate::model::{Channel, FindingKey, OwnerId, Time};

impl Tellings<'_> {
    /// Has anybody a message of this case, or may somebody have one, be it that it is on its way?
    pub fn is_heard(&self, key: &FindingKey) -> Result<bool, StoreError> {
        let query = "SELECT 1 FROM tellings t WHERE key = $1 AND (outcome = 'told' OR (outcome IS NULL AND EXISTS \
                     (SELECT 1 FROM notices n WHERE n.id = t.notice AND n.attempts > n.reached_nobody))) LIMIT 1";
        Ok(sql::first(self.0, query, &[&key.0], |_| Ok(()))?.is_some())
    }

    /// How bad the case was by the newest of its events that somebody has heard of, or is about to: what its owners believe.
    pub fn believed(&self, key: &FindingKey) -> Result<Option<u8>, StoreError> {
        let query = "SELECT e.severity FROM case_events e WHERE e.key = $1 AND EXISTS (SELECT 1 FROM tellings t \
                     WHERE t.key = e.key AND t.number = e.number AND t.notice IS NOT NULL \
                     AND (t.outcome IS NULL OR t.outcome = 'told')) ORDER BY e.number DESC LIMIT 1";
        sql::first(self.0, query, &[&key.0], |row| row.get::<u8>(0))
    }

    /// Has the owner been told anything of the case, on whatever channel?
    pub fn is_told(&self, owner: &OwnerId, key: &FindingKey) -> Result<bool, StoreError> {
        let query = "SELECT 1 FROM tellings WHERE key = $1 AND owner = $2 AND outcome = 'told' LIMIT 1";
        Ok(sql::first(self.0, query, &[&key.0, &owner.0], |_| Ok(()))?.is_some())
    }

    /// Has the owner been told anything of the case on this channel since?
    pub fn is_told_since(
        &self,
        owner: &OwnerId,
        channel: &Channel,
        key: &FindingKey,
        since: Time,
    ) -> Result<bool, StoreError> {
        let query = "SELECT 1 FROM tellings WHERE key = $1 AND owner = $2 AND channel = $3 AND outcome = 'told' \
                     AND settled_at >= $4 LIMIT 1";
        let params: [&dyn Param; 4] = [&key.0, &owner.0, &channel.to_string(), &sql::micros(since)];
        Ok(sql::first(self.0, query, &params, |_| Ok(()))?.is_some())
    }

    /// Owners for whom something waits or is under way.
    pub fn not_reached(&self) -> Result<Vec<OwnerId>, StoreError> {
        let query = "SELECT DISTINCT owner FROM tellings WHERE outcome IS NULL";
        sql::all(self.0, query, &[], |row| Ok(OwnerId(row.get(0)?)))
    }

    /// What an owner has by no channel yet, and what this one has no word of, or had it taken away when it was gone.
    pub fn missed_by(&self, owner: &OwnerId, channel: &Channel) -> Result<Vec<Telling>, StoreError> {
        let query = format!(
            "SELECT {COLUMNS} FROM tellings t WHERE owner = $1 AND outcome IS NULL AND NOT EXISTS (SELECT 1 FROM tellings c \
             WHERE c.key = t.key AND c.owner = t.owner AND c.number = t.number AND (c.outcome = 'told' \
             OR c.channel = $2 AND c.outcome IS DISTINCT FROM 'handed-over')) ORDER BY id"
        );
        sql::all(self.0, &query, &[&owner.0, &channel.to_string()], read)
    }
}
