//! Judges names against the inventory. Pure: no I/O, no clock; imports `model` only.
//!
//! A name meets the watches it shares a key with (`keys`, `index`), as far as a first look lets it (`prefilter`); each
//! rule (`rules`) looks at the pair; what holds is weighed against how unusual the name is (`tokens`, `score`). The tier
//! depends on the name and the watch alone.

mod evidence;
mod judgement;
mod retrieval;
mod rules;

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

use evidence::forms::Forms;
use evidence::pair::{Evidence, Name, Pair};
use evidence::{affixes, score, tokens};
pub use judgement::{Judgement, Rest};
use retrieval::index::Index;
use retrieval::keys::{self, Hint};
use retrieval::met::{FEW, Met};
use retrieval::prefilter::Prefilter;
pub use rules::{RULES, Spec};

use crate::model::{Inventory, Match, OwnerId, ProjectName, Watch, WatchId, WatchKind};

/// Is a word so unusual that chance gives it to no more than eight new names a year? PyPI gets some 270,000 (2026).
pub fn is_distinctive(word: &str) -> bool {
    !affixes::is_affix(word.as_bytes()) && tokens::joined_bits(word.as_bytes()) >= DISTINCTIVE_BITS
}

const DISTINCTIVE_BITS: f32 = 15.0;

/// How unusual a normalized name is by its words and characters, in bits.
pub fn plain_bits(name: &str) -> f32 {
    tokens::bits(name)
}

/// How unusual it counts.
pub fn counted_bits(name: &str) -> f32 {
    Name::new(name).bits()
}

/// An inventory compiled for judging. Immutable: a reload builds another and swaps it.
#[derive(Debug)]
pub struct Matcher {
    watches: Vec<Compiled>,
    owners: Vec<OwnerId>,
    prefilter: Prefilter,
    listed: HashMap<Box<str>, u32>,
    /// Is anything but names watched or listed?
    words: bool,
    index: Index,
}

#[derive(Debug)]
struct Compiled {
    id: WatchId,
    exclusive: bool,
    /// Where in the list of owners.
    owner: u32,
}

/// A rule that holds between a name and a watch, before anybody puts it into words.
struct Held {
    watch: u32,
    spec: &'static Spec,
    evidence: Evidence,
    score: u8,
}

impl Matcher {
    /// Compiles an inventory. Time and memory grow with the number of watches only.
    pub fn build(inventory: &Inventory) -> Self {
        let owners: BTreeSet<&OwnerId> = inventory.watches.values().map(|watch| &watch.owner).collect();
        let owners: Vec<OwnerId> = owners.into_iter().cloned().collect();
        let compile = |watch: &Watch| Compiled::new(watch, &owners);
        let watches: Vec<Compiled> = inventory.watches.values().map(compile).collect();
        let place = |id: &WatchId| watches.binary_search_by(|w| w.id.cmp(id)).ok().map(number);
        let listed: HashMap<Box<str>, u32> =
            inventory.listed.iter().filter_map(|(name, id)| Some((name.as_str().into(), place(id)?))).collect();
        let mut prefilter = Prefilter::default();
        watches.iter().for_each(|watch| prefilter.push(&Forms::new(&watch.id.text)));
        let inside = |watch: &Compiled| keys::telling_inside(&Forms::new(&watch.id.text));
        let inside: Vec<[bool; 2]> = watches.iter().map(inside).collect();
        let index = Index::build(watches.len(), |file| {
            for ((watch, inside), at) in watches.iter().zip(&inside).zip(0_u32..) {
                watch.keys(*inside, |key| file(key, at));
            }
            listed.iter().for_each(|(name, at)| file(keys::of_listed(name), *at));
        });
        let words = !listed.is_empty() || watches.iter().any(|watch| watch.id.kind != WatchKind::Name);
        Self { watches, owners, prefilter, listed, words, index }
    }

    /// How many watches were compiled.
    pub fn watches(&self) -> usize {
        self.watches.len()
    }

    /// Bytes of the compiled form on the heap, for the benchmark; the watches' own text is counted as it is stored.
    pub fn bytes(&self) -> usize {
        let watch = |w: &Compiled| size_of::<Compiled>() + w.id.text.capacity();
        self.index.bytes()
            + self.prefilter.bytes()
            + self.watches.iter().map(watch).sum::<usize>()
            + self.listed.len() * 64
    }

    /// Why this name resembles watches: the strongest of them, and a count of the rest. Never fails.
    pub fn judge(&self, name: &ProjectName) -> Judgement {
        self.judge_normalized(name.as_str())
    }

    /// `judge` for text in PEP 503 normal form. Allocates nothing for a name that matches nothing.
    fn judge_normalized(&self, name: &str) -> Judgement {
        let name = Name::new(name);
        let mut met = Met::default();
        keys::of_name(&name.forms, self.words, &self.index, |key, hint| self.follow(key, hint, &name, &mut met));
        let mut held = Vec::new();
        let others = met.each(|watch| self.judge_pair(&name, watch, &mut held));
        self.judgement(&name, held, others)
    }

