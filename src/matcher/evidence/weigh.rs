//! `Evidence`: that a rule holds, and how much that weighs.

use super::cost::{
    self, ANAGRAM_BITS, FIRST_BITS, OTHERS_BITS, SEPARATOR_BITS, SEVERAL_BITS, SEVERAL_SHORT_BITS, SHORT, edit_bits,
    length_bits,
};
use super::edits::{Kind, Script};
use super::pair::Pair;
use super::score::{Use, Weight};
use crate::model::Tier;

/// A rule holds: how much that weighs, and the edits it counted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::matcher) struct Evidence {
    pub(in crate::matcher) weight: Weight,
    pub(in crate::matcher) distance: Option<u8>,
}

impl Evidence {
    pub(in crate::matcher) fn fixed(score: u8, distance: Option<u8>) -> Option<Self> {
        Some(Self { weight: Weight::Fixed(score), distance })
    }

    /// So unusual, less what the technique costs.
    pub(in crate::matcher) fn bits(unusual: f32, technique: f32, distance: Option<u8>) -> Option<Self> {
        Self::used_by(Use::Imitation, unusual, technique, distance)
    }

    /// The same for a technique that others use, too.
    pub(in crate::matcher) fn used_by(use_: Use, unusual: f32, technique: f32, distance: Option<u8>) -> Option<Self> {
        Some(Self { weight: Weight::Bits { unusual, technique, use_, least: None }, distance })
    }

    /// So unusual as the name is; everyday, and no more than without its digits, where these alone are other ones.
    pub(in crate::matcher) fn of_change(pair: &Pair<'_>, technique: f32, distance: Option<u8>) -> Option<Self> {
        if pair.renumbered() {
            let unusual = pair.name.unnumbered_bits().min(pair.name.bits());
            return Self::used_by(Use::Everyday, unusual, technique, distance);
        }
        Self::bits(pair.name.bits(), technique, distance)
    }

    /// What a script of edits weighs.
    pub(in crate::matcher) fn of_edits(pair: &Pair<'_>, script: &Script) -> Option<Self> {
        let technique = script_bits(pair, script);
        if script.len == 1 {
            Self::of_slip(pair, technique)
        } else {
            Self::of_change(pair, technique, Some(script.len))
        }
    }

    /// What one edit weighs.
    pub(in crate::matcher) fn of_slip(pair: &Pair<'_>, technique: f32) -> Option<Self> {
        let mut slip = Self::of_change(pair, technique, Some(1))?;
        if let Weight::Bits { least, .. } = &mut slip.weight {
            *least = least_of_slip(pair);
        }
        Some(slip)
    }
}

/// The tier that one edit has at least. Another number of several digits is a version, and no slip.
fn least_of_slip(pair: &Pair<'_>) -> Option<Tier> {
    let alerts = if pair.same_start() { cost::SLIP_ALERT } else { cost::SLIP_FIRST_ALERT };
    match pair.watch.joined().len() {
        len if len >= alerts && !pair.is_version() => Some(Tier::Alert),
        len if len >= cost::SLIP_MIN => Some(Tier::Digest),
        _ => None,
    }
}

/// A character for another that is not like it.
fn is_other(kind: Kind) -> bool {
    matches!(kind, Kind::Vowel | Kind::Neighbour | Kind::Substitute)
}

/// What a script of edits costs between these two names.
pub(in crate::matcher) fn script_bits(pair: &Pair<'_>, script: &Script) -> f32 {
    let (name, watch) = (pair.name.forms.joined(), pair.watch.joined());
    let shorter = name.len().min(watch.len());
    let mut bits: f32 = script.edits().map(|edit| edit_bits(edit.kind)).sum();
    let charge = |applies: bool, bits: f32| if applies { bits } else { 0.0 };
    let edited = edited_len(pair, script);
    bits += length_bits(shorter) + charge(edited.is_some_and(|len| len <= WORD_SHORT), WORD_BITS);
    bits += charge(name.first() != watch.first(), FIRST_BITS);
    bits += charge(pair.name.forms.tokens() != pair.watch.tokens(), SEPARATOR_BITS);
    if script.len > 1 {
        bits += SEVERAL_BITS
            + charge(edited.unwrap_or(shorter).min(shorter) <= SHORT, SEVERAL_SHORT_BITS)
            + charge(script.edits().filter(|edit| is_other(edit.kind)).count() > 1, OTHERS_BITS)
            + charge(if script.len == 3 { pair.keeps_letters() } else { pair.anagram() }, ANAGRAM_BITS);
    }
    bits
}

/// An edit in a word of so many characters or fewer.
const WORD_SHORT: usize = 3;
const WORD_BITS: f32 = 4.0;

/// Characters of the shortest word that was edited, where both names have the same number of words: one letter of `sqs` is
/// as likely an accident inside a long name as alone.
fn edited_len(pair: &Pair<'_>, script: &Script) -> Option<usize> {
    let (name, watch) = (&pair.name.forms, pair.watch);
    let len = |word: usize| watch.token(word).len().min(name.token(word).len());
    let words = script.edits().map(|edit| pair.word_of(&edit));
    if name.tokens() == watch.tokens() { words.map(len).min() } else { None }
}
