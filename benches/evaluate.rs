//! Prints the recall and noise tables of the matcher beside the plain length gate, from a directory of real data.
//!
//!     cargo bench --bench evaluate -- DIR [missed] [noisy]
//!
//! DIR holds `impostor-pairs.csv` (name, target, label_method), `pypi-projects.tsv.gz` (name, version, month of the last
//! release, rank) and `inventories/*.txt`. `missed` lists the pairs that no rule finds or that stay below an alert,
//! `noisy` the first alerts of each inventory. Recall and noise are defined in `benches/README.md`.

#![expect(clippy::print_stdout, reason = "its tables are what it is for")]

use std::collections::BTreeMap;
use std::error::Error;
use std::io::Read;
use std::path::Path;

use namewarden::matcher::Matcher;
use namewarden::model::{Inventory, OwnerId, ProjectName, Rule, Tier, Watch, WatchId};

/// A project is new when its last release is at or after this month and it is not among the most downloaded.
const NEW_FROM: &str = "2026-08";

struct PairRow {
    name: ProjectName,
    target: ProjectName,
    method: String,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let Some(dir) = arguments.first() else {
        println!("usage: cargo bench --bench evaluate -- DIR [missed] [noisy]");
        return Ok(());
    };
    let dir = Path::new(dir);
    let wants = |word: &str| arguments.iter().any(|a| a == word);
    let pairs = read_pairs(&dir.join("impostor-pairs.csv"))?;
    let new = read_new_names(&dir.join("pypi-projects.tsv.gz"))?;
    let inventories = read_inventories(&dir.join("inventories"))?;
    recall_table(&pairs, &inventories, wants("missed"));
    let noise = noise_table(&new, &inventories, wants("noisy"));
    curve(&pairs, &noise, new.len());
    Ok(())
}

fn read_pairs(path: &Path) -> Result<Vec<PairRow>, Box<dyn Error>> {
    let text = std::fs::read_to_string(path)?;
    let row = |line: &str| -> Result<PairRow, Box<dyn Error>> {
        let mut cells = line.split(',');
        let mut cell = || cells.next().ok_or("a row of impostor-pairs.csv is too short");
        let (name, target) = (ProjectName::parse(cell()?)?, ProjectName::parse(cell()?)?);
        Ok(PairRow { name, target, method: cell()?.split('-').next().unwrap_or_default().to_owned() })
    };
    text.lines().skip(1).map(row).collect()
}

fn read_new_names(path: &Path) -> Result<Vec<ProjectName>, Box<dyn Error>> {
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(std::fs::File::open(path)?).read_to_string(&mut text)?;
    let cells = text.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>());
    let new = cells.filter(|c| c[3].is_empty() && c[2] >= NEW_FROM);
    Ok(new.map(|c| ProjectName::parse(c[0])).collect::<Result<_, _>>()?)
}

fn read_inventories(dir: &Path) -> Result<BTreeMap<String, Vec<ProjectName>>, Box<dyn Error>> {
    let mut inventories = BTreeMap::new();
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        let names = std::fs::read_to_string(&path)?.lines().map(ProjectName::parse).collect::<Result<_, _>>()?;
        inventories.insert(path.file_stem().unwrap_or_default().to_string_lossy().into_owned(), names);
    }
    Ok(inventories)
}

fn matcher<'a>(names: impl IntoIterator<Item = &'a ProjectName>) -> Matcher {
    let watch = |name: &ProjectName| Watch {
        id: WatchId::name(name),
        display: name.as_str().to_owned(),
        owner: OwnerId("team".to_owned()),
        exclusive: false,
        latest_version: None,
        first_use: None,
        index: None,
    };
    let watches = names.into_iter().map(|name| (WatchId::name(name), watch(name))).collect();
    Matcher::build(&Inventory { watches, ..Inventory::default() })
}

