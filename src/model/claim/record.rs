//! A claim as it is stored: where it stands, and what every earlier step left.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::super::Time;
use super::astray::Astray;
use super::key::ClaimKey;
use super::party::Party;
use super::seal::Seal;
use super::seen::Seen;
use super::setback::Setback;
use super::state::ClaimState;
use super::terms::Terms;

/// Who decided something, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    pub by: Party,
    pub at: Time,
}

/// Why there is a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// A person planned it.
    Person,
    /// `claim = "auto"`: it may go on by itself when its window is over.
    Automatic,
    /// A name that was approved before, that a stranger held, and that is free again: it may go on at once.
    Back,
    /// It was there, published by us, when no claim said so: the store is one of before that.
    Found,
}

impl Origin {
    /// May it go on without a person's word?
    pub fn is_by_itself(self) -> bool {
        matches!(self, Self::Automatic | Self::Back)
    }
}

/// One claim of one name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    pub key: ClaimKey,
    pub state: ClaimState,
    pub origin: Origin,
    pub planned: Decision,
    /// When an automatic claim was announced to the owner.
    pub announced: Option<Time>,
    /// How often that was done anew, since nobody could have stopped it for a while.
    #[serde(default)]
    pub told_anew: u32,
    /// How long it then waits for somebody to stop it.
    #[serde(with = "seconds")]
    pub window: TimeDelta,
    pub approved: Option<Decision>,
    pub released: Option<Decision>,
    /// What the inventory said of it when it was approved.
    #[serde(default)]
    pub terms: Option<Terms>,
    pub seal: Option<Seal>,
    /// Is the project known to be there, and ours?
    pub exists: bool,
    /// Files that PyPI said it took, or showed.
    pub taken: BTreeSet<String>,
    /// When the first byte was about to leave, the first time; and since when the project is known to be there, and ours.
    pub begun: Option<Time>,
    pub held: Option<Time>,
    /// When a feed last told of something that happened to it.
    pub stirred: Option<Time>,
    /// When it is looked at next; of what is ours. `None`: at once.
    pub look_at: Option<Time>,
    /// What PyPI's page said of it when it was first seen, by field, as hashes.
    #[serde(default)]
    pub described: BTreeMap<String, String>,
    /// How it differs from what we published; and what of that somebody has found to be right. Hostile text.
    #[serde(default)]
    pub differs: Option<String>,
    /// Since when it is known to.
    #[serde(default)]
    pub differs_since: Option<Time>,
    #[serde(default)]
    pub accepted: Option<String>,
    /// When the last byte left.
    pub sent_at: Option<Time>,
    /// What a look after that showed.
    pub seen: Option<Seen>,
    /// Not to be sent before.
    pub not_before: Option<Time>,
    pub setback: Option<Setback>,
    /// Why it ended or waits, in words; may hold hostile text.
    pub note: Option<String>,
    pub changed_at: Time,
}

impl Claim {
    /// A new one, which nobody has agreed to.
    pub fn planned(key: ClaimKey, origin: Origin, window: TimeDelta, by: Party, at: Time) -> Self {
        Self {
            key,
            state: ClaimState::Planned,
            origin,
            planned: Decision { by, at },
            announced: None,
            told_anew: 0,
            window,
            approved: None,
            released: None,
            terms: None,
            seal: None,
            exists: false,
            taken: BTreeSet::new(),
            begun: None,
            held: None,
            stirred: None,
            look_at: None,
            described: BTreeMap::new(),
            differs: None,
            differs_since: None,
            accepted: None,
            sent_at: None,
            seen: None,
            not_before: None,
            setback: None,
            note: None,
            changed_at: at,
        }
    }

    /// The sealed files that are still to be sent, in their order.
    pub fn missing(&self) -> Vec<&str> {
        let sealed = self.seal.iter().flat_map(|seal| &seal.files).map(|file| file.filename.as_str());
        sealed.filter(|file| !self.taken.contains(*file)).collect()
    }

    /// How our project is not as we left it, as far as is known.
    pub fn astray(&self) -> Option<Astray> {
        let (Some(what), Some(since), ClaimState::Ours) = (&self.differs, self.differs_since, self.state) else {
            return None;
        };
        let foreign = matches!(self.seen, Some(Seen::Foreign { .. }));
        let gone = matches!(self.seen, Some(Seen::Nothing | Seen::Removed));
        Some(Astray { what: what.clone(), since, foreign, gone, accepted: self.accepted.as_ref() == Some(what) })
    }

    /// When the configuration may agree to it, once it is announced.
    pub fn window_ends(&self) -> Option<Time> {
        self.announced.filter(|_| self.origin == Origin::Automatic).map(|at| at + self.window)
    }
}

/// A length of time as whole seconds.
mod seconds {
    use chrono::TimeDelta;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(delta: &TimeDelta, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_i64(delta.num_seconds())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<TimeDelta, D::Error> {
        i64::deserialize(from).map(|seconds| TimeDelta::try_seconds(seconds).unwrap_or_default())
    }
}
