//! How the whole watch stands at one moment: what is open, what waits, and where it could not see. What says that all is
//! well has to look here first.

use serde::{Deserialize, Serialize};

use super::health::HealthCase;
use super::{CaseId, Channel, ProjectName, Time};

/// All that is not settled, for all owners.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    pub pages: Open,
    pub alerts: Open,
    /// Weak resemblances that nobody has settled.
    pub weak: u64,
    /// Pages that stood before they were watched, and are no worse since: somebody else has a name of ours.
    #[serde(default)]
    pub stood: u64,
    /// Pages that nobody has acknowledged in the time given.
    pub unanswered: u64,
    /// Pages that should have been delivered by now.
    pub untold: u64,
    /// When the oldest of them was due.
    pub untold_since: Option<Time>,
    /// Channels on which messages wait that were tried in vain, or are late.
    pub waiting: Vec<Waiting>,
    /// Open health cases, oldest first.
    pub issues: Vec<HealthCase>,
    /// Stretches of the last week in which a feed was blind, or only survivors were seen; oldest first.
    pub blind: Vec<Blind>,
}

/// Cases of one tier that are not closed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Open {
    pub cases: u64,
    /// Of these, nobody is on.
    pub unacknowledged: u64,
    /// The one that has waited longest for somebody.
    pub oldest: Option<Unacknowledged>,
}

/// A case that nobody is on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unacknowledged {
    pub project: ProjectName,
    pub id: Option<CaseId>,
    /// When it last got worse.
    pub since: Time,
}

/// Messages that wait on one channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    pub channel: Channel,
    pub messages: u64,
    pub since: Time,
    pub last_error: Option<String>,
}

/// A stretch in which lives may have been missed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blind {
    /// `feed-blind:rss`, `survivors only`.
    pub what: String,
    pub from: Time,
    pub to: Time,
}

impl Blind {
    /// What it is called when there was no watch yet.
    pub const BEFORE: &str = "before the watch began";
}

impl Overview {
    /// Is nothing open or as it was, nothing waiting and nothing unwell?
    pub fn is_quiet(&self) -> bool {
        let cases = self.pages.cases + self.alerts.cases + self.weak + self.stood;
        cases + self.untold == 0 && self.waiting.is_empty() && self.issues.is_empty() && self.blind.is_empty()
    }
}
