//! `Pair`: a sighted name beside one watch, with what several rules want to know about the two.

use std::cell::{Cell, OnceCell};

use super::edits::{self, Edit, Kind, Places, Script};
use super::forms::{Forms, PLACES, Text, place};
use super::score::{self, Use, Weight};
use super::tokens;
use crate::matcher::retrieval::keys;
use crate::matcher::retrieval::keys::DELETION_MAX;
use crate::matcher::retrieval::rolling;
use crate::model::{Tier, WatchKind};

/// A sighted name; how unusual it is is computed once, when a rule first holds.
pub(in crate::matcher) struct Name<'a> {
    pub(in crate::matcher) forms: Forms<'a>,
    /// `keys::signature`, and that of the core.
    pub(in crate::matcher) letters: u32,
    core_letters: OnceCell<u32>,
    bits: OnceCell<f32>,
    places: OnceCell<Places>,
    /// The hash of the core that was compared last, and whether it was near.
    last_core: Cell<Option<(u64, bool)>>,
}

impl<'a> Name<'a> {
    pub(in crate::matcher) fn new(text: &'a str) -> Self {
        let forms = Forms::new(text);
        let letters = keys::signature(forms.joined());
        let (core_letters, bits, places) = (OnceCell::new(), OnceCell::new(), OnceCell::new());
        Self { forms, letters, core_letters, bits, places, last_core: Cell::new(None) }
    }

    pub(in crate::matcher) fn bits(&self) -> f32 {
        *self.bits.get_or_init(|| tokens::bits(self.forms.text).max(score::COMMON_BITS))
    }

    pub(in crate::matcher) fn core_letters(&self) -> u32 {
        *self.core_letters.get_or_init(|| keys::signature(self.forms.core()))
    }

    /// How many edits from a watch, if at most `limit`; separators are left out of both.
    pub(in crate::matcher) fn distance(&self, watch: &[u8], limit: usize) -> Option<u8> {
        edits::distance_from(self.places(), 0, self.forms.joined(), watch, limit)
    }

    /// `near`, asked once for cores that follow one another and are equal, as those of a family are.
    pub(in crate::matcher) fn is_core_near(&self, core: &[u8], near: impl FnOnce(&[u8]) -> bool) -> bool {
        let hash = rolling::hash(core);
        if let Some((_, near)) = self.last_core.get().filter(|(known, _)| *known == hash) {
            return near;
        }
        let near = near(core);
        self.last_core.set(Some((hash, near)));
        near
    }

    fn places(&self) -> &Places {
        self.places.get_or_init(|| edits::places(self.forms.joined()))
    }
}

pub(in crate::matcher) struct Pair<'a> {
    pub(in crate::matcher) name: &'a Name<'a>,
    pub(in crate::matcher) watch: &'a Forms<'a>,
    pub(in crate::matcher) kind: WatchKind,
    /// The watch is a prefix that nobody else may use.
    pub(in crate::matcher) exclusive: bool,
    /// The team expects this name as a look-alike of this watch.
    pub(in crate::matcher) listed: bool,
    script: OnceCell<Option<Script>>,
}

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
            let unusual = pair.unnumbered_bits().min(pair.name.bits());
            return Self::used_by(Use::Everyday, unusual, technique, distance);
        }
        Self::bits(pair.name.bits(), technique, distance)
    }

    /// What a script of edits weighs.
    pub(in crate::matcher) fn of_edits(pair: &Pair<'_>, script: &Script) -> Option<Self> {
        let technique = score::script_bits(pair, script);
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
            *least = pair.least_of_slip();
        }
        Some(slip)
    }
}

impl<'a> Pair<'a> {
    pub(in crate::matcher) fn new(name: &'a Name<'a>, watch: &'a Forms<'a>, kind: WatchKind) -> Self {
        Self { name, watch, kind, exclusive: false, listed: false, script: OnceCell::new() }
    }

