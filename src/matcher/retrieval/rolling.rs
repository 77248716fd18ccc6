//! Rolling hashes (Rabin and Karp 1987): the hash of a part of a text, or of the text without some characters, in a few
//! steps.

use crate::matcher::evidence::text::CAP;

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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_hashes_like_the_text_it_is() {
        let text = Rolling::new(b"acmebilling");
        assert_eq!(text.part(4, 8), hash(b"bill"));
        assert_eq!(text.between(4, 8).hash(1, 3), hash(b"il"));
        assert_eq!(text.without_part(4, 4), hash(b"acmeing"));
    }
}
