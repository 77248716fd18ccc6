//! What is different between two inventories. Pure.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
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
    let suppressions = |a: &Inventory, b: &Inventory| -> Vec<Suppression> {
        a.suppressions.iter().filter(|s| !b.suppressions.contains(s)).cloned().collect()
    };
    let mut changes = Changes {
        registrants_changed: old.registrants != new.registrants,
        suppressions_added: suppressions(new, old),
        suppressions_removed: suppressions(old, new),
        guards_changed: old.guarded != new.guarded,
        terms_changed: old.terms != new.terms,
        ..Changes::default()
    };
    each_change(&old.watches, &new.watches, |_, change| match change {
        (Some(was), None) => changes.removed.push(was.clone()),
        (None, Some(is)) => changes.added.push(is.clone()),
        (Some(was), Some(is)) => changes.changed.push((was.clone(), is.clone())),
        (None, None) => {}
    });
    each_change(&old.owners, &new.owners, |id, change| match change {
        (Some(_), None) => changes.owners_removed.push(id.clone()),
        (None, Some(_)) => changes.owners_added.push(id.clone()),
        (Some(_), Some(_)) => changes.owners_changed.push(id.clone()),
        (None, None) => {}
    });
    each_change(&old.listed, &new.listed, |name, (was, is)| {
        changes.listed_removed.extend(was.map(|watch| (name.clone(), watch.clone())));
        changes.listed_added.extend(is.map(|watch| (name.clone(), watch.clone())));
    });
    changes
}

/// What is not the same in both, in their order, as it was and as it is.
fn each_change<'m, K: Ord, V: PartialEq>(
    old: &'m BTreeMap<K, V>,
    new: &'m BTreeMap<K, V>,
    mut tell: impl FnMut(&'m K, (Option<&'m V>, Option<&'m V>)),
) {
    let (mut old, mut new) = (old.iter().peekable(), new.iter().peekable());
    loop {
        let order = match (old.peek(), new.peek()) {
            (None, None) => return,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((was, _)), Some((is, _))) => was.cmp(is),
        };
        let was = if order.is_le() { old.next() } else { None };
        let is = if order.is_ge() { new.next() } else { None };
        let (was_value, is_value) = (was.map(|(_, value)| value), is.map(|(_, value)| value));
        if let Some((key, _)) = was.or(is).filter(|_| was_value != is_value) {
            tell(key, (was_value, is_value));
        }
    }
}

/// What changes where the watches that are given join those of now, which stay as they are.
pub fn additions(now: &Inventory, given: Inventory) -> Changes {
    let is_new = |watch: &Watch| !now.watches.contains_key(&watch.id);
    let added: Vec<Watch> = given.watches.into_values().filter(is_new).collect();
    let owners: BTreeSet<&OwnerId> = added.iter().map(|watch| &watch.owner).collect();
    let owners_added = owners.into_iter().filter(|id| !now.owners.contains_key(*id)).cloned().collect();
    Changes { added, owners_added, ..Changes::default() }
}

impl Changes {
    /// How many lines they have.
    pub fn count(&self) -> usize {
        let watches = self.added.len() + self.removed.len() + self.changed.len();
        let owners = self.owners_added.len() + self.owners_removed.len() + self.owners_changed.len();
        let beside = [&self.suppressions_added, &self.suppressions_removed].map(Vec::len);
        let listed = [&self.listed_added, &self.listed_removed].map(Vec::len);
        let said = [self.registrants_changed, self.guards_changed, self.terms_changed].map(usize::from);
        watches + owners + beside.into_iter().chain(listed).chain(said).sum::<usize>()
    }

