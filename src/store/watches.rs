//! The watches in force, with the exposure of each. What a watch says is in the stored inventory; this is what is known.

use super::StoreError;
use super::columns::{registry_code, registry_of};
use super::sql::{self, Param, Row, Session};
use crate::model::{Exposure, Time, WatchId, WatchKind};

pub struct Watches<'c>(pub(super) &'c dyn Session);

impl Watches<'_> {
    /// Adds a watch that is not there yet; says whether it was new.
    pub fn add(&self, id: &WatchId, now: Time) -> Result<bool, StoreError> {
        let added = sql::execute(
            self.0,
            "INSERT INTO watches (registry, kind, text, added_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            &[&registry_code(id.registry), &id.kind.as_str(), &id.text, &sql::micros(now)],
        )?;
        Ok(added > 0)
    }

    pub fn remove(&self, id: &WatchId) -> Result<(), StoreError> {
        let delete = "DELETE FROM watches WHERE registry = $1 AND kind = $2 AND text = $3";
        sql::execute(self.0, delete, &[&registry_code(id.registry), &id.kind.as_str(), &id.text])?;
        Ok(())
    }

    /// Every watch in force, with its exposure.
    pub fn all(&self) -> Result<Vec<(WatchId, Option<Exposure>)>, StoreError> {
        let query = "SELECT registry, kind, text, exposure FROM watches ORDER BY registry, kind, text";
        sql::all(self.0, query, &[], |row| {
            let exposure = row.get::<Option<String>>(3)?.map(|text| sql::json("an exposure", &text)).transpose()?;
            Ok((read_id(row)?, exposure))
        })
    }

    pub fn exposure(&self, id: &WatchId) -> Result<Option<Exposure>, StoreError> {
        let query = "SELECT exposure FROM watches WHERE registry = $1 AND kind = $2 AND text = $3";
        let params: [&dyn Param; 3] = [&registry_code(id.registry), &id.kind.as_str(), &id.text];
        let text = sql::first(self.0, query, &params, |row| row.get::<Option<String>>(0))?;
        text.flatten().map(|text| sql::json("an exposure", &text)).transpose()
    }

    pub fn set_exposure(&self, id: &WatchId, exposure: &Exposure, now: Time) -> Result<(), StoreError> {
        let text = sql::to_json("an exposure", exposure)?;
        sql::execute(
            self.0,
            "UPDATE watches SET exposure = $4, exposure_since = $5 WHERE registry = $1 AND kind = $2 AND text = $3 \
             AND (exposure IS NULL OR exposure <> $4)",
            &[&registry_code(id.registry), &id.kind.as_str(), &id.text, &text, &sql::micros(now)],
        )?;
        Ok(())
    }
}

fn read_id(row: &Row<'_>) -> Result<WatchId, StoreError> {
    let registry = registry_of(row.get(0)?)?;
    let kind: String = row.get(1)?;
    let kind = [WatchKind::Name, WatchKind::Prefix, WatchKind::Brand]
        .into_iter()
        .find(|k| k.as_str() == kind)
        .ok_or_else(|| StoreError::unreadable("a watch kind", kind))?;
    Ok(WatchId { registry, kind, text: row.get(2)? })
}
