//! One process per state directory: an exclusive lock on a file that names its holder.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Why the state directory cannot be used by this process.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    #[error(
        "{dir} is in use by process {pid}; stop it first, or let the command go through its control socket",
        dir = .dir.display()
    )]
    Held { dir: PathBuf, pid: String },
    #[error(
        "{dir} belongs to user {owner}, and this process runs as user {me}; run the command as that user, \
         for example with `sudo -u namewarden`",
        dir = .dir.display()
    )]
    Foreign { dir: PathBuf, owner: u32, me: u32 },
    #[error("cannot lock {path}: {source}", path = .path.display())]
    Io { path: PathBuf, source: std::io::Error },
}

/// Held as long as the value lives; the kernel frees it when the process dies, however it dies.
#[derive(Debug)]
pub(super) struct StateLock {
    dir: PathBuf,
    _file: File,
}

impl StateLock {
    pub(super) fn take(dir: &Path) -> Result<Self, LockError> {
        let path = dir.join("lock");
        let io = |source| LockError::Io { path: path.clone(), source };
        let owner = std::fs::metadata(dir).map_err(io)?.uid();
        let me = my_uid().map_err(io)?;
        if owner != me {
            return Err(LockError::Foreign { dir: dir.to_owned(), owner, me });
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let mut file = options.open(&path).map_err(io)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Self::held(dir, &mut file)),
            Err(TryLockError::Error(source)) => return Err(io(source)),
        }
        file.set_len(0).map_err(io)?;
        writeln!(file, "{}", std::process::id()).map_err(io)?;
        Ok(Self { dir: dir.to_owned(), _file: file })
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
        assert!(second.to_string().contains(&std::process::id().to_string()), "{second}");
        drop(first);
        StateLock::take(dir.path()).expect("free again");
    }
}
