//! The history of a case: its lines, and what is asked of them without reading all.

use super::StoreError;
use super::findings::Findings;
use super::sql::{self, Row};
use crate::model::{FindingKey, Time, Timeline};

/// So many lines of one case are kept as they come. Beyond that, what is seen again and again stands there as it was seen first and
/// last: a stranger may yank a release every second, and take it back. What people said is kept whole.
const FEW: u32 = 300;

const LINE: &str = "SELECT at, person, body FROM finding_events";

impl Findings<'_> {
    pub fn note(&self, key: &FindingKey, line: &Timeline) -> Result<(), StoreError> {
        let person = line.by.as_ref().map(|person| sql::to_json("a person", person)).transpose()?;
        let body = sql::to_json("an event of a case", &line.event)?;
        if person.is_none() {
            self.fold(key, &body)?;
        }
        sql::execute(
            self.0,
            "INSERT INTO finding_events (key, at, kind, person, body) VALUES ($1, $2, $3, $4, $5)",
            &[&key.0, &sql::micros(line.at), &line.event.kind(), &person, &body],
        )?;
        Ok(())
    }

    /// Makes room for what was seen before.
    fn fold(&self, key: &FindingKey, body: &str) -> Result<(), StoreError> {
        let many = "SELECT 1 FROM finding_events WHERE key = $1 LIMIT 1 OFFSET $2";
        if sql::first(self.0, many, &[&key.0, &FEW], |_| Ok(()))?.is_none() {
            return Ok(());
        }
        let alike = "key = $1 AND body = $2 AND person IS NULL";
        let delete = format!(
            "DELETE FROM finding_events WHERE {alike} AND id > (SELECT min(id) FROM finding_events WHERE {alike})"
        );
        sql::execute(self.0, &delete, &[&key.0, &body])?;
        Ok(())
    }

    /// The last lines, oldest first.
    pub fn timeline(&self, key: &FindingKey, most: u32) -> Result<Vec<Timeline>, StoreError> {
        let query = format!("{LINE} WHERE key = $1 ORDER BY id DESC LIMIT $2");
        let mut lines = sql::all(self.0, &query, &[&key.0, &most], read)?;
        lines.reverse();
        Ok(lines)
    }

    /// How many lines there are.
    pub fn lines(&self, key: &FindingKey) -> Result<usize, StoreError> {
        let query = "SELECT count(*) FROM finding_events WHERE key = $1";
        let count = sql::first(self.0, query, &[&key.0], |row| row.get::<i64>(0))?;
        Ok(usize::try_from(count.unwrap_or(0)).unwrap_or_default())
    }

    /// All lines that may tell of a release.
    pub fn lines_of_releases(&self, key: &FindingKey) -> Result<Vec<Timeline>, StoreError> {
        let query = format!("{LINE} WHERE key = $1 AND kind IN ('released', 'looked-up') ORDER BY id");
        sql::all(self.0, &query, &[&key.0], read)
    }

    /// Has a person decided something about it since then? A note decides nothing.
    pub fn is_answered_since(&self, key: &FindingKey, since: Time) -> Result<bool, StoreError> {
        let query = "SELECT 1 FROM finding_events WHERE key = $1 AND person IS NOT NULL AND kind <> 'noted' AND at >= $2 LIMIT 1";
        Ok(sql::first(self.0, query, &[&key.0, &sql::micros(since)], |_| Ok(()))?.is_some())
    }
}

fn read(row: &Row<'_>) -> Result<Timeline, StoreError> {
    let person = row.get::<Option<String>>(1)?;
    Ok(Timeline {
        at: sql::time(row.get(0)?)?,
        by: person.map(|person| sql::json("a person", &person)).transpose()?,
        event: sql::json("an event of a case", row.text(2)?)?,
    })
}
