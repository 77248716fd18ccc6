//! Every stored time, moved by a clock that was set: what waits keeps its wait, what happened is never in the future.

use chrono::TimeDelta;
use proptest::prelude::*;
use rusqlite::Connection;
use serde_json::json;

use super::*;
use crate::model::health::HealthIssue;
use crate::model::{Feed, Registry};
use crate::store::sqlite::schema;
use crate::store::{NoticeBody, Tx};

fn noon() -> Time {
    chrono::DateTime::from_timestamp(1_800_000_000, 0).expect("a time")
}

fn hours(hours: i64) -> TimeDelta {
    TimeDelta::hours(hours)
}

/// A store with the schema, in a directory that the test drops.
fn open() -> (tempfile::TempDir, Connection) {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("s.db");
    let mut conn = Connection::open(&path).expect("opens");
    schema::migrate(&mut conn, &path).expect("migrates");
    (dir, conn)
}

/// Columns that are identity, theirs instead of ours, or moved apart with what refers to them.
const NOT_MOVED: &[(&str, &str)] = &[
    // PyPI's own word.
    ("sightings", "at"),
    ("projects", "listed_at"),
    // When it was first seen is history.
    ("projects", "first_seen"),
    // A count of an hour, by the hour.
    ("sighting_counts", "hour"),
    // Moved with its case and its notices.
    ("health", "since"),
    ("health", "until"),
    // Moved with its case, by the statement that moves that.
    ("open_cases", "worsened_at"),
];

/// Does a column's name say that it holds a time?
fn is_time(column: &str) -> bool {
    let ends = ["at", "since", "until", "seen", "hour"];
    ends.iter().any(|end| column == *end || column.ends_with(&format!("_{end}")))
}

#[test]
fn every_time_of_the_schema_is_moved_or_named_as_one_that_is_not() {
    let (_dir, conn) = open();
    let mut columns = conn
        .prepare("SELECT m.name, c.name FROM sqlite_schema m, pragma_table_info(m.name) c WHERE m.type = 'table' AND c.type = 'INTEGER'")
        .expect("prepares");
    let columns: Vec<(String, String)> = columns
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .expect("runs")
        .map(|row| row.expect("a row"))
        .collect();
    let times: Vec<_> = columns.iter().filter(|(_, column)| is_time(column)).collect();
    assert!(times.len() > 12, "{times:?}");
    for (table, column) in times {
        let moved = COLUMNS.iter().any(|(t, c, _)| t == table && c == column);
        let named = NOT_MOVED.contains(&(table.as_str(), column.as_str()));
        assert!(moved != named, "what becomes of {table}.{column} when the clock is set?");
    }
}

