//! What turned out to be bad after it was given out, in the log of deliveries: by file and client, with the number of the last change.

use std::collections::BTreeSet;

use rusqlite::{Connection, Error, Row, params};

use super::deliveries::DeliveryBook;
use super::engine::{RecordsError, micros, time};
use super::requesters;
use crate::gate::recall::{Judge, LoggedFile, Recalled, Turn, turn};
use crate::model::recall::{FileReceiver, RecallCause, RecallMark};
use crate::model::{ProjectName, Time};

/// One client that has one file of which something is to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::gate) struct RecallLine {
    pub(in crate::gate) project: String,
    pub(in crate::gate) version: Option<String>,
    pub(in crate::gate) filename: String,
    pub(in crate::gate) sha256: String,
    pub(in crate::gate) cause: RecallCause,
    pub(in crate::gate) is_over: bool,
    /// Something stood when it was told up to the mark.
    pub(in crate::gate) was_told: bool,
    /// And that weighed less.
    pub(in crate::gate) is_worse: bool,
    /// Something stood then for somebody of this file.
    pub(in crate::gate) is_known: bool,
    /// Nothing is said of any file of the project any more.
    pub(in crate::gate) is_settled: bool,
    pub(in crate::gate) receiver: FileReceiver,
}

/// A file of the log with a client that has it.
struct Held {
    file: i64,
    peer: i64,
    version: Option<String>,
    sha256: String,
    is_private: Option<bool>,
    before: Option<Recalled>,
}

/// What is remembered of one file and client, beside what was told: a daemon that asks after more changes than these may not hear of an end.
const TURNS: i64 = 16;

/// What stood at the mark: the last turn up to it, where that is no end. A log that was brought back has numbers which were told of others: what
/// stands in it is told again, rather than never.
macro_rules! told_at {
    () => {
        "ON told.file = recalls.file AND told.peer = recalls.peer AND told.weight IS NOT NULL AND told.number = \
         (SELECT max(turn.number) FROM recall_turns AS turn WHERE turn.file = recalls.file AND turn.peer = recalls.peer \
          AND turn.number <= ?1 AND turn.at <= ?2) \
         AND (over OR NOT EXISTS (SELECT 1 FROM recall_turns AS lost WHERE lost.file = recalls.file \
              AND lost.peer = recalls.peer AND lost.number <= ?1 AND lost.at > ?2))"
    };
}

type Result<T> = std::result::Result<T, RecordsError>;

impl DeliveryBook {
    /// Writes down what changed for whoever received something: of these projects, or of all. Gives how many lines somebody has to hear of.
    pub(in crate::gate) fn recall(
        &mut self,
        of: Option<&BTreeSet<ProjectName>>,
        judge: &Judge<'_>,
        now: Time,
    ) -> Result<usize> {
        self.engine.within(|tx| {
            let projects = match of {
                Some(of) => of.clone(),
                None => doubtful(tx, judge)?,
            };
            let last: i64 = tx.query_row("SELECT last FROM recall_numbers", [], |row| row.get(0))?;
            let mut told = 0;
            for project in &projects {
                told += turned(tx, project, judge, (last + 1, now))?;
            }
            if told > 0 {
                tx.execute("UPDATE recall_numbers SET last = ?1", [last + 1])?;
            }
            Ok(told)
        })
    }

    /// What covers all that was ever written down; `None`: nothing was.
    pub(in crate::gate) fn recalled(&mut self) -> Result<Option<RecallMark>> {
        self.engine.within(|tx| {
            let of_all = |row: &Row<'_>| Ok((row.get::<_, Option<i64>>(0)?, row.get::<_, Option<i64>>(1)?));
            let (number, at) = tx.query_row("SELECT max(number), max(at) FROM recalls", [], of_all)?;
            Ok(number.zip(at).map(|(number, at)| RecallMark { number, at: time(at) }))
        })
    }

