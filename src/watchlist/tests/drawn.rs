//! Inventories at random, as people write them in TOML.

use std::fmt::Write as _;
use std::path::Path;

use proptest::prelude::*;
use proptest::sample::select;

use crate::config::source::Source;
use crate::model::{Inventory, OwnerId};
use crate::watchlist::{InventoryError, from_source};

pub(super) fn read(file: &str, text: &str) -> Result<Inventory, InventoryError> {
    from_source(Source::new(Path::new(file), text.to_owned()), &OwnerId("security".to_owned()))
}

/// One watch as somebody writes it.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// `name`, `prefix` or `brand`.
    kind: &'static str,
    number: u8,
    owner: Option<u8>,
    version: Option<u8>,
    index: Option<u8>,
    day: bool,
    guard: bool,
    exclusive: bool,
    /// `confidential`, `public_ok`, or nothing.
    said: &'static str,
    auto: bool,
}

pub(super) fn entry() -> impl Strategy<Value = Entry> {
    let kind = select(vec!["name", "name", "name", "name", "prefix", "brand"]);
    let few = || prop::option::weighted(0.6, 0..3_u8);
    let said = select(vec!["", "", "", "confidential = true\n", "public_ok = true\n"]);
    let flags = (any::<bool>(), prop::bool::weighted(0.2), any::<bool>(), said, prop::bool::weighted(0.2));
    (kind, 0..12_u8, few(), few(), few(), flags).prop_map(
        |(kind, number, owner, version, index, (day, guard, exclusive, said, auto))| Entry {
            kind,
            number,
            owner,
            version,
            index,
            day,
            guard,
            exclusive: exclusive && kind == "prefix",
            said: if kind == "brand" { "" } else { said },
            // By itself only what is known well enough, and is no secret.
            auto: auto && kind == "name" && day && version.is_some() && !said.starts_with('c'),
        },
    )
}

impl Entry {
    /// As it is called, in one of its spellings.
    fn text(&self) -> String {
        match self.kind {
            "prefix" => format!("acme-{}-*", self.number),
            "brand" => format!("acme{}", self.number),
            _ if self.exclusive || self.guard => format!("Acme_{}.x", self.number),
            _ => format!("acme-{}-x", self.number),
        }
    }

    fn written(&self, out: &mut String) {
        let key = match self.kind {
            "prefix" => "text",
            "brand" => "word",
            name => name,
        };
        let _ = writeln!(out, "[[{}]]\n{key} = {:?}", self.kind, self.text());
        let mut say = |line: String| out.push_str(&line);
        self.owner.into_iter().for_each(|owner| say(format!("owner = \"team {owner}\"\n")));
        self.index.into_iter().for_each(|index| say(format!("index = \"https://i{index}.example/simple\"\n")));
        if self.kind == "name" {
            self.version.into_iter().for_each(|version| say(format!("latest_version = \"1.{version}\"\n")));
        }
        let flags = [
            (self.day, "first_use = 2019-03-01\n"),
            (self.guard, "guard = true\n"),
            (self.exclusive, "exclusive = true\n"),
            (true, self.said),
            (self.auto, "claim = \"auto\"\n"),
        ];
        flags.into_iter().filter(|(is, _)| *is).for_each(|(_, line)| say(line.to_owned()));
    }
}

/// What else an inventory says.
#[derive(Clone, Debug)]
pub(super) struct Beside {
    /// How people call the owners.
    owners: Vec<String>,
    suppressed: Vec<(u8, bool, Option<&'static str>)>,
    listed: Vec<u8>,
    ours: Vec<String>,
}

pub(super) fn beside() -> impl Strategy<Value = Beside> {
    let rule = prop::option::of(select(vec!["exact", "omission", "affix"]));
    (
        prop::collection::vec("[A-Za-zé\"\\\\\u{7f}\u{1}' ]{1,9}", 3),
        prop::collection::vec((0..4_u8, any::<bool>(), rule), 0..4),
        prop::collection::vec(0..4_u8, 0..3),
        prop::collection::vec("[a-z]{1,5}", 0..3),
    )
        .prop_map(|(owners, suppressed, listed, ours)| Beside { owners, suppressed, listed, ours })
}

/// A basic string of TOML.
fn quoted(text: &str) -> String {
    let letter = |c: char| if c.is_alphanumeric() { c.to_string() } else { format!("\\U{:08X}", u32::from(c)) };
    format!("\"{}\"", text.chars().map(letter).collect::<String>())
}

/// The whole file. Of entries of one watch the first counts: two that disagree are refused.
pub(super) fn file(entries: &[Entry], beside: &Beside) -> String {
    let mut out = String::new();
    for (at, name) in beside.owners.iter().enumerate() {
        let _ = writeln!(
            out,
            "[owners.\"team {at}\"]\nname = {}\nemail = [\"t{at}@acme.example\"]\nslack = [\"t{at}\"]",
            quoted(name)
        );
    }
    let mut seen = std::collections::BTreeSet::new();
    let first = entries.iter().filter(|entry| seen.insert((entry.kind, entry.number))).collect::<Vec<_>>();
    first.iter().for_each(|entry| entry.written(&mut out));
    let _ = writeln!(out, "[registrants]\nusers = {:?}", beside.ours);
    for (number, of_one, rule) in &beside.suppressed {
        let _ = writeln!(
            out,
            "[[suppress]]\nproject = \"other-{number}\"\nreason = {}",
            quoted(&format!("why {}.", beside.owners[0]))
        );
        first.first().filter(|_| *of_one).into_iter().for_each(|entry| {
            let brand = if entry.kind == "brand" { "brand:" } else { "" };
            let _ = writeln!(out, "watch = \"{brand}{}\"", entry.text());
        });
        rule.iter().for_each(|rule| {
            let _ = writeln!(out, "rule = {rule:?}");
        });
    }
    for (entry, number) in first.iter().zip(&beside.listed) {
        let brand = if entry.kind == "brand" { "brand:" } else { "" };
        let _ = writeln!(
            out,
            "[[listed]]\nwatch = \"{brand}{}\"\nnames = [\"old-{number}-{}-{}\"]",
            entry.text(),
            entry.kind,
            entry.number
        );
    }
    out
}
