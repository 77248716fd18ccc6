//! A quota for one kind of request, and the time before which a server asked not to be called again.

use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

use super::retry::LONGEST_HOLD;
use crate::clock::Clock;

/// A sustained pace, and how many requests may come at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    pub every: Duration,
    pub burst: NonZeroU32,
}

/// The quota and the hold of one kind of request to one server.
#[derive(Debug)]
pub struct Limit {
    pace: DefaultDirectRateLimiter,
    /// On the monotonic clock: a wall clock that is set neither ends nor prolongs it.
    held_until: Mutex<Option<Duration>>,
    clock: Clock,
}

impl Limit {
    /// # Panics
    /// When the pace has no time between two requests.
    pub fn new(pace: Pace, clock: Clock) -> Self {
        let quota = Quota::with_period(pace.every).expect("a period above zero").allow_burst(pace.burst);
        Self { pace: RateLimiter::direct(quota), held_until: Mutex::new(None), clock }
    }

    /// Waits for the quota.
    ///
    /// # Errors
    /// How long the server still wants to be left alone; then nothing may be sent.
    pub async fn admit(&self) -> Result<(), Duration> {
        let held_until = *self.held_until.lock().unwrap_or_else(PoisonError::into_inner);
        let left = held_until.map(|until| until.saturating_sub(self.clock.mono()));
        if let Some(left) = left.filter(|left| !left.is_zero()) {
            return Err(left);
        }
        self.pace.until_ready().await;
        Ok(())
    }

    /// No request before `after` has passed. A shorter wish never shortens a longer one.
    pub fn hold(&self, after: Duration) {
        let until = self.clock.mono() + after.min(LONGEST_HOLD);
        let mut held = self.held_until.lock().unwrap_or_else(PoisonError::into_inner);
        *held = (*held).max(Some(until));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(clock: &Clock) -> Limit {
        Limit::new(Pace { every: Duration::from_secs(10), burst: NonZeroU32::new(10).expect("ten") }, clock.clone())
    }

    #[tokio::test]
    async fn what_is_held_is_left_alone_for_the_longest_wish() {
        let clock = Clock::manual("2026-08-21T16:57:37Z".parse().expect("a time"));
        let limit = limit(&clock);
        limit.hold(Duration::from_secs(42));
        limit.hold(Duration::from_secs(5));
        assert_eq!(limit.admit().await, Err(Duration::from_secs(42)));
        clock.advance(chrono::TimeDelta::seconds(42));
        assert_eq!(limit.admit().await, Ok(()));
    }

    #[tokio::test]
    async fn a_clock_that_is_set_neither_ends_nor_prolongs_a_hold() {
        let clock = Clock::manual("2026-08-21T16:57:37Z".parse().expect("a time"));
        let limit = limit(&clock);
        limit.hold(Duration::from_secs(42));
        clock.step(chrono::TimeDelta::days(400));
        assert_eq!(limit.admit().await, Err(Duration::from_secs(42)));
        clock.step(chrono::TimeDelta::days(-800));
        clock.advance(chrono::TimeDelta::seconds(42));
        assert_eq!(limit.admit().await, Ok(()));
    }

    #[tokio::test]
    async fn a_burst_passes_and_the_next_request_waits() {
        let limit = limit(&Clock::System);
        for _ in 0..10 {
            limit.admit().await.expect("not held");
        }
        let next = tokio::time::timeout(Duration::from_millis(50), limit.admit()).await;
        assert!(next.is_err(), "the eleventh request of a burst must wait");
    }
}
