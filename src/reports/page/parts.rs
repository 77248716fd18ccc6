//! What a page is made of.

use super::super::chart::Chart;
use crate::messages::phrase::count;

pub(in crate::reports) struct Section {
    pub(in crate::reports) title: &'static str,
    pub(in crate::reports) blocks: Vec<Block>,
}

pub(in crate::reports) enum Block {
    Text(String),
    Chart(Chart),
    Table(TableBlock),
}

pub(in crate::reports) struct TableBlock {
    pub(in crate::reports) caption: &'static str,
    pub(in crate::reports) head: Vec<&'static str>,
    pub(in crate::reports) rows: Vec<Vec<String>>,
    /// Rows that were left out.
    pub(in crate::reports) omitted: usize,
}

/// Rows of each table at most; `where_else` says where the rest is.
#[derive(Clone, Copy)]
pub(in crate::reports) struct RowLimit {
    pub(in crate::reports) rows: usize,
    pub(in crate::reports) where_else: &'static str,
}

impl TableBlock {
    /// `None` where it would be empty.
    pub(super) fn of(
        caption: &'static str,
        head: Vec<&'static str>,
        rows: impl ExactSizeIterator<Item = Vec<String>>,
        room: RowLimit,
    ) -> Option<Block> {
        let omitted = rows.len().saturating_sub(room.rows);
        let rows: Vec<Vec<String>> = rows.take(room.rows).collect();
        (!rows.is_empty()).then_some(Block::Table(Self { caption, head, rows, omitted }))
    }
}

impl Block {
    /// A table from which so many rows more were left out before.
    pub(super) fn without(self, rows: usize) -> Self {
        match self {
            Self::Table(table) => Self::Table(TableBlock { omitted: table.omitted + rows, ..table }),
            other => other,
        }
    }
}

/// A table, and how many rows of it stand elsewhere.
pub(super) fn followed(table: Option<Block>, room: RowLimit) -> Vec<Block> {
    let omitted = match &table {
        Some(Block::Table(table)) => table.omitted,
        _ => 0,
    };
    let rows = count(omitted as u64, "row more is", "rows more are");
    let more = (omitted > 0).then(|| Block::Text(format!("{rows} {}.", room.where_else)));
    table.into_iter().chain(more).collect()
}
