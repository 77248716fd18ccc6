//! What is different between two inventories. Pure.

use std::fmt;

use crate::model::watch::Suppression;
use crate::model::{Inventory, OwnerId, Watch};

/// The way from an old inventory to a new one. Watches are in the order of their ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    pub added: Vec<Watch>,
    pub removed: Vec<Watch>,
    /// Same id, other attributes: old and new.
    pub changed: Vec<(Watch, Watch)>,
    pub owners_added: Vec<OwnerId>,
    pub owners_removed: Vec<OwnerId>,
    /// Other name or channels.
    pub owners_changed: Vec<OwnerId>,
    pub registrants_changed: bool,
    pub suppressions_added: Vec<Suppression>,
    pub suppressions_removed: Vec<Suppression>,
    /// Which watches are guarded.
    pub guards_changed: bool,
}

impl Changes {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Compares by content; two equal inventories have no changes.
pub fn diff(old: &Inventory, new: &Inventory) -> Changes {
    let gone = |a: &Inventory, b: &Inventory| -> Vec<Watch> {
        a.watches.iter().filter(|(id, _)| !b.watches.contains_key(*id)).map(|(_, watch)| watch.clone()).collect()
    };
    let owners = |a: &Inventory, b: &Inventory| -> Vec<OwnerId> {
        a.owners.keys().filter(|id| !b.owners.contains_key(*id)).cloned().collect()
    };
    let suppressions = |a: &Inventory, b: &Inventory| -> Vec<Suppression> {
        a.suppressions.iter().filter(|s| !b.suppressions.contains(s)).cloned().collect()
    };
    let both = |id| old.owners.get(id).zip(new.owners.get(id));
    Changes {
        added: gone(new, old),
        removed: gone(old, new),
        changed: changed(old, new),
        owners_added: owners(new, old),
        owners_removed: owners(old, new),
        owners_changed: old.owners.keys().filter(|id| both(id).is_some_and(|(a, b)| a != b)).cloned().collect(),
        registrants_changed: old.registrants != new.registrants,
        suppressions_added: suppressions(new, old),
        suppressions_removed: suppressions(old, new),
        guards_changed: old.guarded != new.guarded,
    }
}

fn changed(old: &Inventory, new: &Inventory) -> Vec<(Watch, Watch)> {
    let pairs = old.watches.values().filter_map(|was| Some((was, new.watches.get(&was.id)?)));
    pairs.filter(|(was, is)| was != is).map(|(was, is)| (was.clone(), is.clone())).collect()
}

impl fmt::Display for Changes {
    /// One line for logs and messages: `2 watches added, 1 removed`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let owners = self.owners_added.len() + self.owners_removed.len() + self.owners_changed.len();
        let suppressions = self.suppressions_added.len() + self.suppressions_removed.len();
        let parts = [
            counted(self.added.len(), "watch added", "watches added"),
            counted(self.removed.len(), "watch removed", "watches removed"),
            counted(self.changed.len(), "watch changed", "watches changed"),
            counted(owners, "owner changed", "owners changed"),
            counted(suppressions, "suppression changed", "suppressions changed"),
            self.registrants_changed.then(|| "registrants changed".to_owned()),
            self.guards_changed.then(|| "guards changed".to_owned()),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        f.write_str(if parts.is_empty() { "no changes" } else { "" })?;
        f.write_str(&parts.join(", "))
    }
}

fn counted(number: usize, one: &str, many: &str) -> Option<String> {
    (number > 0).then(|| format!("{number} {}", if number == 1 { one } else { many }))
}
