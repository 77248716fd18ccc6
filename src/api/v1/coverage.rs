//! How far the watch has seen.

use serde::{Deserialize, Serialize};

use crate::cases::coverage::Account;
use crate::cases::coverage::CoveredTo;
use crate::model::Time;
use crate::store::Span;

/// The ledger of what the feeds have accounted for, in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Coverage {
    /// Every event was seen.
    pub every_event: Option<UpTo>,
    /// Every project was seen that lived until the look.
    pub survivors: Option<UpTo>,
    /// RSS was read without a hole.
    pub rss: Option<Stretch>,
    /// Stretches in which shorter lives may have been missed.
    pub survivors_only: Vec<Hole>,
}

/// The end of the newest stretch of one grade.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct UpTo {
    pub serial: u64,
    pub since: Time,
    pub at: Time,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Stretch {
    pub from: Time,
    pub to: Time,
}

/// A stretch without a promise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Hole {
    /// The serial that it begins after.
    pub after: Option<u64>,
    /// The last serial in it.
    pub up_to: Option<u64>,
    pub from: Time,
    pub to: Time,
}

impl Coverage {
    /// When the last complete look was.
    pub fn last_look(&self) -> Option<Time> {
        let complete = [self.every_event.as_ref(), self.survivors.as_ref()];
        complete.into_iter().flatten().map(|reach| reach.at).max()
    }
}

impl From<&Account> for Coverage {
    fn from(of: &Account) -> Self {
        Self {
            every_event: of.every_event.as_ref().map(UpTo::from),
            survivors: of.survivors.as_ref().map(UpTo::from),
            rss: of.rss.map(|(from, to)| Stretch { from, to }),
            survivors_only: of.survivors_only.iter().map(Hole::from).collect(),
        }
    }
}

impl From<&CoveredTo> for UpTo {
    fn from(of: &CoveredTo) -> Self {
        Self { serial: of.serial.0, since: of.since, at: of.at }
    }
}

impl From<&Span> for Hole {
    fn from(of: &Span) -> Self {
        let (after, up_to) = of.serials.map(|(after, up_to)| (after.0, up_to.0)).unzip();
        Self { after, up_to, from: of.from, to: of.to }
    }
}
