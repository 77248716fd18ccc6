//! A transaction of SQLite, as the tables see it: statements with `$n` placeholders, bound by their number.
//!
//! SQLite numbers `$n` by first appearance, so `… $2 … $1` would be misbound in silence by position; PostgreSQL binds by
//! number. Everything goes through here, and here it is by number.

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, ToSql};

use crate::model::{RegistrationId, Time};
use crate::store::StoreError;
use crate::store::columns::{registration_code, serial_code};
use crate::store::sql::{Columns, Listed, Param, Row, Session, Value, Visit, micros};

/// Written out, because ingesting binds thousands of them a second.
const PLACEHOLDERS: [&str; 17] =
    ["$1", "$2", "$3", "$4", "$5", "$6", "$7", "$8", "$9", "$10", "$11", "$12", "$13", "$14", "$15", "$16", "$17"];

/// Prepares (once per connection) and binds; every parameter must be used and every placeholder given.
fn bind<'c>(conn: &'c Connection, sql: &str, params: &[&dyn Param]) -> Result<CachedStatement<'c>, rusqlite::Error> {
    #[cfg(test)]
    seen::note(sql);
    let mut statement = conn.prepare_cached(sql)?;
    debug_assert_eq!(statement.parameter_count(), params.len(), "placeholders of {sql}");
    debug_assert!(params.len() <= PLACEHOLDERS.len(), "more placeholders than are written out");
    for (placeholder, param) in PLACEHOLDERS.iter().zip(params) {
        let index = statement.parameter_index(placeholder)?;
        let index = index.ok_or_else(|| rusqlite::Error::InvalidParameterName((*placeholder).to_owned()))?;
        statement.raw_bind_parameter(index, param.value())?;
    }
    Ok(statement)
}

impl Session for Connection {
    fn execute(&self, sql: &str, params: &[&dyn Param]) -> Result<usize, StoreError> {
        Ok(bind(self, sql, params)?.raw_execute()?)
    }

    fn query(&self, sql: &str, params: &[&dyn Param], visit: &mut Visit<'_>) -> Result<(), StoreError> {
        let mut statement = bind(self, sql, params)?;
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next()? {
            if visit(&Row(row))?.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// One statement, prepared and looked at once, and what all rows share bound once.
    fn insert_listed<'p>(
        &self,
        registry: i64,
        listed: &mut dyn Iterator<Item = Listed<'p>>,
        served: Time,
        seen: Time,
    ) -> Result<usize, StoreError> {
        let mut insert = self.prepare_cached(
            "INSERT INTO projects (name, display, registration_id, created, serial, listed, presence, first_seen, listed_at, registry) \
             VALUES (?1, ?2, ?3, NULL, ?4, ?4, 0, ?5, ?6, ?7)",
        )?;
        insert.raw_bind_parameter(5, micros(seen))?;
        insert.raw_bind_parameter(6, served.timestamp())?;
        insert.raw_bind_parameter(7, registry)?;
        let mut count = 0;
        for project in listed {
            insert.raw_bind_parameter(1, project.name)?;
            insert.raw_bind_parameter(2, project.display)?;
            insert.raw_bind_parameter(3, registration_code(RegistrationId::Listed(project.serial)))?;
            insert.raw_bind_parameter(4, serial_code(project.serial))?;
            count += insert.raw_execute()?;
        }
        Ok(count)
    }
}

impl Columns for rusqlite::Row<'_> {
    fn column(&self, at: usize) -> Result<Value<'_>, StoreError> {
        match self.get_ref(at)? {
            ValueRef::Null => Ok(Value::Null),
            ValueRef::Integer(number) => Ok(Value::Integer(number)),
            ValueRef::Text(text) => {
                std::str::from_utf8(text).map(Value::Text).map_err(|e| StoreError::unreadable("a text", e))
            }
            ValueRef::Real(_) | ValueRef::Blob(_) => Err(StoreError::unreadable("a column", "of a type that none has")),
        }
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>, rusqlite::Error> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Integer(number) => ValueRef::Integer(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}

/// What was run, for a test of how it is run.
#[cfg(test)]
pub(in crate::store) mod seen {
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
    use crate::store::sql;

    #[test]
    fn placeholders_out_of_order_are_bound_by_number() {
        let conn = Connection::open_in_memory().expect("memory");
        let pair = sql::first(&conn, "SELECT $2, $1, $2", &[&"one", &"two"], |row| {
            Ok((row.get::<String>(0)?, row.get::<String>(1)?, row.get::<String>(2)?))
        });
        assert_eq!(pair.expect("runs"), Some(("two".into(), "one".into(), "two".into())));
    }
}
