//! Tiers: how urgently somebody is told.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How urgently the owner is told. `Digest` waits for its schedule, the others go at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    Digest,
    Alert,
    Page,
}

impl Tier {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Digest => "digest",
            Self::Alert => "alert",
            Self::Page => "page",
        }
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
