//! The gate's reviews, as the daemon hands them on.

use serde::{Deserialize, Serialize};

use super::judged::Resemblance;
use crate::gate::Dossier;

/// How the gate stands, as far as the daemon knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct GateStanding {
    /// It answers.
    pub running: bool,
    /// How many reviews wait; 0 where it does not answer.
    pub open: u64,
    /// Why nothing is known of it, where it does not answer.
    pub why: Option<String>,
}

/// All that a reviewer has to know of one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ReviewDossier {
    #[serde(flatten)]
    pub dossier: Dossier,
    /// Which watched names its name resembles, the strongest first.
    pub resembles: Vec<Resemblance>,
    /// How many more.
    pub more_resembles: usize,
}
