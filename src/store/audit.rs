//! The audit trail: who asked for what that changes something, who came in, and who was refused.

use super::StoreError;
use super::sql::{self, Param, Session};
use crate::model::{Actor, Time};

/// One thing that happened. It is never changed and never forgotten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditLine {
    pub at: Time,
    pub by: Actor,
    /// `judge`, as the command is called; `sign-in`.
    pub action: String,
    /// `done`, or why not.
    pub outcome: String,
    /// What was asked for, without secrets.
    pub detail: String,
}

/// The same with its number, by which the trail is in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audited {
    pub id: i64,
    pub line: AuditLine,
}

pub struct Audit<'c>(pub(super) &'c dyn Session);

impl Audit<'_> {
    pub fn add(&self, line: &AuditLine) -> Result<(), StoreError> {
        let who = sql::to_json("who did it", &line.by)?;
        let insert = "INSERT INTO audit (at, who, action, outcome, detail) VALUES ($1, $2, $3, $4, $5)";
        let params: [&dyn Param; 5] = [&sql::micros(line.at), &who, &line.action, &line.outcome, &line.detail];
        sql::execute(self.0, insert, &params)?;
        Ok(())
    }

    /// What happened since then, after this number, oldest first.
    pub fn since(&self, since: Time, after: i64, most: u32) -> Result<Vec<Audited>, StoreError> {
        let query =
            "SELECT id, at, who, action, outcome, detail FROM audit WHERE at >= $1 AND id > $2 ORDER BY id LIMIT $3";
        sql::all(self.0, query, &[&sql::micros(since), &after, &most], |row| {
            let line = AuditLine {
                at: sql::time(row.get(1)?)?,
                by: sql::json("who did it", row.text(2)?)?,
                action: row.get(3)?,
                outcome: row.get(4)?,
                detail: row.get(5)?,
            };
            Ok(Audited { id: row.get(0)?, line })
        })
    }
}
