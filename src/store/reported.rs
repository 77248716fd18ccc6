//! What reports read, all at once: cases of a period with who answered them, changes of exposure, and how much was registered.

use super::StoreError;
use super::columns::{registry_code, word};
use super::sql::{self, Param, Row, Session};
use super::watches::{read_change, read_id};
use crate::model::exposure::ExposureChange;
use crate::model::finding::WouldPipTake;
use crate::model::{CaseId, Exposure, Finding, FindingState, OwnerId, Tier, Time, WatchId};

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

/// Of the case `f`: it is one. What stood before its watch, and what is no longer watched, is none, nor is a claim of our own
/// that nobody was told of.
pub(super) const IS_ONE: &str = "f.state NOT IN ('pre-existing', 'unwatched') AND NOT (f.state = 'ours' \
                                 AND NOT EXISTS (SELECT 1 FROM tellings t WHERE t.key = f.key AND t.outcome = 'told'))";

/// Of the case `f`: it is ours, and none for that alone.
pub(super) const UNTOLD: &str = "f.state = 'ours' \
                                 AND NOT EXISTS (SELECT 1 FROM tellings t WHERE t.key = f.key AND t.outcome = 'told')";

/// Of the case `f`: it is closed, and something happened to it after `$1`. Whatever does writes the case.
const SETTLED: &str =
    "f.state IN ('resolved', 'suppressed', 'ours', 'removed') AND f.changed_at > $1 AND f.seen_at <= $2";

/// Of the case `f`: it threatens a watch of the owner `$3`, or did.
const THEIRS: &str = "AND EXISTS (SELECT 1 FROM threats t WHERE t.key = f.key AND t.owner = $3)";

/// How many cases that threaten a watch are not closed: its id is what this says. A case itself is a page to read, or several.
pub(super) fn open_that_threaten(watch: &str) -> String {
    format!(
        "(SELECT count(*) FROM threats t WHERE t.watch = {watch} \
         AND EXISTS (SELECT 1 FROM open_cases o WHERE o.key = t.key))"
    )
}

/// After the first time, and until the second.
pub(super) type Period = (Time, Time);

