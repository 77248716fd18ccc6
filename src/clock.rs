//! The only place that reads the time: a real clock, and ones that tests move by hand.
//!
//! There are two times. The wall clock says when something happened, and somebody may set it, by a year. The monotonic
//! one says how long something takes, and nobody can set it, but it begins anew with every process. Durations that are
//! kept in memory are measured by the second alone; stored times are wall time, and are moved when the wall clock was
//! set (`src/store/clock.rs`).

use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;
use rustix::time::{ClockId, clock_gettime};

use crate::model::Time;

/// Tells the time. Cloning shares it.
#[derive(Clone, Debug)]
pub enum Clock {
    System,
    /// Stands still until it is moved.
    Manual(Arc<Mutex<Hands>>),
    /// The system clock, ahead by as much as it was moved: for tests of a daemon that runs in real time.
    Ahead(Arc<Mutex<Lead>>),
    /// A daemon's: goes with the monotonic clock of another, and follows its wall clock when it is told to.
    Steady(Arc<Steady>),
}

/// What a steady clock goes by.
#[derive(Debug)]
pub struct Steady {
    source: Clock,
    /// A moment on both clocks from which the time is counted.
    base: Mutex<Hands>,
}

/// What a manual clock shows.
#[derive(Clone, Copy, Debug)]
pub struct Hands {
    wall: Time,
    mono: Duration,
}

/// How far a clock is ahead of the system's.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lead {
    wall: TimeDelta,
    mono: Duration,
}

impl Clock {
    /// A clock that stands at `start`.
    pub fn manual(start: Time) -> Self {
        Self::Manual(Arc::new(Mutex::new(Hands { wall: start, mono: Duration::ZERO })))
    }

    /// The system clock, until it is moved.
    pub fn ahead() -> Self {
        Self::Ahead(Arc::default())
    }

    /// This clock for a daemon. A wall clock that is set changes what it says only when it follows, so that everything
    /// stored is moved first, and nobody reads the new time before.
    #[must_use]
    pub fn steady(self) -> Self {
        let base = Mutex::new(Hands { wall: self.now(), mono: self.mono() });
        Self::Steady(Arc::new(Steady { source: self, base }))
    }

    /// How far the wall clock is ahead of what this one says: zero but for a steady clock.
    pub fn lead(&self) -> TimeDelta {
        match self {
            Self::Steady(steady) => {
                let source = steady.source.hands();
                source.wall - steady.at(source.mono)
            }
            Self::System | Self::Manual(_) | Self::Ahead(_) => TimeDelta::zero(),
        }
    }

    /// Both times of one moment: a test that moves them must not be seen half-way, as a step of the wall clock.
    fn hands(&self) -> Hands {
        match self {
            Self::Manual(hands) => *held(hands),
            Self::Ahead(lead) => {
                let lead = held(lead);
                Hands { wall: wall() + lead.wall, mono: mono() + lead.mono }
            }
            Self::System | Self::Steady(_) => Hands { wall: self.now(), mono: self.mono() },
        }
    }

    /// Makes a steady clock say so much more from now on.
    pub fn follow(&self, by: TimeDelta) {
        if let Self::Steady(steady) = self {
            held(&steady.base).wall += by;
        }
    }

    /// The wall clock: what is stored and shown.
    pub fn now(&self) -> Time {
        match self {
            Self::System => wall(),
            Self::Manual(hands) => held(hands).wall,
            Self::Ahead(lead) => wall() + held(lead).wall,
            Self::Steady(steady) => steady.now(),
        }
    }

    /// How long this process runs, also while the machine slept: for durations in memory, whatever the wall clock does.
    pub fn mono(&self) -> Duration {
        match self {
            Self::System => mono(),
            Self::Manual(hands) => held(hands).mono,
            Self::Ahead(lead) => mono() + held(lead).mono,
            Self::Steady(steady) => steady.source.mono(),
        }
    }

    /// Time passes for a test; it only goes forward. The system clock moves by itself.
    pub fn advance(&self, by: TimeDelta) {
        let passed = by.to_std().unwrap_or_default();
        match self {
            Self::System => {}
            Self::Manual(hands) => {
                let mut hands = held(hands);
                (hands.mono, hands.wall) = (hands.mono + passed, hands.wall + by);
            }
            Self::Ahead(lead) => {
                let mut lead = held(lead);
                (lead.mono, lead.wall) = (lead.mono + passed, lead.wall + by);
            }
            Self::Steady(steady) => steady.source.advance(by),
        }
    }

    /// Somebody sets the wall clock of a test, ahead or back, and no time passes.
    pub fn step(&self, by: TimeDelta) {
        match self {
            Self::System => {}
            Self::Manual(hands) => held(hands).wall += by,
            Self::Ahead(lead) => held(lead).wall += by,
            Self::Steady(steady) => steady.source.step(by),
        }
    }
}

