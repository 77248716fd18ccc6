//! The restricted Damerau-Levenshtein distance, also called optimal string alignment (OSA): insertions, deletions and
//! substitutions, and swaps of neighbours that no other edit touches, at most three of them.
//!
//! Among scripts of the fewest edits `grid` takes one whose kinds are the most usual for impostors, so that `requestss`
//! is a repetition and not an insertion.

use super::edits::{EDITS_MAX, Script};
use super::grid;
use super::letters::{PLACES, place};

/// The script from `watched` to `sighted`, texts of at most `CAP` characters, if it has at most `EDITS_MAX` edits.
pub(in crate::matcher) fn script(sighted: &[u8], watched: &[u8]) -> Option<Script> {
    distance(sighted, watched, EDITS_MAX).map(|edits| grid::script(sighted, watched, edits))
}

/// How many edits are the two apart, if at most `limit` (no more than three)? `script` says which ones, and takes longer.
pub(in crate::matcher) fn distance(a: &[u8], b: &[u8], limit: usize) -> Option<u8> {
    measured(a, b, limit, |_, a, b| {
        let places = places(a);
        column_distance(a.len(), |byte| places[place(byte)], b, limit)
    })
}

/// Where each character stands in the first 64 of a text, a bit each.
pub(in crate::matcher) type Places = [u64; PLACES];

pub(in crate::matcher) fn places(text: &[u8]) -> Places {
    let mut places = [0; PLACES];
    for (at, byte) in text.iter().enumerate().take(COLUMN) {
        places[place(*byte)] |= 1 << at;
    }
    places
}

/// `distance` of the part `a` of a text that is compared with many, whose `places` are at hand; it begins at `from`.
#[inline]
pub(in crate::matcher) fn distance_from(places: &Places, from: usize, a: &[u8], b: &[u8], limit: usize) -> Option<u8> {
    if from + a.len() > COLUMN {
        return distance(a, b, limit);
    }
    measured(a, b, limit, |start, a, b| {
        column_distance(a.len(), |byte| places[place(byte)] >> (from + start), b, limit)
    })
}

/// The longest text that is a column of bits.
const COLUMN: usize = 64;

/// The distance, by `column` where the two differ: it gets where that begins, and both texts from there to where they are
/// equal again.
#[inline]
fn measured(a: &[u8], b: &[u8], limit: usize, column: impl FnOnce(usize, &[u8], &[u8]) -> Option<u8>) -> Option<u8> {
    if a.len().abs_diff(b.len()) > limit {
        return None;
    }
    let start = common_start(a, b);
    let (a, b) = (&a[start..], &b[start..]);
    let end = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[..a.len() - end], &b[..b.len() - end]);
    let edits = match (a.len(), b.len()) {
        (0, rest) | (rest, 0) => u8::try_from(rest).ok(),
        (1..=COLUMN, _) => column(start, a, b),
        _ => grid::edits(a, b),
    };
    edits.filter(|edits| usize::from(*edits) <= limit)
}

/// With how many equal characters two texts begin: the members of a family with many.
#[inline]
fn common_start(a: &[u8], b: &[u8]) -> usize {
    let words = a.as_chunks::<8>().0.iter().zip(b.as_chunks::<8>().0);
    let start = 8 * words.take_while(|(a, b)| a == b).count();
    start + a[start..].iter().zip(&b[start..]).take_while(|(a, b)| a == b).count()
}

