//! What the gate answers to its verbs, where that is a list.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::delivered::{GateReceipt, ReceivedFile};
use super::learned::LearnedProject;
use super::review::Review;
use crate::model::Time;

/// Reviews, the newest first, and what is not among them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateReviews {
    pub reviews: Vec<Review>,
    pub dropped: i64,
    pub last_dropped: Option<Time>,
    /// Files that went out since the start, by the observed rule that would have held them.
    pub observed: BTreeMap<String, u64>,
}

/// Who received something, the newest first, and how far that reaches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateReceipts {
    pub receipts: Vec<GateReceipt>,
    pub since: Option<Time>,
    pub unwritten: i64,
    /// There are older ones.
    pub more: bool,
}

/// Files that went out, in their order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceivedFiles {
    pub files: Vec<ReceivedFile>,
    /// There are some after these.
    pub more: bool,
}

/// What persons vouch for, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LearnedProjects {
    pub projects: Vec<LearnedProject>,
    /// There are some after these.
    pub more: bool,
}