impl Steady {
    fn now(&self) -> Time {
        self.at(self.source.mono())
    }

    /// What it says at this moment of the monotonic clock.
    fn at(&self, mono: Duration) -> Time {
        let base = *held(&self.base);
        base.wall + mono.saturating_sub(base.mono)
    }
}

fn held<T>(shared: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[expect(clippy::disallowed_methods, reason = "the one reader of the system clock")]
fn wall() -> Time {
    chrono::Utc::now()
}

/// `CLOCK_BOOTTIME`, since it was first asked. `std::time::Instant` stands still while a machine sleeps, so that its wall
/// clock would seem to have been set ahead when it wakes.
fn mono() -> Duration {
    static START: LazyLock<Duration> = LazyLock::new(since_boot);
    let start = *START;
    since_boot().saturating_sub(start)
}

fn since_boot() -> Duration {
    let time = clock_gettime(ClockId::Boottime);
    let seconds = Duration::from_secs(time.tv_sec.unsigned_abs());
    seconds + Duration::from_nanos(time.tv_nsec.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn time_passes_on_both_clocks_and_a_step_moves_only_the_wall() {
        let start = "2026-11-20T12:00:00Z".parse().expect("a time");
        let clock = Clock::manual(start);
        clock.advance(TimeDelta::minutes(5));
        clock.step(TimeDelta::days(-400));
        assert_eq!(clock.now(), start + TimeDelta::minutes(5) - TimeDelta::days(400));
        assert_eq!(clock.mono(), Duration::from_secs(300));
    }

    #[test]
    fn a_clock_ahead_runs_on_after_it_was_moved() {
        let clock = Clock::ahead();
        let (wall, mono) = (clock.now(), clock.mono());
        clock.advance(TimeDelta::hours(1));
        clock.step(TimeDelta::days(-1));
        let (passed, shown) = (clock.mono() - mono, clock.now() - wall);
        assert!((3600..3660).contains(&passed.as_secs()), "{passed:?}");
        assert!((-23 * 3600..-23 * 3600 + 60).contains(&shown.num_seconds()), "{shown}");
    }

    #[test]
    fn a_steady_clock_says_the_new_time_when_it_follows_and_not_before() {
        let start: Time = "2026-11-20T12:00:00Z".parse().expect("a time");
        let wall = Clock::manual(start);
        let steady = wall.clone().steady();
        wall.step(TimeDelta::days(1));
        wall.advance(TimeDelta::minutes(1));
        assert_eq!(steady.now(), start + TimeDelta::minutes(1));
        assert_eq!(steady.lead(), TimeDelta::days(1));
        steady.follow(steady.lead());
        assert_eq!((steady.now(), steady.lead()), (wall.now(), TimeDelta::zero()));
        steady.advance(TimeDelta::minutes(1));
        assert_eq!((steady.now(), steady.mono()), (wall.now(), Duration::from_secs(120)));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        /// Whatever was done to the wall clock, durations are those that passed, and the daemon's own time goes on as if nobody had
        /// touched it until it follows; then it is the wall clock's.
        #[test]
        fn a_daemons_time_is_what_passed_and_what_it_followed(
            steps in prop::collection::vec((0..3_u8, -100_000_i64..100_000), 0..40),
        ) {
            let start: Time = "2026-11-20T12:00:00Z".parse().expect("a time");
            let wall = Clock::manual(start);
            let steady = wall.clone().steady();
            let (mut passed, mut set, mut followed) = (0, 0, 0);
            for (what, seconds) in steps {
                match what {
                    0 => {
                        wall.advance(TimeDelta::seconds(seconds.abs()));
                        passed += seconds.abs();
                    }
                    1 => {
                        steady.step(TimeDelta::seconds(seconds));
                        set += seconds;
                    }
                    _ => {
                        steady.follow(steady.lead());
                        followed = set;
                    }
                }
                let at = |seconds| start + TimeDelta::seconds(seconds);
                prop_assert_eq!((steady.now(), wall.now()), (at(passed + followed), at(passed + set)));
                prop_assert_eq!(steady.lead(), TimeDelta::seconds(set - followed));
                prop_assert_eq!(steady.mono(), Duration::from_secs(passed.unsigned_abs()));
                prop_assert_eq!((wall.mono(), wall.lead()), (steady.mono(), TimeDelta::zero()));
            }
        }
    }

    #[test]
    fn the_system_clocks_go_forward_together() {
        let clock = Clock::System;
        let (wall, mono) = (clock.now(), clock.mono());
        std::thread::sleep(Duration::from_millis(20));
        assert!(clock.now() > wall && clock.mono() >= mono + Duration::from_millis(20));
    }
}
