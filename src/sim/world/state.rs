//! The state of the world, and what is asked of it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::accounts::Accounts;
use super::files::made;
use super::journal::{Before, Entry, Journal, Listing};
use super::order::{Key, Order, hash};
use super::policy::Policy;
use super::project::Project;
use super::publishers::Publishers;
use super::quotas::Quotas;
use super::stored::StoredFile;
use crate::model::{ProjectName, Serial, Time};

/// Everything the simulated PyPI knows.
#[derive(Clone, Debug, Default)]
pub struct World {
    pub(super) order: Order,
    pub(super) projects: BTreeMap<Key, Project>,
    pub(super) journal: Journal,
    /// Hash of each ultranormal form, and how many projects share it: PyPI refuses a name "too similar".
    pub(super) ultranormals: HashMap<u64, u32>,
    pub(super) prohibited: HashSet<ProjectName>,
    /// Files by name, which is unique for ever. Removing a project leaves its files where they were, as on PyPI.
    pub(super) storage: HashMap<String, Arc<StoredFile>>,
    /// Contents that were uploaded, by their digest, and where: PyPI takes each once.
    pub(super) contents: HashMap<String, (ProjectName, String)>,
    /// Provenance objects by the names of their files (PEP 740).
    pub(super) provenance: HashMap<String, Arc<str>>,
    /// Who may upload.
    pub accounts: Accounts,
    pub publishers: Publishers,
    /// New projects, counted.
    pub quotas: Quotas,
    pub policy: Policy,
    /// Reserved prefixes (PEP 752) and their organizations; `None` as long as PyPI has none.
    pub namespaces: Option<BTreeMap<ProjectName, String>>,
}

impl World {
    /// A world without projects whose journal has already come to `floor`.
    pub fn empty(order: Order, floor: Serial) -> Self {
        Self { order, journal: Journal { floor, ..Journal::default() }, ..Self::default() }
    }

    /// The highest journal number.
    pub fn last_serial(&self) -> Serial {
        self.journal.last()
    }

    pub fn len(&self) -> usize {
        self.projects.len()
    }

    pub fn is_empty(&self) -> bool {
        self.projects.is_empty()
    }

    pub fn project(&self, name: &ProjectName) -> Option<&Project> {
        self.projects.get(&self.key(name))
    }

    /// All projects, in the order of the index; quarantined and empty ones too.
    pub fn projects(&self) -> impl Iterator<Item = (&ProjectName, &Project)> {
        self.projects.iter().map(|(key, project)| (&key.name, project))
    }

    /// The journal since the world was made, oldest first.
    pub fn journal(&self) -> &[Entry] {
        &self.journal.entries
    }

    /// Entries after `serial` in order, at most `cap`. Of a loaded project the last entry is known.
    pub fn since(&self, serial: Serial, cap: usize) -> Vec<Entry> {
        let mut entries = if serial < self.journal.floor { self.loaded_since(serial, cap) } else { Vec::new() };
        let room = cap - entries.len();
        entries.extend_from_slice(self.journal.since(serial, room));
        entries
    }

    fn loaded_since(&self, serial: Serial, cap: usize) -> Vec<Entry> {
        let untouched = |project: &&Project| project.last_serial > serial && project.loaded_event().is_some();
        let mut projects: Vec<&Project> = self.projects.values().filter(untouched).collect();
        projects.sort_unstable_by_key(|project| project.last_serial);
        projects.into_iter().take(cap).filter_map(Entry::of_loaded).collect()
    }

    /// A stored file by its path, also of a project that is gone.
    pub fn file(&self, path: &str) -> Option<Arc<StoredFile>> {
        let filename = path.rsplit_once('/')?.1;
        let file = self.storage.get(filename).cloned().or_else(|| self.standing(filename))?;
        (file.path() == path).then_some(file)
    }

    /// The file of a release that was loaded and still stands.
    pub(super) fn standing(&self, filename: &str) -> Option<Arc<StoredFile>> {
        let (name, version) = filename.split_once("-py3-")?.0.rsplit_once('-')?;
        let name = ProjectName::parse(name).ok()?;
        let life = self.project(&name)?.life();
        let release = life.releases.iter().find(|release| release.version.replace('-', "_") == version)?;
        release.uploaded.is_none().then(|| Arc::new(made(&name, release)))
    }

    pub(super) fn key(&self, name: &ProjectName) -> Key {
        Key::new(self.order, name.clone())
    }

    pub(super) fn count_ultranormal(&mut self, name: &ProjectName, more: bool) {
        let count = self.ultranormals.entry(hash(&name.ultranormal())).or_default();
        *count = if more { *count + 1 } else { count.saturating_sub(1) };
    }

    pub(super) fn has_similar(&self, name: &ProjectName) -> bool {
        self.ultranormals.get(&hash(&name.ultranormal())).is_some_and(|count| *count > 0)
    }

    /// Appends to the journal; `display` is the spelling at that moment. What the index said before is kept.
    pub(super) fn record(
        &mut self,
        name: &ProjectName,
        display: &str,
        version: Option<&str>,
        action: String,
        at: Time,
    ) -> Serial {
        let serial = self.journal.next();
        let key = self.key(name);
        let version = version.map(str::to_owned);
        let entry = Entry { serial, name: display.to_owned(), version, second: at.timestamp(), action };
        if let Some(project) = self.projects.get_mut(&key) {
            project.last_serial = serial;
        }
        self.journal.entries.push(entry);
        serial
    }

    /// Remembers how the index lists a project now, for the entry that comes next.
    pub(super) fn remember(&mut self, name: &ProjectName) {
        let listed = self.project(name).filter(|project| !project.quarantined()).map(Listing::of);
        let serial = self.journal.next();
        self.journal.before.push(Before { serial, name: name.clone(), listed });
    }
}

impl Entry {
    /// The last entry of a project nobody touched since it was loaded.
    pub(super) fn of_loaded(project: &Project) -> Option<Self> {
        let (second, version) = project.loaded_event()?;
        let action = if version.is_some() { "new release" } else { "create" };
        Some(Self {
            serial: project.last_serial,
            name: project.display.to_string(),
            version: version.map(str::to_owned),
            second,
            action: action.to_owned(),
        })
    }
}

impl Listing {
    pub(super) fn of(project: &Project) -> Self {
        Self { display: project.display.clone(), last_serial: project.last_serial }
    }
}
