//! Which versions of a package PyPI has had a file of, as far as anybody here knows: it takes no file name twice.

use std::collections::BTreeSet;

use super::desk::Desk;
use super::package::version::choices;
use super::setback::is_of_the_file_name;
use crate::model::claim::Claim;
use crate::model::version::Pep440;
use crate::model::{Event, ProjectName};
use crate::store::{StoreError, Tx};

impl Desk {
    /// Those that its package could else have. What this very claim has begun to send is its own.
    pub(super) fn used(&self, tx: &Tx<'_>, claim: &Claim) -> Result<Vec<String>, StoreError> {
        let name = &claim.key.name;
        let mut known: BTreeSet<Pep440> = seen(tx, name)?.iter().filter_map(|text| Pep440::read(text)).collect();
        let earlier = tx.claims().of(name)?.into_iter().filter(|other| other.key != claim.key && has_left_files(other));
        known.extend(earlier.filter_map(|other| Pep440::read(&other.seal?.version)));
        let own = claim.begun.and(claim.seal.as_ref()).and_then(|seal| Pep440::read(&seal.version));
        let internal = self.watch(name).and_then(|watch| watch.latest_version.as_deref());
        let choices = choices(&self.settings.version, internal).into_iter();
        let used = choices.filter(|version| known.contains(version) && Some(version) != own.as_ref());
        Ok(used.map(|version| version.to_string()).collect())
    }
}

/// What feeds told of, and pages showed, in whosever hands the name was then; hostile texts.
fn seen(tx: &Tx<'_>, name: &ProjectName) -> Result<Vec<String>, StoreError> {
    let told = tx.sightings().of(name)?.into_iter().filter_map(|sighting| match sighting.event {
        Event::Released { version } | Event::Withdrawn { version } => Some(version),
        _ => None,
    });
    let cases = tx.findings().of_project(name)?;
    let shown = cases.iter().flat_map(|case| case.facts.releases.iter().map(|release| release.version.clone()));
    Ok(told.chain(shown).collect())
}

/// May PyPI have had a file of it? Where it refused the name, it has not looked at the file.
fn has_left_files(claim: &Claim) -> bool {
    claim.begun.is_some() && (claim.exists || claim.setback.as_ref().is_none_or(is_of_the_file_name))
}
