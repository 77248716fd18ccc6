//! Watches that are no single name: nothing of them can be claimed, and the plan says why and what else there is. Pure.

use super::protection::Protection;
use crate::model::claim::Publicity;
use crate::model::{Inventory, OwnerId, Registry, Watch, WatchKind};

/// A prefix or a brand word in the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside {
    /// `acme-*`, `brand:acme`: what no name is.
    pub label: String,
    pub owner: OwnerId,
    pub protection: Protection,
    /// In a sentence without its full stop.
    pub why: String,
    pub how: String,
    pub publicity: Publicity,
}

/// All of them, in the order of the inventory.
pub fn beside(inventory: &Inventory, namespaces: bool) -> Vec<Beside> {
    let watches = inventory.watches.values().filter(|watch| watch.id.registry == Registry::Pypi);
    watches.filter(|watch| watch.id.kind != WatchKind::Name).map(|watch| one(inventory, namespaces, watch)).collect()
}

fn one(inventory: &Inventory, namespaces: bool, watch: &Watch) -> Beside {
    let (publicity, label) = (inventory.publicity(&watch.id), watch.id.label());
    let is_prefix = watch.id.kind == WatchKind::Prefix;
    let (protection, why, how) = match publicity {
        Publicity::Confidential => (
            Protection::Secret,
            "it is confidential, and every way to hold names of it would tell it".to_owned(),
            "resolve them from one index alone, so that nobody's project can take their place".to_owned(),
        ),
        _ if is_prefix && watch.exclusive && namespaces => (
            Protection::Namespace,
            format!("the index knows namespaces, and {label} would be yours with every name to come"),
            format!("reserve the namespace {} for your organization on PyPI", watch.id.text.trim_end_matches('-')),
        ),
        _ if is_prefix => (
            Protection::Watched,
            "it is a prefix, and a project has one whole name: none would hold all that begin with it".to_owned(),
            "list the names under it that you use, since each can be held; whoever registers another is told of"
                .to_owned(),
        ),
        _ => (
            Protection::Watched,
            "it is a word, which names without number can hold, and to hold those is squatting to PyPI".to_owned(),
            "whoever registers one is told of; list the names that you use, since each can be held".to_owned(),
        ),
    };
    Beside { label, owner: watch.owner.clone(), protection, why, how, publicity }
}
