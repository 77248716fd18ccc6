//! The hourly XML-RPC quota and its headers (`warehouse/rate_limiting/headers.py`).

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

const WINDOW: Duration = Duration::from_secs(3600);

/// A moving window of calls.
#[derive(Debug)]
pub(super) struct Quota {
    limit: usize,
    calls: Mutex<VecDeque<Instant>>,
}

/// What is left after a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Left {
    pub(super) allowed: bool,
    pub(super) calls: usize,
    /// Seconds until the oldest call leaves the window.
    pub(super) reset: u64,
}

impl Quota {
    pub(super) fn new(limit: u32) -> Self {
        Self { limit: limit as usize, calls: Mutex::default() }
    }

    /// Counts a call made `now`; a refused one counts too.
    pub(super) fn hit(&self, now: Instant) -> Left {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        calls.push_back(now);
        while calls.front().is_some_and(|first| now.duration_since(*first) >= WINDOW) {
            calls.pop_front();
        }
        let age = calls.front().map_or(Duration::ZERO, |first| now.duration_since(*first));
        let reset = (WINDOW - age).as_secs();
        Left { allowed: calls.len() <= self.limit, calls: self.limit.saturating_sub(calls.len()), reset }
    }

    /// `RateLimit-Policy` and `RateLimit`, in the form of the IETF draft.
    pub(super) fn headers(&self, left: Left) -> [(&'static str, String); 2] {
        [
            ("ratelimit-policy", format!("\"xmlrpc.client\";q={};w=3600;pk=:ip:", self.limit)),
            ("ratelimit", format!("\"xmlrpc.client\";r={};t={}", left.calls, left.reset)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refused_calls_count_and_the_window_moves() {
        let (quota, start) = (Quota::new(2), Instant::now());
        assert_eq!((quota.hit(start).calls, quota.hit(start).calls), (1, 0));
        assert!(!quota.hit(start).allowed);
        assert!(quota.hit(start + WINDOW).allowed);
    }
}
