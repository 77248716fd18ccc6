//! A project that we published and that no claim here says so of: the store is one of before it was published, restored. It is
//! taken up and kept for life as everything that we published, and never sent again.
//!
//! It is ours by two things at once: a look-up says that we hold it alone, and its files are those that are made here for the
//! name, by content. A project of ours with any other file is a colleague's, and no business of claims.

use std::collections::BTreeSet;

use super::desk::Desk;
use super::package::version::choices;
use super::package::{Asked, Placeholder, Templates, ask, build};
use crate::cases;
use crate::config::Settings;
use crate::model::claim::{Claim, ClaimEvent, ClaimState, Origin, Party, Seal, SealedFile};
use crate::model::version::Pep440;
use crate::model::{Inventory, ProjectName, Registry, Time, Watch, WatchId, WatchKind};
use crate::registry::pypi::upload::look::{Difference, Stand};
use crate::store::{StoreError, Tx};

/// A project of ours that may be a package of ours.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Find {
    pub name: ProjectName,
    pub version: Pep440,
}

impl Find {
    /// Its package as it is made here, by content; `None` where none can be made.
    pub fn package(&self, settings: &Settings, inventory: &Inventory) -> Option<Seal> {
        let Asked { placeholder, secrecy } = ask(settings, inventory, self.name.as_str()).ok()?;
        let placeholder = Placeholder { version: self.version.clone(), ..placeholder };
        let templates = Templates::read(settings.claim.templates.as_deref()).ok()?;
        let archives = build(&placeholder, &templates, &secrecy).ok()?;
        let files = archives.all().into_iter().map(|archive| SealedFile {
            filename: archive.filename.clone(),
            sha256: archive.sha256(),
            size: archive.bytes.len() as u64,
        });
        Some(Seal { version: self.version.to_string(), files: files.collect() })
    }
}

impl Desk {
    /// What a look has to be taken at: ours by a look-up, with one version that a package of ours could have.
    ///
    /// # Errors
    /// Those of the store.
    pub fn to_take_up(&self, tx: &Tx<'_>) -> Result<Vec<Find>, StoreError> {
        let mut finds = Vec::new();
        for id in tx.watches().standing_so("ours", None)?.into_keys() {
            let is_name = id.kind == WatchKind::Name && id.registry == Registry::Pypi;
            let Some(watch) = self.watchlist.inventory.watch(&id).filter(|_| is_name) else { continue };
            finds.extend(self.find(tx, watch)?);
        }
        Ok(finds)
    }

    fn find(&self, tx: &Tx<'_>, watch: &Watch) -> Result<Option<Find>, StoreError> {
        let Ok(name) = ProjectName::parse(&watch.id.text) else { return Ok(None) };
        let is_known = |claim: &Claim| claim.state == ClaimState::Ours || claim.state.is_open_at_pypi();
        if tx.claims().last_of(&name)?.is_some_and(|claim| is_known(&claim)) {
            return Ok(None);
        }
        let cases = tx.findings().of_project(&name)?;
        let ours = cases.iter().filter(|case| case.facts.ours == Some(true));
        let versions: BTreeSet<&str> = ours.flat_map(|case| case.facts.releases.versions()).collect();
        let [version] = versions.into_iter().collect::<Vec<_>>()[..] else { return Ok(None) };
        let choices = choices(&self.settings.version, watch.latest_version.as_deref());
        let version = Pep440::read(version).filter(|version| choices.contains(version));
        Ok(version.map(|version| Find { name, version }))
    }

    /// Takes it up, where PyPI shows our package in our hands. True where it did.
    ///
    /// # Errors
    /// Those of the store.
    pub fn take_up(&self, tx: &Tx<'_>, find: &Find, seal: &Seal, stand: &Stand) -> Result<bool, StoreError> {
        let (Some(missing), true) = (missing(seal, stand), self.to_take_up(tx)?.contains(find)) else {
            return Ok(false);
        };
        let since = cases::last_registered(tx, &find.name)?.unwrap_or(self.now);
        let claim = self.to_be_ours(tx, &find.name, since)?;
        let found = ClaimEvent::Found { seal: seal.clone(), missing, since };
        let Ok(ours) = self.take(tx, &claim, &found, &Party::Daemon)? else { return Ok(false) };
        // The day's quota counts it, whoever has forgotten it.
        tx.claims().use_slot(&ours.key, since)?;
        cases::expose(tx, &WatchId::name(&find.name), self.now)?;
        Ok(true)
    }

    /// The claim that goes on, where nothing of it was sent; else a new one.
    fn to_be_ours(&self, tx: &Tx<'_>, name: &ProjectName, since: Time) -> Result<Claim, StoreError> {
        match tx.claims().last_of(name)?.filter(|claim| !claim.state.is_over()) {
            Some(live) => Ok(live),
            None => {
                let claim = self.new_claim(tx, name, Origin::Found, &Party::Daemon, String::new())?;
                tracing::info!(claim = %claim.key, %since, "a project that we published is taken up");
                Ok(claim)
            }
        }
    }
}

/// The files of ours that are not there; `None` where it is not our package, in our hands, and nothing else.
fn missing(seal: &Seal, stand: &Stand) -> Option<Vec<String>> {
    match stand {
        Stand::OursWithTheseFiles => Some(Vec::new()),
        Stand::OursWithOtherFiles(Difference { missing, altered, foreign })
            if altered.is_empty() && foreign.is_empty() && missing.len() < seal.files.len() =>
        {
            Some(missing.iter().cloned().collect())
        }
        _ => None,
    }
}
