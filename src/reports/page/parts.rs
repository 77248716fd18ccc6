//! What a page is made of.

use super::super::chart::Chart;
use crate::messages::phrase::count;

pub(in crate::reports) struct Section<'r> {
    pub(in crate::reports) title: &'static str,
    pub(in crate::reports) blocks: Vec<Block<'r>>,
}

pub(in crate::reports) enum Block<'r> {
    Text(String),
    Chart(Chart),
    Table(TableBlock<'r>),
}

pub(in crate::reports) struct TableBlock<'r> {
    pub(in crate::reports) caption: &'static str,
    pub(in crate::reports) head: Vec<&'static str>,
    pub(in crate::reports) rows: TableRows<'r>,
    /// Rows that were left out.
    pub(in crate::reports) omitted: usize,
}

/// Rows that are made when they are shown, and again whenever they are: nobody holds those of a whole inventory.
pub(in crate::reports) struct TableRows<'r>(Box<dyn Fn() -> RowsOnce<'r> + 'r>);

type RowsOnce<'r> = Box<dyn Iterator<Item = Vec<String>> + 'r>;

/// Rows of each table at most; `where_else` says where the rest is.
#[derive(Clone, Copy)]
pub(in crate::reports) struct RowLimit {
    pub(in crate::reports) rows: usize,
    pub(in crate::reports) where_else: &'static str,
}

impl TableRows<'_> {
    pub(in crate::reports) fn iter(&self) -> RowsOnce<'_> {
        (self.0)()
    }
}

impl<'r> TableBlock<'r> {
    /// `None` where it would be empty.
    pub(super) fn of<I: Iterator<Item = Vec<String>> + 'r>(
        caption: &'static str,
        head: Vec<&'static str>,
        rows: impl Fn() -> I + 'r,
        room: RowLimit,
    ) -> Option<Block<'r>> {
        rows().next()?;
        // To count them takes as long as to show them.
        let omitted = if room.rows == usize::MAX { 0 } else { rows().skip(room.rows).count() };
        let rows = TableRows(Box::new(move || Box::new(rows().take(room.rows))));
        Some(Block::Table(Self { caption, head, rows, omitted }))
    }
}

impl Block<'_> {
    /// A table from which so many rows more were left out before.
    pub(super) fn without(self, rows: usize) -> Self {
        match self {
            Self::Table(table) => Self::Table(TableBlock { omitted: table.omitted + rows, ..table }),
            other => other,
        }
    }
}

/// A table, and how many rows of it stand elsewhere.
pub(super) fn followed(table: Option<Block<'_>>, room: RowLimit) -> Vec<Block<'_>> {
    let omitted = match &table {
        Some(Block::Table(table)) => table.omitted,
        _ => 0,
    };
    let rows = count(omitted as u64, "row more is", "rows more are");
    let more = (omitted > 0).then(|| Block::Text(format!("{rows} {}.", room.where_else)));
    table.into_iter().chain(more).collect()
}
