//! How long nobody ran, which only the wall clock tells: a clock that was wrong at either end tells nonsense.
//!
//! What is merely due comes at once then, too early at worst. What a claim waits by is another matter: a window in which
//! somebody may stop it, a day's quota, a quarter of an hour before a file counts as missing. For those, time without a process
//! counts only where PyPI's clock bore ours out before and after; else they are put off by as much.

use chrono::TimeDelta;

use super::StoreError;
use super::clock::{ClockMarks, ClockSeen};
use crate::model::Time;

/// Less is what two clocks may differ by anyway.
const TRIFLE: TimeDelta = TimeDelta::minutes(5);

impl ClockMarks<'_> {
    /// A process begins, so long after the last look at the clock.
    pub fn begin(&self, passed: TimeDelta, now: Time) -> Result<(), StoreError> {
        self.prove(false)?;
        let seen = self.seen()?;
        let was_right = seen.is_some_and(|seen| seen.borne_out);
        let unproven = if was_right && passed > TRIFLE { passed.num_seconds() } else { 0 };
        if !was_right && passed > TimeDelta::zero() {
            self.put_off_claims(passed)?;
        }
        self.keep(&ClockSeen { at: now, steps: seen.map_or(0, |seen| seen.steps), borne_out: false, unproven })
    }

    /// Does the time that nobody ran count? Once it is known.
    pub fn prove(&self, counts: bool) -> Result<(), StoreError> {
        let Some(seen) = self.seen()?.filter(|seen| seen.unproven > 0) else { return Ok(()) };
        if !counts {
            self.put_off_claims(TimeDelta::try_seconds(seen.unproven).unwrap_or_default())?;
        }
        self.keep(&ClockSeen { unproven: 0, ..seen })
    }

    /// Is it still to be seen whether as much time passed as the clock says?
    pub fn is_in_doubt(&self) -> Result<bool, StoreError> {
        Ok(self.seen()?.is_some_and(|seen| seen.unproven > 0))
    }
}