/// The recurrence with a column of the table in the bits of a word, from the top (Myers 1999; with swaps Hyyrö 2003): a text of 1 to 64 characters,
/// of which `places` says where each stands, whatever follows in it. `None` as soon as it must be more than `limit`.
#[inline]
fn column_distance(len: usize, places: impl Fn(u8) -> u64, b: &[u8], limit: usize) -> Option<u8> {
    let (mut up, mut down, mut kept, mut before) = (u64::MAX, 0_u64, 0_u64, 0_u64);
    let (last, mut edits) = (1_u64 << (len - 1), len);
    for (byte, left_over) in b.iter().zip((0..b.len()).rev()) {
        let here = places(*byte);
        let swapped = (!kept & here) << 1 & before;
        kept = ((here & up).wrapping_add(up) ^ up) | here | down | swapped;
        let (right, left) = (down | !(kept | up), kept & up);
        edits = edits + usize::from(right & last != 0) - usize::from(left & last != 0);
        // A character takes one off at most.
        if edits > limit + left_over {
            return None;
        }
        let right = right << 1 | 1;
        up = left << 1 | !(kept | right);
        down = right & kept;
        before = here;
    }
    u8::try_from(edits).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::edits::Kind;
    use super::*;

    fn kinds(sighted: &str, watched: &str) -> Option<Vec<Kind>> {
        script(sighted.as_bytes(), watched.as_bytes()).map(|s| s.edits().map(|e| e.kind).collect())
    }

    #[test]
    fn each_kind_is_told_apart() {
        for (sighted, watched, kind) in [
            ("reqeusts", "requests", Kind::Swap),
            ("requestss", "requests", Kind::Repeat),
            ("rrequests", "requests", Kind::Repeat),
            ("shortuid", "shortuuid", Kind::Undouble),
            ("r3quests", "requests", Kind::LookAlike),
            ("requists", "requests", Kind::Vowel),
            ("requesfs", "requests", Kind::Neighbour),
            ("reqests", "requests", Kind::Omit),
            ("requestsx", "requests", Kind::Insert),
            ("bequests", "requests", Kind::Substitute),
        ] {
            assert_eq!(kinds(sighted, watched), Some(vec![kind]), "{sighted}");
        }
    }

    #[test]
    fn several_edits_are_listed_in_order_and_four_are_too_many() {
        assert_eq!(kinds("beaufifulsoup", "beautifulsoup4"), Some(vec![Kind::Neighbour, Kind::Omit]));
        assert_eq!(kinds("colotamaa", "colorama"), Some(vec![Kind::Neighbour, Kind::Repeat]));
        assert_eq!(kinds("requests", "requests"), Some(vec![]));
        assert_eq!(kinds("abcdwxyz", "abcdefgh"), None);
        assert_eq!(kinds("", "abc"), Some(vec![Kind::Omit; 3]));
    }

    /// The textbook recurrence, unbounded.
    fn textbook(a: &[u8], b: &[u8]) -> usize {
        let mut grid = vec![vec![0; b.len() + 1]; a.len() + 1];
        for i in 0..=a.len() {
            for j in 0..=b.len() {
                grid[i][j] = if i == 0 || j == 0 {
                    i + j
                } else {
                    let mut best = (grid[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]))
                        .min(grid[i - 1][j] + 1)
                        .min(grid[i][j - 1] + 1);
                    if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                        best = best.min(grid[i - 2][j - 2] + 1);
                    }
                    best
                };
            }
        }
        grid[a.len()][b.len()]
    }

    proptest! {
        #[test]
        fn length_is_the_distance(a in "[abc]{0,9}", b in "[abc]{0,9}") {
            let expected = textbook(a.as_bytes(), b.as_bytes());
            let found = script(a.as_bytes(), b.as_bytes()).map(|s| usize::from(s.len));
            prop_assert_eq!(found, (expected <= EDITS_MAX).then_some(expected));
            for limit in 0..=EDITS_MAX {
                let bounded = distance(a.as_bytes(), b.as_bytes(), limit).map(usize::from);
                prop_assert_eq!(bounded, Some(expected).filter(|d| *d <= limit));
                let prepared = distance_from(&places(a.as_bytes()), 0, a.as_bytes(), b.as_bytes(), limit);
                prop_assert_eq!(prepared.map(usize::from), bounded);
            }
        }
    }
}
