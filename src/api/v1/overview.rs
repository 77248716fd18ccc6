//! What is not settled.

use serde::{Deserialize, Serialize};

use crate::model::{Time, overview};

/// All that is not settled, for all owners.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Overview {
    pub pages: Open,
    pub alerts: Open,
    /// Weak resemblances that nobody has settled.
    pub weak: u64,
    /// Pages that nobody has acknowledged in the time given.
    pub unanswered: u64,
    /// Pages that should have been delivered by now.
    pub untold: u64,
    /// When the oldest of them was due.
    pub untold_since: Option<Time>,
    /// Channels on which messages wait that were tried in vain, or are late.
    pub waiting: Vec<Waiting>,
    /// Stretches of the last week in which a feed was blind, or only survivors were seen.
    pub blind: Vec<Blind>,
}

/// Cases of one tier that are not closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Open {
    pub cases: u64,
    pub unacknowledged: u64,
    /// The one that has waited longest for somebody.
    pub oldest: Option<Oldest>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Oldest {
    pub project: String,
    pub id: Option<String>,
    /// When it last got worse.
    pub since: Time,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Waiting {
    /// `email`, `console`, `slack:NAME`, `webhook:NAME`; kinds are added.
    pub channel: String,
    pub messages: u64,
    pub since: Time,
    pub last_error: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Blind {
    /// `feed-blind:rss`, `survivors only`.
    pub what: String,
    pub from: Time,
    pub to: Time,
}

impl From<&overview::Overview> for Overview {
    fn from(of: &overview::Overview) -> Self {
        Self {
            pages: Open::from(&of.pages),
            alerts: Open::from(&of.alerts),
            weak: of.weak,
            unanswered: of.unanswered,
            untold: of.untold,
            untold_since: of.untold_since,
            waiting: of.waiting.iter().map(Waiting::from).collect(),
            blind: of.blind.iter().map(Blind::from).collect(),
        }
    }
}

impl From<&overview::Open> for Open {
    fn from(of: &overview::Open) -> Self {
        let oldest = of.oldest.as_ref().map(Oldest::from);
        Self { cases: of.cases, unacknowledged: of.unacknowledged, oldest }
    }
}

impl From<&overview::Unacknowledged> for Oldest {
    fn from(of: &overview::Unacknowledged) -> Self {
        Self { project: of.project.to_string(), id: of.id.map(String::from), since: of.since }
    }
}

impl From<&overview::Waiting> for Waiting {
    fn from(of: &overview::Waiting) -> Self {
        let overview::Waiting { channel, messages, since, last_error } = of.clone();
        Self { channel: channel.to_string(), messages, since, last_error }
    }
}

impl From<&overview::Blind> for Blind {
    fn from(of: &overview::Blind) -> Self {
        Self { what: of.what.clone(), from: of.from, to: of.to }
    }
}
