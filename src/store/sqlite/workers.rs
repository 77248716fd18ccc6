//! The connections behind the store, each with a thread: one writes, two read for workers, and two for people.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::marker::Marker;
use super::schema;
use crate::store::threads::{Asker, Threads};
use crate::store::{StoreError, Tx};

/// Of workers, and as many of people.
const READERS: usize = 2;
/// How long SQLite itself waits for another program's lock. Short, because all that is behind waits too; who has
/// patience comes back (`patience`).
const BUSY: Duration = Duration::from_millis(500);
/// Prepared ones that a connection keeps: all that the store has, a few kilobytes each, so that none is parsed twice.
const STATEMENTS: usize = 512;

/// Readers end before the writer, whose connection is then the last and leaves one whole file.
#[derive(Debug)]
pub(super) struct Workers {
    people: Threads<Connection>,
    workers: Threads<Connection>,
    writer: Option<(Threads<Connection>, Arc<Marker>)>,
}

impl Workers {
    pub(super) fn start(writer: Connection, marker: Marker, path: &Path) -> Result<Self, StoreError> {
        let readers = Self::readers(|| connect_reader(path))?;
        Ok(Self { writer: Some((Threads::start(vec![writer], leave_whole), Arc::new(marker))), ..readers })
    }

    /// Without a writer.
    pub(super) fn readers(connect: impl Fn() -> Result<Connection, StoreError>) -> Result<Self, StoreError> {
        let lane = || -> Result<_, StoreError> {
            let readers = (0..READERS).map(|_| connect()).collect::<Result<Vec<_>, _>>()?;
            Ok(Threads::start(readers, drop))
        };
        Ok(Self { people: lane()?, workers: lane()?, writer: None })
    }

    pub(super) async fn write<T, W>(&self, work: Arc<W>) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: Fn(&Tx<'_>) -> Result<T, StoreError> + Send + Sync + 'static,
    {
        let (lane, marker) = self.writer.as_ref().ok_or(StoreError::ReadOnly)?;
        let marker = Arc::clone(marker);
        lane.run(move |conn| transact(conn, &marker, &*work)).await
    }

    pub(super) async fn read<T, W>(&self, asker: Asker, work: Arc<W>) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: Fn(&Tx<'_>) -> Result<T, StoreError> + Send + Sync + 'static,
    {
        let lane = match asker {
            Asker::Worker => &self.workers,
            Asker::Person => &self.people,
        };
        let in_snapshot = move |conn: &mut Connection| {
            let snapshot = conn.transaction()?;
            work(&Tx::over(&*snapshot))
        };
        lane.run(in_snapshot).await
    }

    /// For what has no transaction: backup and check, which people ask for.
    pub(super) async fn read_connection<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        self.people.run(move |conn| work(conn)).await
    }

    /// The file grows to so many pages, and no further.
    pub(super) async fn confine(&self, pages: u32) -> Result<(), StoreError> {
        let (lane, _) = self.writer.as_ref().ok_or(StoreError::ReadOnly)?;
        lane.run(move |conn| Ok(conn.pragma_update(None, "max_page_count", pages)?)).await
    }
}

/// One transaction. A commit that changes something is counted in the store, and then beside it.
fn transact<T>(
    conn: &mut Connection,
    marker: &Marker,
    work: &impl Fn(&Tx<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let transaction = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let before = transaction.total_changes();
    let value = work(&Tx::over(&*transaction))?;
    let changed = transaction.total_changes() != before;
    if changed {
        marker.check_place()?;
    }
    let identity = changed.then(|| schema::count_commit(&transaction)).transpose()?;
    transaction.commit()?;
    identity.iter().for_each(|identity| marker.note(identity));
    Ok(value)
}

/// What every connection is told. A statement is planned once: else SQLite plans it again whenever another value is bound to its
/// `LIMIT`, which takes longer than to run it (`sqlite3ExprIsInteger` of 3.54; sqlite.org/c3ref/c_dbconfig_defensive.html).
fn settle(conn: &Connection) -> Result<(), StoreError> {
    conn.busy_timeout(BUSY)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // One disk less that can be full; nothing of ours sorts more than a page of rows.
    conn.pragma_update(None, "temp_store", "MEMORY")?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(())
}

/// The writer's connection: WAL, and a commit is on the disk before it returns.
pub(super) fn connect(path: &Path) -> Result<Connection, StoreError> {
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    settle(&conn)?;
    conn.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.pragma_update(None, "foreign_keys", true)?;
    // 4 MiB of pages; a baseline spills to the WAL instead of growing the process.
    conn.pragma_update(None, "cache_size", -4096)?;
    // After a baseline the WAL shrinks back instead of staying at its largest.
    conn.pragma_update(None, "journal_size_limit", 4 * 1024 * 1024)?;
    Ok(conn)
}

fn connect_reader(path: &Path) -> Result<Connection, StoreError> {
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    settle(&conn)?;
    conn.pragma_update(None, "cache_size", -1024)?;
    Ok(conn)
}

/// Brings every commit into the file itself, so that the file alone is the store. On a full disk the log stays, and is
/// read at the next start.
fn leave_whole(conn: Connection) {
    let all = conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
    if !matches!(all, Ok(0)) {
        let error = all.err().map(tracing::field::display);
        tracing::warn!(error, "the last commits stay in the log beside the store");
    }
    if let Err((_, error)) = conn.close() {
        tracing::warn!(%error, "the store was not closed well");
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;
    use crate::store::sql;

    #[test]
    fn a_statement_is_planned_once_whatever_is_bound_to_it() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("s.db");
        schema::build(&mut Connection::open(&path).expect("opens")).expect("builds");
        for conn in [connect(&path), connect_reader(&path)] {
            let conn = conn.expect("opens");
            let query = "SELECT key FROM findings WHERE registry = 1 AND project = $1 LIMIT $2";
            for limit in [1_i64, 0, 5, 200] {
                let found = sql::all(&conn, query, &[&"acme", &limit], |row| row.get::<String>(0));
                assert!(found.expect("reads").is_empty());
            }
            let statement = conn.prepare_cached(query).expect("it is kept");
            let status = |of| statement.get_status(of);
            assert_eq!((status(StatementStatus::Run), status(StatementStatus::RePrepare)), (4, 0));
        }
    }
}
