//! Cases that are open, in numbers, and the one that has waited longest for somebody.

use super::findings::Findings;
use super::{StoreError, sql};
use crate::model::{Finding, FindingKey, Tier, Time};

impl Findings<'_> {
    /// How many cases of this tier nobody has acknowledged, or put off until later, that last got worse at `before` or earlier.
    pub fn unacknowledged_since(&self, tier: Tier, before: Time, now: Time) -> Result<u64, StoreError> {
        let query = "SELECT count(*) FROM findings WHERE state = 'open' AND tier = $1 AND worsened_at <= $2 \
                     AND (snoozed_until IS NULL OR snoozed_until <= $3)";
        let params: [&dyn sql::Param; 3] = [&tier.as_str(), &sql::micros(before), &sql::micros(now)];
        let count = sql::first(self.0, query, &params, |row| row.get::<i64>(0))?;
        Ok(count.unwrap_or(0).unsigned_abs())
    }

    /// The case of this tier that is open for longest since it last got worse, and since when.
    pub fn longest_open(&self, tier: Tier) -> Result<Option<(Finding, Time)>, StoreError> {
        let query = "SELECT key, worsened_at FROM findings WHERE state = 'open' AND tier = $1 \
                     ORDER BY worsened_at LIMIT 1";
        let found =
            sql::first(self.0, query, &[&tier.as_str()], |row| Ok((FindingKey(row.get(0)?), sql::time(row.get(1)?)?)))?;
        let Some((key, since)) = found else { return Ok(None) };
        Ok(self.get(&key)?.map(|finding| (finding, since)))
    }
}
