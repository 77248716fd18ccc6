//! Partitions of long texts: after one or two edits one of three is still whole, though it may have moved. The pigeonhole
//! principle for approximate search (Navarro 2001, section 8): k edits cannot spoil k + 1 partitions.

use super::deletions::DELETION_MAX;
use super::rolling::{BASE, POWERS, Part};

/// A part of a sighted text of known length.
#[derive(Clone, Copy)]
struct Piece {
    number: u8,
    from: usize,
    len: usize,
}

/// The hashes of the partitions of a sighted text longer than `DELETION_MAX`.
pub(in crate::matcher) fn of(text: &Part<'_>, mut hash: impl FnMut(u64)) {
    cut(text.len()).iter().for_each(|piece| hash(piece_hash(text, piece, piece.from, text.len())));
}

/// The hashes that a piece of a sighted text may have in a watched one, so many edits away (one to three), wherever they
/// have moved it: for each length that the sighted one may have, as it is cut by its own. One edit leaves the first or
/// the last; three may leave none, and are not found then.
pub(in crate::matcher) fn moved(text: &Part<'_>, edits: usize, mut hash: impl FnMut(u64)) {
    for len in text.len().saturating_sub(edits).max(DELETION_MAX + 1)..=text.len() + edits {
        let [first, second, third] = cut(len);
        hash(piece_hash(text, &first, 0, len));
        hash(piece_hash(text, &third, text.len() - third.len, len));
        if edits > 1 {
            for shift in shifts(len, text.len()) {
                hash(piece_hash(text, &second, second.from.saturating_add_signed(shift), len));
            }
        }
    }
}

/// Is a piece of the sighted text whole in the watched one, where `moved` looks for it?
pub(in crate::matcher) fn is_any_whole(sighted: &[u8], watched: &[u8]) -> bool {
    let [first, second, third] = cut(sighted.len()).map(|piece| &sighted[piece.from..piece.from + piece.len]);
    let from = cut(sighted.len())[1].from;
    let mut places = shifts(sighted.len(), watched.len()).map(|shift| from.saturating_add_signed(shift));
    watched.starts_with(first)
        || watched.ends_with(third)
        || places.any(|at| watched.get(at..at + second.len()) == Some(second))
}

/// Three partitions with one character between: an edit spoils at most one of them, a swap included, so two edits leave one.
/// The first is the longest and the second the shortest, as names share their beginnings the most and their ends more
/// often than what is between.
fn cut(len: usize) -> [Piece; 3] {
    let second = (len - 2) / 4;
    let third = ((len - 2 - second) * 2 + 2) / 5;
    let first = len - 2 - second - third;
    [
        Piece { number: 0, from: 0, len: first },
        Piece { number: 1, from: first + 1, len: second },
        Piece { number: 2, from: len - third, len: third },
    ]
}

/// How far the second piece may have moved. Of the partitions that are whole, one has as many edits before it as partitions
/// (counted from the left, the first where edits fall behind partitions): none before the first, one before the second, two
/// before the third, and what is left of two behind it.
fn shifts(sighted: usize, watched: usize) -> std::ops::RangeInclusive<isize> {
    let longer = watched.cast_signed() - sighted.cast_signed();
    (-1).max(longer - 1)..=1.min(longer + 1)
}

/// A piece counts only where the first character is equal too: two edits keep it (`two-edits`), and one edit that does
/// not leaves the letters (`keys`).
#[inline]
fn piece_hash(text: &Part<'_>, piece: &Piece, from: usize, sighted_len: usize) -> u64 {
    let place = (sighted_len << 2 | usize::from(piece.number)) as u64;
    let first = text.hash(0, 1).wrapping_mul(POWERS[piece.len]);
    first.wrapping_add(text.hash(from, from + piece.len)) ^ place.wrapping_mul(BASE)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::rolling::Rolling;
    use super::*;
    use crate::matcher::evidence::text::CAP;

    fn hashes(text: &str, each: impl Fn(&Part<'_>, &mut dyn FnMut(u64))) -> BTreeSet<u64> {
        let mut all = BTreeSet::new();
        each(&Rolling::new(text.as_bytes()).all(), &mut |hash| all.extend([hash]));
        all
    }

    #[test]
    fn pieces_leave_one_character_between() {
        for len in DELETION_MAX + 1..CAP {
            let [a, b, c] = cut(len);
            assert_eq!((a.from + a.len + 1, b.from + b.len + 1, c.from + c.len), (b.from, c.from, len));
        }
    }

    #[test]
    fn a_piece_that_moved_is_found() {
        for (sighted, edits) in [("acmebilinggateway", 1), ("acmbilinggateway", 2), ("acmebillinngatewayy", 2)] {
            let watched = hashes("acmebillinggateway", |text, hash| moved(text, edits, hash));
            assert!(!watched.is_disjoint(&hashes(sighted, |text, hash| of(text, hash))), "{sighted}");
            assert!(watched.is_disjoint(&hashes("unrelatedgatewax", |text, hash| of(text, hash))));
        }
    }
}
