//! Columns of the table of distances in the bits of words, and distances from one name to many texts that are alike, as the
//! members of a family are: what two of them begin and end with is computed once.

use std::ops::{BitAnd, BitOr, BitOrAssign, BitXor, Not, Shl};

use super::letters::{PLACES, place};
use super::text::CAP;

/// Bits for the characters of a name: nearly every name fits in 64, and each in 128.
pub(in crate::matcher) trait Word:
    Copy
    + Default
    + PartialEq
    + From<bool>
    + BitAnd<Output = Self>
    + BitOr<Output = Self>
    + BitOrAssign
    + BitXor<Output = Self>
    + Not<Output = Self>
    + Shl<usize, Output = Self>
{
    const CHARACTERS: usize;
    fn wrapping_add(self, other: Self) -> Self;
    fn ones(self) -> usize;
}

const _: () = assert!(CAP <= u128::CHARACTERS);

impl Word for u64 {
    const CHARACTERS: usize = 64;

    fn wrapping_add(self, other: Self) -> Self {
        self.wrapping_add(other)
    }

    fn ones(self) -> usize {
        self.count_ones() as usize
    }
}

impl Word for u128 {
    const CHARACTERS: usize = 128;

    fn wrapping_add(self, other: Self) -> Self {
        self.wrapping_add(other)
    }

    fn ones(self) -> usize {
        self.count_ones() as usize
    }
}

/// The differences down a column, where the distance grows and where it falls from one row to the next (Myers 1999; with
/// swaps Hyyrö 2003).
#[derive(Clone, Copy, Default)]
pub(super) struct Column<W> {
    up: W,
    down: W,
    kept: W,
    before: W,
}

impl<W: Word> Column<W> {
    /// Before anything is read.
    #[inline]
    pub(super) fn first() -> Self {
        Self { up: !W::default(), ..Self::default() }
    }

    /// After one character more, which stands in the name where `here` has a bit; and the differences across, where the
    /// distance grows and where it falls from the column before.
    #[inline]
    pub(super) fn next(self, here: W) -> (Self, (W, W)) {
        let swapped = (!self.kept & here) << 1 & self.before;
        let kept = ((here & self.up).wrapping_add(self.up) ^ self.up) | here | self.down | swapped;
        let (grows, falls) = (self.down | !(kept | self.up), kept & self.up);
        let shifted = grows << 1 | W::from(true);
        let (up, down) = (falls << 1 | !(kept | shifted), shifted & kept);
        (Self { up, down, kept, before: here }, (grows, falls))
    }

    /// The distance to the first so many characters of the name, after so many of the other text.
    #[inline]
    fn edits(self, row: usize, at: usize) -> usize {
        let above = if row < W::CHARACTERS { !(!W::default() << row) } else { !W::default() };
        at + (self.up & above).ones() - (self.down & above).ones()
    }
}

/// Where each character stands in a text, a bit each.
pub(super) type Places<W> = [W; PLACES];

#[inline]
pub(super) fn places<W: Word>(text: &[u8]) -> Places<W> {
    let mut places = [W::default(); PLACES];
    for (at, byte) in text.iter().enumerate().take(W::CHARACTERS) {
        places[place(*byte)] |= W::from(true) << at;
    }
    places
}

/// A name, and the columns of the text that it was last compared with.
pub(in crate::matcher) struct Columns<'t, W> {
    name: &'t [u8],
    places: Places<W>,
    text: &'t [u8],
    columns: [Column<W>; CAP + 1],
    /// How many characters of the text have their column.
    len: usize,
}

impl<'t, W: Word> Columns<'t, W> {
    /// Of a name of no more characters than a word has bits.
    pub(in crate::matcher) fn of(name: &'t [u8]) -> Self {
        Self { name, places: places(name), text: &[], columns: [Column::first(); CAP + 1], len: 0 }
    }

    /// How many edits from the name to a text of at most `CAP` characters. Costs as many columns as lie between what it
    /// begins with as the text before did, and what it ends with as the name does.
    #[inline]
    pub(in crate::matcher) fn edits(&mut self, text: &'t [u8]) -> usize {
        let same = common_start(self.text, text).min(self.len);
        let ends = self.name.iter().rev().zip(text[same..].iter().rev()).take_while(|(a, b)| a == b).count();
        let (row, at) = (self.name.len() - ends, text.len() - ends);
        (self.text, self.len) = (text, at);
        let mut column = self.columns[same];
        for (byte, place_after) in text[same..at].iter().zip(&mut self.columns[same + 1..]) {
            (column, _) = column.next(self.places[place(*byte)]);
            *place_after = column;
        }
        column.edits(row, at)
    }
}

/// With how many equal characters two texts begin: the members of a family with many.
#[inline]
pub(in crate::matcher) fn common_start(a: &[u8], b: &[u8]) -> usize {
    let words = a.as_chunks::<8>().0.iter().zip(b.as_chunks::<8>().0);
    let start = 8 * words.take_while(|(a, b)| a == b).count();
    start + a[start..].iter().zip(&b[start..]).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::distance::distance;
    use super::super::edits::EDITS_MAX;
    use super::*;

    proptest! {
        /// Whatever the texts before began with.
        #[test]
        fn one_text_after_the_other_is_as_far_as_alone(
            name in "[abc]{1,9}",
            beginning in "[abc]{0,12}",
            ends in prop::collection::vec("[abc]{0,6}", 1..12),
        ) {
            let texts: Vec<String> = ends.iter().map(|end| format!("{beginning}{end}")).collect();
            let (mut columns, mut longer) = (Columns::<u64>::of(name.as_bytes()), Columns::<u128>::of(name.as_bytes()));
            for text in &texts {
                let edits = columns.edits(text.as_bytes());
                prop_assert_eq!(edits, longer.edits(text.as_bytes()));
                let alone = distance(name.as_bytes(), text.as_bytes(), EDITS_MAX).map(usize::from);
                prop_assert_eq!(Some(edits).filter(|edits| *edits <= EDITS_MAX), alone, "{} {}", name, text);
            }
        }
    }

    #[test]
    fn a_name_may_be_as_long_as_a_word_has_bits() {
        let name = "ab".repeat(48);
        let text = format!("{}c{}", &name[..20], &name[21..]);
        let mut longer = Columns::<u128>::of(name.as_bytes());
        assert_eq!([text.as_str(), &name, &name[1..]].map(|text| longer.edits(text.as_bytes())), [1, 0, 1]);
        let mut columns = Columns::<u64>::of(&name.as_bytes()[..64]);
        assert_eq!([&text[..64], &name[..64], &name[1..63]].map(|text| columns.edits(text.as_bytes())), [1, 0, 2]);
    }
}
