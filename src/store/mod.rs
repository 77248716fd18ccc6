//! The only SQL: one writer thread, a few readers, closures over domain methods.
//!
//! `store.write(|tx| …)` runs its closure on the writer thread in one transaction, `store.read(|tx| …)` on a reader in
//! one snapshot. Outside this folder closures hold no SQL, touch nothing but `tx`, and may run again.

mod coverage;
mod cursors;
mod findings;
mod health;
mod lock;
mod notices;
mod projects;
mod recipients;
mod retention;
mod schema;
mod sightings;
mod sql;
mod unreadable;
mod watches;
mod worker;

use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use coverage::{Coverage, Grade, Span};
pub use cursors::{CHANGELOG, CHANGELOG_HEALTH, Cursors};
pub use findings::{Findings, Timeline};
pub use health::HealthCases;
pub use lock::LockError;
pub use notices::{NewNotice, NoticeBody, NoticeRow, NoticeState, Notices, Outbox};
pub use projects::{Presence, ProjectRow, Projects, SeenProject};
pub use recipients::Recipients;
pub use sightings::Sightings;
pub use unreadable::{UnreadNames, UnreadRow};
pub use watches::Watches;

use lock::StateLock;
use worker::Workers;

/// Why the store could not do what it was asked. The transaction left no trace.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("cannot create the state directory {path}: {source}", path = .path.display())]
    Directory { path: PathBuf, source: std::io::Error },
    #[error(transparent)]
    Lock(#[from] LockError),
    #[error(
        "{path} was written by a newer namewarden (schema {found}, this one knows {known}); install that version, \
         or restore the backup beside it",
        path = .path.display()
    )]
    FromTheFuture { path: PathBuf, found: u32, known: u32 },
    #[error("the disk under {path} is full; nothing was changed, free some space", path = .path.display())]
    DiskFull { path: PathBuf },
    #[error("{path} is damaged ({detail}); restore a backup with namewarden stopped", path = .path.display())]
    Corrupt { path: PathBuf, detail: String },
    #[error("cannot back up to {path}: {source}", path = .path.display())]
    Backup { path: PathBuf, source: std::io::Error },
    #[error("the store holds {what} that cannot be read: {detail}")]
    Unreadable { what: &'static str, detail: String },
    #[error("store: {0}")]
    Sqlite(rusqlite::Error),
    #[error("the store is closed")]
    Closed,
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl StoreError {
    /// Gives the errors that operators can mend their own words.
    fn at(self, path: &Path) -> Self {
        let path = path.to_owned();
        match self {
            Self::Sqlite(error) => match error.sqlite_error_code() {
                Some(rusqlite::ErrorCode::DiskFull) => Self::DiskFull { path },
                Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase) => {
                    Self::Corrupt { path, detail: error.to_string() }
                }
                _ => Self::Sqlite(error),
            },
            other => other,
        }
    }

    fn unreadable(what: &'static str, detail: impl std::fmt::Display) -> Self {
        Self::Unreadable { what, detail: detail.to_string() }
    }
}

/// The one file, in the state directory.
const FILE: &str = "namewarden.db";

/// A handle to the store; cloning shares it. The last one dropped ends the threads and frees the lock.
#[derive(Clone, Debug)]
pub struct Store {
    workers: Arc<Workers>,
    path: Arc<PathBuf>,
    lock: Arc<StateLock>,
}

/// One transaction, seen through domain methods.
pub struct Tx<'c> {
    conn: &'c rusqlite::Connection,
}

impl Tx<'_> {
    pub fn projects(&self) -> Projects<'_> {
        Projects(self.conn)
    }
    pub fn sightings(&self) -> Sightings<'_> {
        Sightings(self.conn)
    }
    pub fn watches(&self) -> Watches<'_> {
        Watches(self.conn)
    }
    pub fn findings(&self) -> Findings<'_> {
        Findings(self.conn)
    }
    pub fn notices(&self) -> Notices<'_> {
        Notices(self.conn)
    }
    pub fn recipients(&self) -> Recipients<'_> {
        Recipients(self.conn)
    }
    pub fn unreadable(&self) -> UnreadNames<'_> {
        UnreadNames(self.conn)
    }
    pub fn health(&self) -> HealthCases<'_> {
        HealthCases(self.conn)
    }
    pub fn coverage(&self) -> Coverage<'_> {
        Coverage(self.conn)
    }
    pub fn cursors(&self) -> Cursors<'_> {
        Cursors(self.conn)
    }
    /// Forgets what is older than its table keeps; see `retention`.
    pub fn retire(&self, now: crate::model::Time) -> Result<usize, StoreError> {
        retention::retire(self.conn, now)
    }
}

impl Store {
    /// Is there a store below `dir`? Yes where nobody may look: opening it then says why not.
    pub fn is_there(dir: &Path) -> bool {
        dir.join(FILE).try_exists().unwrap_or(true)
    }

    /// Opens the store below `dir`, alone: takes the lock, backs up and migrates an older schema, starts the threads.
    ///
    /// # Errors
    /// Another process holds the lock, the directory belongs to another user, the file is damaged, full, or newer.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        // What is inside names unpublished packages: nobody else reads it.
        let mut private = std::fs::DirBuilder::new();
        private
            .recursive(true)
            .mode(0o700)
            .create(dir)
            .map_err(|source| StoreError::Directory { path: dir.to_owned(), source })?;
        let lock = StateLock::take(dir)?;
        let path = dir.join(FILE);
        let mut writer = worker::connect(&path).map_err(|e| e.at(&path))?;
        schema::migrate(&mut writer, &path).map_err(|e| e.at(&path))?;
        let workers = Workers::start(writer, &path).map_err(|e| e.at(&path))?;
        Ok(Self { workers: Arc::new(workers), path: Arc::new(path), lock: Arc::new(lock) })
    }

    /// Runs `work` in one transaction on the writer; it commits when `work` returns `Ok`, else nothing happened.
    pub async fn write<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: Fn(&Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        self.workers.write(work).await.map_err(|e| e.at(&self.path))
    }

    /// Runs `work` on a reader, over one snapshot.
    pub async fn read<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: FnOnce(&Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        self.workers.read(work).await.map_err(|e| e.at(&self.path))
    }

    /// Copies the store, while it is used, with SQLite's online backup.
    pub async fn backup(&self, to: PathBuf) -> Result<(), StoreError> {
        self.workers.read_connection(move |conn| schema::back_up(conn, &to)).await
    }

    /// SQLite's own check of the whole file; empty when it is sound.
    pub async fn check(&self) -> Result<Vec<String>, StoreError> {
        self.workers.read_connection(schema::check).await
    }

    /// The directory that this process alone may use.
    pub fn state_dir(&self) -> &Path {
        self.lock.dir()
    }
}

#[cfg(test)]
mod tests;
