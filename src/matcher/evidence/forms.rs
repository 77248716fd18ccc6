//! `Forms`: one name in the shapes the rules compare, on the stack, so that a name which matches nothing allocates nothing.

use super::affixes::{glued_after, glued_before, is_affix, unversioned};
use super::fold::ultranormal;
use super::text::{CAP, Text};

/// A name and what the rules look at.
pub(in crate::matcher) struct Forms<'a> {
    /// The normalized name.
    pub(in crate::matcher) text: &'a str,
    /// Without separators; the first `CAP` bytes.
    pub(in crate::matcher) joined: Text,
    /// `joined` without customary affixes, glued `py`/`lib` and version digits: where that begins and ends in it.
    core: (u8, u8),
    /// Where each token starts in `joined`, and where the last one ends.
    bounds: [u8; CAP + 1],
    tokens: u8,
}

impl<'a> Forms<'a> {
    pub(in crate::matcher) fn new(text: &'a str) -> Self {
        let mut forms = Self { text, joined: Text::EMPTY, core: (0, 0), bounds: [0; CAP + 1], tokens: 0 };
        for word in text.as_bytes().split(|byte| *byte == b'-') {
            forms.joined.extend(word);
            // A watched prefix ends with a separator, and a full text takes no more.
            forms.tokens += u8::from(forms.joined.len() > forms.bound(forms.tokens()));
            forms.bounds[usize::from(forms.tokens)] = u8::try_from(forms.joined.len()).unwrap_or(u8::MAX);
        }
        forms.core = forms.find_core();
        forms
    }

    /// Too long for the rules that look at single characters.
    pub(in crate::matcher) fn is_long(&self) -> bool {
        self.joined.len() == CAP
    }

    pub(in crate::matcher) fn joined(&self) -> &[u8] {
        self.joined.as_bytes()
    }

    pub(in crate::matcher) fn core(&self) -> &[u8] {
        &self.joined()[usize::from(self.core.0)..usize::from(self.core.1)]
    }

    /// Is the core all of it?
    pub(in crate::matcher) fn is_core(&self) -> bool {
        self.core().len() == self.joined.len()
    }

    /// Where in `joined` the core begins.
    pub(in crate::matcher) fn core_start(&self) -> usize {
        usize::from(self.core.0)
    }

    /// How many tokens: partitions between separators.
    pub(in crate::matcher) fn tokens(&self) -> usize {
        usize::from(self.tokens)
    }

    /// Where token `at` starts in `joined`; `at == tokens()` is the end.
    pub(in crate::matcher) fn bound(&self, at: usize) -> usize {
        usize::from(self.bounds[at])
    }

    pub(in crate::matcher) fn token(&self, at: usize) -> &[u8] {
        &self.joined()[self.bound(at)..self.bound(at + 1)]
    }

    pub(in crate::matcher) fn token_list(&self) -> impl DoubleEndedIterator<Item = &[u8]> {
        (0..self.tokens()).map(|at| self.token(at))
    }

    /// Tokens `from..to`, joined.
    pub(in crate::matcher) fn run(&self, from: usize, to: usize) -> &[u8] {
        &self.joined()[self.bound(from)..self.bound(to)]
    }

    /// Equal to PyPI's "too similar" check?
    pub(in crate::matcher) fn same_ultranormal(&self, other: &Forms<'_>) -> bool {
        ultranormal(self.text).eq(ultranormal(other.text))
    }

    /// The words that are not customary, wherever these stand.
    pub(in crate::matcher) fn own_words(&self) -> impl Iterator<Item = &[u8]> {
        self.token_list().filter(|token| !is_affix(token))
    }

    /// The range of tokens without affixes at either end; at least one token.
    pub(in crate::matcher) fn stem_tokens(&self) -> (usize, usize) {
        let (mut from, mut to) = (0, self.tokens());
        while to - from > 1 && is_affix(self.token(to - 1)) {
            to -= 1;
        }
        while to - from > 1 && is_affix(self.token(from)) {
            from += 1;
        }
        (from, to)
    }

    /// The part of the name that carries its identity: where it begins and ends in `joined`. Never empty unless the name is.
    fn find_core(&self) -> (u8, u8) {
        let (from, to) = self.stem_tokens();
        let (mut start, mut end) = (self.bound(from), self.bound(to));
        if from < to {
            start += glued_before(self.token(from));
            let last = self.bound(to - 1).max(start);
            end -= glued_after(&self.joined()[last..end]);
            end = start + unversioned(&self.joined()[start..end]).len();
        }
        // Bounds are bytes.
        (u8::try_from(start).unwrap_or(u8::MAX), u8::try_from(end).unwrap_or(u8::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> &str {
        std::str::from_utf8(bytes).expect("ascii")
    }

    #[test]
    fn tokens_are_what_stands_between_separators() {
        let forms = Forms::new("acme-data-io");
        assert_eq!(forms.token_list().map(text).collect::<Vec<_>>(), ["acme", "data", "io"]);
        assert_eq!((text(forms.joined()), text(forms.run(1, 3))), ("acmedataio", "dataio"));
        assert_eq!(Forms::new("").tokens(), 0);
        assert_eq!(Forms::new("acme-").tokens(), 1, "a watched prefix");
    }

    #[test]
    fn the_core_is_what_remains() {
        for (name, core) in [
            ("acme-billing-client", "acmebilling"),
            ("python-sqlite", "sqlite"),
            ("pysqlite", "sqlite"),
            ("libcurl", "curl"),
            ("html5lib", "html"),
            ("libhtml5", "html"),
            ("pytz3-dev", "pytz"),
            ("urllib3", "urllib"),
            ("acme-billing-v2", "acmebilling"),
            ("py-lib", "py"),
            ("b2", "b2"),
            ("django-copy", "djangocopy"),
        ] {
            let forms = Forms::new(name);
            assert_eq!(text(forms.core()), core, "{name}");
        }
    }

    #[test]
    fn a_name_of_any_length_has_forms() {
        let long = "ab-".repeat(200);
        let forms = Forms::new(&long);
        assert!(forms.is_long());
        assert_eq!(forms.joined().len(), CAP);
        assert!(forms.token_list().count() <= CAP);
    }
}
