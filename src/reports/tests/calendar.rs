//! When reports are due, over changes of the clocks in zones that change them in every way, and over times without a daemon: held
//! to a walk through the days that knows nothing of cron.

use std::collections::BTreeSet;

use chrono::{Datelike as _, Days, NaiveDate, NaiveTime, TimeZone as _, Timelike as _};
use chrono_tz::Tz;
use proptest::prelude::*;

use super::super::due::{Mark, calendar};
use super::*;
use crate::config::{Calendar, ReportSettings};

/// Changes by an hour, by half of one and by two; at midnight, at one, at two and at odd times; of the south; none.
const ZONES: [Tz; 12] = [
    Tz::UTC,
    Tz::Europe__Berlin,
    Tz::Europe__Lisbon,
    Tz::America__New_York,
    Tz::America__Sao_Paulo,
    Tz::America__Santiago,
    Tz::Australia__Lord_Howe,
    Tz::Pacific__Chatham,
    Tz::Asia__Beirut,
    Tz::Asia__Tehran,
    Tz::Africa__Cairo,
    Tz::Antarctica__Troll,
];

/// What a calendar of one time of day says, on all days or on some of the week.
#[derive(Clone, Debug)]
struct Rule {
    zone: Tz,
    hour: u32,
    minute: u32,
    /// Days from Sunday; none: all.
    days: BTreeSet<u32>,
}

impl Rule {
    fn settings(&self) -> ReportSettings {
        let days: Vec<String> = self.days.iter().map(u32::to_string).collect();
        let days = if days.is_empty() { "*".to_owned() } else { days.join(",") };
        let text = format!("{} {} * * {days}", self.minute, self.hour);
        ReportSettings { cron: Some(Calendar::read(&text).expect("a calendar")), zone: self.zone }
    }

    /// What is left out comes right after, and what is repeated comes the first time.
    fn on(&self, day: NaiveDate) -> Option<Time> {
        let is_one = self.days.is_empty() || self.days.contains(&day.weekday().num_days_from_sunday());
        let time = NaiveTime::from_hms_opt(self.hour, self.minute, 0).expect("a time of day");
        let mut wall = is_one.then_some(day.and_time(time))?;
        for _ in 0..=24 * 60 {
            if let Some(time) = self.zone.from_local_datetime(&wall).earliest() {
                return Some(time.to_utc());
            }
            wall += TimeDelta::minutes(1);
        }
        panic!("{wall} never comes in {}", self.zone)
    }

    /// All after the first time and until the second.
    fn between(&self, from: Time, until: Time) -> Vec<Time> {
        let first = from.with_timezone(&self.zone).date_naive() - Days::new(2);
        let days = (until - from).num_days().unsigned_abs() + 5;
        let all = (0..days).filter_map(|n| self.on(first + Days::new(n)));
        all.filter(|time| *time > from && *time <= until).collect()
    }
}

fn rules() -> impl Strategy<Value = Rule> {
    let days = prop_oneof![2 => Just(BTreeSet::new()), 1 => prop::collection::btree_set(0..7_u32, 1..4)];
    // Most of what is odd happens early in the morning.
    let hours = prop_oneof![3 => 0..4_u32, 1 => 0..24_u32];
    (prop::sample::select(ZONES.to_vec()), hours, 0..60_u32, days).prop_map(|(zone, hour, minute, days)| Rule {
        zone,
        hour,
        minute,
        days,
    })
}

fn moments() -> impl Strategy<Value = Time> {
    (2000..2036_i32, 0..365_i64, 0..86_400_i64).prop_map(|(year, day, second)| {
        let new_year = chrono::Utc.with_ymd_and_hms(year, 1, 1, 0, 0, 0).single().expect("a time");
        new_year + TimeDelta::days(day) + TimeDelta::seconds(second)
    })
}

fn mark(settings: &ReportSettings, after: Time) -> Mark {
    let calendar = calendar(settings);
    Mark { calendar, after, slot: None, reported: false, until: after, serial: None, watches: BTreeMap::new() }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_calendar_says_what_a_walk_through_the_days_says(rule in rules(), from in moments()) {
        let settings = rule.settings();
        let mut found = Vec::new();
        let mut at = from;
        let until = from + TimeDelta::days(200);
        while let Some(next) = settings.cron.as_ref().and_then(|cron| cron.next(at, rule.zone)) {
            prop_assert!(next > at, "{next} after {at}: it stands still");
            if next > until {
                break;
            }
            found.push(next);
            at = next;
        }
        prop_assert_eq!(found, rule.between(from, until), "{:?} from {}", rule, from);
    }

    /// Whatever a round finds is one report, and all before it that nobody made are counted in it.
    #[test]
    fn each_time_is_reported_or_counted_as_missed_however_long_nobody_ran(
        rule in rules(), from in moments(), rests in prop::collection::vec(prop_oneof![1..120_i64, 60..3_000_i64, 3_000..60_000_i64], 1..40),
    ) {
        let settings = rule.settings();
        let mut mark = mark(&settings, from);
        let (mut now, mut accounted) = (from, 0);
        for rest in rests {
            now += TimeDelta::minutes(rest);
            let since = rule.between(mark.after, now);
            let due = mark.due(&settings, now);
            prop_assert_eq!(due.map(|due| due.slot), since.last().copied(), "at {}", now);
            let Some(due) = due else { continue };
            prop_assert_eq!(due.missed as usize + 1, since.len());
            accounted += since.len();
            (mark.after, mark.slot) = (now, Some(due.slot));
            prop_assert_eq!(mark.due(&settings, now), None, "once");
        }
        prop_assert_eq!(accounted, rule.between(from, now).len());
    }

    /// By less than a day: what was told is not told again until its time has passed by the new clock too, and the next one comes.
    #[test]
    fn a_clock_that_is_set_back_repeats_no_report_and_drops_none(rule in rules(), from in moments(), back in 1..1_440_i64) {
        let settings = rule.settings();
        let times = rule.between(from, from + TimeDelta::days(30));
        let [first, next, ..] = times[..] else { return Ok(()) };
        let by = TimeDelta::minutes(back);
        let told = first + TimeDelta::seconds(30);
        let done = Mark { slot: Some(first), after: told - by, ..mark(&settings, told - by) };
        let mut now = told - by;
        while now < next {
            prop_assert_eq!(done.due(&settings, now), None, "at {}", now);
            now += TimeDelta::minutes(37);
        }
        prop_assert_eq!(done.due(&settings, next).map(|due| (due.slot, due.missed)), Some((next, 0)));
    }
}

#[test]
fn an_hourly_report_comes_in_each_hour_that_there_is() {
    for zone in [Tz::Europe__Berlin, Tz::Australia__Lord_Howe, Tz::Antarctica__Troll] {
        let hourly = Calendar::read("15 * * * *").expect("a calendar");
        let mut at: Time = "2026-01-01T00:00:00Z".parse().expect("a time");
        let until = at + TimeDelta::days(365);
        while at < until {
            let next = hourly.next(at, zone).expect("it comes");
            let passed = (next - at).num_minutes();
            assert!((1..=120).contains(&passed), "{zone}: {next} comes {passed} min after {at}");
            assert_eq!(next.with_timezone(&zone).minute() % 15, 0, "{zone}: {next}");
            at = next;
        }
    }
}
