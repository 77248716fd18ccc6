//! The deletion neighbourhood of a short text: what remains of it after one or two deletions. Two texts within so many edits
//! of each other have one of these in common (Mor and Fraenkel 1982; FastSS, Bocek and others 2007; SymSpell, Garbe 2012).

use super::rolling::{POWERS, Part};

/// Sighted names up to this length are looked up by their deletion neighbourhood, longer ones by their
/// partitions. A watched name whose length is about this much is filed under both.
pub(in crate::matcher) const DELETION_MAX: usize = 9;
/// A watched name up to two longer loses two characters as well.
const _: () = assert!(DELETION_MAX + 2 <= SHORT);
/// The longest text that loses two characters.
pub(in crate::matcher) const SHORT: usize = 12;

impl Part<'_> {
    /// What leaving out the character at `at` adds to the hash, when `shift` characters follow it in the result.
    #[inline]
    fn without(&self, at: usize, shift: usize) -> u64 {
        self.hash(0, at).wrapping_sub(self.hash(0, at + 1)).wrapping_mul(POWERS[shift])
    }

    /// The text, and the text without each one character.
    #[inline]
    pub(in crate::matcher) fn one_deletion(&self, mut hash: impl FnMut(u64)) {
        let whole = self.hash(0, self.len());
        hash(whole);
        for at in 0..self.len() {
            hash(whole.wrapping_add(self.without(at, self.len() - 1 - at)));
        }
    }

    /// The text, of at most `SHORT` characters, without each two of them, the first never one of the two.
    #[inline]
    pub(in crate::matcher) fn two_deletions(&self, mut hash: impl FnMut(u64)) {
        let whole = self.hash(0, self.len());
        let mut without = [0; SHORT];
        for (at, without) in without.iter_mut().enumerate().take(self.len()) {
            *without = self.without(at, self.len() - 1 - at);
        }
        for first in 1..self.len().saturating_sub(1) {
            let rest = whole.wrapping_add(self.without(first, self.len() - 2 - first));
            without[first + 1..self.len()].iter().for_each(|second| hash(rest.wrapping_add(*second)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::rolling::{Rolling, hash};

    #[test]
    fn a_deletion_hashes_like_the_text_it_leaves() {
        let text = Rolling::new(b"acmebilling");
        let (mut one, mut two) = (Vec::new(), Vec::new());
        text.all().one_deletion(|hash| one.push(hash));
        text.all().two_deletions(|hash| two.push(hash));
        assert!(one.contains(&hash(b"cmebilling")) && one.contains(&hash(b"acmebillin")));
        assert!(two.contains(&hash(b"acebillng")) && two.contains(&hash(b"acmebilng")));
        assert_eq!((one.len(), two.len()), (12, 45));
        let mut inside = Vec::new();
        text.between(4, 8).one_deletion(|hash| inside.push(hash));
        assert_eq!(inside, [b"bill".as_slice(), b"ill", b"bll", b"bil", b"bil"].map(hash));
    }
}
