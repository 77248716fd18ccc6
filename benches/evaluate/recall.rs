//! Recall: which impostors are told, with their target alone in the inventory.

use std::collections::BTreeMap;

use namewarden::matcher::Matcher;
use namewarden::model::{ProjectName, Tier};

use crate::data::{Label, Pair, Part, Share, World, found, matcher};
use crate::gate;

/// By how the pair is known, and by how many edits the two are apart.
pub(crate) fn table(world: &World, part: Part) {
    println!("\nrecall on the part {part:?}: alert any (pairs)");
    println!("{:<24}{:>20}{:>20}{:>20}{:>20}{:>20}   gate", "", "all", "none or one edit", "two", "three", "more");
    for (label, said) in Label::ALL {
        row(said, world, |pair| pair.part == part && pair.label == label);
    }
    row("2024-26 by people", world, |pair| {
        pair.part == part && matches!(pair.label, Label::RecentPublished | Label::RecentRead)
    });
}

fn row(said: &str, world: &World, counts: impl Fn(&Pair) -> bool) {
    let (mut all, mut by_distance, mut gated) = (Share::default(), [Share::default(); 4], 0);
    for pair in world.pairs.iter().filter(|pair| counts(pair)) {
        let tier = found(&matcher([&pair.target]), &pair.name, &pair.target).map(|m| m.tier);
        let distance = gate::distance(&pair.name, &pair.target);
        all.add(tier);
        by_distance[distance.clamp(1, 4) - 1].add(tier);
        gated += usize::from(gate::holds(&gate::Joined::new(&pair.name), &gate::Joined::new(&pair.target)));
    }
    let cells: String = by_distance.iter().map(|share| share.cell()).collect();
    println!("{said:<24}{}{cells}   {:.3}", all.cell(), gated as f64 / all.of.max(1) as f64);
}

/// The pairs shown that do not alert.
pub(crate) fn missed(world: &World) {
    for pair in world.pairs.iter().filter(|pair| pair.part == Part::Shown) {
        let found = found(&matcher([&pair.target]), &pair.name, &pair.target);
        if found.as_ref().is_none_or(|m| m.tier < Tier::Alert) {
            let what = found.map_or("silent".to_owned(), |m| format!("{} {} {}", m.tier, m.score, m.rule.as_str()));
            let apart = gate::distance(&pair.name, &pair.target);
            println!("  {:?} {} -> {} ({apart}): {what}", pair.label, pair.name, pair.target);
        }
    }
}

/// Stops where a match of a pair depends on the other watches of an inventory.
pub(crate) fn hold_in_every_inventory(world: &World) {
    for (label, names) in &world.inventories {
        let mut cache: BTreeMap<&ProjectName, Matcher> = BTreeMap::new();
        for pair in &world.pairs {
            let with = || matcher(names.iter().chain([&pair.target]));
            let crowd = cache.entry(&pair.target).or_insert_with(with);
            let alone = found(&matcher([&pair.target]), &pair.name, &pair.target);
            assert_eq!(
                found(crowd, &pair.name, &pair.target),
                alone,
                "a match depends on the other watches of {label}"
            );
        }
    }
    println!("every match is the same with the target in each inventory");
}
