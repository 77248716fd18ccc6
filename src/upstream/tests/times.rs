//! What servers say of time: whatever they write, nothing panics, nobody is left alone for longer than is believed, and one clock is
//! judged wrong only by several that agree.

use std::num::NonZeroU32;
use std::time::Duration;

use chrono::TimeDelta;
use proptest::prelude::*;
use proptest::sample::select;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use crate::clock::Clock;
use crate::model::Time;
use crate::upstream::backoff;
use crate::upstream::bearing::{ALLOWED, Bearing, Offset, offset, server_time};
use crate::upstream::limit::{Limit, Pace};
use crate::upstream::retry::{LONGEST_HOLD, hold, served_at};

fn noon() -> Time {
    "2026-11-27T12:00:00Z".parse().expect("a time")
}

const NAMES: [&str; 4] = ["date", "age", "retry-after", "ratelimit"];

/// Dates of any year, numbers of any size, and what is neither.
fn value() -> impl Strategy<Value = String> {
    let month = select(vec!["Jan", "Feb", "Nov", "Dec"]);
    let year = prop_oneof![0..300_000_u32, Just(9999), Just(10_000), Just(262_142), Just(262_143)];
    let date = (1..=31_u8, month, year, 0..=23_u8, select(vec!["GMT", "-1200", "+1400"]))
        .prop_map(|(day, month, year, hour, zone)| format!("{day} {month} {year} {hour:02}:59:59 {zone}"));
    prop_oneof![
        4 => date,
        2 => any::<u64>().prop_map(|number| number.to_string()),
        1 => any::<u64>().prop_map(|number| format!("\"x\";r=0;t={number}")),
        1 => "[ -~]{0,20}",
    ]
}

fn headers(said: &[(usize, String)]) -> HeaderMap {
    let pair = |(name, value): &(usize, String)| {
        (HeaderName::from_static(NAMES[*name]), HeaderValue::from_str(value).expect("printable"))
    };
    said.iter().map(pair).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn no_header_is_too_much(said in prop::collection::vec((0..NAMES.len(), value()), 0..5), took in any::<u64>()) {
        let (headers, took) = (headers(&said), Duration::from_secs(took));
        let held = hold(&headers, noon());
        prop_assert!(held.is_none_or(|held| held <= LONGEST_HOLD), "{held:?}");
        let told = server_time(&headers, took);
        prop_assert_eq!(told.is_some(), served_at(&headers).is_some());
        prop_assert!(told.is_none_or(|told| told.earliest < told.latest));
        match offset(&headers, noon(), took) {
            Some(Offset::Ahead(by) | Offset::Behind(by)) => prop_assert!(by > ALLOWED),
            Some(Offset::Right) | None => {}
        }
        // Who asks for nothing beside is left alone for no shorter.
        let quieter = HeaderMap::from_iter(headers.iter().skip(1).map(|(name, value)| (name.clone(), value.clone())));
        if !said.iter().any(|(name, _)| *name < 3) {
            prop_assert!(hold(&quieter, noon()) <= held);
        }
    }

    #[test]
    fn a_pause_grows_with_each_failure_and_is_never_less_than_half(attempt in 0..40_u32, jitter in -1.0..2.0_f64) {
        let (pause, next) = (backoff(attempt, jitter), backoff(attempt + 1, jitter));
        prop_assert!(pause <= next && pause >= Duration::from_millis(500) && next <= Duration::from_secs(300));
        prop_assert!(backoff(attempt, 0.0) * 2 == backoff(attempt, 1.0));
    }

    /// Held to the longest wish alone, whatever the wall clock does meanwhile.
    #[test]
    fn a_hold_ends_when_the_longest_wish_does(acts in prop::collection::vec((0..3_u8, 0..9_000_i64), 1..20)) {
        let clock = Clock::manual(noon());
        let pace = Pace { every: Duration::from_millis(1), burst: NonZeroU32::new(1000).expect("many") };
        let limit = Limit::new(pace, clock.clone());
        let (mut passed, mut until) = (0, 0);
        for (act, seconds) in acts {
            match act {
                0 => {
                    limit.hold(Duration::from_secs(seconds.unsigned_abs()));
                    until = until.max(passed + seconds.min(3600));
                }
                1 => {
                    clock.advance(TimeDelta::seconds(seconds / 4));
                    passed += seconds / 4;
                }
                _ => clock.step(TimeDelta::seconds(seconds * 1000 - 4_000_000)),
            }
            let left = Duration::from_secs((until - passed).max(0).unsigned_abs());
            let admitted = futures_util::FutureExt::now_or_never(limit.admit());
            let wanted = if left.is_zero() { Ok(()) } else { Err(left) };
            prop_assert!(admitted.is_none_or(|admitted| admitted == wanted), "{admitted:?} {wanted:?}");
        }
    }

    #[test]
    fn a_clock_is_wrong_by_three_who_agree_in_a_row_and_right_by_one(told in prop::collection::vec(0..3_u8, 0..24)) {
        let bearing = Bearing::default();
        let side = |of: u8, by: usize| match of {
            0 => Offset::Right,
            1 => Offset::Ahead(TimeDelta::hours(by as i64 + 1)),
            _ => Offset::Behind(TimeDelta::hours(by as i64 + 1)),
        };
        let mut held = None;
        for (at, of) in told.iter().enumerate() {
            bearing.note(side(*of, at));
            let agree = at >= 2 && told[at - 2..=at].iter().all(|other| other == of);
            held = if *of == 0 || agree { Some(side(*of, at)) } else { held };
            prop_assert_eq!((bearing.offset(), bearing.newest()), (held, Some(side(*of, at))));
        }
        bearing.forget();
        prop_assert_eq!((bearing.offset(), bearing.newest()), (None, None), "it is another clock");
    }
}

/// A year of HTTP has four digits, and to the last of all days nothing can be added.
#[test]
fn a_date_beyond_all_that_can_be_counted_is_none() {
    for (date, is_one) in [
        ("Fri, 27 Nov 2026 12:00:00 GMT", true),
        ("31 Dec 9999 23:59:59 GMT", true),
        ("1 Jan 10000 00:00:00 GMT", false),
        ("31 Dec 262142 23:59:59 GMT", false),
    ] {
        let headers = headers(&[(0, date.to_owned()), (1, u32::MAX.to_string())]);
        assert_eq!(served_at(&headers).is_some(), is_one, "{date}");
        assert_eq!(offset(&headers, noon(), Duration::MAX).is_some(), is_one, "{date}");
        assert_eq!(server_time(&headers, Duration::MAX).is_some(), is_one, "{date}");
    }
    let far = headers(&[(2, "31 Dec 262142 23:59:59 GMT".to_owned())]);
    assert_eq!(hold(&far, noon()), None);
}
