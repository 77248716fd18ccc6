//! How the watch stands: what `namewarden status` says.

use serde::{Deserialize, Serialize};

use super::coverage::Coverage;
use super::health::Issue;
use super::overview::Overview;
use super::sets::{FindingState, Level, Tier};
use crate::api::status;
use crate::model::Time;
use crate::registry::pypi::mode::ChangelogHealth;
use crate::store;

/// The version of these types.
const VERSION: u32 = 1;

/// Everything that `namewarden status` shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Status {
    /// Of this format.
    pub version: u32,
    pub level: Level,
    /// Why this should worry somebody, worst first; empty when nothing should.
    pub worries: Vec<String>,
    /// The version of the program that says so.
    pub namewarden: String,
    pub now: Time,
    /// Is a daemon running?
    pub running: bool,
    pub coverage: Coverage,
    /// The ledger in one line.
    pub covered: String,
    pub changelog: Changelog,
    /// The serial up to which the changelog is accounted for.
    pub cursor: Option<u64>,
    /// Projects known.
    pub projects: u64,
    pub watches: Vec<Exposed>,
    pub findings: Vec<Counted>,
    /// What is open, waits or is blind.
    pub overview: Overview,
    /// Open health cases, oldest first.
    pub health: Vec<Issue>,
    pub outboxes: Vec<Outbox>,
    /// Feeds that see nothing.
    pub feeds_down: Vec<String>,
}

/// What is said where nobody can tell more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct NoStatus {
    /// Of this format.
    pub version: u32,
    pub level: Untold,
    /// Why.
    pub worries: Vec<String>,
}

/// The level where there is no status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Untold {
    /// Nobody watches, or who does cannot answer.
    Critical,
    /// It may be well or not: this user may not ask.
    Unknown,
}

/// Is the changelog of the registry there?
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Changelog {
    /// `working`, `down` or `gone`.
    pub state: String,
    /// Since when it is down or gone.
    pub since: Option<Time>,
}

/// How many watches stand so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Exposed {
    /// As in `watch.json`; `pattern`: a prefix or a brand word, which nobody can register.
    pub exposure: String,
    pub watches: usize,
}

/// How many cases there are of a tier in a state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Counted {
    pub tier: Tier,
    pub state: FindingState,
    pub cases: u64,
}

/// How the messages of one channel stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Outbox {
    /// `email`, `console`, `slack:NAME`, `webhook:NAME`; kinds are added.
    pub channel: String,
    pub due: u64,
    /// Since when the oldest waits that was tried in vain, or is late.
    pub oldest: Option<Time>,
    pub last_error: Option<String>,
    pub delivered: u64,
    /// Refused for good within a day.
    pub given_up: u64,
}

impl NoStatus {
    pub fn new(level: Untold, why: &str) -> Self {
        Self { version: VERSION, level, worries: vec![why.to_owned()] }
    }
}

impl From<&status::Status> for Status {
    fn from(of: &status::Status) -> Self {
        let exposed = |(exposure, watches): &(String, usize)| Exposed { exposure: exposure.clone(), watches: *watches };
        let counted = |(tier, state, cases): &_| Counted {
            tier: Tier::from(*tier),
            state: FindingState::from(*state),
            cases: *cases,
        };
        Self {
            version: VERSION,
            level: of.level.into(),
            worries: of.worries.clone(),
            namewarden: of.namewarden.clone(),
            now: of.now,
            running: of.running,
            coverage: Coverage::from(&of.coverage),
            covered: of.covered.clone(),
            changelog: Changelog::from(&of.changelog),
            cursor: of.cursor.map(|serial| serial.0),
            projects: of.projects,
            watches: of.watches.iter().map(exposed).collect(),
            findings: of.findings.iter().map(counted).collect(),
            overview: Overview::from(&of.overview),
            health: of.overview.issues.iter().map(Issue::from).collect(),
            outboxes: of.outboxes.iter().map(Outbox::from).collect(),
            feeds_down: of.feeds_down.iter().map(ToString::to_string).collect(),
        }
    }
}

impl From<&ChangelogHealth> for Changelog {
    fn from(of: &ChangelogHealth) -> Self {
        let (state, since) = match of {
            ChangelogHealth::Working => ("working", None),
            ChangelogHealth::Down { since, .. } => ("down", Some(*since)),
            ChangelogHealth::Gone { since, .. } => ("gone", Some(*since)),
        };
        Self { state: state.to_owned(), since }
    }
}

impl From<&store::Outbox> for Outbox {
    fn from(of: &store::Outbox) -> Self {
        Self {
            channel: of.channel.to_string(),
            due: of.due,
            oldest: of.oldest,
            last_error: of.last_error.clone().or_else(|| of.last_refusal.clone()),
            delivered: of.delivered,
            given_up: of.given_up,
        }
    }
}
