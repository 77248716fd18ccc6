//! What can happen to a claim.

use serde::{Deserialize, Serialize};

use super::super::Time;
use super::seal::Seal;
use super::seen::Seen;
use super::setback::Setback;
use super::site::Site;

/// One thing that somebody wants or that has happened. Who and when go beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
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
    /// An index, or the way to it, does not do its part; nothing of this was sent.
    Hindered {
        site: Site,
        why: String,
        /// Seconds that the index asked to be left alone.
        wait: Option<u32>,
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
        /// Seconds that PyPI asked to be left alone.
        wait: Option<u32>,
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
    /// PyPI has it already, in our hands and with the content of our package: the store did not know.
    Found {
        seal: Seal,
        /// Files of it that are not there.
        missing: Vec<String>,
        /// When the project was registered.
        since: Time,
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
            Self::Hindered { .. } => "hindered",
            Self::Begin { .. } => "begin",
            Self::Accepted { .. } => "accepted",
            Self::SetBack { .. } => "set-back",
            Self::Unanswered { .. } => "unanswered",
            Self::Created => "created",
            Self::Looked { .. } => "looked",
            Self::Found { .. } => "found",
        }
    }

    /// The words that go with it.
    pub fn detail(&self) -> String {
        match self {
            Self::Reject { why }
            | Self::Abandon { why }
            | Self::Unfit { why }
            | Self::Hindered { why, .. }
            | Self::Unanswered { why } => why.clone(),
            Self::Rehearsed { seal } | Self::Begin { seal } | Self::Found { seal, .. } => {
                let files = seal.files.iter().map(|file| format!("{} sha256:{}", file.filename, file.sha256));
                files.collect::<Vec<_>>().join(", ")
            }
            Self::Accepted { filename } => filename.clone(),
            Self::SetBack { setback, .. } => {
                format!("{}: {}", setback.code, setback.in_full())
            }
            Self::Looked { seen } => seen.to_string(),
            Self::Announced | Self::Approve | Self::Release | Self::Retry | Self::Created => String::new(),
        }
    }
}
