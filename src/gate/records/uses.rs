//! Which projects are used by which clients. It outlives the log of who received what, and is a file of its own: where that is lost, what
//! rested on it would be held, so that it is said.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::{Connection, Error, OptionalExtension as _, Row, params};

use super::deliveries::DeliveryBook;
use super::engine::{Engine, Kind, RecordsError, micros, time};
use crate::gate::client::client;
use crate::gate::present::Present;
use crate::gate::prior::{ProjectUse, ProjectUses};
use crate::model::{ProjectName, Time};

const KIND: Kind = Kind { name: "uses.db", schemas: &[include_str!("uses.sql")], synchronous: "NORMAL", checked: true };
/// Clients that are written down for a project: no rule asks for more.
const MOST: i64 = 16;
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
    /// When each client first received it.
    firsts: BTreeMap<String, Time>,
}

type Result<T> = std::result::Result<T, RecordsError>;

impl Uses {
    /// Of an address that nobody knows there is no use. It began no earlier than when the later clock says, and lasted no longer than the earlier
    /// one does: neither speaks for more than was seen.
    pub(in crate::gate) fn add(&mut self, project: ProjectName, peer: &str, at: Present, born: Time) {
        let Some(client) = client(peer) else { return };
        let (first_at, last) = (at.passed, at.reached);
        let new = Pending { born, last, firsts: BTreeMap::new() };
        let of = self.0.entry(project).or_insert_with(|| new.clone());
        if born > of.last {
            *of = new;
        }
        (of.born, of.last) = (of.born.max(born), of.last.max(last));
        let first = of.firsts.entry(client).or_insert(first_at);
        *first = first_at.min(*first);
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
            book.engine
                .within(|tx| old.iter().try_for_each(|(project, client, first)| bring(tx, project, client, *first)))?;
            log.handed_over()?;
        }
        Ok(book)
    }

    pub(in crate::gate) fn keep(&mut self, uses: &Uses) -> Result<()> {
        self.engine.within(|tx| uses.0.iter().try_for_each(|(project, pending)| keep(tx, project, pending)))
    }

    pub(in crate::gate) fn all(&mut self) -> Result<ProjectUses> {
        self.engine.within(|tx| {
            let mut select = tx.prepare_cached(
                "SELECT project, first, last FROM uses JOIN projects USING (project) ORDER BY project, first",
            )?;
            let mut all = ProjectUses::new();
            let mut rows = select.query([])?;
            while let Some(row) = rows.next()? {
                // A name that is none is asked for by nobody.
                let Ok(project) = ProjectName::parse(&row.get::<_, String>(0)?) else { continue };
                let last = row.get::<_, i64>(2)?;
                let new = || ProjectUse { firsts: Vec::new(), last: time(last - last.rem_euclid(DAY)) };
                all.entry(project).or_insert_with(new).firsts.push(time(row.get(1)?));
            }
            Ok(all)
        })
    }

    /// The only client that ever used anything, where so many projects were used.
    pub(in crate::gate) fn only_client(&mut self, projects: i64) -> Result<Option<String>> {
        self.engine.within(|tx| {
            let of_all =
                |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, Option<String>>(2)?));
            let query = "SELECT count(DISTINCT project), count(DISTINCT client), min(client) FROM uses";
            let (used, clients, client) = tx.query_row(query, [], of_all)?;
            Ok(client.filter(|_| used >= projects && clients == 1))
        })
    }

    /// Nobody used it any more; gives the number of clients that did.
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
    pending.firsts.iter().try_for_each(|(client, first)| meet(tx, project.as_str(), client, micros(*first)))
}

fn touch(tx: &Connection, project: &str, last: i64) -> std::result::Result<(), Error> {
    let upsert = "INSERT INTO projects (project, last) VALUES (?1, ?2) ON CONFLICT (project) DO UPDATE SET last = max(last, excluded.last)";
    tx.prepare_cached(upsert)?.execute(params![project, last]).map(drop)
}

fn meet(tx: &Connection, project: &str, client: &str, first: i64) -> std::result::Result<(), Error> {
    let known = "UPDATE uses SET first = min(first, ?3) WHERE project = ?1 AND client = ?2";
    if tx.prepare_cached(known)?.execute(params![project, client, first])? > 0 {
        return Ok(());
    }
    tx.prepare_cached(
        "INSERT INTO uses (project, client, first) SELECT ?1, ?2, ?3 WHERE (SELECT count(*) FROM uses WHERE project = ?1) < ?4",
    )?
    .execute(params![project, client, first, MOST])
    .map(drop)
}

/// From before: nobody wrote down when it was last used, and at its first use it was.
fn bring(tx: &Connection, project: &str, client: &str, first: i64) -> std::result::Result<(), Error> {
    touch(tx, project, first)?;
    meet(tx, project, client, first)
}

fn forget(tx: &Connection, project: &ProjectName) -> std::result::Result<usize, Error> {
    tx.execute("DELETE FROM projects WHERE project = ?1", [project.as_str()])?;
    tx.execute("DELETE FROM uses WHERE project = ?1", [project.as_str()])
}
