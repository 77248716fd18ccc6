//! Registrations and what they would have alerted, week by week. Pure.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, Weekday};

use super::count::Count;
use crate::model::Tier;

/// What one week brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Week {
    pub registrations: usize,
    pub page: usize,
    pub alert: usize,
    pub digest: usize,
}

impl Week {
    pub fn count(&self) -> Count {
        let alerts = self.page + self.alert;
        Count { all: alerts + self.digest, alerts }
    }
}

/// ISO weeks in UTC, each under its Monday.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Weeks(BTreeMap<NaiveDate, Week>);

impl Weeks {
    /// A project was registered at this Unix second.
    pub fn register(&mut self, second: i64) {
        self.of(second, |week| week.registrations += 1);
    }

    /// Its strongest match was of this tier.
    pub fn tell(&mut self, second: i64, tier: Tier) {
        self.of(second, |week| match tier {
            Tier::Page => week.page += 1,
            Tier::Alert => week.alert += 1,
            Tier::Digest => week.digest += 1,
        });
    }

    /// A second beyond the calendar has no week.
    fn of(&mut self, second: i64, change: impl FnOnce(&mut Week)) {
        if let Some(monday) = monday(second) {
            change(self.0.entry(monday).or_default());
        }
    }

    /// From the first week to the last, also those in which nothing was registered.
    pub fn rows(&self) -> Vec<(NaiveDate, Week)> {
        let last = self.0.keys().next_back();
        let mondays = std::iter::successors(self.0.keys().next().copied(), |monday| {
            monday.checked_add_days(Days::new(7)).filter(|next| last.is_some_and(|last| next <= last))
        });
        mondays.map(|monday| (monday, self.0.get(&monday).copied().unwrap_or_default())).collect()
    }
}

fn monday(second: i64) -> Option<NaiveDate> {
    DateTime::from_timestamp(second, 0)?.date_naive().week(Weekday::Mon).checked_first_day()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(time: &str) -> i64 {
        time.parse::<crate::model::Time>().expect("a time").timestamp()
    }

    #[test]
    fn weeks_begin_on_monday_and_none_between_is_left_out() {
        let mut weeks = Weeks::default();
        for time in ["2026-12-31T23:59:59Z", "2027-01-03T23:59:59Z", "2026-12-13T23:59:59Z", "2026-12-07T00:00:00Z"] {
            weeks.register(second(time));
        }
        weeks.tell(second("2027-01-01T00:00:00Z"), Tier::Page);
        weeks.tell(second("2026-12-10T00:00:00Z"), Tier::Digest);
        weeks.register(i64::MAX);
        let rows: Vec<_> = weeks
            .rows()
            .into_iter()
            .map(|(monday, week)| (monday.to_string(), [week.registrations, week.page, week.alert, week.digest]))
            .collect();
        let expected = [
            ("2026-12-07", [2, 0, 0, 1]),
            ("2026-12-14", [0, 0, 0, 0]),
            ("2026-12-21", [0, 0, 0, 0]),
            ("2026-12-28", [2, 1, 0, 0]),
        ];
        assert_eq!(rows, expected.map(|(monday, counts)| (monday.to_owned(), counts)));
        assert_eq!(Weeks::default().rows(), []);
    }
}
