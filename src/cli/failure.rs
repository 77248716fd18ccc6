//! How a verb fails: what is printed, and the exit status.

use crate::config::ConfigError;
use crate::daemon::{BootError, WorkerError};
use crate::model::causes;

/// A verb that failed: what to print, and the exit status.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) text: String,
    pub(super) status: u8,
    /// What was asked about is not there; something else may be.
    pub(super) is_unknown: bool,
}

impl Failure {
    /// Status 1, in our own words.
    pub(super) fn new(text: String) -> Self {
        Self { text, status: 1, is_unknown: false }
    }

    /// Status 2, as for what the command line refuses by itself.
    pub(super) fn usage(text: String) -> Self {
        Self { status: 2, ..Self::new(text) }
    }

    /// Below another.
    pub(super) fn after(self, earlier: Option<Self>) -> Self {
        match earlier {
            Some(earlier) => Self { text: format!("{}\n{}", earlier.text, self.text), ..self },
            None => self,
        }
    }

    /// With another remedy.
    pub(super) fn or(self, remedy: &str) -> Self {
        Self { text: format!("{}; or {remedy}", self.text), ..self }
    }

    /// Status 1: it was tried, and it failed.
    pub(super) fn failed(error: &dyn std::error::Error) -> Self {
        Self::new(causes::chain(error))
    }

    /// Status 78 (`EX_CONFIG`): nothing was started; the unit does not restart after it.
    pub(super) fn configuration(error: &dyn std::error::Error) -> Self {
        Self { status: ConfigError::EXIT_STATUS, ..Self::new(causes::chain(error)) }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::configuration(&error)
    }
}

impl From<BootError> for Failure {
    fn from(error: BootError) -> Self {
        if error.is_configuration() { Self::configuration(&error) } else { Self::failed(&error) }
    }
}

impl From<WorkerError> for Failure {
    fn from(error: WorkerError) -> Self {
        if error.needs_a_person() { Self::configuration(&error) } else { Self::failed(&error) }
    }
}
