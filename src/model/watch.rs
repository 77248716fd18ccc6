//! What the team protects, name by name.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{OwnerId, ProjectName, Registry};

/// The three kinds of watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WatchKind {
    /// A project name, matched by every rule.
    Name,
    /// `acme-*`: every name that starts so.
    Prefix,
    /// A brand word, found as a token of a name.
    Brand,
}

impl WatchKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Prefix => "prefix",
            Self::Brand => "brand",
        }
    }
}

/// A watch by its content: the second half of a finding key, stable over restarts and reloads.
///
/// `text` is canonical: a normalized project name, a normalized prefix ending in `-` (shown `acme-*`), or a
/// lowercase brand word.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct WatchId {
    /// Where the name is watched; one name at two registries is two watches.
    #[serde(default, skip_serializing_if = "Registry::is_default")]
    pub registry: Registry,
    pub kind: WatchKind,
    pub text: String,
}

impl WatchId {
    /// `text` is canonical already.
    pub fn new(registry: Registry, kind: WatchKind, text: &str) -> Self {
        Self { registry, kind, text: text.to_owned() }
    }

    pub fn name(name: &ProjectName) -> Self {
        Self::new(name.registry(), WatchKind::Name, name.as_str())
    }

    /// As people write it: `acme-billing`, `acme-*`, `brand:acme`; of another registry than PyPI `npm:acme-*`.
    pub fn label(&self) -> String {
        let (registry, text) = (self.registry.prefix(), &self.text);
        match self.kind {
            WatchKind::Name => format!("{registry}{text}"),
            WatchKind::Prefix => format!("{registry}{text}*"),
            WatchKind::Brand => format!("{registry}brand:{text}"),
        }
    }
}

impl fmt::Display for WatchId {
    /// `name:acme-billing`, of another registry than PyPI `npm:name:acme-billing`, never to change: it is part of keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}:{}", self.registry.prefix(), self.kind.as_str(), self.text)
    }
}

/// One entry of the inventory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watch {
    pub id: WatchId,
    /// As the inventory spells it.
    pub display: String,
    pub owner: OwnerId,
    /// A prefix nobody else may use: a name under it is a `page`. Meaningless for other kinds.
    pub exclusive: bool,
    /// The highest version published internally; decides *would pip take it*.
    pub latest_version: Option<String>,
    /// The day the name was first used internally; a project older than that is no squat.
    pub first_use: Option<chrono::NaiveDate>,
    /// The private index it is resolved from; shown to the owner, never asked.
    pub index: Option<String>,
}
