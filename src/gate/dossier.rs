//! All that a reviewer has to know of a review: who asked, what is in it, what is new in it, and what else is known of its project.

use serde::{Deserialize, Serialize};

use super::against::Against;
use super::asker::ReviewAsker;
use super::attested::AttestedPublishers;
use super::contents::ReadContents;
use super::namespaces::ReservedNamespace;
use super::near::NearProject;
use super::popularity::CountedProject;
use super::review::{Review, ReviewStep};
use crate::model::Time;

/// A review, and what is known around it. What strangers wrote in it is to be made harmless wherever it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Dossier {
    #[serde(flatten)]
    pub review: Review,
    /// Whoever asked first comes first.
    pub askers: Vec<ReviewAsker>,
    /// As the index has it now; `null`: it has none, or does not answer.
    pub listed: Option<ProjectAtIndex>,
    /// Beside the version that was received last of those that were admitted; `null`: none was, as far as is known.
    pub against: Option<Against>,
    /// What is in its files, beside those of that version: of the files that most take, as far as the index has them still.
    #[serde(default)]
    pub contents: Vec<ReadContents>,
    /// So many of its files nobody looked into.
    #[serde(default)]
    pub contents_left_out: usize,
    /// Whom attestations name that were verified here, of what was received of the project and of these files; `null`: of neither.
    #[serde(default)]
    pub publishers: Option<AttestedPublishers>,
    /// The project in the lists that the operator brings.
    #[serde(default)]
    pub counted: Vec<CountedProject>,
    /// Of those lists, what is a letter apart from it and used more, the most used first.
    #[serde(default)]
    pub near: Vec<NearProject>,
    pub malware: MalwareWord,
    pub votes: Votes,
    /// The open finding of the daemon's that the project is.
    pub finding: Option<String>,
    /// What persons decided about other versions of the project, the newest first.
    pub before: Vec<PastDecision>,
}

/// The project and the version, as the index has them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct ProjectAtIndex {
    pub versions: usize,
    pub files: usize,
    /// When its first file was uploaded of those that it has; `null`: not all of them say when.
    pub since: Option<Time>,
    /// The index has it in quarantine.
    pub is_quarantined: bool,
    /// Reserved prefixes in which the name is (PEP 752); `null`: the index knows none.
    #[serde(default)]
    pub namespaces: Option<Vec<ReservedNamespace>>,
    /// When the first and the last file of this version were uploaded.
    pub version_since: Option<Time>,
    pub version_until: Option<Time>,
    /// Of each file of this version in bytes, by its name, where the index says so.
    pub sizes: std::collections::BTreeMap<String, u64>,
}

/// What the records of malware say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct MalwareWord {
    /// The one that names this version.
    pub record: Option<String>,
    /// How many are in force; 0: the gate has none.
    pub records: usize,
    /// When the newest of OSV's was changed: what is younger they cannot speak of.
    pub through: Option<Time>,
    /// It was uploaded later than that.
    pub is_younger: bool,
}

/// What else speaks for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Votes {
    /// So many kinds have to; 0: age alone admits.
    pub needs: usize,
    pub kinds: Vec<Vote>,
    /// What it lacks, in words; `null`: nothing.
    #[serde(default)]
    pub lack: Option<String>,
}

/// One kind of evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Vote {
    /// In words.
    pub kind: String,
    pub speaks: bool,
    /// It speaks for the file itself, and not for its project: where several kinds have to speak, one of these does.
    #[serde(default)]
    pub of_the_file: bool,
}

/// What somebody did in another review of the project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct PastDecision {
    pub review: i64,
    pub version: String,
    #[serde(flatten)]
    pub step: ReviewStep,
}
