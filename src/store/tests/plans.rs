//! How SQLite goes about our statements: none reads all of a table that grows.

use super::super::sqlite::{schema, session};

/// Few rows, whatever happens.
const SMALL: [&str; 16] = [
    "meta",
    "watches",
    "health",
    "coverage",
    "cursors",
    "sighting_counts",
    "claims",
    "claim_slots",
    "claim_agreements",
    "users",
    "case_counts",
    "threat_counts",
    "watch_counts",
    "owner_counts",
    "outbox_counts",
    "tokens",
];

/// Parts of those that may read all, and why.
const MAY: &[(&str, &str)] = &[
    ("SELECT count(*) FROM projects", "`status` counts them: 50 ms on all of PyPI"),
    ("SELECT name, serial, presence FROM projects", "an index pass compares every project"),
    ("SELECT name FROM projects WHERE registry = $1 AND presence = 0", "a new watch is judged against every project"),
    ("WHERE instr(watch,", "a search: an index alone, twice for a page at most"),
    ("DELETE FROM", "once a night, in steps"),
    (" + $1 WHERE ", "what waits moves when somebody sets the clock, which is rare"),
    ("SELECT coalesce(max(", "the same"),
];

/// The tables that a statement reads from end to end.
fn scanned(conn: &rusqlite::Connection, sql: &str) -> Vec<String> {
    let Ok(mut plan) = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")) else { return vec![] };
    // Without values: the plan does not depend on them.
    let (mut rows, mut tables) = (plan.raw_query(), Vec::new());
    while let Some(row) = rows.next().expect("explains") {
        let line: String = row.get(3).expect("text");
        let Some(scan) = line.strip_prefix("SCAN ") else { continue };
        let (table, how) = scan.split_once(" USING ").unwrap_or((scan, ""));
        let index = how.split(' ').next_back().unwrap_or("");
        // An index of few rows, or one that is followed until there are enough.
        let short = !index.is_empty() && (sql.contains(" LIMIT ") || is_partial(conn, index));
        if !short {
            tables.push(table.to_owned());
        }
    }
    tables
}

/// Those seen in this process so far; `every_domain_statement_runs` sees to it that all are.
pub(super) fn check() {
    let mut conn = rusqlite::Connection::open_in_memory().expect("memory");
    schema::build(&mut conn).expect("builds");
    let statements = session::seen::all();
    let may = |sql: &str| MAY.iter().any(|(part, _)| sql.contains(part));
    let tables = |sql: &str| scanned(&conn, sql).into_iter().filter(|name| is_large(&conn, sql, name)).collect();
    let found: Vec<(String, Vec<String>)> =
        statements.into_iter().filter(|sql| !may(sql)).map(|sql| (sql.clone(), tables(&sql))).collect();
    let bad: Vec<_> = found.iter().filter(|(_, tables)| !tables.is_empty()).collect();
    assert!(found.len() > 20, "the statements were not seen");
    assert!(bad.is_empty(), "these read all of a table that grows: {bad:#?}");
}

/// A constant or a subquery is no table; what it stands for has a line of its own in the plan.
fn is_large(conn: &rusqlite::Connection, sql: &str, name: &str) -> bool {
    let is_table = |text: &str| {
        let query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = $1";
        conn.query_row(query, [text], |_| Ok(())).is_ok()
    };
    let words: Vec<&str> =
        sql.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|w| !w.is_empty()).collect();
    let alias = words.windows(2).find(|pair| pair[1] == name && is_table(pair[0])).map(|pair| pair[0]);
    let table = if is_table(name) { Some(name) } else { alias };
    table.is_some_and(|table| !SMALL.contains(&table))
}

fn is_partial(conn: &rusqlite::Connection, index: &str) -> bool {
    let query = "SELECT 1 FROM sqlite_master WHERE type = 'index' AND name = $1 AND sql LIKE '% WHERE %'";
    conn.query_row(query, [index], |_| Ok(())).is_ok()
}
