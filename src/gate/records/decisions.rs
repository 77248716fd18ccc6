//! Decisions, in the file of reviews: which review is meant, what becomes of it, and all that stands then.

use rusqlite::{Connection, Error, Transaction, params};

use super::engine::micros;
use super::learned;
use super::rows::{listed, number, one};
use super::steps;
use crate::gate::exemption::{Exemptions, same_version};
use crate::gate::review::{Review, ReviewDecision, ReviewState, ReviewStep, files_key};
use crate::gate::verdict::{Bench, ReviewRefusal};
use crate::model::{Actor, ProjectName, Time};

type Result<T> = std::result::Result<T, Error>;
/// The review as it is then, and all that stands.
pub(in crate::gate) type Decided = std::result::Result<(Review, Exemptions), ReviewRefusal>;

pub(super) fn decided(
    tx: &Transaction<'_>,
    id: i64,
    by: &Actor,
    decision: &ReviewDecision,
    bench: &Bench,
) -> Result<Decided> {
    let Some(review) = one(tx, id)? else {
        return Ok(Err(ReviewRefusal::Unknown { id, dropped: made_room(tx)? }));
    };
    let bench = &Bench {
        rejected: other(tx, &review, ReviewState::Rejected)?,
        open: other(tx, &review, ReviewState::Open)?,
        ..bench.clone()
    };
    match review.decided(by, decision, bench) {
        Err(refusal) => Ok(Err(refusal)),
        Ok(state) => {
            write(tx, &review, state, by, decision, bench.now)?;
            let after = one(tx, id)?.unwrap_or(review);
            Ok(Ok((after, standing(tx)?)))
        }
    }
}

/// The review of a version, however it is spelt: one that rejects it before one that is open, and else the newest.
pub(super) fn of_version(tx: &Connection, project: &ProjectName, version: &str) -> Result<Option<i64>> {
    let mut select = tx.prepare_cached(
        "SELECT id, version FROM reviews WHERE project = ?1 ORDER BY CASE state WHEN 2 THEN 0 WHEN 0 THEN 1 ELSE 2 END, id DESC",
    )?;
    let mut rows = select.query([project.as_str()])?;
    while let Some(row) = rows.next()? {
        if same_version(&row.get::<_, String>(1)?) == same_version(version) {
            return row.get(0).map(Some);
        }
    }
    Ok(None)
}

/// A review of what nobody has asked for, for a decision that comes with it.
pub(super) fn ahead(tx: &Connection, project: &ProjectName, version: &str, at: Time) -> Result<i64> {
    tx.prepare_cached(
        "INSERT INTO reviews (project, version, state, files_key, more_files, first_asked, last_asked, times_asked, first_peer, \
         more_peers) VALUES (?1, ?2, 0, ?4, 0, ?3, ?3, 0, '', 0)",
    )?
    .execute(params![project.as_str(), version, micros(at), files_key(&[])])?;
    Ok(tx.last_insert_rowid())
}

fn made_room(tx: &Connection) -> Result<i64> {
    tx.query_row("SELECT reviews FROM dropped", [], |row| row.get(0))
}

/// Another review of the same version, in whatever spelling: who rejects one ahead may write it as no file does.
fn other(tx: &Connection, review: &Review, state: ReviewState) -> Result<Option<i64>> {
    let mut select = tx
        .prepare_cached("SELECT id, version FROM reviews WHERE project = ?1 AND state = ?2 AND id <> ?3 ORDER BY id")?;
    let rows =
        select.query_map(params![review.project, number(state), review.id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let others: Vec<(i64, String)> = rows.collect::<Result<_>>()?;
    let same = others.into_iter().find(|(_, version)| same_version(version) == same_version(&review.version));
    Ok(same.map(|(id, _)| id))
}

fn write(
    tx: &Connection,
    review: &Review,
    state: ReviewState,
    by: &Actor,
    decision: &ReviewDecision,
    at: Time,
) -> Result<()> {
    let step = ReviewStep {
        at,
        by: by.to_string(),
        uid: by.uid,
        act: decision.act,
        reason: worded(&decision.reason),
        until: decision.until,
        files_key: review.files_key.clone(),
    };
    steps::insert(tx, review.id, &step)?;
    let closed = (state != ReviewState::Open).then(|| micros(at));
    tx.execute("UPDATE reviews SET state = ?2, closed = ?3 WHERE id = ?1", params![review.id, number(state), closed])?;
    Ok(())
}

/// On one line, and no novel.
fn worded(reason: &str) -> String {
    const LONGEST: usize = 500;
    let line: String = reason.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    line.trim().chars().take(LONGEST).collect()
}

pub(super) fn standing(tx: &Transaction<'_>) -> Result<Exemptions> {
    let mut decided = listed(tx, Some(ReviewState::Approved), usize::MAX)?;
    decided.extend(listed(tx, Some(ReviewState::Rejected), usize::MAX)?);
    let mut all = steps::exemptions(tx, &decided)?;
    learned::add(tx, &mut all)?;
    Ok(all)
}
