//! A release that the gate holds and that somebody asked for, as reviewers are told of it.

use serde::{Deserialize, Serialize};

use super::{Requesters, Time};

/// By which kind of rule, spelt as in the problem that is sent to whoever is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HeldCause {
    /// The name is one of ours.
    Internal,
    /// The index lets nobody install it.
    Quarantined,
    /// It is PyPI's, and the private index has it among ours.
    Merged,
    Malware,
    Rejected,
    /// It is an open finding.
    Suspected,
    /// It contradicts what the index said before.
    Altered,
    Frozen,
    YoungProject,
    YoungFile,
    /// Nobody says when it was uploaded, or a time to come is said.
    Undated,
    /// Too little else speaks for it.
    Unvouched,
}

impl HeldCause {
    pub const ALL: [Self; 12] = [
        Self::Internal,
        Self::Quarantined,
        Self::Merged,
        Self::Malware,
        Self::Rejected,
        Self::Suspected,
        Self::Altered,
        Self::Frozen,
        Self::YoungProject,
        Self::YoungFile,
        Self::Undated,
        Self::Unvouched,
    ];

    /// Can persons let it through?
    pub fn is_for_review(self) -> bool {
        match self {
            Self::Internal | Self::Quarantined | Self::Merged | Self::Malware | Self::Rejected => false,
            Self::Suspected
            | Self::Altered
            | Self::Frozen
            | Self::YoungProject
            | Self::YoungFile
            | Self::Undated
            | Self::Unvouched => true,
        }
    }
}

/// One review, as it was when it was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldRelease {
    pub review: i64,
    /// Its project and its version are a stranger's text.
    pub project: String,
    pub version: String,
    /// Why, and until when.
    pub why: String,
    /// By which kind of rule; `None`: an earlier version did not say so, or nothing holds it any more.
    #[serde(default)]
    pub cause: Option<HeldCause>,
    /// When it is held no longer by itself; `None`: it does not end by itself, or an earlier version did not say so.
    #[serde(default)]
    pub until: Option<Time>,
    /// Nobody waits for it: it goes out all the same.
    #[serde(default)]
    pub given_out: bool,
    /// How often it was asked for, since when, and by whom.
    pub asked: i64,
    pub since: Time,
    #[serde(flatten)]
    pub asked_by: Requesters,
    /// By more than those.
    pub more_peers: bool,
    pub files: usize,
    /// Names these files, so that nobody approves others.
    pub files_key: String,
    /// Where it is looked at, as of the moment at which a message leaves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The message has buttons that decide it, where it goes to a channel of the app that answers.
    #[serde(skip)]
    pub buttons: bool,
}

/// What one message tells of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldReleases {
    /// The newest first.
    pub held: Vec<HeldRelease>,
    /// How many more.
    pub omitted: i64,
}

/// Up to which review was told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewMark {
    /// The number of the last.
    pub review: i64,
    /// When the last was first asked for: numbers begin anew in a file that was lost, and times go on.
    pub asked: Time,
}
