//! Judges names against the inventory. Pure: no I/O, no clock; imports `model` only.
//!
//! A name meets the watches it shares a key with (`keys`, `index`), as far as a first look lets it (`outlines`); each
//! rule (`rules`) looks at the pair; what holds is weighed against how unusual the name is (`tokens`, `score`). The tier
//! depends on the name and the watch alone.

mod affixes;
mod edits;
mod forms;
mod grid;
mod index;
mod keyboard;
mod keys;
mod least;
mod outlines;
mod pair;
mod pieces;
mod rolling;
mod rules;
mod score;
mod tokens;

use std::collections::HashMap;

use forms::Forms;
use index::Index;
use keys::Hint;
use outlines::Outlines;
use pair::{Evidence, Name, Pair};
pub use rules::{RULES, Spec};

use crate::model::{Inventory, Match, ProjectName, WatchId, WatchKind};

/// Is a word so unusual that chance gives it to no more than eight new names a year? PyPI gets some 270,000 (2026).
pub fn is_distinctive(word: &str) -> bool {
    !affixes::is_affix(word.as_bytes()) && tokens::joined_bits(word.as_bytes()) >= DISTINCTIVE_BITS
}

const DISTINCTIVE_BITS: f32 = 15.0;

/// An inventory compiled for judging. Immutable: a reload builds another and swaps it.
#[derive(Debug)]
pub struct Matcher {
    watches: Vec<Compiled>,
    outlines: Outlines,
    listed: HashMap<Box<str>, u32>,
    /// Is anything but names watched or listed?
    words: bool,
    index: Index,
}

#[derive(Debug)]
struct Compiled {
    id: WatchId,
    exclusive: bool,
}

impl Matcher {
    /// Compiles an inventory. Time and memory grow with the number of watches only.
    pub fn build(inventory: &Inventory) -> Self {
        let compile = |watch: &crate::model::Watch| Compiled { id: watch.id.clone(), exclusive: watch.exclusive };
        let watches: Vec<Compiled> = inventory.watches.values().map(compile).collect();
        let place = |id: &WatchId| watches.binary_search_by(|w| w.id.cmp(id)).ok().map(number);
        let listed: HashMap<Box<str>, u32> =
            inventory.listed.iter().filter_map(|(name, id)| Some((name.as_str().into(), place(id)?))).collect();
        let mut outlines = Outlines::default();
        watches.iter().for_each(|watch| outlines.push(&Forms::new(&watch.id.text)));
        let inside = |watch: &Compiled| keys::telling_inside(&Forms::new(&watch.id.text));
        let inside: Vec<[bool; 2]> = watches.iter().map(inside).collect();
        let index = Index::build(watches.len(), |file| {
            for ((watch, inside), at) in watches.iter().zip(&inside).zip(0_u32..) {
                watch.keys(*inside, |key| file(key, at));
            }
            listed.iter().for_each(|(name, at)| file(keys::of_listed(name), *at));
        });
        let words = !listed.is_empty() || watches.iter().any(|watch| watch.id.kind != WatchKind::Name);
        Self { watches, outlines, listed, words, index }
    }

    /// How many watches were compiled.
    pub fn watches(&self) -> usize {
        self.watches.len()
    }

    /// Bytes of the compiled form on the heap, for the benchmark; the watches' own text is counted as it is stored.
    pub fn bytes(&self) -> usize {
        let watch = |w: &Compiled| size_of::<Compiled>() + w.id.text.capacity();
        self.index.bytes()
            + self.outlines.bytes()
            + self.watches.iter().map(watch).sum::<usize>()
            + self.listed.len() * 64
    }

    /// Why this name resembles watches: one match per (watch, rule), strongest first. Never fails.
    pub fn judge(&self, name: &ProjectName) -> Vec<Match> {
        self.judge_normalized(name.as_str())
    }

    /// `judge` for text in PEP 503 normal form. Allocates nothing for a name that matches nothing.
    fn judge_normalized(&self, name: &str) -> Vec<Match> {
        let name = Name::new(name);
        let mut found = Found::default();
        keys::of_name(&name.forms, self.words, &self.index, |key, hint| self.follow(key, hint, &name, &mut found));
        found.sorted()
    }

    /// Meets the watches under a key; out of line, as nearly no key leads anywhere.
    #[cold]
    fn follow(&self, key: u64, hint: Hint, name: &Name<'_>, found: &mut Found) {
        for watch in self.index.find(key) {
            if self.outlines.may_match(watch, name, hint) && !found.has_met(watch) {
                found.meet(self, name, watch);
            }
        }
    }

    fn judge_pair(&self, name: &Name<'_>, watch: u32, matches: &mut Vec<Match>) {
        let compiled = &self.watches[watch as usize];
        let forms = Forms::new(&compiled.id.text);
        let mut pair = Pair::new(name, &forms, compiled.id.kind);
        pair.exclusive = compiled.exclusive;
        pair.listed = !self.listed.is_empty() && self.listed.get(name.forms.text) == Some(&watch);
        for spec in &RULES {
            let found = (spec.find)(&pair).and_then(|evidence| explain(spec, &pair, evidence, &compiled.id));
            matches.extend(found);
        }
    }
}

impl Compiled {
    fn keys(&self, inside: [bool; 2], mut file: impl FnMut(u64)) {
        match self.id.kind {
            WatchKind::Name => keys::of_watch(&Forms::new(&self.id.text), inside, file),
            WatchKind::Prefix => file(keys::of_prefix(&self.id.text)),
            WatchKind::Brand => file(keys::of_brand(&self.id.text)),
        }
    }
}

/// Matches of one name, and the watches met last: many keys lead to the same.
#[derive(Default)]
struct Found {
    matches: Vec<Match>,
    met: [Option<u32>; 8],
    next: usize,
}

impl Found {
    fn has_met(&self, watch: u32) -> bool {
        self.met.contains(&Some(watch))
    }

    fn meet(&mut self, matcher: &Matcher, name: &Name<'_>, watch: u32) {
        self.met[self.next % self.met.len()] = Some(watch);
        self.next += 1;
        let id = &matcher.watches[watch as usize].id;
        if !self.matches.iter().any(|known| known.watch == *id) {
            matcher.judge_pair(name, watch, &mut self.matches);
        }
    }

    fn sorted(mut self) -> Vec<Match> {
        self.matches.sort_by(|a, b| (b.score, a.rule, &a.watch).cmp(&(a.score, b.rule, &b.watch)));
        self.matches
    }
}

/// The match, if it weighs enough for a tier.
fn explain(spec: &Spec, pair: &Pair<'_>, evidence: Evidence, watch: &WatchId) -> Option<Match> {
    let score = score::score(evidence.weight)?;
    let tier = score::tier(score);
    let reason = score::reason(evidence.weight, tier);
    let explanation = format!("{}. {reason}", (spec.says)(pair));
    Some(Match { watch: watch.clone(), rule: spec.rule, tier, score, distance: evidence.distance, explanation })
}

/// A place in the list of watches; an inventory of four billion does not fit in memory.
fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
