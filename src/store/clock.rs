//! The wall clock was set: stored times move with it, so that waits keep their real length and ages stay true.
//!
//! Everything stored is wall time, as rows outlive the process and its monotonic clock. What waits (a message for its
//! time, a case for somebody to answer, a feed since its last answer) moves by as much as the clock was set. What merely
//! happened stays as it was told, unless it would now lie in the future. Content that is identity never moves: seconds
//! of registration, serials, keys.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::sql::{self, Session};
use super::{Cursors, StoreError};
use crate::model::health::HealthCase;
use crate::model::{Registry, Time};

/// Which rows of a column wait by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Every row.
    Waits,
    /// Rows for which this SQL holds; the others are history.
    WaitsWhere(&'static str),
    /// None.
    History,
}

/// The newest stretch of every feed: how long ago a feed answered.
const NEWEST: &str = "id IN (SELECT max(id) FROM coverage GROUP BY registry, feed, grade)";
/// Someone is still to act on it.
const LIVE: &str = "state IN ('open', 'acknowledged')";

/// Every column that holds a time of ours. A test holds it against the schema.
const COLUMNS: &[(&str, &str, Kind)] = &[
    ("notices", "due_at", Kind::WaitsWhere("state = 'due'")),
    ("notices", "lease_until", Kind::Waits),
    ("notices", "created_at", Kind::WaitsWhere("state = 'due'")),
    // A channel that gave a message up within a day is a health case.
    ("notices", "settled_at", Kind::WaitsWhere("state = 'given-up'")),
    ("recipients", "at", Kind::History),
    ("unreadable", "first_at", Kind::History),
    ("unreadable", "settled_at", Kind::History),
    ("tellings", "due_at", Kind::WaitsWhere("outcome IS NULL")),
    ("tellings", "created_at", Kind::WaitsWhere("outcome IS NULL")),
    ("tellings", "settled_at", Kind::History),
    ("holds", "until", Kind::Waits),
    // Escalation counts from the one, and again from the other.
    ("findings", "worsened_at", Kind::WaitsWhere(LIVE)),
    ("findings", "reminded_at", Kind::WaitsWhere(LIVE)),
    ("findings", "snoozed_until", Kind::Waits),
    ("findings", "seen_at", Kind::History),
    ("findings", "changed_at", Kind::History),
    ("findings", "answered_at", Kind::History),
    ("facts", "look_at", Kind::Waits),
    ("facts", "looked_at", Kind::Waits),
    ("facts", "taken_at", Kind::History),
    ("facts", "since", Kind::Waits),
    ("case_events", "at", Kind::History),
    ("look_alikes", "joined_at", Kind::History),
    ("holders", "shared_at", Kind::History),
    ("suppressions", "loaded_at", Kind::History),
    ("finding_events", "at", Kind::History),
    ("coverage", "to_at", Kind::WaitsWhere(NEWEST)),
    ("coverage", "from_at", Kind::History),
    ("sightings", "seen_at", Kind::History),
    ("claims", "announced_at", Kind::Waits),
    ("claims", "sent_at", Kind::Waits),
    ("claims", "not_before_at", Kind::Waits),
    ("claims", "begun_at", Kind::Waits),
    ("claims", "held_at", Kind::Waits),
    ("claims", "stirred_at", Kind::Waits),
    ("claims", "look_at", Kind::Waits),
    ("claims", "changed_at", Kind::History),
    ("claim_events", "at", Kind::History),
    ("claim_agreements", "at", Kind::History),
    // A day's quota is that of the last 24 hours.
    ("claim_slots", "used_at", Kind::Waits),
    ("watches", "added_at", Kind::History),
    ("watches", "exposure_since", Kind::History),
    ("exposure_changes", "at", Kind::History),
    // It is kept for a day.
    ("answers", "at", Kind::Waits),
    ("users", "added_at", Kind::History),
    ("sessions", "started_at", Kind::History),
    ("sessions", "used_at", Kind::Waits),
    ("sessions", "ends_at", Kind::Waits),
    ("sign_ins", "ends_at", Kind::Waits),
    ("tokens", "created_at", Kind::History),
    ("tokens", "ends_at", Kind::Waits),
    ("tokens", "used_at", Kind::History),
    ("audit", "at", Kind::History),
];

