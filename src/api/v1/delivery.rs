//! Messages that were queued, what became of each, and whether channels work.

use serde::{Deserialize, Serialize};

use super::sets::Outcome;
use crate::model::notice::NoticeRef;
use crate::store;

/// One message, as it is told from all others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Notice {
    /// Constant over repeats; the Message-ID is made of it.
    pub key: String,
    pub owner: String,
    /// `email`, `console`, `slack:NAME`, `webhook:NAME`; kinds are added.
    pub channel: String,
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Delivery {
    #[serde(flatten)]
    pub notice: Notice,
    pub outcome: Outcome,
    /// From its making to its end.
    pub took_ms: Option<u64>,
    /// Why it waits, or who of several refused it; words of receivers are in it.
    pub remarks: Vec<String>,
}

impl Delivery {
    /// Did everybody get it whom it was for?
    pub fn is_whole(&self) -> bool {
        self.outcome == Outcome::Delivered && self.remarks.is_empty()
    }
}

/// Whether a channel works.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Probed {
    pub channel: String,
    /// `null`: it does.
    pub trouble: Option<String>,
}

impl From<&NoticeRef> for Notice {
    fn from(of: &NoticeRef) -> Self {
        Self { key: of.key.to_string(), owner: of.owner.to_string(), channel: of.channel.to_string() }
    }
}

impl From<&store::Outcome> for Delivery {
    fn from(of: &store::Outcome) -> Self {
        let store::Outcome { notice, what, took_ms, remarks } = of;
        let notice = Notice::from(notice);
        Self { notice, outcome: (*what).into(), took_ms: *took_ms, remarks: remarks.clone() }
    }
}
