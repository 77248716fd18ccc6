//! What reviewers were not told of yet, as the daemon asks for it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::policy::Policy;
use super::present::Present;
use super::review::Review;
use crate::model::Time;
use crate::model::held::{HeldCause, HeldRelease, ReviewMark};
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
    /// What covers all that turned out to be bad after it was given out; `None`: that cannot be read at the moment.
    #[serde(default)]
    pub recalled: Option<RecallMark>,
}

impl Review {
    /// With why it is held now, and what that is.
    pub(super) fn told(self, policy: &Policy, now: Present) -> HeldRelease {
        let cause = self.held(policy, now).map(|(held, _)| HeldCause::from(&held.cause));
        let of = self.explained(policy, now);
        HeldRelease {
            review: of.id,
            project: of.project,
            version: of.version,
            why: of.why,
            cause,
            until: of.until,
            given_out: of.given_out,
            asked: of.times_asked,
            since: of.first_asked,
            asked_by: of.asked_by,
            more_peers: of.more_peers,
            files: of.files.len(),
            files_key: of.files_key,
            address: None,
            buttons: false,
        }
    }
}
