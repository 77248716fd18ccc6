//! The only place that reads the time: a real clock, and one that tests move by hand.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::TimeDelta;

use crate::model::Time;

/// Tells the time. Cloning shares it.
#[derive(Clone, Debug)]
pub enum Clock {
    System,
    /// Stands still until it is advanced.
    Manual(Arc<Mutex<Time>>),
    /// The system clock, ahead by as much as it was advanced: for tests of a daemon that runs in real time.
    Ahead(Arc<Mutex<TimeDelta>>),
}

impl Clock {
    /// A clock that stands at `start`.
    pub fn manual(start: Time) -> Self {
        Self::Manual(Arc::new(Mutex::new(start)))
    }

    /// The system clock, until it is advanced.
    pub fn ahead() -> Self {
        Self::Ahead(Arc::new(Mutex::new(TimeDelta::zero())))
    }

    #[expect(clippy::disallowed_methods, reason = "the one reader of the system clock")]
    pub fn now(&self) -> Time {
        match self {
            Self::System => chrono::Utc::now(),
            Self::Manual(time) => *time.lock().unwrap_or_else(PoisonError::into_inner),
            Self::Ahead(by) => chrono::Utc::now() + *by.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Moves the clock of a test; the system clock moves by itself.
    pub fn advance(&self, by: TimeDelta) {
        match self {
            Self::System => {}
            Self::Manual(time) => *time.lock().unwrap_or_else(PoisonError::into_inner) += by,
            Self::Ahead(ahead) => *ahead.lock().unwrap_or_else(PoisonError::into_inner) += by,
        }
    }
}
