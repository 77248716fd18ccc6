//! Releases that are used already, and the projects that a person vouches for since they are.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::model::{ProjectName, Time};

/// A release that is used, as a lock names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsedRelease {
    pub project: ProjectName,
    pub version: String,
    /// SHA-256 of its files, in lower case.
    pub digests: Vec<String>,
    /// By the digest of a file, when it was uploaded, in the words of each lock that says so.
    #[serde(default)]
    pub uploaded: BTreeMap<String, BTreeSet<String>>,
}

/// What became of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub enum Learning {
    /// Its project has prior use from now on.
    Learned,
    /// It had before.
    Known,
    /// Of the private index, which needs no evidence.
    Internal,
    /// Nothing was learned of it.
    Refused { why: String },
}

/// A release, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct LearnedRelease {
    #[cfg_attr(feature = "testing", schemars(with = "String"))]
    pub project: ProjectName,
    pub version: String,
    #[serde(flatten)]
    pub learning: Learning,
    /// Who vouches for its project, where that was asked for.
    pub vouched: Option<LearnedProject>,
}

/// A project that a person vouches for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct LearnedProject {
    pub project: String,
    pub at: Time,
    /// The user whom the kernel named.
    pub by: String,
    pub uid: Option<u32>,
    /// The release that was looked at, and what named it.
    pub version: String,
    pub sha256: String,
    pub source: String,
}

/// What was taken back of a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForgottenUse {
    /// Persons vouched for it.
    pub was_vouched: bool,
    /// So many clients used it.
    pub clients: usize,
}

impl Learning {
    /// As JSON has it.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Learned => "learned",
            Self::Known => "known",
            Self::Internal => "internal",
            Self::Refused { .. } => "refused",
        }
    }

    /// In words, where nothing was learned.
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::Learned | Self::Known | Self::Internal => None,
            Self::Refused { why } => Some(why),
        }
    }
}
