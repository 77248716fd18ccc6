//! The seam between statements and the engine that runs them: what a transaction can do, and what a column can hold.
//!
//! Placeholders are `$n`, and an engine binds them by their number, wherever they stand and however often. Everything here
//! is ours, so that the tables' own files know no engine.

use std::ops::ControlFlow;

use super::StoreError;
use crate::model::{Serial, Time};

/// What stands in a column, or is bound to a placeholder. Truth is 0 or 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value<'v> {
    Null,
    Integer(i64),
    Text(&'v str),
}

/// A transaction of an engine.
pub(super) trait Session {
    /// Runs a statement; gives the number of rows changed.
    fn execute(&self, sql: &str, params: &[&dyn Param]) -> Result<usize, StoreError>;

    /// Visits its rows, without holding them, until one breaks off.
    fn query(&self, sql: &str, params: &[&dyn Param], visit: &mut Visit<'_>) -> Result<(), StoreError>;

    /// Adds what an index lists to the projects of a registry, all at once: 900,000 rows that nobody knew. Gives how many.
    fn insert_listed<'p>(
        &self,
        registry: i64,
        listed: &mut dyn Iterator<Item = Listed<'p>>,
        served: Time,
        seen: Time,
    ) -> Result<usize, StoreError>;
}

/// What is done with a row.
pub(super) type Visit<'v> = dyn FnMut(&Row<'_>) -> Result<ControlFlow<()>, StoreError> + 'v;

/// A project as an index lists it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed<'p> {
    /// Normalized.
    pub name: &'p str,
    /// The registry's spelling, where it differs.
    pub display: Option<&'p str>,
    pub serial: Serial,
}

/// The columns of an engine's row, from 0.
pub(super) trait Columns {
    fn column(&self, at: usize) -> Result<Value<'_>, StoreError>;
}

/// A row of an answer.
pub(super) struct Row<'r>(pub(super) &'r dyn Columns);

impl Row<'_> {
    pub(super) fn get<T: Column>(&self, at: usize) -> Result<T, StoreError> {
        let value = self.0.column(at)?;
        T::of(value).ok_or_else(|| StoreError::unreadable("a column", format_args!("{value:?} as number {at}")))
    }

    /// A text that is not kept.
    pub(super) fn text(&self, at: usize) -> Result<&str, StoreError> {
        match self.0.column(at)? {
            Value::Text(text) => Ok(text),
            other => Err(StoreError::unreadable("a text", format_args!("{other:?} as number {at}"))),
        }
    }
}

/// What can be read out of a column.
pub(super) trait Column: Sized {
    fn of(value: Value<'_>) -> Option<Self>;
}

impl Column for i64 {
    fn of(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Integer(number) => Some(number),
            _ => None,
        }
    }
}

impl Column for u32 {
    fn of(value: Value<'_>) -> Option<Self> {
        i64::of(value).and_then(|number| number.try_into().ok())
    }
}

impl Column for u8 {
    fn of(value: Value<'_>) -> Option<Self> {
        i64::of(value).and_then(|number| number.try_into().ok())
    }
}

impl Column for bool {
    fn of(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Integer(0) => Some(false),
            Value::Integer(1) => Some(true),
            _ => None,
        }
    }
}

impl Column for String {
    fn of(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Text(text) => Some(text.to_owned()),
            _ => None,
        }
    }
}

impl<T: Column> Column for Option<T> {
    fn of(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            value => T::of(value).map(Some),
        }
    }
}

/// What can be bound to a placeholder.
pub(super) trait Param {
    fn value(&self) -> Value<'_>;
}

impl Param for i64 {
    fn value(&self) -> Value<'_> {
        Value::Integer(*self)
    }
}

impl Param for u32 {
    fn value(&self) -> Value<'_> {
        Value::Integer(i64::from(*self))
    }
}

impl Param for u8 {
    fn value(&self) -> Value<'_> {
        Value::Integer(i64::from(*self))
    }
}

impl Param for bool {
    fn value(&self) -> Value<'_> {
        Value::Integer(i64::from(*self))
    }
}

impl Param for str {
    fn value(&self) -> Value<'_> {
        Value::Text(self)
    }
}

impl Param for String {
    fn value(&self) -> Value<'_> {
        Value::Text(self)
    }
}

impl<P: Param + ?Sized> Param for &P {
    fn value(&self) -> Value<'_> {
        (**self).value()
    }
}

impl<P: Param> Param for Option<P> {
    fn value(&self) -> Value<'_> {
        self.as_ref().map_or(Value::Null, Param::value)
    }
}

/// Runs a statement; gives the number of rows changed.
pub(super) fn execute(session: &dyn Session, sql: &str, params: &[&dyn Param]) -> Result<usize, StoreError> {
    session.execute(sql, params)
}

/// The first row, if there is one.
pub(super) fn first<T>(
    session: &dyn Session,
    sql: &str,
    params: &[&dyn Param],
    read: impl FnOnce(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    let (mut read, mut found) = (Some(read), None);
    session.query(sql, params, &mut |row| {
        found = read.take().map(|read| read(row)).transpose()?;
        Ok(ControlFlow::Break(()))
    })?;
    Ok(found)
}

/// Every row.
pub(super) fn all<T>(
    session: &dyn Session,
    sql: &str,
    params: &[&dyn Param],
    mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut out = Vec::new();
    each(session, sql, params, |row| {
        out.push(read(row)?);
        Ok(())
    })?;
    Ok(out)
}

/// Visits every row without holding them.
pub(super) fn each(
    session: &dyn Session,
    sql: &str,
    params: &[&dyn Param],
    mut visit: impl FnMut(&Row<'_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    session.query(sql, params, &mut |row| visit(row).map(ControlFlow::Continue))
}

/// Times are whole microseconds UTC.
pub(super) fn micros(time: Time) -> i64 {
    time.timestamp_micros()
}

/// Reads a time column.
pub(super) fn time(micros: i64) -> Result<Time, StoreError> {
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

#[cfg(test)]
mod tests {
    use super::*;

    struct One(Value<'static>);

    impl Columns for One {
        fn column(&self, _: usize) -> Result<Value<'_>, StoreError> {
            Ok(self.0)
        }
    }

    #[test]
    fn a_column_is_read_as_what_it_is_or_refused() {
        let row = |value| One(value);
        assert_eq!(Row(&row(Value::Integer(7))).get::<u8>(0).expect("fits"), 7);
        assert_eq!(Row(&row(Value::Null)).get::<Option<String>>(0).expect("none"), None);
        assert_eq!(Row(&row(Value::Text("a"))).get::<Option<String>>(0).expect("a text").as_deref(), Some("a"));
        assert_eq!(Row(&row(Value::Text("a"))).text(0).expect("a text"), "a");
        for refused in [Value::Null, Value::Text("7"), Value::Integer(256), Value::Integer(-1)] {
            let error = Row(&row(refused)).get::<u8>(0).expect_err("no such number");
            assert!(matches!(error, StoreError::Unreadable { .. }), "{error}");
        }
    }
}
