//! Which look-alikes came within the hour of each other, and which cases are in one hand: found by an index, however many a
//! stranger makes. What was filed stays filed.

use chrono::TimeDelta;

use super::StoreError;
use super::columns::{project, registry_code};
use super::sql::{self, Param, Row, Session};
use crate::model::{FindingKey, ProjectName, Time, WatchId};

/// Cases that one other case can change; in one hour, or one hand, no more than two can be alone.
const FEW: i64 = 50;

/// A look-alike by edits, among those of its watch.
#[derive(Clone, Debug)]
pub struct LookAlike<'f> {
    pub key: &'f FindingKey,
    pub project: &'f ProjectName,
    pub watch: &'f WatchId,
    /// When it was registered.
    pub moment: Time,
}

pub struct Surroundings<'c>(pub(super) &'c dyn Session);

impl Surroundings<'_> {
    /// Files a look-alike; a moment that is learned later replaces the one before.
    pub fn file(&self, one: &LookAlike<'_>) -> Result<(), StoreError> {
        let registry = registry_code(one.project.registry());
        let params: [&dyn Param; 5] =
            [&one.key.0, &one.watch.to_string(), &one.project.as_str(), &sql::micros(one.moment), &registry];
        sql::execute(
            self.0,
            "INSERT INTO look_alikes (key, watch, registry, project, moment) VALUES ($1, $2, $5, $3, $4) \
             ON CONFLICT (key, watch) DO UPDATE SET moment = excluded.moment WHERE moment <> excluded.moment",
            &params,
        )?;
        Ok(())
    }

    /// The first other project within this time of it, before or after, that is a look-alike of the same watch.
    pub fn company(&self, one: &LookAlike<'_>, within: TimeDelta) -> Result<Option<ProjectName>, StoreError> {
        let query = "SELECT registry, project FROM look_alikes WHERE watch = $1 AND moment BETWEEN $2 AND $3 AND project <> $4 \
                     ORDER BY moment, key LIMIT $5";
        let found = self.around(query, one, within, 1, |row| project(row.get(0)?, row.text(1)?))?;
        Ok(found.into_iter().next())
    }

    /// Those within this time of it that had no company before.
    pub fn alone(&self, one: &LookAlike<'_>, within: TimeDelta) -> Result<Vec<FindingKey>, StoreError> {
        let query = "SELECT key FROM look_alikes WHERE joined_at IS NULL AND watch = $1 AND moment BETWEEN $2 AND $3 \
                     AND project <> $4 ORDER BY moment, key LIMIT $5";
        self.around(query, one, within, FEW, |row| Ok(FindingKey(row.get(0)?)))
    }

    fn around<T>(
        &self,
        query: &str,
        one: &LookAlike<'_>,
        within: TimeDelta,
        most: i64,
        read: impl Fn(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let (from, to) = (sql::micros(one.moment - within), sql::micros(one.moment + within));
        let params: [&dyn Param; 5] = [&one.watch.to_string(), &from, &to, &one.project.as_str(), &most];
        sql::all(self.0, query, &params, read)
    }

    /// It has company among the look-alikes of this watch.
    pub fn accompany(&self, key: &FindingKey, watch: &WatchId, now: Time) -> Result<(), StoreError> {
        let update = "UPDATE look_alikes SET joined_at = $3 WHERE key = $1 AND watch = $2 AND joined_at IS NULL";
        sql::execute(self.0, update, &[&key.0, &watch.to_string(), &sql::micros(now)])?;
        Ok(())
    }

    /// The case's project is, or was, in this hand.
    pub fn hold(&self, holder: &str, key: &FindingKey, project: &ProjectName) -> Result<(), StoreError> {
        sql::execute(
            self.0,
            "INSERT INTO holders (registry, holder, key, project) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            &[&registry_code(project.registry()), &holder, &key.0, &project.as_str()],
        )?;
        Ok(())
    }

    /// Another project in this hand whose case is neither ours nor declared harmless.
    pub fn also_held(&self, holder: &str, of: &ProjectName) -> Result<Option<ProjectName>, StoreError> {
        let query = "SELECT h.registry, h.project FROM holders h JOIN findings f ON f.key = h.key WHERE h.registry = $1 \
                     AND h.holder = $2 AND h.project <> $3 AND f.state NOT IN ('ours', 'suppressed', 'unwatched') ORDER BY h.key LIMIT 1";
        let params: [&dyn Param; 3] = [&registry_code(of.registry()), &holder, &of.as_str()];
        sql::first(self.0, query, &params, |row| project(row.get(0)?, row.text(1)?))
    }

    /// Cases of other projects in this hand of which that was not known.
    pub fn alone_held(&self, holder: &str, project: &ProjectName) -> Result<Vec<FindingKey>, StoreError> {
        let query = "SELECT h.key FROM holders h JOIN findings f ON f.key = h.key WHERE h.shared_at IS NULL AND h.registry = $1 \
                     AND h.holder = $2 AND h.project <> $3 AND f.state NOT IN ('ours', 'suppressed', 'unwatched') \
                     ORDER BY h.key LIMIT $4";
        let params: [&dyn Param; 4] = [&registry_code(project.registry()), &holder, &project.as_str(), &FEW];
        sql::all(self.0, query, &params, |row| Ok(FindingKey(row.get(0)?)))
    }

    /// The case is known to be in one hand with another.
    pub fn share(&self, key: &FindingKey, now: Time) -> Result<(), StoreError> {
        let update = "UPDATE holders SET shared_at = $2 WHERE key = $1 AND shared_at IS NULL";
        sql::execute(self.0, update, &[&key.0, &sql::micros(now)])?;
        Ok(())
    }
}
