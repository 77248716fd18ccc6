//! One moment as two clocks have it: this machine's, and the one of the index that says when files were uploaded.

use chrono::TimeDelta;

use crate::model::Time;

/// A moment of which the two may differ.
///
/// Whatever lets something out once a time has come goes by `reached`: ages of files and of projects, since when prior use speaks, how
/// far the silence of the records of malware reaches. Whatever is good until a time goes by `shown`: an approval, a list of another organisation.
/// The former is never later than the latter, so that both are the stricter of the two. A freeze knows no now, since it is held against
/// the time of an upload. The log of deliveries goes by `shown`: all of its times are of this machine's clock, and it forgets by the days it
/// has (`DeliveryBook::shrink`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Present {
    /// What is not doubted to have come: the earlier of the two clocks, where they differ by more than matters.
    pub(super) reached: Time,
    /// By the clock of this machine.
    pub(super) shown: Time,
}

impl Present {
    /// How far this machine's clock is ahead of what is gone by.
    pub(super) fn lead(self) -> TimeDelta {
        self.shown - self.reached
    }
}

impl From<Time> for Present {
    /// Of which both say the same.
    fn from(now: Time) -> Self {
        Self { reached: now, shown: now }
    }
}
