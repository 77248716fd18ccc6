//! The time of a report as a strip: what was accounted for, and what nobody saw.

use crate::model::overview::Blind;
use crate::model::report::Report;
use crate::model::{Feed, Time};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::reports) struct Strip {
    pub(in crate::reports) since: Time,
    pub(in crate::reports) until: Time,
    pub(in crate::reports) every: Vec<(Time, Time)>,
    pub(in crate::reports) survivors: Vec<(Time, Time)>,
    pub(in crate::reports) unseen: Vec<(Time, Time)>,
}

impl Strip {
    pub(in crate::reports) fn of(report: &Report) -> Self {
        let spans = |feed: Feed| {
            let of = report.coverage.stretches.iter().filter(move |stretch| stretch.feed == feed);
            of.map(|stretch| (stretch.from, stretch.to)).collect()
        };
        let blind = |blind: &Blind| (blind.from.max(report.since), blind.to.min(report.until));
        Self {
            since: report.since,
            until: report.until,
            every: spans(Feed::Changelog),
            survivors: spans(Feed::Index),
            unseen: report.coverage.blind.iter().map(blind).collect(),
        }
    }
}
