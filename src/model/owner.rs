//! Who answers for watches, and where they are told.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Channel;

/// The short name of an owner in the inventory.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OwnerId(pub String);

impl fmt::Display for OwnerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who answers for a watch, and where they are told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// For people: "Payments platform".
    pub name: String,
    pub emails: Vec<String>,
    /// Those with sections of their own in the configuration, by kind and then as the inventory lists them.
    pub channels: Vec<Channel>,
}

impl Owner {
    /// Does the inventory name no way to tell them?
    pub fn is_mute(&self) -> bool {
        self.emails.is_empty() && self.channels.is_empty()
    }
}
