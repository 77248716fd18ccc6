//! `SightedKeys`: what a great many names are looked up by, so that of a great many watches only those are compiled that one of
//! the names may meet. To ask here takes a fraction of the time that compiling takes, and of its memory.

use std::cell::Cell;

use super::keys;
use crate::matcher::evidence::forms::Forms;
use crate::model::WatchId;

/// A blocked Bloom filter of a fixed size, its blocks lines of the processor's cache: the more names, the fewer watches it tells
/// from those that one of them meets, and it never loses any.
pub struct SightedKeys(Box<[[Cell<u64>; WORDS]]>);

/// 8 MiB: with the hundred thousand names of a quarter of a year, each of some thirty keys, a fifth of the bits are set.
const BLOCK_BITS: u32 = 17;
/// To a block.
const WORDS: usize = 8;
/// So many bits of its block are set for a key.
const SET: u32 = 5;
/// Of the hash of a key, for each of them: one of eight words, and one of its bits.
const PLACE_BITS: u32 = 9;

/// Whatever a name may have inside is looked for: what is worth finding takes longer to tell than to ask.
const INSIDE: [bool; 2] = [true, true];

impl Default for SightedKeys {
    fn default() -> Self {
        Self(std::iter::repeat_with(Default::default).take(1 << BLOCK_BITS).collect())
    }
}

impl SightedKeys {
    /// A name in normal form.
    pub fn add(&self, name: &str) {
        // That nothing is held spares keys that are asked for behind others: whatever is filed under those is filed under these, too.
        let set = |key| {
            let (block, places) = self.places(key);
            places.for_each(|(word, bit)| block[word].set(block[word].get() | bit));
            false
        };
        keys::of_name(&Forms::new(name), true, set, |_, _| ());
    }

    /// May one of the names share a key with this watch? Look-alikes that are listed for it are not looked at.
    pub fn may_meet(&self, watch: &WatchId) -> bool {
        let mut met = false;
        keys::of_watch(watch, INSIDE, |key| met = met || self.may_hold(key));
        met
    }

    fn may_hold(&self, key: u64) -> bool {
        let (block, mut places) = self.places(key);
        places.all(|(word, bit)| block[word].get() & bit != 0)
    }

    /// Its block, and in that the words and bits that it sets.
    fn places(&self, key: u64) -> (&[Cell<u64>; WORDS], impl Iterator<Item = (usize, u64)>) {
        // The upper half chooses the block; the lowest bits of a key depend on little of what was hashed.
        let spread = (key ^ key >> 32).wrapping_mul(0x9FB2_1C65_1E98_DF25);
        let place = move |at: u32| spread >> (u64::BITS - PLACE_BITS * (at + 1));
        let places = (0..SET).map(move |at| (place(at) as usize % WORDS, 1 << (place(at) >> 3 & 63)));
        (&self.0[(key >> (u64::BITS - BLOCK_BITS)) as usize], places)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Registry, WatchKind};

    #[test]
    fn of_a_hundred_thousand_names_few_seem_to_meet_a_watch_that_none_of_them_resembles() {
        let sighted = SightedKeys::default();
        (0..100_000_u32)
            .for_each(|n| sighted.add(&format!("{:07x}-{:04x}", n.wrapping_mul(2_654_435_761) >> 4, n * 7)));
        let met = |text: String| sighted.may_meet(&WatchId::new(Registry::Pypi, WatchKind::Name, &text));
        let seeming = (0..1_000).filter(|n| met(format!("zorgly-{}-quimp", n * 7919))).count();
        assert!(seeming < 100, "{seeming}");
        assert!(met("0000000-0000".to_owned()));
    }
}
