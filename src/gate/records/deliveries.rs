//! Who received which bytes, on disk: small, for years, and no longer than there is room.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use rusqlite::{Connection, Error, OptionalExtension as _, Row, params};

use super::engine::{Engine, Kind, RecordsError, micros, time};
use super::uses;
use crate::gate::delivered::{Delivered, GateReceipt, ReceivedFile};
use crate::model::{ProjectName, Time};

const KIND: Kind = Kind {
    name: "deliveries.db",
    schemas: &[include_str!("deliveries.sql"), include_str!("uses.sql")],
    synchronous: "NORMAL",
    checked: false,
};
const DAY: i64 = 86_400;

/// The file of deliveries.
#[derive(Debug)]
pub(in crate::gate) struct DeliveryBook {
    engine: Engine,
}

/// How often, first and last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::gate) struct Times {
    first: Time,
    last: Time,
    times: i64,
}

/// Deliveries by file, client and day, and by project and client those of what was admitted.
#[derive(Clone, Debug, Default)]
pub(in crate::gate) struct Receipts {
    of: BTreeMap<(Delivered, String, i64), Times>,
    uses: BTreeMap<(ProjectName, String), Time>,
}

impl Receipts {
    /// `is_use`: it was admitted by every rule, or persons approved it, so that it says something of its project.
    pub(in crate::gate) fn add(&mut self, delivered: Delivered, peer: String, at: Time, is_use: bool) {
        if let Some(client) = uses::client(&peer).filter(|_| is_use) {
            let first = self.uses.entry((delivered.project.clone(), client)).or_insert(at);
            *first = at.min(*first);
        }
        let new = Times { first: at, last: at, times: 0 };
        let of = self.of.entry((delivered, peer, at.timestamp().div_euclid(DAY))).or_insert(new);
        *of = Times { first: of.first.min(at), last: of.last.max(at), times: of.times + 1 };
    }

    pub(in crate::gate) fn len(&self) -> usize {
        self.of.len()
    }

    /// How many deliveries that is.
    pub(in crate::gate) fn times(&self) -> i64 {
        self.of.values().map(|times| times.times).sum()
    }
}

type Result<T> = std::result::Result<T, RecordsError>;

impl DeliveryBook {
    /// # Errors
    /// See [`RecordsError`].
    pub(in crate::gate) fn open(dir: &Path) -> Result<Self> {
        Ok(Self { engine: Engine::open(dir, &KIND)? })
    }

    pub(in crate::gate) fn keep(&mut self, receipts: &Receipts) -> Result<()> {
        self.engine.within(|tx| {
            receipts.of.iter().try_for_each(|((file, peer, day), times)| keep(tx, file, peer, *day, *times))?;
            receipts.uses.iter().try_for_each(|((project, client), first)| uses::keep(tx, project, client, *first))
        })
    }

    /// Since when so many clients use each project.
    pub(in crate::gate) fn used(&mut self, clients: usize) -> Result<HashMap<ProjectName, Time>> {
        self.engine.within(|tx| uses::since(tx, clients))
    }

