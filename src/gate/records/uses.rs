//! Which projects are used by which clients. It outlives the log of who received what, and is a file of its own: where that is lost, what
//! rested on it would be held, so that it is said.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::{Connection, Error, OptionalExtension as _, Row, params};

use super::deliveries::DeliveryBook;
use super::engine::{Engine, Kind, RecordsError, micros, time};
use crate::gate::present::Present;
use crate::gate::prior::{ProjectUse, ProjectUses};
use crate::gate::voices::{UsedBy, adds, voices};
use crate::model::{ProjectName, Requester, Time};

const KIND: Kind = Kind {
    name: "uses.db",
    schemas: &[include_str!("uses.sql"), include_str!("uses_hosts.sql")],
    synchronous: "NORMAL",
    checked: true,
};
const DAY: i64 = 86_400_000_000;

/// The file of uses.
#[derive(Debug)]
pub(in crate::gate) struct UseBook {
    pub(super) engine: Engine,
}

/// Uses on their way to the disk, by project.
#[derive(Clone, Debug, Default)]
pub(in crate::gate) struct Uses(BTreeMap<ProjectName, Pending>);

#[derive(Clone, Debug)]
struct Pending {
    /// When the first file was uploaded of those that the project has now.
    born: Time,
    last: Time,
    /// When each user at a place first received it, of as many as may make a voice.
    firsts: BTreeMap<UsedBy, Time>,
}

/// When each user at a place first did.
type UsesOf = Vec<(UsedBy, Time)>;
type Result<T> = std::result::Result<T, RecordsError>;

impl Uses {
    /// Of whom nobody knows there is no use. It began no earlier than when the later clock says, and lasted no longer than the earlier
    /// one does: neither speaks for more than was seen.
    pub(in crate::gate) fn add(&mut self, project: ProjectName, who: &Requester, at: Present, born: Time) {
        let Some(by) = UsedBy::of(who) else { return };
        let (first_at, last) = (at.passed, at.reached);
        let new = Pending { born, last, firsts: BTreeMap::new() };
        let of = self.0.entry(project).or_insert_with(|| new.clone());
        if born > of.last {
            *of = new;
        }
        (of.born, of.last) = (of.born.max(born), of.last.max(last));
        let known = of.firsts.get(&by).copied();
        if known.is_some() || adds(of.firsts.keys(), &by) {
            of.firsts.insert(by, known.map_or(first_at, |first| first.min(first_at)));
        }
    }

    pub(in crate::gate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(in crate::gate) fn len(&self) -> usize {
        self.0.len()
    }
}

impl UseBook {
    /// With what an earlier version kept beside the log of deliveries.
    ///
    /// # Errors
    /// See [`RecordsError`]. Where that log cannot be read before it was handed over, nothing begins without it.
    pub(in crate::gate) fn open(dir: &Path) -> Result<Self> {
        let is_new = !dir.join(KIND.name).exists();
        let before = DeliveryBook::handing_over(dir);
        if is_new && let Err(error) = before {
            return Err(error);
        }
        let mut book = Self { engine: Engine::open(dir, &KIND)? };
        if let Ok(Some((mut log, old))) = before {
            let bring = |tx: &Connection, (project, word, first): &(String, String, i64)| {
                bring(tx, project, &UsedBy::of_word(word), *first)
            };
            book.engine.within(|tx| old.iter().try_for_each(|old| bring(tx, old)))?;
            log.handed_over()?;
        }
        Ok(book)
    }

    pub(in crate::gate) fn keep(&mut self, uses: &Uses) -> Result<()> {
        self.engine.within(|tx| uses.0.iter().try_for_each(|(project, pending)| keep(tx, project, pending)))
    }

    pub(in crate::gate) fn all(&mut self) -> Result<ProjectUses> {
        self.engine.within(|tx| {
            let mut select =
                tx.prepare_cached("SELECT project, user, place, first, last FROM uses JOIN projects USING (project)")?;
            let mut all: BTreeMap<String, (i64, UsesOf)> = BTreeMap::new();
            let mut rows = select.query([])?;
            while let Some(row) = rows.next()? {
                let new = (row.get(4)?, UsesOf::new());
                all.entry(row.get(0)?).or_insert(new).1.push((user_and_place(row, 1)?, time(row.get(3)?)));
            }
            // A name that is none is asked for by nobody.
            let named = all.into_iter().filter_map(|(name, of)| Some((ProjectName::parse(&name).ok()?, of)));
            Ok(named.map(|(name, (last, uses))| (name, use_of(last, &uses))).collect())
        })
    }

