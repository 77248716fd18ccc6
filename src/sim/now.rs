//! The one place of the simulator that reads the time. Acts played live happen at the current second.

use std::sync::{Mutex, PoisonError};

use chrono::SubsecRound as _;

use crate::model::Time;

/// The simulator's clock: the machine's, until a test holds it.
#[derive(Debug, Default)]
pub(super) struct Clock(Mutex<Option<Time>>);

impl Clock {
    /// To the microsecond, as PyPI stores it.
    pub(super) fn now(&self) -> Time {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).unwrap_or_else(this_moment)
    }

    /// Stands still at this time from now on.
    pub(super) fn hold(&self, at: Time) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(at);
    }
}

/// The current time, to the second.
pub(super) fn this_second() -> Time {
    this_moment().trunc_subsecs(0)
}

#[expect(clippy::disallowed_methods, reason = "the simulator may import model only, and stamps live acts itself")]
fn this_moment() -> Time {
    chrono::Utc::now().trunc_subsecs(6)
}
