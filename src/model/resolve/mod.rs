//! *Would pip take it*: the public releases beside the internal version, as each installer would choose. Pure.
//!
//! The rules were read off the installers themselves: `tests/clients/installers` lets pip, uv and Poetry resolve every row of
//! its table from two indexes, and fails where they differ from what is said here.

mod choice;
mod file;
mod installer;
mod python;
mod world;

pub use choice::{Reason, Resolution};
pub use file::{IndexFile, reaches, version_in};
pub use installer::Installer;
use world::{Internal, World};

use super::Releases;
use super::finding::WouldPipTake;

/// What this installer would do, asked for the name without a version, with the internal index configured beside PyPI.
///
/// `internal` is the highest version on the internal index, taken for the only one. Where facts are missing, the answer
/// is never No when it may be Yes: a release whose files were not seen counts as installable, and one that can be
/// installed only with some Python or on some platform makes the answer depend on that: Unknown.
pub fn would_take(installer: Installer, internal: Option<&str>, public: &Releases) -> Resolution {
    let internal = internal.map_or(Internal::Undeclared, Internal::read);
    let most = installer.choose(&internal, &World::most(public, installer));
    let least = installer.choose(&internal, &World::least(public, installer));
    let unsure = |reason| Resolution { take: WouldPipTake::Unknown, reason };
    match (most, least) {
        (Resolution { take: WouldPipTake::No, .. }, _) if public.unread() > 0 => unsure(Reason::Unread),
        (Resolution { take: WouldPipTake::No, reason: Reason::NothingInstallable }, _) if !public.looked() => {
            unsure(Reason::NothingKnown)
        }
        (most, least) if most.take == least.take => most,
        (most, _) => unsure(Reason::Environment { version: most.reason.version().unwrap_or_default().to_owned() }),
    }
}
