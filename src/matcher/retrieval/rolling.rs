//! Hashes that follow an edit: the hash of a part of a text, or of the text without some characters, in a few steps.

use crate::matcher::evidence::forms::CAP;

/// The longest text that loses two characters.
pub(in crate::matcher) const SHORT: usize = 12;

pub(in crate::matcher) const BASE: u64 = 0x9E37_79B9_7F4A_7C15;

pub(in crate::matcher) static POWERS: [u64; CAP + 1] = powers();

const fn powers() -> [u64; CAP + 1] {
    let mut table = [1_u64; CAP + 1];
    let mut at = 1;
    while at <= CAP {
        table[at] = table[at - 1].wrapping_mul(BASE);
        at += 1;
    }
    table
}

/// The hash of a text and one character more.
#[inline]
pub(in crate::matcher) fn step(hash: u64, byte: u8) -> u64 {
    hash.wrapping_mul(BASE).wrapping_add(letter(byte))
}

/// A byte spread over 64 bits, so that sums of few letters differ.
#[inline]
pub(in crate::matcher) fn letter(byte: u8) -> u64 {
    LETTERS[usize::from(byte)]
}

static LETTERS: [u64; 256] = letters();

const fn letters() -> [u64; 256] {
    let mut table = [0; 256];
    let mut at = 0;
    while at < 256 {
        let mixed = (at as u64 + 1).wrapping_mul(0xD6E8_FEB8_6659_FD93);
        table[at] = (mixed ^ (mixed >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
        at += 1;
    }
    table
}

pub(in crate::matcher) fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |hash, byte| step(hash, *byte))
}

/// Hashes of all prefixes of a text: the hash of any part, and of the text without some characters, in a few steps.
pub(in crate::matcher) struct Rolling {
    pub(in crate::matcher) prefix: [u64; CAP + 1],
    pub(in crate::matcher) len: usize,
}

impl Rolling {
    pub(in crate::matcher) fn new(bytes: &[u8]) -> Self {
        // In place: it is large, and made for every name.
        let mut rolling = Self { prefix: [0; CAP + 1], len: bytes.len() };
        for (at, byte) in bytes.iter().enumerate() {
            rolling.prefix[at + 1] = step(rolling.prefix[at], *byte);
        }
        rolling
    }

    #[inline]
    pub(in crate::matcher) fn whole(&self) -> u64 {
        self.prefix[self.len]
    }

    #[inline]
    pub(in crate::matcher) fn part(&self, from: usize, to: usize) -> u64 {
        self.prefix[to].wrapping_sub(self.prefix[from].wrapping_mul(POWERS[to - from]))
    }

    /// Without so many characters from a place on.
    pub(in crate::matcher) fn without_part(&self, from: usize, len: usize) -> u64 {
        let rest = self.len - from - len;
        self.prefix[from].wrapping_mul(POWERS[rest]).wrapping_add(self.part(from + len, self.len))
    }

    pub(in crate::matcher) fn all(&self) -> Part<'_> {
        self.between(0, self.len)
    }

    pub(in crate::matcher) fn between(&self, from: usize, to: usize) -> Part<'_> {
        Part { text: self, start: from, len: to - from }
    }
}

/// A part of a text, which is hashed as if it stood alone.
#[derive(Clone, Copy)]
pub(in crate::matcher) struct Part<'r> {
    text: &'r Rolling,
    start: usize,
    len: usize,
}

impl Part<'_> {
    pub(in crate::matcher) fn len(&self) -> usize {
        self.len
    }

    #[inline]
    pub(in crate::matcher) fn hash(&self, from: usize, to: usize) -> u64 {
        self.text.part(self.start + from, self.start + to)
    }

    /// What leaving out the character at `at` adds to the hash, when `shift` characters follow it in the result.
    #[inline]
    fn without(&self, at: usize, shift: usize) -> u64 {
        self.hash(0, at).wrapping_sub(self.hash(0, at + 1)).wrapping_mul(POWERS[shift])
    }

    /// The text, and the text without each one character.
    #[inline]
    pub(in crate::matcher) fn one_deletion(&self, mut hash: impl FnMut(u64)) {
        let whole = self.hash(0, self.len);
        hash(whole);
        for at in 0..self.len {
            hash(whole.wrapping_add(self.without(at, self.len - 1 - at)));
        }
    }

    /// The text, of at most `SHORT` characters, without each two of them, the first never one of the two.
    #[inline]
    pub(in crate::matcher) fn two_deletions(&self, mut hash: impl FnMut(u64)) {
        let whole = self.hash(0, self.len);
        let mut without = [0; SHORT];
        for (at, without) in without.iter_mut().enumerate().take(self.len) {
            *without = self.without(at, self.len - 1 - at);
        }
        for first in 1..self.len.saturating_sub(1) {
            let rest = whole.wrapping_add(self.without(first, self.len - 2 - first));
            without[first + 1..self.len].iter().for_each(|second| hash(rest.wrapping_add(*second)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_and_a_deletion_hash_like_the_text_they_leave() {
        let text = Rolling::new(b"acmebilling");
        assert_eq!(text.part(4, 8), hash(b"bill"));
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
