//! Judges names with typomania: the checks and the character table of its own example. Arguments: WATCHES NAMES, a name a
//! line each. Prints names a second of processor time.

use std::collections::HashMap;
use std::fs;

use typomania::checks::{Bitflips, Omitted, SwappedWords, Typos};
use typomania::{AuthorSet, Corpus, Harness, Package};

mod typos;

use typos::TYPOS;

const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz1234567890-_";

struct Top(HashMap<String, Named>);

/// A package with an author of its own, so that no match is excluded because of a shared one.
struct Named(String);

impl Corpus for Top {
    fn contains_name(&self, name: &str) -> typomania::Result<bool> {
        Ok(self.0.contains_key(name))
    }

    fn get(&self, name: &str) -> typomania::Result<Option<&dyn Package>> {
        Ok(self.0.get(name).map(|package| package as &dyn Package))
    }
}

impl Package for Named {
    fn authors(&self) -> &dyn AuthorSet {
        self
    }

    fn description(&self) -> Option<&str> {
        None
    }

    fn shared_authors(&self, other: &dyn AuthorSet) -> bool {
        other.contains(&self.0)
    }
}

impl AuthorSet for Named {
    fn contains(&self, author: &str) -> bool {
        self.0 == author
    }
}

fn lines(path: &str) -> Vec<String> {
    fs::read_to_string(path).expect("a readable list").lines().map(str::to_owned).collect()
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [watches, names] = arguments.as_slice() else { panic!("usage: peer-typomania WATCHES NAMES") };
    let top = Top(lines(watches).into_iter().map(|name| (name.clone(), Named(name))).collect());
    let names = lines(names);
    let harness = Harness::builder()
        .with_check(Bitflips::new(ALPHABET, top.0.keys().map(String::as_str)))
        .with_check(Omitted::new(ALPHABET))
        .with_check(SwappedWords::new("-_."))
        .with_check(Typos::new(TYPOS.iter().map(|(c, typos)| (*c, typos.iter().map(|s| (*s).to_owned()).collect()))))
        .build(top);
    let packages: Vec<(String, Box<dyn Package>)> =
        names.iter().map(|name| (name.clone(), Box::new(Named(format!("by {name}"))) as Box<dyn Package>)).collect();
    let before = processor_seconds();
    let found = harness.check(packages.into_iter()).expect("no check fails").len();
    let seconds = processor_seconds() - before;
    println!("typomania {} names, {found} matched, {:.0} names/s", names.len(), names.len() as f64 / seconds);
}

/// User time of this process, in ticks of 10 ms as Linux tells it.
fn processor_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").expect("Linux");
    let fields = stat.rsplit_once(')').expect("a command in parentheses").1;
    fields.split_whitespace().nth(11).and_then(|user| user.parse::<f64>().ok()).expect("user time") / 100.0
}
