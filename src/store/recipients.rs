//! Recipients: who has taken a notice and who has refused it for good, one row an address.
//!
//! A notice goes to several addresses, and the mail server answers for each. What it answered is stored before the next
//! message leaves, so that neither a retry nor a restart tells anybody twice.

use super::StoreError;
use super::sql::{self, Param, Row, Session};
use crate::model::notice::NoticeKey;
use crate::model::{Channel, Fate, OwnerId, Recipient, Time};

pub struct Recipients<'c>(pub(super) &'c dyn Session);

impl Recipients<'_> {
    /// Stores a fate. The first stands: an acceptance cannot be taken back, and a refused address is not asked again.
    pub fn settle(
        &self,
        key: &NoticeKey,
        owner: &OwnerId,
        channel: &Channel,
        recipient: &Recipient,
        at: Time,
    ) -> Result<(), StoreError> {
        let refusal = match &recipient.fate {
            Fate::Accepted => None,
            Fate::Refused { reason } => Some(reason),
        };
        let params: [&dyn Param; 6] =
            [&key.0, &owner.0, &channel.to_string(), &recipient.address, &refusal, &sql::micros(at)];
        sql::execute(
            self.0,
            "INSERT INTO recipients (key, owner, channel, address, refusal, at) VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT DO NOTHING",
            &params,
        )?;
        Ok(())
    }

    /// Everybody settled for this notice, by address.
    pub fn of(&self, key: &NoticeKey, owner: &OwnerId, channel: &Channel) -> Result<Vec<Recipient>, StoreError> {
        let query =
            "SELECT address, refusal FROM recipients WHERE key = $1 AND owner = $2 AND channel = $3 ORDER BY address";
        sql::all(self.0, query, &[&key.0, &owner.0, &channel.to_string()], read)
    }
}

fn read(row: &Row<'_>) -> Result<Recipient, StoreError> {
    let fate = row.get::<Option<String>>(1)?.map_or(Fate::Accepted, |reason| Fate::Refused { reason });
    Ok(Recipient { address: row.get(0)?, fate })
}
