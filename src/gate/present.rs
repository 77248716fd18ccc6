//! One moment as two clocks have it: this machine's, and the one of the index that says when files were uploaded.

use chrono::TimeDelta;

use crate::model::Time;

/// A moment of which the two may differ.
///
/// Whatever lets something out once a time has come goes by `reached`: ages of files and of projects, since when prior use speaks, how
/// far the silence of the records of malware reaches. Whatever is good until a time goes by `passed`: an approval, a list of another organisation.
/// `reached` is never later than `shown`, nor that than `passed`, so that each is the stricter. What is written down to be held against times of
/// uploads later is so too: since when somebody uses something by `passed`, until when by `reached`. A freeze knows no now, since it is held
/// against the time of an upload. The log of deliveries goes by `shown`, and forgets by what both clocks say has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Present {
    /// What is not doubted to have come: the earlier of the two clocks, where they differ by more than matters.
    pub(super) reached: Time,
    /// By the clock of this machine.
    pub(super) shown: Time,
    /// What may have come: the later of the two, where they differ by more than matters.
    pub(super) passed: Time,
}

impl Present {
    /// How far this machine's clock is ahead of what is gone by.
    pub(super) fn lead(self) -> TimeDelta {
        self.shown - self.reached
    }

    /// How far it is behind what may have come.
    pub(super) fn lag(self) -> TimeDelta {
        self.passed - self.shown
    }
}

impl From<Time> for Present {
    /// Of which both say the same.
    fn from(now: Time) -> Self {
        Self { reached: now, shown: now, passed: now }
    }
}