/// The highest tier of a match of `name` on `target`, and the best score.
fn found(matcher: &Matcher, name: &ProjectName, target: &ProjectName) -> Option<(Tier, u8)> {
    let id = WatchId::name(target);
    matcher.judge(name).matches.into_iter().find(|m| m.watch == id).map(|m| (m.tier, m.score))
}

/// A name without separators, and which letters it has: most names are told apart by those alone.
struct Joined(String, u64);

impl Joined {
    fn new(name: &ProjectName) -> Self {
        let joined = name.as_str().replace('-', "");
        let letters = joined.bytes().fold(0, |bits, byte| bits | 1 << (byte & 63));
        Self(joined, letters)
    }
}

/// The peer: two edits (swaps count as one, separators left out) from eight characters, one from five.
fn gate(Joined(a, a_letters): &Joined, Joined(b, b_letters): &Joined) -> bool {
    let shorter = a.len().min(b.len());
    if a.len().abs_diff(b.len()) > 2 || (a_letters ^ b_letters).count_ones() > 4 {
        return false;
    }
    let edits = strsim::osa_distance(a, b);
    edits == 0 || (shorter >= 8 && edits <= 2) || (shorter >= 5 && edits <= 1)
}

fn recall_table(pairs: &[PairRow], inventories: &BTreeMap<String, Vec<ProjectName>>, missed: bool) {
    println!("recall                     published: any  alert   gate   campaign: any  alert   gate");
    let alone: Vec<_> = pairs.iter().map(|p| found(&matcher([&p.target]), &p.name, &p.target)).collect();
    recall_row("alone", pairs, &alone);
    for (label, names) in inventories.iter().filter(|(_, names)| names.len() >= 500) {
        let with = |target: &ProjectName| matcher(names.iter().chain([target]));
        let mut cache: BTreeMap<&ProjectName, Matcher> = BTreeMap::new();
        let inside =
            pairs.iter().map(|p| found(cache.entry(&p.target).or_insert_with(|| with(&p.target)), &p.name, &p.target));
        let inside: Vec<_> = inside.collect();
        recall_row(&format!("in {label}"), pairs, &inside);
        assert_eq!(alone, inside, "a tier depends on the other watches");
    }
    for (pair, found) in pairs.iter().zip(&alone).filter(|_| missed) {
        if found.is_none_or(|(tier, _)| tier < Tier::Alert) {
            println!("  {} {} -> {}: {found:?}", pair.method, pair.name, pair.target);
        }
    }
}

fn recall_row(label: &str, pairs: &[PairRow], found: &[Option<(Tier, u8)>]) {
    print!("{label:<24}");
    for method in ["published", "campaign"] {
        let of: Vec<_> = pairs.iter().zip(found).filter(|(p, _)| p.method == method).collect();
        let share = |hits: usize| hits as f64 / of.len() as f64;
        let any = share(of.iter().filter(|(_, f)| f.is_some()).count());
        let alert = share(of.iter().filter(|(_, f)| f.is_some_and(|(tier, _)| tier >= Tier::Alert)).count());
        let gate = share(of.iter().filter(|(p, _)| gate(&Joined::new(&p.name), &Joined::new(&p.target))).count());
        print!("        {any:>6.3} {alert:>6.3} {gate:>6.3}");
    }
    println!();
}

/// Of one inventory: the best score of each new name that matched, and how many the gate flags.
struct Noise {
    label: String,
    scores: Vec<u8>,
    gated: usize,
}

