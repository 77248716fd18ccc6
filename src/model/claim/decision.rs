//! What a person decides about a claim.

use serde::{Deserialize, Serialize};

/// Each is a step of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClaimDecision {
    Approve,
    Reject,
    Abandon,
    Retry,
}
