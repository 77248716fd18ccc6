//! The watches in force, with the exposure of each. What a watch says is in the stored inventory; this is what is known.

use std::collections::BTreeMap;

use super::StoreError;
use super::columns::{registry_code, registry_of, serial_code, serial_of};
use super::sql::{self, Param, Row, Session};
use crate::model::exposure::{ExposureChange, KnownBy};
use crate::model::{Exposure, OwnerId, Registry, Standings, Time, WatchId, WatchKind};

/// A watch in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watched {
    pub id: WatchId,
    /// Its exposure, and since when it has that.
    pub known: Option<(Exposure, Time)>,
    pub added_at: Time,
}

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

    /// Every watch in force, with its exposure and since when it has that.
    pub fn all(&self) -> Result<Vec<Watched>, StoreError> {
        let query = "SELECT registry, kind, text, exposure, exposure_since, added_at FROM watches ORDER BY registry, kind, text";
        sql::all(self.0, query, &[], |row| {
            Ok(Watched { id: read_id(row, 0)?, known: known(row, 3)?, added_at: sql::time(row.get(5)?)? })
        })
    }

    /// How every name at PyPI stands of which that is known.
    pub fn exposures(&self) -> Result<Standings, StoreError> {
        let query = "SELECT text, exposure FROM watches WHERE registry = $1 AND kind = $2 AND exposure IS NOT NULL \
                     ORDER BY text";
        // A great many stand alike: what was read last is not read again.
        let (mut all, mut last) = (Standings::default(), None::<(String, Exposure)>);
        let params: [&dyn Param; 2] = [&registry_code(Registry::Pypi), &WatchKind::Name.as_str()];
        sql::each(self.0, query, &params, |row| {
            let text = row.text(1)?;
            let (_, exposure) = match last.take().filter(|(known, _)| known == text) {
                Some(known) => last.insert(known),
                None => last.insert((text.to_owned(), sql::json("an exposure", text)?)),
            };
            all.push(row.text(0)?, exposure);
            Ok(())
        })?;
        Ok(all)
    }

    /// The watches that stand so, by the word of their exposure, and since when: of this owner, or of all.
    pub fn standing_so(
        &self,
        word: &str,
        owner: Option<&OwnerId>,
    ) -> Result<BTreeMap<WatchId, (Exposure, Time)>, StoreError> {
        let theirs = if owner.is_some() { "AND owner = $2" } else { "" };
        let query =
            format!("SELECT registry, kind, text, exposure, exposure_since FROM watches WHERE stands = $1 {theirs}");
        let params: Vec<&dyn Param> =
            std::iter::once(&word as &dyn Param).chain(owner.map(|owner| &owner.0 as &dyn Param)).collect();
        let rows = sql::all(self.0, &query, &params, |row| Ok((read_id(row, 0)?, known(row, 3)?)))?;
        Ok(rows.into_iter().filter_map(|(id, known)| Some((id, known?))).collect())
    }

    pub fn exposure(&self, id: &WatchId) -> Result<Option<Exposure>, StoreError> {
        Ok(self.known(id)?.map(|(exposure, _)| exposure))
    }

    /// How a watch stands, and since when; `None` where nobody has looked.
    pub fn known(&self, id: &WatchId) -> Result<Option<(Exposure, Time)>, StoreError> {
        let query = "SELECT exposure, exposure_since FROM watches WHERE registry = $1 AND kind = $2 AND text = $3";
        let params: [&dyn Param; 3] = [&registry_code(id.registry), &id.kind.as_str(), &id.text];
        Ok(sql::first(self.0, query, &params, |row| known(row, 0))?.flatten())
    }

    /// A watch in force stands so from now on; where that is another way than before, it is kept which.
    pub fn set_exposure(&self, id: &WatchId, exposure: &Exposure, by: &KnownBy, now: Time) -> Result<(), StoreError> {
        let (registry, text) = (registry_code(id.registry), sql::to_json("an exposure", exposure)?);
        let (registration, serial) = (by.registration.as_ref().map(ToString::to_string), by.serial.map(serial_code));
        let (kind, at) = (id.kind.as_str(), sql::micros(now));
        let stands = exposure.as_str();
        let params: [&dyn Param; 7] = [&registry, &kind, &id.text, &text, &at, &registration, &serial];
        let changed = sql::execute(
            self.0,
            "INSERT INTO exposure_changes (registry, kind, text, was, became, at, registration, serial) \
             SELECT registry, kind, text, exposure, $4, $5, $6, $7 FROM watches \
             WHERE registry = $1 AND kind = $2 AND text = $3 AND (exposure IS NULL OR exposure <> $4)",
            &params,
        )?;
        if changed > 0 {
            let update = "UPDATE watches SET exposure = $4, exposure_since = $5, stands = $6 \
                          WHERE registry = $1 AND kind = $2 AND text = $3";
            sql::execute(self.0, update, &[&registry, &kind, &id.text, &text, &at, &stands])?;
        }
        Ok(())
    }

    /// How the exposure of a watch changed, oldest first: the last of it, up to so many.
    pub fn changes(&self, id: &WatchId, most: u32) -> Result<Vec<ExposureChange>, StoreError> {
        let query = "SELECT at, was, became, registration, serial FROM exposure_changes \
                     WHERE registry = $1 AND kind = $2 AND text = $3 ORDER BY id DESC LIMIT $4";
        let params: [&dyn Param; 4] = [&registry_code(id.registry), &id.kind.as_str(), &id.text, &most];
        let mut changes = sql::all(self.0, query, &params, read_change)?;
        changes.reverse();
        Ok(changes)
    }
}

/// An exposure and since when, which stand in columns beside each other.
pub(super) fn known(row: &Row<'_>, at: usize) -> Result<Option<(Exposure, Time)>, StoreError> {
    let exposure = row.get::<Option<String>>(at)?.map(|text| sql::json("an exposure", &text)).transpose()?;
    let since = row.get::<Option<i64>>(at + 1)?.map(sql::time).transpose()?;
    Ok(exposure.zip(since))
}

/// Columns from the first on: at, was, became, registration, serial.
pub(super) fn read_change(row: &Row<'_>) -> Result<ExposureChange, StoreError> {
    let exposure = |text: &str| sql::json::<Exposure>("an exposure", text);
    let registration = row.get::<Option<String>>(3)?.map(|text| text.parse()).transpose();
    Ok(ExposureChange {
        at: sql::time(row.get(0)?)?,
        was: row.get::<Option<String>>(1)?.map(|text| exposure(&text)).transpose()?,
        is: exposure(row.text(2)?)?,
        evidence: KnownBy {
            registration: registration.map_err(|e| StoreError::unreadable("a registration", e))?,
            serial: row.get::<Option<i64>>(4)?.map(serial_of),
        },
    })
}

/// Registry, kind and text, which stand in columns beside each other.
pub(super) fn read_id(row: &Row<'_>, at: usize) -> Result<WatchId, StoreError> {
    let registry = registry_of(row.get(at)?)?;
    let kind: String = row.get(at + 1)?;
    let kind = [WatchKind::Name, WatchKind::Prefix, WatchKind::Brand]
        .into_iter()
        .find(|k| k.as_str() == kind)
        .ok_or_else(|| StoreError::unreadable("a watch kind", kind))?;
    Ok(WatchId { registry, kind, text: row.get(at + 2)? })
}
