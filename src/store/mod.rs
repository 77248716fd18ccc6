//! The only SQL: one writer thread, a few readers, closures over domain methods.
//!
//! `store.write(|tx| …)` runs its closure on the writer thread in one transaction, `store.read(|tx| …)` on a reader in
//! one snapshot. Outside this folder closures hold no SQL, touch nothing but `tx`, and may run again.

mod backup;
mod clock;
mod coverage;
mod cursors;
mod error;
mod facts;
mod fates;
mod files;
mod findings;
mod health;
mod holds;
mod lock;
mod loss;
mod marker;
mod notices;
mod open;
mod outbox;
mod outcome;
mod patience;
mod projects;
mod recipients;
mod retention;
mod schema;
mod sightings;
mod sql;
mod stranded;
mod suppressions;
mod surroundings;
mod tellings;
mod unacknowledged;
mod unreadable;
mod watches;
mod witness;
mod worker;

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use clock::{ClockMarks, Seen, Shifted};
pub use coverage::{Coverage, Grade, Span};
pub use cursors::{CHANGELOG, CHANGELOG_HEALTH, Cursors};
pub use error::StoreError;
pub use facts::{Asked, DueLook, Knowledge};
pub use fates::Fate;
pub use findings::{Findings, Timeline};
pub use health::HealthCases;
pub use holds::{Hold, Holds};
pub use lock::LockError;
pub use loss::Loss;
pub use notices::{NewNotice, NoticeBody, NoticeRow, NoticeState, Notices};
pub use outbox::Outbox;
pub use outcome::{Outcome, What};
pub use patience::{Trouble, Troubles};
pub use projects::{Presence, ProjectRow, Projects, SeenProject};
pub use recipients::Recipients;
pub use sightings::Sightings;
pub use suppressions::Suppressions;
pub use surroundings::{LookAlike, Surroundings};
pub use tellings::{CaseEvent, Dropped, NewTelling, Telling, Tellings};
pub use unreadable::{UnreadNames, UnreadRow};
pub use watches::Watches;
pub use witness::Home;

use lock::StateLock;
use worker::Workers;

/// A handle to the store; cloning shares it. The last one dropped leaves one whole file, ends the threads, and frees
/// the lock.
#[derive(Clone, Debug)]
pub struct Store {
    open: Arc<Open>,
    troubles: Troubles,
    /// Is what may pass waited out? Else it is an error at once.
    patient: bool,
}

/// In the order of their ends: the lock last.
#[derive(Debug)]
struct Open {
    workers: Workers,
    path: PathBuf,
    lock: StateLock,
    /// One copy at a time.
    copying: Arc<std::sync::Mutex<()>>,
    /// Whoever writes is alone in the directory.
    alone: bool,
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
    pub fn surroundings(&self) -> Surroundings<'_> {
        Surroundings(self.conn)
    }

    pub fn facts(&self) -> Knowledge<'_> {
        Knowledge(self.conn)
    }
    pub fn tellings(&self) -> Tellings<'_> {
        Tellings(self.conn)
    }
    pub fn holds(&self) -> Holds<'_> {
        Holds(self.conn)
    }
    pub fn suppressions(&self) -> Suppressions<'_> {
        Suppressions(self.conn)
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
    pub fn clock(&self) -> ClockMarks<'_> {
        ClockMarks(self.conn)
    }
    /// Forgets what is older than its table keeps; see `retention`.
    pub fn retire(&self, now: crate::model::Time) -> Result<usize, StoreError> {
        retention::retire(self.conn, now)
    }
}

impl Store {
    /// Is there a store below `dir`? Yes where nobody may look: opening it then says why not.
    pub fn is_there(dir: &Path) -> bool {
        dir.join(files::STORE).try_exists().unwrap_or(true)
    }

    /// Opens the store below `dir`, alone: takes the lock, makes the store at the first start, migrates an older schema.
    /// Blocks. What fails is an error at once.
    ///
    /// # Errors
    /// Another process holds the lock, the directory belongs to another user, the store is lost, damaged, or newer.
    pub fn open(home: impl Into<Home>) -> Result<Self, StoreError> {
        let home = home.into();
        Ok(Self::over(&home.dir, open::to_write(&home)?, true))
    }

    /// The same for whoever does not make a store: the daemon's user has to.
    ///
    /// # Errors
    /// As `open`, and `Nothing` before the first start.
    pub fn open_known(home: impl Into<Home>) -> Result<Self, StoreError> {
        let home = home.into();
        open::must_be_there(&home)?;
        Self::open(home)
    }

    /// Opens it beside others that read, while nobody writes. No file changes. Blocks.
    ///
    /// # Errors
    /// As `open`, and `Nothing` before the first start.
    pub fn open_to_read(home: impl Into<Home>) -> Result<Self, StoreError> {
        let home = home.into();
        Ok(Self::over(&home.dir, open::to_read(&home)?, false))
    }

    /// Opens it as `open` does, for a daemon: what may pass is waited out, now and later, and said to `troubles`.
    ///
    /// # Errors
    /// What waiting does not mend.
    pub async fn open_patiently(home: impl Into<Home>, troubles: &Troubles) -> Result<Self, StoreError> {
        let (home, mut patience) = (home.into(), troubles.patience());
        loop {
            let home = home.clone();
            let opened = tokio::task::spawn_blocking(move || Self::open(home)).await.map_err(|_| StoreError::Closed)?;
            match opened {
                Err(error) if error.may_pass_at_start() && patience.wait(&error).await => {}
                opened => return Ok(Self { troubles: troubles.clone(), patient: true, ..opened? }),
            }
        }
    }