    /// The sighted name's forms.
    pub(in crate::matcher) fn forms(&self) -> &Forms<'a> {
        &self.name.forms
    }

    /// Is the watch a name, and are both short enough to be compared character by character?
    pub(in crate::matcher) fn comparable(&self) -> bool {
        self.kind == WatchKind::Name && !self.watch.is_long() && !self.name.forms.is_long()
    }

    /// The edits from the watch to the name, separators left out; `None` when there are too many.
    pub(in crate::matcher) fn script(&self) -> Option<&Script> {
        self.script.get_or_init(|| edits::script(self.name.forms.joined(), self.watch.joined())).as_ref()
    }

    /// The edits, if there is exactly one, it is of one of these kinds, and the names are not too short.
    pub(in crate::matcher) fn single_edit(&self, kinds: &[Kind]) -> Option<&Script> {
        if !self.comparable() || self.shorter() < ONE_EDIT_MIN {
            return None;
        }
        self.script().filter(|script| script.single().is_some_and(|edit| kinds.contains(&edit.kind)))
    }

    /// The tier that one edit has at least. Another number of several digits is a version, and no slip.
    fn least_of_slip(&self) -> Option<Tier> {
        let alerts = if self.same_start() { score::SLIP_ALERT } else { score::SLIP_FIRST_ALERT };
        match self.watch.joined().len() {
            len if len >= alerts && !self.is_version() => Some(Tier::Alert),
            len if len >= score::SLIP_MIN => Some(Tier::Digest),
            _ => None,
        }
    }

    /// Characters of the shorter name, separators left out.
    pub(in crate::matcher) fn shorter(&self) -> usize {
        self.name.forms.joined().len().min(self.watch.joined().len())
    }

    /// Do both begin with the same character?
    pub(in crate::matcher) fn same_start(&self) -> bool {
        self.name.forms.joined().first() == self.watch.joined().first()
    }

    /// Do two names with digits differ in those alone, as versions of one thing do? What is mostly digits is no version.
    pub(in crate::matcher) fn renumbered(&self) -> bool {
        let letters = |forms: &Forms<'a>| forms.text.bytes().filter(|b| !b.is_ascii_digit());
        let versioned = |forms: &Forms<'a>| {
            let digits = forms.text.len() - letters(forms).count();
            digits > 0 && 2 * digits < forms.text.len()
        };
        versioned(self.watch) && versioned(self.forms()) && letters(self.forms()).eq(letters(self.watch))
    }

    /// Is it another number, and one of several digits?
    fn is_version(&self) -> bool {
        let digits = |forms: &Forms<'a>| forms.text.bytes().filter(u8::is_ascii_digit).count();
        self.renumbered() && digits(self.watch).max(digits(self.forms())) > 1
    }

    /// How unusual the name is without its digits.
    pub(in crate::matcher) fn unnumbered_bits(&self) -> f32 {
        let unnumbered = Text::of_bytes(self.forms().text.bytes().filter(|b| !b.is_ascii_digit()));
        tokens::words_bits(unnumbered.as_bytes().split(|b| *b == b'-'))
    }

    /// Are nearly all letters kept? In short names, whose letters say little, also in their order but for two.
    pub(in crate::matcher) fn keeps_letters(&self) -> bool {
        let (name, watch) = (self.name.forms.joined(), self.watch.joined());
        let (extra, missing) = letters_apart(name, watch);
        let longer = name.len().max(watch.len());
        let short = || edits::common(name, watch) + 2 >= longer;
        extra <= 1 && if longer > DELETION_MAX { missing <= 1 } else { missing <= 2 && short() }
    }

    /// Is a word changed in more than a third of its letters, where both names have as many words? It is another word then.
    pub(in crate::matcher) fn has_other_word(&self, script: &Script) -> bool {
        let (name, watch) = (&self.name.forms, self.watch);
        let edited = |word: usize| script.edits().filter(|edit| self.word_of(edit) == word).count();
        name.tokens() == watch.tokens()
            && (0..watch.tokens()).any(|word| 3 * edited(word) > watch.token(word).len().max(name.token(word).len()))
    }

    /// Which word of the watch an edit falls into.
    pub(in crate::matcher) fn word_of(&self, edit: &Edit) -> usize {
        let within = |word: &usize| usize::from(edit.at) < self.watch.bound(word + 1);
        (0..self.watch.tokens()).find(within).unwrap_or(self.watch.tokens().saturating_sub(1))
    }

    pub(in crate::matcher) fn anagram(&self) -> bool {
        letters_apart(self.name.forms.joined(), self.watch.joined()) == (0, 0)
    }
}

/// A name shorter than this is one edit from too much.
pub(in crate::matcher) const ONE_EDIT_MIN: usize = 3;

/// How many letters the first has that the second has not, and the other way round.
pub(in crate::matcher) fn letters_apart(a: &[u8], b: &[u8]) -> (usize, usize) {
    let mut balance = [0_i8; PLACES];
    a.iter().for_each(|c| balance[place(*c)] += 1);
    b.iter().for_each(|c| balance[place(*c)] -= 1);
    let extra = balance.iter().map(|n| usize::from(n.max(&0).unsigned_abs())).sum();
    let missing = balance.iter().map(|n| usize::from(n.min(&0).unsigned_abs())).sum();
    (extra, missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_counted_both_ways() {
        assert_eq!(letters_apart(b"selemni", b"selenium"), (0, 1));
        assert_eq!(letters_apart(b"abc", b"cab"), (0, 0));
        assert_eq!(letters_apart(b"aab", b"bcd"), (2, 2));
    }
}
