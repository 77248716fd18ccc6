//! What each table forgets, in small steps, so that no transaction holds the writer for long. Of findings neither what is
//! open nor what stands.

use chrono::TimeDelta;

use super::StoreError;
use super::sql::{self, Session};
use crate::model::Time;

/// Rows of one table per call.
const STEP: usize = 1000;

/// A case `f` that nobody misses: closed since before `$1`, and its registration stands no more, or nobody watches it. Whatever
/// happens to a project that stands is told by its case alone: without one, what was put aside years ago would be for good.
const CLOSED: &str = "f.changed_at < $1 AND f.state NOT IN ('open', 'acknowledged', 'pre-existing', 'ours') \
    AND (f.state = 'unwatched' OR NOT EXISTS (SELECT 1 FROM projects p WHERE p.registry = f.registry AND p.name = f.project \
    AND p.presence = 0 AND f.key LIKE '%@' || CASE WHEN p.registration_id < 0 THEN 's' || CAST(-p.registration_id AS TEXT) \
    ELSE CAST(p.registration_id AS TEXT) END))";

/// (statement over `$1` before and `$2` rows, with `CLOSED` for the above, days kept)
const RULES: &[(&str, i64)] = &[
    (
        // Whoever was told of a case hears when it ends.
        "DELETE FROM tellings WHERE id IN (SELECT t.id FROM tellings t WHERE t.outcome IS NOT NULL AND t.settled_at < $1 \
         AND NOT EXISTS (SELECT 1 FROM findings f WHERE f.key = t.key \
         AND f.state IN ('open', 'acknowledged', 'pre-existing', 'resolved')) LIMIT $2)",
        180,
    ),
    ("DELETE FROM notices WHERE id IN (SELECT id FROM notices WHERE state <> 'due' AND settled_at < $1 LIMIT $2)", 180),
    (
        // Whoever refused last is not well again because it is long ago.
        "DELETE FROM recipients WHERE (key, owner, channel, address) IN \
         (SELECT key, owner, channel, address FROM recipients r WHERE at < $1 \
         AND NOT EXISTS (SELECT 1 FROM recipients f WHERE f.key = r.key AND f.owner = r.owner AND f.channel = r.channel \
         AND f.refusal IS NOT NULL AND NOT EXISTS (SELECT 1 FROM recipients n WHERE n.owner = f.owner \
         AND n.channel = f.channel AND n.address = f.address AND n.at > f.at)) LIMIT $2)",
        180,
    ),
    (
        "DELETE FROM sightings WHERE id IN (SELECT s.id FROM sightings s WHERE s.seen_at < $1 AND NOT EXISTS \
         (SELECT 1 FROM findings f WHERE f.registry = s.registry AND f.project = s.name AND f.state IN ('open', 'acknowledged', 'pre-existing')) LIMIT $2)",
        365,
    ),
    (
        "DELETE FROM finding_events WHERE id IN (SELECT e.id FROM finding_events e JOIN findings f ON f.key = e.key \
         WHERE CLOSED LIMIT $2)",
        730,
    ),
    (
        "DELETE FROM case_events WHERE (key, number) IN (SELECT e.key, e.number FROM case_events e JOIN findings f \
         ON f.key = e.key WHERE CLOSED LIMIT $2)",
        730,
    ),
    (
        "DELETE FROM threats WHERE (key, watch) IN (SELECT t.key, t.watch FROM threats t JOIN findings f ON f.key = t.key \
         WHERE CLOSED LIMIT $2)",
        730,
    ),
    (
        "DELETE FROM look_alikes WHERE (key, watch) IN (SELECT key, watch FROM look_alikes WHERE moment < $1 LIMIT $2)",
        90,
    ),
    (
        "DELETE FROM holders WHERE (registry, holder, key) IN (SELECT h.registry, h.holder, h.key FROM holders h JOIN findings f ON f.key = h.key \
         WHERE CLOSED LIMIT $2)",
        730,
    ),
    (
        "DELETE FROM facts WHERE key IN (SELECT k.key FROM facts k JOIN findings f ON f.key = k.key WHERE CLOSED LIMIT $2)",
        730,
    ),
    (
        "DELETE FROM fact_users WHERE (key, place) IN (SELECT k.key, k.place FROM fact_users k JOIN findings f ON f.key = k.key \
         WHERE CLOSED LIMIT $2)",
        730,
    ),
    (
        "DELETE FROM fact_releases WHERE (key, place) IN (SELECT k.key, k.place FROM fact_releases k JOIN findings f ON f.key = k.key \
         WHERE CLOSED LIMIT $2)",
        730,
    ),
    // Last of a case, when nothing else is left of it: what is found by its case would else be kept for ever.
    (
        "DELETE FROM findings WHERE key IN (SELECT f.key FROM findings f WHERE CLOSED \
         AND NOT EXISTS (SELECT 1 FROM finding_events e WHERE e.key = f.key) \
         AND NOT EXISTS (SELECT 1 FROM case_events c WHERE c.key = f.key) \
         AND NOT EXISTS (SELECT 1 FROM threats t WHERE t.key = f.key) \
         AND NOT EXISTS (SELECT 1 FROM holders h WHERE h.key = f.key) \
         AND NOT EXISTS (SELECT 1 FROM fact_users u WHERE u.key = f.key) \
         AND NOT EXISTS (SELECT 1 FROM fact_releases r WHERE r.key = f.key) \
         AND NOT EXISTS (SELECT 1 FROM facts k WHERE k.key = f.key) LIMIT $2)",
        730,
    ),
    (
        // How a watch stands now is kept with since when.
        "DELETE FROM exposure_changes WHERE id IN (SELECT c.id FROM exposure_changes c WHERE c.at < $1 \
         AND (EXISTS (SELECT 1 FROM exposure_changes n WHERE n.registry = c.registry AND n.kind = c.kind \
         AND n.text = c.text AND n.id > c.id) OR NOT EXISTS (SELECT 1 FROM watches w WHERE w.registry = c.registry \
         AND w.kind = c.kind AND w.text = c.text)) LIMIT $2)",
        730,
    ),
    (
        "DELETE FROM unreadable WHERE (registry, digest) IN (SELECT registry, digest FROM unreadable WHERE settled_at < $1 LIMIT $2)",
        730,
    ),
    ("DELETE FROM health WHERE (issue, since) IN (SELECT issue, since FROM health WHERE until < $1 LIMIT $2)", 365),
    (
        "DELETE FROM sighting_counts WHERE (hour, feed, event) IN \
         (SELECT hour, feed, event FROM sighting_counts WHERE hour < $1 / 3600000000 LIMIT $2)",
        730,
    ),
    (
        "DELETE FROM answers WHERE (actor, key) IN (SELECT actor, key FROM answers WHERE at < $1 LIMIT $2)",
        super::answers::DAYS,
    ),
    ("DELETE FROM sessions WHERE digest IN (SELECT digest FROM sessions WHERE ends_at < $1 LIMIT $2)", 1),
    ("DELETE FROM sign_ins WHERE digest IN (SELECT digest FROM sign_ins WHERE ends_at < $1 LIMIT $2)", 1),
    ("DELETE FROM tokens WHERE id IN (SELECT id FROM tokens WHERE ends_at < $1 LIMIT $2)", 90),
    // Of the ledger only what no serial is told of, and never the newest: the others merge into a few rows, and a hole
    // between them would be said to be one in what was seen.
    (
        "DELETE FROM coverage WHERE id IN (SELECT c.id FROM coverage c \
         WHERE c.from_serial IS NULL AND c.to_at < $1 AND EXISTS (SELECT 1 FROM coverage n WHERE n.registry = c.registry AND n.feed = c.feed \
         AND n.grade = c.grade AND n.id > c.id) LIMIT $2)",
        90,
    ),
];

