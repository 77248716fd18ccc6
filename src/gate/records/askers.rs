//! Who asked for what is held, in the file of reviews: of each so many addresses.

use rusqlite::{Connection, Error, Row, params};

use super::engine::{micros, time};
use crate::gate::asker::ReviewAsker;

/// Addresses that are noted of one review.
const MOST_PEERS: i64 = 20;

pub(super) fn meet(tx: &Connection, review: i64, asker: &ReviewAsker) -> Result<(), Error> {
    let (first, last) = (asker.first.map(micros), asker.last.map(micros));
    let known = "UPDATE peers SET tool = coalesce(?3, tool), first = min(coalesce(first, ?4), ?4), last = max(coalesce(last, ?5), ?5), \
                 times = times + ?6 WHERE review = ?1 AND peer = ?2";
    let written = params![review, asker.peer, asker.tool, first, last, asker.times];
    if tx.prepare_cached(known)?.execute(written)? > 0 {
        return Ok(());
    }
    let all: i64 = tx.query_row("SELECT count(*) FROM peers WHERE review = ?1", [review], |row| row.get(0))?;
    match all < MOST_PEERS {
        true => tx
            .prepare_cached(
                "INSERT INTO peers (review, peer, tool, first, last, times) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(written)?,
        false => tx.execute("UPDATE reviews SET more_peers = 1 WHERE id = ?1", [review])?,
    };
    Ok(())
}

/// Whoever asked first comes first.
pub(super) fn of(tx: &Connection, review: i64) -> Result<Vec<ReviewAsker>, Error> {
    let mut select = tx.prepare_cached(
        "SELECT peer, tool, first, last, times FROM peers WHERE review = ?1 ORDER BY first IS NULL DESC, first, peer",
    )?;
    let asker = |row: &Row<'_>| {
        let at = |column| Ok::<_, Error>(row.get::<_, Option<i64>>(column)?.map(time));
        Ok(ReviewAsker { peer: row.get(0)?, tool: row.get(1)?, first: at(2)?, last: at(3)?, times: row.get(4)? })
    };
    select.query_map([review], asker)?.collect()
}
