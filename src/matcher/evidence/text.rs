//! A short text on the stack, so that a name which matches nothing allocates nothing.

/// Bytes kept of a name without separators. The longest name on PyPI has 188; beyond this only whole names and prefixes
/// are compared, and words that lie within.
pub(in crate::matcher) const CAP: usize = 96;

/// A short ASCII text on the stack.
#[derive(Clone, Copy)]
pub(in crate::matcher) struct Text {
    bytes: [u8; CAP],
    len: u8,
}

impl Text {
    pub(in crate::matcher) const EMPTY: Self = Self { bytes: [0; CAP], len: 0 };

    /// Adds as many bytes as there is room for.
    pub(in crate::matcher) fn extend(&mut self, bytes: &[u8]) {
        let free = &mut self.bytes[usize::from(self.len)..];
        let len = bytes.len().min(free.len());
        free[..len].copy_from_slice(&bytes[..len]);
        self.len += u8::try_from(len).unwrap_or_default();
    }

    pub(in crate::matcher) fn len(&self) -> usize {
        usize::from(self.len)
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
