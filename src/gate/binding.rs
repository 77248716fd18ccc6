//! Which names are ours, whatever PyPI has under them.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Inventory, ProjectName, Registry, WatchId, WatchKind};

/// The names and prefixes that come from the private index alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Binding {
    /// By what PyPI itself cannot tell apart (PEP 503 and `warehouse` `ultranormalize_name`).
    names: BTreeMap<String, WatchId>,
    /// Exclusive prefixes, each with its dash.
    prefixes: BTreeSet<WatchId>,
    /// Ours, and resolved from PyPI on purpose.
    public: BTreeSet<ProjectName>,
    /// The private index has copies of public packages that somebody chose.
    copies: bool,
}

/// By which watch a name is ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    pub watch: WatchId,
    /// Is it another spelling of that name?
    pub respelt: bool,
}

impl Bound {
    /// The private index had this name, of which the one that is asked for is a spelling.
    pub(super) fn by_index(name: &ProjectName, had: &ProjectName) -> Self {
        Self { respelt: had != name, watch: WatchId::name(had) }
    }
}

impl Binding {
    /// Of an inventory; `public` are names that people install from PyPI on purpose.
    pub fn new(inventory: &Inventory, public: BTreeSet<ProjectName>) -> Self {
        let ours = inventory.watches.values().filter(|watch| watch.id.kind != WatchKind::Prefix || watch.exclusive);
        Self::of_watches(ours.map(|watch| watch.id.clone()), public)
    }

    /// Of the names and the prefixes at PyPI among these watches; every prefix is exclusive.
    pub fn of_watches(watches: impl Iterator<Item = WatchId>, public: BTreeSet<ProjectName>) -> Self {
        let mut binding = Self { public, ..Self::default() };
        for watch in watches.filter(|watch| watch.registry == Registry::Pypi) {
            match watch.kind {
                WatchKind::Name => {
                    let name = ProjectName::parse(&watch.text).ok();
                    binding.names.extend(name.map(|name| (name.ultranormal(), watch)));
                }
                WatchKind::Prefix => drop(binding.prefixes.insert(watch)),
                WatchKind::Brand => {}
            }
        }
        binding
    }

    /// With a private index that has copies of public packages, which somebody chose.
    #[must_use]
    pub fn with_copies(self, copies: bool) -> Self {
        Self { copies, ..self }
    }

    /// May the private index have what is PyPI's?
    pub(super) fn takes_copies(&self) -> bool {
        self.copies
    }

    /// Whatever binds.
    pub fn watches(&self) -> impl Iterator<Item = &WatchId> {
        self.names.values().chain(&self.prefixes)
    }

    /// With the names of another beside its own: what is bound stays bound.
    pub fn and(&self, other: &Self) -> Self {
        let mut both = other.clone();
        both.names.extend(self.names.clone());
        both.prefixes.extend(self.prefixes.iter().cloned());
        both
    }

    /// Is it ours, and resolved from PyPI on purpose?
    pub fn is_public(&self, name: &ProjectName) -> bool {
        self.public.contains(name)
    }

    /// Those of `public` that no watch would bind.
    pub(super) fn public_of_none(&self) -> Vec<ProjectName> {
        let strict = Self { public: BTreeSet::new(), ..self.clone() };
        self.public.iter().filter(|name| strict.of(name).is_none()).cloned().collect()
    }

    /// The watch that binds a name. An exact name tells before a prefix.
    pub fn of(&self, name: &ProjectName) -> Option<Bound> {
        self.of_alike(name, &name.ultranormal())
    }

    /// The same for whoever knows its [`ProjectName::ultranormal`] form already.
    pub(super) fn of_alike(&self, name: &ProjectName, alike: &str) -> Option<Bound> {
        if self.is_public(name) {
            return None;
        }
        if let Some(watch) = self.names.get(alike) {
            return Some(Bound { respelt: watch.text != name.as_str(), watch: watch.clone() });
        }
        let prefix = self.prefixes.iter().find(|prefix| is_under(name, &prefix.text));
        prefix.map(|watch| Bound { watch: watch.clone(), respelt: false })
    }
}

/// `acme-` holds `acme` itself, and every name that begins so.
fn is_under(name: &ProjectName, prefix: &str) -> bool {
    name.as_str().starts_with(prefix) || name.as_str() == prefix.trim_end_matches('-')
}
