//! Recall and noise at every fifth score, and the two comparisons with the gate, on the pairs shown.

use crate::data::{Label, Pair, Part, World, found, matcher};
use crate::gate::{self, Joined};
use crate::noise::Noise;

pub(crate) fn table(world: &World, noise: &[Noise]) {
    let shown: Vec<&Pair> = world.pairs.iter().filter(|pair| pair.part == Part::Shown).collect();
    let score = |pair: &&Pair| found(&matcher([&pair.target]), &pair.name, &pair.target).map_or(0, |m| m.score);
    let scores: Vec<u8> = shown.iter().map(score).collect();
    let share = |label: Label, from: u8| {
        let of: Vec<u8> = shown.iter().zip(&scores).filter(|(p, _)| p.label == label).map(|(_, s)| *s).collect();
        of.iter().filter(|s| **s >= from).count() as f64 / of.len().max(1) as f64
    };
    let gate = |label: Label| {
        let of: Vec<_> = shown.iter().filter(|p| p.label == label).collect();
        let gated = of.iter().filter(|p| gate::holds(&Joined::new(&p.name), &Joined::new(&p.target))).count();
        gated as f64 / of.len().max(1) as f64
    };
    let per = |noise: &Noise, from: u8| {
        noise.scores.iter().filter(|s| **s >= from).count() as f64 * 1000.0 / world.new.len() as f64
    };
    let labels: String = noise.iter().map(|n| format!("{:>16}", n.label)).collect();
    println!("\nscore from  published  campaign  {labels}");
    for from in (30..=85).step_by(5) {
        let cells: String = noise.iter().map(|n| format!("{:>16.2}", per(n, from))).collect();
        println!("{from:>10} {:>10.3} {:>9.3}  {cells}", share(Label::Published, from), share(Label::Campaign, from));
    }
    let (published, campaign) = (gate(Label::Published), gate(Label::Campaign));
    let reaches = |s: &u8| share(Label::Published, *s) >= published && share(Label::Campaign, *s) >= campaign;
    let equal = (30..=100).rev().find(reaches);
    println!("\nbeside the gate (published {published:.3}, campaign {campaign:.3})");
    for noise in noise {
        let gated = noise.gated as f64 * 1000.0 / world.new.len() as f64;
        let kept = equal.map_or(f64::NAN, |s| 100.0 * per(noise, s) / gated);
        println!("{:<24} at its recall (score {}): {kept:>5.0} % of its noise", noise.label, equal.unwrap_or(0));
    }
}
