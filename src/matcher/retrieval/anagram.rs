//! Anagram keys: sums, which do not depend on the order of what is added. Of texts with the same letters, or the same words,
//! they are the same (the signature of Bentley's anagrams, Programming Pearls 1983).

use super::deletions::DELETION_MAX;
use super::rolling::letter;
use super::tag::{Tag, mix};
use crate::matcher::evidence::letters::place;
use crate::matcher::rules::scramble;

/// A hash that is to be added to others: otherwise letters could change places between the words of a sum.
#[inline]
pub(in crate::matcher) fn spread(hash: u64) -> u64 {
    (hash ^ (hash >> 32)).wrapping_mul(0x9FB2_1C65_1E98_DF25)
}

/// The letters of a text in any order, and of a long one without each one of them: what one edit, and three that keep nearly
/// all letters, leave equal. A text of `DELETION_MAX` may be the shorter one, all of whose letters the other has.
pub(in crate::matcher) fn letters(joined: &[u8], key: &mut impl FnMut(u64)) {
    if joined.len() < scramble::MIN {
        return;
    }
    let all = joined.iter().fold(0_u64, |sum, byte| sum.wrapping_add(letter(*byte)));
    key(mix(Tag::Letters, all));
    let without = if joined.len() > DELETION_MAX { joined } else { &[] };
    let mut seen = 0_u64;
    for byte in without {
        let bit = 1 << place(*byte);
        if seen & bit == 0 {
            key(mix(Tag::Letters, all.wrapping_sub(letter(*byte))));
        }
        seen |= bit;
    }
}
