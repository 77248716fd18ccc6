//! A quota per endpoint, and the time before which a server asked not to be called again.

use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

use super::retry::LONGEST_HOLD;
use crate::clock::Clock;
use crate::model::Time;

/// The kinds of request, each with a quota of its own so that none starves another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    Rss,
    XmlRpc,
    Index,
    /// One project's page: JSON API or simple detail.
    Project,
}

impl Endpoint {
    /// Sustained pace and burst: ceilings against our own mistakes, far above what the poll intervals ask. PyPI allows
    /// XML-RPC 3,600 an hour by default (`warehouse` `config.py`) and says in `RateLimit` when that is used up.
    fn quota(self) -> Quota {
        let (every, burst) = match self {
            Self::Rss => (Duration::from_secs(1), 20),
            Self::XmlRpc => (Duration::from_millis(500), 40),
            Self::Index => (Duration::from_secs(10), 10),
            Self::Project => (Duration::from_millis(250), 40),
        };
        let quota = Quota::with_period(every).expect("a period above zero");
        quota.allow_burst(NonZeroU32::new(burst).expect("a burst above zero"))
    }
}

/// The quota and the hold of one endpoint.
#[derive(Debug)]
struct Lane {
    pace: DefaultDirectRateLimiter,
    /// On the monotonic clock: a wall clock that is set neither ends nor prolongs it.
    held_until: Mutex<Option<Duration>>,
}

impl Lane {
    fn new(endpoint: Endpoint) -> Self {
        Self { pace: RateLimiter::direct(endpoint.quota()), held_until: Mutex::new(None) }
    }
}

/// All lanes to one server.
#[derive(Debug)]
pub struct Limits {
    rss: Lane,
    xmlrpc: Lane,
    index: Lane,
    project: Lane,
    clock: Clock,
}

impl Limits {
    pub fn new(clock: Clock) -> Self {
        Self {
            rss: Lane::new(Endpoint::Rss),
            xmlrpc: Lane::new(Endpoint::XmlRpc),
            index: Lane::new(Endpoint::Index),
            project: Lane::new(Endpoint::Project),
            clock,
        }
    }

    fn lane(&self, endpoint: Endpoint) -> &Lane {
        match endpoint {
            Endpoint::Rss => &self.rss,
            Endpoint::XmlRpc => &self.xmlrpc,
            Endpoint::Index => &self.index,
            Endpoint::Project => &self.project,
        }
    }

    /// Waits for the quota.
    ///
    /// # Errors
    /// How long the server still wants to be left alone; then nothing may be sent.
    pub async fn admit(&self, endpoint: Endpoint) -> Result<(), Duration> {
        let lane = self.lane(endpoint);
        let held_until = *lane.held_until.lock().unwrap_or_else(PoisonError::into_inner);
        let left = held_until.map(|until| until.saturating_sub(self.clock.mono()));
        if let Some(left) = left.filter(|left| !left.is_zero()) {
            return Err(left);
        }
        lane.pace.until_ready().await;
        Ok(())
    }

    /// No request before `after` has passed. A shorter wish never shortens a longer one.
    pub fn hold(&self, endpoint: Endpoint, after: Duration) {
        let until = self.clock.mono() + after.min(LONGEST_HOLD);
        let mut held = self.lane(endpoint).held_until.lock().unwrap_or_else(PoisonError::into_inner);
        *held = (*held).max(Some(until));
    }

    pub fn now(&self) -> Time {
        self.clock.now()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_held_endpoint_is_left_alone_and_others_are_not() {
        let clock = Clock::manual("2026-08-21T16:57:37Z".parse().expect("a time"));
        let limits = Limits::new(clock.clone());
        limits.hold(Endpoint::XmlRpc, Duration::from_secs(42));
        limits.hold(Endpoint::XmlRpc, Duration::from_secs(5));
        assert_eq!(limits.admit(Endpoint::XmlRpc).await, Err(Duration::from_secs(42)));
        assert_eq!(limits.admit(Endpoint::Rss).await, Ok(()));
        clock.advance(chrono::TimeDelta::seconds(42));
        assert_eq!(limits.admit(Endpoint::XmlRpc).await, Ok(()));
    }

    #[tokio::test]
    async fn a_clock_that_is_set_neither_ends_nor_prolongs_a_hold() {
        let clock = Clock::manual("2026-08-21T16:57:37Z".parse().expect("a time"));
        let limits = Limits::new(clock.clone());
        limits.hold(Endpoint::Rss, Duration::from_secs(42));
        clock.step(chrono::TimeDelta::days(400));
        assert_eq!(limits.admit(Endpoint::Rss).await, Err(Duration::from_secs(42)));
        clock.step(chrono::TimeDelta::days(-800));
        clock.advance(chrono::TimeDelta::seconds(42));
        assert_eq!(limits.admit(Endpoint::Rss).await, Ok(()));
    }

    #[tokio::test]
    async fn a_burst_passes_and_the_next_request_waits() {
        let limits = Limits::new(Clock::System);
        for _ in 0..10 {
            limits.admit(Endpoint::Index).await.expect("not held");
        }
        let next = tokio::time::timeout(Duration::from_millis(50), limits.admit(Endpoint::Index)).await;
        assert!(next.is_err(), "the eleventh request of a burst must wait");
    }
}
