//! One process per state directory: an exclusive lock on a file that names its holder. Who only reads shares it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::Read;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

use super::files;
use crate::store::LockError;

/// Held as long as the value lives; the kernel frees it when the process dies, however it dies.
#[derive(Debug)]
pub(super) struct StateLock {
    dir: PathBuf,
    file: File,
}

/// A program that is started meanwhile has the file too, until it becomes another: closing it here alone would not free it.
impl Drop for StateLock {
    fn drop(&mut self) {
        let _ = self.file.unlock();
    }
}

impl StateLock {
    /// Alone: for whoever writes.
    pub(super) fn take(dir: &Path) -> Result<Self, LockError> {
        let create = |path: &Path| files::open_own(path, OpenOptions::new().read(true).write(true).create(true));
        let lock = Self::with(dir, create, File::try_lock)?;
        // Always as long as before, so that a full disk has room for it; without it the holder is unknown, not free.
        let _ = lock.file.write_all_at(format!("{:<10}\n", std::process::id()).as_bytes(), 0);
        Ok(lock)
    }

    /// Beside others who read: nobody writes meanwhile, and the file stays as it is.
    pub(super) fn share(dir: &Path) -> Result<Self, LockError> {
        // Where no writer has ever been, as in a copy, there is no such file, and a reader makes none.
        let open = |path: &Path| match files::open_own(path, OpenOptions::new().read(true)) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => File::open(dir),
            opened => opened,
        };
        Self::with(dir, open, File::try_lock_shared)
    }

    fn with(
        dir: &Path,
        open: impl FnOnce(&Path) -> std::io::Result<File>,
        lock: impl FnOnce(&File) -> Result<(), TryLockError>,
    ) -> Result<Self, LockError> {
        let path = dir.join(files::LOCK);
        let io = |source| LockError::Io { path: path.clone(), source };
        let owner = std::fs::metadata(dir).map_err(io)?.uid();
        let me = my_uid().map_err(io)?;
        if owner != me {
            return Err(LockError::Foreign { dir: dir.to_owned(), owner, me });
        }
        let mut file = open(&path).map_err(io)?;
        match lock(&file) {
            Ok(()) => Ok(Self { dir: dir.to_owned(), file }),
            Err(TryLockError::WouldBlock) => Err(Self::held(dir, &mut file)),
            Err(TryLockError::Error(source)) => Err(io(source)),
        }
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    fn held(dir: &Path, file: &mut File) -> LockError {
        let mut pid = String::new();
        // A holder that has not written its pid yet is still a holder.
        let _ = file.take(32).read_to_string(&mut pid);
        LockError::Held {
            dir: dir.to_owned(),
            pid: if pid.trim().is_empty() { "unknown".to_owned() } else { pid.trim().to_owned() },
        }
    }
}

/// The user of this process: the owner of what it creates, asked of the kernel through /proc.
fn my_uid() -> std::io::Result<u32> {
    std::fs::metadata("/proc/self").map(|meta| meta.uid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_holder_is_told_the_pid_of_the_first() {
        let dir = tempfile::tempdir().expect("a directory");
        let first = StateLock::take(dir.path()).expect("free");
        let second = StateLock::take(dir.path()).expect_err("held");
        assert!(second.to_string().contains(&format!("process {};", std::process::id())), "{second}");
        StateLock::share(dir.path()).expect_err("held");
        drop(first);
        StateLock::take(dir.path()).expect("free again");
    }

    #[test]
    fn readers_share_and_keep_a_writer_out() {
        let dir = tempfile::tempdir().expect("a directory");
        drop(StateLock::share(dir.path()).expect("nobody was here"));
        assert_eq!(std::fs::read_dir(dir.path()).expect("lists").count(), 0, "who reads makes nothing");
        drop(StateLock::take(dir.path()).expect("free"));
        let readers = [StateLock::share(dir.path()), StateLock::share(dir.path())];
        assert!(readers.iter().all(Result::is_ok));
        StateLock::take(dir.path()).expect_err("they read");
        drop(readers);
        StateLock::take(dir.path()).expect("they are gone");
    }

    #[test]
    fn what_a_program_that_is_being_started_has_of_it_holds_nothing() {
        let dir = tempfile::tempdir().expect("a directory");
        let lock = StateLock::take(dir.path()).expect("free");
        let _inherited = lock.file.try_clone().expect("a second descriptor");
        drop(lock);
        StateLock::take(dir.path()).expect("free again");
    }
}
