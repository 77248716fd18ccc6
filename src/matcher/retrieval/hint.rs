//! `Hint`: what sharing a key suggests.

/// What to check before all rules look at the pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::matcher) enum Hint {
    /// Equal in some shape: every rule may hold.
    Shape,
    /// Nearly the same letters: at most three edits.
    Letters,
    /// Equal after deletions or in one piece: at most two edits, in short names three, or one between the cores.
    Near,
}
