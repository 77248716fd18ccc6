//! `Index`: from keys to watches. Entries in one flat array, and before them a blocked Bloom filter (Putze, Sanders and
//! Singler 2007, "Cache-, hash- and space-efficient Bloom filters") that answers "nobody" for nearly every key of nearly
//! every name from the processor's cache. Its blocks are single words, each of a bucket, and a key sets three bits of one.

/// A key with more watches than this is a family's.
pub(in crate::matcher) const FEW: usize = 32;

#[derive(Debug)]
pub(in crate::matcher) struct Index {
    /// The blocks of the Bloom filter, a word a bucket: which keys fall there?
    filter: Box<[u64]>,
    /// Where each group of buckets starts in `entries`; one more for the end.
    starts: Box<[u32]>,
    /// A watch in the low `watch_bits`, and the low bits of the key above: four bytes, so that much stays in the cache.
    entries: Box<[u32]>,
    watch_bits: u32,
    /// The top `bits` of a key are its bucket.
    bits: u32,
}

/// Four buckets have about as many entries as fit in a line of the cache.
const GROUP_BITS: u32 = 2;

/// So many bits of a key choose what it sets in the word of its bucket.
const MASK_BITS: u32 = 10;

/// Three bits of a word each: the patterns that a key chooses from, made beforehand (their section 3).
static MASKS: [u64; 1 << MASK_BITS] = masks();

const fn masks() -> [u64; 1 << MASK_BITS] {
    let mut table = [0; 1 << MASK_BITS];
    let mut at = 0;
    while at < table.len() {
        let mut mixed = (at as u64 + 1).wrapping_mul(0x9FB2_1C65_1E98_DF25);
        mixed = (mixed ^ (mixed >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
        table[at] = 1 << (mixed >> 58) | 1 << (mixed >> 52 & 63) | 1 << (mixed >> 46 & 63);
        at += 1;
    }
    table
}

impl Index {
    /// Files what `each` gives, watches below `watches`: it is asked three times (to count, to measure, to fill) and
    /// gives the same each time.
    pub(in crate::matcher) fn build(watches: usize, each: impl Fn(&mut dyn FnMut(u64, u32))) -> Self {
        let mut count = 0_usize;
        each(&mut |_, _| count += 1);
        // Two to four keys a bucket: its word tells nearly all others apart.
        let bits = count.max(32).ilog2() - 1;
        let mut index = Self {
            filter: vec![0; 1 << bits].into(),
            starts: vec![0; (1 << (bits - GROUP_BITS)) + 2].into(),
            entries: vec![0; count].into(),
            watch_bits: watches.max(2).next_power_of_two().trailing_zeros().min(31),
            bits,
        };
        index.measure(&each);
        index.fill(&each);
        index
    }

    /// Makes the filter, and counts what falls into each group, two places on, so that filling moves each start to where
    /// its group ends, which is the next one's start.
    fn measure(&mut self, each: &impl Fn(&mut dyn FnMut(u64, u32))) {
        let mut batches = Batches::new(self.filter.len(), |bucket, middle| {
            self.filter[bucket] |= mask(middle);
            self.starts[(bucket >> GROUP_BITS) + 2] += 1;
        });
        each(&mut |key, _| batches.put(bucket(key, self.bits), middle(key)));
        batches.finish();
        for group in 2..self.starts.len() {
            self.starts[group] += self.starts[group - 1];
        }
    }

    /// Puts each entry in its place.
    fn fill(&mut self, each: &impl Fn(&mut dyn FnMut(u64, u32))) {
        let mut batches = Batches::new(self.filter.len(), |bucket, entry| {
            let next = &mut self.starts[(bucket >> GROUP_BITS) + 1];
            self.entries[*next as usize] = entry;
            *next += 1;
        });
        each(&mut |key, watch| batches.put(bucket(key, self.bits), entry(key, watch, self.watch_bits)));
        batches.finish();
    }

    /// May anything be filed under the key? A Bloom filter errs to one side only, and one look at memory tells 98 of 100 keys that are not there.
    #[inline]
    pub(in crate::matcher) fn may_hold(&self, key: u64) -> bool {
        let mask = mask(middle(key));
        self.filter[bucket(key, self.bits)] & mask == mask
    }

    /// The watches filed under a key, and few others, ascending and each once. Ask `may_hold` first.
    pub(in crate::matcher) fn find(&self, key: u64) -> impl Iterator<Item = u32> + '_ {
        let mut before = None;
        self.filed(key).filter(move |watch| before.replace(*watch) != Some(*watch))
    }

    /// The first and the last of them.
    pub(in crate::matcher) fn ends(&self, key: u64) -> Option<(u32, u32)> {
        Some((self.filed(key).next()?, self.filed(key).next_back()?))
    }

    /// What is filed under a key, as often as it was.
    fn filed(&self, key: u64) -> impl DoubleEndedIterator<Item = u32> + '_ {
        let group = bucket(key, self.bits) >> GROUP_BITS;
        let range = self.starts[group] as usize..self.starts[group + 1] as usize;
        let below = (1 << self.watch_bits) - 1;
        let wanted = entry(key, 0, self.watch_bits);
        let found = self.entries[range].iter().filter(move |entry| **entry & !below == wanted);
        found.map(move |entry| entry & below)
    }

    /// Is the group of a key so small that no family is filed under it?
    #[inline]
    pub(in crate::matcher) fn is_few(&self, key: u64) -> bool {
        let group = bucket(key, self.bits) >> GROUP_BITS;
        (self.starts[group + 1] - self.starts[group]) as usize <= FEW
    }

    /// Bytes on the heap.
    pub(in crate::matcher) fn bytes(&self) -> usize {
        size_of_val(&*self.filter) + size_of_val(&*self.starts) + size_of_val(&*self.entries)
    }
}

