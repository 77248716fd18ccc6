//! Ages over restarts, clocks that are set, and an index that is honest: nothing is let out before its time, and nothing held for good.

use std::time::Duration;

use reqwest::header::{AGE, DATE, HeaderMap};

use super::*;
use crate::clock::Clock;
use crate::gate::{GateClock, GateTroubles};
use crate::upstream::bearing::ALLOWED;

#[derive(Clone, Copy, Debug)]
enum Act {
    /// So many minutes pass.
    Pass(i64),
    /// Somebody sets this machine's clock.
    Set(i64),
    /// The index answers, from a cache that kept it for so many seconds and says so.
    Answer(i64),
    /// What has come is written down.
    Keep,
    Restart,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => (1_i64..3000).prop_map(Act::Pass),
        2 => prop_oneof![-20_000_i64..20_000, -5_i64..5].prop_map(Act::Set),
        3 => prop_oneof![Just(0_i64), 0_i64..5000].prop_map(Act::Answer),
        2 => Just(Act::Keep),
        1 => Just(Act::Restart),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn what_an_honest_index_said_is_not_passed_by_any_clock_over_restarts(acts in prop::collection::vec(act(), 1..30)) {
        let dir = tempfile::tempdir().expect("a directory");
        let (machine, troubles) = (Clock::manual(noon()), GateTroubles::default());
        let start = || GateClock::from(machine.clone()).after_restart(dir.path());
        let (mut clock, mut now) = (start(), noon());
        // Of this run, and of any before that wrote it down.
        let (mut is_told, mut is_kept) = (false, false);
        for act in acts {
            match act {
                Act::Pass(minutes) => {
                    machine.advance(TimeDelta::minutes(minutes));
                    now += TimeDelta::minutes(minutes);
                }
                Act::Set(minutes) => machine.step(TimeDelta::minutes(minutes)),
                Act::Answer(kept) => {
                    let made = (now - TimeDelta::seconds(kept)).format("%a, %d %b %Y %H:%M:%S GMT").to_string();
                    let headers = [(DATE, made.parse().expect("a value")), (AGE, kept.into())];
                    clock.hear(&HeaderMap::from_iter(headers), clock.mono());
                    is_told = true;
                }
                Act::Keep => {
                    clock.keep(dir.path(), &troubles);
                    is_kept |= is_told;
                }
                Act::Restart => (clock, is_told) = (start(), false),
            }
            let present = clock.present();
            prop_assert!(present.reached <= present.shown && present.shown <= present.passed);
            if is_told || is_kept {
                // What was written down may have been as far off as nobody minds.
                let most = now + if is_told { ALLOWED } else { ALLOWED * 2 } + TimeDelta::seconds(2);
                prop_assert!(present.reached <= most, "{} has come by {present:?}", now);
            }
            if is_told {
                // A cache says for how long it had an answer, and that is no wrong clock.
                let least = present.shown.min(now - ALLOWED - TimeDelta::seconds(2));
                prop_assert!(present.reached >= least, "{} has come, and not by {present:?}", now);
            }
            prop_assert!(!clock.is_lost() && troubles.told().is_empty());
        }
    }
}

/// Half of what stood there is none, and never another time.
#[test]
fn what_is_left_of_a_time_is_that_time_or_none() {
    let dir = tempfile::tempdir().expect("a directory");
    let machine = Clock::manual(noon() + TimeDelta::milliseconds(123));
    let clock = GateClock::from(machine.clone()).after_restart(dir.path());
    clock.hear(
        &HeaderMap::from_iter([(DATE, "Mon, 23 Nov 2026 12:00:00 GMT".parse().expect("a value"))]),
        Duration::ZERO,
    );
    clock.keep(dir.path(), &GateTroubles::default());
    let path = dir.path().join("time.txt");
    let whole = std::fs::read(&path).expect("kept");
    machine.step(TimeDelta::days(30));
    for length in 0..=whole.len() {
        std::fs::write(&path, &whole[..length]).expect("cut");
        let after = GateClock::from(machine.clone()).after_restart(dir.path());
        let reached = after.present().reached;
        assert!(after.is_lost() || reached <= noon() + TimeDelta::seconds(1), "{length}: {reached}");
        assert!(!after.is_lost() || length < whole.len());
    }
}
