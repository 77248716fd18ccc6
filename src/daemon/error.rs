//! Why the daemon does not start, and why it ends.

use crate::api::socket::BindError;
use crate::delivery::channel::ChannelsError;
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
