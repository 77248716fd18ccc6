//! Our clock beside the server's, by what every answer says of the time. Pure, but for what a [`Bearing`] remembers.
//!
//! A machine whose clock was wrong from its start never sees it step: only somebody else's clock can tell.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;
use reqwest::header::{AGE, HeaderMap};

use super::retry::served_at;
use crate::model::Time;

/// Less matters to nobody: Kerberos, too, allows two clocks five minutes.
pub const ALLOWED: TimeDelta = TimeDelta::minutes(5);
/// So many answers in a row, on one side of the time, before a clock counts as wrong: one odd server of many is no proof.
const PROOF: u32 = 3;

/// How far our clock is off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offset {
    /// By no more than an answer can tell, or than matters.
    Right,
    /// Ahead by at least so much.
    Ahead(TimeDelta),
    /// Behind by at least so much.
    Behind(TimeDelta),
}

/// What one answer tells of our clock, which said `ours` when it came, after it had `took`. It was made at its `Date`, and
/// a cache may have kept it for its `Age` since (RFC 9110 section 6.6.1, RFC 9111 section 5.1). `None` without a `Date`.
pub fn offset(headers: &HeaderMap, ours: Time, took: Duration) -> Option<Offset> {
    let made = served_at(headers)?;
    let latest = made + kept(headers) + way(took);
    Some(match (made - ours, ours - latest) {
        (behind, _) if behind > ALLOWED => Offset::Behind(behind),
        (_, ahead) if ahead > ALLOWED => Offset::Ahead(ahead),
        _ => Offset::Right,
    })
}

/// Between which two moments an answer came, by the clock of whoever made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerTime {
    /// It was made then.
    pub earliest: Time,
    /// As late as whole seconds, caches that say for how long they kept it, and its way leave open.
    pub latest: Time,
}

/// What one answer tells of the time when it came, after it had `took`. `None` without a `Date`.
pub fn server_time(headers: &HeaderMap, took: Duration) -> Option<ServerTime> {
    let earliest = served_at(headers)?;
    Some(ServerTime { earliest, latest: earliest + kept(headers) + way(took) + TimeDelta::seconds(1) })
}

/// A day is more than any answer takes, and less than a time can hold.
fn way(took: Duration) -> TimeDelta {
    TimeDelta::from_std(took).unwrap_or(TimeDelta::MAX).min(TimeDelta::days(1))
}

/// A century is more than any cache keeps, and less than a time can hold.
fn kept(headers: &HeaderMap) -> TimeDelta {
    let age = headers.get(AGE).and_then(|value| value.to_str().ok()?.trim().parse::<u32>().ok()).unwrap_or_default();
    TimeDelta::seconds(age.into()).min(TimeDelta::days(36_500))
}

/// What the answers of late say together.
#[derive(Debug, Default)]
pub struct Bearing(Mutex<Seen>);

#[derive(Debug, Default)]
struct Seen {
    /// Answers in a row that say the same of our clock: the newest, and how many.
    run: Option<(Offset, u32)>,
    /// What was taken for true last.
    held: Option<Offset>,
}

