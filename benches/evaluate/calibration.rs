//! Is chance as likely as the matcher says? Of all names one edit from a project, so many should be among the new ones as
//! their probabilities sum up to: expected against observed, by bits.

use std::collections::{BTreeMap, BTreeSet};

use namewarden::matcher;
use namewarden::model::ProjectName;

use crate::data::World;

/// Every so many-th of the most downloaded projects.
const STEP: usize = 10;
/// Bits of a row.
const ROW: usize = 3;
const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789-";

/// Names, what is expected of them by the bits of their words and characters, by the bits as they count, and what is seen.
#[derive(Default)]
struct Row {
    names: usize,
    plain: f64,
    counted: f64,
    seen: usize,
}

pub(crate) fn table(world: &World) {
    let new: BTreeSet<&str> = world.new.iter().map(ProjectName::as_str).collect();
    let mut rows: BTreeMap<usize, Row> = BTreeMap::new();
    let mut all: BTreeSet<String> = BTreeSet::new();
    world.ranked.iter().step_by(STEP).for_each(|watch| neighbours(watch.as_str(), &mut all));
    for name in &all {
        let (plain, counted) = (f64::from(matcher::plain_bits(name)), f64::from(matcher::counted_bits(name)));
        let row = rows.entry(plain as usize / ROW * ROW).or_default();
        row.names += 1;
        row.plain += world.new.len() as f64 * (-plain).exp2();
        row.counted += world.new.len() as f64 * (-counted).exp2();
        row.seen += usize::from(new.contains(name.as_str()));
    }
    println!("\none edit from {} projects, of {} new names", world.ranked.len() / STEP, new.len());
    println!("{:<10}{:>12}{:>16}{:>16}{:>10}", "bits", "names", "expected plain", "as counted", "seen");
    for (bits, row) in rows.into_iter().filter(|(bits, _)| *bits < 48) {
        let bits = format!("{bits} to {}", bits + ROW);
        println!("{bits:<10}{:>12}{:>16.1}{:>16.1}{:>10}", row.names, row.plain, row.counted, row.seen);
    }
}

fn neighbours(watch: &str, all: &mut BTreeSet<String>) {
    let mut put = |text: String| {
        if ProjectName::parse(&text).is_ok_and(|name| name.as_str() == text) {
            all.insert(text);
        }
    };
    for at in 0..=watch.len() {
        let (before, after) = watch.split_at(at);
        let rest = after.get(1..);
        rest.into_iter().for_each(|rest| put(format!("{before}{rest}")));
        for letter in LETTERS.iter().map(|byte| char::from(*byte)) {
            put(format!("{before}{letter}{after}"));
            rest.into_iter().for_each(|rest| put(format!("{before}{letter}{rest}")));
        }
    }
}
