//! The indexes that a claim needs, as far as somebody has to hear which of them fails.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where a package goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Site {
    /// Where every package is tried first.
    TestIndex,
    /// Where it is published.
    Index,
    /// This machine, where its package is made of configuration, texts and inventory. Trouble with one says nothing of the others.
    Package,
}

impl Site {
    /// The indexes.
    pub const ALL: [Self; 2] = [Self::TestIndex, Self::Index];
}

impl fmt::Display for Site {
    /// Part of the key of a health case, never to change.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TestIndex => "test-index",
            Self::Index => "index",
            Self::Package => "package",
        })
    }
}
