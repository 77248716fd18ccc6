//! The lines of a report: watches, cases, claims, and what waits.

use serde::{Deserialize, Serialize};

use super::sets::{ClaimState, Exposure, FindingState, Tier, WatchKind, WouldPipTake};
use crate::model::Time;
use crate::model::report::{self as model, Errand, Whom};

/// One watch in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ReportedWatch {
    /// As people write it: `acme-billing`, `acme-*`, `brand:acme`.
    pub label: String,
    pub kind: WatchKind,
    pub owner: String,
    pub exposure: Exposure,
    pub since: Option<Time>,
    pub latest_version: Option<String>,
    /// Cases that are not closed.
    pub open_cases: usize,
    /// Of the newest claim of this name.
    pub claim: Option<ClaimState>,
}

/// A watch stands otherwise from then on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ExposureChange {
    pub label: String,
    pub at: Time,
    pub was: Exposure,
    pub is: Exposure,
}

/// The cases of a tier in numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TierCount {
    pub tier: Tier,
    /// Seen in the period.
    pub new: usize,
    pub open: usize,
    /// Of the open ones, nobody is on.
    pub unacknowledged: usize,
    /// Closed, with something that happened in the period.
    pub settled: usize,
}

/// One case in a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ReportedCase {
    pub id: Option<String>,
    pub project: String,
    pub tier: Tier,
    pub state: FindingState,
    /// The watch that it threatens most.
    pub watch: String,
    pub owner: String,
    /// Rules are added.
    pub rule: String,
    /// Watches beside it.
    pub more: usize,
    pub would_pip_take: WouldPipTake,
    pub seen_at: Time,
    pub worsened_at: Time,
    /// When a person first decided about it.
    pub answered_at: Option<Time>,
}

/// How long people took over pages and alerts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Answers {
    /// Answered in the period.
    pub answered: usize,
    pub median_seconds: Option<i64>,
    pub slowest_seconds: Option<i64>,
    /// Not answered yet, and since when the longest.
    pub waiting: usize,
    pub since: Option<Time>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ReportedClaim {
    pub name: String,
    pub owner: String,
    pub state: ClaimState,
    pub changed_at: Time,
}

/// Something that waits for somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Waits {
    /// `owner`, `approver`, `reviewer`, `operator`; kinds are added.
    pub whom: String,
    /// Which owner.
    pub owner: Option<String>,
    /// `pages`, `alerts`, `taken`, `exposed`, `reviews`, `approval`, `claims`, `health`, `channels`; kinds are added.
    pub what: String,
    pub count: usize,
    pub since: Option<Time>,
}

impl From<&model::WatchLine> for ReportedWatch {
    fn from(of: &model::WatchLine) -> Self {
        Self {
            label: of.id.label(),
            kind: of.id.kind.into(),
            owner: of.owner.to_string(),
            exposure: Exposure::from(of.exposure.as_ref()),
            since: of.since,
            latest_version: of.latest_version.clone(),
            open_cases: of.open,
            claim: of.claim.map(ClaimState::from),
        }
    }
}

impl From<&model::Changed> for ExposureChange {
    fn from(of: &model::Changed) -> Self {
        let [was, is] = [&of.was, &of.is].map(|exposure| Exposure::from(Some(exposure)));
        Self { label: of.id.label(), at: of.at, was, is }
    }
}

impl From<&model::TierCount> for TierCount {
    fn from(of: &model::TierCount) -> Self {
        let model::TierCount { tier, new, open, unanswered, settled } = *of;
        Self { tier: tier.into(), new, open, unacknowledged: unanswered, settled }
    }
}

impl From<&model::CaseLine> for ReportedCase {
    fn from(of: &model::CaseLine) -> Self {
        Self {
            id: of.id.map(String::from),
            project: of.project.to_string(),
            tier: of.tier.into(),
            state: of.state.into(),
            watch: of.watch.clone(),
            owner: of.owner.to_string(),
            rule: of.rule.clone(),
            more: of.more,
            would_pip_take: of.would_pip_take.into(),
            seen_at: of.seen_at,
            worsened_at: of.worsened_at,
            answered_at: of.answered_at,
        }
    }
}

impl From<&model::Answers> for Answers {
    fn from(of: &model::Answers) -> Self {
        Self {
            answered: of.seconds.len(),
            median_seconds: of.median().map(|delta| delta.num_seconds()),
            slowest_seconds: of.slowest().map(|delta| delta.num_seconds()),
            waiting: of.waiting,
            since: of.since,
        }
    }
}

impl From<&model::ClaimStanding> for ReportedClaim {
    fn from(of: &model::ClaimStanding) -> Self {
        let (name, owner) = (of.name.to_string(), of.owner.to_string());
        Self { name, owner, state: of.state.into(), changed_at: of.changed_at }
    }
}

impl From<&model::Waits> for Waits {
    fn from(of: &model::Waits) -> Self {
        let whom = match of.whom {
            Whom::Owner(_) => "owner",
            Whom::Approver => "approver",
            Whom::Reviewer => "reviewer",
            Whom::Operator => "operator",
        };
        let what = match of.what {
            Errand::Pages => "pages",
            Errand::Alerts => "alerts",
            Errand::Taken => "taken",
            Errand::Exposed => "exposed",
            Errand::Reviews => "reviews",
            Errand::Approval => "approval",
            Errand::Claims => "claims",
            Errand::Health => "health",
            Errand::Channels => "channels",
        };
        let owner = of.whom.owner().map(ToString::to_string);
        Self { whom: whom.to_owned(), owner, what: what.to_owned(), count: of.count, since: of.since }
    }
}
