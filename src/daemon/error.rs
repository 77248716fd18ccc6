//! Why the daemon does not start, and why it ends.

use crate::delivery::channel::ChannelsError;
use crate::socket::BindError;
use crate::store::StoreError;
use crate::upstream::ClientError;

/// Why the daemon did not start. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum BootError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("no inventory to start with: {0}")]
    Inventory(String),
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error(transparent)]
    Channels(#[from] ChannelsError),
}

impl BootError {
    /// Restarting cannot help with these: exit status 78.
    pub fn is_configuration(&self) -> bool {
        match self {
            Self::Inventory(_) | Self::Client(_) | Self::Channels(_) => true,
            Self::Store(error) => error.needs_a_person(),
        }
    }
}

/// Why the daemon ended by itself.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the worker {worker} failed: {source}")]
    Failed { worker: String, source: Box<Self> },
    #[error("the worker {worker} ended, which it never should")]
    Ended { worker: String },
    #[error("a worker panicked: {0}")]
    Panicked(tokio::task::JoinError),
    #[error("cannot listen for signals: {0}")]
    Signals(std::io::Error),
    #[error(transparent)]
    Control(#[from] BindError),
}

impl WorkerError {
    /// A restart would find the same: exit status 78, as at the start.
    pub fn needs_a_person(&self) -> bool {
        match self {
            Self::Store(error) => error.needs_a_person(),
            Self::Failed { source, .. } => source.needs_a_person(),
            Self::Ended { .. } | Self::Panicked(_) | Self::Signals(_) | Self::Control(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::LockError;

    #[test]
    fn a_store_that_is_lost_while_it_is_in_use_is_for_a_person() {
        let dir = tempfile::tempdir().expect("a directory");
        std::fs::write(dir.path().join("namewarden.db"), vec![7_u8; 8192]).expect("written");
        let damaged = crate::store::Store::open(dir.path()).expect_err("it is no database");
        let failed =
            |source| WorkerError::Failed { worker: "rss".to_owned(), source: Box::new(WorkerError::Store(source)) };
        assert!(failed(damaged).needs_a_person());
        let held = LockError::Held { dir: dir.path().to_owned(), pid: "7".to_owned() };
        assert!(!failed(StoreError::Lock(held)).needs_a_person());
        assert!(!WorkerError::Ended { worker: "rss".to_owned() }.needs_a_person());
    }
}
