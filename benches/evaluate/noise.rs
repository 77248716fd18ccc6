//! Noise: new names that an inventory tells of. Most are accidents.

use std::collections::BTreeMap;

use namewarden::model::{ProjectName, Rule, Tier};

use crate::data::{World, matcher};
use crate::gate::{self, Joined};

/// Of one inventory: the best score of each new name that matched, and how many the gate flags.
pub(crate) struct Noise {
    pub(crate) label: String,
    pub(crate) scores: Vec<u8>,
    pub(crate) gated: usize,
}

pub(crate) fn table(world: &World, noisy: bool) -> Vec<Noise> {
    println!("\nmatched per 1,000 of {} new names", world.new.len());
    println!("{:<24}     any   alert    gate   by rule (alert/any)", "inventory");
    world.inventories.iter().map(|(label, names)| of(world, label, names, noisy)).collect()
}

fn of(world: &World, label: &str, names: &[ProjectName], noisy: bool) -> Noise {
    let matcher = matcher(names);
    let joined: Vec<Joined> = names.iter().map(Joined::new).collect();
    let mut noise = Noise { label: label.to_owned(), scores: Vec::new(), gated: 0 };
    let (mut by_rule, mut shown, mut alert): (BTreeMap<Rule, (usize, usize)>, _, _) = (BTreeMap::new(), Vec::new(), 0);
    for name in world.new.iter().filter(|name| !names.contains(name)) {
        let bare = Joined::new(name);
        noise.gated += usize::from(joined.iter().any(|watch| gate::holds(&bare, watch)));
        let matches = matcher.judge(name).matches;
        let Some(first) = matches.first() else { continue };
        let alerts = usize::from(first.tier >= Tier::Alert);
        noise.scores.push(first.score);
        let of = by_rule.entry(first.rule).or_default();
        *of = (of.0 + alerts, of.1 + 1);
        alert += alerts;
        shown.push(format!("{} {} {} {} {}", first.tier, first.score, first.rule.as_str(), name, first.watch.text));
    }
    let per = |count: usize| count as f64 * 1000.0 / world.new.len() as f64;
    let rules: Vec<String> =
        by_rule.iter().map(|(rule, (alert, any))| format!("{} {alert}/{any}", rule.as_str())).collect();
    let (any, gated) = (per(noise.scores.len()), per(noise.gated));
    println!("{label:<24} {any:>7.2} {:>7.2} {gated:>7.2}   {}", per(alert), rules.join(", "));
    if noisy {
        // By the far end of the line: a sample without families of names.
        shown.sort_by_key(|line| line.bytes().rev().collect::<Vec<_>>());
        shown.iter().step_by(shown.len().div_ceil(60).max(1)).for_each(|line| println!("    {line}"));
    }
    noise
}
