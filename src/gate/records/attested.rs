//! Whom attestations name, over restarts: an index need not be asked again for what it said once, and cannot take it back.

use std::path::Path;

use rusqlite::{Row, params};

use super::engine::{Engine, Kind, RecordsError, micros, time};
use crate::gate::attest::ProvenPublisher;
use crate::gate::attested::Attested;
use crate::model::{ProjectName, Time};

const KIND: Kind =
    Kind { name: "attested.db", schemas: &[include_str!("attested.sql")], synchronous: "NORMAL", checked: true };

/// The file of it.
#[derive(Debug)]
pub struct AttestedBook {
    engine: Engine,
}

impl AttestedBook {
    /// # Errors
    /// See [`RecordsError`].
    pub fn open(dir: &Path) -> Result<Self, RecordsError> {
        Ok(Self { engine: Engine::open(dir, &KIND)? })
    }

    /// # Errors
    /// See [`RecordsError`].
    pub fn all(&mut self) -> Result<Attested, RecordsError> {
        self.engine.within(|tx| {
            let mut all = Attested::default();
            let mut select = tx.prepare("SELECT project, proven, at FROM received")?;
            let rows =
                select.query_map([], |row| Ok((row.get::<_, String>(0)?, proven(row, 1)?, time(row.get(2)?))))?;
            for row in rows {
                // What an earlier version cannot have written speaks for nothing.
                if let (project, Some(proven), at) = row?
                    && let Ok(project) = ProjectName::parse(&project)
                {
                    all.receive(project, proven, at);
                }
            }
            let mut select = tx.prepare("SELECT sha256, proven FROM attested")?;
            let rows = select.query_map([], |row| Ok((row.get::<_, String>(0)?, proven(row, 1)?)))?;
            for row in rows {
                if let (sha256, Some(proven)) = row? {
                    all.prove(&sha256, proven);
                }
            }
            Ok(all)
        })
    }

    pub(in crate::gate) fn receive(
        &mut self,
        project: &ProjectName,
        proven: &ProvenPublisher,
        at: Time,
    ) -> Result<(), RecordsError> {
        let (publisher, proven) = (json(&proven.publisher), json(proven));
        self.engine.within(|tx| {
            tx.prepare_cached(
                "INSERT INTO received (project, publisher, proven, at) VALUES (?1, ?2, ?3, ?4) \
                 ON CONFLICT DO UPDATE SET proven = excluded.proven, at = min(at, excluded.at)",
            )?
            .execute(params![project.as_str(), publisher, proven, micros(at)])
            .map(drop)
        })
    }

    pub(in crate::gate) fn prove(&mut self, sha256: &str, proven: &ProvenPublisher) -> Result<(), RecordsError> {
        let insert = "INSERT OR REPLACE INTO attested (sha256, proven) VALUES (?1, ?2)";
        self.engine.within(|tx| tx.prepare_cached(insert)?.execute(params![sha256, json(proven)]).map(drop))
    }

    /// Lets go of the files that the log took before then, in seconds since 1970.
    pub(in crate::gate) fn shrink(&mut self, since: u64) -> Result<(), RecordsError> {
        let since = i64::try_from(since).unwrap_or(i64::MAX);
        let delete = "DELETE FROM attested WHERE json_extract(proven, '$.logged') < ?1";
        self.engine.within(|tx| tx.execute(delete, [since]).map(drop))
    }

    /// As if nothing of it was ever received.
    pub(in crate::gate) fn forget(&mut self, project: &ProjectName) -> Result<(), RecordsError> {
        let delete = "DELETE FROM received WHERE project = ?1";
        self.engine.within(|tx| tx.execute(delete, [project.as_str()]).map(drop))
    }
}

fn json(of: &impl serde::Serialize) -> String {
    serde_json::to_string(of).unwrap_or_default()
}

fn proven(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<ProvenPublisher>> {
    Ok(serde_json::from_str(&row.get::<_, String>(column)?).ok())
}
