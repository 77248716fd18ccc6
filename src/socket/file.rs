//! The socket's file: opened by one daemon at a time, and removed at the end only by the one that made it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tokio::net::{UnixListener, UnixStream};

/// Why the socket could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    #[error(
        "the control socket {path} belongs to {holder}; stop it, or name another in [control] socket, for a gate in [gate] control_socket",
        path = .path.display()
    )]
    Taken { path: PathBuf, holder: String },
    #[error("{path} exists and is no socket; remove it, or write another path in [control] socket, for a gate in [gate] control_socket", path = .path.display())]
    NoSocket { path: PathBuf },
    #[error(
        "cannot open the control socket {path}: {source}; is its directory there, and ours to write?",
        path = .path.display()
    )]
    Io { path: PathBuf, source: std::io::Error },
}

/// An open socket. Its file goes with it.
#[derive(Debug)]
pub struct Socket {
    pub(super) listener: UnixListener,
    _file: Placed,
    _lock: Lock,
}

/// Held for as long as the file is ours; the kernel frees it with the process.
#[derive(Debug)]
struct Lock(File);

/// A program that is started meanwhile has the file too, until it becomes another: closing it here alone would not free it.
impl Drop for Lock {
    fn drop(&mut self) {
        let _ = self.0.unlock();
    }
}

impl Socket {
    /// Opens the socket for owner and group (0660). What a dead process left behind is replaced; a socket that somebody
    /// answers is not, whoever they are and whatever state directory they use.
    ///
    /// # Errors
    /// See [`BindError`]; nothing was changed then.
    pub async fn bind(path: &Path) -> Result<Self, BindError> {
        let io = |source| BindError::Io { path: path.to_owned(), source };
        let lock = lock(path).map_err(io)?;
        let lock = match lock {
            Some(lock) => lock,
            None => return Err(taken(path, UnixStream::connect(path).await.ok())),
        };
        clear(path).await?;
        let listener = UnixListener::bind(path).map_err(io)?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o660)).map_err(io)?;
        let file = Placed { path: path.to_owned(), identity: identity(path).map_err(io)? };
        Ok(Self { listener, _file: file, _lock: lock })
    }
}

/// The lock beside the socket: between looking whether anybody answers and opening it, nobody else can do the same.
/// `None` when another process holds it.
fn lock(path: &Path) -> std::io::Result<Option<Lock>> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".lock");
    let mut options = OpenOptions::new();
    let file = options.write(true).create(true).truncate(false).mode(0o600).open(beside)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(Lock(file))),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Removes what a dead process left behind.
async fn clear(path: &Path) -> Result<(), BindError> {
    let io = |source| BindError::Io { path: path.to_owned(), source };
    match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(io(error)),
        Ok(meta) if !meta.file_type().is_socket() => return Err(BindError::NoSocket { path: path.to_owned() }),
        Ok(_) => {}
    }
    match UnixStream::connect(path).await {
        Ok(stream) => Err(taken(path, Some(stream))),
        // Somebody listens, and more than they accept are waiting for them.
        Err(error) if error.kind() == ErrorKind::WouldBlock => Err(taken(path, None)),
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => std::fs::remove_file(path).map_err(io),
        Err(error) => Err(io(error)),
    }
}

fn taken(path: &Path, stream: Option<UnixStream>) -> BindError {
    let pid = stream.and_then(|stream| stream.peer_cred().ok()).and_then(|peer| peer.pid());
    let holder = pid.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}"));
    BindError::Taken { path: path.to_owned(), holder }
}

/// Device and inode: what is at this path now.
fn identity(path: &Path) -> std::io::Result<(u64, u64)> {
    std::fs::symlink_metadata(path).map(|meta| (meta.dev(), meta.ino()))
}

/// The file we made.
#[derive(Debug)]
struct Placed {
    path: PathBuf,
    identity: (u64, u64),
}

impl Drop for Placed {
    fn drop(&mut self) {
        if identity(&self.path).is_ok_and(|there| there == self.identity) {
            // The next start replaces a leftover.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("control.sock");
        (dir, path)
    }

    #[tokio::test]
    async fn a_socket_that_somebody_answers_is_refused_by_the_name_of_its_process() {
        let (_dir, path) = place();
        let first = Socket::bind(&path).await.expect("free");
        let second = Socket::bind(&path).await.expect_err("taken");
        assert!(second.to_string().contains(&format!("process {}", std::process::id())), "{second}");
        drop(first);
        assert!(!path.exists(), "its file went with it");
        // One that knows nothing of the lock is not robbed either.
        let stranger = std::os::unix::net::UnixListener::bind(&path).expect("free");
        assert!(matches!(Socket::bind(&path).await, Err(BindError::Taken { .. })));
        UnixStream::connect(&path).await.expect("the stranger still has it");
        drop(stranger);
        Socket::bind(&path).await.expect("what is left of the dead is replaced");
    }

    #[tokio::test]
    async fn a_file_that_is_no_socket_or_no_longer_ours_stays() {
        let (_dir, path) = place();
        std::fs::write(&path, "precious").expect("written");
        assert!(matches!(Socket::bind(&path).await, Err(BindError::NoSocket { .. })));
        std::fs::remove_file(&path).expect("removed");
        let socket = Socket::bind(&path).await.expect("free");
        std::fs::remove_file(&path).expect("removed behind its back");
        std::fs::write(&path, "precious").expect("written");
        drop(socket);
        assert_eq!(std::fs::read_to_string(&path).expect("it stays"), "precious");
    }
}
