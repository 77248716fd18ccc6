//! What is different between two inventories. Pure.

use std::fmt;

use crate::model::inventory::Suppression;
use crate::model::{Inventory, OwnerId, ProjectName, Watch, WatchId, count};

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
    /// Look-alikes, with the watch that each threatens; one that moves to another watch is removed and added.
    pub listed_added: Vec<(ProjectName, WatchId)>,
    pub listed_removed: Vec<(ProjectName, WatchId)>,
    /// Which watches are guarded.
    pub guards_changed: bool,
    /// What is said of claiming.
    pub terms_changed: bool,
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
    let listed = |a: &Inventory, b: &Inventory| -> Vec<(ProjectName, WatchId)> {
        let only = a.listed.iter().filter(|(name, watch)| b.listed.get(*name) != Some(*watch));
        only.map(|(name, watch)| (name.clone(), watch.clone())).collect()
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
        listed_added: listed(new, old),
        listed_removed: listed(old, new),
        guards_changed: old.guarded != new.guarded,
        terms_changed: old.terms != new.terms,
    }
}

fn changed(old: &Inventory, new: &Inventory) -> Vec<(Watch, Watch)> {
    let pairs = old.watches.values().filter_map(|was| Some((was, new.watches.get(&was.id)?)));
    pairs.filter(|(was, is)| was != is).map(|(was, is)| (was.clone(), is.clone())).collect()
}

impl Changes {
    /// One line a change, as people read a patch: `+`, `-` and `~` for added, removed and changed.
    pub fn lines(&self) -> Vec<String> {
        let watch = |sign: char, watch: &Watch| format!("{sign} {}  ({})", watch.id.label(), watch.owner);
        let owner = |sign: char, id: &OwnerId| format!("{sign} owner {id}");
        let suppression = |sign: char, s: &Suppression| format!("{sign} suppression of {}", s.project);
        let listed =
            |sign: char, (name, watch): &(ProjectName, WatchId)| format!("{sign} listed {name}  ({})", watch.label());
        let mut lines: Vec<String> = self.removed.iter().map(|w| watch('-', w)).collect();
        lines.extend(self.added.iter().map(|w| watch('+', w)));
        lines.extend(self.changed.iter().map(|(was, is)| format!("~ {}  {}", is.id.label(), attributes(was, is))));
        lines.extend(self.owners_removed.iter().map(|id| owner('-', id)));
        lines.extend(self.owners_added.iter().map(|id| owner('+', id)));
        lines.extend(self.owners_changed.iter().map(|id| owner('~', id)));
        lines.extend(self.suppressions_removed.iter().map(|s| suppression('-', s)));
        lines.extend(self.suppressions_added.iter().map(|s| suppression('+', s)));
        lines.extend(self.listed_removed.iter().map(|pair| listed('-', pair)));
        lines.extend(self.listed_added.iter().map(|pair| listed('+', pair)));
        lines.extend(self.registrants_changed.then(|| "~ registrants".to_owned()));
        lines.extend(self.guards_changed.then(|| "~ guards".to_owned()));
        lines.extend(self.terms_changed.then(|| "~ claims".to_owned()));
        lines
    }
}

/// `latest_version 1.0 -> 1.1, owner ml -> security`.
fn attributes(was: &Watch, is: &Watch) -> String {
    let or_none = |text: Option<String>| text.unwrap_or_else(|| "none".to_owned());
    let day = |watch: &Watch| or_none(watch.first_use.map(|day| day.to_string()));
    [
        ("spelling", was.display.clone(), is.display.clone()),
        ("owner", was.owner.to_string(), is.owner.to_string()),
        ("exclusive", was.exclusive.to_string(), is.exclusive.to_string()),
        ("latest_version", or_none(was.latest_version.clone()), or_none(is.latest_version.clone())),
        ("first_use", day(was), day(is)),
        ("index", or_none(was.index.clone()), or_none(is.index.clone())),
    ]
    .into_iter()
    .filter(|(_, was, is)| was != is)
    .map(|(name, was, is)| format!("{name} {was} -> {is}"))
    .collect::<Vec<_>>()
    .join(", ")
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
            counted(self.listed_added.len(), "look-alike listed", "look-alikes listed"),
            counted(self.listed_removed.len(), "look-alike taken off the list", "look-alikes taken off the list"),
            self.registrants_changed.then(|| "registrants changed".to_owned()),
            self.guards_changed.then(|| "guards changed".to_owned()),
            self.terms_changed.then(|| "what may be claimed changed".to_owned()),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        f.write_str(if parts.is_empty() { "no changes" } else { "" })?;
        f.write_str(&parts.join(", "))
    }
}

fn counted(number: usize, one: &str, many: &str) -> Option<String> {
    (number > 0).then(|| count(number, one, many))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use insta::assert_snapshot;

    use super::*;
    use crate::config::source::Source;
    use crate::watchlist::from_source;

    fn inventory(toml: &str) -> Inventory {
        let source = Source::new(Path::new("inventory.toml"), toml.to_owned());
        from_source(source, &OwnerId("security".to_owned())).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn equal_inventories_have_no_changes() {
        let one = inventory("names = [\"acme-a\", \"acme_b\"]\n");
        assert!(diff(&one, &one).is_empty());
        assert_eq!(diff(&one, &one).to_string(), "no changes");
        let respelt = inventory("names = [\"acme-b\", \"acme-a\"]\n");
        assert_eq!(diff(&one, &respelt).lines(), ["~ acme-b  spelling acme_b -> acme-b"], "the same watch");
    }

    #[test]
    fn every_change_has_a_line() {
        let old = inventory(
            "[owners.ml]\nemail = [\"a@acme.example\"]\n[owners.old]\n[registrants]\nusers = [\"bot\"]\n\
             [[name]]\nname = \"acme-a\"\nowner = \"ml\"\nlatest_version = \"1.0\"\nguard = true\n\
             [[prefix]]\ntext = \"acme-*\"\nowner = \"old\"\n[[suppress]]\nproject = \"x\"\nreason = \"fine\"\n\
             [[listed]]\nwatch = \"acme-*\"\nnames = [\"ml-old\", \"ml-moved\"]\n",
        );
        let new = inventory(
            "[owners.ml]\nemail = [\"b@acme.example\"]\n[owners.new]\n\
             [[name]]\nname = \"acme-a\"\nowner = \"new\"\nlatest_version = \"1.1\"\nfirst_use = 2020-01-02\n\
             [[brand]]\nword = \"Acme\"\nowner = \"new\"\n[[suppress]]\nproject = \"y\"\nreason = \"fine\"\n\
             [[listed]]\nwatch = \"acme-a\"\nnames = [\"ml-moved\"]\n",
        );
        let changes = diff(&old, &new);
        assert_snapshot!(format!("{changes}\n{}", changes.lines().join("\n")), @r##"
            1 watch added, 1 watch removed, 1 watch changed, 3 owners changed, 2 suppressions changed, 1 look-alike listed, 2 look-alikes taken off the list, registrants changed, guards changed
            - acme-*  (old)
            + brand:acme  (new)
            ~ acme-a  owner ml -> new, latest_version 1.0 -> 1.1, first_use none -> 2020-01-02
            - owner old
            + owner new
            ~ owner ml
            - suppression of x
            + suppression of y
            - listed ml-moved  (acme-*)
            - listed ml-old  (acme-*)
            + listed ml-moved  (acme-a)
            ~ registrants
            ~ guards
            "##);
    }
}
