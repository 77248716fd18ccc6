//! Recipients: who has taken a notice and who has refused it for good, one row an address.
//!
//! A notice goes to several addresses, and the mail server answers for each. What it answered is stored before the next
//! message leaves, so that neither a retry nor a restart tells anybody twice.

use super::StoreError;
use super::columns::channel;
use super::sql::{self, Param, Row, Session};
use crate::model::notice::NoticeKey;
use crate::model::{Channel, Fate, OwnerId, Recipient, Time};

/// An address that refused a message which others of the owner took, and has taken none since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreached {
    pub owner: OwnerId,
    pub channel: Channel,
    pub address: String,
    /// What the receiver said, without the address.
    pub reason: String,
}

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

    /// Everybody who hears nothing while others of the same owner do.
    pub fn unreached(&self) -> Result<Vec<Unreached>, StoreError> {
        let query = "SELECT r.owner, r.channel, r.address, max(r.refusal) FROM recipients r WHERE r.refusal IS NOT NULL \
                     AND EXISTS (SELECT 1 FROM recipients o WHERE o.key = r.key AND o.owner = r.owner \
                     AND o.channel = r.channel AND o.refusal IS NULL) \
                     AND NOT EXISTS (SELECT 1 FROM recipients a WHERE a.owner = r.owner AND a.channel = r.channel \
                     AND a.address = r.address AND a.refusal IS NULL AND a.at >= r.at) \
                     GROUP BY r.owner, r.channel, r.address ORDER BY r.owner, r.channel, r.address";
        sql::all(self.0, query, &[], |row| {
            let channel = channel(&row.get::<String>(1)?)?;
            Ok(Unreached { owner: OwnerId(row.get(0)?), channel, address: row.get(2)?, reason: row.get(3)? })
        })
    }
}

fn read(row: &Row<'_>) -> Result<Recipient, StoreError> {
    let fate = row.get::<Option<String>>(1)?.map_or(Fate::Accepted, |reason| Fate::Refused { reason });
    Ok(Recipient { address: row.get(0)?, fate })
}
