//! `ProjectName`: a PyPI project name in its PEP 503 normal form.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A valid project name, normalized: lowercase, every run of `.`, `_`, `-` one `-` (PEP 503).
///
/// Two spellings of one project are equal here. The spelling a publisher chose travels beside it as a *display name*.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ProjectName(Box<str>);

/// Why a string is no project name (PyPI's pattern: `packaging.python.org` name-normalization).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    #[error("a project name is empty")]
    Empty,
    #[error("{0:?} is no project name: {1:?} is not an ASCII letter, digit, '.', '_' or '-'")]
    Character(String, char),
    #[error("{0:?} is no project name: it must start and end with an ASCII letter or digit")]
    Edge(String),
}

impl ProjectName {
    /// Parses any spelling.
    ///
    /// # Errors
    /// When PyPI would call the name invalid; the text names the offending character.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let bytes = text.as_bytes();
        let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else { return Err(NameError::Empty) };
        if let Some(bad) = text.chars().find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))) {
            return Err(NameError::Character(text.to_owned(), bad));
        }
        if !(first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric()) {
            return Err(NameError::Edge(text.to_owned()));
        }
        Ok(Self(normalize(text).into_boxed_str()))
    }

    /// The nearest valid name to a string that PyPI should never have sent: what is illegal is left out.
    /// `None` when nothing legal remains. Lets an unreadable name still be judged, so that a parse failure hides nothing.
    pub fn salvage(text: &str) -> Option<Self> {
        let legal: String =
            text.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')).collect();
        Self::parse(legal.trim_matches(['.', '_', '-'])).ok()
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// PyPI's "too similar" form: separators deleted, `l` and `i` become `1`, `o` becomes `0`
    /// (`warehouse` migration d18d443f89f0, `ultranormalize_name`).
    pub fn ultranormal(&self) -> String {
        self.0.bytes().filter(|b| *b != b'-').map(|b| char::from(ultranormal_byte(b))).collect()
    }
}

/// The ultranormal image of one byte of a normalized name other than `-`.
pub const fn ultranormal_byte(byte: u8) -> u8 {
    match byte {
        b'l' | b'i' => b'1',
        b'o' => b'0',
        other => other,
    }
}

/// PEP 503 normalization of text that is already known to hold only legal characters.
fn normalize(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'.' | b'_' | b'-' if out.ends_with('-') => {}
            b'.' | b'_' | b'-' => out.push('-'),
            other => out.push(char::from(other.to_ascii_lowercase())),
        }
    }
    out
}

impl fmt::Display for ProjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for ProjectName {
    type Error = NameError;

    fn try_from(text: String) -> Result<Self, NameError> {
        Self::parse(&text)
    }
}

impl From<ProjectName> for String {
    fn from(name: ProjectName) -> Self {
        name.0.into()
    }
}

impl std::str::FromStr for ProjectName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> ProjectName {
        ProjectName::parse(text).expect("a valid name")
    }

    #[test]
    fn spellings_of_one_project_are_equal() {
        for spelling in ["Foo.Bar", "foo_bar", "FOO--bar", "foo-_.bar"] {
            assert_eq!(name(spelling), name("foo-bar"), "{spelling}");
        }
    }

    #[test]
    fn invalid_names_say_why() {
        assert_eq!(ProjectName::parse(""), Err(NameError::Empty));
        assert_eq!(ProjectName::parse("a b"), Err(NameError::Character("a b".into(), ' ')));
        assert_eq!(ProjectName::parse("-a"), Err(NameError::Edge("-a".into())));
        assert!(ProjectName::parse("pаypal").is_err(), "a Cyrillic letter");
    }

    #[test]
    fn ultranormal_follows_the_vectors_of_warehouse() {
        for (given, expected) in [
            ("Foo-Bar", "f00bar"),
            ("C1i_t00l", "c11t001"),
            ("pillow", "p1110w"),
            ("agent-shield", "agentsh1e1d"),
            ("b1g", "b1g"),
            ("bil", "b11"),
        ] {
            assert_eq!(name(given).ultranormal(), expected, "{given}");
        }
    }

    #[test]
    fn salvage_keeps_what_is_legal() {
        assert_eq!(ProjectName::salvage(" acme\u{202e}-billing\n"), Some(name("acme-billing")));
        assert_eq!(ProjectName::salvage("\u{4e2d}"), None);
    }
}
