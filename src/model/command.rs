//! What people ask of findings, and decide about them.

use super::{CaseId, FindingKey, FindingState, OwnerId, ProjectName, Tier, Time, WatchId};

/// Which findings a list shows; `None` does not restrict.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FindingFilter {
    pub owner: Option<OwnerId>,
    pub project: Option<ProjectName>,
    pub watch: Option<WatchId>,
    /// Empty: every state.
    pub states: Vec<FindingState>,
    pub at_least: Option<Tier>,
    pub at_most: Option<Tier>,
    /// The most urgent first, whenever they were seen.
    pub urgent: bool,
    pub id: Option<CaseId>,
    /// Only of projects in whose names this stands, or in that of a watch that they threaten.
    pub search: Option<String>,
    /// Only what no notice has carried yet.
    pub untold: bool,
    /// Only what was seen before this, in the order of a list by time: when the last of the page before was seen, and its key.
    pub after: Option<(Time, FindingKey)>,
    pub limit: Option<usize>,
}

/// What a person decided about a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    Acknowledge,
    Resolve,
    Suppress,
    Reopen,
}

impl Decision {
    pub fn state(self) -> FindingState {
        match self {
            Self::Acknowledge => FindingState::Acknowledged,
            Self::Resolve => FindingState::Resolved,
            Self::Suppress => FindingState::Suppressed,
            Self::Reopen => FindingState::Open,
        }
    }
}
