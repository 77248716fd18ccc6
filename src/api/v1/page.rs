//! Lists: a page, and where the next one begins.

use serde::{Deserialize, Serialize};

/// Part of a list. Pages stay in order whatever comes and goes between them: none of what is there all the while is
/// left out or comes twice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Page<T> {
    pub items: Vec<T>,
    /// For `after`: opaque, of this list alone. `null`: nothing follows.
    pub next: Option<String>,
    /// How many there are on all pages, where that is known without counting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
}

/// The last line of a list that was cut at its `--limit`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Next {
    /// For `--after`.
    pub next: String,
}
