//! How often PyPI is asked: a quota per endpoint, so that none starves another.

use std::num::NonZeroU32;
use std::time::Duration;

use crate::clock::Clock;
use crate::upstream::limit::{Limit, Pace};

/// The kinds of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endpoint {
    Rss,
    XmlRpc,
    Index,
    /// One project's page: JSON API or simple detail.
    Project,
}

impl Endpoint {
    /// Ceilings against our own mistakes, far above what the poll intervals ask. PyPI allows XML-RPC 3,600 an hour by
    /// default (`warehouse` `config.py`) and says in `RateLimit` when that is used up.
    fn pace(self) -> Pace {
        let (every, burst) = match self {
            Self::Rss => (Duration::from_secs(1), 20),
            Self::XmlRpc => (Duration::from_millis(500), 40),
            Self::Index => (Duration::from_secs(10), 10),
            Self::Project => (Duration::from_millis(250), 40),
        };
        Pace { every, burst: NonZeroU32::new(burst).expect("a burst above zero") }
    }
}

/// The limits of every endpoint of one PyPI.
#[derive(Debug)]
pub(super) struct Limits {
    rss: Limit,
    xmlrpc: Limit,
    index: Limit,
    project: Limit,
}

impl Limits {
    pub(super) fn new(clock: &Clock) -> Self {
        let limit = |endpoint: Endpoint| Limit::new(endpoint.pace(), clock.clone());
        Self {
            rss: limit(Endpoint::Rss),
            xmlrpc: limit(Endpoint::XmlRpc),
            index: limit(Endpoint::Index),
            project: limit(Endpoint::Project),
        }
    }

    pub(super) fn of(&self, endpoint: Endpoint) -> &Limit {
        match endpoint {
            Endpoint::Rss => &self.rss,
            Endpoint::XmlRpc => &self.xmlrpc,
            Endpoint::Index => &self.index,
            Endpoint::Project => &self.project,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_held_endpoint_is_left_alone_and_others_are_not() {
        let limits = Limits::new(&Clock::manual("2026-08-21T16:57:37Z".parse().expect("a time")));
        limits.of(Endpoint::XmlRpc).hold(Duration::from_secs(42));
        assert_eq!(limits.of(Endpoint::XmlRpc).admit().await, Err(Duration::from_secs(42)));
        for other in [Endpoint::Rss, Endpoint::Index, Endpoint::Project] {
            assert_eq!(limits.of(other).admit().await, Ok(()), "{other:?}");
        }
    }

    #[tokio::test]
    async fn a_burst_at_the_index_passes_and_the_next_request_waits() {
        let limits = Limits::new(&Clock::System);
        for _ in 0..10 {
            limits.of(Endpoint::Index).admit().await.expect("not held");
        }
        let next = tokio::time::timeout(Duration::from_millis(50), limits.of(Endpoint::Index).admit()).await;
        assert!(next.is_err(), "the eleventh request of a burst must wait");
    }
}
