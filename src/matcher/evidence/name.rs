//! `Name`: a sighted name, with what is computed of it once, however many watches it is compared with.

use std::cell::OnceCell;

use super::forms::Forms;
use super::letters::signature;
use super::text::Text;
use super::{score, tokens};

/// A sighted name; how unusual it is is computed once, when a rule first holds.
pub(in crate::matcher) struct Name<'a> {
    pub(in crate::matcher) forms: Forms<'a>,
    /// `signature`, and that of the core.
    pub(in crate::matcher) letters: u32,
    core_letters: OnceCell<u32>,
    bits: OnceCell<f32>,
    unnumbered_bits: OnceCell<f32>,
    core_bits: OnceCell<f32>,
}

impl<'a> Name<'a> {
    pub(in crate::matcher) fn new(text: &'a str) -> Self {
        let forms = Forms::new(text);
        let letters = signature(forms.joined());
        let bits = OnceCell::new;
        Self { forms, letters, core_letters: OnceCell::new(), bits: bits(), unnumbered_bits: bits(), core_bits: bits() }
    }

    pub(in crate::matcher) fn bits(&self) -> f32 {
        *self.bits.get_or_init(|| tokens::bits(self.forms.text).max(score::COMMON_BITS))
    }

    /// How unusual it is without its digits.
    pub(in crate::matcher) fn unnumbered_bits(&self) -> f32 {
        *self.unnumbered_bits.get_or_init(|| {
            let unnumbered = Text::of_bytes(self.forms.text.bytes().filter(|b| !b.is_ascii_digit()));
            tokens::words_bits(unnumbered.as_bytes().split(|b| *b == b'-'))
        })
    }

    /// How unusual its core is.
    pub(in crate::matcher) fn core_bits(&self) -> f32 {
        *self.core_bits.get_or_init(|| {
            let (from, to) = self.forms.stem_tokens();
            let words = tokens::words_bits((from..to).map(|at| self.forms.token(at)));
            tokens::joined_bits(self.forms.core()).min(words)
        })
    }

    pub(in crate::matcher) fn core_letters(&self) -> u32 {
        *self.core_letters.get_or_init(|| signature(self.forms.core()))
    }
}
