//! Every project known of every registry, about 900,000 rows of PyPI: what registration identity needs, and no more.

use super::StoreError;
use super::columns::{project, registration_code, registration_of, registry_code, serial_code, serial_of};
use super::sql::{self, Listed, Param, Row, Session};
use crate::model::{ProjectName, RegistrationId, Registry, Serial, Time};

/// Does the project stand at its registry?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    Present,
    /// Removed, by the changelog.
    Gone,
    Quarantined,
    /// Missing from the index: removed or quarantined, it does not say which.
    Unlisted,
}

impl Presence {
    fn code(self) -> i64 {
        match self {
            Self::Present => 0,
            Self::Gone => 1,
            Self::Quarantined => 2,
            Self::Unlisted => 3,
        }
    }

    fn of(code: i64) -> Result<Self, StoreError> {
        [Self::Present, Self::Gone, Self::Quarantined, Self::Unlisted]
            .into_iter()
            .find(|p| p.code() == code)
            .ok_or_else(|| StoreError::unreadable("a presence", code))
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectRow {
    pub name: ProjectName,
    pub display: String,
    /// Identity of the current registration.
    pub registration_id: RegistrationId,
    /// Unix second of creation, once a feed has told it.
    pub created: Option<i64>,
    /// The highest serial known; 0 while only RSS has told.
    pub serial: Serial,
    /// The serial at which the index last listed it.
    pub listed: Option<Serial>,
    /// Unix second, by the registry's clock, at which the index body was served that listed it first.
    pub listed_at: Option<i64>,
    pub presence: Presence,
    pub first_seen: Time,
}

/// A project as a page of the known ones shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenProject {
    /// Normalized; not parsed, as a page has thousands.
    pub name: String,
    /// Unix second of creation, once a feed has told it.
    pub created: Option<i64>,
    pub first_seen: Time,
}

const COLUMNS: &str =
    "name, display, registration_id, created, serial, listed, presence, first_seen, listed_at, registry";

pub struct Projects<'c>(pub(super) &'c dyn Session);

impl Projects<'_> {
    pub fn get(&self, name: &ProjectName) -> Result<Option<ProjectRow>, StoreError> {
        let query = format!("SELECT {COLUMNS} FROM projects WHERE registry = $1 AND name = $2");
        sql::first(self.0, &query, &[&registry_code(name.registry()), &name.as_str()], read)
    }

    /// Inserts or replaces one row.
    pub fn put(&self, row: &ProjectRow) -> Result<(), StoreError> {
        let display = (row.display != row.name.as_str()).then_some(row.display.as_str());
        let params: [&dyn Param; 10] = [
            &row.name.as_str(),
            &display,
            &registration_code(row.registration_id),
            &row.created,
            &serial_code(row.serial),
            &row.listed.map(serial_code),
            &row.presence.code(),
            &sql::micros(row.first_seen),
            &row.listed_at,
            &registry_code(row.name.registry()),
        ];
        let insert = format!(
            "INSERT INTO projects ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
             ON CONFLICT (registry, name) DO UPDATE SET display = excluded.display, registration_id = excluded.registration_id, created = excluded.created, \
             serial = excluded.serial, listed = excluded.listed, presence = excluded.presence, \
             first_seen = excluded.first_seen, listed_at = excluded.listed_at"
        );
        sql::execute(self.0, &insert, &params)?;
        Ok(())
    }

    /// Adds every project of a first index body: each name once, none known before. `served` is the registry's time.
    /// Gives how many.
    pub fn insert_listed<'p>(
        &self,
        registry: Registry,
        mut listed: impl Iterator<Item = Listed<'p>>,
        served: Time,
        seen: Time,
    ) -> Result<usize, StoreError> {
        self.0.insert_listed(registry_code(registry), &mut listed, served, seen)
    }

    /// Brings every serial above `head` down to it; gives how many there were. See `cases::renumbered`.
    pub fn lower_serials(&self, of: Registry, head: Serial) -> Result<usize, StoreError> {
        let update = "UPDATE projects SET serial = min(serial, $1), listed = min(listed, $1) \
                      WHERE registry = $2 AND (serial > $1 OR listed > $1)";
        sql::execute(self.0, update, &[&serial_code(head), &registry_code(of)])
    }

    pub fn count(&self) -> Result<u64, StoreError> {
        let count = sql::first(self.0, "SELECT count(*) FROM projects", &[], |row| row.get::<i64>(0))?;
        Ok(count.unwrap_or(0).unsigned_abs())
    }

    /// The projects of a registry after this name, in name order, at most so many; whatever became of them since.
    pub fn after(&self, of: Registry, after: &str, limit: u32) -> Result<Vec<SeenProject>, StoreError> {
        let query = "SELECT name, created, first_seen FROM projects WHERE registry = $1 AND name > $2 \
                     ORDER BY name LIMIT $3";
        sql::all(self.0, query, &[&registry_code(of), &after, &limit], |row| {
            Ok(SeenProject { name: row.get(0)?, created: row.get(1)?, first_seen: sql::time(row.get(2)?)? })
        })
    }

    /// Visits every row of a registry in bytewise name order: name, highest serial, presence.
    pub fn each_known(
        &self,
        of: Registry,
        mut visit: impl FnMut(&str, Serial, Presence) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let query = "SELECT name, serial, presence FROM projects WHERE registry = $1 ORDER BY name";
        sql::each(self.0, query, &[&registry_code(of)], |row| {
            let name = row.text(0)?;
            visit(name, serial_of(row.get(1)?), Presence::of(row.get(2)?)?)
        })
    }

    /// Visits every project of a registry that was registered at this Unix second or later, in no order, with that second; what
    /// stood before the watch, and only the index has told of, has none.
    pub fn each_registered(
        &self,
        of: Registry,
        since: i64,
        mut visit: impl FnMut(&str, i64) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let query = "SELECT name, created FROM projects WHERE registry = $1 AND created >= $2";
        sql::each(self.0, query, &[&registry_code(of), &since], |row| visit(row.text(0)?, row.get(1)?))
    }

    /// Visits every name that stands at a registry, in name order.
    pub fn each_present(
        &self,
        of: Registry,
        mut visit: impl FnMut(&str) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let query = "SELECT name FROM projects WHERE registry = $1 AND presence = 0 ORDER BY name";
        sql::each(self.0, query, &[&registry_code(of)], |row| visit(row.text(0)?))
    }
}

fn read(row: &Row<'_>) -> Result<ProjectRow, StoreError> {
    let text: String = row.get(0)?;
    let name = project(row.get(9)?, &text)?;
    Ok(ProjectRow {
        display: row.get::<Option<String>>(1)?.unwrap_or(text),
        name,
        registration_id: registration_of(row.get(2)?),
        created: row.get(3)?,
        serial: serial_of(row.get(4)?),
        listed: row.get::<Option<i64>>(5)?.map(serial_of),
        presence: Presence::of(row.get(6)?)?,
        first_seen: sql::time(row.get(7)?)?,
        listed_at: row.get(8)?,
    })
}
