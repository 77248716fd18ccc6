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
    /// This one alone.
    pub tier: Option<Tier>,
    pub id: Option<CaseId>,
    /// Only of projects in whose names this stands, or in that of a watch that they threaten.
    pub search: Option<String>,
    /// Only what no notice has carried yet.
    pub untold: bool,
    /// Only what follows this place in the order of the list: when the last of the page before was seen, and its key.
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
