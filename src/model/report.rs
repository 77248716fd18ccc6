//! A report: how the names of one owner, or of all, stand at one moment, what happened to them in a period, and how far the
//! watch saw. Values alone; `reports` reads them out of the store and gives them a form.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::claim::ClaimState;
use super::finding::WouldPipTake;
use super::gate_report::GatePart;
use super::health::HealthCase;
use super::overview::{Blind, Waiting};
use super::{CaseId, Exposure, Feed, FindingState, OwnerId, ProjectName, Serial, Tier, Time, WatchId};

/// What is to be reported, and to whom. It is kept with the notice: what happened is counted between the same two moments
/// however late it goes out, and how things stand is told as of then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// `None`: all owners, for the platform team.
    pub owner: Option<OwnerId>,
    pub since: Time,
    pub until: Time,
    pub occasion: Occasion,
    /// How it was when the last report was made; `None` where there was none.
    pub before: Option<Before>,
}

/// Why there is a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "kebab-case")]
pub enum Occasion {
    /// Somebody asked for it.
    Asked,
    /// The schedule. `missed`: how many were due before it while nobody could make them.
    Scheduled { due: Time, missed: u32 },
}

/// What a report can only know from the one before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Before {
    /// Up to here the changelog was accounted for.
    pub serial: Option<Serial>,
    pub watches: usize,
}

/// For whom it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Audience {
    /// The team that runs the watch: all owners.
    Platform,
    Owner {
        id: OwnerId,
        name: String,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    pub audience: Audience,
    pub occasion: Occasion,
    pub since: Time,
    pub until: Time,
    /// Things stand so at this moment.
    pub at: Time,
    pub exposure: Exposures,
    pub findings: Caseload,
    pub claims: Vec<ClaimStanding>,
    /// Most urgent first.
    pub waits: Vec<Waits>,
    pub noise: Noise,
    pub coverage: CoverageProof,
    /// `None`: there is no gate on this machine, or nothing of it concerns the owner's names.
    pub gate: Option<GatePart>,
}

/// How the watches stand, and what changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exposures {
    /// What wants a look first: taken, exposed, and so on; then by name. As many as there is room for.
    pub watches: Vec<WatchLine>,
    /// Watches that are not among them.
    pub omitted: usize,
    /// How many of all stand so, by the word of their exposure.
    pub standing: BTreeMap<String, usize>,
    /// In the period, oldest first. The first look at a watch is no change.
    pub changes: Vec<Changed>,
    /// Changes that are not among them: whoever writes the report reads those where they are written.
    pub changes_omitted: usize,
    /// Watches that came in the period.
    pub added: usize,
    /// How many there were at the last report.
    pub before: Option<usize>,
}

/// One watch. Prefixes and brand words have no exposure: nobody can register them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchLine {
    pub id: WatchId,
    pub owner: OwnerId,
    /// `None`: it has none, or nobody has looked yet.
    pub exposure: Option<Exposure>,
    pub since: Option<Time>,
    pub latest_version: Option<String>,
    /// Cases that are not closed.
    pub open: usize,
    /// The newest claim of this name.
    pub claim: Option<ClaimState>,
}

/// From then on a watch stood otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    pub id: WatchId,
    pub at: Time,
    pub was: Exposure,
    pub is: Exposure,
}

/// The cases: those that are not closed, and those of the period.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caseload {
    /// Most urgent first; what is open stands before what is closed.
    pub cases: Vec<CaseLine>,
    /// Cases that are not among them, since there are too many.
    pub omitted: usize,
    pub tiers: Vec<TierCount>,
    /// New ones by day, week or month.
    pub histogram: Histogram,
    pub answers: Answers,
}

/// One case in a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseLine {
    pub id: Option<CaseId>,
    pub project: ProjectName,
    pub tier: Tier,
    pub state: FindingState,
    pub seen_at: Time,
    /// When it last got worse.
    pub worsened_at: Time,
    /// When a person first decided about it.
    pub answered_at: Option<Time>,
    /// The watch that it threatens most, who answers for it, and by which rule.
    pub watch: String,
    pub owner: OwnerId,
    pub rule: String,
    /// How many watches more.
    pub more: usize,
    pub would_pip_take: WouldPipTake,
}

/// The cases of one tier, in numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TierCount {
    pub tier: Tier,
    /// Seen in the period.
    pub new: usize,
    /// Not closed now.
    pub open: usize,
    /// Of these, nobody is on.
    pub unanswered: usize,
    /// Seen in the period or before, and closed by now with something that happened in the period.
    pub settled: usize,
}

/// New cases in stretches of equal length from the beginning of the period.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Histogram {
    pub bars: Vec<Bar>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bar {
    pub from: Time,
    pub pages: usize,
    pub alerts: usize,
    pub digests: usize,
}

/// How long people took to answer pages and alerts. Weak resemblances ask for no answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answers {
    /// Of those answered in the period, from when each was seen; shortest first, seconds.
    pub seconds: Vec<i64>,
    /// Not answered yet.
    pub waiting: usize,
    /// Since when the longest waits.
    pub since: Option<Time>,
}

