//! From one inventory to the next: the difference is exact, and nothing more is lost than is said.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::drawn::{Beside, Entry, beside, entry, file, read};
use crate::model::{Inventory, WatchKind};
use crate::watchlist::{Admission, Changes, HoldReason, diff, guard, to_toml};

fn inventory(entries: &[Entry], beside: &Beside) -> Inventory {
    let text = file(entries, beside);
    read("inventory.toml", &text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn drawn() -> impl Strategy<Value = Inventory> {
    (prop::collection::vec(entry(), 1..14), beside()).prop_map(|(entries, beside)| inventory(&entries, &beside))
}

/// The old one with what is said to be different, and nothing else of the new one.
fn brought_forward(old: &Inventory, changes: &Changes, new: &Inventory) -> Inventory {
    let mut now = old.clone();
    changes.removed.iter().for_each(|watch| drop(now.watches.remove(&watch.id)));
    changes.owners_removed.iter().for_each(|owner| drop(now.owners.remove(owner)));
    changes.listed_removed.iter().for_each(|(name, _)| drop(now.listed.remove(name)));
    now.suppressions.retain(|rule| !changes.suppressions_removed.contains(rule));
    now.watches.extend(changes.added.iter().map(|watch| (watch.id.clone(), watch.clone())));
    now.watches.extend(changes.changed.iter().map(|(_, watch)| (watch.id.clone(), watch.clone())));
    for owner in changes.owners_added.iter().chain(&changes.owners_changed) {
        now.owners.insert(owner.clone(), new.owners[owner].clone());
    }
    now.listed.extend(changes.listed_added.iter().cloned());
    now.suppressions.extend(changes.suppressions_added.iter().cloned());
    if changes.registrants_changed {
        now.registrants.clone_from(&new.registrants);
    }
    if changes.guards_changed {
        now.guarded.clone_from(&new.guarded);
    }
    if changes.terms_changed {
        now.terms.clone_from(&new.terms);
    }
    sorted(now)
}

/// Suppressions are a set: their order decides nothing but which of two reasons is told.
fn sorted(mut inventory: Inventory) -> Inventory {
    inventory.suppressions.sort_by_key(|rule| format!("{rule:?}"));
    inventory.suppressions.dedup();
    inventory
}

/// What a person would hold, by the rules that are written down.
fn losses(old: &Inventory, new: &Inventory) -> BTreeSet<String> {
    let gone: Vec<_> = old.watches.values().filter(|watch| !new.watches.contains_key(&watch.id)).collect();
    let mut losses: BTreeSet<String> = BTreeSet::new();
    if !gone.is_empty() && gone.len() * 5 >= old.watches.len() {
        losses.insert("many".to_owned());
    }
    for watch in gone {
        if old.guarded.contains(&watch.id) || (watch.exclusive && watch.id.kind == WatchKind::Prefix) {
            losses.insert(format!("without {}", watch.id));
        }
    }
    for (id, was) in &old.watches {
        if was.exclusive && new.watches.get(id).is_some_and(|is| !is.exclusive) {
            losses.insert(format!("weaker {id}"));
        }
    }
    losses
}

fn reasons(of: &[HoldReason]) -> BTreeSet<String> {
    let word = |reason: &HoldReason| match reason {
        HoldReason::Many { .. } => "many".to_owned(),
        HoldReason::Guarded(id) => format!("without {id}"),
        HoldReason::NoLongerExclusive(id) => format!("weaker {id}"),
    };
    of.iter().map(word).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn the_difference_takes_the_old_one_to_the_new_one_and_back(old in drawn(), new in drawn()) {
        let (there, back) = (diff(&old, &new), diff(&new, &old));
        prop_assert_eq!(brought_forward(&old, &there, &new), sorted(new.clone()));
        prop_assert_eq!(brought_forward(&new, &back, &old), sorted(old.clone()));
        prop_assert_eq!(there.is_empty(), sorted(old.clone()) == sorted(new.clone()));
        prop_assert_eq!((&there.added, &there.removed), (&back.removed, &back.added));
        let flags = [there.registrants_changed, there.guards_changed, there.terms_changed];
        let said = [
            there.added.len(), there.removed.len(), there.changed.len(),
            there.owners_added.len(), there.owners_removed.len(), there.owners_changed.len(),
            there.suppressions_added.len(), there.suppressions_removed.len(),
            there.listed_added.len(), there.listed_removed.len(),
            flags.into_iter().filter(|is| *is).count(),
        ];
        prop_assert_eq!(there.count(), said.into_iter().sum::<usize>(), "a line for each");
    }

    /// What a reload takes by itself, one after the other: what is held leaves what was in force, whole.
    #[test]
    fn in_a_row_nothing_leaves_that_somebody_has_to_agree_to(all in prop::collection::vec(drawn(), 2..5)) {
        let mut all = all.into_iter();
        let mut now = all.next().expect("two at least");
        for new in all {
            let losses = losses(&now, &new);
            match guard(&now, &new) {
                Admission::Apply(changes) => {
                    prop_assert!(losses.is_empty(), "{losses:?}");
                    now = brought_forward(&now, &changes, &new);
                }
                Admission::Hold { reasons: of, .. } => prop_assert_eq!(reasons(&of), losses),
            }
        }
    }

    /// Whatever people call their owners, and whatever they said of a name.
    #[test]
    fn what_is_written_for_people_reads_back(entries in prop::collection::vec(entry(), 1..14), beside in beside()) {
        let inventory = inventory(&entries, &beside);
        let written = to_toml(&inventory);
        let again = read("inventory.toml", &written).unwrap_or_else(|error| panic!("{error}\n{written}"));
        prop_assert_eq!(again, inventory, "{}", written);
        prop_assert!(!written.contains(|c: char| c.is_control() && c != '\n'), "{written:?}");
    }

    /// A team that is called otherwise takes all of its watches along.
    #[test]
    fn an_owner_who_is_renamed_loses_nothing(entries in prop::collection::vec(entry(), 1..14), beside in beside()) {
        let text = file(&entries, &beside);
        let [old, new] = [text.clone(), text.replace("team 1", "crew")].map(|text| read("inventory.toml", &text).expect("good"));
        let changes = diff(&old, &new);
        prop_assert!(changes.added.is_empty() && changes.removed.is_empty(), "{changes}");
        let of = |inventory: &Inventory, owner: &str| -> BTreeMap<_, _> {
            let watches = inventory.watches.iter().filter(|(_, watch)| watch.owner.0 == owner);
            watches.map(|(id, watch)| (id.clone(), watch.latest_version.clone())).collect()
        };
        prop_assert_eq!(of(&new, "crew"), of(&old, "team 1"));
        prop_assert_eq!(changes.changed.len(), of(&old, "team 1").len());
        // Only half of it: whoever is not there cannot be told anything.
        let half = text.replacen("team 1", "crew", 1);
        prop_assert_eq!(read("inventory.toml", &half).is_err(), !of(&old, "team 1").is_empty());
    }
}
