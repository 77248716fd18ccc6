//! How each installer chooses between the internal index and PyPI, and what decides.

use super::installer::Installer;
use super::world::{Candidate, Internal, World};
use crate::model::finding::WouldPipTake;
use crate::model::version::Pep440;

/// What an installer would do, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolution {
    pub take: WouldPipTake,
    pub reason: Reason,
}

impl Resolution {
    /// It is chosen for itself. What is equal is chosen by the order of the indexes, which nobody can rely on.
    pub fn is_preferred(&self) -> bool {
        self.take == WouldPipTake::Yes && !matches!(self.reason, Reason::Equal { .. })
    }
}

/// Why; `version` is the stranger's release that decides, as published: hostile text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Yes: above the internal version.
    Higher { version: String },
    /// Yes: equal to it, and the order of the indexes decides.
    Equal { version: String },
    /// Yes: a final release, and the internal one is a pre-release.
    Final { version: String },
    /// Yes: the internal version is none by PEP 440, and is ignored.
    InternalIgnored { version: String },
    /// Yes: PyPI is asked first.
    PypiFirst { version: String },
    /// No: the internal index is asked first, and holds the name.
    InternalFirst,
    /// No: the dependency is bound to the internal index.
    Bound,
    /// No: all that it would take is below the internal version.
    Lower { version: String },
    /// No: only pre-releases, which are left aside for a final one.
    PreReleases { version: String },
    /// No: no release, or only such as are yanked, removed, for no Python of today, or no version.
    NothingInstallable,
    /// Unknown: no release was seen, and no page of the project.
    NothingKnown,
    /// Unknown: the inventory declares no internal version.
    Undeclared { version: String },
    /// Unknown: it depends on the Python or the platform of who installs.
    Environment { version: String },
    /// Unknown: there is a release whose version could not be read.
    Unread,
}

impl Reason {
    pub fn version(&self) -> Option<&str> {
        match self {
            Self::Higher { version }
            | Self::Equal { version }
            | Self::Final { version }
            | Self::InternalIgnored { version }
            | Self::PypiFirst { version }
            | Self::Lower { version }
            | Self::PreReleases { version }
            | Self::Undeclared { version }
            | Self::Environment { version } => Some(version),
            Self::InternalFirst | Self::Bound | Self::NothingInstallable | Self::NothingKnown | Self::Unread => None,
        }
    }
}

impl Installer {
    pub(super) fn choose(self, internal: &Internal, world: &World<'_>) -> Resolution {
        match self {
            Self::Pip | Self::UvBestMatch => merged(internal, world, self.yanked_hinders()),
            Self::PipPre => merged_with_pre(internal, world),
            Self::Uv => internal_first(internal, world, Stop::AtName),
            Self::Poetry => locked(internal, world, merged(internal, world, false)),
            Self::PoetrySupplemental => locked(internal, world, pypi_first(world)),
            Self::PoetryPrivate => internal_first(internal, world, Stop::AtVersion),
            Self::PoetryExplicit => no(Reason::Bound),
        }
    }
}

/// What on the index that is asked first keeps an installer from asking the other.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stop {
    AtName,
    /// A version that it can read.
    AtVersion,
}

fn yes(reason: fn(String) -> Reason, best: &Candidate<'_>) -> Resolution {
    Resolution { take: WouldPipTake::Yes, reason: reason(best.text.to_owned()) }
}

fn no(reason: Reason) -> Resolution {
    Resolution { take: WouldPipTake::No, reason }
}

fn undeclared(best: &Candidate<'_>) -> Resolution {
    Resolution { take: WouldPipTake::Unknown, reason: Reason::Undeclared { version: best.text.to_owned() } }
}

/// All indexes are one: the highest final version, or, when there is no final one at all, the highest pre-release
/// (`packaging` `SpecifierSet.filter`, of which pip's finder makes use; uv's `if-necessary-or-explicit`).
fn merged(internal: &Internal, world: &World<'_>, yanked_hinders: bool) -> Resolution {
    let internal_is_final = matches!(internal, Internal::Version(version) if version.is_final());
    let counts = |c: &&Candidate<'_>| c.version.is_final() && (c.fresh || yanked_hinders);
    let finals = internal_is_final || world.public.iter().any(|c| counts(&c));
    let keep = |version: &Pep440| !finals || version.is_final();
    match (world.best(keep), internal) {
        (None, _) => no(world
            .best(|_| true)
            .map_or(Reason::NothingInstallable, |best| Reason::PreReleases { version: best.text.to_owned() })),
        (Some(best), Internal::Version(internal)) if best.version < *internal && !keep(internal) => {
            yes(|version| Reason::Final { version }, best)
        }
        (Some(best), internal) => compared(internal, best),
    }
}

/// The highest version of all, pre-releases included.
fn merged_with_pre(internal: &Internal, world: &World<'_>) -> Resolution {
    world.best(|_| true).map_or(no(Reason::NothingInstallable), |best| compared(internal, best))
}

fn compared(internal: &Internal, best: &Candidate<'_>) -> Resolution {
    match internal {
        Internal::Undeclared => undeclared(best),
        Internal::Ignored => yes(|version| Reason::InternalIgnored { version }, best),
        Internal::Version(internal) if best.version > *internal => yes(|version| Reason::Higher { version }, best),
        Internal::Version(internal) if best.version == *internal => yes(|version| Reason::Equal { version }, best),
        Internal::Version(_) => no(Reason::Lower { version: best.text.to_owned() }),
    }
}

/// Once Poetry has chosen a version, it takes it from the first source that has it, yanked or not (seen with 2.5.1).
fn locked(internal: &Internal, world: &World<'_>, chosen: Resolution) -> Resolution {
    let Internal::Version(ours) = internal else { return chosen };
    match world.public.iter().find(|candidate| candidate.version == *ours) {
        Some(equal) if chosen.take == WouldPipTake::No => yes(|version| Reason::Equal { version }, equal),
        _ => chosen,
    }
}

/// PyPI is asked only for what the internal index does not have.
fn internal_first(internal: &Internal, world: &World<'_>, stop: Stop) -> Resolution {
    match (internal, world.best(|_| true)) {
        (Internal::Undeclared, Some(best)) => undeclared(best),
        (Internal::Ignored, Some(best)) if stop == Stop::AtVersion => {
            yes(|version| Reason::InternalIgnored { version }, best)
        }
        (Internal::Undeclared, None) => no(Reason::NothingInstallable),
        (Internal::Ignored | Internal::Version(_), _) => no(Reason::InternalFirst),
    }
}

/// The internal index is asked only for what PyPI does not have.
fn pypi_first(world: &World<'_>) -> Resolution {
    world
        .best(|_| true)
        .map_or(no(Reason::NothingInstallable), |best| yes(|version| Reason::PypiFirst { version }, best))
}
