//! `Forms`: one name in the shapes the rules compare, on the stack, so that a name which matches nothing allocates nothing.

use super::affixes;
use crate::model::name::ultranormal_byte;

/// Bytes kept of a name without separators. The longest name on PyPI has 188; beyond this only whole names and prefixes
/// are compared, and words that lie within.
pub(in crate::matcher) const CAP: usize = 96;

/// Characters of names: letters, digits, and one place for what no name holds.
pub(in crate::matcher) const PLACES: usize = 37;

/// Where a character stands among them.
#[inline]
pub(in crate::matcher) const fn place(byte: u8) -> usize {
    PLACE[byte as usize] as usize
}

static PLACE: [u8; 256] = places();

const fn places() -> [u8; 256] {
    let mut table = [PLACES as u8 - 1; 256];
    let mut at = 0;
    while at < PLACES as u8 - 1 {
        let byte = if at < 26 { b'a' + at } else { b'0' + at - 26 };
        table[byte as usize] = at;
        at += 1;
    }
    table
}

/// A short ASCII text on the stack.
#[derive(Clone, Copy)]
pub(in crate::matcher) struct Text {
    bytes: [u8; CAP],
    len: u8,
}

impl Text {
    const EMPTY: Self = Self { bytes: [0; CAP], len: 0 };

    /// Adds as many bytes as there is room for.
    fn extend(&mut self, bytes: &[u8]) {
        let free = &mut self.bytes[usize::from(self.len)..];
        let len = bytes.len().min(free.len());
        free[..len].copy_from_slice(&bytes[..len]);
        self.len += u8::try_from(len).unwrap_or_default();
    }

    pub(in crate::matcher) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    /// What stands before `at` goes to the end.
    pub(in crate::matcher) fn rotate(&mut self, at: usize) {
        self.bytes[..usize::from(self.len)].rotate_left(at);
    }

    pub(in crate::matcher) fn of(bytes: &[u8]) -> Self {
        let mut text = Self::EMPTY;
        text.extend(bytes);
        text
    }

    pub(in crate::matcher) fn of_bytes(bytes: impl Iterator<Item = u8>) -> Self {
        let mut text = Self::EMPTY;
        bytes.for_each(|byte| text.extend(&[byte]));
        text
    }
}

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
            forms.tokens += u8::from(forms.joined.len > forms.bounds[usize::from(forms.tokens)]);
            forms.bounds[usize::from(forms.tokens)] = forms.joined.len;
        }
        forms.core = affixes::core(&forms);
        forms
    }

    /// Too long for the rules that look at single characters.
    pub(in crate::matcher) fn is_long(&self) -> bool {
        usize::from(self.joined.len) == CAP
    }

    pub(in crate::matcher) fn joined(&self) -> &[u8] {
        self.joined.as_bytes()
    }

    pub(in crate::matcher) fn core(&self) -> &[u8] {
        &self.joined()[usize::from(self.core.0)..usize::from(self.core.1)]
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

    /// What the eye sees: characters that look alike made one. A function of the ultranormal form, so that equal
    /// ultranormal forms have equal folds.
    pub(in crate::matcher) fn fold(&self) -> impl Iterator<Item = u8> + '_ {
        let bytes = self.joined();
        let mut at = 0;
        std::iter::from_fn(move || {
            let (image, width) = look(*bytes.get(at)?, bytes.get(at + 1).copied().unwrap_or(0));
            at += width;
            Some(image)
        })
    }
}

/// PyPI's ultranormal form of a normalized name, byte by byte.
fn ultranormal(text: &str) -> impl Iterator<Item = u8> + '_ {
    text.bytes().filter(|b| *b != b'-').map(ultranormal_byte)
}

/// What one or two characters look like, and how many were used.
#[inline]
fn look(byte: u8, next: u8) -> (u8, usize) {
    match (byte, next) {
        (b'r' | b'n', b'n') => (b'm', 2),
        (b'v', b'v') => (b'w', 2),
        (b'c', b'l' | b'i' | b'1') => (b'd', 2),
        _ => (LOOKS[byte as usize], 1),
    }
}

/// What each character looks like.
static LOOKS: [u8; 256] = looks();

const fn looks() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "below 256")]
        let ultranormal = ultranormal_byte(byte as u8);
        table[byte] = match ultranormal {
            b'2' => b'z',
            b'3' => b'e',
            b'4' => b'a',
            b'5' => b's',
            b'7' => b't',
            b'8' => b'b',
            b'9' => b'g',
            other => other,
        };
        byte += 1;
    }
    table
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
    fn names_that_look_alike_fold_to_one() {
        for (a, b) in [
            ("modern", "modem"),
            ("vvheel", "wheel"),
            ("click", "dick"),
            ("r3qu35t5", "requests"),
            ("84d9er", "badger"),
        ] {
            assert!(Forms::new(a).fold().eq(Forms::new(b).fold()), "{a} {b}");
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
