//! What another inventory would change.

use serde::{Deserialize, Serialize};

use super::inventory::{Difference, Lint};
use super::preview::OfTiers;
use super::sets::Tier;
use crate::model::{self, Time};
use crate::replay::lately::ToldName;
use crate::replay::tally::Tally;

/// An inventory that somebody thinks of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Proposed {
    /// Remarks on what was given.
    pub lints: Vec<Lint>,
    /// `null`: it cannot be used, and the remarks say why.
    pub difference: Option<Difference>,
    /// The names that it adds, the first 200 of them.
    pub names: Vec<ProposedName>,
    /// What the watches that it adds would have told of the last 90 days; `null` where it adds none.
    pub past: Option<ProposedPast>,
}

/// The registrations of a while, as watches would have told them that are not in force yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ProposedPast {
    pub since: Time,
    /// Projects of which the time of registration is known.
    pub registrations: usize,
    /// Of those, each by its strongest match.
    pub tiers: OfTiers,
    /// Those that would have paged or alerted: the most urgent 50, of each tier the newest first.
    pub told: Vec<WouldTell>,
}

/// A registration that would have been told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct WouldTell {
    pub project: String,
    pub registered_at: Time,
    pub tier: Tier,
    /// The watch that it resembles most, as people write it.
    pub watch: String,
    /// By this rule.
    pub rule: String,
}

/// A name that is not watched yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ProposedName {
    pub name: String,
    /// Does the registry list a project of this name?
    pub listed: bool,
}

impl From<&Tally> for OfTiers {
    fn from(of: &Tally) -> Self {
        let of = |tier| of.of(tier);
        Self { page: of(model::Tier::Page), alert: of(model::Tier::Alert), digest: of(model::Tier::Digest) }
    }
}

impl WouldTell {
    /// `None` of a registration at no time that there is.
    pub fn new(of: &ToldName) -> Option<Self> {
        Some(Self {
            project: of.name.to_string(),
            registered_at: Time::from_timestamp(of.second, 0)?,
            tier: of.tier.into(),
            watch: of.watch.label(),
            rule: of.rule.to_owned(),
        })
    }
}
