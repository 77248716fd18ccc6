//! What persons did, and what the policy makes of it.

use rusqlite::{Connection, Error, Row, params};

use super::engine::{micros, time};
use crate::gate::exemption::{Approved, Exemptions, Rejected};
use crate::gate::review::{Review, ReviewAct, ReviewState, ReviewStep};
use crate::model::ProjectName;

pub(super) fn insert(conn: &Connection, review: i64, step: &ReviewStep) -> Result<(), Error> {
    let act = ReviewAct::ALL.iter().position(|act| *act == step.act).unwrap_or_default();
    let (at, until) = (micros(step.at), step.until.map(micros));
    let mut insert = conn.prepare_cached(
        "INSERT INTO steps (review, at, uid, by, act, reason, until, files_key) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    insert.execute(params![review, at, step.uid, step.by, act as i64, step.reason, until, step.files_key])?;
    Ok(())
}

pub(super) fn of(conn: &Connection, review: i64) -> Result<Vec<ReviewStep>, Error> {
    let mut select = conn.prepare_cached(
        "SELECT at, uid, by, act, reason, until, files_key FROM steps WHERE review = ?1 ORDER BY number",
    )?;
    select.query_map([review], step)?.collect()
}

/// Of columns in this order.
pub(super) fn step(row: &Row<'_>) -> Result<ReviewStep, Error> {
    let act = usize::try_from(row.get::<_, i64>(3)?).ok().and_then(|act| ReviewAct::ALL.get(act).copied());
    Ok(ReviewStep {
        at: time(row.get(0)?),
        uid: row.get(1)?,
        by: row.get(2)?,
        // What cannot be read lets nothing through.
        act: act.unwrap_or(ReviewAct::Reject),
        reason: row.get(4)?,
        until: row.get::<_, Option<i64>>(5)?.map(time),
        files_key: row.get(6)?,
    })
}

/// Everything that stands, of all reviews that were ever decided.
pub(super) fn exemptions(conn: &Connection, decided: &[Review]) -> Result<Exemptions, Error> {
    let mut all = Exemptions::default();
    for review in decided {
        let Ok(project) = ProjectName::parse(&review.project) else { continue };
        match review.state {
            ReviewState::Approved => {
                let approved = Approved { review: review.id, until: review.good_until() };
                review.files.iter().for_each(|file| all.approve(&project, file.sha256.clone(), approved));
            }
            ReviewState::Rejected => {
                let last = review.steps.last();
                let (by, reason) = last.map(|step| (step.person().to_owned(), step.reason.clone())).unwrap_or_default();
                let files = review.files.iter().map(|file| file.sha256.as_str());
                all.reject(&project, &review.version, files, &Rejected { review: review.id, by, reason });
            }
            ReviewState::Open | ReviewState::Matured => {}
        }
    }
    counted(conn, &mut all)?;
    Ok(all)
}

fn counted(conn: &Connection, all: &mut Exemptions) -> Result<(), Error> {
    let mut select = conn.prepare_cached(
        "SELECT reviews.project, max(steps.number) FROM steps JOIN reviews ON reviews.id = steps.review GROUP BY reviews.project",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        if let Ok(project) = ProjectName::parse(&row.get::<_, String>(0)?) {
            all.count(&project, row.get(1)?);
        }
    }
    Ok(())
}
