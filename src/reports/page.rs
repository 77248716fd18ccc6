//! What a report says and in which order, before it has a form. Every text is capped and on one line, with code between
//! backticks (`messages::marks`); the forms escape all of it for their destination.

mod gate;
mod parts;
mod sections;

use super::long::LongLists;
use crate::messages::phrase::clock;
use crate::messages::report::{about, figures, lead, period, verdict};
use crate::model::report::Report;

pub(super) use parts::{Block, RowLimit, Section, TableBlock};

/// One report.
pub(super) struct Sheet<'r> {
    pub(super) title: String,
    /// For whom, and of when.
    pub(super) kicker: String,
    pub(super) verdict: String,
    pub(super) quiet: bool,
    pub(super) lead: Vec<String>,
    /// Where whoever has an account finds it on the dashboard.
    pub(super) dashboard: Option<String>,
    pub(super) figures: Vec<(&'static str, String)>,
    pub(super) sections: Vec<Section<'r>>,
    pub(super) closing: String,
}

impl<'r> Sheet<'r> {
    /// `lists`: those of the report.
    pub(super) fn of(report: &'r Report, lists: &'r dyn LongLists, room: RowLimit) -> Self {
        Self {
            title: format!("namewarden report for {}", about(report)),
            kicker: format!("Report for {}, {}", about(report), period(report)),
            verdict: verdict(report),
            quiet: report.is_quiet(),
            lead: lead(report),
            dashboard: None,
            figures: figures(report),
            sections: sections::of(report, lists, room),
            closing: format!("How things stand is told as of {}. All times are UTC.", clock(report.at)),
        }
    }
}
