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
}

/// By which watch a name is ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    pub watch: WatchId,
    /// Is it another spelling of that name?
    pub respelt: bool,
}

impl Binding {
    /// Of an inventory; `public` are names that people install from PyPI on purpose.
    pub fn new(inventory: &Inventory, public: BTreeSet<ProjectName>) -> Self {
        let at_pypi = || inventory.watches.values().filter(|watch| watch.id.registry == Registry::Pypi);
        let names = at_pypi().filter(|watch| watch.id.kind == WatchKind::Name).filter_map(|watch| {
            let name = ProjectName::parse(&watch.id.text).ok()?;
            Some((name.ultranormal(), watch.id.clone()))
        });
        let prefixes = at_pypi().filter(|watch| watch.id.kind == WatchKind::Prefix && watch.exclusive);
        Self { names: names.collect(), prefixes: prefixes.map(|watch| watch.id.clone()).collect(), public }
    }

    /// With the names of another beside its own: what is bound stays bound.
    pub fn and(&self, other: &Self) -> Self {
        let mut both = other.clone();
        both.names.extend(self.names.clone());
        both.prefixes.extend(self.prefixes.iter().cloned());
        both
    }

    /// The watch that binds a name. An exact name tells before a prefix.
    pub fn of(&self, name: &ProjectName) -> Option<Bound> {
        if self.public.contains(name) {
            return None;
        }
        if let Some(watch) = self.names.get(&name.ultranormal()) {
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