    /// Meets the watches under a key; out of line, as nearly no key leads anywhere.
    #[cold]
    fn follow(&self, key: u64, hint: Hint, name: &Name<'_>, met: &mut Met) {
        if self.index.is_few(key) {
            let watches = self.index.find(key).filter(|watch| self.prefilter.may_match(*watch, name, hint));
            return watches.for_each(|watch| met.add(watch));
        }
        let (mut count, mut ends) = (0, None);
        for watch in self.index.find(key) {
            count += 1;
            ends = Some((ends.map_or(watch, |(first, _)| first), watch));
        }
        let watches = self.index.find(key);
        match ends {
            Some(_) if count <= FEW => {
                watches.filter(|watch| self.prefilter.may_match(*watch, name, hint)).for_each(|watch| met.add(watch));
            }
            Some(ends) if met.is_new_family(hint, ends, count) => {
                let near = |watch| Some((watch, self.prefilter.member_may_match(watch, name, hint)?));
                met.add_family(watches.filter_map(near));
            }
            _ => {}
        }
    }

    /// How little the two have in common, at most four edits; nothing but itself compares with a prefix or a word.
    fn apart(&self, watch: u32, name: &Name<'_>) -> u8 {
        let is_name = self.watches[watch as usize].id.kind == WatchKind::Name;
        if is_name { self.prefilter.apart(watch, name) } else { 0 }
    }

    /// Adds the rules that hold and weigh enough for a tier. Is there any?
    fn judge_pair(&self, name: &Name<'_>, watch: u32, held: &mut Vec<Held>) -> bool {
        let before = held.len();
        self.look_at(name, watch, |pair| {
            for spec in &RULES {
                let found = (spec.find)(pair).and_then(|evidence| Some((evidence, score::score(evidence.weight)?)));
                held.extend(found.map(|(evidence, score)| Held { watch, spec, evidence, score }));
            }
        });
        held.len() > before
    }

    fn look_at<T>(&self, name: &Name<'_>, watch: u32, look: impl FnOnce(&Pair<'_>) -> T) -> T {
        let compiled = &self.watches[watch as usize];
        let forms = Forms::new(&compiled.id.text);
        let mut pair = Pair::new(name, &forms, compiled.id.kind);
        pair.exclusive = compiled.exclusive;
        pair.listed = !self.listed.is_empty() && self.listed.get(name.forms.text) == Some(&watch);
        look(&pair)
    }

    /// Names the strongest watches, and counts the others: those that hold weakly, and those that nobody weighed.
    fn judgement(&self, name: &Name<'_>, mut held: Vec<Held>, others: Vec<u32>) -> Judgement {
        if held.is_empty() {
            return Judgement::default();
        }
        // Watches stand in the order of their ids.
        held.sort_by_cached_key(|held| (Reverse(held.score), held.spec.rule, self.apart(held.watch, name), held.watch));
        let named = self.named(&held);
        let (told, untold): (Vec<Held>, Vec<Held>) =
            held.into_iter().partition(|held| named.binary_search(&held.watch).is_ok());
        let mut rest = others;
        rest.extend(untold.iter().map(|held| held.watch));
        rest.sort();
        rest.dedup();
        Judgement { matches: told.iter().map(|held| self.explain(name, held)).collect(), rest: Rest::of(rest) }
    }

    /// Which watches are named, ascending.
    fn named(&self, held: &[Held]) -> Vec<u32> {
        let (mut named, mut owners, mut strangers) = (BTreeSet::new(), BTreeSet::new(), 0);
        for watch in held.iter().map(|held| held.watch) {
            let owner = self.watches[watch as usize].owner;
            if named.len() < judgement::NAMED {
                named.insert(watch);
                owners.insert(owner);
            } else if !named.contains(&watch) && strangers < judgement::OWNERS && owners.insert(owner) {
                named.insert(watch);
                strangers += 1;
            }
        }
        named.into_iter().collect()
    }

    fn explain(&self, name: &Name<'_>, held: &Held) -> Match {
        let (score, tier) = (held.score, score::tier(held.score));
        let says = self.look_at(name, held.watch, |pair| (held.spec.says)(pair));
        let explanation = format!("{says}. {}", score::reason(held.evidence.weight, tier));
        let watch = self.watches[held.watch as usize].id.clone();
        let lacks = score::lacks(held.evidence.weight);
        Match { watch, rule: held.spec.rule, tier, score, lacks, distance: held.evidence.distance, explanation }
    }
}

impl Compiled {
    /// `owners` is sorted, and has the watch's.
    fn new(watch: &Watch, owners: &[OwnerId]) -> Self {
        let owner = number(owners.partition_point(|owner| owner < &watch.owner));
        Self { id: watch.id.clone(), exclusive: watch.exclusive, owner }
    }

    fn keys(&self, inside: [bool; 2], mut file: impl FnMut(u64)) {
        match self.id.kind {
            WatchKind::Name => keys::of_watch(&Forms::new(&self.id.text), inside, file),
            WatchKind::Prefix => file(keys::of_prefix(&self.id.text)),
            WatchKind::Brand => file(keys::of_brand(&self.id.text)),
        }
    }
}

/// A place in the list of watches; an inventory of four billion does not fit in memory.
fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