/// What belongs to buckets all over memory, held back until there is a batch for one stretch of it: the processor knows
/// the addresses of so many pages only.
struct Batches<F> {
    /// Buckets, and what each of them gets.
    stretches: Vec<Vec<(u32, u32)>>,
    put: F,
}

/// Buckets to a stretch: their starts fill 64 pages.
const STRETCH: usize = 1 << 16;
const BATCH: usize = 512;

impl<F: FnMut(usize, u32)> Batches<F> {
    fn new(buckets: usize, put: F) -> Self {
        let stretches = (0..buckets.div_ceil(STRETCH)).map(|_| Vec::with_capacity(BATCH)).collect();
        Self { stretches, put }
    }

    #[inline]
    fn put(&mut self, bucket: usize, what: u32) {
        let batch = &mut self.stretches[bucket / STRETCH];
        batch.push((number(bucket), what));
        if batch.len() == BATCH {
            batch.drain(..).for_each(|(bucket, what)| (self.put)(bucket as usize, what));
        }
    }

    fn finish(mut self) {
        self.stretches.iter().flatten().for_each(|(bucket, what)| (self.put)(*bucket as usize, *what));
    }
}

/// A place in the list of watches; an inventory of four billion does not fit in memory.
pub(in crate::matcher) fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

#[inline]
fn bucket(key: u64, bits: u32) -> usize {
    (key >> (64 - bits)) as usize
}

/// Bits that do not choose the bucket, as far as there are such; the lowest depend on little of what was hashed.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "a part is what is wanted")]
fn middle(key: u64) -> u32 {
    (key >> 20) as u32
}

/// The watch below, and of the key what fits above.
#[inline]
fn entry(key: u64, watch: u32, watch_bits: u32) -> u32 {
    middle(key) << watch_bits | watch
}

/// What a key sets in the word of its bucket.
#[inline]
fn mask(middle: u32) -> u64 {
    MASKS[middle as usize % MASKS.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: u64) -> u64 {
        n.wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }

    #[test]
    fn what_was_filed_is_found_and_nothing_else() {
        let index = Index::build(1000, |file| (0..1000_u32).for_each(|n| file(key(u64::from(n % 700)), n)));
        let found = |n| match index.may_hold(key(n)) {
            true => index.find(key(n)).collect::<Vec<_>>(),
            false => Vec::new(),
        };
        assert_eq!(found(3), [3, 703]);
        assert_eq!(found(650), [650]);
        assert!((700..100_000).all(|n| found(n).is_empty()));
    }

    #[test]
    fn a_watch_filed_twice_under_a_key_is_found_once() {
        let index =
            Index::build(3, |file| [(7, 1), (8, 1), (7, 1), (7, 2)].into_iter().for_each(|(n, at)| file(key(n), at)));
        assert_eq!(index.find(key(7)).collect::<Vec<_>>(), [1, 2]);
    }

    #[test]
    fn what_was_filed_in_batches_is_found() {
        let count = 600_000;
        let index = Index::build(count as usize, |file| (0..count).for_each(|n| file(key(u64::from(n)), n)));
        assert!(index.filter.len() > STRETCH);
        let found = (0..count).step_by(97).filter(|n| {
            let key = key(u64::from(*n));
            index.may_hold(key) && index.find(key).any(|watch| watch == *n)
        });
        assert_eq!(found.count(), (0..count).step_by(97).count());
    }

    #[test]
    fn an_empty_index_finds_nothing() {
        assert_eq!(Index::build(0, |_| ()).find(7).count(), 0);
    }
}