impl Bearing {
    /// Takes what an answer told.
    pub fn note(&self, offset: Offset) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let same = |of: Offset| std::mem::discriminant(&of) == std::mem::discriminant(&offset);
        let before = seen.run.filter(|(of, _)| same(*of)).map_or(0, |(_, count)| count);
        seen.run = Some((offset, before.saturating_add(1)));
        if offset == Offset::Right || before + 1 >= PROOF {
            seen.held = Some(offset);
        }
    }

    /// Our clock was set: what was told of it is of another.
    pub fn forget(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Seen::default();
    }

    /// What the newest answer told: enough for a person who asks.
    pub fn newest(&self) -> Option<Offset> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).run.map(|(offset, _)| offset)
    }

    /// How far our clock is off, once it is known.
    pub fn offset(&self) -> Option<Offset> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).held
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DATE: &str = "Fri, 27 Nov 2026 12:00:00 GMT";

    fn noon() -> Time {
        "2026-11-27T12:00:00Z".parse().expect("a time")
    }

    fn answer(date: &str, age: Option<&str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("date", date.parse().expect("a header"));
        if let Some(age) = age {
            headers.insert("age", age.parse().expect("a header"));
        }
        headers
    }

    #[test]
    fn an_answer_leaves_room_for_its_way_for_caches_and_for_five_minutes() {
        let told = |minutes, age| offset(&answer(DATE, age), noon() + TimeDelta::minutes(minutes), Duration::ZERO);
        for minutes in [-5, 0, 5] {
            assert_eq!(told(minutes, None), Some(Offset::Right), "{minutes}");
        }
        assert_eq!(told(-6, None), Some(Offset::Behind(TimeDelta::minutes(6))));
        assert_eq!(told(6, None), Some(Offset::Ahead(TimeDelta::minutes(6))));
        assert_eq!(told(65, Some("3600")), Some(Offset::Right), "a cache had it for an hour");
        assert_eq!(told(66, Some("3600")), Some(Offset::Ahead(TimeDelta::minutes(6))));
        assert_eq!(told(-6, Some("3600")), Some(Offset::Behind(TimeDelta::minutes(6))), "no cache makes it younger");
        assert_eq!(told(6, Some("soon")), Some(Offset::Ahead(TimeDelta::minutes(6))));
        let slow = offset(&answer(DATE, None), noon() + TimeDelta::minutes(9), Duration::from_secs(300));
        assert_eq!(slow, Some(Offset::Right), "it took five minutes to come");
    }

    #[test]
    fn when_an_answer_came_is_between_its_date_and_all_that_may_have_kept_it() {
        let told = |age| server_time(&answer(DATE, age), Duration::from_secs(3));
        let until = |seconds| Some(ServerTime { earliest: noon(), latest: noon() + TimeDelta::seconds(seconds) });
        assert_eq!((told(None), told(Some("60"))), (until(4), until(64)));
        assert_eq!(server_time(&HeaderMap::new(), Duration::ZERO), None);
        assert!(server_time(&answer(DATE, Some("4294967295")), Duration::MAX).is_some());
    }

    #[test]
    fn an_answer_without_a_readable_date_tells_nothing() {
        assert_eq!(offset(&HeaderMap::new(), noon(), Duration::ZERO), None);
        assert_eq!(offset(&answer("noon", None), noon(), Duration::ZERO), None);
    }

    #[test]
    fn no_age_and_no_delay_is_too_long_to_be_counted() {
        for age in ["4294967295", "99999999999999999999"] {
            assert!(offset(&answer(DATE, Some(age)), noon(), Duration::MAX).is_some(), "{age}");
        }
    }

    #[test]
    fn three_in_a_row_prove_it_and_one_right_answer_ends_it() {
        let bearing = Bearing::default();
        let behind = Offset::Behind(TimeDelta::days(400));
        let held = |noted: &[Offset]| {
            noted.iter().for_each(|offset| bearing.note(*offset));
            bearing.offset()
        };
        assert_eq!(bearing.offset(), None, "nobody has said anything yet");
        assert_eq!(held(&[behind, behind]), None);
        assert_eq!(held(&[behind]), Some(behind));
        assert_eq!(held(&[Offset::Right, behind, behind]), Some(Offset::Right));
        let ahead = Offset::Ahead(TimeDelta::hours(1));
        assert_eq!(held(&[ahead, behind, ahead, behind]), Some(Offset::Right), "they contradict each other");
    }

    proptest! {
        /// Whatever caches and delays did with an answer, a clock that is right is never told to be wrong, and one that is
        /// wrong by more than is allowed beyond what caches can explain always is, on the side where it is.
        #[test]
        fn a_clock_is_judged_by_what_is_certain(
            made_ago in 0_i64..10_000,
            told_age in 0_i64..10_000,
            error in -1_000_000_i64..1_000_000,
        ) {
            let now = noon();
            let date = (now - TimeDelta::seconds(made_ago)).format("%a, %d %b %Y %H:%M:%S GMT").to_string();
            // A cache that is honest says at least how long it had the answer.
            let age = made_ago.max(told_age);
            let ours = now + TimeDelta::seconds(error);
            let told = offset(&answer(&date, Some(&age.to_string())), ours, Duration::ZERO).expect("dated");
            match told {
                Offset::Right => prop_assert!(-made_ago - 300 <= error && error <= age - made_ago + 300),
                Offset::Behind(by) => prop_assert!(error < -300 && by.num_seconds() <= -error),
                Offset::Ahead(by) => prop_assert!(error > 300 && by.num_seconds() <= error),
            }
        }
    }
}
