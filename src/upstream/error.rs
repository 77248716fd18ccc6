//! `FetchError`: every way a request can fail, and whether to ask again.

use std::time::Duration;

use crate::model::causes;

/// Why a request gave nothing usable. Its text never holds an address, a header or a credential.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    #[error("not found (HTTP 404)")]
    NotFound,
    #[error("gone for good (HTTP 410)")]
    Gone,
    #[error("asked to wait {} s before the next request", after.as_secs())]
    Throttled { after: Duration },
    #[error("the server refused the request (HTTP {status})")]
    Refused { status: u16 },
    /// A status of the 500s: the server's trouble, not the request's.
    #[error("the server failed (HTTP {status})")]
    Failing { status: u16 },
    #[error("the server redirects to another address (HTTP {status}), which is not followed")]
    Elsewhere { status: u16 },
    #[error("the answer is larger than {} MB and was abandoned", limit / 1_000_000)]
    TooLarge { limit: u64 },
    #[error("no complete answer within the time limit")]
    TimedOut,
    #[error("cannot reach the server: {}", causes::deepest(.0))]
    Unreachable(#[source] reqwest::Error),
    /// The connection ended, or the encoding broke, before the answer was complete.
    #[error("the answer broke off: {}", causes::deepest(.0))]
    Broken(#[source] reqwest::Error),
    /// Complete, but not what this address is said to answer.
    #[error("the answer cannot be understood: {0}")]
    Garbled(String),
    #[error("cannot keep the answer on disk: {0}")]
    Spool(#[source] std::io::Error),
    /// Nobody was asked, or what came was left: others came before it, and there is no room for all of them at once.
    #[error("too many answers are taken in at once")]
    Crowded,
}

/// What a failure means for the next attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// The same request will fail again.
    Never,
    /// Again after a growing pause (`retry::backoff`).
    Backoff,
    /// Again, not before this long.
    After(Duration),
}

impl FetchError {
    pub fn retry(&self) -> Retry {
        match self {
            Self::NotFound | Self::Gone | Self::Refused { .. } | Self::Elsewhere { .. } => Retry::Never,
            Self::Throttled { after } => Retry::After(*after),
            Self::Failing { .. }
            | Self::TooLarge { .. }
            | Self::TimedOut
            | Self::Unreachable(_)
            | Self::Broken(_)
            | Self::Garbled(_)
            | Self::Spool(_)
            | Self::Crowded => Retry::Backoff,
        }
    }

    /// A failure before any answer came.
    pub fn sending(error: reqwest::Error) -> Self {
        let error = error.without_url();
        match error {
            e if e.is_timeout() => Self::TimedOut,
            e if e.is_connect() => Self::Unreachable(e),
            e => Self::Broken(e),
        }
    }

    /// A failure while the body was read.
    pub fn reading(error: reqwest::Error) -> Self {
        let error = error.without_url();
        if error.is_timeout() { Self::TimedOut } else { Self::Broken(error) }
    }
}
