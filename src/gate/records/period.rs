//! Reviews of a period in numbers, and those behind them, in the file of reviews.

use std::collections::HashMap;

use rusqlite::{Connection, Error, OptionalExtension as _, Row, params};

use super::engine::{RecordsError, count, micros, time};
use super::reviews::ReviewBook;
use super::rows::{all_open, number};
use crate::gate::review::{Review, ReviewState};
use crate::model::Time;
use crate::model::gate_report::{EndedReview, ReviewCounts, ReviewEnd};

/// What became of reviews, and who waits.
#[derive(Clone, Debug)]
pub(in crate::gate) struct PeriodReviews {
    pub(in crate::gate) counts: ReviewCounts,
    pub(in crate::gate) median_seconds: Option<i64>,
    /// Without who asked; whoever was asked for first comes first.
    pub(in crate::gate) open: Vec<Review>,
    /// How many users at hosts asked for each of those.
    pub(in crate::gate) clients: HashMap<i64, u64>,
    /// The newest first, and how many more.
    pub(in crate::gate) ended: Vec<EndedReview>,
    pub(in crate::gate) more_ended: u64,
    /// When the last had to make room in the period.
    pub(in crate::gate) made_room: Option<Time>,
}

/// Its ends in microseconds: after the first, until the second.
type Ends = (i64, i64);

impl ReviewBook {
    /// Of those after the first time and until the second, so many one by one.
    pub(in crate::gate) fn of_period(
        &mut self,
        (since, until): (Time, Time),
        most: usize,
    ) -> Result<PeriodReviews, RecordsError> {
        let ends = (micros(since), micros(until));
        self.engine.within(|tx| {
            let counts = counts(tx, ends)?;
            let (ended, all) = ended(tx, ends, most)?;
            let mut open = all_open(tx)?;
            open.sort_by_key(|review| (review.first_asked, review.id));
            let last = tx.query_row("SELECT last FROM dropped", [], |row| row.get::<_, Option<i64>>(0))?;
            Ok(PeriodReviews {
                counts,
                median_seconds: median(tx, ends)?,
                open,
                clients: clients(tx)?,
                more_ended: all.saturating_sub(ended.len() as u64),
                ended,
                made_room: last.map(time).filter(|last| since < *last && *last <= until),
            })
        })
    }
}

fn counts(tx: &Connection, (since, until): Ends) -> Result<ReviewCounts, Error> {
    let closed = |state| format!("coalesce(sum(state = {} AND closed > ?1 AND closed <= ?2), 0)", number(state));
    let [approved, rejected, matured] =
        [ReviewState::Approved, ReviewState::Rejected, ReviewState::Matured].map(closed);
    let mut select = tx.prepare_cached(&format!(
        "SELECT coalesce(sum(first_asked > ?1 AND first_asked <= ?2 AND times_asked > 0), 0), {approved}, {rejected}, {matured}, \
         coalesce(sum(state = 0), 0) FROM reviews"
    ))?;
    select.query_row(params![since, until], |row| {
        let [began, approved, rejected, matured, open] =
            [count(row, 0)?, count(row, 1)?, count(row, 2)?, count(row, 3)?, count(row, 4)?];
        Ok(ReviewCounts { began, approved, rejected, matured, open })
    })
}

/// Of what persons decided about what somebody had asked for. A clock that was set back made nobody decide before that.
fn median(tx: &Connection, (since, until): Ends) -> Result<Option<i64>, Error> {
    const DECIDED: &str = "FROM reviews WHERE state IN (1, 2) AND times_asked > 0 AND closed > ?1 AND closed <= ?2";
    let all = tx
        .prepare_cached(&format!("SELECT count(*) {DECIDED}"))?
        .query_row(params![since, until], |row| row.get::<_, i64>(0))?;
    let query = format!("SELECT max(closed - first_asked, 0) {DECIDED} ORDER BY 1 LIMIT 1 OFFSET ?3");
    let middle = (all - 1).max(0) / 2;
    let micros =
        tx.prepare_cached(&query)?.query_row(params![since, until, middle], |row| row.get::<_, i64>(0)).optional()?;
    Ok(micros.map(|micros| micros / 1_000_000))
}

/// Those that began or ended in it and are over: so many, and how many there are.
fn ended(tx: &Connection, (since, until): Ends, most: usize) -> Result<(Vec<EndedReview>, u64), Error> {
    const ENDED: &str =
        "FROM reviews WHERE state <> 0 AND (closed > ?1 AND closed <= ?2 OR first_asked > ?1 AND first_asked <= ?2)";
    let all = tx
        .prepare_cached(&format!("SELECT count(*) {ENDED}"))?
        .query_row(params![since, until], |row| count(row, 0))?;
    let query = format!("SELECT project, state, first_asked, closed, times_asked {ENDED} ORDER BY id DESC LIMIT ?3");
    let mut select = tx.prepare_cached(&query)?;
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let ended = select.query_map(params![since, until, most], one_ended)?.collect::<Result<_, _>>()?;
    Ok((ended, all))
}

fn one_ended(row: &Row<'_>) -> Result<EndedReview, Error> {
    let is = |state| row.get::<_, i64>(1).map(|of| of == number(state));
    let end = match (is(ReviewState::Approved)?, is(ReviewState::Matured)?) {
        (true, _) => ReviewEnd::Approved,
        (_, true) => ReviewEnd::Matured,
        // What cannot be read was let through by nobody.
        _ => ReviewEnd::Rejected,
    };
    let since = row.get(2)?;
    let closed = row.get::<_, Option<i64>>(3)?.unwrap_or(since);
    Ok(EndedReview { project: row.get(0)?, since: time(since), asked: row.get(4)?, closed: time(closed), end })
}

fn clients(tx: &Connection) -> Result<HashMap<i64, u64>, Error> {
    let mut select = tx.prepare_cached(
        "SELECT review, count(*) FROM askers WHERE review IN (SELECT id FROM reviews WHERE state = 0) GROUP BY review",
    )?;
    select.query_map([], |row| Ok((row.get(0)?, count(row, 1)?)))?.collect()
}
