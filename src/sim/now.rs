//! The one place of the simulator that reads the time. Acts played live happen at the current second.

use std::sync::{Mutex, PoisonError};

use chrono::{SubsecRound as _, TimeDelta};

use crate::model::Time;

/// The simulator's clock: the machine's, until a test holds it.
#[derive(Debug, Default)]
pub(super) struct Clock {
    held: Mutex<Option<Time>>,
    /// How far answers are dated ahead of it.
    ahead: Mutex<TimeDelta>,
}

impl Clock {
    /// To the microsecond, as PyPI stores it.
    pub(super) fn now(&self) -> Time {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).unwrap_or_else(this_moment)
    }

    /// Stands still at this time from now on.
    pub(super) fn hold(&self, at: Time) {
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Some(at);
    }

    /// Time passes for whoever reads the dates of answers.
    pub(super) fn date_ahead(&self, by: TimeDelta) {
        *self.ahead.lock().unwrap_or_else(PoisonError::into_inner) += by;
    }

    /// `Date` of an answer (RFC 9110 section 6.6.1): the machine's time, whatever is held for uploads.
    pub(super) fn date(&self) -> String {
        let at = this_moment() + *self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
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
