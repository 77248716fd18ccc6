//! Judges names against the inventory. Pure: no I/O, no clock; imports `model` only.
//!
//! A name is compared with the watches it shares a key with (`retrieval::keys`, `index`), as far as a first look lets it
//! (`prefilter`); each rule (`rules`) looks at the pair; what holds is weighed against how unusual the name is (`tokens`,
//! `score`). The tier depends on the name and the watch alone.

mod compiled;
mod evidence;
mod judge;
mod judgement;
mod retrieval;
mod rules;

pub use compiled::Matcher;
use evidence::name::Name;
use evidence::{affixes, tokens};
pub use judgement::{Judgement, Rest};
pub use retrieval::sighted::SightedKeys;
pub use rules::{RULES, Spec};

/// Is a word so unusual that chance gives it to no more than eight new names a year? PyPI gets some 270,000 (2026).
pub fn is_distinctive(word: &str) -> bool {
    !affixes::is_affix(word.as_bytes()) && tokens::joined_bits(word.as_bytes()) >= DISTINCTIVE_BITS
}

const DISTINCTIVE_BITS: f32 = 15.0;

/// How unusual a normalized name is by its words and characters, in bits.
pub fn plain_bits(name: &str) -> f32 {
    tokens::bits(name)
}

/// How unusual it counts.
pub fn counted_bits(name: &str) -> f32 {
    Name::new(name).bits()
}

#[cfg(test)]
mod tests;
