//! One edit of every kind, at every place, of watches that no pair names: what is told, by the length of the watch.

use namewarden::model::ProjectName;

use crate::data::{Share, World, found, matcher};

/// Watches of each length, taken evenly from the most downloaded.
const WATCHES: usize = 30;
const LENGTHS: std::ops::RangeInclusive<usize> = 4..=12;
const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz";

/// A kind of edit, and the texts that it makes of a watch.
type Kind = (&'static str, fn(&[u8]) -> Vec<Vec<u8>>);

const KINDS: [Kind; 9] = [
    ("lost", |w| (1..w.len()).map(|at| without(w, at)).collect()),
    ("new", |w| (1..=w.len()).map(|at| with(w, at, letter(w, at))).collect()),
    ("doubled", |w| (0..w.len()).map(|at| with(w, at, w[at])).collect()),
    ("swapped", |w| (1..w.len() - 1).map(|at| swapped(w, at)).collect()),
    ("other", |w| (1..w.len()).map(|at| other(w, at, letter(w, at))).collect()),
    ("first lost", |w| vec![without(w, 0)]),
    ("first new", |w| LETTERS.iter().map(|letter| with(w, 0, *letter)).collect()),
    ("first other", |w| LETTERS.iter().map(|letter| other(w, 0, *letter)).collect()),
    ("first swapped", |w| vec![swapped(w, 0)]),
];

fn without(watch: &[u8], at: usize) -> Vec<u8> {
    [&watch[..at], &watch[at + 1..]].concat()
}

fn with(watch: &[u8], at: usize, letter: u8) -> Vec<u8> {
    [&watch[..at], &[letter], &watch[at..]].concat()
}

fn other(watch: &[u8], at: usize, letter: u8) -> Vec<u8> {
    [&watch[..at], &[letter], &watch[at + 1..]].concat()
}

fn swapped(watch: &[u8], at: usize) -> Vec<u8> {
    let mut text = watch.to_vec();
    text.swap(at, at + 1);
    text
}

/// A letter that depends on the watch and the place, another one with each.
fn letter(watch: &[u8], at: usize) -> u8 {
    let sum: usize = watch.iter().map(|byte| usize::from(*byte)).sum();
    LETTERS[(sum * 7 + at * 11) % LETTERS.len()]
}

pub(crate) fn table(world: &World) {
    println!("\none edit of {WATCHES} projects of each length that no pair names: alert any");
    print!("{:<8}", "letters");
    println!("{}", KINDS.iter().map(|(said, _)| format!("{said:>15}")).collect::<String>());
    let targets = world.targets();
    for length in LENGTHS {
        let plain = |name: &&ProjectName| {
            name.as_str().len() == length && !name.as_str().contains(|c: char| !c.is_ascii_lowercase())
        };
        let all: Vec<&ProjectName> =
            world.ranked.iter().filter(plain).filter(|name| !targets.contains(name.as_str())).collect();
        let watches = || all.iter().step_by((all.len() / WATCHES).max(1)).take(WATCHES);
        let cells = KINDS.iter().map(|(_, edit)| {
            let mut share = Share::default();
            watches().for_each(|watch| told(watch, *edit, &mut share));
            format!("{:>9.3} {:.3}", share.alert as f64 / share.of as f64, share.any as f64 / share.of as f64)
        });
        println!("{length:<8}{}", cells.collect::<String>());
    }
}

fn told(watch: &ProjectName, edit: fn(&[u8]) -> Vec<Vec<u8>>, share: &mut Share) {
    let matcher = matcher([watch]);
    let texts = edit(watch.as_str().as_bytes()).into_iter().filter_map(|text| String::from_utf8(text).ok());
    for name in texts.filter_map(|text| ProjectName::parse(&text).ok()).filter(|name| name != watch) {
        let tier = found(&matcher, &name, watch).map(|m| m.tier);
        if tier.is_none() && std::env::args().any(|a| a == "silent") {
            println!("silent {watch} {name}");
        }
        share.add(tier);
    }
}
