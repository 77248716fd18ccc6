//! The threads behind the store: one writes, two read. Jobs are closures over a connection.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use tokio::sync::oneshot;

use super::marker::Marker;
use super::{StoreError, Tx, schema};

const READERS: usize = 2;
/// How long SQLite itself waits for another program's lock. Short, because all that is behind waits too; who has
/// patience comes back (`patience`).
const BUSY: Duration = Duration::from_millis(500);

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// Readers end before the writer, whose connection is then the last and leaves one whole file.
#[derive(Debug)]
pub(super) struct Workers {
    reader: Lane,
    writer: Option<(Lane, Arc<Marker>)>,
}

impl Workers {
    pub(super) fn start(writer: Connection, marker: Marker, path: &Path) -> Result<Self, StoreError> {
        let readers = Self::readers(|| connect_reader(path))?;
        Ok(Self { writer: Some((Lane::start(vec![writer], leave_whole), Arc::new(marker))), ..readers })
    }

    /// Without a writer.
    pub(super) fn readers(connect: impl Fn() -> Result<Connection, StoreError>) -> Result<Self, StoreError> {
        let readers = (0..READERS).map(|_| connect()).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { reader: Lane::start(readers, drop), writer: None })
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

    pub(super) async fn read<T, W>(&self, work: Arc<W>) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: Fn(&Tx<'_>) -> Result<T, StoreError> + Send + Sync + 'static,
    {
        let in_snapshot = move |conn: &mut Connection| {
            let snapshot = conn.transaction()?;
            work(&Tx { conn: &snapshot })
        };
        self.reader.run(in_snapshot).await
    }

    /// For what has no transaction: backup and check.
    pub(super) async fn read_connection<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        self.reader.run(move |conn| work(conn)).await
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
    let value = work(&Tx { conn: &transaction })?;
    let changed = transaction.total_changes() != before;
    if changed {
        marker.check_place()?;
    }
    let identity = changed.then(|| schema::count_commit(&transaction)).transpose()?;
    transaction.commit()?;
    identity.iter().for_each(|identity| marker.note(identity));
    Ok(value)
}

/// Threads that take from one queue, until the last sender is gone and each has said good-bye to its connection.
#[derive(Debug)]
struct Lane {
    jobs: Option<mpsc::Sender<Job>>,
    threads: Vec<JoinHandle<()>>,
}

impl Lane {
    /// One thread per connection.
    fn start(connections: Vec<Connection>, goodbye: fn(Connection)) -> Self {
        let (sender, receiver) = mpsc::channel::<Job>();
        let receiver = Arc::new(Mutex::new(receiver));
        let serve = |mut conn: Connection| {
            let receiver = Arc::clone(&receiver);
            std::thread::spawn(move || {
                while let Some(job) = next(&receiver) {
                    job(&mut conn);
                }
                goodbye(conn);
            })
        };
        Self { threads: connections.into_iter().map(serve).collect(), jobs: Some(sender) }
    }

    /// Sends one job and waits for its answer; a thread that is gone is `Closed`.
    async fn run<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        // A caller that stopped waiting needs no answer, so a failed send is no failure.
        let job: Job = Box::new(move |conn| drop(answer.send(work(conn))));
        self.jobs.as_ref().ok_or(StoreError::Closed)?.send(job).map_err(|_| StoreError::Closed)?;
        answered.await.map_err(|_| StoreError::Closed)?
    }
}

impl Drop for Lane {
    /// Waits: a process that ended before its threads would leave commits in the log beside the file.
    fn drop(&mut self) {
        self.jobs = None;
        let me = std::thread::current().id();
        for thread in self.threads.drain(..).filter(|thread| thread.thread().id() != me) {
            // One that panicked has nothing left to close.
            let _ = thread.join();
        }
    }
}

fn next(receiver: &Mutex<mpsc::Receiver<Job>>) -> Option<Job> {
    receiver.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

/// The writer's connection: WAL, and a commit is on the disk before it returns.
pub(super) fn connect(path: &Path) -> Result<Connection, StoreError> {
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    conn.busy_timeout(BUSY)?;
    conn.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.pragma_update(None, "foreign_keys", true)?;
    // 4 MiB of pages; a baseline spills to the WAL instead of growing the process.
    conn.pragma_update(None, "cache_size", -4096)?;
    // After a baseline the WAL shrinks back instead of staying at its largest.
    conn.pragma_update(None, "journal_size_limit", 4 * 1024 * 1024)?;
    // One disk less that can be full; nothing of ours sorts more than a page of rows.
    conn.pragma_update(None, "temp_store", "MEMORY")?;
    conn.set_prepared_statement_cache_capacity(64);
    Ok(conn)
}

fn connect_reader(path: &Path) -> Result<Connection, StoreError> {
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    conn.busy_timeout(BUSY)?;
    conn.pragma_update(None, "cache_size", -1024)?;
    conn.pragma_update(None, "temp_store", "MEMORY")?;
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
