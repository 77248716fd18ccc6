//! The only SQL: one writer thread, a few readers, closures over domain methods.
//!
//! `store.write(|tx| …)` runs its closure on the writer thread in one transaction, `store.read(|tx| …)` on a reader in
//! one snapshot. Outside this folder closures hold no SQL, touch nothing but `tx`, and may run again.

mod answers;
mod audit;
mod body;
mod claims;
mod clock;
mod columns;
mod counted;
mod coverage;
mod cursors;
mod downtime;
mod error;
mod facts;
mod fates;
mod findings;
mod health;
mod heard;
mod history;
mod holds;
mod learned;
mod leases;
mod listed;
mod looked_up;
mod notices;
mod outbox;
mod outcome;
mod overdue;
mod patience;
mod projects;
mod recipients;
mod refusals;
mod renewed;
mod reported;
mod retention;
mod seen;
mod sessions;
mod sightings;
mod sign_ins;
mod spool;
mod sql;
mod sqlite;
mod standing;
mod stood;
mod stranded;
mod suppressions;
mod surroundings;
mod tellings;
mod threads;
mod tokens;
mod tx;
mod unacknowledged;
mod unreadable;
mod users;
mod vain;
mod watches;

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use answers::{Kept, KeptAnswers, Keyed};
pub use audit::{Audit, AuditLine, Audited};
pub use body::NoticeBody;
pub use claims::{Agreement, ClaimLine, Claims};
pub use clock::{ClockMarks, ClockSeen, Shifted};
pub use coverage::{Coverage, Grade, Span};
pub use cursors::{
    CHANGELOG, CHANGELOG_HEALTH, CLAIM_ASKED, CLAIM_HALT, CLAIM_MINDED, CLAIM_PAUSE, CLAIM_TROUBLE, Cursors,
    GATE_HEARD, MISSED, NAMESPACES, RECALLS, REPORTS, REVIEWS,
};
pub use error::{Cause, LockError, StoreError};
pub use facts::{Awaited, DueLook, Knowledge};
pub use fates::TellingFate;
pub use findings::Findings;
pub use health::HealthCases;
pub use holds::{Hold, Holds};
pub use leases::Slots;
pub use notices::{NewNotice, NoticeRow, NoticeState, Notices};
pub use outbox::Outbox;
pub use outcome::{Outcome, What};
pub use patience::{Trouble, Troubles};
pub use projects::{Presence, ProjectRow, Projects, SeenProject};
pub use recipients::{Recipients, Unreached};
pub use refusals::LastRefusal;
pub use reported::{Reported, ReportedCase};
pub use sessions::{SessionRow, Sessions};
pub use sightings::Sightings;
pub use sign_ins::SignIns;
pub use spool::Spool;
pub use sql::Listed;
pub use sqlite::{Home, Loss};
pub use standing::{DetailedWatch, OwnersStanding};
pub use suppressions::Suppressions;
pub use surroundings::{LookAlike, Surroundings};
pub use tellings::{CaseEvent, Dropped, NewTelling, Telling, Tellings};
pub use tokens::{TokenRow, Tokens};
pub use tx::Tx;
pub use unreadable::{UnreadNames, UnreadRow};
pub use users::{User, Users};
pub use watches::{Watched, Watches};

use sqlite::{Database, files, loss, open};
use threads::Asker;

/// A handle to the store; cloning shares it. The last one dropped leaves one whole file, ends the threads, and frees
/// the lock.
#[derive(Clone, Debug)]
pub struct Store {
    engine: Arc<Database>,
    troubles: Troubles,
    /// Is what may pass waited out? Else it is an error at once.
    patient: bool,
    /// For whom it is read.
    asker: Asker,
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
        Ok(Self::over(Database::open(&home.into())?))
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
        Ok(Self::over(Database::open_to_read(&home.into())?))
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

    fn over(engine: Database) -> Self {
        Self { engine: Arc::new(engine), troubles: Troubles::default(), patient: false, asker: Asker::Worker }
    }

    /// What somebody waits for at this moment, if anybody does.
    pub fn trouble(&self) -> Option<Trouble> {
        self.troubles.now()
    }

    /// Who waits for it, and for what.
    pub fn troubles(&self) -> &Troubles {
        &self.troubles
    }

    /// The same store for people: what fails is an error at once, and what they read, however long it is, holds no reader
    /// of a worker.
    pub fn for_people(&self) -> Self {
        Self { patient: false, asker: Asker::Person, ..self.clone() }
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
            let done = self.engine.write(Arc::clone(&work)).await;
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
            let done = self.engine.read(self.asker, Arc::clone(&work)).await;
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
        self.engine.backup(dir, name).await
    }

    /// The same as a file without a name, for whoever writes it elsewhere. Only for whoever opened the store to write.
    ///
    /// # Errors
    /// As for `backup`.
    pub async fn copied(&self) -> Result<std::fs::File, StoreError> {
        self.engine.copied().await
    }

    /// A file to lay about so many bytes down in, in the state directory. For whoever opened the store to read alone it is in the memory: no
    /// file changes.
    ///
    /// # Errors
    /// There can be none in that directory, or it would leave the daemon too little room.
    pub fn spool(&self, bytes: u64) -> Result<Spool, StoreError> {
        self.engine.spool(bytes)
    }

    /// Lets the file grow to so many pages and no further: beyond them it fails as on a full disk. For trials of one; it
    /// is forgotten with the process.
    ///
    /// # Errors
    /// Whoever else has the store.
    pub async fn confine(&self, pages: u32) -> Result<(), StoreError> {
        self.engine.confine(pages).await
    }

    /// SQLite's own check of the whole file; empty when it is sound.
    pub async fn check(&self) -> Result<Vec<String>, StoreError> {
        self.engine.check().await
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

    /// What the store takes on the disk now, in bytes: the file, and what was written and is not in it yet.
    pub fn size(&self) -> u64 {
        let log = format!("{}-wal", files::STORE);
        let sizes = [files::STORE, &log].map(|file| std::fs::metadata(self.state_dir().join(file)));
        sizes.into_iter().flatten().map(|meta| meta.len()).sum()
    }

    /// The directory that this process alone may use.
    pub fn state_dir(&self) -> &Path {
        self.engine.dir()
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