fn noise_table(new: &[ProjectName], inventories: &BTreeMap<String, Vec<ProjectName>>, noisy: bool) -> Vec<Noise> {
    let mut noise = Vec::new();
    println!("\nmatched per 1,000 of {} new names", new.len());
    println!("{:<24}     any   alert    gate   gate noise kept   by rule (alert/any)", "inventory");
    for (label, names) in inventories {
        let matcher = matcher(names);
        let joined: Vec<Joined> = names.iter().map(Joined::new).collect();
        let (mut any, mut alert, mut gated) = (0_usize, 0_usize, 0_usize);
        let mut by_rule: BTreeMap<Rule, (usize, usize)> = BTreeMap::new();
        let (mut shown, mut scores) = (Vec::new(), Vec::new());
        for name in new.iter().filter(|name| !names.contains(name)) {
            let bare = Joined::new(name);
            gated += usize::from(joined.iter().any(|watch| gate(&bare, watch)));
            let matches = matcher.judge(name).matches;
            let Some(first) = matches.first() else { continue };
            any += 1;
            scores.push(first.score);
            let of = by_rule.entry(first.rule).or_default();
            of.1 += 1;
            if first.tier >= Tier::Alert {
                alert += 1;
                of.0 += 1;
            }
            shown.push(format!("{} {} {} {} {}", first.tier, first.score, first.rule.as_str(), name, first.watch.text));
        }
        let per = |count: usize| count as f64 * 1000.0 / new.len() as f64;
        let rules: Vec<String> =
            by_rule.iter().map(|(rule, (alert, any))| format!("{} {alert}/{any}", rule.as_str())).collect();
        println!(
            "{label:<24} {:>7.2} {:>7.2} {:>7.2}  {:>14.0} %   {}",
            per(any),
            per(alert),
            per(gated),
            100.0 * alert as f64 / gated as f64,
            rules.join(", ")
        );
        noise.push(Noise { label: label.clone(), scores, gated });
        if noisy {
            // By the far end of the line: a sample without families of names.
            shown.sort_by_key(|line| line.bytes().rev().collect::<Vec<_>>());
            shown.iter().step_by(shown.len().div_ceil(60).max(1)).for_each(|line| println!("    {line}"));
        }
    }
    noise
}

/// Recall and noise at every fifth score, and the two comparisons with the gate.
fn curve(pairs: &[PairRow], noise: &[Noise], new: usize) {
    let scores: Vec<u8> =
        pairs.iter().map(|p| found(&matcher([&p.target]), &p.name, &p.target).map_or(0, |(_, score)| score)).collect();
    let share = |method: &str, from: u8| {
        let of: Vec<u8> = pairs.iter().zip(&scores).filter(|(p, _)| p.method == method).map(|(_, s)| *s).collect();
        of.iter().filter(|s| **s >= from).count() as f64 / of.len() as f64
    };
    let gate = |method: &str| {
        let of: Vec<_> = pairs.iter().filter(|p| p.method == method).collect();
        of.iter().filter(|p| gate(&Joined::new(&p.name), &Joined::new(&p.target))).count() as f64 / of.len() as f64
    };
    let per =
        |noise: &Noise, from: u8| noise.scores.iter().filter(|s| **s >= from).count() as f64 * 1000.0 / new as f64;
    println!(
        "\nscore from  published  campaign  {}",
        noise.iter().map(|n| format!("{:>16}", n.label)).collect::<String>()
    );
    for from in (30..=85).step_by(5) {
        let cells: String = noise.iter().map(|n| format!("{:>16.2}", per(n, from))).collect();
        println!("{from:>10} {:>10.3} {:>9.3}  {cells}", share("published", from), share("campaign", from));
    }
    let (published, campaign) = (gate("published"), gate("campaign"));
    let equal = (30..=100).rev().find(|s| share("published", *s) >= published && share("campaign", *s) >= campaign);
    println!("\nbeside the gate (published {published:.3}, campaign {campaign:.3})");
    for noise in noise {
        let gated = noise.gated as f64 * 1000.0 / new as f64;
        let kept = equal.map_or(f64::NAN, |s| 100.0 * per(noise, s) / gated);
        let quiet = (30..=100).find(|s| per(noise, *s) <= gated).unwrap_or(100);
        println!(
            "{:<24} at its recall (score {}): {kept:>5.0} % of its noise; at its noise (score {quiet}): {:+.1} / {:+.1} points of recall",
            noise.label,
            equal.unwrap_or(0),
            100.0 * (share("published", quiet) - published),
            100.0 * (share("campaign", quiet) - campaign)
        );
    }
}
