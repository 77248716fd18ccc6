//! What reviewers were not told of yet, as the daemon asks for it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::review::Review;
use crate::model::Time;
use crate::model::held::{HeldRelease, ReviewMark};
use crate::model::recall::RecallMark;

/// What is open and new to whoever asks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateNews {
    /// The newest first.
    pub held: Vec<HeldRelease>,
    /// How many more.
    pub omitted: i64,
    /// When the oldest of all was asked for; `None`: there is none.
    pub oldest: Option<Time>,
    /// What covers all of it, and all that was told before.
    pub last: Option<ReviewMark>,
    /// What is wrong with what the gate decides by, by its kind.
    #[serde(default)]
    pub troubles: BTreeMap<String, String>,
    /// A word for the open findings by which it holds; `None`: it goes by none.
    #[serde(default)]
    pub suspects: Option<String>,
    /// What covers all that turned out to be bad after it was given out; `None`: nothing did.
    #[serde(default)]
    pub recalled: Option<RecallMark>,
}

impl Review {
    pub(super) fn told(self) -> HeldRelease {
        HeldRelease {
            review: self.id,
            project: self.project,
            version: self.version,
            why: self.why,
            given_out: self.given_out,
            asked: self.times_asked,
            since: self.first_asked,
            peers: self.peers,
            more_peers: self.more_peers,
            files: self.files.len(),
            files_key: self.files_key,
            address: None,
            buttons: false,
        }
    }
}
