//! The address by which an owner answers a case without an account.

use std::fmt;

/// Whoever has it may answer, so it stands in the message that it was made for and nowhere else: it neither prints nor is
/// serialized.
#[derive(Clone, PartialEq, Eq)]
pub struct AnswerLink(String);

impl AnswerLink {
    pub fn new(address: String) -> Self {
        Self(address)
    }

    /// The address itself, for the message alone.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AnswerLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AnswerLink(…)")
    }
}
