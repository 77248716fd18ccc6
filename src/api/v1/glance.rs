//! All that one look takes in: what the first page of the dashboard shows.

use serde::{Deserialize, Serialize};

use super::overview::Blind;
use super::report::Accounted;
use super::reported::Waits;
use super::status::Status;
use crate::model::Time;

/// How the watch stands, and how it came there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Glance {
    pub status: Status,
    /// Thirty days ago: from then on `seen`, `blind` and `days` tell.
    pub since: Time,
    /// What the feeds accounted for.
    pub seen: Vec<Accounted>,
    /// What nobody saw.
    pub blind: Vec<Blind>,
    /// New cases, day by day in UTC, also where none came.
    pub days: Vec<Day>,
    /// Registrations of the last two days, also where none came; the last hour has just begun.
    pub hours: Vec<Hour>,
    /// Most urgent first.
    pub waits: Vec<Waits>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Day {
    pub from: Time,
    pub pages: u64,
    pub alerts: u64,
    pub digests: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Hour {
    pub from: Time,
    pub registrations: u64,
}
