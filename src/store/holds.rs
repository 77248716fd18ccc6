//! Channels that are left alone for a while: unreachable, throttled or closed to us. A dead channel is held as a whole
//! and tried with one message, and no other channel waits for it.

use super::StoreError;
use super::sql::{self, Session};
use crate::model::{Channel, Time};

/// Why a channel is held, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Nothing is sent before; from then on one message at a time, until one arrives.
    pub until: Time,
    /// Attempts in vain since the last message that arrived.
    pub failures: u32,
    /// Did the receiver ask for that time? No page ends it sooner then.
    pub asked: bool,
}

pub struct Holds<'c>(pub(super) &'c dyn Session);

impl Holds<'_> {
    pub fn get(&self, channel: &Channel) -> Result<Option<Hold>, StoreError> {
        let query = "SELECT until, failures, asked FROM holds WHERE channel = $1";
        sql::first(self.0, query, &[&channel.to_string()], |row| {
            Ok(Hold { until: sql::time(row.get(0)?)?, failures: row.get(1)?, asked: row.get(2)? })
        })
    }

    /// The channel failed as a whole.
    pub fn put(&self, channel: &Channel, hold: &Hold) -> Result<(), StoreError> {
        sql::execute(
            self.0,
            "INSERT INTO holds (channel, until, failures, asked) VALUES ($1, $2, $3, $4) ON CONFLICT (channel) \
             DO UPDATE SET until = excluded.until, failures = excluded.failures, asked = excluded.asked",
            &[&channel.to_string(), &sql::micros(hold.until), &hold.failures, &hold.asked],
        )?;
        Ok(())
    }

    /// Does a page wait with which the channel was not tried? What follows another of its case waits for that.
    pub fn is_page_untried(&self, channel: &Channel) -> Result<bool, StoreError> {
        let query = "SELECT 1 FROM tellings t WHERE channel = $1 AND notice IS NULL AND outcome IS NULL \
                     AND lane IN ('own', 'page') AND NOT EXISTS (SELECT 1 FROM tellings c WHERE c.key = t.key \
                     AND c.owner = t.owner AND c.channel = $1 AND c.notice IS NOT NULL AND c.outcome IS NULL) \
                     UNION ALL SELECT 1 FROM notices WHERE channel = $1 AND state = 'due' AND attempts = 0 \
                     AND lane IN ('own', 'page') LIMIT 1";
        Ok(sql::first(self.0, query, &[&channel.to_string()], |_| Ok(()))?.is_some())
    }

    /// A message arrived.
    pub fn clear(&self, channel: &Channel) -> Result<(), StoreError> {
        sql::execute(self.0, "DELETE FROM holds WHERE channel = $1", &[&channel.to_string()])?;
        Ok(())
    }
}
