//! `Calendar`: when something comes round, as five fields of crontab(5) in a time zone.

use std::fmt;

use chrono_tz::{TZ_VARIANTS, Tz};
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};

use super::fault::Fault;
use super::source::nearest;
use crate::model::Time;

/// The five fields. What is due in an hour that a change of the clock leaves out comes right after it; what is due in one
/// that it repeats comes once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// As it was written.
    text: String,
    cron: Cron,
}

impl Calendar {
    /// # Errors
    /// With what to write instead: it cannot be read, never comes, or comes more than once an hour.
    pub fn read(text: &str) -> Result<Self, Fault> {
        let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
        let wrong = |what: String| Fault::new(what, WRITE);
        let cron = parser.parse(text).map_err(|error| wrong(format!("{text:?} is no cron expression: {error}")))?;
        let calendar = Self { text: text.trim().to_owned(), cron };
        let Some(first) = calendar.next(Time::UNIX_EPOCH, Tz::UTC) else {
            return Err(wrong(format!("{text:?} is a time that never comes")));
        };
        // The first may be the last of its hour, since what is due at midnight sharp begins the day before.
        let times = std::iter::successors(Some(first), |at| calendar.next(*at, Tz::UTC)).take(3).collect::<Vec<_>>();
        if times.windows(2).any(|pair| (pair[1] - pair[0]).num_minutes() < 60) {
            return Err(wrong(format!("{text:?} comes more than once an hour")));
        }
        Ok(calendar)
    }

    /// When it comes next after this, by the clocks of a zone; `None` where it never does.
    pub fn next(&self, after: Time, zone: Tz) -> Option<Time> {
        let next = self.cron.find_next_occurrence(&after.with_timezone(&zone), false).ok()?;
        Some(next.with_timezone(&chrono::Utc))
    }
}

const WRITE: &str =
    "write minute, hour, day of the month, month, day of the week (0 is Sunday): \"0 8 * * 1\" is Mondays at 8:00";

impl fmt::Display for Calendar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A zone of the IANA database.
///
/// # Errors
/// With one that may have been meant.
pub(super) fn zone(text: &str) -> Result<Tz, Fault> {
    text.parse().map_err(|_| {
        let names: Vec<String> = TZ_VARIANTS.iter().map(|zone| zone.name().to_lowercase()).collect();
        let near = nearest(text, names.iter().map(String::as_str));
        let near = near.and_then(|near| TZ_VARIANTS.iter().find(|zone| zone.name().eq_ignore_ascii_case(near)));
        let write = near.map_or_else(
            || "write its name in the IANA database, \"Europe/Berlin\", or \"UTC\"".to_owned(),
            |near| format!("did you mean {:?}?", near.name()),
        );
        Fault::new(format!("{text:?} is no time zone"), write)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The next times after one, by the clock of Berlin and with its distance from UTC.
    fn times(text: &str, after: &str, count: usize) -> Vec<String> {
        let calendar = Calendar::read(text).expect("a calendar");
        let mut at: Time = after.parse().expect("a time");
        let next = std::iter::repeat_with(|| {
            at = calendar.next(at, Tz::Europe__Berlin).expect("it comes");
            at.with_timezone(&Tz::Europe__Berlin).format("%a %F %R %:z").to_string()
        });
        next.take(count).collect()
    }

    #[test]
    fn an_hour_on_the_wall_stays_that_hour_over_both_changes_of_the_clock() {
        let spring = times("0 8 * * 1", "2026-03-23T12:00:00Z", 2);
        assert_eq!(spring, ["Mon 2026-03-30 08:00 +02:00", "Mon 2026-04-06 08:00 +02:00"]);
        let autumn = times("0 8 * * 1", "2026-10-19T05:00:00Z", 2);
        assert_eq!(autumn, ["Mon 2026-10-19 08:00 +02:00", "Mon 2026-10-26 08:00 +01:00"]);
    }

    #[test]
    fn an_hour_that_is_left_out_is_made_up_and_one_that_is_repeated_comes_once() {
        let left_out = times("30 2 * * *", "2026-03-28T00:00:00Z", 3);
        assert_eq!(
            left_out,
            ["Sat 2026-03-28 02:30 +01:00", "Sun 2026-03-29 03:00 +02:00", "Mon 2026-03-30 02:30 +02:00"]
        );
        let repeated = times("30 2 * * *", "2026-10-24T00:00:00Z", 3);
        assert_eq!(
            repeated,
            ["Sat 2026-10-24 02:30 +02:00", "Sun 2026-10-25 02:30 +02:00", "Mon 2026-10-26 02:30 +01:00"]
        );
    }

    #[test]
    fn fields_mean_what_crontab_means() {
        let all = |text: &str| times(text, "2026-11-20T12:00:00Z", 1).remove(0);
        assert_eq!(all("0 8 * * 1"), "Mon 2026-11-23 08:00 +01:00", "1 is Monday");
        assert_eq!(all("0 8 * * 0"), all("0 8 * * 7"));
        assert_eq!(all("0 8 13 * 5"), "Fri 2026-11-27 08:00 +01:00", "a day of the month or of the week");
        assert_eq!(all("0 8 1 */3 *"), "Fri 2027-01-01 08:00 +01:00");
        assert_eq!(all("@weekly"), "Sun 2026-11-22 00:00 +01:00");
    }

    #[test]
    fn what_never_comes_or_comes_all_the_time_is_refused() {
        for bad in
            ["", "8", "* * * * *", "*/10 * * * *", "0,30 8 * * *", "0 8 31 2 *", "0 25 * * *", "0 0 8 * * 1", "weekly"]
        {
            assert!(Calendar::read(bad).is_err(), "{bad}");
        }
        assert!(Calendar::read("0 * * * *").is_ok(), "hourly is often enough");
        assert_eq!(zone("Europe/Berlin"), Ok(Tz::Europe__Berlin));
        assert_eq!(zone("Europe/Berln").expect_err("none").instead, "did you mean \"Europe/Berlin\"?");
        assert!(zone("CEST").is_err() && zone("+01:00").is_err());
    }
}
