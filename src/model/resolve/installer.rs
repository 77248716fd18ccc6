//! The installers that people use, each with the setting that decides.

use crate::model::release::{Reach, Reaches};

/// An installer with the setting that decides. The internal index stands beside PyPI in all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Installer {
    /// `pip install` with `--extra-index-url`, whichever of the two is the extra one.
    Pip,
    /// The same with `--pre`.
    PipPre,
    /// `uv` as it comes (`first-index`), the internal index given by `--index`, `[[tool.uv.index]]` or
    /// `--extra-index-url`: it is asked before PyPI, which stays the default.
    Uv,
    /// `uv` with `--index-strategy unsafe-best-match`, whichever index is first.
    UvBestMatch,
    /// Poetry with both indexes as `primary` sources, whichever is first.
    Poetry,
    /// Poetry with the internal index as a `supplemental` source beside PyPI.
    PoetrySupplemental,
    /// Poetry with the internal index as the only `primary` source and PyPI `supplemental`.
    PoetryPrivate,
    /// Poetry with the internal index as an `explicit` source, and the dependency bound to it by `source`.
    PoetryExplicit,
}

impl Installer {
    pub const ALL: [Self; 8] = [
        Self::Pip,
        Self::PipPre,
        Self::Uv,
        Self::UvBestMatch,
        Self::Poetry,
        Self::PoetrySupplemental,
        Self::PoetryPrivate,
        Self::PoetryExplicit,
    ];

    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pip => "pip",
            Self::PipPre => "pip-pre",
            Self::Uv => "uv",
            Self::UvBestMatch => "uv-unsafe-best-match",
            Self::Poetry => "poetry",
            Self::PoetrySupplemental => "poetry-supplemental",
            Self::PoetryPrivate => "poetry-private",
            Self::PoetryExplicit => "poetry-explicit",
        }
    }

    /// Does it read versions with numbers above 64 bits?
    pub(super) fn counts_large(self) -> bool {
        !matches!(self, Self::Uv | Self::UvBestMatch)
    }

    /// What files reach with it.
    pub(super) fn reach(self, reaches: Reaches) -> Reach {
        match self {
            Self::Pip | Self::PipPre => reaches.pip,
            Self::Uv | Self::UvBestMatch => reaches.uv,
            Self::Poetry | Self::PoetrySupplemental | Self::PoetryPrivate | Self::PoetryExplicit => reaches.poetry,
        }
    }

    /// Does a yanked final release make it leave pre-releases aside, and then take nothing? pip sorts out pre-releases
    /// before it looks at what is yanked (`PackageFinder.find_best_candidate`).
    pub(super) fn yanked_hinders(self) -> bool {
        self == Self::Pip
    }
}
