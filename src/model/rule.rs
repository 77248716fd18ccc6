//! `Rule`: the ways a name can resemble a watch, as a closed set.

use serde::{Deserialize, Serialize};

/// Why a name resembles a watch. The order is strength: the first of two explanations is the stronger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    Exact,
    Ultranormal,
    Prefix,
    Separators,
    OneEdit,
    Brand,
}

impl Rule {
    pub const ALL: [Self; 6] =
        [Self::Exact, Self::Ultranormal, Self::Prefix, Self::Separators, Self::OneEdit, Self::Brand];

    /// The id in tables, JSON and `--help`: the kebab-case of the variant.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Ultranormal => "ultranormal",
            Self::Prefix => "prefix",
            Self::Separators => "separators",
            Self::OneEdit => "one-edit",
            Self::Brand => "brand",
        }
    }
}
