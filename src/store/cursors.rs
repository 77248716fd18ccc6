//! Small durable values: how far each feed of a registry has read, the last good inventory, when the daily work was done.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::StoreError;
use super::columns::registry_code;
use super::sql::{self, Session};
use crate::model::Registry;

/// The last serial of the changelog that is accounted for.
pub const CHANGELOG: &str = "changelog";
/// Is the changelog working, down or gone; survives restarts so that "gone" is said once.
pub const CHANGELOG_HEALTH: &str = "changelog-health";

/// Does the index know namespaces (PEP 752)?
pub const NAMESPACES: &str = "namespaces";
/// How many projects the index had that the changelog should have told.
pub const MISSED: &str = "missed";
/// Until when nothing new is sent to PyPI, and why.
pub const CLAIM_PAUSE: &str = "claim-pause";
/// When the uploader last asked for work.
pub const CLAIM_ASKED: &str = "claim-asked";
/// When the windows of claims were last minded; a time of the wall clock, so that a step of it is seen.
pub const CLAIM_MINDED: &str = "claim-minded";
/// Which index does not do its part, since when, and when it is asked again.
pub const CLAIM_TROUBLE: &str = "claim-trouble";
/// Why nothing at all is sent until a person has looked.
pub const CLAIM_HALT: &str = "claim-halt";

/// Up to which of the gate's reviews was told, and when.
pub const REVIEWS: &str = "reviews";

/// At which socket a gate was last heard, and when.
pub const GATE_HEARD: &str = "gate-heard";

/// Up to where was told what the gate gave out and turned out to be bad, and when.
pub const RECALLS: &str = "recalls";

/// What the last report said, and by which schedule the next is due.
pub const REPORTS: &str = "reports";

/// Those of a registry, or of the watch itself.
pub struct Cursors<'c> {
    session: &'c dyn Session,
    registry: i64,
}

impl<'c> Cursors<'c> {
    pub(super) fn own(session: &'c dyn Session) -> Self {
        Self { session, registry: 0 }
    }

    pub(super) fn of(session: &'c dyn Session, registry: Registry) -> Self {
        Self { session, registry: registry_code(registry) }
    }
}

impl Cursors<'_> {
    /// Reads a value; `None` when it was never set.
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, StoreError> {
        let query = "SELECT value FROM cursors WHERE registry = $1 AND name = $2";
        let text = sql::first(self.session, query, &[&self.registry, &name], |row| row.get::<String>(0))?;
        text.map(|text| sql::json("a cursor", &text)).transpose()
    }

    pub fn set<T: Serialize>(&self, name: &str, value: &T) -> Result<(), StoreError> {
        let text = sql::to_json("a cursor", value)?;
        sql::execute(
            self.session,
            "INSERT INTO cursors (registry, name, value) VALUES ($1, $2, $3) \
             ON CONFLICT (registry, name) DO UPDATE SET value = excluded.value",
            &[&self.registry, &name, &text],
        )?;
        Ok(())
    }

    pub fn clear(&self, name: &str) -> Result<(), StoreError> {
        let delete = "DELETE FROM cursors WHERE registry = $1 AND name = $2";
        sql::execute(self.session, delete, &[&self.registry, &name])?;
        Ok(())
    }
}
