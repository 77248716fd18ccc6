//! Which claim: the name, and the how-many-eth claim of it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::super::ProjectName;

/// `acme-billing#1`: the first claim of this name. What ended is never taken up again; what comes after has the next number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct ClaimKey {
    pub name: ProjectName,
    /// From 1.
    pub number: u32,
}

/// A text that names no claim.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} names no claim, as acme-billing#1 does")]
pub struct ClaimKeyError(String);

impl fmt::Display for ClaimKey {
    /// Never to change: it is part of keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.name, self.number)
    }
}

impl FromStr for ClaimKey {
    type Err = ClaimKeyError;

    fn from_str(text: &str) -> Result<Self, ClaimKeyError> {
        let parts = text.rsplit_once('#');
        let key = parts.and_then(|(name, number)| {
            let number: u32 = number.parse().ok().filter(|number| *number > 0)?;
            Some(Self { name: ProjectName::parse(name).ok()?, number })
        });
        key.ok_or_else(|| ClaimKeyError(text.to_owned()))
    }
}

impl From<ClaimKey> for String {
    fn from(key: ClaimKey) -> Self {
        key.to_string()
    }
}

impl TryFrom<String> for ClaimKey {
    type Error = ClaimKeyError;

    fn try_from(text: String) -> Result<Self, ClaimKeyError> {
        text.parse()
    }
}
