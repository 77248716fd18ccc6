//! Small durable values: how far each feed has read, the last good inventory, when the daily work was done.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::StoreError;
use super::sql::{self, Session};

/// The last serial of the changelog that is accounted for.
pub const CHANGELOG: &str = "changelog";
/// Is the changelog working, down or gone; survives restarts so that "gone" is said once.
pub const CHANGELOG_HEALTH: &str = "changelog-health";

pub struct Cursors<'c>(pub(super) &'c dyn Session);

impl Cursors<'_> {
    /// Reads a value; `None` when it was never set.
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, StoreError> {
        let text =
            sql::first(self.0, "SELECT value FROM cursors WHERE name = $1", &[&name], |row| row.get::<String>(0))?;
        text.map(|text| sql::json("a cursor", &text)).transpose()
    }

    pub fn set<T: Serialize>(&self, name: &str, value: &T) -> Result<(), StoreError> {
        let text = sql::to_json("a cursor", value)?;
        sql::execute(
            self.0,
            "INSERT INTO cursors (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            &[&name, &text],
        )?;
        Ok(())
    }

    pub fn clear(&self, name: &str) -> Result<(), StoreError> {
        sql::execute(self.0, "DELETE FROM cursors WHERE name = $1", &[&name])?;
        Ok(())
    }
}
