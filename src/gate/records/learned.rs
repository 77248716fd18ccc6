//! Projects that a person vouches for, in the file of reviews: what lets something through is as durable as a decision.

use rusqlite::{Connection, Error, Row, params};

use super::engine::{micros, time};
use crate::gate::exemption::Exemptions;
use crate::gate::learned::LearnedProject;
use crate::model::ProjectName;

/// Whom the kernel could not name.
const NOBODY: i64 = -1;

/// Each person once for a project: what they vouched for last counts.
pub(super) fn keep(tx: &Connection, learned: &[LearnedProject]) -> Result<(), Error> {
    let mut insert = tx.prepare_cached(
        "INSERT OR REPLACE INTO vouched (project, at, by, uid, version, sha256, source) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    learned.iter().try_for_each(|of| {
        let uid = of.uid.map_or(NOBODY, i64::from);
        insert.execute(params![of.project, micros(of.at), of.by, uid, of.version, of.sha256, of.source]).map(drop)
    })
}

/// Was it there?
pub(super) fn forget(tx: &Connection, project: &ProjectName) -> Result<bool, Error> {
    Ok(tx.execute("DELETE FROM vouched WHERE project = ?1", [project.as_str()])? > 0)
}

/// By name, those behind `after`, at least so many where there are: all of the last project.
pub(super) fn listed(tx: &Connection, after: &str, most: usize) -> Result<Vec<LearnedProject>, Error> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let mut select = tx.prepare_cached(
        "SELECT project, at, by, uid, version, sha256, source FROM vouched WHERE project > ?1 AND project <= ifnull( \
         (SELECT project FROM vouched WHERE project > ?1 ORDER BY project LIMIT 1 OFFSET ?2 - 1), '~') ORDER BY project, uid",
    )?;
    select.query_map(params![after, most], learned)?.collect()
}

fn learned(row: &Row<'_>) -> Result<LearnedProject, Error> {
    Ok(LearnedProject {
        project: row.get(0)?,
        at: time(row.get(1)?),
        by: row.get(2)?,
        uid: u32::try_from(row.get::<_, i64>(3)?).ok(),
        version: row.get(4)?,
        sha256: row.get(5)?,
        source: row.get(6)?,
    })
}

/// Adds them to what stands.
pub(super) fn add(tx: &Connection, all: &mut Exemptions) -> Result<(), Error> {
    for of in listed(tx, "", usize::MAX)? {
        if let Ok(project) = ProjectName::parse(&of.project) {
            all.vouch(project, of.uid, of.at);
        }
    }
    Ok(())
}
