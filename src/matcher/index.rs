//! `Index`: from keys to watches. Buckets in one flat array, and before them a bitmap that answers "nobody" for nearly
//! every key of nearly every name from the processor's cache.

#[derive(Debug)]
pub(super) struct Index {
    /// A word a bucket: which keys fall there?
    filter: Box<[u64]>,
    /// Where each bucket starts in `entries`; one more for the end.
    starts: Box<[u32]>,
    /// A watch in the low `watch_bits`, and the low bits of the key above: four bytes, so that much stays in the cache.
    entries: Box<[u32]>,
    watch_bits: u32,
    /// The top `bits` of a key are its bucket.
    bits: u32,
}

/// Ten more bits of a key choose what it sets in the word of its bucket.
const MASK_BITS: u32 = 10;

/// Three bits of a word each.
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
    pub(super) fn build(watches: usize, each: impl Fn(&mut dyn FnMut(u64, u32))) -> Self {
        let mut count = 0_usize;
        each(&mut |_, _| count += 1);
        // Two to four keys a bucket: its word tells nearly all others apart, and its entries are in one line of the cache.
        let bits = count.max(32).ilog2() - 1;
        let mut index = Self {
            filter: vec![0; 1 << bits].into(),
            starts: vec![0; (1 << bits) + 2].into(),
            entries: vec![0; count].into(),
            watch_bits: watches.max(2).next_power_of_two().trailing_zeros().min(31),
            bits,
        };
        each(&mut |key, _| index.count(key));
        for bucket in 2..index.starts.len() {
            index.starts[bucket] += index.starts[bucket - 1];
        }
        each(&mut |key, watch| index.fill(key, watch));
        index
    }

    /// Counts two places on, so that filling moves each start to where its bucket ends, which is the next one's start.
    fn count(&mut self, key: u64) {
        let bucket = self.bucket(key);
        self.starts[bucket + 2] += 1;
        self.filter[bucket] |= self.mask(key);
    }

    fn fill(&mut self, key: u64, watch: u32) {
        let entry = self.entry(key, watch);
        let next = &mut self.starts[(key >> (64 - self.bits)) as usize + 1];
        self.entries[*next as usize] = entry;
        *next += 1;
    }

    /// The watch below, and of the key what fits above.
    #[inline]
    fn entry(&self, key: u64, watch: u32) -> u32 {
        middle(key) << self.watch_bits | watch
    }

    #[inline]
    fn bucket(&self, key: u64) -> usize {
        (key >> (64 - self.bits)) as usize
    }

    #[inline]
    fn mask(&self, key: u64) -> u64 {
        MASKS[(key >> (64 - MASK_BITS - self.bits)) as usize % MASKS.len()]
    }

    /// May anything be filed under the key? One look at memory tells 98 of 100 keys that are not there.
    #[inline]
    pub(super) fn may_hold(&self, key: u64) -> bool {
        let mask = self.mask(key);
        self.filter[self.bucket(key)] & mask == mask
    }

    /// The watches filed under a key, and few others. Ask `may_hold` first.
    pub(super) fn find(&self, key: u64) -> impl Iterator<Item = u32> + '_ {
        let bucket = self.bucket(key);
        let range = self.starts[bucket] as usize..self.starts[bucket + 1] as usize;
        let below = (1 << self.watch_bits) - 1;
        let wanted = self.entry(key, 0);
        self.entries[range].iter().filter(move |entry| **entry & !below == wanted).map(move |entry| entry & below)
    }

    /// Bytes on the heap.
    pub(super) fn bytes(&self) -> usize {
        size_of_val(&*self.filter) + size_of_val(&*self.starts) + size_of_val(&*self.entries)
    }
}

/// Bits that choose neither bucket nor mask, as far as there are such; the lowest depend on little of what was hashed.
#[expect(clippy::cast_possible_truncation, reason = "a part is what is wanted")]
fn middle(key: u64) -> u32 {
    (key >> 20) as u32
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
    fn an_empty_index_finds_nothing() {
        assert_eq!(Index::build(0, |_| ()).find(7).count(), 0);
    }
}
