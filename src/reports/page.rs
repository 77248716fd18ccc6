//! What a report says and in which order, before it has a form. Every text is capped and on one line, with code between
//! backticks (`messages::marks`); the forms escape all of it for their destination.

mod sections;

use super::chart::Chart;
use crate::messages::phrase::clock;
use crate::messages::report::{about, figures, lead, period, verdict};
use crate::model::report::Report;

/// One report.
pub(super) struct Page {
    pub(super) title: String,
    /// For whom, and of when.
    pub(super) kicker: String,
    pub(super) verdict: String,
    pub(super) quiet: bool,
    pub(super) lead: Vec<String>,
    pub(super) figures: Vec<(&'static str, String)>,
    pub(super) sections: Vec<Section>,
    pub(super) closing: String,
}

pub(super) struct Section {
    pub(super) title: &'static str,
    pub(super) blocks: Vec<Block>,
}

pub(super) enum Block {
    Text(String),
    Chart(Chart),
    Table(Table),
}

pub(super) struct Table {
    pub(super) caption: &'static str,
    pub(super) head: Vec<&'static str>,
    pub(super) rows: Vec<Vec<String>>,
    /// Rows that were left out.
    pub(super) omitted: usize,
}

/// Rows of each table at most; `where_else` says where the rest is.
#[derive(Clone, Copy)]
pub(super) struct Room {
    pub(super) rows: usize,
    pub(super) where_else: &'static str,
}

impl Page {
    pub(super) fn of(report: &Report, room: Room) -> Self {
        Self {
            title: format!("namewarden report for {}", about(report)),
            kicker: format!("Report for {}, {}", about(report), period(report)),
            verdict: verdict(report),
            quiet: report.is_quiet(),
            lead: lead(report),
            figures: figures(report),
            sections: sections::of(report, room),
            closing: format!("How things stand is told as of {}. All times are UTC.", clock(report.at)),
        }
    }
}

impl Table {
    /// `None` where it would be empty.
    fn of(
        caption: &'static str,
        head: Vec<&'static str>,
        rows: impl ExactSizeIterator<Item = Vec<String>>,
        room: Room,
    ) -> Option<Block> {
        let omitted = rows.len().saturating_sub(room.rows);
        let rows: Vec<Vec<String>> = rows.take(room.rows).collect();
        (!rows.is_empty()).then(|| Block::Table(Self { caption, head, rows, omitted }))
    }
}