    /// What differs from what was told at this mark, by project and file, however often it changed since; of each file one host of each user before
    /// any other: a message has some of them, and an account on many machines hides nobody.
    pub(in crate::gate) fn recalls_after(&mut self, mark: RecallMark) -> Result<Vec<RecallLine>> {
        self.engine.within(|tx| {
            // Of a file that was lost or brought back: what is written from now on is behind all that was told.
            // Whoever asks may make up any number, and few are as large as what a year tells.
            tx.execute("UPDATE recall_numbers SET last = ?1 WHERE last < ?1 AND ?1 - last < 1000000", [mark.number])?;
            let mut select = tx.prepare_cached(concat!(
                "WITH changed AS (SELECT DISTINCT file FROM recalls WHERE number > ?1 OR at > ?2), \
                 known AS (SELECT DISTINCT recalls.file FROM recalls JOIN recall_turns AS told ",
                told_at!(),
                " WHERE recalls.file IN (SELECT file FROM changed)), \
                 standing AS (SELECT DISTINCT project FROM recalls JOIN files ON recalls.file = files.id WHERE over = 0) \
                 SELECT project, version, filename, sha256, CASE over WHEN 0 THEN recalls.cause ELSE told.cause END, over, \
                 told.weight IS NOT NULL, over = 0 AND recalls.weight > told.weight, recalls.file IN (SELECT file FROM known), \
                 project NOT IN (SELECT project FROM standing), user, host, got.first, got.last \
                 FROM recalls LEFT JOIN recall_turns AS told ",
                told_at!(),
                " JOIN files ON recalls.file = files.id JOIN peers ON recalls.peer = peers.id \
                 JOIN (SELECT file, peer, min(first) AS first, max(last) AS last FROM deliveries \
                       WHERE file IN (SELECT file FROM changed) GROUP BY file, peer) AS got \
                 ON got.file = recalls.file AND got.peer = recalls.peer \
                 WHERE (recalls.number > ?1 OR recalls.at > ?2) AND \
                       CASE over WHEN 0 THEN recalls.weight IS NOT told.weight ELSE told.weight IS NOT NULL END \
                 ORDER BY project, filename, sha256, \
                 row_number() OVER (PARTITION BY recalls.file, CASE user WHEN '' THEN host ELSE user END ORDER BY host), user, host",
            ))?;
            select.query_map(params![mark.number, micros(mark.at)], line)?.collect()
        })
    }

    /// The first project that was received and comes behind this one by its name.
    pub(in crate::gate) fn project_behind(&mut self, last: Option<&ProjectName>) -> Result<Option<ProjectName>> {
        let last = last.map_or("", ProjectName::as_str);
        self.engine.within(|tx| {
            let next = "SELECT min(project) FROM files WHERE project > ?1";
            let next: Option<String> = tx.prepare_cached(next)?.query_row([last], |row| row.get(0))?;
            Ok(next.and_then(|next| ProjectName::parse(&next).ok()))
        })
    }

    /// PyPI has it in quarantine, or no more.
    pub(in crate::gate) fn quarantine(&mut self, project: &ProjectName, is_so: bool) -> Result<()> {
        let change = match is_so {
            true => "INSERT INTO quarantined (project) VALUES (?1) ON CONFLICT DO NOTHING",
            false => "DELETE FROM quarantined WHERE project = ?1",
        };
        self.engine.within(|tx| tx.execute(change, [project.as_str()]).map(drop))
    }

    pub(in crate::gate) fn quarantined(&mut self) -> Result<BTreeSet<ProjectName>> {
        self.engine.within(|tx| names(tx, "SELECT project FROM quarantined"))
    }
}

/// Projects of the log of which something is said, or was.
fn doubtful(tx: &Connection, judge: &Judge<'_>) -> std::result::Result<BTreeSet<ProjectName>, Error> {
    let mut all = names(tx, "SELECT DISTINCT project FROM files")?;
    all.retain(|project| judge.names(project));
    all.extend(names(tx, "SELECT DISTINCT project FROM files WHERE id IN (SELECT file FROM recalls WHERE over = 0)")?);
    Ok(all)
}

fn names(tx: &Connection, query: &str) -> std::result::Result<BTreeSet<ProjectName>, Error> {
    let mut select = tx.prepare_cached(query)?;
    let names = select.query_map([], |row| row.get::<_, String>(0))?;
    names.filter_map(|name| name.map(|name| ProjectName::parse(&name).ok()).transpose()).collect()
}

fn turned(
    tx: &Connection,
    project: &ProjectName,
    judge: &Judge<'_>,
    (number, now): (i64, Time),
) -> std::result::Result<usize, Error> {
    let mut told = 0;
    for held in received(tx, project)? {
        let Held { file, peer, version, sha256, is_private, before } = held;
        let logged = LoggedFile { project, version: version.as_deref(), sha256: &sha256, is_private };
        let standing = judge.beside(before.as_ref(), &logged);
        let Some(turn) = turn(before.as_ref(), &standing) else { continue };
        let cause = standing.cause().or_else(|| before.map(|before| before.cause));
        let Some(cause) = cause else { continue };
        write(tx, (file, peer), &cause, turn, (number, now))?;
        told += usize::from(turn != Turn::Differs);
    }
    Ok(told)
}

