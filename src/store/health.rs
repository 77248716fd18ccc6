//! Health cases: one open row per issue, closed rows kept as history.

use super::StoreError;
use super::sql::{self, Session};
use crate::model::Time;
use crate::model::health::{HealthCase, HealthIssue};

pub struct HealthCases<'c>(pub(super) &'c dyn Session);

impl HealthCases<'_> {
    /// The open case of this issue.
    pub fn open(&self, issue: &HealthIssue) -> Result<Option<HealthCase>, StoreError> {
        let query = "SELECT body FROM health WHERE issue = $1 AND until IS NULL";
        sql::first(self.0, query, &[&issue.to_string()], |row| sql::json("a health case", &row.get::<String>(0)?))
    }

    /// Every open case, oldest first.
    pub fn all_open(&self) -> Result<Vec<HealthCase>, StoreError> {
        sql::all(self.0, "SELECT body FROM health WHERE until IS NULL ORDER BY since, issue", &[], |row| {
            sql::json("a health case", &row.get::<String>(0)?)
        })
    }

    /// Cases that ended at `since` or later, in the order of their beginning.
    pub fn over_since(&self, since: Time) -> Result<Vec<HealthCase>, StoreError> {
        let query = "SELECT body FROM health WHERE until >= $1 ORDER BY since, issue";
        sql::all(self.0, query, &[&sql::micros(since)], |row| sql::json("a health case", &row.get::<String>(0)?))
    }

    /// One case by its key: the issue's text and when it began.
    pub fn get(&self, issue: &str, since: Time) -> Result<Option<HealthCase>, StoreError> {
        let query = "SELECT body FROM health WHERE issue = $1 AND since = $2";
        sql::first(self.0, query, &[&issue, &sql::micros(since)], |row| {
            sql::json("a health case", &row.get::<String>(0)?)
        })
    }

    /// Inserts or replaces a case.
    pub fn put(&self, case: &HealthCase) -> Result<(), StoreError> {
        let body = sql::to_json("a health case", case)?;
        sql::execute(
            self.0,
            "INSERT INTO health (issue, since, until, body) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (issue, since) DO UPDATE SET until = excluded.until, body = excluded.body",
            &[&case.issue.to_string(), &sql::micros(case.since), &case.until.map(sql::micros), &body],
        )?;
        Ok(())
    }
}
