//! What is due each day, whatever was done to the clock and to the process meanwhile.

use proptest::prelude::*;

use super::*;

/// A receiver that hangs has given no error, and that is not the same as an error without words.
#[test]
fn what_waits_says_why_or_that_no_attempt_has_ended() {
    let now = Time::UNIX_EPOCH + TimeDelta::minutes(10);
    let mut outbox = Outbox {
        channel: crate::model::Channel::Webhook("soc".to_owned()),
        due: 2,
        oldest: Some(Time::UNIX_EPOCH),
        untried: None,
        last_error: None,
        last_refusal: None,
        delivered: 0,
        given_up: 0,
    };
    let said = |outbox: &Outbox| late(outbox, TimeDelta::minutes(5), now).expect("it is late");
    let waits = "2 notices wait on webhook:soc, the oldest for 10 min";
    assert_eq!(said(&outbox), format!("{waits}; no attempt has ended yet, well or not"));
    outbox.last_error = Some("HTTP 500".to_owned());
    assert_eq!(said(&outbox), format!("{waits}; last error: HTTP 500"));
    assert_eq!(late(&outbox, TimeDelta::minutes(11), now), None);
}

#[test]
fn the_daily_work_is_done_once_a_day_from_its_hour_on() {
    let at = |text: &str| text.parse::<Time>().expect("a time");
    let done = |text: &str| Some(Daily { day: at(text).date_naive(), at: at(text), rang: None });
    let day = done("2026-11-20T09:00:00Z");
    assert!(is_daily_due(None, 8, at("2026-11-20T03:00:00Z")));
    assert!(!is_daily_due(day, 8, at("2026-11-20T23:00:00Z")));
    assert!(!is_daily_due(day, 8, at("2026-11-21T07:59:00Z")));
    assert!(is_daily_due(day, 8, at("2026-11-21T08:00:00Z")));
    assert!(is_daily_due(day, 8, at("2026-11-25T08:00:00Z")), "days without the process are not made up for");
    let early = done("2026-11-20T06:57:00Z");
    assert!(!is_daily_due(early, 7, at("2026-11-20T06:59:00Z")));
    assert!(is_daily_due(early, 7, at("2026-11-20T07:00:00Z")), "the first start was before the hour");
    let ahead = done("2027-12-25T09:00:00Z");
    assert!(is_daily_due(ahead, 8, at("2026-11-20T12:00:00Z")), "a day still to come was not done");
    let late = done("2026-11-20T09:00:00Z");
    assert!(is_daily_due(late, 23, at("2026-11-21T10:00:00Z")), "25 h are a day, whatever the hour");
    let unheard = late.map(|late| Daily { rang: Some(at("2026-11-20T08:30:00Z")), ..late });
    assert!(is_daily_due(unheard, 23, at("2026-11-21T09:30:00Z")), "of the canary that rang last");
}

/// Minutes between two rounds: the daemon looks twice a minute.
const ROUND: i64 = 20;

/// A daemon, its clock, and what it did: minutes that really passed at each daily work and at each ring.
struct Bell {
    hour: u8,
    canary: bool,
    /// By which the clock is ahead of what passed.
    ahead: TimeDelta,
    last: Option<Daily>,
    daily: Vec<i64>,
    rang: Vec<i64>,
}

/// A time of day at which the story begins, in minutes since midnight.
fn begin(minute: i64) -> Time {
    "2026-11-20T00:00:00Z".parse::<Time>().expect("a time") + TimeDelta::minutes(minute)
}

impl Bell {
    fn new(hour: u8, canary: bool) -> Self {
        Self { hour, canary, ahead: TimeDelta::zero(), last: None, daily: Vec::new(), rang: Vec::new() }
    }

    fn round(&mut self, start: Time, passed: i64) {
        let now = start + TimeDelta::minutes(passed) + self.ahead;
        if !is_daily_due(self.last, self.hour, now) {
            return;
        }
        self.daily.push(passed);
        let next = Daily::next(self.last, self.canary, now);
        if next.rang == Some(now) {
            self.rang.push(passed);
        }
        self.last = Some(next);
    }

    /// As `store/clock` does: what waits moves along, and a day of the calendar does not.
    fn set(&mut self, by: TimeDelta) {
        self.ahead += by;
        if let Some(last) = &mut self.last {
            (last.at, last.rang) = (last.at + by, last.rang.map(|rang| rang + by));
        }
    }
}

fn gaps(times: &[i64]) -> impl Iterator<Item = i64> {
    times.windows(2).map(|pair| pair[1] - pair[0])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// A bell that rings too often is turned off, and one that is silent for more than a day and an hour is taken for dead.
    #[test]
    fn the_bell_is_never_silent_for_long_nor_rings_twice_within_an_hour_whoever_sets_the_clock(
        (hour, minute) in (0..24_u8, 0..1440_i64),
        steps in prop::collection::btree_map(0..6 * 1440_i64, prop_oneof![-300..300_i64, -3000..3000_i64, -600_000..600_000_i64], 0..6),
    ) {
        let (start, mut bell) = (begin(minute), Bell::new(hour, true));
        let mut steps = steps.into_iter().peekable();
        for passed in (0..6 * 1440).step_by(ROUND as usize) {
            while let Some((_, by)) = steps.next_if(|(at, _)| *at <= passed) {
                bell.set(TimeDelta::minutes(by));
            }
            bell.round(start, passed);
        }
        prop_assert_eq!(bell.rang.first(), Some(&0), "a new installation hears its bell");
        prop_assert!(gaps(&bell.rang).all(|gap| (60..=25 * 60 + ROUND).contains(&gap)), "{:?}", bell.rang);
        prop_assert!(bell.rang.last().is_some_and(|last| 6 * 1440 - last <= 25 * 60 + ROUND), "{:?}", bell.rang);
    }

    /// By a clock that nobody sets, with hours and days in which nobody ran.
    #[test]
    fn each_day_has_its_work_once_and_at_its_hour_or_as_soon_as_somebody_runs(
        (hour, minute, canary) in (0..24_u8, 0..1440_i64, any::<bool>()),
        down in prop::collection::vec((0..6 * 1440_i64, 1..3000_i64), 0..3),
    ) {
        let (start, mut bell) = (begin(minute), Bell::new(hour, canary));
        let runs = |passed: i64| !down.iter().any(|(from, long)| (*from..from + long).contains(&passed));
        let rounds: Vec<i64> = (0..6 * 1440).step_by(ROUND as usize).filter(|passed| runs(*passed)).collect();
        rounds.iter().for_each(|passed| bell.round(start, *passed));
        let at = |passed: i64| start + TimeDelta::minutes(passed);
        let due = |passed: &i64| at(*passed).hour() >= u32::from(hour);
        let days: std::collections::BTreeSet<NaiveDate> = rounds.iter().map(|passed| at(*passed).date_naive()).collect();
        for day in days {
            let of = |passed: &&i64| at(**passed).date_naive() == day;
            let first = rounds.iter().filter(of).find(|passed| due(passed));
            let done: Vec<&i64> = bell.daily.iter().filter(of).collect();
            match first {
                Some(first) => prop_assert!(done.contains(&first), "{day}: {done:?}, not {first}"),
                None => prop_assert!(done.len() <= 1, "{day}: {done:?}"),
            }
            // Before its hour comes what is overdue, and the very first.
            prop_assert!(done.iter().filter(|passed| due(passed)).count() <= 1, "{day}: {done:?}");
        }
        prop_assert_eq!(bell.rang.is_empty(), !canary || rounds.is_empty());
    }
}
