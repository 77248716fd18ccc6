//! Who received which bytes, on disk: small, for years, and no longer than there is room.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::{Connection, Error, OptionalExtension as _, Row, params};

use super::engine::{Engine, Kind, RecordsError, micros, time};
use super::requesters;
use crate::gate::delivered::{Delivered, Delivery, GateReceipt, ReceivedFile};
use crate::gate::exemption::same_version;
use crate::model::{ProjectName, Requester, Time};

const KIND: Kind = Kind {
    name: "deliveries.db",
    schemas: &[
        include_str!("deliveries.sql"),
        include_str!("deliveries_uses.sql"),
        include_str!("deliveries_admitted.sql"),
        include_str!("deliveries_recalls.sql"),
        include_str!("deliveries_used.sql"),
        include_str!("deliveries_forgotten.sql"),
        include_str!("deliveries_removed.sql"),
        include_str!("deliveries_hosts.sql"),
        include_str!("deliveries_turns.sql"),
    ],
    synchronous: "NORMAL",
    checked: false,
};
pub(super) const DAY: i64 = 86_400;

/// The file of deliveries.
#[derive(Debug)]
pub(in crate::gate) struct DeliveryBook {
    pub(super) engine: Engine,
}

/// How often, first and last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Times {
    first: Time,
    last: Time,
    times: i64,
    is_admitted: bool,
    is_private: bool,
    /// When all of it was there.
    used: Option<Time>,
}

/// Deliveries by file, by whom, and day.
#[derive(Clone, Debug, Default)]
pub(in crate::gate) struct Receipts(BTreeMap<(Delivered, Requester, i64), Times>);

/// Uses as an earlier version kept them here: project, client and first time.
pub(super) type OldUses = Vec<(String, String, i64)>;

impl Receipts {
    pub(in crate::gate) fn add(&mut self, delivery: Delivery) {
        let Delivery { file, who, at, is_admitted, is_private } = delivery;
        let new = Times { first: at, last: at, times: 0, is_admitted, is_private, used: None };
        let of = self.0.entry((file, who, at.timestamp().div_euclid(DAY))).or_insert(new);
        *of = Times {
            first: of.first.min(at),
            last: of.last.max(at),
            times: of.times + 1,
            is_admitted: of.is_admitted || is_admitted,
            is_private: of.is_private && is_private,
            used: of.used,
        };
    }

    /// All of what went out is there: that is no other delivery.
    pub(in crate::gate) fn add_use(&mut self, file: Delivered, who: Requester, at: Time) {
        let new = Times { first: at, last: at, times: 0, is_admitted: true, is_private: false, used: None };
        let of = self.0.entry((file, who, at.timestamp().div_euclid(DAY))).or_insert(new);
        of.used = Some(of.used.map_or(at, |first| first.min(at)));
    }

    pub(in crate::gate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(in crate::gate) fn projects(&self) -> impl Iterator<Item = &ProjectName> {
        self.0.keys().map(|(file, ..)| &file.project)
    }

    /// How many deliveries that is.
    pub(in crate::gate) fn times(&self) -> i64 {
        self.0.values().map(|times| times.times).sum()
    }
}

type Result<T> = std::result::Result<T, RecordsError>;

impl DeliveryBook {
    /// # Errors
    /// See [`RecordsError`].
    pub(in crate::gate) fn open(dir: &Path) -> Result<Self> {
        Ok(Self { engine: Engine::open(dir, &KIND)? })
    }

    /// The log as it lies there, with the uses that an earlier version kept in it. `None`: there is none.
    pub(super) fn handing_over(dir: &Path) -> Result<Option<(Self, OldUses)>> {
        let is_there = |name: &str| dir.join(name).exists();
        if !is_there(KIND.name) && !is_there("deliveries.there") {
            return Ok(None);
        }
        let mut log = Self::open(dir)?;
        let uses = log.engine.within(|tx| {
            let mut select = tx.prepare("SELECT project, client, first FROM uses")?;
            select.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect()
        })?;
        Ok(Some((log, uses)))
    }

    /// They are on the disk elsewhere.
    pub(super) fn handed_over(&mut self) -> Result<()> {
        self.engine.within(|tx| tx.execute("DELETE FROM uses", []).map(drop))
    }

    pub(in crate::gate) fn keep(&mut self, receipts: &Receipts) -> Result<()> {
        self.engine
            .within(|tx| receipts.0.iter().try_for_each(|((file, who, day), times)| keep(tx, file, who, *day, *times)))
    }

