//! Why the store could not do what it was asked: what may pass, what a person must mend, and what is simply wrong.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::{ErrorCode, ffi};

use super::LockError;

/// Why the store could not do what it was asked. The transaction left no trace.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("cannot use {path}: {source}", path = .path.display())]
    File { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Lock(#[from] LockError),
    #[error(
        "{path} was written by a newer namewarden (schema {found}, this one knows {known}); install that version, \
         or restore the backup beside it",
        path = .path.display()
    )]
    FromTheFuture { path: PathBuf, found: u32, known: u32 },
    #[error("{path} is {what}; nothing was changed: move it away, or name another state_dir", path = .path.display())]
    NotOurs { path: PathBuf, what: &'static str },
    #[error(
        "{path} {what}; cases, acknowledgements and what was told since are gone with it, and nothing was changed. Restore \
         a backup over it if there is one; then `namewarden store accept-loss` says what is lost, and goes on without it",
        path = .path.display()
    )]
    Lost { path: PathBuf, what: String },
    #[error("there is no store in {dir} yet: the daemon, which makes it, has not run there", dir = .dir.display())]
    Nothing { dir: PathBuf },
    #[error("the disk under {path} is full; nothing was changed, free some space", path = .path.display())]
    DiskFull { path: PathBuf },
    #[error("{path} is locked by another program, such as sqlite3 or a backup of files; end that", path = .path.display())]
    Busy { path: PathBuf },
    #[error("the disk under {path} fails ({detail}); nothing was changed", path = .path.display())]
    Disk { path: PathBuf, detail: String },
    #[error("{path} cannot be opened for writing any more ({detail})", path = .path.display())]
    Shut { path: PathBuf, detail: String },
    #[error(
        "{path} is damaged ({detail}); restore a backup with namewarden stopped, and see `namewarden store accept-loss`",
        path = .path.display()
    )]
    Corrupt { path: PathBuf, detail: String },
    #[error("no backup was made: {0}")]
    Backup(String),
    #[error("the store holds {what} that cannot be read: {detail}")]
    Unreadable { what: &'static str, detail: String },
    #[error("store: {0}")]
    Sqlite(rusqlite::Error),
    #[error("the store was opened to read alone")]
    ReadOnly,
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
    pub(super) fn at(self, path: &Path) -> Self {
        match self {
            Self::Sqlite(rusqlite::Error::SqliteFailure(code, text)) => {
                Self::of_sqlite(rusqlite::Error::SqliteFailure(code, text), code, path.to_owned())
            }
            other => other,
        }
    }

    /// By SQLite's result codes (sqlite.org/rescode.html).
    fn of_sqlite(error: rusqlite::Error, code: ffi::Error, path: PathBuf) -> Self {
        let detail = error.to_string();
        match code.code {
            ErrorCode::DiskFull => Self::DiskFull { path },
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Busy { path },
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Self::Corrupt { path, detail },
            ErrorCode::SystemIoFailure if code.extended_code == ffi::SQLITE_IOERR_CORRUPTFS => {
                Self::Corrupt { path, detail }
            }
            ErrorCode::SystemIoFailure => Self::Disk { path, detail },
            ErrorCode::CannotOpen | ErrorCode::ReadOnly => Self::Shut { path, detail },
            _ => Self::Sqlite(error),
        }
    }

    pub(super) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::File { path: path.to_owned(), source }
    }

    /// Can it be well again without anybody touching namewarden? Of a store that was opened once.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::DiskFull { .. } | Self::Busy { .. } | Self::Disk { .. } | Self::Shut { .. })
    }

    /// The same while it is being opened: a file that cannot be opened may never have been ours to open.
    pub(super) fn may_pass_at_start(&self) -> bool {
        match self {
            Self::File { source, .. } | Self::Lock(LockError::Io { source, .. }) => is_about_the_disk(source),
            Self::Shut { .. } => false,
            other => other.may_pass(),
        }
    }

    /// Is it another user's, and nothing else is wrong with it?
    pub fn is_closed(&self) -> bool {
        match self {
            Self::Lock(LockError::Foreign { .. }) => true,
            Self::File { source, .. } | Self::Lock(LockError::Io { source, .. }) => {
                source.kind() == io::ErrorKind::PermissionDenied
            }
            _ => false,
        }
    }

    /// Does only a person help? A restart would find the same.
    pub fn needs_a_person(&self) -> bool {
        matches!(self, Self::FromTheFuture { .. } | Self::NotOurs { .. } | Self::Lost { .. } | Self::Corrupt { .. })
    }

    pub(super) fn unreadable(what: &'static str, detail: impl std::fmt::Display) -> Self {
        Self::Unreadable { what, detail: detail.to_string() }
    }
}

/// No room, no quota, or `EIO`.
pub(super) fn is_about_the_disk(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
        || error.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sqlite(extended: i32) -> StoreError {
        let failure = rusqlite::Error::SqliteFailure(ffi::Error::new(extended), None);
        StoreError::from(failure).at(Path::new("/var/lib/namewarden/namewarden.db"))
    }

    #[test]
    fn what_may_pass_is_waited_for_and_damage_is_not() {
        let passing = [
            ffi::SQLITE_FULL,
            ffi::SQLITE_BUSY,
            ffi::SQLITE_BUSY_RECOVERY,
            ffi::SQLITE_LOCKED,
            ffi::SQLITE_IOERR_FSYNC,
            ffi::SQLITE_IOERR_WRITE,
            ffi::SQLITE_IOERR_SHMSIZE,
            ffi::SQLITE_CANTOPEN,
        ];
        assert_eq!(passing.map(|code| sqlite(code).may_pass()), [true; 8]);
        let lasting = [ffi::SQLITE_CORRUPT, ffi::SQLITE_NOTADB, ffi::SQLITE_IOERR_CORRUPTFS, ffi::SQLITE_CONSTRAINT];
        assert_eq!(lasting.map(|code| sqlite(code).may_pass()), [false; 4]);
        assert!(!sqlite(ffi::SQLITE_CANTOPEN).may_pass_at_start(), "it may never have been ours to open");
    }

    #[test]
    fn a_full_disk_is_said_as_one() {
        let text = sqlite(ffi::SQLITE_FULL).to_string();
        assert!(text.contains("the disk under /var/lib/namewarden/namewarden.db is full"), "{text}");
    }
}
