//! What a look at PyPI's public pages shows of a claim whose package was, or may have been, sent.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The registry's own word on a project, held against the seal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "seen", rename_all = "kebab-case")]
pub enum Seen {
    /// Held by us, with every sealed file and no other.
    Whole,
    /// Held by us, without these sealed files yet, and with no other.
    Part { missing: Vec<String> },
    /// It is listed, has no file, and so no page that tells who holds it.
    Empty,
    /// It is there, PyPI does not say whose, and nothing in it is not ours; PyPI has not said that it took anything.
    Unnamed,
    /// Nobody holds the name, and the look came late enough to be believed.
    Nothing,
    /// It was there, and a feed has told of its removal.
    Removed,
    /// Somebody else holds it; hostile text.
    Foreign { holder: String },
    /// Held by us, with what we did not send; hostile text.
    Altered { what: String },
    /// PyPI has closed it to everybody.
    Quarantined,
}

impl Seen {
    /// May the rest of the package be sent after this?
    pub fn lets_go_on(&self) -> bool {
        matches!(self, Self::Part { .. } | Self::Empty | Self::Nothing | Self::Unnamed)
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole => f.write_str("ours, with the whole package"),
            Self::Part { missing } => write!(f, "ours, without {}", missing.join(", ")),
            Self::Empty => f.write_str("there, without any file"),
            Self::Unnamed => f.write_str("there, without anybody named as its holder"),
            Self::Nothing => f.write_str("not there"),
            Self::Removed => f.write_str("removed from PyPI"),
            Self::Foreign { holder } => write!(f, "held by {holder}"),
            Self::Altered { what } => write!(f, "ours, with what was not sent: {what}"),
            Self::Quarantined => f.write_str("in quarantine"),
        }
    }
}
