//! The only place that reads the time: a real clock, and one that tests move by hand.

use std::sync::{Arc, Mutex, PoisonError};

use crate::model::Time;

/// Tells the time. Cloning shares it.
#[derive(Clone, Debug)]
pub enum Clock {
    System,
    /// Stands still until it is advanced.
    Manual(Arc<Mutex<Time>>),
}

impl Clock {
    /// A clock that stands at `start`.
    pub fn manual(start: Time) -> Self {
        Self::Manual(Arc::new(Mutex::new(start)))
    }

    #[expect(clippy::disallowed_methods, reason = "the one reader of the system clock")]
    pub fn now(&self) -> Time {
        match self {
            Self::System => chrono::Utc::now(),
            Self::Manual(time) => *time.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Moves a manual clock; the system clock moves by itself.
    pub fn advance(&self, by: chrono::TimeDelta) {
        if let Self::Manual(time) = self {
            *time.lock().unwrap_or_else(PoisonError::into_inner) += by;
        }
    }
}
