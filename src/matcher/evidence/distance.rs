//! The restricted Damerau-Levenshtein distance, also called optimal string alignment (OSA): insertions, deletions and
//! substitutions, and swaps of neighbours that no other edit touches, at most three of them.
//!
//! Among scripts of the fewest edits `grid` takes one whose kinds are the most usual for impostors, so that `requestss`
//! is a repetition and not an insertion.

use super::columns::{Column, Word, common_start, places};
use super::edits::{EDITS_MAX, Script};
use super::grid;
use super::letters::place;

/// The script from `watched` to `sighted`, texts of at most `CAP` characters, if it has at most `EDITS_MAX` edits.
pub(in crate::matcher) fn script(sighted: &[u8], watched: &[u8]) -> Option<Script> {
    distance(sighted, watched, EDITS_MAX).map(|edits| grid::script(sighted, watched, edits))
}

/// How many edits are the two apart, texts of at most `CAP` characters, if at most `limit` (no more than three)? `script` says which ones, and takes longer.
pub(in crate::matcher) fn distance(a: &[u8], b: &[u8], limit: usize) -> Option<u8> {
    if a.len().abs_diff(b.len()) > limit {
        return None;
    }
    let start = common_start(a, b);
    let (a, b) = (&a[start..], &b[start..]);
    let end = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[..a.len() - end], &b[..b.len() - end]);
    let edits = match (a.len(), b.len()) {
        (0, rest) | (rest, 0) => u8::try_from(rest).ok(),
        (..=u64::CHARACTERS, _) => column_distance::<u64>(a, b, limit),
        _ => column_distance::<u128>(a, b, limit),
    };
    edits.filter(|edits| usize::from(*edits) <= limit)
}

/// The recurrence, column after column: a text of no more characters than a word has bits. `None` as soon as it must be more
/// than `limit`.
#[inline]
fn column_distance<W: Word>(a: &[u8], b: &[u8], limit: usize) -> Option<u8> {
    let places = places::<W>(a);
    let (last, mut column, mut edits) = (W::from(true) << (a.len() - 1), Column::first(), a.len());
    for (byte, left_over) in b.iter().zip((0..b.len()).rev()) {
        let (next, (grows, falls)) = column.next(places[place(*byte)]);
        column = next;
        edits = edits + usize::from(grows & last != W::default()) - usize::from(falls & last != W::default());
        // A character takes one off at most.
        if edits > limit + left_over {
            return None;
        }
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
            }
        }
    }
}
