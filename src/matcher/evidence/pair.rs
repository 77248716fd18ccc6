//! `Pair`: a sighted name beside one watch, with what several rules want to know about the two.

use std::cell::OnceCell;

use super::distance;
use super::edits::{Edit, Kind, Script};
use super::forms::Forms;
use super::letters::{common, letters_apart};
use super::name::Name;
use crate::matcher::retrieval::deletions::DELETION_MAX;
use crate::model::WatchKind;

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
        self.script.get_or_init(|| distance::script(self.name.forms.joined(), self.watch.joined())).as_ref()
    }

    /// The edits, if there is exactly one, it is of one of these kinds, and the names are not too short.
    pub(in crate::matcher) fn single_edit(&self, kinds: &[Kind]) -> Option<&Script> {
        if !self.comparable() || self.shorter() < ONE_EDIT_MIN {
            return None;
        }
        self.script().filter(|script| script.single().is_some_and(|edit| kinds.contains(&edit.kind)))
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
    pub(in crate::matcher) fn is_version(&self) -> bool {
        let digits = |forms: &Forms<'a>| forms.text.bytes().filter(u8::is_ascii_digit).count();
        self.renumbered() && digits(self.watch).max(digits(self.forms())) > 1
    }

    /// Are nearly all letters kept? In short names, whose letters say little, also in their order but for two.
    pub(in crate::matcher) fn keeps_letters(&self) -> bool {
        let (name, watch) = (self.name.forms.joined(), self.watch.joined());
        let (extra, missing) = letters_apart(name, watch);
        let longer = name.len().max(watch.len());
        let short = || common(name, watch) + 2 >= longer;
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

    /// Are they the same letters in another order?
    pub(in crate::matcher) fn anagram(&self) -> bool {
        letters_apart(self.name.forms.joined(), self.watch.joined()) == (0, 0)
    }
}

/// A name shorter than this is one edit from too much.
pub(in crate::matcher) const ONE_EDIT_MIN: usize = 3;
