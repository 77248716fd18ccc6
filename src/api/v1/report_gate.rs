//! The gate's part of a report, as programs read it.

use serde::{Deserialize, Serialize};

use crate::model::Time;
use crate::model::gate_report::{GatePart, GateReport, OpenReview, ReviewCounts, StandingRecall, StandingRecalls};
use crate::reports::Extent;

/// What the gate said of itself, or why it did not. One of both is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ReportedGate {
    /// Why it said nothing in time: how it stands nobody knows then.
    pub silent: Option<String>,
    pub said: Option<ReportedReviews>,
}

/// What became of its reviews in the period, and how it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ReportedReviews {
    pub counts: ReviewCounts,
    /// Half of the decisions of the period came so many seconds after the first request, or sooner; `null`: there was none.
    pub median_seconds: Option<i64>,
    /// The open ones, the oldest first.
    pub open: Vec<OpenReview>,
    pub open_omitted: usize,
    /// Reviews of the period that are over and were too many to be looked through for an owner's names; 0 in a report of all.
    pub unread: u64,
    /// When the last had to make room for others in the period: those are in no number.
    pub made_room: Option<Time>,
    /// What was received and is bad now, or gone; `null`: nobody can tell, since the log cannot be read.
    pub recalls: Option<StandingRecalls>,
    /// What is wrong with it; in a report of all alone.
    pub troubles: Vec<GateTroubled>,
}

/// Something that is wrong with the gate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct GateTroubled {
    /// `records-old`, `private-silent`; kinds are added.
    pub kind: String,
    pub detail: String,
}

impl ReportedGate {
    pub(super) fn new(of: &GatePart, extent: Extent) -> Self {
        match of {
            GatePart::Silent(why) => Self { silent: Some(why.clone()), said: None },
            GatePart::Says(of) => Self { silent: None, said: Some(ReportedReviews::new(of, extent)) },
        }
    }
}

impl ReportedReviews {
    fn new(of: &GateReport, extent: Extent) -> Self {
        let open: Vec<OpenReview> = of.open.iter().take(extent.lines()).cloned().collect();
        let trouble = |(kind, detail): (&String, &String)| GateTroubled { kind: kind.clone(), detail: detail.clone() };
        Self {
            counts: of.counts,
            median_seconds: of.median_seconds,
            open_omitted: of.open.len() - open.len(),
            open,
            unread: of.more_ended,
            made_room: of.made_room,
            recalls: of.recalls.as_ref().map(|recalls| part(recalls, extent)),
            troubles: of.troubles.iter().map(trouble).collect(),
        }
    }
}

fn part(of: &StandingRecalls, extent: Extent) -> StandingRecalls {
    let recalls: Vec<StandingRecall> = of.recalls.iter().take(extent.lines()).cloned().collect();
    let omitted = of.omitted + (of.recalls.len() - recalls.len()) as u64;
    StandingRecalls { recalls, omitted, ..*of }
}
