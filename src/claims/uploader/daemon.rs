//! The daemon, as the uploader reaches it.

use crate::model::claim::{ClaimEvent, ClaimKey};

/// Who gives the work.
pub trait Daemon {
    /// The daemon has it in its store when this returns.
    fn tell(&self, key: &ClaimKey, told: ClaimEvent) -> impl Future<Output = Result<(), Untold>> + Send;
}

/// Why something could not be told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Untold {
    #[error("the daemon refuses it: {0}")]
    Refused(String),
    #[error("the daemon did not answer: {0}")]
    Gone(String),
}
