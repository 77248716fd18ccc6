//! `Matcher`: an inventory compiled for judging.

use std::collections::{BTreeSet, HashMap};

use super::evidence::forms::Forms;
use super::retrieval::index::{Index, number};
use super::retrieval::keys;
use super::retrieval::prefilter::Prefilter;
use super::rules::contains;
use crate::model::{Inventory, OwnerId, Registry, Watch, WatchId, WatchKind};

/// An inventory compiled for judging. Immutable: a reload builds another and swaps it.
#[derive(Debug)]
pub struct Matcher {
    pub(super) watches: Vec<Compiled>,
    pub(super) owners: Vec<OwnerId>,
    pub(super) prefilter: Prefilter,
    pub(super) listed: HashMap<Box<str>, u32>,
    /// Is anything but names watched or listed?
    pub(super) words: bool,
    pub(super) index: Index,
}

/// What is kept of a watch.
#[derive(Debug)]
pub(super) struct Compiled {
    pub(super) id: WatchId,
    pub(super) exclusive: bool,
    /// Where in the list of owners.
    pub(super) owner: u32,
}

impl Matcher {
    /// Of what a registry has: its names are judged by its own watches alone.
    pub fn of(inventory: &Inventory, registry: Registry) -> Self {
        let is_its = |id: &WatchId| id.registry == registry;
        // An inventory of one registry, which may be a million watches, is not copied.
        if inventory.watches.keys().chain(inventory.listed.values()).all(is_its) {
            return Self::build(inventory);
        }
        Self::build(&inventory.of(registry))
    }

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
        let inside = |watch: &Compiled| contains::telling_inside(&Forms::new(&watch.id.text));
        let inside: Vec<[bool; 2]> = watches.iter().map(inside).collect();
        let index = Index::build(watches.len(), |file| {
            for ((watch, inside), at) in watches.iter().zip(&inside).zip(0_u32..) {
                keys::of_watch(&watch.id, *inside, |key| file(key, at));
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
}

impl Compiled {
    /// `owners` is sorted, and has the watch's.
    fn new(watch: &Watch, owners: &[OwnerId]) -> Self {
        let owner = number(owners.partition_point(|owner| owner < &watch.owner));
        Self { id: watch.id.clone(), exclusive: watch.exclusive, owner }
    }
}
