//! Context: what happens around a registration, and what it says about it beyond its name.
//!
//! Context only ever grows: what was once seen stays, so that the order in which feeds tell, a restart, or a stranger who
//! takes something back again change nothing of what it came to.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{ProjectName, WatchId};

/// One thing seen around a case, and the bits of evidence it adds to those of the matches that it concerns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Context {
    #[serde(flatten)]
    pub why: Why,
    pub bits: u8,
}

/// What was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Why {
    /// Another look-alike of this watch, by edits, was registered within the hour.
    Together { watch: WatchId, with: ProjectName },
    /// It released a version that was made to win; hostile text.
    Version { version: String },
    /// Who holds it, hostile text, also holds the project of another case.
    Registrant { holder: String, with: ProjectName },
}

impl Why {
    /// The id in tables and JSON.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Together { .. } => "together",
            Self::Version { .. } => "version",
            Self::Registrant { .. } => "registrant",
        }
    }

    /// Does it say something of what this watch has to do with the case?
    pub fn concerns(&self, of: &WatchId) -> bool {
        match self {
            Self::Together { watch, .. } => watch == of,
            Self::Version { .. } | Self::Registrant { .. } => true,
        }
    }
}

impl fmt::Display for Why {
    /// A clause; the words of strangers are in it as they wrote them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Together { watch, with } => {
                write!(f, "{with}, another look-alike of {}, was registered within the hour", watch.label())
            }
            Self::Version { version } => write!(f, "its version {version} was made to win"),
            Self::Registrant { holder, with } => write!(f, "{holder}, who holds it, holds {with} too"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_what_and_how_much() {
        let name = |text: &str| ProjectName::parse(text).expect("valid");
        let why = Why::Together { watch: WatchId::name(&name("acme-billing")), with: name("acme-biling") };
        let context = Context { why, bits: 8 };
        insta::assert_snapshot!(serde_json::to_string(&context).expect("plain"), @r#"{"kind":"together","watch":{"kind":"name","text":"acme-billing"},"with":"acme-biling","bits":8}"#);
        insta::assert_snapshot!(context.why, @"acme-biling, another look-alike of acme-billing, was registered within the hour");
    }
}
