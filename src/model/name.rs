//! `ProjectName`: the name of a project at its registry; of PyPI's, the PEP 503 normal form.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Registry, confusable};

/// A valid project name and whose it is. PyPI's are normalized: lowercase, every run of `.`, `_`, `-` one `-` (PEP 503).
///
/// One name at two registries is two. Two spellings of one project are equal here. The spelling a publisher chose travels beside it as a *display name*.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ProjectName {
    registry: Registry,
    text: Box<str>,
}

/// Why a string is no project name (PyPI's pattern: `packaging.python.org` name-normalization).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    #[error("a project name is empty")]
    Empty,
    #[error("a project name has at most {longest} characters, and this has {0}", longest = ProjectName::LONGEST)]
    Long(usize),
    #[error("{0:?} is no project name: {1:?} is not an ASCII letter, digit, '.', '_' or '-'")]
    Character(String, char),
    #[error("{0:?} is no project name: it must start and end with an ASCII letter or digit")]
    Edge(String),
}

impl ProjectName {
    /// The longest name, in bytes. The name of a project's file holds its whole name, a version and an ending, and has
    /// at most 255 bytes wherever PyPI is mirrored to; the longest of 886,000 projects of 2026 has 188.
    pub const LONGEST: usize = 245;

    /// Parses any spelling of PyPI's.
    ///
    /// # Errors
    /// When PyPI would call the name invalid; the text names the offending character.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        Self::check(text)?;
        Ok(Self { registry: Registry::Pypi, text: normalize(text).into_boxed_str() })
    }

    /// Parses any spelling of a registry's.
    ///
    /// # Errors
    /// When that registry would call the name invalid.
    pub fn at(registry: Registry, text: &str) -> Result<Self, NameError> {
        match registry {
            Registry::Pypi => Self::parse(text),
            #[cfg(test)]
            Registry::Npm => tests::npm(text),
        }
    }

    /// Would it parse? Makes nothing, for lists of which each line is asked.
    pub fn is_valid(text: &str) -> bool {
        Self::check(text).is_ok()
    }

    fn check(text: &str) -> Result<(), NameError> {
        let bytes = text.as_bytes();
        let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else { return Err(NameError::Empty) };
        if bytes.len() > Self::LONGEST {
            return Err(NameError::Long(bytes.len()));
        }
        if let Some(bad) = text.chars().find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))) {
            return Err(NameError::Character(text.to_owned(), bad));
        }
        if !(first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric()) {
            return Err(NameError::Edge(text.to_owned()));
        }
        Ok(())
    }

    /// The nearest valid name to a string that PyPI should never have sent: letters that look like ASCII are read as
    /// it, what else is illegal is left out, and what is too long is cut off. `None` when nothing legal remains.
    /// Lets an unreadable name still be judged, so that a parse failure hides nothing.
    pub fn salvage(text: &str) -> Option<Self> {
        let is_separator = |c: char| matches!(c, '.' | '_' | '-');
        let mut legal = String::new();
        for c in text.chars().filter_map(confusable::plain) {
            // Of a run of separators one is enough, however long it is.
            if !(is_separator(c) && (legal.is_empty() || legal.ends_with(is_separator))) {
                legal.push(c);
            }
            if legal.len() == Self::LONGEST {
                break;
            }
        }
        Self::parse(legal.trim_end_matches(is_separator)).ok()
    }

    pub fn registry(&self) -> Registry {
        self.registry
    }

    /// As its registry knows it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// PyPI's "too similar" form: separators deleted, `l` and `i` become `1`, `o` becomes `0`
    /// (`warehouse` migration d18d443f89f0, `ultranormalize_name`).
    pub fn ultranormal(&self) -> String {
        // The gate asks it of each name: of as much room at once as it may need.
        let mut ultranormal = String::with_capacity(self.text.len());
        ultranormal.extend(self.text.bytes().filter(|b| *b != b'-').map(|b| char::from(ultranormal_byte(b))));
        ultranormal
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
    /// `acme-billing`; of another registry than PyPI `npm:@acme/billing`. Never to change: it is part of finding keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.registry.prefix(), self.text)
    }
}

impl TryFrom<String> for ProjectName {
    type Error = NameError;

    fn try_from(text: String) -> Result<Self, NameError> {
        text.parse()
    }
}

impl From<ProjectName> for String {
    fn from(name: ProjectName) -> Self {
        name.to_string()
    }
}

impl std::str::FromStr for ProjectName {
    type Err = NameError;

    /// As it is written.
    fn from_str(text: &str) -> Result<Self, NameError> {
        let (registry, name) = Registry::split(text);
        Self::at(registry, name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> ProjectName {
        ProjectName::parse(text).expect("a valid name")
    }

    /// A name of npm, with or without a scope (docs.npmjs.com, package.json, "name"): the part that new names may use.
    pub(super) fn npm(text: &str) -> Result<ProjectName, NameError> {
        let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.' | '_' | '~');
        let is_part = |part: &str| !part.is_empty() && !part.starts_with(['.', '_']) && part.chars().all(legal);
        let parts = text.strip_prefix('@').map_or(Some(("x", text)), |scoped| scoped.split_once('/'));
        if text.len() > 214 || !parts.is_some_and(|(scope, name)| is_part(scope) && is_part(name)) {
            return Err(NameError::Edge(text.to_owned()));
        }
        Ok(ProjectName { registry: Registry::Npm, text: text.into() })
    }

    #[test]
    fn one_name_at_two_registries_is_two() {
        let (here, there) = (name("acme"), ProjectName::at(Registry::Npm, "acme").expect("valid"));
        assert_ne!(here, there);
        assert_eq!((here.to_string(), there.to_string()), ("acme".to_owned(), "npm:acme".to_owned()));
        assert_eq!((here.as_str(), there.as_str()), ("acme", "acme"));
        let scoped = "npm:@acme/billing.js".parse::<ProjectName>().expect("valid");
        assert_eq!((scoped.registry(), scoped.as_str()), (Registry::Npm, "@acme/billing.js"));
        assert!("pypi:acme".parse::<ProjectName>().is_err() && ProjectName::parse("npm:acme").is_err());
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
        assert_eq!(ProjectName::salvage("\u{430}cme-billing"), Some(name("acme-billing")), "a Cyrillic letter");
    }

    #[test]
    fn a_name_of_any_length_is_refused_or_read_in_little() {
        let longest = "a".repeat(ProjectName::LONGEST);
        assert_eq!(name(&longest).as_str(), longest);
        for length in [ProjectName::LONGEST + 1, 60_000, 5_000_000] {
            let text = format!("acme-{}", "x.".repeat(length / 2));
            let error = ProjectName::parse(&text).expect_err("too long");
            assert!(error.to_string().len() < 100, "{error}");
            let salvaged = ProjectName::salvage(&text).expect("a beginning");
            assert!(salvaged.as_str().starts_with("acme-x-x-") && salvaged.as_str().len() <= ProjectName::LONGEST);
        }
        assert_eq!(ProjectName::salvage(&format!("acme{}billing", "-".repeat(60_000))), Some(name("acme-billing")));
    }
}
