//! What stood before it was watched: which cases are nothing else, and what of it waits to be told together.

use super::facts::Knowledge;
use super::findings::Findings;
use super::tellings::Tellings;
use super::{StoreError, sql};
use crate::model::{FindingKey, OwnerId, Tier, Time};

/// Of the telling `t`, for the owner `$1`: it waits, and says that something stood.
const GATHERING: &str = "t.owner = $1 AND t.lane = 'stood' AND t.notice IS NULL AND t.outcome IS NULL \
                         AND EXISTS (SELECT 1 FROM case_events c WHERE c.key = t.key AND c.number = t.number AND c.kind = 'stood')";

impl Findings<'_> {
    /// Did it stand before it was watched, and is it no worse since?
    pub fn merely_stands(&self, key: &FindingKey) -> Result<bool, StoreError> {
        let query = "SELECT 1 FROM findings WHERE key = $1 AND stood = 1";
        Ok(sql::first(self.0, query, &[&key.0], |_| Ok(()))?.is_some())
    }

    /// How many cases of this tier somebody is on. What stood before, and was acknowledged as it stood, is none of them:
    /// there may be nothing to do about it for years.
    pub fn worked_on(&self, tier: Tier) -> Result<u64, StoreError> {
        let query =
            "SELECT coalesce(sum(cases), 0) FROM case_counts WHERE tier = $1 AND state = 'acknowledged' AND stood = 0";
        let count = sql::first(self.0, query, &[&tier.as_str()], |row| row.get::<i64>(0))?;
        Ok(count.unwrap_or(0).unsigned_abs())
    }
}

impl Knowledge<'_> {
    /// Is anything that stood before, and threatens a watched name of this owner, still to be looked at for the first time?
    pub fn first_looks_wait(&self, owner: &OwnerId) -> Result<bool, StoreError> {
        let query = "SELECT 1 FROM threats t JOIN findings f ON f.key = t.key JOIN facts k ON k.key = t.key \
                     WHERE t.owner = $1 AND f.state = 'pre-existing' AND k.urgency > 1 AND k.look_at IS NOT NULL \
                     AND k.looked_at IS NULL LIMIT 1";
        Ok(sql::first(self.0, query, &[&owner.0], |_| Ok(()))?.is_some())
    }
}

impl Tellings<'_> {
    /// When what gathers for this owner goes out; `None`: nothing does.
    pub fn gathering(&self, owner: &OwnerId) -> Result<Option<Time>, StoreError> {
        let query = format!("SELECT min(t.due_at) FROM tellings t WHERE {GATHERING}");
        let due = sql::first(self.0, &query, &[&owner.0], |row| row.get::<Option<i64>>(0))?;
        due.flatten().map(sql::time).transpose()
    }

    /// What gathered for this owner is complete, and goes out now.
    pub fn gathered(&self, owner: &OwnerId, now: Time) -> Result<usize, StoreError> {
        let update = format!(
            "UPDATE tellings SET due_at = $2 WHERE id IN (SELECT t.id FROM tellings t WHERE {GATHERING} AND t.due_at > $2)"
        );
        sql::execute(self.0, &update, &[&owner.0, &sql::micros(now)])
    }
}
