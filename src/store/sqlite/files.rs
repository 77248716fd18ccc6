//! The files of the state directory: what they are called, who may read them, and what is swept away.

use std::fs::{File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use crate::store::StoreError;

/// The store itself; SQLite keeps `-wal` and `-shm` beside it.
pub(in crate::store) const STORE: &str = "namewarden.db";
/// A store that is being made.
const FRESH: &str = "namewarden.db.new";
pub(super) const LOCK: &str = "lock";
/// Says that there is a store; see `marker`.
pub(super) const MARKER: &str = "store.json";
/// Ending of what nobody needs after the process that wrote it.
pub(in crate::store) const SCRATCH: &str = ".spool";

/// What SQLite keeps beside a database; the log of commits is the first.
pub(super) const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

/// A path with something behind its name.
pub(super) fn with(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

pub(super) fn fresh(dir: &Path) -> PathBuf {
    dir.join(FRESH)
}

/// What is inside names unpublished packages: nobody else reads it.
pub(super) fn make_dir(dir: &Path) -> Result<(), StoreError> {
    let mut private = std::fs::DirBuilder::new();
    private.recursive(true).mode(0o700).create(dir).map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => {
            StoreError::NotOurs { path: dir.to_owned(), what: "no directory" }
        }
        _ => StoreError::File { path: dir.to_owned(), source },
    })
}

/// Opens or creates a file for its owner alone, whatever the umask; never through a symbolic link, and without waiting
/// for the other end of a pipe.
pub(super) fn open_own(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    options.mode(0o600).custom_flags(flags.bits() as i32).open(path)
}

/// A file of `dir` without a name. It has one by this number for a moment, and a start sweeps away what is left of that.
pub(super) fn nameless(dir: &Path, number: u64) -> io::Result<File> {
    let path = dir.join(format!("{number}{SCRATCH}"));
    let file = open_own(&path, OpenOptions::new().read(true).write(true).create(true).truncate(true))?;
    std::fs::remove_file(&path)?;
    Ok(file)
}

/// The length of a regular file, or none where there is nothing.
///
/// # Errors
/// A link, a directory, a pipe: not ours, whatever is behind it.
pub(super) fn length(path: &Path) -> Result<Option<u64>, StoreError> {
    let meta = match std::fs::symlink_metadata(path) {
        Ok(meta) => meta,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(StoreError::File { path: path.to_owned(), source }),
    };
    let kind = meta.file_type();
    let what = match () {
        () if kind.is_file() => return Ok(Some(meta.len())),
        () if kind.is_symlink() => "a symbolic link",
        () if kind.is_dir() => "a directory",
        () => "no regular file",
    };
    Err(StoreError::NotOurs { path: path.to_owned(), what })
}

/// Does SQLite hold anything beside the database, such as commits that are not in it yet?
pub(super) fn has_leftovers(store: &Path) -> Result<bool, StoreError> {
    let mut any = false;
    for ending in ["-wal", "-journal"] {
        any |= length(&with(store, ending))?.unwrap_or(0) > 0;
    }
    Ok(any)
}

/// Takes away what others may do with the files of the store, as older directories and umasks left it.
pub(super) fn tighten(dir: &Path) -> Result<(), StoreError> {
    let store = dir.join(STORE);
    let mut own = vec![store.clone(), dir.join(LOCK), dir.join(MARKER)];
    own.extend(BESIDE.map(|ending| with(&store, ending)));
    for path in own.iter().filter(|path| path.exists()) {
        let mode = std::fs::symlink_metadata(path).map_err(StoreError::file(path))?.mode() & 0o7777;
        if mode & !0o640 != 0 {
            std::fs::set_permissions(path, Permissions::from_mode(mode & 0o640)).map_err(StoreError::file(path))?;
        }
    }
    Ok(())
}

/// Removes what a process left behind that died at work. Only under the lock.
pub(super) fn sweep(dir: &Path) {
    let fresh = fresh(dir);
    let half_made = std::iter::once(fresh.clone()).chain(BESIDE.map(|ending| with(&fresh, ending)));
    // What cannot be removed is overwritten by the next of its name.
    half_made.for_each(|path| drop(std::fs::remove_file(path)));
    sweep_ending(dir, SCRATCH);
}

pub(super) fn sweep_ending(dir: &Path, ending: &str) {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| entry.file_name().to_string_lossy().ends_with(ending)) {
        let _ = std::fs::remove_file(entry.path());
    }
}

/// A rename or a link is on the disk only when its directory is.
pub(super) fn sync_dir(dir: &Path) -> Result<(), StoreError> {
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(StoreError::file(dir))
}
