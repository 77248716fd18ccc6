//! Findings: the durable case that joins a registration to a watch.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{ProjectName, Registration, Releases, Rule, Time, WatchId};

/// How urgently the owner is told. `Digest` waits for its schedule, the others go at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    Digest,
    Alert,
    Page,
}

impl Tier {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Digest => "digest",
            Self::Alert => "alert",
            Self::Page => "page",
        }
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// One rule saying why a sighted name resembles a watch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Match {
    pub watch: WatchId,
    pub rule: Rule,
    /// From name and watch alone; what triage learns changes the finding's tier, not this.
    pub tier: Tier,
    /// 0 to 100; tiers are cut-offs of it.
    pub score: u8,
    /// Edits between the two names, where the rule counts edits.
    pub distance: Option<u8>,
    /// One sentence for the owner, made of normalized names only.
    pub explanation: String,
}

/// Registration and watch, by content: `name@1787331457|name:acme-billing`. The thread of every message about it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FindingKey(pub String);

impl FindingKey {
    pub fn new(registration: &Registration, watch: &WatchId) -> Self {
        Self(format!("{registration}|{watch}"))
    }
}

impl fmt::Display for FindingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a case stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingState {
    Open,
    /// Somebody is on it; worsening still alerts.
    Acknowledged,
    /// A person said what became of it.
    Resolved,
    /// Declared harmless by a suppression.
    Suppressed,
    /// The registrant is ours.
    Ours,
    /// It stood on PyPI before the watch did.
    PreExisting,
    /// The project is gone from PyPI.
    Removed,
    /// The watch left the inventory.
    Unwatched,
}

impl FindingState {
    pub const ALL: [Self; 8] = [
        Self::Open,
        Self::Acknowledged,
        Self::Resolved,
        Self::Suppressed,
        Self::Ours,
        Self::PreExisting,
        Self::Removed,
        Self::Unwatched,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Acknowledged => "acknowledged",
            Self::Resolved => "resolved",
            Self::Suppressed => "suppressed",
            Self::Ours => "ours",
            Self::PreExisting => "pre-existing",
            Self::Removed => "removed",
            Self::Unwatched => "unwatched",
        }
    }

    /// May the case still get worse, and does retention keep it for ever?
    pub fn is_live(self) -> bool {
        matches!(self, Self::Open | Self::Acknowledged | Self::PreExisting)
    }
}

/// Would `pip install` with an extra index take the stranger's project? The order is that of the threat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WouldPipTake {
    /// Nothing that it published is chosen over the internal version, or the name is not one of ours.
    No,
    /// No release is known yet, or no internal version, or it depends on the Python or platform of who installs.
    #[default]
    Unknown,
    /// It is, by the rules in `resolve`.
    Yes,
}

/// What triage learned about the project. `None`: not looked up, or the look-up failed (see `trouble`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Users with a role, owners first; hostile text.
    pub users: Vec<String>,
    /// The owning organization; hostile text.
    pub organization: Option<String>,
    /// Is one of them listed as ours? `None` until ownership is known.
    pub ours: Option<bool>,
    /// What it published, as far as feeds and pages told.
    #[serde(default)]
    pub releases: Releases,
    pub summary: Option<String>,
    pub author: Option<String>,
    pub home_page: Option<String>,
    pub first_upload: Option<Time>,
    pub would_pip_take: WouldPipTake,
    /// Why a look-up gave nothing; the alert says so instead of waiting.
    pub trouble: Option<String>,
}

/// The durable case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub key: FindingKey,
    pub registration: Registration,
    /// As the registry spells it; hostile text.
    pub display: String,
    pub watch: WatchId,
    /// Strongest first; never empty.
    pub matches: Vec<Match>,
    /// The tier now: that of the strongest match, moved by facts.
    pub tier: Tier,
    pub state: FindingState,
    pub facts: Facts,
    /// When the registry says it was registered; `None` while only the index has told.
    pub registered_at: Option<Time>,
    /// When this program first saw it.
    pub seen_at: Time,
    /// Who acknowledged or resolved it, and their words.
    pub note: Option<String>,
}

impl Finding {
    pub fn project(&self) -> &ProjectName {
        &self.registration.name
    }
}
