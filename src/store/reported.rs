//! What reports read, all at once: cases of a period with who answered them, changes of exposure, and how much was registered.

use super::StoreError;
use super::columns::word;
use super::sql::{self, Param, Row, Session};
use super::watches::{read_change, read_id};
use crate::model::exposure::ExposureChange;
use crate::model::finding::WouldPipTake;
use crate::model::{CaseId, Finding, OwnerId, Time, WatchId};

/// A case as a report lists it. Of its facts only what pip would do is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportedCase {
    pub finding: Finding,
    /// When it last got worse.
    pub worsened_at: Time,
    /// When a person first decided about it.
    pub answered_at: Option<Time>,
    pub would_pip_take: WouldPipTake,
}

pub struct Reported<'c>(pub(super) &'c dyn Session);

/// When a person first said something of a case that answers it.
const ANSWERED: &str = "(SELECT min(e.at) FROM finding_events e WHERE e.key = f.key AND e.person IS NOT NULL \
                        AND e.kind IN ('acknowledged', 'resolved', 'suppressed'))";
/// Those that are not closed, and those to which something happened after `$1`.
const CONCERNED: &str = "f.key IN (SELECT key FROM findings WHERE seen_at > $1 \
                         UNION ALL SELECT key FROM findings WHERE state IN ('open', 'acknowledged') \
                         UNION ALL SELECT key FROM finding_events WHERE at > $1)";

/// Ours, and known to be so before anybody heard of it: a claim of our own is no case.
const UNTOLD: &str =
    "f.state = 'ours' AND NOT EXISTS (SELECT 1 FROM tellings t WHERE t.key = f.key AND t.outcome = 'told')";

impl Reported<'_> {
    /// Cases that are not closed, and those to which something happened since, in the order of their keys. What stood before
    /// its watch, and what is no longer watched, is none.
    pub fn cases(&self, owner: Option<&OwnerId>, since: Time) -> Result<Vec<ReportedCase>, StoreError> {
        let theirs = if owner.is_some() { "AND f.key IN (SELECT key FROM threats WHERE owner = $2)" } else { "" };
        let query = format!(
            "SELECT f.body, f.id, f.worsened_at, k.would_pip_take, {ANSWERED} FROM findings f \
             LEFT JOIN facts k ON k.key = f.key WHERE {CONCERNED} \
             AND f.state NOT IN ('pre-existing', 'unwatched') AND NOT ({UNTOLD}) {theirs} ORDER BY f.key"
        );
        let since = sql::micros(since);
        let both: Vec<&dyn Param> =
            std::iter::once(&since as &dyn Param).chain(owner.map(|owner| &owner.0 as &dyn Param)).collect();
        sql::all(self.0, &query, &both, read_case)
    }

    /// How the exposure of watches changed after `since` and until then, oldest first.
    pub fn exposure_changes(&self, since: Time, until: Time) -> Result<Vec<(WatchId, ExposureChange)>, StoreError> {
        let query = "SELECT at, was, became, registration, serial, registry, kind, text FROM exposure_changes \
                     WHERE at > $1 AND at <= $2 ORDER BY at, id";
        sql::all(self.0, query, &[&sql::micros(since), &sql::micros(until)], |row| {
            Ok((read_id(row, 5)?, read_change(row)?))
        })
    }

    /// Registrations by the feed that told of them, in the hours from one time to another. The index lists what the others
    /// call created.
    pub fn registrations(&self, since: Time, until: Time) -> Result<Vec<(String, u64)>, StoreError> {
        let query = "SELECT feed, sum(count) FROM sighting_counts WHERE hour >= $1 AND hour <= $2 \
                     AND event IN ('created', 'listed') GROUP BY feed ORDER BY feed";
        let hour = |time: Time| time.timestamp() / 3600;
        sql::all(self.0, query, &[&hour(since), &hour(until)], |row| {
            Ok((row.get(0)?, row.get::<i64>(1)?.unsigned_abs()))
        })
    }

    /// The same of each hour, counted from 1970.
    pub fn registrations_by_hour(&self, since: Time, until: Time) -> Result<Vec<(i64, String, u64)>, StoreError> {
        let query = "SELECT hour, feed, sum(count) FROM sighting_counts WHERE hour >= $1 AND hour <= $2 \
                     AND event IN ('created', 'listed') GROUP BY hour, feed ORDER BY hour, feed";
        let hour = |time: Time| time.timestamp() / 3600;
        sql::all(self.0, query, &[&hour(since), &hour(until)], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get::<i64>(2)?.unsigned_abs()))
        })
    }

    /// The hours, counted from 1970, in which any feed told anything: from the one of `since` to that of `until`.
    pub fn hours(&self, since: Time, until: Time) -> Result<Vec<i64>, StoreError> {
        let query = "SELECT DISTINCT hour FROM sighting_counts WHERE hour >= $1 AND hour <= $2 ORDER BY hour";
        let hour = |time: Time| time.timestamp() / 3600;
        sql::all(self.0, query, &[&hour(since), &hour(until)], |row| row.get(0))
    }
}

fn read_case(row: &Row<'_>) -> Result<ReportedCase, StoreError> {
    let finding: Finding = sql::json("a finding", row.text(0)?)?;
    let taken = row.get::<Option<String>>(3)?.map(|text| word("what pip would do", text)).transpose()?;
    Ok(ReportedCase {
        finding: Finding { id: Some(CaseId(row.get::<i64>(1)?.unsigned_abs())), ..finding },
        worsened_at: sql::time(row.get(2)?)?,
        answered_at: row.get::<Option<i64>>(4)?.map(sql::time).transpose()?,
        would_pip_take: taken.unwrap_or_default(),
    })
}
