//! Why the changelog could not be read: for now, or for good.

use std::fmt;
use std::time::Duration;

use crate::model::Serial;
use crate::model::unread::shown;
use crate::registry::pypi::xmlrpc::{RpcFault, XmlRpcError};
use crate::upstream::FetchError;

/// How long a throttling fault without a number keeps us away.
pub(super) const UNADVISED: Duration = Duration::from_secs(60);

/// Why the changelog could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ChangelogError {
    #[error("the changelog is gone: {0}")]
    Gone(GoneSign),
    #[error("PyPI asks to wait {} s before the next changelog request", after.as_secs())]
    Throttled { after: Duration },
    #[error("the changelog went back: it gave serial {got} where serials after {after} belong")]
    WentBack { after: Serial, got: Serial },
    #[error("the changelog leaps from serial {after} to {got}: more than PyPI ever leaves out")]
    Leap { after: Serial, got: Serial },
    /// What was cut off it may lie anywhere, so no serial can be counted as reached.
    #[error("a reply of {events} changelog entries after {after} is in no order")]
    Unsorted { after: Serial, events: usize },
    /// "Nothing after yours", while something else says that there is.
    #[error("the changelog gives nothing after serial {after}, although {witness} is already at {end}")]
    Withheld { after: Serial, end: Serial, witness: &'static str },
    #[error("the changelog is down: {0}")]
    Down(#[source] DownCause),
}

/// What says that XML-RPC is retired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GoneSign {
    /// The method does not exist, or a fault says that it was retired: believed at once.
    Fault { code: i64, text: String },
    /// HTTP 404 or 410: believed when it lasts (`mode`).
    Status(u16),
}

impl fmt::Display for GoneSign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fault { code, text } => write!(f, "fault {code}, {text:?}"),
            Self::Status(status) => write!(f, "HTTP {status}"),
        }
    }
}

/// Trouble that is expected to pass.
#[derive(Debug, thiserror::Error)]
pub enum DownCause {
    #[error(transparent)]
    Fetch(FetchError),
    /// The text is the server's: hostile.
    #[error("fault {code}, {text:?}")]
    Fault { code: i64, text: String },
    #[error(transparent)]
    Garbled(XmlRpcError),
    #[error("{0}")]
    Shape(&'static str),
}

pub(super) fn garbled(error: XmlRpcError) -> ChangelogError {
    ChangelogError::Down(DownCause::Garbled(error))
}

/// Sorts a fault: throttled, retired, or trouble (`pypi` answers all of them with HTTP 200).
pub(super) fn judge_fault(fault: RpcFault) -> ChangelogError {
    let lower = fault.text.to_lowercase();
    let text = shown(&fault.text);
    if lower.contains("too many requests") || lower.contains("httptoomanyrequests") {
        return ChangelogError::Throttled { after: reset_after(&lower).unwrap_or(UNADVISED) };
    }
    if fault.code == -32601 || (fault.code == -32500 && says_retired(&lower)) {
        return ChangelogError::Gone(GoneSign::Fault { code: fault.code, text });
    }
    ChangelogError::Down(DownCause::Fault { code: fault.code, text })
}

/// "Limit may reset in 17 seconds."
fn reset_after(text: &str) -> Option<Duration> {
    let (_, rest) = text.split_once("reset in ")?;
    rest.split_whitespace().next()?.parse().ok().map(Duration::from_secs)
}

/// A retirement that has happened; one that is announced, or a pause, is not.
fn says_retired(text: &str) -> bool {
    const RETIRED: [&str; 10] = [
        "been deprecated",
        "is deprecated",
        ": deprecated",
        "been removed",
        "was removed",
        "is removed",
        "been retired",
        "no longer support",
        "no longer available",
        "permanently",
    ];
    const PAUSED: [&str; 3] = ["temporar", "currently", "will be "];
    RETIRED.iter().any(|phrase| text.contains(phrase)) && !PAUSED.iter().any(|phrase| text.contains(phrase))
}
