//! Watches, as programs read them.

use serde::{Deserialize, Serialize};

use super::sets::{Exposure, WatchKind};
use crate::model::{self, Inventory, ProjectName, Time, WatchId};

/// Which watch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct WatchRef {
    /// `pypi`; registries are added.
    pub registry: String,
    pub kind: WatchKind,
    /// Normalized; a prefix ends in `-`.
    pub text: String,
    /// As people write it: `acme-billing`, `acme-*`, `brand:acme`.
    pub label: String,
}

/// One watch in force, with what is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Watch {
    /// Kind and text: `name:acme-billing`.
    pub watch: String,
    /// `pypi`; registries are added.
    pub registry: String,
    pub kind: WatchKind,
    /// Normalized; a prefix ends in `-`.
    pub text: String,
    /// As people write it: `acme-billing`, `acme-*`, `brand:acme`.
    pub label: String,
    /// As the inventory spells it.
    pub display: String,
    pub owner: String,
    pub exposure: Exposure,
    /// Since when it stands so, as far as this watch knows.
    pub since: Option<Time>,
    /// The sibling by which it is shielded.
    pub shielded_by: Option<String>,
    pub latest_version: Option<String>,
    /// The day.
    pub first_use: Option<chrono::NaiveDate>,
    /// Where it is resolved from.
    pub index: Option<String>,
    /// A prefix that nobody else may use.
    pub exclusive: bool,
    /// A reload that loses it asks first.
    pub guarded: bool,
    /// Look-alikes that the team expects.
    pub listed: Vec<String>,
}

impl Watch {
    /// A watch of this inventory, as it stands, with its look-alikes.
    pub fn new(
        inventory: &Inventory,
        watch: &model::Watch,
        known: Option<&(model::Exposure, Time)>,
        listed: &[&ProjectName],
    ) -> Self {
        let exposure = known.map(|(exposure, _)| exposure);
        let shielded_by = match exposure {
            Some(model::Exposure::Shielded { sibling }) => Some(sibling.clone()),
            _ => None,
        };
        Self {
            watch: watch.id.to_string(),
            registry: watch.id.registry.to_string(),
            kind: watch.id.kind.into(),
            text: watch.id.text.clone(),
            label: watch.id.label(),
            display: watch.display.clone(),
            owner: watch.owner.to_string(),
            exposure: exposure.into(),
            since: known.map(|(_, since)| *since),
            shielded_by,
            latest_version: watch.latest_version.clone(),
            first_use: watch.first_use,
            index: watch.index.clone(),
            exclusive: watch.exclusive,
            guarded: inventory.is_guarded(watch),
            listed: listed.iter().map(ToString::to_string).collect(),
        }
    }

    /// Its id in the model; `None` of a registry that is not known here.
    pub fn id(&self) -> Option<WatchId> {
        Some(WatchId::new(self.registry.parse().ok()?, self.kind.into(), &self.text))
    }
}

impl From<&WatchId> for WatchRef {
    fn from(of: &WatchId) -> Self {
        let registry = of.registry.to_string();
        Self { registry, kind: of.kind.into(), text: of.text.clone(), label: of.label() }
    }
}