fn write(
    tx: &Connection,
    (file, peer): (i64, i64),
    of: &RecallCause,
    turn: Turn,
    (number, now): (i64, Time),
) -> std::result::Result<(), Error> {
    let cause = serde_json::to_string(of).unwrap_or_default();
    let written = params![file, peer, cause, number, micros(now), of.weight()];
    let change = match turn {
        Turn::Begins => {
            "INSERT INTO recalls (file, peer, cause, over, number, at, weight) VALUES (?1, ?2, ?3, 0, ?4, ?5, ?6) \
             ON CONFLICT (file, peer) DO UPDATE SET cause = ?3, over = 0, number = ?4, at = ?5, weight = ?6"
        }
        Turn::Worsens => {
            "UPDATE recalls SET cause = ?3, number = ?4, at = ?5, weight = ?6 WHERE file = ?1 AND peer = ?2"
        }
        Turn::Differs => {
            let written = params![file, peer, cause];
            let change = "UPDATE recalls SET cause = ?3 WHERE file = ?1 AND peer = ?2";
            return tx.prepare_cached(change)?.execute(written).map(drop);
        }
        Turn::Ends => {
            "UPDATE recalls SET cause = ?3, over = 1, number = ?4, at = ?5, weight = ?6 WHERE file = ?1 AND peer = ?2"
        }
    };
    tx.prepare_cached(change)?.execute(written)?;
    let stands = (turn != Turn::Ends).then(|| of.weight());
    let insert =
        "INSERT OR REPLACE INTO recall_turns (file, peer, number, at, weight, cause) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    tx.prepare_cached(insert)?.execute(params![file, peer, number, micros(now), stands, cause])?;
    let forget = "DELETE FROM recall_turns WHERE file = ?1 AND peer = ?2 AND number <= (SELECT number FROM recall_turns \
                  WHERE file = ?1 AND peer = ?2 ORDER BY number DESC LIMIT 1 OFFSET ?3)";
    tx.prepare_cached(forget)?.execute(params![file, peer, TURNS + 1]).map(drop)
}

fn received(tx: &Connection, project: &ProjectName) -> std::result::Result<Vec<Held>, Error> {
    let mut select = tx.prepare_cached(
        "SELECT files.id, deliveries.peer, version, sha256, private, cause, over, weight FROM files \
         JOIN deliveries ON deliveries.file = files.id \
         LEFT JOIN recalls ON recalls.file = files.id AND recalls.peer = deliveries.peer \
         WHERE project = ?1 GROUP BY files.id, deliveries.peer",
    )?;
    select.query_map([project.as_str()], held)?.collect()
}

fn held(row: &Row<'_>) -> std::result::Result<Held, Error> {
    let before = row.get::<_, Option<String>>(5)?;
    let is_over = row.get::<_, Option<bool>>(6)?.unwrap_or_default();
    // What cannot be read begins anew.
    let weight = row.get::<_, Option<u8>>(7)?.unwrap_or_default();
    let before = before.and_then(|cause| Some(Recalled { cause: serde_json::from_str(&cause).ok()?, weight, is_over }));
    Ok(Held {
        file: row.get(0)?,
        peer: row.get(1)?,
        version: row.get(2)?,
        sha256: row.get(3)?,
        is_private: row.get(4)?,
        before,
    })
}

fn line(row: &Row<'_>) -> std::result::Result<RecallLine, Error> {
    let cause = row.get::<_, String>(4)?;
    Ok(RecallLine {
        project: row.get(0)?,
        version: row.get(1)?,
        filename: row.get(2)?,
        sha256: row.get(3)?,
        cause: serde_json::from_str(&cause).unwrap_or(RecallCause::Quarantined),
        is_over: row.get(5)?,
        was_told: row.get(6)?,
        is_worse: row.get::<_, Option<bool>>(7)?.unwrap_or_default(),
        is_known: row.get(8)?,
        is_settled: row.get(9)?,
        receiver: FileReceiver { who: requesters::read(row, 10)?, first: time(row.get(12)?), last: time(row.get(13)?) },
    })
}
