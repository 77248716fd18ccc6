//! What an installer finds on the two indexes, in its environment: the most it may find, and the least.

use super::installer::Installer;
use crate::model::Releases;
use crate::model::release::Reach;
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
    /// Everything that may be installable is, and nothing yanked stands in its way that may not.
    pub(super) fn most(releases: &'r Releases, installer: Installer) -> Self {
        Self::of(releases, installer, Reach::Somewhere, Reach::Everywhere)
    }

    /// Only what is installable everywhere is, and whatever may stand in its way does.
    pub(super) fn least(releases: &'r Releases, installer: Installer) -> Self {
        Self::of(releases, installer, Reach::Everywhere, Reach::Somewhere)
    }

    fn of(releases: &'r Releases, installer: Installer, fresh: Reach, yanked: Reach) -> Self {
        let candidate = |version: Pep440, release: &'r crate::model::release::Release| {
            let files = release.files();
            let is_fresh = files.fresh >= fresh;
            (is_fresh || files.yanked >= yanked).then_some(Candidate {
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
