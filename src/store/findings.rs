//! Findings and their timelines.

use rusqlite::{Connection, ToSql};
use serde::{Deserialize, Serialize};

use super::{StoreError, sql};
use crate::model::command::FindingFilter;
use crate::model::{Finding, FindingKey, OwnerId, ProjectName, Tier, Time, WatchId};

/// One line of a case's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeline {
    pub at: Time,
    pub kind: String,
    /// The declared user, for what a person did.
    pub who: Option<String>,
    pub detail: String,
}

pub struct Findings<'c>(pub(super) &'c Connection);

impl Findings<'_> {
    pub fn get(&self, key: &FindingKey) -> Result<Option<Finding>, StoreError> {
        sql::first(self.0, "SELECT body FROM findings WHERE key = $1", &[&key.0], |row| body(&row.get::<_, String>(0)?))
    }

    /// Inserts a new case; says false, and changes nothing, when the key is known.
    pub fn insert(&self, finding: &Finding, owner: &OwnerId) -> Result<bool, StoreError> {
        let json = sql::to_json("a finding", finding)?;
        let params: [&dyn ToSql; 8] = [
            &finding.key.0,
            &finding.project().as_str(),
            &finding.watch.to_string(),
            &owner.0,
            &finding.tier.as_str(),
            &finding.state.as_str(),
            &sql::micros(finding.seen_at),
            &json,
        ];
        let added = sql::execute(
            self.0,
            "INSERT INTO findings (key, project, watch, owner, tier, state, seen_at, changed_at, told, escalated, look_at, \
             looks, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $7, 0, 0, NULL, 0, $8) ON CONFLICT DO NOTHING",
            &params,
        )?;
        Ok(added > 0)
    }

    /// Writes a known case back and adds a line to its timeline.
    pub fn update(&self, finding: &Finding, line: &Timeline) -> Result<(), StoreError> {
        let json = sql::to_json("a finding", finding)?;
        sql::execute(
            self.0,
            "UPDATE findings SET tier = $2, state = $3, changed_at = $4, body = $5 WHERE key = $1",
            &[&finding.key.0, &finding.tier.as_str(), &finding.state.as_str(), &sql::micros(line.at), &json],
        )?;
        self.note(&finding.key, line)
    }

    pub fn note(&self, key: &FindingKey, line: &Timeline) -> Result<(), StoreError> {
        sql::execute(
            self.0,
            "INSERT INTO finding_events (key, at, kind, who, detail) VALUES ($1, $2, $3, $4, $5)",
            &[&key.0, &sql::micros(line.at), &line.kind, &line.who, &line.detail],
        )?;
        Ok(())
    }

    pub fn timeline(&self, key: &FindingKey) -> Result<Vec<Timeline>, StoreError> {
        let query = "SELECT at, kind, who, detail FROM finding_events WHERE key = $1 ORDER BY id";
        sql::all(self.0, query, &[&key.0], |row| {
            Ok(Timeline { at: sql::time(row.get(0)?)?, kind: row.get(1)?, who: row.get(2)?, detail: row.get(3)? })
        })
    }

    /// Newest first.
    pub fn list(&self, filter: &FindingFilter) -> Result<Vec<Finding>, StoreError> {
        let states: Vec<&str> = filter.states.iter().map(|s| s.as_str()).collect();
        let states = sql::to_json("states", &states)?;
        let tiers = tiers_from(filter.at_least.unwrap_or(Tier::Digest));
        let params: [&dyn ToSql; 8] = [
            &filter.owner.as_ref().map(|o| o.0.as_str()),
            &filter.project.as_ref().map(ProjectName::as_str),
            &filter.watch.as_ref().map(ToString::to_string),
            &states,
            &tiers,
            &i64::from(filter.untold),
            &filter.limit.map_or(i64::MAX, |n| n as i64),
            &filter.after.as_ref().map(|key| key.0.as_str()),
        ];
        sql::all(
            self.0,
            "SELECT body FROM findings WHERE ($1 IS NULL OR owner = $1) AND ($2 IS NULL OR project = $2) \
             AND ($3 IS NULL OR watch = $3) AND ($4 = '[]' OR $4 LIKE '%\"' || state || '\"%') \
             AND $5 LIKE '%' || tier || '%' AND ($6 = 0 OR told = 0) \
             AND ($8 IS NULL OR EXISTS (SELECT 1 FROM findings a WHERE a.key = $8 AND (findings.seen_at < a.seen_at \
             OR (findings.seen_at = a.seen_at AND findings.key > a.key)))) ORDER BY seen_at DESC, key LIMIT $7",
            &params,
            |row| body(&row.get::<_, String>(0)?),
        )
    }

    /// How many, by tier and state.
    pub fn counts(&self) -> Result<Vec<(String, String, u64)>, StoreError> {
        let query = "SELECT tier, state, count(*) FROM findings GROUP BY tier, state ORDER BY tier, state";
        sql::all(self.0, query, &[], |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, i64>(2)?.unsigned_abs())))
    }

    /// Cases of one project.
    pub fn of_project(&self, project: &ProjectName) -> Result<Vec<Finding>, StoreError> {
        let query = "SELECT body FROM findings WHERE project = $1 ORDER BY key";
        sql::all(self.0, query, &[&project.as_str()], |row| body(&row.get::<_, String>(0)?))
    }

    /// Cases of one watch.
    pub fn of_watch(&self, watch: &WatchId) -> Result<Vec<Finding>, StoreError> {
        let query = "SELECT body FROM findings WHERE watch = $1 ORDER BY key";
        sql::all(self.0, query, &[&watch.to_string()], |row| body(&row.get::<_, String>(0)?))
    }

    /// Is any case of this project still live?
    pub fn live(&self, project: &ProjectName) -> Result<bool, StoreError> {
        let query = "SELECT 1 FROM findings WHERE project = $1 \
                     AND state IN ('open', 'acknowledged', 'pre-existing', 'ours') LIMIT 1";
        Ok(sql::first(self.0, query, &[&project.as_str()], |_| Ok(()))?.is_some())
    }

    /// Another owner answers for the cases of this watch.
    pub fn hand_over(&self, watch: &WatchId, owner: &OwnerId) -> Result<usize, StoreError> {
        sql::execute(self.0, "UPDATE findings SET owner = $2 WHERE watch = $1", &[&watch.to_string(), &owner.0])
    }

    pub fn mark_told(&self, key: &FindingKey) -> Result<(), StoreError> {
        sql::execute(self.0, "UPDATE findings SET told = 1 WHERE key = $1", &[&key.0])?;
        Ok(())
    }

    pub fn mark_escalated(&self, key: &FindingKey) -> Result<(), StoreError> {
        sql::execute(self.0, "UPDATE findings SET escalated = 1 WHERE key = $1", &[&key.0])?;
        Ok(())
    }

    /// Told `page` cases that nobody has acknowledged since `before`, and that were not escalated.
    pub fn to_escalate(&self, before: Time) -> Result<Vec<Finding>, StoreError> {
        let query = "SELECT body FROM findings WHERE state = 'open' AND tier = 'page' AND told = 1 AND escalated = 0 \
                     AND seen_at <= $1 ORDER BY seen_at";
        sql::all(self.0, query, &[&sql::micros(before)], |row| body(&row.get::<_, String>(0)?))
    }

    /// Asks triage to look this project's case up at `at`.
    pub fn schedule_look(&self, key: &FindingKey, at: Time) -> Result<(), StoreError> {
        sql::execute(self.0, "UPDATE findings SET look_at = $2 WHERE key = $1", &[&key.0, &sql::micros(at)])?;
        Ok(())
    }

    /// Records a look-up: what it learned is in the finding, and when to look again, if ever.
    pub fn looked(&self, key: &FindingKey, again: Option<Time>) -> Result<(), StoreError> {
        sql::execute(
            self.0,
            "UPDATE findings SET look_at = $2, looks = CASE WHEN $2 IS NULL THEN 0 ELSE looks + 1 END WHERE key = $1",
            &[&key.0, &again.map(sql::micros)],
        )?;
        Ok(())
    }

    /// Cases due for a look-up, with how often it was tried in vain; the untried first.
    pub fn due_for_look(&self, now: Time, limit: usize) -> Result<Vec<(Finding, u32)>, StoreError> {
        let query = "SELECT body, looks FROM findings WHERE look_at <= $1 ORDER BY looks, look_at LIMIT $2";
        sql::all(self.0, query, &[&sql::micros(now), &(limit as i64)], |row| {
            Ok((body(&row.get::<_, String>(0)?)?, row.get(1)?))
        })
    }
}

fn body(text: &str) -> Result<Finding, StoreError> {
    sql::json("a finding", text)
}

fn tiers_from(lowest: Tier) -> String {
    [Tier::Digest, Tier::Alert, Tier::Page]
        .iter()
        .filter(|t| **t >= lowest)
        .map(|t| t.as_str())
        .collect::<Vec<_>>()
        .join(" ")
}
