//! Which cases a list shows, and in which order.

use serde::{Deserialize, Serialize};

use super::sets::{FindingState, Tier};

/// Which cases a list shows; what is `null` does not restrict.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Filter {
    pub owner: Option<String>,
    pub project: Option<String>,
    /// Empty: every state.
    pub states: Vec<FindingState>,
    pub at_least: Option<Tier>,
    /// A watch, by kind and text: `name:acme-billing`.
    pub watch: Option<String>,
    /// Only projects in whose names this stands, or in that of a watch that they threaten, or the case of this short name.
    pub search: Option<String>,
    pub order: Order,
    pub after: Option<String>,
    /// A page may end earlier.
    pub limit: Option<usize>,
}

/// In which order cases come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    #[default]
    Newest,
    /// Pages before alerts before the rest, each newest first.
    Urgent,
}