    /// Who received this project, or this version of it: the newest first, at most so many.
    pub(in crate::gate) fn who(
        &mut self,
        project: &ProjectName,
        version: Option<&str>,
        most: usize,
    ) -> Result<Vec<GateReceipt>> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        self.engine.within(|tx| {
            let mut select = tx.prepare_cached(
                "SELECT files.project, files.version, files.filename, files.sha256, peers.address, min(first), max(last), sum(times) \
                 FROM files JOIN deliveries ON file = files.id JOIN peers ON peer = peers.id \
                 WHERE project = ?1 AND (?2 IS NULL OR version = ?2) GROUP BY files.id, peers.id \
                 ORDER BY max(last) DESC, filename, address LIMIT ?3",
            )?;
            select.query_map(params![project.as_str(), version, most], receipt)?.collect()
        })
    }

    /// Files that went out on the day of `since` or later, with a number above `after`: in their order, at most so many.
    pub(in crate::gate) fn files(&mut self, since: Time, after: i64, most: usize) -> Result<Vec<ReceivedFile>> {
        let (day, most) = (since.timestamp().div_euclid(DAY), i64::try_from(most).unwrap_or(i64::MAX));
        self.engine.within(|tx| {
            let mut select = tx.prepare_cached(
                "SELECT id, project, version, filename, sha256, min(first) FROM files JOIN deliveries ON file = id \
                 WHERE id > ?1 AND day >= ?2 GROUP BY id ORDER BY id LIMIT ?3",
            )?;
            select.query_map(params![after, day, most], received)?.collect()
        })
    }

    /// The day from which it reaches back; `None`: nothing was ever delivered.
    pub(in crate::gate) fn since(&mut self) -> Result<Option<Time>> {
        self.engine.within(|tx| {
            let first: Option<i64> = tx.query_row("SELECT min(first) FROM deliveries", [], |row| row.get(0))?;
            Ok(first.map(time))
        })
    }

    /// Forgets what is older than `before`, and the oldest days where there is more than `room` bytes.
    pub(in crate::gate) fn shrink(&mut self, before: Time, room: u64) -> Result<usize> {
        let mut gone = self
            .engine
            .within(|tx| tx.execute("DELETE FROM deliveries WHERE day < ?1", [before.timestamp().div_euclid(DAY)]))?;
        while self.bytes()? > room {
            let of_a_day = self.engine.within(|tx| {
                let day: Option<i64> = tx.query_row("SELECT min(day) FROM deliveries", [], |row| row.get(0))?;
                day.map_or(Ok(0), |day| tx.execute("DELETE FROM deliveries WHERE day = ?1", [day]))
            })?;
            if of_a_day == 0 {
                break;
            }
            gone += of_a_day;
            self.swept()?;
        }
        if gone > 0 {
            self.swept()?;
        }
        Ok(gone)
    }

    /// Files and clients that nothing speaks of any more.
    fn swept(&mut self) -> Result<()> {
        self.engine.within(|tx| {
            tx.execute("DELETE FROM files WHERE id NOT IN (SELECT file FROM deliveries)", [])?;
            tx.execute("DELETE FROM peers WHERE id NOT IN (SELECT peer FROM deliveries)", []).map(drop)
        })
    }

    /// In use: what was deleted is written over before the file grows.
    fn bytes(&mut self) -> Result<u64> {
        let pragma = |conn: &Connection, name: &str| conn.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        self.engine.within(|tx| {
            let used = pragma(tx, "page_count")? - pragma(tx, "freelist_count")?;
            Ok(u64::try_from(used * pragma(tx, "page_size")?).unwrap_or_default())
        })
    }
}

fn keep(tx: &Connection, file: &Delivered, peer: &str, day: i64, times: Times) -> std::result::Result<(), Error> {
    let (file, peer) = (file_id(tx, file)?, peer_id(tx, peer)?);
    tx.prepare_cached(
        "INSERT INTO deliveries (file, day, peer, first, last, times) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
         ON CONFLICT (file, day, peer) DO UPDATE SET first = min(first, excluded.first), last = max(last, excluded.last), \
         times = times + excluded.times",
    )?
    .execute(params![file, day, peer, micros(times.first), micros(times.last), times.times])?;
    Ok(())
}

fn file_id(tx: &Connection, file: &Delivered) -> std::result::Result<i64, Error> {
    let known = "SELECT id FROM files WHERE project = ?1 AND filename = ?2 AND sha256 = ?3";
    let key = params![file.project.as_str(), file.filename, file.sha256];
    if let Some(id) = tx.prepare_cached(known)?.query_row(key, |row| row.get(0)).optional()? {
        return Ok(id);
    }
    tx.execute(
        "INSERT INTO files (project, version, filename, sha256) VALUES (?1, ?2, ?3, ?4)",
        params![file.project.as_str(), file.version, file.filename, file.sha256],
    )?;
    Ok(tx.last_insert_rowid())
}

fn peer_id(tx: &Connection, peer: &str) -> std::result::Result<i64, Error> {
    let known = "SELECT id FROM peers WHERE address = ?1";
    if let Some(id) = tx.prepare_cached(known)?.query_row([peer], |row| row.get(0)).optional()? {
        return Ok(id);
    }
    tx.execute("INSERT INTO peers (address) VALUES (?1)", [peer])?;
    Ok(tx.last_insert_rowid())
}

fn receipt(row: &Row<'_>) -> std::result::Result<GateReceipt, Error> {
    Ok(GateReceipt {
        project: row.get(0)?,
        version: row.get(1)?,
        filename: row.get(2)?,
        sha256: row.get(3)?,
        peer: row.get(4)?,
        first: time(row.get(5)?),
        last: time(row.get(6)?),
        times: row.get(7)?,
    })
}

fn received(row: &Row<'_>) -> std::result::Result<ReceivedFile, Error> {
    Ok(ReceivedFile {
        id: row.get(0)?,
        project: row.get(1)?,
        version: row.get(2)?,
        filename: row.get(3)?,
        sha256: row.get(4)?,
        first: time(row.get(5)?),
    })
}
