//! What the uploader is given to do, and what it tells of it: two parts of one program, apart as the token asks.

use serde::{Deserialize, Serialize};

use super::sets::{SetbackKind, ToldOfName, UploadSite};
use crate::model::claim::{self, ClaimEvent, ClaimKeyError};

/// One piece of work, or why there is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "work", rename_all = "kebab-case")]
pub enum Work {
    /// Build it, check it, try it on the test index, and tell what it is.
    Rehearse {
        claim: String,
        /// Versions of which PyPI has had a file before, and takes none again.
        #[serde(default)]
        used: Vec<String>,
    },
    /// Send these files of the package that was sealed.
    Upload {
        claim: String,
        seal: Seal,
        missing: Vec<String>,
        /// As of a rehearsal.
        #[serde(default)]
        used: Vec<String>,
    },
    /// Ask again after so many seconds.
    Rest {
        seconds: u32,
        why: String,
        /// Is something let go that cannot go, by what `why` says?
        kept: bool,
        /// Or that waits, and goes on by itself?
        #[serde(default)]
        waits: bool,
    },
}

/// A package by its content, in the order of its files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Seal {
    pub version: String,
    pub files: Vec<SealedFile>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SealedFile {
    pub filename: String,
    /// Lowercase hex.
    pub sha256: String,
    /// Bytes.
    pub size: u64,
}

/// What only the uploader can tell of a claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "told", rename_all = "kebab-case")]
pub enum Told {
    Rehearsed {
        seal: Seal,
    },
    /// It cannot be built, or is no package that PyPI would take.
    Unfit {
        why: String,
    },
    /// An index, or the way to it, does not do its part; nothing of this was sent.
    Hindered {
        site: UploadSite,
        why: String,
        /// Seconds that the index asked to be left alone.
        wait: Option<u32>,
    },
    /// The first byte is about to leave.
    Begin {
        seal: Seal,
    },
    /// The project was made before anything was uploaded.
    Created,
    Accepted {
        filename: String,
    },
    SetBack {
        setback: ToldSetback,
        /// Seconds that the index asked to be left alone.
        wait: Option<u32>,
    },
    /// No answer came.
    Unanswered {
        why: String,
    },
}

/// An answer that is no yes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ToldSetback {
    /// A name that stays: `name-prohibited`.
    pub code: String,
    pub kind: SetbackKind,
    pub name: ToldOfName,
    pub meaning: String,
    pub remedy: String,
    /// The words of the index; hostile text.
    pub said: Option<String>,
}

/// The claim after what was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Reported {
    pub claim: String,
    /// Where it stands; states are added.
    pub state: String,
}

impl From<&claim::Work> for Work {
    fn from(of: &claim::Work) -> Self {
        match of.clone() {
            claim::Work::Rehearse { key, used } => Self::Rehearse { claim: key.to_string(), used },
            claim::Work::Upload { key, seal, missing, used } => {
                Self::Upload { claim: key.to_string(), seal: seal.into(), missing, used }
            }
            claim::Work::Rest { seconds, why, rest } => {
                let (kept, waits) = (rest == claim::Resting::Kept, rest == claim::Resting::Waits);
                Self::Rest { seconds, why, kept, waits }
            }
        }
    }
}

impl TryFrom<Work> for claim::Work {
    type Error = ClaimKeyError;

    fn try_from(of: Work) -> Result<Self, ClaimKeyError> {
        Ok(match of {
            Work::Rehearse { claim, used } => Self::Rehearse { key: claim.parse()?, used },
            Work::Upload { claim, seal, missing, used } => {
                Self::Upload { key: claim.parse()?, seal: seal.into(), missing, used }
            }
            Work::Rest { seconds, why, kept, waits } => {
                let rest = match (kept, waits) {
                    (true, _) => claim::Resting::Kept,
                    (false, true) => claim::Resting::Waits,
                    (false, false) => claim::Resting::Done,
                };
                Self::Rest { seconds, why, rest }
            }
        })
    }
}

impl From<claim::Seal> for Seal {
    fn from(of: claim::Seal) -> Self {
        Self { version: of.version, files: of.files.into_iter().map(SealedFile::from).collect() }
    }
}

impl From<Seal> for claim::Seal {
    fn from(of: Seal) -> Self {
        Self { version: of.version, files: of.files.into_iter().map(claim::SealedFile::from).collect() }
    }
}

impl From<claim::SealedFile> for SealedFile {
    fn from(claim::SealedFile { filename, sha256, size }: claim::SealedFile) -> Self {
        Self { filename, sha256, size }
    }
}

impl From<SealedFile> for claim::SealedFile {
    fn from(SealedFile { filename, sha256, size }: SealedFile) -> Self {
        Self { filename, sha256, size }
    }
}

impl From<claim::Setback> for ToldSetback {
    fn from(of: claim::Setback) -> Self {
        let claim::Setback { code, kind, name, meaning, remedy, said } = of;
        Self { code, kind: kind.into(), name: name.into(), meaning, remedy, said }
    }
}

impl From<ToldSetback> for claim::Setback {
    fn from(of: ToldSetback) -> Self {
        let ToldSetback { code, kind, name, meaning, remedy, said } = of;
        Self { code, kind: kind.into(), name: name.into(), meaning, remedy, said }
    }
}

impl Told {
    /// `None`: it is not the uploader's to tell.
    pub fn of(event: ClaimEvent) -> Option<Self> {
        Some(match event {
            ClaimEvent::Rehearsed { seal } => Self::Rehearsed { seal: seal.into() },
            ClaimEvent::Unfit { why } => Self::Unfit { why },
            ClaimEvent::Hindered { site, why, wait } => Self::Hindered { site: site.into(), why, wait },
            ClaimEvent::Begin { seal } => Self::Begin { seal: seal.into() },
            ClaimEvent::Created => Self::Created,
            ClaimEvent::Accepted { filename } => Self::Accepted { filename },
            ClaimEvent::SetBack { setback, wait } => Self::SetBack { setback: setback.into(), wait },
            ClaimEvent::Unanswered { why } => Self::Unanswered { why },
            ClaimEvent::Announced
            | ClaimEvent::Approve
            | ClaimEvent::Reject { .. }
            | ClaimEvent::Abandon { .. }
            | ClaimEvent::Release
            | ClaimEvent::Retry
            | ClaimEvent::Looked { .. }
            | ClaimEvent::Found { .. } => return None,
        })
    }
}

impl From<Told> for ClaimEvent {
    fn from(of: Told) -> Self {
        match of {
            Told::Rehearsed { seal } => Self::Rehearsed { seal: seal.into() },
            Told::Unfit { why } => Self::Unfit { why },
            Told::Hindered { site, why, wait } => Self::Hindered { site: site.into(), why, wait },
            Told::Begin { seal } => Self::Begin { seal: seal.into() },
            Told::Created => Self::Created,
            Told::Accepted { filename } => Self::Accepted { filename },
            Told::SetBack { setback, wait } => Self::SetBack { setback: setback.into(), wait },
            Told::Unanswered { why } => Self::Unanswered { why },
        }
    }
}
