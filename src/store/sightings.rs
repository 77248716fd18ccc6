//! Sightings that concern a watch, whole, and hourly counts of all the others.

use super::StoreError;
use super::columns::{registry_code, serial_code, serial_of};
use super::sql::{self, Param, Row, Session};
use crate::model::{Event, Feed, ProjectName, Registry, Serial, Sighting, Time};

/// So many of one project are kept as they come. Beyond that, what is said again and again is kept as it was said first and last: a
/// stranger may yank a release every second, and take it back.
const FEW: u32 = 300;
/// No more of one project are read at a time, the newest: whoever needs all of them asks for what cannot be known.
const MOST: u32 = 2000;

pub struct Sightings<'c>(pub(super) &'c dyn Session);

impl Sightings<'_> {
    pub fn add(&self, sighting: &Sighting, seen: Time) -> Result<(), StoreError> {
        self.fold(sighting)?;
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

    /// Makes room for what was said before. Roles are not folded: who held a project at a time is told by all of them together.
    fn fold(&self, sighting: &Sighting) -> Result<(), StoreError> {
        let (registry, name) = (registry_code(sighting.name.registry()), sighting.name.as_str());
        let many = "SELECT 1 FROM sightings WHERE registry = $1 AND name = $2 LIMIT 1 OFFSET $3";
        let is_many = sql::first(self.0, many, &[&registry, &name, &FEW], |_| Ok(()))?.is_some();
        if !is_many || matches!(sighting.event, Event::RolesChanged { .. }) {
            return Ok(());
        }
        let alike = "SELECT serial, body, id FROM sightings WHERE registry = $1 AND name = $2 AND feed = $3 AND event = $4 ORDER BY id";
        let params: [&dyn Param; 4] = [&registry, &name, &sighting.feed.as_str(), &sighting.event.as_str()];
        let before = sql::all(self.0, alike, &params, |row| Ok((read(row)?.event, row.get::<i64>(2)?)))?;
        for (_, id) in before.iter().filter(|(event, _)| *event == sighting.event).skip(1) {
            sql::execute(self.0, "DELETE FROM sightings WHERE id = $1", &[id])?;
        }
        Ok(())
    }

    /// What was said of one project, oldest first.
    pub fn of(&self, name: &ProjectName) -> Result<Vec<Sighting>, StoreError> {
        self.newest(name, MOST)
    }

    /// The last of it, as it was said.
    pub fn newest(&self, name: &ProjectName, most: u32) -> Result<Vec<Sighting>, StoreError> {
        let query = "SELECT serial, body FROM sightings WHERE registry = $1 AND name = $2 ORDER BY id DESC LIMIT $3";
        let mut said = sql::all(self.0, query, &[&registry_code(name.registry()), &name.as_str(), &most], read)?;
        said.reverse();
        Ok(said)
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
