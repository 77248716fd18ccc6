//! Edits: what turns a watched name into a sighted one, at most three of them, each with its kind.

/// More edits than this are no resemblance.
pub(in crate::matcher) const EDITS_MAX: usize = 3;

/// The kinds of edit, by what they take of the model (`cost::edit_bits`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::matcher) enum Kind {
    /// Two neighbours swapped.
    Swap,
    /// A character doubled.
    Repeat,
    /// One of two equal neighbours left out.
    Undouble,
    /// A character for one that looks like it.
    LookAlike,
    /// A vowel for a vowel.
    Vowel,
    /// A character for its neighbour on a keyboard.
    Neighbour,
    Omit,
    Insert,
    Substitute,
}

/// One edit that turns the watched name into the sighted one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::matcher) struct Edit {
    pub(in crate::matcher) kind: Kind,
    /// Where in the watched name.
    pub(in crate::matcher) at: u8,
    /// The characters of the watched name and of the sighted one; 0 for none.
    pub(in crate::matcher) watched: u8,
    pub(in crate::matcher) sighted: u8,
}

/// Edits that turn a watched name into a sighted one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::matcher) struct Script {
    pub(in crate::matcher) edits: [Option<Edit>; EDITS_MAX],
    pub(in crate::matcher) len: u8,
}

impl Script {
    pub(in crate::matcher) fn edits(&self) -> impl Iterator<Item = Edit> + '_ {
        self.edits.iter().flatten().copied()
    }

    /// The only edit of a script of one.
    pub(in crate::matcher) fn single(&self) -> Option<Edit> {
        if self.len == 1 { self.edits[0] } else { None }
    }
}
