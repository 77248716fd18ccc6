//! `Tag`: the kinds of key. A key is the hash of what a name and a watch have in common, and of its kind.

use super::rolling::hash;

/// One kind of key cannot meet another.
#[derive(Clone, Copy)]
pub(in crate::matcher) enum Tag {
    Fold = 1,
    Whole,
    /// The first characters of what is filed under `Whole`, and the last: what no name begins or ends with spares it
    /// looking for longer parts.
    Start,
    End,
    /// The whole, its words in another order, the first or last of them, its core, what it is without its version.
    Text,
    Words,
    Deletion,
    Piece,
    Letters,
    Prefix,
    Brand,
    Listed,
}

/// The hashes are spread already (`rolling`): the upper half chooses the bucket and is compared.
#[inline]
pub(in crate::matcher) fn mix(tag: Tag, hash: u64) -> u64 {
    hash.wrapping_add((tag as u64).wrapping_mul(0xA24B_AED4_963E_E407))
}

/// The key of a text that stands for a whole name.
pub(in crate::matcher) fn text(text: &[u8]) -> u64 {
    mix(Tag::Text, hash(text))
}