    /// Who received this project, or this version of it: the newest first, at most so many.
    pub(in crate::gate) fn who(
        &mut self,
        project: &ProjectName,
        version: Option<&str>,
        most: usize,
    ) -> Result<Vec<GateReceipt>> {
        let wanted = version.map(same_version);
        self.engine.within(|tx| {
            let mut select = tx.prepare_cached(
                "SELECT files.project, files.version, files.filename, files.sha256, peers.user, peers.host, min(first), max(last), sum(times) \
                 FROM files JOIN deliveries ON file = files.id JOIN peers ON peer = peers.id \
                 WHERE project = ?1 GROUP BY files.id, peers.id ORDER BY max(last) DESC, filename, user, host",
            )?;
            let receipts = select.query_map([project.as_str()], receipt)?;
            // As installers read versions: a file is named in one spelling, and whoever warns of it writes another.
            let is_wanted = |receipt: &GateReceipt| wanted.is_none() || receipt.version.as_deref().map(same_version) == wanted;
            receipts.filter(|receipt| receipt.as_ref().map_or(true, is_wanted)).take(most).collect()
        })
    }

    /// Files that went out on the day of `since` or later, with a number above `after`: in their order, at most so many.
    pub(in crate::gate) fn files(&mut self, since: Time, after: i64, most: usize) -> Result<Vec<ReceivedFile>> {
        let (day, most) = (since.timestamp().div_euclid(DAY), i64::try_from(most).unwrap_or(i64::MAX));
        self.engine.within(|tx| {
            let mut select = tx.prepare_cached(
                "SELECT id, project, version, filename, sha256, min(first), max(admitted) FROM files JOIN deliveries ON file = id \
                 WHERE id > ?1 AND day >= ?2 GROUP BY id ORDER BY id LIMIT ?3",
            )?;
            select.query_map(params![after, day, most], received)?.collect()
        })
    }

    /// The versions of a project that were admitted and received, with when each was last: the newest first.
    pub(in crate::gate) fn admitted(&mut self, project: &ProjectName) -> Result<Vec<(String, Time)>> {
        self.engine.within(|tx| {
            let mut select = tx.prepare_cached(
                "SELECT version, max(last) FROM files JOIN deliveries ON file = files.id \
                 WHERE project = ?1 AND admitted = 1 AND version IS NOT NULL GROUP BY version ORDER BY max(last) DESC, version",
            )?;
            select.query_map([project.as_str()], |row| Ok((row.get(0)?, time(row.get(1)?))))?.collect()
        })
    }
}

fn keep(tx: &Connection, file: &Delivered, who: &Requester, day: i64, times: Times) -> std::result::Result<(), Error> {
    let (file, peer) = (file_id(tx, file, times.is_private)?, peer_id(tx, who)?);
    tx.prepare_cached(
        "INSERT INTO deliveries (file, day, peer, first, last, times, admitted, used) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) \
         ON CONFLICT (file, day, peer) DO UPDATE SET first = min(first, excluded.first), last = max(last, excluded.last), \
         times = times + excluded.times, admitted = max(admitted, excluded.admitted), \
         used = ifnull(min(used, excluded.used), ifnull(used, excluded.used))",
    )?
    .execute(params![
        file,
        day,
        peer,
        micros(times.first),
        micros(times.last),
        times.times,
        times.is_admitted,
        times.used.map(micros)
    ])?;
    Ok(())
}

/// Bytes that PyPI has given out as well are a stranger's.
fn file_id(tx: &Connection, file: &Delivered, is_private: bool) -> std::result::Result<i64, Error> {
    let known = "SELECT id, private FROM files WHERE project = ?1 AND filename = ?2 AND sha256 = ?3";
    let key = params![file.project.as_str(), file.filename, file.sha256];
    let id_and_from = |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, Option<bool>>(1)?));
    if let Some((id, from)) = tx.prepare_cached(known)?.query_row(key, id_and_from).optional()? {
        if from != Some(is_private) && from != Some(false) {
            tx.prepare_cached("UPDATE files SET private = ?2 WHERE id = ?1")?.execute(params![id, is_private])?;
        }
        return Ok(id);
    }
    tx.execute(
        "INSERT INTO files (project, version, filename, sha256, private) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![file.project.as_str(), file.version, file.filename, file.sha256, is_private],
    )?;
    Ok(tx.last_insert_rowid())
}

fn peer_id(tx: &Connection, who: &Requester) -> std::result::Result<i64, Error> {
    let (known, (user, host)) = ("SELECT id FROM peers WHERE user = ?1 AND host = ?2", requesters::written(who));
    if let Some(id) = tx.prepare_cached(known)?.query_row(params![user, host], |row| row.get(0)).optional()? {
        return Ok(id);
    }
    tx.execute("INSERT INTO peers (user, host) VALUES (?1, ?2)", params![user, host])?;
    Ok(tx.last_insert_rowid())
}

fn receipt(row: &Row<'_>) -> std::result::Result<GateReceipt, Error> {
    Ok(GateReceipt {
        project: row.get(0)?,
        version: row.get(1)?,
        filename: row.get(2)?,
        sha256: row.get(3)?,
        who: requesters::read(row, 4)?,
        first: time(row.get(6)?),
        last: time(row.get(7)?),
        times: row.get(8)?,
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
        is_admitted: row.get(6)?,
    })
}

#[cfg(test)]
mod volume;
