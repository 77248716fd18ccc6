//! Sightings that concern a watch, whole, and hourly counts of all the others.

use super::StoreError;
use super::columns::{registry_code, serial_code, serial_of};
use super::sql::{self, Param, Row, Session};
use crate::model::{Feed, ProjectName, Registry, Serial, Sighting, Time};

pub struct Sightings<'c>(pub(super) &'c dyn Session);

impl Sightings<'_> {
    pub fn add(&self, sighting: &Sighting, seen: Time) -> Result<(), StoreError> {
        let body = sql::to_json("a sighting", sighting)?;
        let params: [&dyn Param; 8] = [
            &sighting.name.as_str(),
            &sighting.feed.as_str(),
            &sighting.event.as_str(),
            &sighting.serial.map(serial_code),
            &sighting.at.map(sql::micros),
            &sql::micros(seen),
            &body,
            &registry_code(sighting.name.registry()),
        ];
        sql::execute(
            self.0,
            "INSERT INTO sightings (name, feed, event, serial, at, seen_at, body, registry) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            &params,
        )?;
        Ok(())
    }

    /// What was said of one project, oldest first.
    pub fn of(&self, name: &ProjectName) -> Result<Vec<Sighting>, StoreError> {
        let query = "SELECT serial, body FROM sightings WHERE registry = $1 AND name = $2 ORDER BY id";
        sql::all(self.0, query, &[&registry_code(name.registry()), &name.as_str()], read)
    }

    /// Brings every serial above `head` down to it; see `cases::renumbered`.
    pub fn lower_serials(&self, of: Registry, head: Serial) -> Result<usize, StoreError> {
        let update = "UPDATE sightings SET serial = $2 WHERE registry = $1 AND serial > $2";
        sql::execute(self.0, update, &[&registry_code(of), &serial_code(head)])
    }

    /// Adds to the hour's count of one feed and event.
    pub fn count(&self, feed: Feed, event: &str, count: u64, now: Time) -> Result<(), StoreError> {
        let hour = now.timestamp() / 3600;
        sql::execute(
            self.0,
            "INSERT INTO sighting_counts (hour, feed, event, count) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (hour, feed, event) DO UPDATE SET count = sighting_counts.count + excluded.count",
            &[&hour, &feed.as_str(), &event, &(count as i64)],
        )?;
        Ok(())
    }

    /// Totals by feed and event, since `since`.
    pub fn totals(&self, since: Time) -> Result<Vec<(String, String, u64)>, StoreError> {
        sql::all(
            self.0,
            "SELECT feed, event, sum(count) FROM sighting_counts WHERE hour >= $1 GROUP BY feed, event ORDER BY feed, event",
            &[&(since.timestamp() / 3600)],
            |row| Ok((row.get(0)?, row.get(1)?, row.get::<i64>(2)?.unsigned_abs())),
        )
    }
}

/// Its serial stands in a column, which is stronger than the same in the body.
fn read(row: &Row<'_>) -> Result<Sighting, StoreError> {
    let sighting: Sighting = sql::json("a sighting", row.text(1)?)?;
    Ok(Sighting { serial: row.get::<Option<i64>>(0)?.map(serial_of), ..sighting })
}