/// A row in every table with a time, each column at its own distance from noon.
fn fill(conn: &Connection, waits: TimeDelta, happened: TimeDelta) {
    let (wait, past) = (sql::micros(noon() + waits), sql::micros(noon() - happened));
    conn.execute_batch(&format!(
        "INSERT INTO notices (key, owner, channel, event, tier, state, created_at, due_at, lease_until, attempts, settled_at, \
         body, lane, slot) \
         VALUES ('waits', 'o', 'email', 'registered', 'page', 'due', {past}, {wait}, {wait}, 1, NULL, '{{}}', 'l', 's'), \
         ('refused', 'o', 'email', 'registered', 'page', 'given-up', {past}, {past}, NULL, 1, {past}, '{{}}', 'l', 's'), \
         ('told', 'o', 'email', 'registered', 'page', 'delivered', {past}, {past}, NULL, 1, {past}, '{{}}', 'l', 's'); \
         INSERT INTO findings (key, id, subject, registry, project, tier, state, seen_at, changed_at, worsened_at, reminded_at, \
         snoozed_until, severity, edition, events, body) \
         VALUES ('open', 1, 'registration', 1, 'p', 'page', 'open', {past}, {past}, {past}, {past}, {wait}, 6, 1, 1, '{{}}'), \
         ('closed', 2, 'registration', 1, 'p', 'page', 'resolved', {past}, {past}, {past}, NULL, NULL, 6, 1, 1, '{{}}'); \
         INSERT INTO facts (key, would_pip_take, released, provisional, looked, left_out, unread, taken_at, look_at, looked_at, since, tries) \
         VALUES ('open', 'no', 0, 0, 0, 0, 0, {past}, {wait}, {past}, {past}, 1); \
         INSERT INTO case_events (key, number, at, kind, severity) VALUES ('open', 1, {past}, 'registered', 1); \
         INSERT INTO tellings (key, number, owner, channel, lane, tier, created_at, due_at, outcome, settled_at) \
         VALUES ('open', 1, 'o', 'email', 'l', 'page', {past}, {wait}, NULL, NULL), \
         ('closed', 1, 'o', 'email', 'l', 'page', {past}, {past}, 'told', {past}); \
         INSERT INTO holds (channel, until, failures, asked) VALUES ('email', {wait}, 1, 0); \
         INSERT INTO suppressions (registry, project, watch, rule, loaded_at) VALUES (1, 'p', 'w', 'r', {past}); \
         INSERT INTO recipients (key, owner, channel, address, at) VALUES ('told', 'o', 'email', 'a', {past}); \
         INSERT INTO unreadable (registry, digest, feed, text, first_at, settled_at) VALUES (1, 'd', 'rss', 't', {past}, {past}); \
         INSERT INTO finding_events (key, at, kind, body) VALUES ('open', {past}, 'opened', '{{}}'); \
         INSERT INTO coverage (registry, feed, grade, from_at, to_at) \
         VALUES (1, 'rss', 'survivors only', {past}, {past}), (1, 'rss', 'survivors only', {past} + 1, {past} + 1); \
         INSERT INTO projects (registry, name, registration_id, serial, presence, first_seen) VALUES (1, 'p', 7, 1, 0, {past}); \
         INSERT INTO sightings (registry, name, feed, event, at, seen_at, body) VALUES (1, 'p', 'rss', 'created', 42, {past}, '{{}}'); \
         INSERT INTO watches (registry, kind, text, added_at, exposure_since) VALUES (1, 'name', 'p', {past}, {past}); \
         INSERT INTO look_alikes (key, watch, registry, project, moment, joined_at) VALUES ('open', 'w', 1, 'p', 42, {past}); \
         INSERT INTO holders (registry, holder, key, project, shared_at) VALUES (1, 'h', 'open', 'p', {past}); \
         INSERT INTO exposure_changes (registry, kind, text, at, became) VALUES (1, 'name', 'p', {past}, '{{}}'); \
         INSERT INTO claims (name, number, state, changed_at, announced_at, sent_at, not_before_at, body) \
         VALUES ('p', 1, 'uncertain', {past}, {past}, {past}, {wait}, '{{}}'); \
         INSERT INTO claim_events (name, number, at, who, event, state, detail) VALUES ('p', 1, {past}, '', '', '', ''); \
         INSERT INTO claim_slots (name, number, used_at, spent) VALUES ('p', 1, {past}, 1); \
         INSERT INTO claim_agreements (at, who, reference) VALUES ({past}, '', ''); \
         INSERT INTO users (name, role, added_at) VALUES ('ada', 'viewer', {past}); \
         INSERT INTO sessions (digest, user, started_at, used_at, ends_at) VALUES ('d', 'ada', {past}, {past}, {wait}); \
         INSERT INTO sign_ins (digest, user, ends_at) VALUES ('d', 'ada', {wait}); \
         INSERT INTO tokens (digest, name, user, scope, created_at, ends_at, used_at) \
         VALUES ('d', 'n', 'ada', 'viewer', {past}, {wait}, {past}); \
         INSERT INTO audit (at, who, action, outcome, detail) VALUES ({past}, '', '', '', '');"
    ))
    .expect("rows");
}

