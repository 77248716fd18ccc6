//! `Registry`: where packages are published. Part of every key that names a project.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A package registry. Of every other than PyPI what is written begins with its word: `npm:@acme/billing@1787331457`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Registry {
    /// The Python Package Index.
    #[default]
    Pypi,
    /// Nothing watches npm. Its names hold what PyPI's do not, so tests keep the two apart.
    #[cfg(test)]
    Npm,
}

/// A word that names no registry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no registry {0:?}")]
pub struct RegistryError(String);

impl Registry {
    pub const ALL: &'static [Self] = &[
        Self::Pypi,
        #[cfg(test)]
        Self::Npm,
    ];

    /// The word in files, keys and JSON, never to change.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pypi => "pypi",
            #[cfg(test)]
            Self::Npm => "npm",
        }
    }

    /// Is it the one that is meant where none is named?
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// The registry of what is written so, and the rest: `npm:x` is npm's `x`, and `x` is PyPI's. No name of a project
    /// holds a colon.
    pub fn split(text: &str) -> (Self, &str) {
        let named = text.split_once(':').and_then(|(word, rest)| Some((word.parse::<Self>().ok()?, rest)));
        named.filter(|(registry, _)| !registry.is_default()).unwrap_or((Self::default(), text))
    }

    /// What is written before what is this registry's.
    pub fn prefix(self) -> String {
        if self.is_default() { String::new() } else { format!("{self}:") }
    }
}

impl fmt::Display for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl std::str::FromStr for Registry {
    type Err = RegistryError;

    fn from_str(text: &str) -> Result<Self, RegistryError> {
        let found = Self::ALL.iter().find(|registry| registry.name() == text);
        found.copied().ok_or_else(|| RegistryError(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_known_by_its_word_alone() {
        for registry in Registry::ALL {
            assert_eq!(registry.name().parse(), Ok(*registry));
        }
        let error = "PyPI".parse::<Registry>().expect_err("words are exact");
        assert_eq!(error.to_string(), "there is no registry \"PyPI\"");
        assert_eq!(Registry::split("npm:a"), (Registry::Npm, "a"));
        for whole in ["a", "pypi:a", "gem:a", ":a"] {
            assert_eq!(Registry::split(whole), (Registry::Pypi, whole));
        }
    }
}
