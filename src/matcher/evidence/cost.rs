//! What techniques cost that several rules tell of, in bits: the rarer among impostors, the more (`score`). What one rule
//! alone tells of costs what its file says.

use super::edits::Kind;

/// A watch of so many letters is told of every edit; of so many, at `alert`; and of so many, at `alert` where the edit is of
/// the first letter.
pub(in crate::matcher) const SLIP_MIN: usize = 5;
pub(in crate::matcher) const SLIP_ALERT: usize = 6;
pub(in crate::matcher) const SLIP_FIRST_ALERT: usize = 7;

/// What an edit costs: the rarer among impostors, the more.
pub(in crate::matcher) fn edit_bits(kind: Kind) -> f32 {
    match kind {
        Kind::Swap | Kind::Repeat => 2.0,
        Kind::LookAlike => 3.0,
        Kind::Omit => 4.0,
        Kind::Undouble | Kind::Vowel => 5.0,
        Kind::Neighbour => 6.0,
        Kind::Insert => 7.0,
        Kind::Substitute => 9.0,
    }
}

/// Impostors keep the first character: 1 in 250 changes it, and every fifth accident does.
pub(in crate::matcher) const FIRST_BITS: f32 = 7.0;
/// The same name with separators elsewhere and an edit.
pub(in crate::matcher) const SEPARATOR_BITS: f32 = 5.0;
/// More than one edit.
pub(in crate::matcher) const SEVERAL_BITS: f32 = 3.0;
/// In a name, or in a word of one, of so many characters or fewer two edits leave little.
pub(in crate::matcher) const SHORT: usize = 6;
pub(in crate::matcher) const SEVERAL_SHORT_BITS: f32 = 6.0;
/// More than one character for another: mostly another word with the same ending or beginning.
pub(in crate::matcher) const OTHERS_BITS: f32 = 4.0;
/// The same letters in another order are rarely an accident; three edits are told only where nearly all letters stay.
pub(in crate::matcher) const ANAGRAM_BITS: f32 = -3.0;

/// Short names have many neighbours by accident, beyond what their characters say.
pub(in crate::matcher) fn length_bits(shorter: usize) -> f32 {
    match shorter {
        ..=4 => 8.0,
        5 => 6.0,
        _ => 0.0,
    }
}

/// A name around a common core is this much less usual than the core.
pub(in crate::matcher) const CORE_BITS: f32 = 6.0;

/// For every customary word after the first.
pub(in crate::matcher) const AFFIX_EACH: f32 = 4.0;

/// A plural: the least that one edit costs besides those of `edit_bits` (`lower_bound`).
pub(in crate::matcher) const PLURAL: f32 = 4.0;
