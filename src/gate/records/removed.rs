//! Which files that were received PyPI lists no more: whoever takes a release away says nothing of why, and malware goes so before any record
//! of it.

use std::collections::BTreeSet;

use rusqlite::{Connection, Error, Row, params};

use super::deliveries::DeliveryBook;
use super::engine::RecordsError;
use crate::gate::recall::RemovedFiles;
use crate::model::ProjectName;

/// What a page that was looked at changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::gate) struct RemovedTurn {
    /// Some are gone that were there.
    pub(in crate::gate) some_went: bool,
    /// Some are there again.
    pub(in crate::gate) some_came: bool,
}

impl DeliveryBook {
    /// PyPI lists these files of the project, by their SHA-256, and no others.
    pub(in crate::gate) fn listed(
        &mut self,
        project: &ProjectName,
        files: &BTreeSet<String>,
    ) -> Result<RemovedTurn, RecordsError> {
        self.engine.within(|tx| {
            let mut turn = RemovedTurn::default();
            for (id, sha256, was_removed) in known(tx, project)? {
                let is_removed = !files.contains(&sha256);
                if is_removed && !was_removed {
                    tx.execute("INSERT INTO removed (file) VALUES (?1)", [id])?;
                    turn.some_went = true;
                } else if was_removed && !is_removed {
                    tx.execute("DELETE FROM removed WHERE file = ?1", [id])?;
                    turn.some_came = true;
                }
            }
            Ok(turn)
        })
    }

    pub(in crate::gate) fn removed(&mut self) -> Result<RemovedFiles, RecordsError> {
        self.engine.within(|tx| {
            let mut select =
                tx.prepare_cached("SELECT project, sha256 FROM files JOIN removed ON removed.file = files.id")?;
            let rows = select.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
            let mut removed = RemovedFiles::default();
            for row in rows {
                let (project, sha256) = row?;
                if let Ok(project) = ProjectName::parse(&project) {
                    removed.entry(project).or_default().insert(sha256);
                }
            }
            Ok(removed)
        })
    }
}

/// What came from PyPI, and whether it was gone.
fn known(tx: &Connection, project: &ProjectName) -> Result<Vec<(i64, String, bool)>, Error> {
    let mut select = tx.prepare_cached(
        "SELECT id, sha256, removed.file IS NOT NULL FROM files LEFT JOIN removed ON removed.file = files.id \
         WHERE project = ?1 AND private = 0",
    )?;
    let row = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    select.query_map(params![project.as_str()], row)?.collect()
}