/// Cursors with times that something waits by, and where in their JSON.
const CURSORS: &[(&str, &str)] = &[
    ("changelog-answered", ""),
    ("changelog-health", "/since"),
    ("changelog-health", "/missing/since"),
    ("changelog-health", "/next_probe"),
    ("index", "/at"),
    ("rss", "/at"),
    ("daily", "/at"),
    ("daily", "/rang"),
    ("canary-due", ""),
    ("claim-pause", "/until"),
    ("claim-asked", ""),
    ("claim-trouble", "/test-index/since"),
    ("claim-trouble", "/test-index/again"),
    ("claim-trouble", "/index/since"),
    ("claim-trouble", "/index/again"),
    ("reviews", "/at"),
    ("recalls", "/at"),
    ("gate-heard", "/at"),
    ("reports", "/after"),
    ("reports", "/until"),
];

/// Cursor: when the daemon last looked at the clock, and how often it found it set.
const SEEN: &str = "clock";

/// What is kept of the clock between two processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockSeen {
    pub at: Time,
    pub steps: u64,
    /// Did PyPI's clock bear it out then?
    #[serde(default)]
    pub borne_out: bool,
    /// So many seconds nobody ran, by a clock that has not been borne out since.
    #[serde(default)]
    pub unproven: i64,
}

/// What a shift came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shifted {
    /// How many stored times moved.
    pub times: usize,
    /// The latest time of each column afterwards, in microseconds: later ones were written by the old clock.
    latest: Vec<i64>,
}

pub struct ClockMarks<'c>(pub(super) &'c dyn Session);

impl ClockMarks<'_> {
    /// The last look at the clock by any process; `None` before the first.
    pub fn seen(&self) -> Result<Option<ClockSeen>, StoreError> {
        Cursors::own(self.0).get(SEEN)
    }

    /// Somebody looked at the clock now, which PyPI's bears out or not.
    pub fn mark(&self, now: Time, borne_out: bool) -> Result<(), StoreError> {
        let (steps, unproven) = self.seen()?.map_or((0, 0), |seen| (seen.steps, seen.unproven));
        self.keep(&ClockSeen { at: now, steps, borne_out, unproven })
    }

    pub(super) fn keep(&self, seen: &ClockSeen) -> Result<(), StoreError> {
        Cursors::own(self.0).set(SEEN, seen)
    }

    /// The clock was set by `delta`, and it is `now` since.
    pub fn shift(&self, delta: TimeDelta, now: Time) -> Result<Shifted, StoreError> {
        let times = self.columns(delta, now)? + self.cursors(delta)? + self.health(delta, now)?;
        let steps = self.seen()?.map_or(0, |seen| seen.steps);
        self.keep(&ClockSeen { at: now, steps: steps + 1, borne_out: false, unproven: 0 })?;
        Ok(Shifted { times, latest: self.latest()? })
    }

    /// Whatever a claim waits by is later by so much: that time is not to count.
    pub(super) fn put_off_claims(&self, by: TimeDelta) -> Result<(), StoreError> {
        let waits = COLUMNS.iter().filter(|(table, _, kind)| table.starts_with("claim") && *kind == Kind::Waits);
        for (table, column, _) in waits {
            sql::execute(self.0, &format!("UPDATE {table} SET {column} = {column} + $1"), &[&micros(by)])?;
        }
        let cursors = Cursors::own(self.0);
        CURSORS
            .iter()
            .filter(|(name, _)| name.starts_with("claim"))
            .try_for_each(|cursor| move_one(&cursors, cursor, by).map(drop))
    }

    /// After a step back: moves what was written by the old clock while `shift` ran, which is what lies after `from` and
    /// after everything that `shift` left. Gives how many.
    pub fn pull(&self, delta: TimeDelta, from: Time, left: &Shifted) -> Result<usize, StoreError> {
        let by = micros(delta);
        let columns = COLUMNS.iter().zip(&left.latest);
        columns.into_iter().try_fold(self.health(delta, from)?, |moved, ((table, column, _), latest)| {
            let after = sql::micros(from).max(*latest);
            let update = format!("UPDATE {table} SET {column} = {column} + $1 WHERE {column} > $2");
            Ok(moved + sql::execute(self.0, &update, &[&by, &after])?)
        })
    }

    fn latest(&self) -> Result<Vec<i64>, StoreError> {
        let of = |(table, column, _): &(&str, &str, Kind)| {
            let query = format!("SELECT coalesce(max({column}), 0) FROM {table}");
            Ok(sql::first(self.0, &query, &[], |row| row.get::<i64>(0))?.unwrap_or(0))
        };
        COLUMNS.iter().map(of).collect()
    }

    fn columns(&self, delta: TimeDelta, now: Time) -> Result<usize, StoreError> {
        let (by, now) = (micros(delta), sql::micros(now));
        COLUMNS.iter().filter(|(.., kind)| moves(*kind, delta)).try_fold(0, |moved, (table, column, kind)| {
            let waits = match kind {
                Kind::Waits => "TRUE",
                Kind::WaitsWhere(rows) => rows,
                Kind::History => "FALSE",
            };
            let update = format!(
                "UPDATE {table} SET {column} = {column} + $1 WHERE {column} IS NOT NULL AND ({column} > $2 OR {waits})"
            );
            Ok(moved + sql::execute(self.0, &update, &[&by, &now])?)
        })
    }

    fn cursors(&self, delta: TimeDelta) -> Result<usize, StoreError> {
        let each = Registry::ALL.iter().map(|registry| Cursors::of(self.0, *registry));
        each.chain([Cursors::own(self.0)]).try_fold(0, |moved, cursors| Ok(moved + later_of(&cursors, delta)?))
    }

    /// A health case is known by when it began: where that would lie in the future, the case, its key and the notices
    /// that name it move together.
    fn health(&self, delta: TimeDelta, now: Time) -> Result<usize, StoreError> {
        let query = "SELECT body FROM health WHERE since > $1 OR until > $1";
        let ahead: Vec<HealthCase> =
            sql::all(self.0, query, &[&sql::micros(now)], |row| sql::json("a health case", &row.get::<String>(0)?))?;
        let back = |at: Time| if at > now { at + delta } else { at };
        for case in &ahead {
            let since = if case.since > now { self.unused(case, case.since + delta)? } else { case.since };
            let moved = HealthCase { since, until: case.until.map(back), ..case.clone() };
            let body = sql::to_json("a health case", &moved)?;
            sql::execute(
                self.0,
                "UPDATE health SET since = $3, until = $4, body = $5 WHERE issue = $1 AND since = $2",
                &[
                    &case.issue.to_string(),
                    &sql::micros(case.since),
                    &sql::micros(moved.since),
                    &moved.until.map(sql::micros),
                    &body,
                ],
            )?;
            self.follow(&case.issue.to_string(), case.since, moved.since)?;
        }
        Ok(ahead.len())
    }

    /// This time, or the next at which no other case of the issue began.
    fn unused(&self, case: &HealthCase, since: Time) -> Result<Time, StoreError> {
        let query = "SELECT 1 FROM health WHERE issue = $1 AND since = $2";
        let issue = case.issue.to_string();
        let mut since = since;
        while sql::first(self.0, query, &[&issue, &sql::micros(since)], |row| row.get::<i64>(0))?.is_some() {
            since += TimeDelta::microseconds(1);
        }
        Ok(since)
    }

    /// Waiting notices of a health case that moved.
    fn follow(&self, issue: &str, from: Time, to: Time) -> Result<(), StoreError> {
        let query = "SELECT id, body FROM notices WHERE event = 'health' AND state = 'due'";
        let waiting = sql::all(self.0, query, &[], |row| {
            Ok((row.get::<i64>(0)?, sql::json::<super::NoticeBody>("a notice", &row.get::<String>(1)?)?))
        })?;
        for (id, mut body) in waiting {
            match &mut body {
                super::NoticeBody::Health { issue: of, since, .. } if of == issue && *since == from => *since = to,
                _ => continue,
            }
            let body = sql::to_json("a notice", &body)?;
            sql::execute(self.0, "UPDATE notices SET body = $2 WHERE id = $1", &[&id, &body])?;
        }
        Ok(())
    }
}