    /// The only user that ever used anything, and the only place since places are written down beside users, where so many projects were used;
    /// `None`: there are several.
    pub(in crate::gate) fn only_client(&mut self, projects: i64) -> Result<Option<UsedBy>> {
        self.engine.within(|tx| {
            let query = "SELECT CASE WHEN min(user) = max(user) THEN min(user) ELSE '' END, \
                         CASE WHEN min(place) FILTER (WHERE place <> '') = max(place) \
                         AND count(DISTINCT project) FILTER (WHERE place <> '') >= ?1 THEN max(place) ELSE '' END \
                         FROM uses HAVING count(DISTINCT project) >= ?1";
            let only = tx.query_row(query, [projects], |row| user_and_place(row, 0)).optional()?;
            Ok(only.filter(|only| only.user.is_some() || only.place.is_some()))
        })
    }

    /// Nobody used it any more; gives the number of users at places that did.
    pub(in crate::gate) fn forget(&mut self, project: &ProjectName) -> Result<usize> {
        self.engine.within(|tx| forget(tx, project))
    }
}

fn keep(tx: &Connection, project: &ProjectName, pending: &Pending) -> std::result::Result<(), Error> {
    let last = "SELECT last FROM projects WHERE project = ?1";
    let last: Option<i64> = tx.prepare_cached(last)?.query_row([project.as_str()], |row| row.get(0)).optional()?;
    // All that was there at the last use has gone since: under its name is another now.
    if last.is_some_and(|last| micros(pending.born) > last) {
        forget(tx, project)?;
    }
    touch(tx, project.as_str(), micros(pending.last))?;
    pending.firsts.iter().try_for_each(|(by, first)| meet(tx, project.as_str(), by, micros(*first)))
}

fn touch(tx: &Connection, project: &str, last: i64) -> std::result::Result<(), Error> {
    let upsert = "INSERT INTO projects (project, last) VALUES (?1, ?2) ON CONFLICT (project) DO UPDATE SET last = max(last, excluded.last)";
    tx.prepare_cached(upsert)?.execute(params![project, last]).map(drop)
}

/// Whoever could make no voice is not written down.
fn meet(tx: &Connection, project: &str, by: &UsedBy, first: i64) -> std::result::Result<(), Error> {
    let column = |of: &Option<String>| of.clone().unwrap_or_default();
    let written = params![project, column(&by.user), column(&by.place), first];
    let known = "UPDATE uses SET first = min(first, ?4) WHERE project = ?1 AND user = ?2 AND place = ?3";
    if tx.prepare_cached(known)?.execute(written)? > 0 {
        return Ok(());
    }
    let mut select = tx.prepare_cached("SELECT user, place FROM uses WHERE project = ?1 ORDER BY first")?;
    let known: Vec<UsedBy> =
        select.query_map([project], |row| user_and_place(row, 0))?.collect::<std::result::Result<_, _>>()?;
    match adds(&known, by) {
        true => tx
            .prepare_cached("INSERT INTO uses (project, user, place, first) VALUES (?1, ?2, ?3, ?4)")?
            .execute(written)
            .map(drop),
        false => Ok(()),
    }
}

/// Of two columns, from this one on.
fn user_and_place(row: &Row<'_>, column: usize) -> std::result::Result<UsedBy, Error> {
    let known = |of: String| (!of.is_empty()).then_some(of);
    Ok(UsedBy { user: known(row.get(column)?), place: known(row.get(column + 1)?) })
}

/// As it counts: who last used it to the day.
fn use_of(last: i64, uses: &UsesOf) -> ProjectUse {
    let firsts = voices(uses.iter().map(|(by, first)| (by, *first)));
    ProjectUse { firsts, last: time(last - last.rem_euclid(DAY)) }
}

/// From before: nobody wrote down when it was last used, and at its first use it was.
fn bring(tx: &Connection, project: &str, by: &UsedBy, first: i64) -> std::result::Result<(), Error> {
    touch(tx, project, first)?;
    meet(tx, project, by, first)
}

fn forget(tx: &Connection, project: &ProjectName) -> std::result::Result<usize, Error> {
    tx.execute("DELETE FROM projects WHERE project = ?1", [project.as_str()])?;
    tx.execute("DELETE FROM uses WHERE project = ?1", [project.as_str()])
}
