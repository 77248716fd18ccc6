//! Why the store could not do what it was asked: what may pass, what a person must mend, and what is simply wrong.

use std::io;
use std::path::{Path, PathBuf};

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
    #[error(
        "{path} was made by a development build of namewarden that kept other things (schema {version} differs in {what}); \
         nothing was changed. Go on with the build that made it, or give it up: `namewarden store accept-loss` says what is lost, and \
         with --yes puts it aside and begins anew",
        path = .path.display()
    )]
    OtherSchema { path: PathBuf, version: u32, what: String },
    #[error("{path} is {what}; nothing was changed: move it away, or name another state_dir", path = .path.display())]
    NotOurs { path: PathBuf, what: &'static str },
    #[error(
        "{path} {what}; cases, acknowledgements and what was told since are gone with it, and nothing was changed. Restore \
         a backup over it if there is one; then `namewarden store accept-loss` says what is lost, and with --yes goes on \
         without it",
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
    #[error(
        "{path} cannot be opened for writing any more ({detail}); see whether its disk is mounted to be read alone, and \
         whether its user may write there: chmod u+rwx {dir}",
        path = .path.display(), dir = directory(path).display()
    )]
    Shut { path: PathBuf, detail: String },
    #[error(
        "{path} is damaged ({detail}); restore a backup with namewarden stopped, and see `namewarden store accept-loss`, \
         which goes on with --yes alone",
        path = .path.display()
    )]
    Corrupt { path: PathBuf, detail: String },
    #[error("no backup was made: {0}")]
    Backup(String),
    /// By what somebody asked for, and not by what failed.
    #[error("no backup was made: {0}")]
    BackupName(String),
    #[error("the store holds {what} that cannot be read: {detail}")]
    Unreadable { what: &'static str, detail: String },
    /// What the engine said, before anybody knew of which file.
    #[error("store: {detail}")]
    Engine { cause: Cause, detail: String },
    #[error("the store was opened to read alone")]
    ReadOnly,
    #[error("the store is closed")]
    Closed,
}

/// What a failure of the engine means, whichever engine it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// No room on the disk.
    Full,
    /// Another program holds a lock.
    Busy,
    /// The disk fails.
    Disk,
    /// The file cannot be opened, or not for writing.
    Shut,
    /// What is stored is damaged.
    Corrupt,
    /// A mistake of ours: a statement, a constraint, a type.
    Wrong,
}

/// Why the state directory cannot be used by this process.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    #[error(
        "{dir} is in use by process {pid}; wait while it starts or stops, else stop it first, or let the command go through \
         its control socket",
        dir = .dir.display()
    )]
    Held { dir: PathBuf, pid: String },
    #[error(
        "{dir} belongs to user {owner}, and this process runs as user {me}; run the command as that user, \
         for example with `sudo -u '#{owner}'`",
        dir = .dir.display()
    )]
    Foreign { dir: PathBuf, owner: u32, me: u32 },
    #[error("cannot lock {path}: {source}", path = .path.display())]
    Io { path: PathBuf, source: io::Error },
}

impl StoreError {
    /// Gives the errors that operators can mend their own words.
    pub(super) fn at(self, path: &Path) -> Self {
        let Self::Engine { cause, detail } = self else { return self };
        let path = path.to_owned();
        match cause {
            Cause::Full => Self::DiskFull { path },
            Cause::Busy => Self::Busy { path },
            Cause::Disk => Self::Disk { path, detail },
            Cause::Shut => Self::Shut { path, detail },
            Cause::Corrupt => Self::Corrupt { path, detail },
            Cause::Wrong => Self::Engine { cause, detail },
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

    /// The directory, or the file, that is another user's, or closed to its own.
    pub fn closed(&self) -> Option<&Path> {
        match self {
            Self::Lock(LockError::Foreign { dir, .. }) => Some(dir),
            Self::File { path, .. } | Self::Lock(LockError::Io { path, .. }) if self.is_closed() => Some(path),
            _ => None,
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
        let foreign = matches!(self, Self::FromTheFuture { .. } | Self::NotOurs { .. } | Self::OtherSchema { .. });
        foreign || matches!(self, Self::Lost { .. } | Self::Corrupt { .. })
    }

    pub(super) fn unreadable(what: &'static str, detail: impl std::fmt::Display) -> Self {
        Self::Unreadable { what, detail: detail.to_string() }
    }
}

/// What a file stands in.
fn directory(file: &Path) -> &Path {
    file.parent().unwrap_or(file)
}

/// No room, no quota, or `EIO`.
pub(super) fn is_about_the_disk(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
        || error.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error())
}
