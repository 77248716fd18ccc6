//! `Lint`: a remark on a draft, what kind it is of, and how much that matters.

use std::fmt;

use crate::config::source::Problem;

/// How much it matters. Only errors keep an inventory from being used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LintLevel {
    Note,
    Warning,
    Error,
}

impl LintLevel {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for LintLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What lint looks for, as a closed set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LintKind {
    /// No name, prefix or brand word, or one that could never match.
    Invalid,
    /// One watch twice, with different attributes.
    Conflict,
    UnknownOwner,
    /// A version that cannot be compared.
    Version,
    /// A suppression that cannot be read.
    Suppression,
    /// A look-alike that cannot be listed.
    Listed,
    /// An owner whom the channels of the configuration do not reach.
    Route,
    /// One watch twice, with the same attributes, or one look-alike twice for the same watch.
    Duplicate,
    /// A module of the standard library: nobody can register it.
    Stdlib,
    /// An index that is no address, which nobody could pin.
    Index,
    /// A prefix so short that strangers use it by chance.
    ShortPrefix,
    /// A suppression for a watch that is not there.
    DeadSuppression,
    /// A suppression that silences a watched name itself.
    SilencedWatch,
    /// So short that a misspelling weighs little.
    ShortName,
    /// A name under an exclusive prefix.
    Covered,
    /// Names that begin with a word of ours, which is no prefix.
    Family,
    /// Watches that go to the default owner.
    Ownerless,
    /// Names without an internal version.
    NoVersion,
}

impl LintKind {
    /// The id in JSON, never to change.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Conflict => "conflict",
            Self::UnknownOwner => "unknown-owner",
            Self::Version => "version",
            Self::Suppression => "suppression",
            Self::Listed => "listed",
            Self::Route => "route",
            Self::Index => "index",
            Self::Duplicate => "duplicate",
            Self::Stdlib => "stdlib",
            Self::ShortPrefix => "short-prefix",
            Self::DeadSuppression => "dead-suppression",
            Self::SilencedWatch => "silenced-watch",
            Self::ShortName => "short-name",
            Self::Covered => "covered",
            Self::Family => "family",
            Self::Ownerless => "ownerless",
            Self::NoVersion => "no-version",
        }
    }

    pub fn severity(self) -> LintLevel {
        match self {
            Self::Invalid
            | Self::Conflict
            | Self::UnknownOwner
            | Self::Version
            | Self::Suppression
            | Self::Listed
            | Self::Route => LintLevel::Error,
            Self::Duplicate
            | Self::Stdlib
            | Self::Index
            | Self::ShortPrefix
            | Self::DeadSuppression
            | Self::SilencedWatch => LintLevel::Warning,
            Self::ShortName | Self::Covered | Self::Family | Self::Ownerless | Self::NoVersion => LintLevel::Note,
        }
    }
}

/// One remark on a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lint {
    pub kind: LintKind,
    pub problem: Problem,
}

impl Lint {
    pub fn new(kind: LintKind, problem: Problem) -> Self {
        Self { kind, problem }
    }

    pub fn severity(&self) -> LintLevel {
        self.kind.severity()
    }
}

impl fmt::Display for Lint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.severity(), self.problem)
    }
}