impl Reported<'_> {
    /// How many were closed with something that happened in the period, by tier.
    pub fn settled(&self, owner: Option<&OwnerId>, period: Period) -> Result<Vec<(Tier, u64)>, StoreError> {
        let sums = TIERS.map(|tier| format!("coalesce(sum(f.tier = '{}'), 0)", tier.as_str())).join(", ");
        let query = format!("SELECT {sums} FROM findings f WHERE {SETTLED} AND {IS_ONE}");
        let rows = self.of_period(&query, owner, period, |row| {
            let count = |at: usize| Ok::<_, StoreError>((TIERS[at], row.get::<i64>(at)?.unsigned_abs()));
            (0..TIERS.len()).map(count).collect::<Result<Vec<_>, _>>()
        })?;
        Ok(rows.into_iter().flatten().collect())
    }

    /// How many seconds after it was seen each page or alert was answered by a person in the period, for the first time.
    pub fn answers(&self, owner: Option<&OwnerId>, period: Period) -> Result<Vec<i64>, StoreError> {
        let query = format!(
            "SELECT f.seen_at, f.answered_at FROM findings f WHERE f.answered_at > $1 AND f.answered_at <= $2 \
             AND f.tier IN ('page', 'alert') AND {IS_ONE}"
        );
        let mut seconds = self.of_period(&query, owner, period, |row| {
            Ok((sql::time(row.get(1)?)? - sql::time(row.get(0)?)?).num_seconds().max(0))
        })?;
        seconds.sort_unstable();
        Ok(seconds)
    }

    /// The cases of a tier in a state, what got worse last first; of each what `line` makes of it.
    pub fn open<T>(
        &self,
        owner: Option<&OwnerId>,
        (tier, state): (Tier, FindingState),
        most: usize,
        line: impl Fn(&ReportedCase) -> T,
    ) -> Result<Vec<T>, StoreError> {
        let (table, theirs) = if owner.is_some() { ("open_cases", "AND owner = $4") } else { ("findings", "") };
        let keys = format!(
            "SELECT key FROM {table} WHERE state = $1 AND tier = $2 {theirs} ORDER BY worsened_at DESC, key LIMIT $3"
        );
        let query = format!("{SELECT} WHERE f.key IN ({keys}) ORDER BY f.worsened_at DESC, f.key");
        let (state, tier, most) = (state.as_str(), tier.as_str(), limit(most));
        let mut params: Vec<&dyn Param> = vec![&state, &tier, &most];
        params.extend(owner.map(|owner| &owner.0 as &dyn Param));
        sql::all(self.0, &query, &params, |row| Ok(line(&read_case(row)?)))
    }

    /// The same of those of a tier that were closed with something that happened in the period, the last first.
    pub fn settled_cases<T>(
        &self,
        owner: Option<&OwnerId>,
        period: Period,
        tier: Tier,
        most: usize,
        line: impl Fn(&ReportedCase) -> T,
    ) -> Result<Vec<T>, StoreError> {
        let theirs = if owner.is_some() { THEIRS } else { "" };
        let (last, tiers) = (if owner.is_some() { "$4" } else { "$3" }, tier.as_str());
        let keys = format!(
            "SELECT f.key FROM findings f WHERE {SETTLED} AND f.tier = '{tiers}' AND {IS_ONE} {theirs} \
             ORDER BY f.changed_at DESC, f.key LIMIT {last}"
        );
        let query = format!("{SELECT} WHERE f.key IN ({keys}) ORDER BY f.changed_at DESC, f.key");
        let (since, until, most) = (sql::micros(period.0), sql::micros(period.1), limit(most));
        let mut params: Vec<&dyn Param> = vec![&since, &until];
        params.extend(owner.map(|owner| &owner.0 as &dyn Param));
        params.push(&most);
        sql::all(self.0, &query, &params, |row| Ok(line(&read_case(row)?)))
    }

    /// How many cases that threaten this watch are not closed.
    pub fn open_of(&self, watch: &WatchId) -> Result<usize, StoreError> {
        let query = format!("SELECT {}", open_that_threaten("$1"));
        let count = sql::first(self.0, &query, &[&watch.to_string()], |row| row.get::<i64>(0))?;
        Ok(count.unwrap_or(0).unsigned_abs() as usize)
    }

    /// The rows of a query of which the last thing said is which cases `f`.
    fn of_period<T>(
        &self,
        query: &str,
        owner: Option<&OwnerId>,
        (since, until): Period,
        read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let (since, until) = (sql::micros(since), sql::micros(until));
        let mut params: Vec<&dyn Param> = vec![&since, &until];
        params.extend(owner.map(|owner| &owner.0 as &dyn Param));
        let theirs = if owner.is_some() { THEIRS } else { "" };
        sql::all(self.0, &format!("{query} {theirs}"), &params, read)
    }

    /// How the exposure of watches changed in the period, oldest first and each with its number: so many, from the beginning or behind
    /// the time and the number of one.
    pub fn exposure_changes(
        &self,
        (since, until): Period,
        after: Option<(Time, i64)>,
        most: usize,
    ) -> Result<Vec<(i64, WatchId, ExposureChange)>, StoreError> {
        let read = |row: &Row<'_>| Ok((row.get(8)?, read_id(row, 5)?, read_change(row)?));
        let columns = "SELECT at, was, became, registration, serial, registry, kind, text, id FROM exposure_changes";
        // As one comparison of two values each page would go through all of its moment again, and a large change is of one moment.
        let of_the_moment = format!("{columns} WHERE at = $1 AND id > $2 AND was IS NOT NULL ORDER BY id LIMIT $3");
        let later = format!("{columns} WHERE at > $1 AND at <= $2 AND was IS NOT NULL ORDER BY at, id LIMIT $3");
        let mut all = match after {
            Some((at, id)) => sql::all(self.0, &of_the_moment, &[&sql::micros(at), &id, &limit(most)], read)?,
            // What was at the beginning itself is before it.
            None => Vec::new(),
        };
        let from = after.map_or(since, |(at, _)| at);
        let more = limit(most.saturating_sub(all.len()));
        all.extend(sql::all(self.0, &later, &[&sql::micros(from), &sql::micros(until), &more], read)?);
        Ok(all)
    }

    /// How a watch stood before the last of its changes in the period; `None`: there was none.
    pub fn changed_from(&self, id: &WatchId, (since, until): Period) -> Result<Option<Exposure>, StoreError> {
        let query = "SELECT was FROM exposure_changes WHERE registry = $1 AND kind = $2 AND text = $3 \
                     AND at > $4 AND at <= $5 AND was IS NOT NULL ORDER BY at DESC, id DESC LIMIT 1";
        let (registry, since, until) = (registry_code(id.registry), sql::micros(since), sql::micros(until));
        let params: [&dyn Param; 5] = [&registry, &id.kind.as_str(), &id.text, &since, &until];
        sql::first(self.0, query, &params, |row| sql::json("an exposure", row.text(0)?))
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

/// The cases `f` as `read_case` reads them.
const SELECT: &str = "SELECT f.body, f.id, f.worsened_at, k.would_pip_take, f.answered_at FROM findings f \
                      LEFT JOIN facts k ON k.key = f.key";

/// Every number is one to SQLite that fits into its own.
fn limit(most: usize) -> i64 {
    i64::try_from(most).unwrap_or(i64::MAX)
}

const TIERS: [Tier; 3] = [Tier::Page, Tier::Alert, Tier::Digest];

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
