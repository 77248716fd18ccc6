//! Who asked for what is held: an address, and what it asked with.

use serde::{Deserialize, Serialize};

use crate::model::Time;

/// One address that asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ReviewAsker {
    pub peer: String,
    /// Its installer as it said last: one of those that are known; `null`: another, or none.
    pub tool: Option<String>,
    /// `null`: nobody wrote that down.
    pub first: Option<Time>,
    pub last: Option<Time>,
    /// Since that is written down.
    pub times: i64,
}

impl ReviewAsker {
    /// Once.
    pub(super) fn once(peer: String, tool: Option<&str>, at: Time) -> Self {
        Self { peer, tool: tool.map(str::to_owned), first: Some(at), last: Some(at), times: 1 }
    }

    /// The same address once more.
    pub(super) fn again(&mut self, tool: Option<&str>, at: Time) {
        self.tool = tool.map(str::to_owned).or_else(|| self.tool.take());
        self.first = Some(self.first.map_or(at, |first| first.min(at)));
        self.last = Some(self.last.map_or(at, |last| last.max(at)));
        self.times += 1;
    }
}
