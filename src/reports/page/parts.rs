//! What a page is made of.

use super::super::chart::Chart;

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
