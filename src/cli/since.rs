//! `--since`: a day, a time, or so long ago.

use chrono::{NaiveDate, NaiveTime, TimeDelta};

use crate::clock::Clock;
use crate::config::Period;
use crate::model::Time;

/// Where the period begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    At(Time),
    Ago(TimeDelta),
}

pub(super) fn since(text: &str) -> Result<Since, String> {
    let day = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
    let at = text.parse::<Time>().ok().or_else(|| text.parse().ok().map(day));
    let ago = || text.parse::<Period>().ok().and_then(|period| TimeDelta::from_std(period.0).ok());
    let write = "write a day, 2026-11-16, a time, 2026-11-16T07:00:00Z, or a length, 7d";
    at.map(Since::At).or_else(|| ago().map(Since::Ago)).ok_or_else(|| write.to_owned())
}

impl Since {
    pub(super) fn time(self) -> Time {
        match self {
            Self::At(time) => time,
            Self::Ago(length) => Clock::System.now().checked_sub_signed(length).unwrap_or(Time::UNIX_EPOCH),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_begins_at_a_day_a_time_or_so_long_ago() {
        let at = |text: &str| Ok(Since::At(text.parse().expect("a time")));
        assert_eq!(since("2026-11-16"), at("2026-11-16T00:00:00Z"));
        assert_eq!(since("2026-11-16T08:00:00+01:00"), at("2026-11-16T07:00:00Z"));
        assert_eq!(since("7d"), Ok(Since::Ago(TimeDelta::days(7))));
        for bad in ["", "yesterday", "7", "2026-13-01", "-7d"] {
            assert!(since(bad).is_err(), "{bad}");
        }
    }
}
