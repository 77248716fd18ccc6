//! What was received and is bad now, in the log of deliveries: by project and by what is said of it.

use rusqlite::{Connection, Error, Row, params};

use super::deliveries::DeliveryBook;
use super::engine::{RecordsError, count, time};
use crate::model::gate_report::{StandingRecall, StandingRecalls};
use crate::model::recall::RecallCause;

impl DeliveryBook {
    /// So many of them, the worst first, and how many files and clients there are of all.
    pub(in crate::gate) fn standing_recalls(&mut self, most: usize) -> Result<StandingRecalls, RecordsError> {
        self.engine.within(|tx| {
            let gone = written(&RecallCause::Removed);
            let mut recalls = listed(tx, &gone)?;
            let omitted = recalls.len().saturating_sub(most) as u64;
            recalls.truncate(most);
            let (bad_files, clients, gone_files) = counted(tx, &gone)?;
            Ok(StandingRecalls { recalls, omitted, bad_files, clients: Some(clients), gone_files })
        })
    }
}

/// As `recalls.rs` writes it.
fn written(cause: &RecallCause) -> String {
    serde_json::to_string(cause).unwrap_or_default()
}

/// What is gone alone comes last: mostly somebody tidied up.
fn listed(tx: &Connection, gone: &str) -> Result<Vec<StandingRecall>, Error> {
    let mut select = tx.prepare_cached(
        "SELECT project, cause, count(DISTINCT file), count(DISTINCT peer), min(at) FROM recalls \
         JOIN files ON files.id = recalls.file WHERE over = 0 GROUP BY project, cause \
         ORDER BY cause = ?1, max(weight) DESC, min(at), project",
    )?;
    select.query_map([gone], recall)?.collect()
}

/// Bad files, who has any of them, and files that are gone.
fn counted(tx: &Connection, gone: &str) -> Result<(u64, u64, u64), Error> {
    let mut select = tx.prepare_cached(
        "SELECT count(DISTINCT CASE WHEN cause <> ?1 THEN file END), count(DISTINCT CASE WHEN cause <> ?1 THEN peer END), \
         count(DISTINCT CASE WHEN cause = ?1 THEN file END) FROM recalls WHERE over = 0",
    )?;
    select.query_row(params![gone], |row| Ok((count(row, 0)?, count(row, 1)?, count(row, 2)?)))
}

fn recall(row: &Row<'_>) -> Result<StandingRecall, Error> {
    let cause = row.get::<_, String>(1)?;
    Ok(StandingRecall {
        project: row.get(0)?,
        // What cannot be read is told as worse than it may be.
        cause: serde_json::from_str(&cause).unwrap_or(RecallCause::Quarantined),
        files: count(row, 2)?,
        clients: count(row, 3)?,
        since: time(row.get(4)?),
    })
}
