//! The store of one directory, as SQLite keeps it: opened under its lock, then used through its threads.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;
use rustix::fs::{MemfdFlags, memfd_create};

use super::lock::StateLock;
use super::witness::Home;
use super::workers::Workers;
use super::{backup, files, open};
use crate::store::spool::Spool;
use crate::store::threads::Asker;
use crate::store::{StoreError, Tx};

/// In the order of their ends: the lock last.
#[derive(Debug)]
pub(in crate::store) struct Database {
    workers: Workers,
    path: PathBuf,
    lock: StateLock,
    /// One copy at a time.
    copying: Arc<Mutex<()>>,
    /// How many files without a name there were.
    spooled: AtomicU64,
    /// Whoever writes is alone in the directory.
    alone: bool,
}

impl Database {
    /// To write, alone.
    pub(in crate::store) fn open(home: &Home) -> Result<Self, StoreError> {
        Ok(Self::over(home, open::to_write(home)?, true))
    }

    /// To read, beside others who read.
    pub(in crate::store) fn open_to_read(home: &Home) -> Result<Self, StoreError> {
        Ok(Self::over(home, open::to_read(home)?, false))
    }

    fn over(home: &Home, (lock, workers): (StateLock, Workers), alone: bool) -> Self {
        let path = home.dir.join(files::STORE);
        Self { workers, path, lock, copying: Arc::default(), spooled: AtomicU64::new(0), alone }
    }

    pub(in crate::store) async fn write<T, W>(&self, work: Arc<W>) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: Fn(&Tx<'_>) -> Result<T, StoreError> + Send + Sync + 'static,
    {
        self.workers.write(work).await.map_err(|e| e.at(&self.path))
    }

    pub(in crate::store) async fn read<T, W>(&self, asker: Asker, work: Arc<W>) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: Fn(&Tx<'_>) -> Result<T, StoreError> + Send + Sync + 'static,
    {
        self.workers.read(asker, work).await.map_err(|e| e.at(&self.path))
    }

    /// Copies it to the new file `name` in `dir`.
    pub(in crate::store) async fn backup(&self, dir: PathBuf, name: String) -> Result<PathBuf, StoreError> {
        let (copying, alone) = (Arc::clone(&self.copying), self.alone);
        let copy = move |conn: &Connection| {
            let _one = one(&copying);
            if alone {
                files::sweep_ending(&dir, backup::PARTIAL);
            }
            backup::copy(conn, &dir, &name).map_err(|e| e.at(&dir.join(&name)))
        };
        self.workers.read_connection(copy).await
    }

    /// Copies it to a file without a name.
    pub(in crate::store) async fn copied(&self) -> Result<File, StoreError> {
        let (copying, dir) = (Arc::clone(&self.copying), self.dir().to_owned());
        if !self.alone {
            return Err(StoreError::ReadOnly);
        }
        let copy = move |conn: &Connection| {
            let _one = one(&copying);
            backup::nameless(conn, &dir).map_err(|e| e.at(&dir))
        };
        self.workers.read_connection(copy).await
    }

    /// A file without a name, for about so many bytes.
    pub(in crate::store) fn spool(&self, bytes: u64) -> Result<Spool, StoreError> {
        let file = match self.alone {
            true => backup::room_for(self.dir(), bytes)
                .and_then(|()| files::nameless(self.dir(), self.spooled.fetch_add(1, Ordering::Relaxed))),
            false => memfd_create("report", MemfdFlags::CLOEXEC).map(File::from).map_err(Into::into),
        };
        file.map(Spool::new).map_err(StoreError::file(self.dir()))
    }

    /// What SQLite finds wrong with the whole file.
    pub(in crate::store) async fn check(&self) -> Result<Vec<String>, StoreError> {
        self.workers.read_connection(backup::check).await.map_err(|e| e.at(&self.path))
    }

    /// Lets the file grow to so many pages and no further.
    pub(in crate::store) async fn confine(&self, pages: u32) -> Result<(), StoreError> {
        self.workers.confine(pages).await.map_err(|e| e.at(&self.path))
    }

    /// The directory that this process alone may use.
    pub(in crate::store) fn dir(&self) -> &Path {
        self.lock.dir()
    }
}

fn one(copying: &Mutex<()>) -> MutexGuard<'_, ()> {
    copying.lock().unwrap_or_else(PoisonError::into_inner)
}
