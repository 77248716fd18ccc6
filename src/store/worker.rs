//! The threads behind the store: one writes, two read. Jobs are closures over a connection.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, mpsc};

use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use tokio::sync::oneshot;

use super::{StoreError, Tx};

const READERS: usize = 2;

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

#[derive(Debug)]
pub(super) struct Workers {
    writer: mpsc::Sender<Job>,
    reader: mpsc::Sender<Job>,
}

impl Workers {
    pub(super) fn start(writer: Connection, path: &Path) -> Result<Self, StoreError> {
        let readers = (0..READERS).map(|_| connect_reader(path)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { writer: serve(vec![writer]), reader: serve(readers) })
    }

    pub(super) async fn write<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: Fn(&Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        run(&self.writer, move |conn| {
            let transaction = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let value = work(&Tx { conn: &transaction })?;
            transaction.commit()?;
            Ok(value)
        })
        .await
    }

    pub(super) async fn read<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: FnOnce(&Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        run(&self.reader, move |conn| {
            let snapshot = conn.transaction()?;
            work(&Tx { conn: &snapshot })
        })
        .await
    }

    /// For what has no transaction: backup and check.
    pub(super) async fn read_connection<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        run(&self.reader, move |conn| work(conn)).await
    }
}

/// Sends one job and waits for its answer; a thread that is gone is `Closed`.
async fn run<T, W>(to: &mpsc::Sender<Job>, work: W) -> Result<T, StoreError>
where
    T: Send + 'static,
    W: FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
{
    let (answer, answered) = oneshot::channel();
    // A caller that stopped waiting needs no answer, so a failed send is no failure.
    let job: Job = Box::new(move |conn| drop(answer.send(work(conn))));
    to.send(job).map_err(|_| StoreError::Closed)?;
    answered.await.map_err(|_| StoreError::Closed)?
}

/// One thread per connection, all taking from one queue until the last sender is gone.
fn serve(connections: Vec<Connection>) -> mpsc::Sender<Job> {
    let (sender, receiver) = mpsc::channel::<Job>();
    let receiver = Arc::new(Mutex::new(receiver));
    for mut conn in connections {
        let receiver = Arc::clone(&receiver);
        std::thread::spawn(move || {
            while let Some(job) = next(&receiver) {
                job(&mut conn);
            }
        });
    }
    sender
}

fn next(receiver: &Mutex<mpsc::Receiver<Job>>) -> Option<Job> {
    receiver.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

/// The writer's connection: WAL, and a commit is on the disk before it returns.
pub(super) fn connect(path: &Path) -> Result<Connection, StoreError> {
    let conn = Connection::open(path)?;
    conn.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.pragma_update(None, "foreign_keys", true)?;
    // 4 MiB of pages; a baseline spills to the WAL instead of growing the process.
    conn.pragma_update(None, "cache_size", -4096)?;
    // After a baseline the WAL shrinks back instead of staying at its largest.
    conn.pragma_update(None, "journal_size_limit", 4 * 1024 * 1024)?;
    conn.set_prepared_statement_cache_capacity(64);
    Ok(conn)
}

fn connect_reader(path: &Path) -> Result<Connection, StoreError> {
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    conn.pragma_update(None, "cache_size", -1024)?;
    Ok(conn)
}
