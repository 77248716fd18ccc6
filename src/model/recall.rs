//! Files that turned out to be bad after the gate gave them out, with who received them, as owners are told.

use serde::{Deserialize, Serialize};

use super::{CaseId, Requester, Time};

/// What turned out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub enum RecallCause {
    /// The index lists the file no more, and nobody says why.
    Removed,
    /// The project is an open finding that calls its owner.
    Finding {
        #[cfg_attr(feature = "testing", schemars(with = "String"))]
        finding: CaseId,
    },
    /// A person rejected the version; the reason is in their words.
    Rejected {
        review: i64,
        reason: String,
        /// Who, in a word; `null`: an earlier version did not write that down.
        #[serde(default)]
        by: Option<String>,
    },
    /// The index lets nobody install the project any more.
    Quarantined,
    /// A record of malware names the version.
    Malware { record: String },
}

impl RecallCause {
    /// How much it takes to be told again of the same file: a person's no, a suspicion, what is known.
    pub fn weight(&self) -> u8 {
        match self {
            Self::Removed | Self::Rejected { .. } => 0,
            Self::Finding { .. } => 1,
            Self::Quarantined | Self::Malware { .. } => 2,
        }
    }

    /// Does it call somebody at once? What a person rejected, that person knows; and whoever takes an old release away is mostly tidying up.
    pub fn is_page(&self) -> bool {
        !matches!(self, Self::Removed | Self::Rejected { .. })
    }

    /// In one word, as programs read it.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Removed => "removed",
            Self::Finding { .. } => "finding",
            Self::Rejected { .. } => "rejected",
            Self::Quarantined => "quarantined",
            Self::Malware { .. } => "malware",
        }
    }
}

/// One project, with one cause: its files that somebody received.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Recall {
    /// A stranger's text, as everything of its files.
    pub project: String,
    pub cause: RecallCause,
    /// Nothing is said against it any more.
    pub is_over: bool,
    /// Nobody was told of at least one of these files before, or it is worse than was told.
    pub is_new: bool,
    /// Nothing is said against any file of the project that somebody received.
    pub is_settled: bool,
    pub files: Vec<RecalledFile>,
    /// How many more.
    pub more_files: usize,
}

/// A file, and who received it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct RecalledFile {
    pub filename: String,
    /// `None`: its name says none.
    pub version: Option<String>,
    pub sha256: String,
    pub receivers: Vec<FileReceiver>,
    /// How many more.
    pub more_receivers: usize,
}

/// Who received it, first and last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct FileReceiver {
    #[serde(flatten)]
    pub who: Requester,
    pub first: Time,
    pub last: Time,
}

/// What one message tells of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recalls {
    /// What is worst first.
    pub recalls: Vec<Recall>,
    /// How many more projects.
    pub omitted: usize,
}

/// Up to which change was told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecallMark {
    /// The number of the last.
    pub number: i64,
    /// When the last was written: numbers begin anew in a file that was lost or brought back, and times go on.
    pub at: Time,
}

impl RecallMark {
    /// What covers all that either does.
    pub fn over(self, other: Self) -> Self {
        Self { number: self.number.max(other.number), at: self.at.max(other.at) }
    }
}
