//! What can happen to a claim.

use super::seal::Seal;
use super::seen::Seen;
use super::setback::Setback;

/// One thing that somebody wants or that has happened. Who and when go beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClaimEvent {
    /// The owner has been told of a claim that the configuration makes: its window begins.
    Announced,
    Approve,
    /// An approver says no.
    Reject {
        why: String,
    },
    Abandon {
        why: String,
    },
    /// `claim apply --yes`: what is approved may leave this machine.
    Release,
    /// Somebody has looked, or mended what kept it: it need not wait any longer.
    Retry,
    /// Built, checked, and taken by the test index where there is one.
    Rehearsed {
        seal: Seal,
    },
    /// It cannot be built, or is no package that PyPI would take.
    Unfit {
        why: String,
    },
    /// The first byte is about to leave.
    Begin {
        seal: Seal,
    },
    /// PyPI has taken this file.
    Accepted {
        filename: String,
    },
    /// PyPI answered, and did not take it.
    SetBack {
        setback: Setback,
        wait: Option<chrono::TimeDelta>,
    },
    /// No answer came, or the uploader has gone since.
    Unanswered {
        why: String,
    },
    /// The project was made before anything was uploaded, as a pending publisher's token does.
    Created,
    Looked {
        seen: Seen,
    },
}

impl ClaimEvent {
    /// For the audit trail.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Announced => "announced",
            Self::Approve => "approve",
            Self::Reject { .. } => "reject",
            Self::Abandon { .. } => "abandon",
            Self::Release => "release",
            Self::Retry => "retry",
            Self::Rehearsed { .. } => "rehearsed",
            Self::Unfit { .. } => "unfit",
            Self::Begin { .. } => "begin",
            Self::Accepted { .. } => "accepted",
            Self::SetBack { .. } => "set-back",
            Self::Unanswered { .. } => "unanswered",
            Self::Created => "created",
            Self::Looked { .. } => "looked",
        }
    }
}
