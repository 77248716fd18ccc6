//! A name of the registry that is no project name: kept until a person has looked at it.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::ProjectName;

/// Hostile text is kept and shown up to here, with a mark where there was more.
const SHOWN: usize = 200;

/// What the registry sent in the place of a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    /// Identity: SHA-256 of the whole text, 128 bits of it in hex.
    pub digest: String,
    /// Its beginning; see [`shown`].
    pub text: String,
    /// What could be salvaged of it, and was judged in its place.
    pub judged: Option<ProjectName>,
}

impl Unread {
    pub fn of(text: &str, judged: Option<ProjectName>) -> Self {
        let digest = Sha256::digest(text.as_bytes());
        let digest = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        Self { digest, text: shown(text), judged }
    }
}

/// The text, or its first 200 characters, a mark, and how many there were.
pub fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}… ({} characters)", &text[..end], text.chars().count()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_with_a_mark_and_known_by_all_of_it() {
        let (one, other) = ("\u{4e2d}".repeat(60_000), format!("{}x", "\u{4e2d}".repeat(60_000)));
        let (a, b) = (Unread::of(&one, None), Unread::of(&other, None));
        assert!(a.text.ends_with("中… (60000 characters)") && a.text.chars().count() < 230, "{}", a.text);
        assert_ne!(a.digest, b.digest);
        assert_eq!(a, Unread::of(&one, None));
        assert_eq!(shown("short"), "short");
    }
}
