//! What an installer finds on the two indexes, in its environment: the most it may find, and the least.

use super::installer::Installer;
use crate::model::Releases;
use crate::model::release::{Reach, Release};
use crate::model::version::Pep440;

/// The highest version on the internal index.
pub(super) enum Internal {
    Undeclared,
    /// No version by PEP 440: installers ignore it.
    Ignored,
    Version(Pep440),
}

impl Internal {
    pub(super) fn read(text: &str) -> Self {
        Pep440::read(text).map_or(Self::Ignored, Self::Version)
    }
}

/// A public release as one environment sees it.
pub(super) struct Candidate<'r> {
    pub(super) version: Pep440,
    /// As published.
    pub(super) text: &'r str,
    /// It has a file that can be installed and is not yanked; otherwise only yanked ones.
    pub(super) fresh: bool,
}

/// The public releases that one environment can install, yanked ones included.
pub(super) struct World<'r> {
    pub(super) public: Vec<Candidate<'r>>,
}

impl<'r> World<'r> {
    /// Everything that may be installable is, and nothing stands in its way that may not.
    pub(super) fn most(releases: &'r Releases, installer: Installer) -> Self {
        let yanked = if installer.yanked_hinders() { Reach::Everywhere } else { Reach::Somewhere };
        Self::of(releases, installer, Reach::Somewhere, yanked)
    }

    /// Only what is installable everywhere is, and whatever may stand in its way does.
    pub(super) fn least(releases: &'r Releases, installer: Installer) -> Self {
        let yanked = if installer.yanked_hinders() { Reach::Somewhere } else { Reach::Everywhere };
        Self::of(releases, installer, Reach::Everywhere, yanked)
    }

    fn of(releases: &'r Releases, installer: Installer, fresh: Reach, yanked: Reach) -> Self {
        let candidate = |version: Pep440, release: &'r Release| {
            let files = release.files();
            let is_fresh = installer.reach(files.fresh) >= fresh;
            (is_fresh || installer.reach(files.yanked) >= yanked).then_some(Candidate {
                version,
                text: &release.version,
                fresh: is_fresh,
            })
        };
        let readable = releases.iter().filter_map(|release| {
            let version = Pep440::read(&release.version)?;
            (!version.is_large() || installer.counts_large()).then(|| candidate(version, release))?
        });
        Self { public: readable.collect() }
    }

    /// The highest that is not yanked, among those that `keep` leaves.
    pub(super) fn best(&self, keep: impl Fn(&Pep440) -> bool) -> Option<&Candidate<'r>> {
        self.public.iter().filter(|c| c.fresh && keep(&c.version)).max_by(|a, b| a.version.cmp(&b.version))
    }
}
