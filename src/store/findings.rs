//! Findings, and the watches each one threatens. Facts stand in a table of their own, and their history in another.

use std::collections::BTreeMap;

use super::StoreError;
use super::columns::registry_code;
use super::sql::{self, Param, Row, Session};
use crate::model::{CaseId, Finding, FindingKey, OwnerId, ProjectName, Registry, Suspect, Time, Timeline, WatchId};

pub struct Findings<'c>(pub(super) &'c dyn Session);

/// The case, its number, and how it stands with people. Its facts are read beside it.
pub(super) const SELECT: &str = "SELECT f.body, f.id, f.edition, f.snoozed_until FROM findings f";
/// What a new edition makes of the columns that go with it: whoever put it off did so before.
pub(super) const NEXT_EDITION: &str = "edition = edition + 1, snoozed_until = NULL";

impl Findings<'_> {
    pub fn get(&self, key: &FindingKey) -> Result<Option<Finding>, StoreError> {
        self.one(&format!("{SELECT} WHERE f.key = $1"), &[&key.0])
    }

    pub fn by_id(&self, id: CaseId) -> Result<Option<Finding>, StoreError> {
        // None is larger than what SQLite counts with.
        let Ok(id) = i64::try_from(id.0) else { return Ok(None) };
        self.one(&format!("{SELECT} WHERE f.id = $1"), &[&id])
    }

    /// The first case of a query that begins with `SELECT`.
    fn one(&self, query: &str, params: &[&dyn Param]) -> Result<Option<Finding>, StoreError> {
        sql::first(self.0, query, params, read)?.map(|finding| self.learned(finding)).transpose()
    }

    pub(super) fn many(&self, query: &str, params: &[&dyn Param]) -> Result<Vec<Finding>, StoreError> {
        sql::all(self.0, query, params, read)?.into_iter().map(|finding| self.learned(finding)).collect()
    }

    /// With what is known of its registration.
    fn learned(&self, finding: Finding) -> Result<Finding, StoreError> {
        Ok(Finding { facts: super::Knowledge(self.0).of(&finding.key)?, ..finding })
    }

    /// Does any case concern this owner?
    pub fn concern(&self, owner: &OwnerId) -> Result<bool, StoreError> {
        let query = "SELECT 1 FROM threats WHERE owner = $1 LIMIT 1";
        Ok(sql::first(self.0, query, &[&owner.0], |_| Ok(()))?.is_some())
    }

    /// Inserts a new case under the next number; says false, and changes nothing, when the key is known.
    pub fn insert(&self, finding: &Finding) -> Result<bool, StoreError> {
        let json = body(finding)?;
        let params: [&dyn Param; 9] = [
            &finding.key.0,
            &finding.project().as_str(),
            &finding.tier.as_str(),
            &finding.state.as_str(),
            &sql::micros(finding.seen_at),
            &json,
            &registry_code(finding.project().registry()),
            &finding.subject.as_str(),
            &finding.severity().rank(),
        ];
        let insert = "INSERT INTO findings (key, id, subject, registry, project, tier, state, seen_at, changed_at, worsened_at, reminded_at, \
                      snoozed_until, severity, edition, events, body) \
                      VALUES ($1, (SELECT cases + 1 FROM meta), $8, $7, $2, $3, $4, $5, $5, $5, NULL, NULL, $9, 1, 0, $6) \
                      ON CONFLICT (key) DO NOTHING RETURNING id";
        let number: Option<i64> = sql::first(self.0, insert, &params, |row| row.get(0))?;
        let Some(number) = number else { return Ok(false) };
        sql::execute(self.0, "UPDATE meta SET cases = $1", &[&number])?;
        self.put_threats(finding)?;
        self.put_open(finding)?;
        self.put_facts(finding)?;
        Ok(true)
    }

    /// Writes a known case back and adds a line to its timeline. One that is worse than it was, or open again, has another
    /// edition: every way by which a case gets worse comes by here.
    pub fn update(&self, finding: &Finding, line: &Timeline) -> Result<(), StoreError> {
        let rank = finding.severity().rank();
        let next = format!(
            "UPDATE findings SET {NEXT_EDITION} WHERE key = $1 AND ($2 > severity OR ($3 = 'open' AND state <> 'open'))"
        );
        sql::execute(self.0, &next, &[&finding.key.0, &rank, &finding.state.as_str()])?;
        sql::execute(
            self.0,
            "UPDATE findings SET tier = $2, state = $3, changed_at = $4, body = $5, severity = $6 WHERE key = $1",
            &[
                &finding.key.0,
                &finding.tier.as_str(),
                &finding.state.as_str(),
                &sql::micros(line.at),
                &body(finding)?,
                &rank,
            ],
        )?;
        self.put_threats(finding)?;
        self.put_open(finding)?;
        self.put_facts(finding)?;
        self.note(&finding.key, line)
    }

    /// Cases of families: they name some watches and count the rest.
    pub fn of_families(&self) -> Result<Vec<FindingKey>, StoreError> {
        let query = "SELECT DISTINCT key FROM threats WHERE watch >= 'more:' AND watch < 'more;' ORDER BY key";
        sql::all(self.0, query, &[], |row| Ok(FindingKey(row.get(0)?)))
    }

    fn put_threats(&self, finding: &Finding) -> Result<(), StoreError> {
        let counted = "DELETE FROM threats WHERE key = $1 AND watch >= 'more:' AND watch < 'more;'";
        sql::execute(self.0, counted, &[&finding.key.0])?;
        for more in &finding.more {
            let insert = "INSERT INTO threats (key, watch, owner) VALUES ($1, 'more:' || $2, $2)";
            sql::execute(self.0, insert, &[&finding.key.0, &more.owner.0])?;
        }
        for threat in &finding.threats {
            let rule = threat.matches.first().map(|found| found.rule.as_str());
            sql::execute(
                self.0,
                "INSERT INTO threats (key, watch, owner, rule, tier) VALUES ($1, $2, $3, $4, $5) \
                 ON CONFLICT (key, watch) DO UPDATE SET owner = excluded.owner, rule = excluded.rule, tier = excluded.tier",
                &[&finding.key.0, &threat.watch.to_string(), &threat.owner.0, &rule, &threat.tier.as_str()],
            )?;
        }
        Ok(())
    }

    fn put_facts(&self, finding: &Finding) -> Result<(), StoreError> {
        super::Knowledge(self.0).put(&finding.key, &finding.facts)
    }

    /// Cases of one project, one for each of its registrations.
    pub fn of_project(&self, project: &ProjectName) -> Result<Vec<Finding>, StoreError> {
        let query = format!("{SELECT} WHERE f.registry = $1 AND f.project = $2 ORDER BY f.key");
        self.many(&query, &[&registry_code(project.registry()), &project.as_str()])
    }

    /// Cases that threaten one watch.
    pub fn of_watch(&self, watch: &WatchId) -> Result<Vec<Finding>, StoreError> {
        let query = format!("{SELECT} JOIN threats t ON t.key = f.key WHERE t.watch = $1 ORDER BY f.key");
        self.many(&query, &[&watch.to_string()])
    }

    /// The projects of PyPI of which a case says that they are ours. No more is read of them: they may be as many as names.
    pub fn ours(&self) -> Result<Vec<ProjectName>, StoreError> {
        let query = "SELECT project FROM findings WHERE state = 'ours' AND +registry = $1";
        sql::all(self.0, query, &[&registry_code(Registry::Pypi)], |row| {
            ProjectName::parse(row.text(0)?).map_err(|e| StoreError::unreadable("a name", e))
        })
    }

    /// Projects of PyPI about which something is to be done, each with its case: what pages first, then the oldest, so many, and how many cases
    /// more. Whoever floods the watch with look-alikes pushes out none that was there before, and their own are too young to be given out. What
    /// paged and is gone is among them as long as its name is nobody else's case: to withdraw a project takes nothing from the machines that
    /// have it.
    pub fn suspects(&self, most: usize) -> Result<(BTreeMap<ProjectName, Suspect>, usize), StoreError> {
        let all = "SELECT project, id, tier = 'page', 0 AS gone FROM findings WHERE state IN ('open', 'acknowledged') \
                     AND tier IN ('page', 'alert') AND registry = $1 \
                     UNION ALL SELECT project, id, 1, 1 FROM findings f WHERE state = 'removed' AND tier = 'page' AND registry = $1 \
                     AND NOT EXISTS (SELECT 1 FROM findings n WHERE n.registry = f.registry AND n.project = f.project AND n.id > f.id) \
";
        let query = format!("{all} ORDER BY 4, 3 DESC, 2 LIMIT $2");
        let row = |row: &Row<'_>| {
            let suspect = Suspect { finding: CaseId(row.get::<i64>(1)?.unsigned_abs()), is_page: row.get(2)? };
            Ok((row.get::<String>(0)?, suspect))
        };
        let registry = registry_code(Registry::Pypi);
        let rows = sql::all(self.0, &query, &[&registry, &(most as i64)], row)?;
        let more = match rows.len() < most {
            true => 0,
            false => {
                let counted = sql::first(self.0, &format!("SELECT COUNT(*) FROM ({all})"), &[&registry], |row| {
                    row.get::<i64>(0)
                })?;
                usize::try_from(counted.unwrap_or_default()).unwrap_or_default().saturating_sub(rows.len())
            }
        };
        // Of two cases of one project the first is the more urgent.
        let mut suspects = BTreeMap::new();
        for (project, suspect) in rows {
            if let Ok(project) = ProjectName::parse(&project) {
                suspects.entry(project).or_insert(suspect);
            }
        }
        Ok((suspects, more))
    }

    /// Somebody is reminded of it now.
    pub fn mark_reminded(&self, key: &FindingKey, now: Time) -> Result<(), StoreError> {
        sql::execute(self.0, "UPDATE findings SET reminded_at = $2 WHERE key = $1", &[&key.0, &sql::micros(now)])?;
        Ok(())
    }

    /// Nobody is reminded of it before then, as long as it stands as it does.
    pub fn snooze(&self, key: &FindingKey, until: Time) -> Result<(), StoreError> {
        sql::execute(self.0, "UPDATE findings SET snoozed_until = $2 WHERE key = $1", &[&key.0, &sql::micros(until)])?;
        Ok(())
    }

    /// Open pages that neither got worse nor were reminded of since `before`, and that nobody has put off until later.
    pub fn to_escalate(&self, before: Time, now: Time) -> Result<Vec<Finding>, StoreError> {
        let query = format!(
            "{SELECT} WHERE f.state = 'open' AND f.tier = 'page' AND f.worsened_at <= $1 \
             AND (f.reminded_at IS NULL OR f.reminded_at <= $1) \
             AND (f.snoozed_until IS NULL OR f.snoozed_until <= $2) ORDER BY f.worsened_at"
        );
        self.many(&query, &[&sql::micros(before), &sql::micros(now)])
    }
}

/// The stored form of a case, without what stands elsewhere.
fn body(finding: &Finding) -> Result<String, StoreError> {
    let mut body = serde_json::to_value(finding).map_err(|e| StoreError::unreadable("a finding", e))?;
    if let Some(fields) = body.as_object_mut() {
        ["facts", "id", "edition", "snoozed_until"].iter().for_each(|beside| drop(fields.remove(*beside)));
    }
    Ok(body.to_string())
}

fn read(row: &Row<'_>) -> Result<Finding, StoreError> {
    let finding: Finding = sql::json("a finding", row.text(0)?)?;
    let snoozed_until = row.get::<Option<i64>>(3)?.map(sql::time).transpose()?;
    Ok(Finding { id: Some(CaseId(row.get::<i64>(1)?.unsigned_abs())), edition: row.get(2)?, snoozed_until, ..finding })
}
