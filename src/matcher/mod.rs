//! Judges names against the inventory. Pure: no I/O, no clock; imports `model` only.
//!
//! A name meets the watches it shares a key with (`keys`, `index`); each rule (`rules`) looks at the pair; what holds is
//! weighed against how unusual the name is (`tokens`, `score`). The tier depends on the name and the watch alone.

mod affixes;
mod edits;
mod forms;
mod index;
mod keyboard;
mod keys;
mod pair;
mod rolling;
mod rules;
mod score;
mod tokens;

use std::collections::HashMap;

use forms::Forms;
use index::Index;
use keys::Hint;
use pair::{Evidence, Name, Pair};
use rules::three_edits;
pub use rules::{RULES, Spec};
use score::Apart;

use crate::model::{Inventory, Match, ProjectName, WatchId, WatchKind};

/// An inventory compiled for judging. Immutable: a reload builds another and swaps it.
#[derive(Debug)]
pub struct Matcher {
    watches: Vec<Compiled>,
    shapes: Shapes,
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

/// The watched names without separators, one after the other: most looks at a watch end here.
#[derive(Debug, Default)]
struct Shapes {
    text: Vec<u8>,
    outlines: Vec<Outline>,
    /// `keys::telling_inside` of each.
    telling: Vec<[bool; 2]>,
}

#[derive(Debug)]
struct Outline {
    /// `keys::signature`.
    letters: u32,
    /// Where it begins in `text`.
    start: u32,
    len: u8,
    /// How many words.
    words: u8,
    /// Its core begins here and is so long.
    core: (u8, u8),
}

impl Shapes {
    fn push(&mut self, forms: &Forms<'_>) {
        let (joined, core) = (forms.joined(), forms.core());
        let byte = |n: usize| u8::try_from(n).unwrap_or(u8::MAX);
        self.outlines.push(Outline {
            letters: keys::signature(joined),
            start: number(self.text.len()),
            len: byte(joined.len()),
            words: byte(forms.tokens()),
            core: (byte(forms.core_start()), byte(core.len())),
        });
        self.telling.push(keys::telling_inside(forms));
        self.text.extend(joined);
    }

    fn outline(&self, watch: u32) -> &Outline {
        &self.outlines[watch as usize]
    }

    fn joined(&self, watch: u32) -> &[u8] {
        let outline = self.outline(watch);
        let start = outline.start as usize;
        &self.text[start..start + usize::from(outline.len)]
    }

    fn core(&self, watch: u32) -> &[u8] {
        let (start, len) = self.outline(watch).core;
        &self.joined(watch)[usize::from(start)..][..usize::from(len)]
    }
}

impl Matcher {
    /// Compiles an inventory. Time and memory grow with the number of watches only.
    pub fn build(inventory: &Inventory) -> Self {
        let compile = |watch: &crate::model::Watch| Compiled { id: watch.id.clone(), exclusive: watch.exclusive };
        let watches: Vec<Compiled> = inventory.watches.values().map(compile).collect();
        let place = |id: &WatchId| watches.binary_search_by(|w| w.id.cmp(id)).ok().map(number);
        let listed: HashMap<Box<str>, u32> =
            inventory.listed.iter().filter_map(|(name, id)| Some((name.as_str().into(), place(id)?))).collect();
        let mut shapes = Shapes::default();
        watches.iter().for_each(|watch| shapes.push(&Forms::new(&watch.id.text)));
        let index = Index::build(watches.len(), |file| {
            for (watch, at) in watches.iter().zip(0_u32..) {
                watch.keys(shapes.telling[at as usize], |key| file(key, at));
            }
            listed.iter().for_each(|(name, at)| file(keys::of_listed(name), *at));
        });
        let words = !listed.is_empty() || watches.iter().any(|watch| watch.id.kind != WatchKind::Name);
        Self { watches, shapes, listed, words, index }
    }

    /// How many watches were compiled.
    pub fn watches(&self) -> usize {
        self.watches.len()
    }

    /// Bytes of the compiled form on the heap, for the benchmark; the watches' own text is counted as it is stored.
    pub fn bytes(&self) -> usize {
        let watch = |w: &Compiled| size_of::<Compiled>() + w.id.text.capacity();
        self.index.bytes()
            + self.shapes.text.capacity()
            + (size_of::<Outline>() + 2) * self.shapes.outlines.capacity()
            + self.watches.iter().map(watch).sum::<usize>()
            + self.listed.len() * 64
    }

    /// Why this name resembles watches: one match per (watch, rule), strongest first. Never fails.
    pub fn judge(&self, name: &ProjectName) -> Vec<Match> {
        self.judge_normalized(name.as_str())
    }

    /// `judge` for text in PEP 503 normal form. Allocates nothing for a name that matches nothing.
    pub fn judge_normalized(&self, name: &str) -> Vec<Match> {
        let name = Name::new(name);
        let letters = keys::signature(name.forms.joined());
        let mut found = Found::default();
        keys::of_name(&name.forms, self.words, &self.index, |key, hint| {
            self.follow(key, hint, &name, letters, &mut found);
        });
        found.sorted()
    }

    /// Meets the watches under a key; out of line, as nearly no key leads anywhere.
    #[cold]
    fn follow(&self, key: u64, hint: Hint, name: &Name<'_>, letters: u32, found: &mut Found) {
        for watch in self.index.find(key) {
            if self.worth_a_look(name, letters, watch, hint) && !found.has_met(watch) {
                found.meet(self, name, watch);
            }
        }
    }

    /// The cheap part of what the rules behind a hint demand. A pair refused here may come again by another key.
    fn worth_a_look(&self, name: &Name<'_>, letters: u32, watch: u32, hint: Hint) -> bool {
        match hint {
            Hint::Shape => true,
            Hint::Piece | Hint::Letters => self.edits_worth(name, letters, watch),
            Hint::Core => self.cores_near(&name.forms, watch),
            Hint::Deletion => self.edits_worth(name, letters, watch) || self.cores_near(&name.forms, watch),
        }
    }

    /// Are they one to three edits apart that can weigh enough?
    fn edits_worth(&self, name: &Name<'_>, letters: u32, watch: u32) -> bool {
        let watched = self.shapes.outline(watch).letters;
        let (extra, missing) = ((letters & !watched).count_ones(), (watched & !letters).count_ones());
        if extra > 2 || missing > 2 {
            return false;
        }
        let (joined, bare) = (name.forms.joined(), self.shapes.joined(watch));
        let Some(edits) = edits::distance(joined, bare, 3) else { return false };
        let apart = Apart {
            edits,
            lengths: (joined.len(), bare.len()),
            letters: (extra, missing),
            same_start: joined.first() == bare.first(),
            same_words: name.forms.tokens() == usize::from(self.shapes.outline(watch).words),
        };
        let told = match edits {
            0 | 1 => true,
            2 => apart.same_start,
            _ => apart.same_start && extra <= 1 && joined.len().min(bare.len()) >= three_edits::MIN,
        };
        told && name.bits() >= score::least_bits(&apart)
    }

    /// Are the cores one edit apart, and is one of them not the whole name?
    fn cores_near(&self, name: &Forms<'_>, watch: u32) -> bool {
        let core = self.shapes.core(watch);
        let plain = core.len() == self.shapes.joined(watch).len() && name.core().len() == name.joined().len();
        !plain && edits::distance(name.core(), core, 1).is_some()
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
    fn keys(&self, telling: [bool; 2], mut file: impl FnMut(u64)) {
        match self.id.kind {
            WatchKind::Name => {
                keys::of_watch(&Forms::new(&self.id.text), telling, file);
            }
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
