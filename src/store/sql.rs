//! Statements with `$n` placeholders, bound by their number.
//!
//! SQLite numbers `$n` by first appearance, so `… $2 … $1` would be misbound in silence by position; PostgreSQL binds by
//! number. Everything goes through here, and here it is by number.

use rusqlite::{CachedStatement, Connection, Row, ToSql};

use super::StoreError;

/// Written out, because a baseline binds five million of them.
const PLACEHOLDERS: [&str; 12] = ["$1", "$2", "$3", "$4", "$5", "$6", "$7", "$8", "$9", "$10", "$11", "$12"];

/// Prepares (once per connection) and binds; every parameter must be used and every placeholder given.
fn bind<'c>(conn: &'c Connection, sql: &str, params: &[&dyn ToSql]) -> Result<CachedStatement<'c>, rusqlite::Error> {
    #[cfg(test)]
    seen::note(sql);
    let mut statement = conn.prepare_cached(sql)?;
    debug_assert_eq!(statement.parameter_count(), params.len(), "placeholders of {sql}");
    debug_assert!(params.len() <= PLACEHOLDERS.len(), "more placeholders than are written out");
    for (placeholder, value) in PLACEHOLDERS.iter().zip(params) {
        let index = statement.parameter_index(placeholder)?;
        let index = index.ok_or_else(|| rusqlite::Error::InvalidParameterName((*placeholder).to_owned()))?;
        statement.raw_bind_parameter(index, *value)?;
    }
    Ok(statement)
}

/// Runs a statement; gives the number of rows changed.
pub(super) fn execute(conn: &Connection, sql: &str, params: &[&dyn ToSql]) -> Result<usize, StoreError> {
    Ok(bind(conn, sql, params)?.raw_execute()?)
}

/// The first row, if there is one.
pub(super) fn first<T>(
    conn: &Connection,
    sql: &str,
    params: &[&dyn ToSql],
    read: impl FnOnce(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    let mut statement = bind(conn, sql, params)?;
    let mut rows = statement.raw_query();
    rows.next()?.map(read).transpose()
}

/// Every row.
pub(super) fn all<T>(
    conn: &Connection,
    sql: &str,
    params: &[&dyn ToSql],
    mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut out = Vec::new();
    each(conn, sql, params, |row| {
        out.push(read(row)?);
        Ok(())
    })?;
    Ok(out)
}

/// Visits every row without holding them.
pub(super) fn each(
    conn: &Connection,
    sql: &str,
    params: &[&dyn ToSql],
    mut visit: impl FnMut(&Row<'_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut statement = bind(conn, sql, params)?;
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next()? {
        visit(row)?;
    }
    Ok(())
}

/// Times are whole microseconds UTC.
pub(super) fn micros(time: crate::model::Time) -> i64 {
    time.timestamp_micros()
}

/// Reads a time column.
pub(super) fn time(micros: i64) -> Result<crate::model::Time, StoreError> {
    chrono::DateTime::from_timestamp_micros(micros).ok_or_else(|| StoreError::unreadable("a time", micros))
}

/// Reads a JSON column.
pub(super) fn json<T: serde::de::DeserializeOwned>(what: &'static str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|e| StoreError::unreadable(what, e))
}

/// Writes a JSON column.
pub(super) fn to_json<T: serde::Serialize>(what: &'static str, value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|e| StoreError::unreadable(what, e))
}

/// What was run, for a test of how it is run.
#[cfg(test)]
pub(super) mod seen {
    use std::collections::BTreeSet;
    use std::sync::{Mutex, PoisonError};

    static STATEMENTS: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

    pub(super) fn note(sql: &str) {
        let mut statements = STATEMENTS.lock().unwrap_or_else(PoisonError::into_inner);
        if !statements.contains(sql) {
            statements.insert(sql.to_owned());
        }
    }

    pub(in crate::store) fn all() -> Vec<String> {
        STATEMENTS.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_out_of_order_are_bound_by_number() {
        let conn = Connection::open_in_memory().expect("memory");
        let pair = first(&conn, "SELECT $2, $1, $2", &[&"one", &"two"], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
        });
        assert_eq!(pair.expect("runs"), Some(("two".into(), "one".into(), "two".into())));
    }
}