fn read(conn: &Connection, table: &str, column: &str, rows: &str) -> Vec<Option<Time>> {
    let query = format!("SELECT {column} FROM {table} WHERE {rows} ORDER BY {column}");
    let mut statement = conn.prepare(&query).expect("prepares");
    let rows = statement.query_map([], |row| row.get::<_, Option<i64>>(0)).expect("runs");
    rows.map(|at| at.expect("a row").map(|at| sql::time(at).expect("a time"))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever was set, when, and by how much.
    #[test]
    fn what_waits_moves_and_history_is_never_in_the_future(
        by in -500 * 24..500_i64 * 24, waits in -100..100_i64, happened in 1..9000_i64
    ) {
        let (_dir, conn) = open();
        let (delta, waits, happened) = (hours(by), hours(waits), hours(happened));
        fill(&conn, waits, happened);
        let now = noon() + delta;
        ClockMarks(&conn).shift(delta, now).expect("shifts");
        for (table, column, kind) in COLUMNS {
            let condition = match kind {
                Kind::Waits => "TRUE",
                Kind::WaitsWhere(rows) => rows,
                Kind::History => "FALSE",
            };
            for at in read(&conn, table, column, condition).into_iter().flatten() {
                let left = at - now;
                let kept = left == waits || left == -happened || left == -happened + TimeDelta::microseconds(1);
                prop_assert!(kept, "{}.{} has {} left", table, column, left);
            }
            let history = read(&conn, table, column, &format!("NOT ({condition})"));
            prop_assert!(!history.iter().flatten().any(|at| *at > now), "{}.{} is in the future", table, column);
        }
        prop_assert_eq!(read(&conn, "sightings", "at", "TRUE"), [Some(sql::time(42).expect("a time"))]);
        prop_assert_eq!(read(&conn, "projects", "registration_id", "TRUE"), [Some(sql::time(7).expect("a time"))]);
    }

    /// A clock that was wrong for a while and is right again has changed nothing that waits.
    #[test]
    fn there_and_back_is_as_if_nothing_had_been(by in 1..500_i64 * 24, waits in -100..100_i64, happened in 1..9000_i64) {
        let (_dir, conn) = open();
        fill(&conn, hours(waits), hours(happened));
        let all = |conn: &Connection| -> Vec<_> {
            COLUMNS.iter().map(|(table, column, _)| read(conn, table, column, "TRUE")).collect()
        };
        let before = all(&conn);
        let marks = ClockMarks(&conn);
        marks.shift(hours(by), noon() + hours(by)).expect("ahead");
        marks.shift(hours(-by), noon()).expect("and back");
        prop_assert_eq!(all(&conn), before);
    }
}

#[test]
fn cursors_keep_their_shape_and_their_distance() {
    let (_dir, conn) = open();
    let cursors = Cursors::of(&conn, Registry::Pypi);
    let at = noon() - hours(1);
    let gone = json!({ "state": "gone", "since": at, "next_probe": noon() + hours(23) });
    let down = json!({ "state": "down", "since": at, "missing": { "since": at, "polls": 2 } });
    cursors.set("changelog-answered", &at).expect("sets");
    cursors.set("changelog-health", &gone).expect("sets");
    cursors.set("index", &json!({ "etag": null, "serial": 7, "at": at })).expect("sets");
    cursors.set("rss", &json!({ "etag": "x", "window": [[at, "p"]], "at": null })).expect("sets");
    let now = noon() - hours(400 * 24);
    assert_eq!(ClockMarks(&conn).shift(now - noon(), now).expect("shifts").times, 4);
    let value = |name: &str| cursors.get::<Value>(name).expect("reads").expect("is there");
    let moved = at - hours(400 * 24);
    assert_eq!(value("changelog-answered"), json!(moved));
    assert_eq!(value("changelog-health"), json!({ "state": "gone", "since": moved, "next_probe": now + hours(23) }));
    assert_eq!(value("index"), json!({ "etag": null, "serial": 7, "at": moved }));
    assert_eq!(value("rss"), json!({ "etag": "x", "window": [[at, "p"]], "at": null }), "their times are not ours");
    cursors.set("changelog-health", &down).expect("sets");
    ClockMarks(&conn).shift(hours(2), now + hours(2)).expect("shifts");
    let later = at + hours(2);
    let missing = json!({ "since": later, "polls": 2 });
    assert_eq!(value("changelog-health"), json!({ "state": "down", "since": later, "missing": missing }));
}

/// Set ahead and back by as much, an issue may begin twice at one moment.
#[test]
fn a_health_case_never_moves_onto_another_of_its_issue() {
    let (_dir, conn) = open();
    let tx = Tx::over(&conn);
    let issue = HealthIssue::ClockStepped;
    let case = |since: Time, until| HealthCase { issue: issue.clone(), since, until, detail: "set".to_owned() };
    let over = case(noon() - hours(2), Some(noon() - hours(2)));
    tx.health().put(&over).expect("puts");
    tx.health().put(&case(noon(), None)).expect("puts");
    tx.clock().shift(hours(-2), noon() - hours(1)).expect("shifts");
    let beside = over.since + TimeDelta::microseconds(1);
    assert_eq!(tx.health().open(&issue).expect("reads"), Some(case(beside, None)));
    assert_eq!(tx.health().get(&issue.to_string(), over.since).expect("reads"), Some(over));
}

#[test]
fn a_health_case_that_would_begin_in_the_future_takes_its_notices_along() {
    let (_dir, conn) = open();
    let tx = Tx::over(&conn);
    let issue = HealthIssue::FeedBlind { feed: Feed::Rss };
    let case = |since: Time| HealthCase { issue: issue.clone(), since, until: None, detail: "dark".to_owned() };
    tx.health().put(&case(noon())).expect("puts");
    let body = serde_json::to_string(&NoticeBody::Health { issue: issue.to_string(), since: noon(), over: false })
        .expect("JSON");
    conn.execute(
        "INSERT INTO notices (key, owner, channel, event, tier, state, created_at, due_at, attempts, body, lane, slot) \
         VALUES ('k', 'o', 'email', 'health', 'alert', 'due', 0, 0, 0, ?1, 'l', 's')",
        [body],
    )
    .expect("a notice");
    tx.clock().shift(hours(-2), noon() - hours(1)).expect("shifts");
    let since = noon() - hours(2);
    assert_eq!(tx.health().open(&issue).expect("reads"), Some(case(since)));
    let text: String = conn.query_row("SELECT body FROM notices", [], |row| row.get(0)).expect("a row");
    let body: NoticeBody = serde_json::from_str(&text).expect("JSON");
    assert_eq!(body, NoticeBody::Health { issue: issue.to_string(), since, over: false });
    assert_eq!(tx.health().get(&issue.to_string(), since).expect("reads"), Some(case(since)));
}

#[test]
fn what_was_written_by_the_old_clock_while_it_was_set_back_is_pulled_along_and_a_long_wait_is_not() {
    let (_dir, conn) = open();
    let due = |at: Time| {
        conn.execute(
            "INSERT INTO notices (key, owner, channel, event, tier, state, created_at, due_at, attempts, body, lane, slot) \
             VALUES (?1, 'o', 'email', 'registered', 'page', 'due', 0, ?1, 0, '{}', 'l', 's')",
            [sql::micros(at)],
        )
    };
    due(noon() + hours(3)).expect("a long wait");
    let (delta, now) = (hours(-2), noon() - hours(2));
    let left = ClockMarks(&conn).shift(delta, now).expect("shifts");
    due(noon() + hours(3) + TimeDelta::minutes(5)).expect("a straggler");
    let pulled = ClockMarks(&conn).pull(delta, now - delta - TimeDelta::minutes(1), &left);
    assert_eq!(pulled.expect("pulls"), 1);
    let waits = [now + hours(3), now + hours(3) + TimeDelta::minutes(5)].map(Some);
    assert_eq!(read(&conn, "notices", "due_at", "state = 'due'"), waits);
}

#[test]
fn the_last_look_and_the_number_of_steps_are_kept() {
    let (_dir, conn) = open();
    let marks = ClockMarks(&conn);
    assert_eq!(marks.seen().expect("reads"), None);
    marks.mark(noon(), false).expect("marks");
    marks.shift(hours(-1), noon() - hours(1)).expect("shifts");
    assert_eq!(
        marks.seen().expect("reads"),
        Some(ClockSeen { at: noon() - hours(1), steps: 1, borne_out: false, unproven: 0 })
    );
    marks.mark(noon(), true).expect("marks");
    assert_eq!(marks.seen().expect("reads"), Some(ClockSeen { at: noon(), steps: 1, borne_out: true, unproven: 0 }));
}
