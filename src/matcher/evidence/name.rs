//! `Name`: a sighted name, with what is computed of it once, however many watches it is compared with.

use std::cell::{Cell, OnceCell};

use super::distance::{self, Places};
use super::forms::Forms;
use super::letters::signature;
use super::{score, tokens};
use crate::matcher::retrieval::rolling;

/// A sighted name; how unusual it is is computed once, when a rule first holds.
pub(in crate::matcher) struct Name<'a> {
    pub(in crate::matcher) forms: Forms<'a>,
    /// `signature`, and that of the core.
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
        let letters = signature(forms.joined());
        let (core_letters, bits, places) = (OnceCell::new(), OnceCell::new(), OnceCell::new());
        Self { forms, letters, core_letters, bits, places, last_core: Cell::new(None) }
    }

    pub(in crate::matcher) fn bits(&self) -> f32 {
        *self.bits.get_or_init(|| tokens::bits(self.forms.text).max(score::COMMON_BITS))
    }

    pub(in crate::matcher) fn core_letters(&self) -> u32 {
        *self.core_letters.get_or_init(|| signature(self.forms.core()))
    }

    /// How many edits from a watch, if at most `limit`; separators are left out of both.
    pub(in crate::matcher) fn distance(&self, watch: &[u8], limit: usize) -> Option<u8> {
        distance::distance_from(self.places(), 0, self.forms.joined(), watch, limit)
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
        self.places.get_or_init(|| distance::places(self.forms.joined()))
    }
}
