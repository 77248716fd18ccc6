//! What a command comes to, as the JSON that goes out: written once, from a type of version 1, and kept as text: a tree of it
//! would take more memory, and have to be written, too.

use serde::{Deserialize, Serialize};

use super::refusal::Refusal;

/// One JSON value of version 1, as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply(String);

impl Reply {
    /// # Errors
    /// It cannot be written as JSON.
    pub fn of(value: &impl Serialize) -> Result<Self, serde_json::Error> {
        serde_json::to_string(value).map(Self)
    }

    /// As the type that belongs to the command.
    ///
    /// # Errors
    /// It is none of these.
    pub fn read<'r, T: Deserialize<'r>>(&'r self) -> Result<T, serde_json::Error> {
        serde_json::from_str(&self.0)
    }

    pub fn into_text(self) -> String {
        self.0
    }
}

pub(super) fn reply(value: impl Serialize) -> Result<Reply, Refusal> {
    Reply::of(&value).map_err(|error| Refusal::Failed(format!("the reply cannot be written: {error}")))
}