/// The newest claim of a watched name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimStanding {
    pub name: ProjectName,
    pub owner: OwnerId,
    pub state: ClaimState,
    pub changed_at: Time,
}

/// Something that waits for somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waits {
    pub whom: Whom,
    pub what: Errand,
    pub count: usize,
    /// The longest.
    pub since: Option<Time>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Whom {
    Owner(OwnerId),
    /// Whoever may agree to what another has planned.
    Approver,
    /// Whoever decides about what the gate holds.
    Reviewer,
    /// Who runs the watch.
    Operator,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Errand {
    /// Pages that nobody has acknowledged.
    Pages,
    Alerts,
    /// WatchLine names that somebody else holds.
    Taken,
    /// What the gate holds, and somebody has asked for.
    Reviews,
    /// Claims to be approved.
    Approval,
    /// Claims that are rehearsed and to be released, or that cannot go on.
    Claims,
    /// WatchLine names that anybody can register.
    Exposed,
    /// Health cases that last.
    Health,
    /// Channels that do not deliver.
    Channels,
}

/// How much people were told of how much.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Noise {
    /// Projects registered in the period, by the feed that told of most.
    pub registrations: u64,
    /// Cases of the period that were told at once: pages and alerts.
    pub alerts: u64,
    /// Weak ones, which wait for the digest.
    pub weak: u64,
}

/// What the feeds accounted for in the period, and what they did not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoverageProof {
    pub stretches: Vec<Accounted>,
    /// Stretches in which only survivors are accounted for.
    pub holes: Vec<Unaccounted>,
    /// Stretches in which a feed was blind, or the store could not be used.
    pub blind: Vec<Blind>,
    /// Health cases that last.
    pub unwell: Vec<HealthCase>,
    /// Channels on which messages wait.
    pub waiting: Vec<Waiting>,
    /// `every event to serial 41234567, 14 s ago`.
    pub line: String,
    /// Is the watch up to date at the end? Else why not.
    pub stale: Option<String>,
}

/// What one feed accounted for, cut to the period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accounted {
    pub feed: Feed,
    /// `every event`, `survivors only`.
    pub grade: String,
    /// (after, up to].
    pub serials: Option<(Serial, Serial)>,
    /// The stretch began before the period, and so may its first serial.
    pub earlier: bool,
    pub from: Time,
    pub to: Time,
}

/// A stretch of serials that no feed has told event by event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unaccounted {
    pub serials: Option<(Serial, Serial)>,
    pub from: Time,
    pub to: Time,
}

impl Report {
    /// Is nothing open, nothing waiting, nothing changed for the worse, did the watch see everything, and the gate say so of
    /// itself? Only then may anything say that all is well.
    pub fn is_quiet(&self) -> bool {
        let open = self.findings.tiers.iter().any(|tier| tier.open > 0);
        let calm = self.gate.as_ref().is_none_or(GatePart::is_calm);
        !open && calm && self.waits.is_empty() && self.coverage.is_whole()
    }

    /// How many watched names stand so.
    pub fn standing(&self, word: &str) -> usize {
        self.exposure.standing.get(word).copied().unwrap_or_default()
    }
}

impl Exposures {
    /// How many watches there are.
    pub fn all(&self) -> usize {
        self.watches.len() + self.omitted
    }

    /// How many of them have an exposure: others nobody can register, or nobody has looked at yet.
    pub fn names(&self) -> usize {
        self.standing.values().sum()
    }
}

impl CoverageProof {
    /// Is every event of the period accounted for, with nobody blind and everything delivered?
    pub fn is_whole(&self) -> bool {
        let every = self.stretches.iter().any(|stretch| stretch.feed == Feed::Changelog);
        let clean = self.holes.is_empty() && self.blind.is_empty() && self.unwell.is_empty();
        every && clean && self.waiting.is_empty() && self.stale.is_none()
    }
}

impl Answers {
    /// The time in which half of the answers came.
    pub fn median(&self) -> Option<TimeDelta> {
        let at = self.seconds.len().checked_sub(1)? / 2;
        self.seconds.get(at).map(|seconds| TimeDelta::seconds(*seconds))
    }

    pub fn slowest(&self) -> Option<TimeDelta> {
        self.seconds.last().map(|seconds| TimeDelta::seconds(*seconds))
    }
}

impl Noise {
    /// Alerts and pages in tenths per 1,000 registrations; `None` where nothing was registered.
    pub fn per_thousand(&self) -> Option<f64> {
        (self.registrations > 0).then(|| self.alerts as f64 * 1000.0 / self.registrations as f64)
    }
}

impl Whom {
    pub fn owner(&self) -> Option<&OwnerId> {
        match self {
            Self::Owner(id) => Some(id),
            Self::Approver | Self::Reviewer | Self::Operator => None,
        }
    }
}
