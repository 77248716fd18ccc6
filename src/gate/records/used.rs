//! Which files clients received whole, as every rule or persons let them through: what counts as prior use, by file.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, Error, OptionalExtension as _, params};

use super::deliveries::DeliveryBook;
use super::engine::{RecordsError, time};
use super::requesters;
use crate::gate::recall::RemovedFiles;
use crate::gate::voices::{UsedBy, voices};
use crate::model::{ProjectName, Time};

/// A file of PyPI that was used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::gate) struct UsedFile {
    pub(in crate::gate) project: String,
    pub(in crate::gate) version: Option<String>,
    pub(in crate::gate) sha256: String,
    /// Since when it has so many independent clients, the first first.
    pub(in crate::gate) firsts: Vec<Time>,
}

/// Files of some projects, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::gate) struct UsedFiles {
    pub(in crate::gate) files: Vec<UsedFile>,
    /// Projects that PyPI has in quarantine.
    pub(in crate::gate) quarantined: BTreeSet<ProjectName>,
    /// What PyPI lists no more.
    pub(in crate::gate) removed: RemovedFiles,
    /// Up to which project that is; `None`: there is none behind.
    pub(in crate::gate) last: Option<String>,
}

/// Project, version and digest.
type File = (String, Option<String>, String);

impl DeliveryBook {
    /// Of so many projects behind this one.
    pub(in crate::gate) fn used_files(&mut self, after: &str, projects: usize) -> Result<UsedFiles, RecordsError> {
        let most = i64::try_from(projects).unwrap_or(i64::MAX);
        let (files, last) = self.engine.within(|tx| {
            let last = last(tx, after, most)?;
            let files = last.as_deref().map_or(Ok(Vec::new()), |last| used(tx, after, last))?;
            Ok((files, last))
        })?;
        Ok(UsedFiles { files, quarantined: self.quarantined()?, removed: self.removed()?, last })
    }

    /// Nobody used a file of it any more.
    pub(in crate::gate) fn forget_uses(&mut self, project: &ProjectName) -> Result<(), RecordsError> {
        let files = "UPDATE deliveries SET used = NULL WHERE file IN (SELECT id FROM files WHERE project = ?1)";
        self.engine.within(|tx| tx.execute(files, [project.as_str()]).map(drop))
    }
}

/// The last of so many projects behind this one.
fn last(tx: &Connection, after: &str, most: i64) -> Result<Option<String>, Error> {
    let projects =
        "SELECT max(project) FROM (SELECT DISTINCT project FROM files WHERE project > ?1 ORDER BY project LIMIT ?2)";
    tx.prepare_cached(projects)?.query_row(params![after, most], |row| row.get(0)).optional().map(Option::flatten)
}

fn used(tx: &Connection, after: &str, last: &str) -> Result<Vec<UsedFile>, Error> {
    let mut select = tx.prepare_cached(
        "SELECT project, version, sha256, user, host, min(used) FROM files JOIN deliveries ON file = files.id \
         JOIN peers ON peer = peers.id WHERE project > ?1 AND project <= ?2 AND private = 0 AND used IS NOT NULL \
         GROUP BY files.id, peers.id",
    )?;
    let mut all: BTreeMap<File, BTreeMap<UsedBy, Time>> = BTreeMap::new();
    let mut rows = select.query(params![after, last])?;
    while let Some(row) = rows.next()? {
        let Some(by) = requesters::used_by(row, 3)? else { continue };
        let at = time(row.get(5)?);
        let firsts = all.entry((row.get(0)?, row.get(1)?, row.get(2)?)).or_default();
        let first = firsts.entry(by).or_insert(at);
        *first = at.min(*first);
    }
    Ok(all.into_iter().map(|(file, firsts)| file_of(file, firsts)).collect())
}

fn file_of((project, version, sha256): File, uses: BTreeMap<UsedBy, Time>) -> UsedFile {
    let firsts = voices(uses.iter().map(|(by, first)| (by, *first)));
    UsedFile { project, version, sha256, firsts }
}