    fn over(dir: &Path, (lock, workers): (StateLock, Workers), alone: bool) -> Self {
        let open = Open { workers, path: dir.join(files::STORE), lock, copying: Arc::default(), alone };
        Self { open: Arc::new(open), troubles: Troubles::default(), patient: false }
    }

    /// What somebody waits for at this moment, if anybody does.
    pub fn trouble(&self) -> Option<Trouble> {
        self.troubles.now()
    }

    /// The same store for whoever would rather have an error than wait.
    pub fn hasty(&self) -> Self {
        Self { patient: false, ..self.clone() }
    }

    /// Nobody waits for this store any more: the process is to end.
    pub fn lose_patience(&self) {
        self.troubles.lose_patience();
    }

    fn patience(&self) -> Option<patience::Patience> {
        self.patient.then(|| self.troubles.patience())
    }

    /// Runs `work` in one transaction on the writer; it commits when `work` returns `Ok`, else nothing happened.
    pub async fn write<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: Fn(&Tx<'_>) -> Result<T, StoreError> + Send + Sync + 'static,
    {
        let (work, mut patience) = (Arc::new(work), self.patience());
        loop {
            let done = self.open.workers.write(Arc::clone(&work)).await.map_err(|e| e.at(&self.open.path));
            if !is_worth_another(done.as_ref().err(), &mut patience).await {
                return done;
            }
        }
    }

    /// Runs `work` on a reader, over one snapshot.
    pub async fn read<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: Fn(&Tx<'_>) -> Result<T, StoreError> + Send + Sync + 'static,
    {
        let (work, mut patience) = (Arc::new(work), self.patience());
        loop {
            let done = self.open.workers.read(Arc::clone(&work)).await.map_err(|e| e.at(&self.open.path));
            if !is_worth_another(done.as_ref().err(), &mut patience).await {
                return done;
            }
        }
    }

    /// Copies the store, while it is used, with SQLite's online backup: to the new file `name` in `dir`. Gives its path.
    ///
    /// # Errors
    /// `Backup` says why no copy was made; nothing of it is left then.
    pub async fn backup(&self, dir: PathBuf, name: String) -> Result<PathBuf, StoreError> {
        let (copying, alone) = (Arc::clone(&self.open.copying), self.open.alone);
        let copy = move |conn: &rusqlite::Connection| {
            let _one = copying.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            if alone {
                files::sweep_ending(&dir, backup::PARTIAL);
            }
            backup::copy(conn, &dir, &name).map_err(|e| e.at(&dir.join(&name)))
        };
        self.open.workers.read_connection(copy).await
    }

    /// The same as a file without a name, for whoever writes it elsewhere. Only for whoever opened the store to write.
    ///
    /// # Errors
    /// As for `backup`.
    pub async fn copied(&self) -> Result<std::fs::File, StoreError> {
        let (copying, dir) = (Arc::clone(&self.open.copying), self.state_dir().to_owned());
        if !self.open.alone {
            return Err(StoreError::ReadOnly);
        }
        let copy = move |conn: &rusqlite::Connection| {
            let _one = copying.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            backup::nameless(conn, &dir).map_err(|e| e.at(&dir))
        };
        self.open.workers.read_connection(copy).await
    }

    /// Lets the file grow to so many pages and no further: beyond them it fails as on a full disk. For trials of one; it
    /// is forgotten with the process.
    ///
    /// # Errors
    /// Whoever else has the store.
    pub async fn confine(&self, pages: u32) -> Result<(), StoreError> {
        self.hasty().write(move |tx| Ok(tx.conn.pragma_update(None, "max_page_count", pages)?)).await
    }

    /// SQLite's own check of the whole file; empty when it is sound.
    pub async fn check(&self) -> Result<Vec<String>, StoreError> {
        self.open.workers.read_connection(backup::check).await.map_err(|e| e.at(&self.open.path))
    }

    /// What is lost of a store, if anything is. Blocks, changes nothing.
    ///
    /// # Errors
    /// It cannot be told, or it is no loss but another program's file, or a newer version's.
    pub fn loss(home: &Home) -> Result<Option<Loss>, StoreError> {
        loss::assess(home)
    }

    /// Goes on without what is lost: with the store that is there, else with none. Gives what it was. Blocks.
    ///
    /// # Errors
    /// As `loss`, and when a daemon runs.
    pub fn accept_loss(home: &Home) -> Result<Option<Loss>, StoreError> {
        loss::accept(home)
    }

    /// The directory that this process alone may use.
    pub fn state_dir(&self) -> &Path {
        self.open.lock.dir()
    }

    /// Where to put what nobody needs after this process; a start removes what is left of it.
    pub fn scratch(&self, name: &str) -> PathBuf {
        self.state_dir().join(format!("{name}{}", files::SCRATCH))
    }
}

/// Is it to be tried again? Waits before it says yes.
async fn is_worth_another(failure: Option<&StoreError>, patience: &mut Option<patience::Patience>) -> bool {
    match (failure, patience) {
        (Some(error), Some(patience)) if error.may_pass() => patience.wait(error).await,
        _ => false,
    }
}

#[cfg(test)]
mod tests;
