//! How a verb fails: what is printed, and the exit status.

use super::instance::here;
use crate::api::v1::{Problem, ProblemType};
use crate::config::ConfigError;
use crate::daemon::{BootError, WorkerError};
use crate::model::causes;
use crate::store::StoreError;

/// A verb that failed: what to print, and the exit status.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) problem: Problem,
    pub(super) status: u8,
}

impl Failure {
    /// Status 1, in our own words.
    pub(super) fn new(text: String) -> Self {
        Self { problem: Problem::new(ProblemType::Failed, text), status: 1 }
    }

    /// Status 2, as for what the command line refuses by itself.
    pub(super) fn usage(text: String) -> Self {
        Self { problem: Problem::new(ProblemType::Usage, text), status: 2 }
    }

    /// What was asked about is not there; something else may be.
    pub(super) fn is_unknown(&self) -> bool {
        self.problem.of() == ProblemType::NoSuchCase
    }

    /// The problem as a line of JSON, with its commands fitted.
    pub(super) fn json(&self, fitted: impl Fn(&str) -> String) -> String {
        let Problem { kind, title, detail, remedy } = self.problem.clone();
        let problem = Problem { kind, title, detail: fitted(&detail), remedy: remedy.map(|remedy| fitted(&remedy)) };
        serde_json::to_string(&problem).unwrap_or_default()
    }

    /// Below another.
    pub(super) fn after(self, earlier: Option<Self>) -> Self {
        let Some(earlier) = earlier else { return self };
        let detail = format!("{}\n{}", earlier.problem, self.problem.detail);
        Self { problem: Problem { detail, ..self.problem }, ..self }
    }

    /// With another remedy.
    pub(super) fn or(self, other: &str) -> Self {
        let remedy = self.problem.remedy.as_ref().map_or(String::new(), |remedy| format!("{remedy}; "));
        Self { problem: self.problem.with(&format!("{remedy}or {other}")), ..self }
    }

    /// Of a store that cannot be opened; the command as its owner would give it, where it is another's.
    pub(super) fn of_store(error: &StoreError) -> Self {
        let Some(closed) = error.closed() else { return Self::failed(error) };
        match here().again_in(closed) {
            Some(command) => Self::new(format!("{} is open to its owner: `{command}`", closed.display())),
            None => {
                let dir = closed.parent().unwrap_or(closed).display();
                Self::new(format!("{}; open it to its own user: chmod u+rwx {dir}", causes::chain(error)))
            }
        }
    }

    /// Status 1: it was tried, and it failed.
    pub(super) fn failed(error: &dyn std::error::Error) -> Self {
        Self::new(causes::chain(error))
    }

    /// Status 78 (`EX_CONFIG`): nothing was started; the unit does not restart after it.
    pub(super) fn configuration(error: &dyn std::error::Error) -> Self {
        Self::configured(causes::chain(error))
    }

    /// The same in words.
    pub(super) fn configured(text: String) -> Self {
        Self { problem: Problem::new(ProblemType::Configuration, text), status: ConfigError::EXIT_STATUS }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.problem.fmt(f)
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self { problem, status: 1 }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::configuration(&error)
    }
}

impl From<BootError> for Failure {
    fn from(error: BootError) -> Self {
        match error {
            error if error.is_configuration() => Self::configuration(&error),
            BootError::Store(error) => Self::of_store(&error),
            error => Self::failed(&error),
        }
    }
}

impl From<WorkerError> for Failure {
    fn from(error: WorkerError) -> Self {
        if error.needs_a_person() { Self::configuration(&error) } else { Self::failed(&error) }
    }
}