/// The tables without a rule, and what bounds them.
#[cfg(test)]
const BOUNDED: &[(&str, &str)] = &[
    ("meta", "one row"),
    ("projects", "the projects of PyPI: a name that was forgotten would be new again"),
    ("watches", "the inventory"),
    ("open_cases", "what nobody has closed: that is never forgotten"),
    ("case_counts", "the days on which cases were seen"),
    ("threat_counts", "the rules"),
    ("owner_counts", "the owners of open cases"),
    ("watch_counts", "the owners of the inventory"),
    ("outbox_counts", "the channels that there ever were"),
    ("cursors", "a value for each purpose"),
    ("holds", "the channels"),
    ("suppressions", "the inventory"),
    ("claims", "what was ever claimed, a few a day: it is answered for as long as the names are held"),
    ("claim_events", "the same, and a trail that forgets is none"),
    ("claim_slots", "the same"),
    ("claim_agreements", "what people recorded"),
    ("users", "the people of the team"),
    ("audit", "what people did; what strangers try is written down sparingly"),
];

/// One step of forgetting over every table; gives how many rows went. Call again while it gives more than zero.
pub(super) fn retire(session: &dyn Session, now: Time) -> Result<usize, StoreError> {
    let mut gone = 0;
    for (statement, days) in RULES {
        let before = sql::micros(now - TimeDelta::days(*days));
        gone += sql::execute(session, &statement.replace("CLOSED", CLOSED), &[&before, &(STEP as i64)])?;
    }
    Ok(gone)
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::super::sqlite::schema;
    use super::*;

    #[test]
    fn every_table_forgets_or_is_bounded() {
        let conn = Connection::open_in_memory().expect("memory");
        conn.execute_batch(include_str!("sqlite/schema/1.sql")).expect("the schema");
        let mut names = conn.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").expect("prepares");
        let tables =
            names.query_map([], |row| row.get::<_, String>(0)).expect("runs").map(|name| name.expect("a name"));
        for table in tables {
            let forgets = RULES.iter().any(|(rule, _)| rule.starts_with(&format!("DELETE FROM {table} ")));
            let bounded = BOUNDED.iter().any(|(name, _)| *name == table);
            assert!(forgets != bounded, "{table}: add what it forgets to RULES, or what bounds it to BOUNDED");
        }
    }

    #[test]
    fn the_ledger_forgets_old_stretches_of_rss_and_nothing_else() {
        let mut conn = Connection::open_in_memory().expect("memory");
        schema::build(&mut conn).expect("builds");
        let rows = "INSERT INTO coverage (registry, feed, grade, from_serial, to_serial, from_at, to_at) VALUES \
                    (1, 'rss', 'survivors only', NULL, NULL, 1, 2), (1, 'rss', 'survivors only', NULL, NULL, 3, 4), \
                    (1, 'changelog', 'every event', 1, 2, 1, 2), (1, 'changelog', 'every event', 5, 6, 3, 4), \
                    (1, 'index', 'survivors only', 0, 2, 0, 2)";
        conn.execute_batch(rows).expect("inserts");
        let now = chrono::DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
        assert_eq!(retire(&conn, now).expect("retires"), 1);
        let left: i64 = conn.query_row("SELECT count(*) FROM coverage", [], |row| row.get(0)).expect("counts");
        assert_eq!(left, 4);
    }
}
