//! Who asked for what is held, in the file of reviews: of each so many users at hosts.

use rusqlite::{Connection, Error, Row, params};

use super::engine::{micros, time};
use super::requesters::{read, written};
use crate::gate::asker::{ReviewAsker, gives_way};
use crate::model::Requesters;

/// Users at hosts that are noted of one review.
const MOST: usize = 20;

/// Where there is no room, whoever has the most places gives one up; that there were more is said.
pub(super) fn meet(tx: &Connection, review: i64, asker: &ReviewAsker) -> Result<(), Error> {
    let (first, last) = (asker.first.map(micros), asker.last.map(micros));
    let (user, host) = written(&asker.who);
    let known = "UPDATE askers SET tool = coalesce(?4, tool), ci = max(ci, ?5), first = min(coalesce(first, ?6), ?6), last = max(coalesce(last, ?7), ?7), \
         times = times + ?8 WHERE review = ?1 AND user = ?2 AND host = ?3";
    let columns = params![review, user, host, asker.tool, asker.is_ci, first, last, asker.times];
    if tx.prepare_cached(known)?.execute(columns)? > 0 {
        return Ok(());
    }
    let noted = of(tx, review)?;
    let is_full = noted.len() >= MOST;
    let away = gives_way(&noted, &asker.who).filter(|_| is_full);
    if is_full {
        tx.execute("UPDATE reviews SET more_peers = 1 WHERE id = ?1", [review])?;
    }
    if let Some(away) = away {
        let (user, host) = written(&noted[away].who);
        let delete = "DELETE FROM askers WHERE review = ?1 AND user = ?2 AND host = ?3";
        tx.prepare_cached(delete)?.execute(params![review, user, host])?;
    }
    if !is_full || away.is_some() {
        let insert = "INSERT INTO askers (review, user, host, tool, ci, first, last, times) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        tx.prepare_cached(insert)?.execute(columns)?;
    }
    Ok(())
}

/// Whoever asked first comes first.
pub(super) fn of(tx: &Connection, review: i64) -> Result<Vec<ReviewAsker>, Error> {
    let mut select = tx.prepare_cached(
        "SELECT user, host, tool, ci, first, last, times FROM askers WHERE review = ?1 ORDER BY first IS NULL DESC, first, user, host",
    )?;
    let asker = |row: &Row<'_>| {
        let at = |column| Ok::<_, Error>(row.get::<_, Option<i64>>(column)?.map(time));
        let (who, tool, is_ci) = (read(row, 0)?, row.get(2)?, row.get(3)?);
        Ok(ReviewAsker { who, tool, is_ci, first: at(4)?, last: at(5)?, times: row.get(6)? })
    };
    select.query_map([review], asker)?.collect()
}

/// Who they are alone: of each user one host before any other, so that an account on many machines hides nobody from whoever reads the first.
pub(super) fn names(tx: &Connection, review: i64) -> Result<Requesters, Error> {
    let mut select = tx.prepare_cached(
        "SELECT user, host FROM askers WHERE review = ?1 ORDER BY row_number() OVER (PARTITION BY CASE user WHEN '' THEN host ELSE user END \
         ORDER BY first IS NULL DESC, first, host), user, host",
    )?;
    Ok(Requesters(select.query_map([review], |row| read(row, 0))?.collect::<Result<_, _>>()?))
}
