//! What waits for a look-up, and goes out when that is done.

use super::tellings::{Tellings, WAITING};
use super::{StoreError, sql};
use crate::model::{FindingKey, OwnerId, Time};

impl Tellings<'_> {
    /// What waited for something of this case, until `waited` at the longest, waits no longer.
    pub fn hasten(&self, key: &FindingKey, now: Time, waited: Time) -> Result<(), StoreError> {
        let update =
            format!("UPDATE tellings SET due_at = $2 WHERE key = $1 AND {WAITING} AND due_at > $2 AND due_at <= $3");
        sql::execute(self.0, &update, &[&key.0, &sql::micros(now), &sql::micros(waited)])?;
        Ok(())
    }

    /// The same, but for the pages that share a message with others of their owner.
    pub fn hasten_alone(&self, key: &FindingKey, now: Time, waited: Time) -> Result<(), StoreError> {
        let update = format!(
            "UPDATE tellings SET due_at = $2 WHERE key = $1 AND {WAITING} AND due_at > $2 AND due_at <= $3 AND lane <> 'page'"
        );
        sql::execute(self.0, &update, &[&key.0, &sql::micros(now), &sql::micros(waited)])?;
        Ok(())
    }

    /// Does a page that shares a message wait for the first look-up of its project?
    pub fn pages_wait(&self, owner: &OwnerId, now: Time) -> Result<bool, StoreError> {
        let query = format!(
            "SELECT 1 FROM tellings t JOIN facts k ON k.key = t.key WHERE t.owner = $1 AND t.lane = 'page' AND {WAITING} \
             AND t.due_at > $2 AND k.look_at <= $2 AND k.tries = 0 LIMIT 1"
        );
        Ok(sql::first(self.0, &query, &[&owner.0, &sql::micros(now)], |_| Ok(()))?.is_some())
    }

    /// Those of this owner that waited for look-ups, until `waited` at the longest, wait no longer.
    pub fn hasten_pages(&self, owner: &OwnerId, now: Time, waited: Time) -> Result<(), StoreError> {
        let update = format!(
            "UPDATE tellings SET due_at = $2 WHERE owner = $1 AND lane = 'page' AND {WAITING} AND due_at > $2 AND due_at <= $3"
        );
        sql::execute(self.0, &update, &[&owner.0, &sql::micros(now), &sql::micros(waited)])?;
        Ok(())
    }
}
