//! What a person's decision did to the cases that it names.

use serde::{Deserialize, Serialize};

use super::sets::FindingState;
use crate::cases;
use crate::model::Time;

/// What it did to one of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Ruled {
    /// As it was asked.
    pub asked: String,
    /// `null`: there is no such case.
    pub case: Option<RuledCase>,
}

/// The case afterwards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RuledCase {
    /// For people: `nw-417`.
    pub id: Option<String>,
    pub key: String,
    pub state: FindingState,
    /// False: it stood so already, and nothing changed.
    pub changed: bool,
    /// The state is `removed` because PyPI keeps the project in quarantine.
    pub quarantined: bool,
    pub note: Option<String>,
    /// Nobody is reminded of it before.
    #[serde(default)]
    pub snoozed_until: Option<Time>,
}

impl From<&cases::Ruled> for Ruled {
    fn from(of: &cases::Ruled) -> Self {
        Self { asked: of.asked.to_string(), case: of.case.as_ref().map(RuledCase::from) }
    }
}

impl From<&cases::RuledCase> for RuledCase {
    fn from(of: &cases::RuledCase) -> Self {
        let cases::RuledCase { id, key, state, changed, quarantined, note, snoozed_until } = of;
        let id = id.map(String::from);
        let (key, state, note) = (key.to_string(), (*state).into(), note.clone());
        Self { id, key, state, changed: *changed, quarantined: *quarantined, note, snoozed_until: *snoozed_until }
    }
}