/// History has nothing to do in a clock that was set ahead: nothing of it can lie in the future.
fn moves(kind: Kind, delta: TimeDelta) -> bool {
    kind != Kind::History || delta < TimeDelta::zero()
}

fn micros(delta: TimeDelta) -> i64 {
    delta.num_microseconds().unwrap_or(0)
}

/// The same in the cursors of one registry, or of the watch itself.
fn later_of(cursors: &Cursors<'_>, delta: TimeDelta) -> Result<usize, StoreError> {
    CURSORS.iter().try_fold(0, |moved, cursor| Ok(moved + usize::from(move_one(cursors, cursor, delta)?)))
}

/// Is there such a time?
fn move_one(cursors: &Cursors<'_>, (name, pointer): &(&str, &str), delta: TimeDelta) -> Result<bool, StoreError> {
    let Some(mut value) = cursors.get::<Value>(name)? else { return Ok(false) };
    let moved = later(&mut value, pointer, delta);
    if moved {
        cursors.set(name, &value)?;
    }
    Ok(moved)
}

/// Moves the time at one place of a JSON value. False when there is none.
fn later(value: &mut Value, pointer: &str, delta: TimeDelta) -> bool {
    let Some(place) = value.pointer_mut(pointer) else { return false };
    let Some(time) = place.as_str().and_then(|text| text.parse::<Time>().ok()) else { return false };
    *place = serde_json::json!(time + delta);
    true
}

#[cfg(test)]
mod tests;
