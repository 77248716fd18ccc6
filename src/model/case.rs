//! How people name a case: by its short id, by its key, or by the project.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{FindingKey, ProjectName, Registration};

/// The short name of a case, `nw-417`: given out by the store with the case, once each, and never again.
///
/// It is for people: to say, to type, to paste into a shell. What a message belongs to is decided by the key, which is
/// made of content and the same in another store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct CaseId(pub u64);

const PREFIX: &str = "nw-";

impl fmt::Display for CaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{PREFIX}{}", self.0))
    }
}

/// A text that is no short name of a case.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no short name of a case, such as nw-417")]
pub struct CaseIdError(String);

impl FromStr for CaseId {
    type Err = CaseIdError;

    /// In capitals too, as telephones write it.
    fn from_str(text: &str) -> Result<Self, CaseIdError> {
        let lower = text.to_ascii_lowercase();
        let number = lower.strip_prefix(PREFIX).filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()));
        number.and_then(|digits| digits.parse().ok()).map(Self).ok_or_else(|| CaseIdError(text.to_owned()))
    }
}

impl From<CaseId> for String {
    fn from(id: CaseId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for CaseId {
    type Error = CaseIdError;

    fn try_from(text: String) -> Result<Self, CaseIdError> {
        text.parse()
    }
}

/// Whatever a person wrote to name a case, and how it may be read. Every text is one; the store knows which it has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CaseRef(pub String);

impl CaseRef {
    pub fn id(&self) -> Option<CaseId> {
        self.0.parse().ok()
    }

    /// `Acme_Billing@1787331457` is the key of `acme-billing@1787331457`.
    pub fn key(&self) -> Option<FindingKey> {
        self.0.parse().ok().map(|registration: Registration| FindingKey::new(&registration))
    }

    pub fn project(&self) -> Option<ProjectName> {
        self.0.parse().ok()
    }
}

impl fmt::Display for CaseRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_name_is_plain_letters_and_digits() {
        assert_eq!(CaseId(417).to_string(), "nw-417");
        assert_eq!(format!("{:<8}|", CaseId(7)), "nw-7    |");
        for text in ["nw-417", "NW-417", "nw-0417"] {
            assert_eq!(text.parse(), Ok(CaseId(417)));
        }
        for other in ["nw-", "nw-4 1", "417", "nw-+4", "nw--4", "nw-x", "nw-99999999999999999999", ""] {
            other.parse::<CaseId>().expect_err(other);
        }
    }

    #[test]
    fn one_text_may_name_a_case_in_several_ways() {
        let by = |text: &str| CaseRef(text.to_owned());
        let name = |text: &str| ProjectName::parse(text).ok();
        assert_eq!((by("nw-417").id(), by("nw-417").project()), (Some(CaseId(417)), name("nw-417")));
        assert_eq!((by("Acme_Billing").id(), by("Acme_Billing").project()), (None, name("acme-billing")));
        assert_eq!(by("Acme_Billing@s12").key(), Some(FindingKey("acme-billing@s12".to_owned())));
        assert_eq!((by("acme").key(), by("no name").project()), (None, None));
    }
}
