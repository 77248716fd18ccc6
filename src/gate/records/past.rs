//! What was decided about other versions of a project.

use rusqlite::{Connection, Error, Row, params};

use super::steps::step;
use crate::gate::dossier::PastDecision;
use crate::gate::review::Review;

/// That a dossier shows.
const MOST: i64 = 20;

/// The newest first.
pub(super) fn of(tx: &Connection, review: &Review) -> Result<Vec<PastDecision>, Error> {
    let mut select = tx.prepare_cached(
        "SELECT at, uid, by, act, reason, until, steps.files_key, reviews.id, version FROM steps JOIN reviews ON reviews.id = review \
         WHERE project = ?1 AND reviews.id <> ?2 ORDER BY number DESC LIMIT ?3",
    )?;
    let past = |row: &Row<'_>| Ok(PastDecision { review: row.get(7)?, version: row.get(8)?, step: step(row)? });
    select.query_map(params![review.project, review.id, MOST], past)?.collect()
}
