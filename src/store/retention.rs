//! What each table forgets, in small steps, so that no transaction holds the writer for long. Open findings never.

use chrono::TimeDelta;
use rusqlite::Connection;

use super::{StoreError, sql};
use crate::model::Time;

/// Rows of one table per call.
const STEP: usize = 1000;

/// (statement over `$1` before and `$2` rows, days kept)
const RULES: &[(&str, i64)] = &[
    (
        "DELETE FROM tellings WHERE id IN (SELECT id FROM tellings WHERE outcome IS NOT NULL AND settled_at < $1 LIMIT $2)",
        180,
    ),
    ("DELETE FROM notices WHERE id IN (SELECT id FROM notices WHERE state <> 'due' AND settled_at < $1 LIMIT $2)", 180),
    (
        "DELETE FROM recipients WHERE (key, owner, channel, address) IN \
         (SELECT key, owner, channel, address FROM recipients WHERE at < $1 LIMIT $2)",
        180,
    ),
    (
        "DELETE FROM sightings WHERE id IN (SELECT s.id FROM sightings s WHERE s.seen_at < $1 AND NOT EXISTS \
         (SELECT 1 FROM findings f WHERE f.project = s.name AND f.state IN ('open', 'acknowledged', 'pre-existing')) LIMIT $2)",
        365,
    ),
    (
        "DELETE FROM finding_events WHERE id IN (SELECT e.id FROM finding_events e JOIN findings f ON f.key = e.key \
         WHERE f.changed_at < $1 AND f.state NOT IN ('open', 'acknowledged', 'pre-existing', 'ours') LIMIT $2)",
        730,
    ),
    (
        "DELETE FROM case_events WHERE (key, number) IN (SELECT e.key, e.number FROM case_events e JOIN findings f \
         ON f.key = e.key WHERE f.changed_at < $1 AND f.state NOT IN ('open', 'acknowledged', 'pre-existing', 'ours') LIMIT $2)",
        730,
    ),
    (
        "DELETE FROM threats WHERE (key, watch) IN (SELECT t.key, t.watch FROM threats t JOIN findings f ON f.key = t.key \
         WHERE f.changed_at < $1 AND f.state NOT IN ('open', 'acknowledged', 'pre-existing', 'ours') LIMIT $2)",
        730,
    ),
    (
        "DELETE FROM facts WHERE key IN (SELECT k.key FROM facts k JOIN findings f ON f.key = k.key WHERE f.changed_at < $1 \
         AND f.state NOT IN ('open', 'acknowledged', 'pre-existing', 'ours') LIMIT $2)",
        730,
    ),
    (
        "DELETE FROM findings WHERE key IN (SELECT key FROM findings WHERE changed_at < $1 \
         AND state NOT IN ('open', 'acknowledged', 'pre-existing', 'ours') LIMIT $2)",
        730,
    ),
    ("DELETE FROM unreadable WHERE digest IN (SELECT digest FROM unreadable WHERE settled_at < $1 LIMIT $2)", 730),
    ("DELETE FROM health WHERE (ailment, since) IN (SELECT ailment, since FROM health WHERE until < $1 LIMIT $2)", 365),
];

/// One step of forgetting over every table; gives how many rows went. Call again while it gives more than zero.
pub(super) fn retire(conn: &Connection, now: Time) -> Result<usize, StoreError> {
    let mut gone = 0;
    for (statement, days) in RULES {
        let before = sql::micros(now - TimeDelta::days(*days));
        gone += sql::execute(conn, statement, &[&before, &(STEP as i64)])?;
    }
    Ok(gone)
}
