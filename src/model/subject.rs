//! What a case is about.

use serde::{Deserialize, Serialize};

use super::Registration;

/// What a case is about. Cases of every kind share their tables, their life and their messages; a kind says how it is
/// written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// A name that somebody registered.
    Registration(Registration),
}

impl Subject {
    /// The word in tables, that of its JSON.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Registration(_) => "registration",
        }
    }
}