    /// One line a change, as people read a patch: `+`, `-` and `~` for added, removed and changed.
    pub fn lines(&self) -> impl Iterator<Item = String> + '_ {
        let watch = |sign: char| move |watch: &Watch| format!("{sign} {}  ({})", watch.id.label(), watch.owner);
        let owner = |sign: char| move |id: &OwnerId| format!("{sign} owner {id}");
        let suppression = |sign: char| move |s: &Suppression| format!("{sign} suppression of {}", s.project);
        let listed = |sign: char| {
            move |(name, watch): &(ProjectName, WatchId)| format!("{sign} listed {name}  ({})", watch.label())
        };
        let changed = |(was, is): &(Watch, Watch)| format!("~ {}  {}", is.id.label(), attributes(was, is));
        let watches = self.removed.iter().map(watch('-')).chain(self.added.iter().map(watch('+')));
        let owners = self.owners_removed.iter().map(owner('-')).chain(self.owners_added.iter().map(owner('+')));
        let suppressions = self.suppressions_removed.iter().map(suppression('-'));
        let look_alikes = self.listed_removed.iter().map(listed('-')).chain(self.listed_added.iter().map(listed('+')));
        watches
            .chain(self.changed.iter().map(changed))
            .chain(owners.chain(self.owners_changed.iter().map(owner('~'))))
            .chain(suppressions.chain(self.suppressions_added.iter().map(suppression('+'))))
            .chain(look_alikes)
            .chain(self.registrants_changed.then(|| "~ registrants".to_owned()))
            .chain(self.guards_changed.then(|| "~ guards".to_owned()))
            .chain(self.terms_changed.then(|| "~ claims".to_owned()))
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
    use proptest::prelude::*;

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
        let lines: Vec<String> = diff(&one, &respelt).lines().collect();
        assert_eq!(lines, ["~ acme-b  spelling acme_b -> acme-b"], "the same watch");
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
        assert_eq!(changes.count(), changes.lines().count());
        assert_snapshot!(format!("{changes}\n{}", changes.lines().collect::<Vec<_>>().join("\n")), @r##"
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

    /// Names of two owners, who have addresses or none, and look-alikes of the first name.
    fn any_inventory() -> impl Strategy<Value = Inventory> {
        let names = prop::collection::btree_map("pkg-[a-f]", ("[xy]", 0_u8..2), 1..6);
        let look_alikes = prop::collection::btree_set("odd-[a-d]", 0..3);
        (names, any::<[bool; 2]>(), look_alikes).prop_map(|(names, emails, look_alikes)| {
            let owners = ["x", "y"].into_iter().zip(emails);
            let owners =
                owners.filter(|(id, _)| names.values().any(|(owner, _)| owner == id)).map(|(id, has_email)| {
                    let email = if has_email { "\"a@acme.example\"" } else { "" };
                    format!("[owners.{id}]\nemail = [{email}]\n")
                });
            let watches = names.iter().map(|(name, (owner, version))| {
                format!("[[name]]\nname = \"{name}\"\nowner = \"{owner}\"\nlatest_version = \"1.{version}\"\n")
            });
            let first = names.keys().next().map(String::as_str).unwrap_or_default();
            let listed = format!("[[listed]]\nwatch = \"{first}\"\nnames = {look_alikes:?}\n").replace(['{'], "[");
            inventory(&(owners.chain(watches).collect::<String>() + &listed.replace('}', "]")))
        })
    }

    /// Each looked for in the other.
    fn plainly(old: &Inventory, new: &Inventory) -> Changes {
        let only = |a: &Inventory, b: &Inventory| -> Vec<Watch> {
            a.watches.values().filter(|watch| b.watch(&watch.id).is_none()).cloned().collect()
        };
        let owners = |a: &Inventory, b: &Inventory| -> Vec<OwnerId> {
            a.owners.keys().filter(|id| !b.owners.contains_key(*id)).cloned().collect()
        };
        let listed = |a: &Inventory, b: &Inventory| -> Vec<(ProjectName, WatchId)> {
            let only = a.listed.iter().filter(|(name, watch)| b.listed.get(*name) != Some(*watch));
            only.map(|(name, watch)| (name.clone(), watch.clone())).collect()
        };
        let pairs = old.watches.values().filter_map(|was| Some((was.clone(), new.watch(&was.id)?.clone())));
        let others = old.owners.iter().filter(|(id, was)| new.owners.get(*id).is_some_and(|is| is != *was));
        Changes {
            added: only(new, old),
            removed: only(old, new),
            changed: pairs.filter(|(was, is)| was != is).collect(),
            owners_added: owners(new, old),
            owners_removed: owners(old, new),
            owners_changed: others.map(|(id, _)| id.clone()).collect(),
            listed_added: listed(new, old),
            listed_removed: listed(old, new),
            ..Changes::default()
        }
    }

    /// What is watched now, and with it what was given and is not watched yet.
    fn joined(now: &Inventory, given: &Inventory) -> Inventory {
        let mut all = now.clone();
        for watch in given.watches.values().filter(|watch| now.watch(&watch.id).is_none()) {
            all.owners.entry(watch.owner.clone()).or_insert_with(|| given.owners[&watch.owner].clone());
            all.watches.insert(watch.id.clone(), watch.clone());
        }
        all
    }

    proptest! {
        #[test]
        fn two_inventories_gone_through_at_once_differ_as_where_each_is_looked_for_in_the_other(
            old in any_inventory(), new in any_inventory(),
        ) {
            let changes = diff(&old, &new);
            prop_assert_eq!(&changes, &plainly(&old, &new));
            prop_assert_eq!(changes.count(), changes.lines().count());
            prop_assert_eq!(additions(&old, new.clone()), diff(&old, &joined(&old, &new)));
        }
    }
}
