//! `Index`: from keys to watches. Buckets in one flat array, and before them a bitmap that answers "nobody" for nearly
//! every key of nearly every name from the processor's cache.

/// A watch filed under a key.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Entry {
    /// The low half of the key.
    low: u32,
    pub(super) watch: u32,
    /// `keys::signature` of the watch.
    pub(super) letters: u32,
}

#[derive(Debug)]
pub(super) struct Index {
    /// A bit for each sixteenth of a bucket: does any key fall there?
    filter: Box<[u64]>,
    /// Where each bucket starts in `entries`; one more for the end.
    starts: Box<[u32]>,
    entries: Box<[Entry]>,
    /// The top `bits` of a key are its bucket.
    bits: u32,
}

/// The bitmap is this many bits finer than the buckets.
const FINER: u32 = 4;

impl Index {
    /// Files what `each` gives: it is asked three times (to count, to measure, to fill) and gives the same each time.
    pub(super) fn build(each: impl Fn(&mut dyn FnMut(u64, u32, u32))) -> Self {
        let mut count = 0_usize;
        each(&mut |_, _, _| count += 1);
        // At most as many buckets as keys: an address costs a third of an entry.
        let bits = count.max(8).ilog2();
        let mut index = Self {
            filter: vec![0; (1 << (bits + FINER)) / 64].into(),
            starts: vec![0; (1 << bits) + 2].into(),
            entries: vec![Entry::default(); count].into(),
            bits,
        };
        each(&mut |key, _, _| index.count(key));
        for bucket in 2..index.starts.len() {
            index.starts[bucket] += index.starts[bucket - 1];
        }
        each(&mut |key, watch, letters| index.fill(key, watch, letters));
        index
    }

    /// Counts two places on, so that filling moves each start to where its bucket ends, which is the next one's start.
    fn count(&mut self, key: u64) {
        self.starts[self.bucket(key) + 2] += 1;
        let (word, bit) = self.filter_place(key);
        self.filter[word] |= bit;
    }

    fn fill(&mut self, key: u64, watch: u32, letters: u32) {
        let next = &mut self.starts[(key >> (64 - self.bits)) as usize + 1];
        self.entries[*next as usize] = Entry { low: low(key), watch, letters };
        *next += 1;
    }

    fn bucket(&self, key: u64) -> usize {
        (key >> (64 - self.bits)) as usize
    }

    fn filter_place(&self, key: u64) -> (usize, u64) {
        let place = key >> (64 - self.bits - FINER);
        ((place / 64) as usize, 1 << (place % 64))
    }

    /// The watches filed under a key, and few others.
    pub(super) fn find(&self, key: u64) -> impl Iterator<Item = Entry> + '_ {
        let (word, bit) = self.filter_place(key);
        let range = if self.filter[word] & bit == 0 {
            0..0
        } else {
            let bucket = self.bucket(key);
            self.starts[bucket] as usize..self.starts[bucket + 1] as usize
        };
        self.entries[range].iter().copied().filter(move |entry| entry.low == low(key))
    }

    /// Bytes on the heap.
    pub(super) fn bytes(&self) -> usize {
        size_of_val(&*self.filter) + size_of_val(&*self.starts) + size_of_val(&*self.entries)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the low half is what is wanted")]
fn low(key: u64) -> u32 {
    key as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: u64) -> u64 {
        n.wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }

    #[test]
    fn what_was_filed_is_found_and_nothing_else() {
        let index = Index::build(|file| (0..1000_u32).for_each(|n| file(key(u64::from(n % 700)), n, n)));
        let found = |n| index.find(key(n)).map(|e| e.watch).collect::<Vec<_>>();
        assert_eq!(found(3), [3, 703]);
        assert_eq!(found(650), [650]);
        assert!((700..100_000).all(|n| found(n).is_empty()));
    }

    #[test]
    fn an_empty_index_finds_nothing() {
        assert_eq!(Index::build(|_| ()).find(7).count(), 0);
    }
}
