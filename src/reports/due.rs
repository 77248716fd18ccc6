//! When a report is due. Pure.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::config::ReportSettings;
use crate::model::report::Before;
use crate::model::{OwnerId, Serial, Time};

/// A time of the calendar that lies ahead of the clock by less than this was reported before somebody set the clock back.
/// Further ahead, it was reported by a clock that was wrong.
const SET_BACK: TimeDelta = TimeDelta::days(1);
/// Missed ones are counted up to here.
const MISSED: u32 = 1_000;

/// What is kept between two reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    /// The calendar and the zone by which the next is due. By others, only what comes from then on is.
    pub(super) calendar: String,
    /// What the calendar says up to here is done with. It moves when somebody sets the clock.
    pub(super) after: Time,
    /// The time of the calendar that was reported last. It never moves.
    pub(super) slot: Option<Time>,
    /// Was anything reported, by this calendar or another?
    #[serde(default)]
    pub(super) reported: bool,
    /// The next report begins here. It moves when somebody sets the clock.
    pub(super) until: Time,
    /// How it was then.
    pub(super) serial: Option<Serial>,
    pub(super) watches: BTreeMap<OwnerId, usize>,
}

/// A report that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Due {
    pub(super) slot: Time,
    /// How many were due before it, and nobody made them.
    pub(super) missed: u32,
}

impl Mark {
    /// Did a report end where the next begins?
    pub(super) fn is_of_a_report(&self) -> bool {
        self.slot.is_some() || self.reported
    }

    pub(super) fn before(&self, owner: Option<&OwnerId>) -> Before {
        let watches = match owner {
            Some(owner) => self.watches.get(owner).copied().unwrap_or_default(),
            None => self.watches.values().sum(),
        };
        Before { serial: self.serial, watches }
    }

    /// Is anything due? However many were missed, one is.
    pub(super) fn due(&self, settings: &ReportSettings, now: Time) -> Option<Due> {
        let calendar = settings.cron.as_ref()?;
        let after = match self.slot {
            Some(slot) if slot > now && slot - now < SET_BACK => return None,
            Some(slot) if slot <= now => slot.max(self.after),
            _ => self.after,
        };
        let mut due: Option<Due> = None;
        let mut next = calendar.next(after, settings.zone);
        while let Some(slot) = next.filter(|slot| *slot <= now) {
            let missed = due.map_or(0, |before| before.missed + 1);
            if missed >= MISSED {
                break;
            }
            due = Some(Due { slot, missed });
            next = calendar.next(slot, settings.zone);
        }
        due
    }
}

/// By what calendar and zone: what changes with either is another.
pub(super) fn calendar(settings: &ReportSettings) -> String {
    settings.cron.as_ref().map(|cron| format!("{cron} {}", settings.zone)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Calendar;

    fn at(text: &str) -> Time {
        text.parse().expect("a time")
    }

    fn weekly() -> ReportSettings {
        ReportSettings { cron: Calendar::read("0 8 * * 1").ok(), zone: chrono_tz::Tz::Europe__Berlin }
    }

    fn mark(after: &str, slot: Option<&str>) -> Mark {
        Mark {
            calendar: calendar(&weekly()),
            after: at(after),
            slot: slot.map(at),
            reported: slot.is_some(),
            until: at(after),
            serial: None,
            watches: BTreeMap::new(),
        }
    }

    fn due(mark: &Mark, now: &str) -> Option<(String, u32)> {
        let due = mark.due(&weekly(), at(now))?;
        Some((due.slot.format("%F %R").to_string(), due.missed))
    }

    fn told(slot: &str, missed: u32) -> Option<(String, u32)> {
        Some((slot.to_owned(), missed))
    }

    #[test]
    fn it_is_due_from_its_time_on_and_once() {
        let first = mark("2026-11-20T12:00:00Z", None);
        assert_eq!(due(&first, "2026-11-23T06:59:59Z"), None);
        assert_eq!(due(&first, "2026-11-23T07:00:00Z"), told("2026-11-23 07:00", 0));
        let done = mark("2026-11-23T07:00:10Z", Some("2026-11-23T07:00:00Z"));
        assert_eq!(due(&done, "2026-11-30T06:59:59Z"), None);
        assert_eq!(due(&done, "2026-11-30T07:00:00Z"), told("2026-11-30 07:00", 0));
    }

    #[test]
    fn a_month_without_a_daemon_is_made_up_by_one_that_counts_the_others() {
        let done = mark("2026-03-02T07:00:10Z", Some("2026-03-02T07:00:00Z"));
        assert_eq!(due(&done, "2026-03-31T10:00:00Z"), told("2026-03-30 06:00", 3), "over a change of the clock");
        let hourly = ReportSettings { cron: Calendar::read("0 * * * *").ok(), ..weekly() };
        let found = done.due(&hourly, at("2036-03-02T07:00:00Z")).expect("due");
        assert!(found.missed <= MISSED, "ten years of hours are not walked through: {}", found.missed);
    }

    #[test]
    fn a_clock_set_back_repeats_nothing_and_one_that_was_a_year_ahead_silences_nothing() {
        let back = mark("2026-11-23T06:00:10Z", Some("2026-11-23T07:00:00Z"));
        assert_eq!(due(&back, "2026-11-23T06:00:20Z"), None);
        assert_eq!(due(&back, "2026-11-23T07:00:00Z"), None, "it was told before the clock was set");
        assert_eq!(due(&back, "2026-11-30T07:00:00Z"), told("2026-11-30 07:00", 0));
        let wrong = mark("2026-11-20T12:00:00Z", Some("2027-11-22T07:00:00Z"));
        assert_eq!(due(&wrong, "2026-11-23T07:00:00Z"), told("2026-11-23 07:00", 0));
    }

    #[test]
    fn never_is_never() {
        let never = ReportSettings { cron: None, ..weekly() };
        assert_eq!(mark("2020-01-01T00:00:00Z", None).due(&never, at("2026-11-23T07:00:00Z")), None);
        assert_eq!(calendar(&never), "");
        assert_ne!(calendar(&weekly()), calendar(&ReportSettings { zone: chrono_tz::Tz::UTC, ..weekly() }));
    }
}
