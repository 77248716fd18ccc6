//! What another inventory would change.

use serde::{Deserialize, Serialize};

use super::inventory::{Difference, Lint};

/// An inventory that somebody thinks of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Proposed {
    /// Remarks on what was given.
    pub lints: Vec<Lint>,
    /// `null`: it cannot be used, and the remarks say why.
    pub difference: Option<Difference>,
    /// The names that it adds, the first 200 of them.
    pub names: Vec<ProposedName>,
}

/// A name that is not watched yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ProposedName {
    pub name: String,
    /// Does the registry list a project of this name?
    pub listed: bool,
}
