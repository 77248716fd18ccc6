//! Reviews that are open and that nobody was told of yet.

use rusqlite::{Connection, Error, Row, params};

use super::engine::{micros, time};
use super::rows::one;
use crate::gate::review::Review;
use crate::model::Time;
use crate::model::held::ReviewMark;

/// Some of them, and what is to be known of all.
#[derive(Clone, Debug)]
pub(in crate::gate) struct UntoldReviews {
    /// The newest first.
    pub(in crate::gate) reviews: Vec<Review>,
    pub(in crate::gate) all: i64,
    pub(in crate::gate) oldest: Option<Time>,
    /// What covers all of them, and what was covered before.
    pub(in crate::gate) last: Option<ReviewMark>,
}

/// A number is later, or the time is: numbers begin anew in a file that was lost.
const UNTOLD: &str = "FROM reviews WHERE state = 0 AND (id > ?1 OR first_asked > ?2)";

pub(super) fn untold(tx: &Connection, after: ReviewMark, most: usize) -> Result<UntoldReviews, Error> {
    let (most, asked) = (i64::try_from(most).unwrap_or(i64::MAX), micros(after.asked));
    let mut ids = tx.prepare_cached(&format!("SELECT id {UNTOLD} ORDER BY id DESC LIMIT ?3"))?;
    let ids: Vec<i64> =
        ids.query_map(params![after.review, asked, most], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let reviews = ids.into_iter().filter_map(|id| one(tx, id).transpose()).collect::<Result<_, _>>()?;
    let of_all = |row: &Row<'_>| {
        let oldest = row.get::<_, Option<i64>>(1)?.map(time);
        let last = match (row.get::<_, Option<i64>>(2)?, row.get::<_, Option<i64>>(3)?) {
            (Some(id), Some(at)) => Some(ReviewMark { review: id.max(after.review), asked: time(at).max(after.asked) }),
            _ => None,
        };
        Ok((row.get(0)?, oldest, last))
    };
    let query = format!("SELECT count(*), min(first_asked), max(id), max(first_asked) {UNTOLD}");
    let (all, oldest, last) = tx.prepare_cached(&query)?.query_row(params![after.review, asked], of_all)?;
    Ok(UntoldReviews { reviews, all, oldest, last })
}
