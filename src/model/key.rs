//! The key of a case, made of content: the same after a restart, on another day, and in another store.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Registration;

/// The registration, by content: `name@1787331457`, of another registry than PyPI `npm:name@1787331457`. The thread of every message about it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FindingKey(pub String);

impl FindingKey {
    pub fn new(registration: &Registration) -> Self {
        Self(registration.to_string())
    }
}

impl fmt::Display for FindingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
