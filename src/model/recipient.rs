//! One address of an owner, and what became of a notice there.

use serde::{Deserialize, Serialize};

/// How it ended for one recipient. Whoever is not settled is asked again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fate", rename_all = "kebab-case")]
pub enum Fate {
    /// The server took the message for this recipient.
    Accepted,
    /// It never will; the reason names the masked address and holds the server's words, made harmless.
    Refused { reason: String },
}

/// Whom a message may have reached although its delivery failed: an answer may be lost on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reached {
    /// It was never handed over, as when nobody could be connected to.
    Nobody,
    Perhaps,
}

/// A recipient whose fate is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    /// As the inventory writes it.
    pub address: String,
    pub fate: Fate,
}

impl Recipient {
    pub fn accepted(address: impl Into<String>) -> Self {
        Self { address: address.into(), fate: Fate::Accepted }
    }

    pub fn refused(address: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { address: address.into(), fate: Fate::Refused { reason: reason.into() } }
    }
}
