//! Who took no message since the last one that was refused for good.

use super::columns::channel;
use super::notices::Notices;
use super::{StoreError, sql};
use crate::model::{Channel, OwnerId, Time};

/// The last message to an owner by a channel was refused for good, and nothing was taken there since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastRefusal {
    pub owner: OwnerId,
    pub channel: Channel,
    pub at: Time,
    /// What the receiver said.
    pub reason: Option<String>,
}

impl Notices<'_> {
    /// Each of them, by owner and channel. A mail server answers for the addresses of one owner; behind any other channel
    /// stands one receiver for all.
    pub fn last_refusals(&self) -> Result<Vec<LastRefusal>, StoreError> {
        let query = "SELECT owner, channel, max(settled_at) FROM notices WHERE state = 'given-up' \
                     GROUP BY owner, channel ORDER BY owner, channel";
        let last = sql::all(self.0, query, &[], |row| {
            Ok((OwnerId(row.get(0)?), channel(&row.get::<String>(1)?)?, sql::time(row.get(2)?)?))
        })?;
        let mut standing = Vec::new();
        for (owner, channel, at) in last {
            if !self.is_taken_since(&owner, &channel, at)? {
                let reason = self.refused_with(&channel, at)?;
                standing.push(LastRefusal { owner, channel, at, reason });
            }
        }
        Ok(standing)
    }

    fn is_taken_since(&self, owner: &OwnerId, channel: &Channel, at: Time) -> Result<bool, StoreError> {
        let (whom, at) = (channel.to_string(), sql::micros(at));
        let since = "SELECT 1 FROM notices WHERE state = 'delivered' AND channel = $1 AND settled_at > $2";
        let found = match channel {
            Channel::Email => {
                let query = format!("{since} AND owner = $3 LIMIT 1");
                sql::first(self.0, &query, &[&whom, &at, &owner.0], |_| Ok(()))?
            }
            _ => sql::first(self.0, &format!("{since} LIMIT 1"), &[&whom, &at], |_| Ok(()))?,
        };
        Ok(found.is_some())
    }

    fn refused_with(&self, channel: &Channel, at: Time) -> Result<Option<String>, StoreError> {
        let query =
            "SELECT last_error FROM notices WHERE state = 'given-up' AND channel = $1 AND settled_at = $2 LIMIT 1";
        let reason = sql::first(self.0, query, &[&channel.to_string(), &sql::micros(at)], |row| row.get(0))?;
        Ok(reason.flatten())
    }
}
