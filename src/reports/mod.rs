//! Reports: what is told at a schedule to each owner and to the platform team, and by `namewarden report` to whoever asks.
//!
//! `make` reads a report out of the store; what it says and in which order is decided once, in `page`, and `text`, `html`,
//! `mail` and `csv` give it a form, with charts of `chart`. `due` says when the next is due, `round` has the notices made.
//! A report is as long as the inventory: a mail holds it, and whoever takes it along has it written as it is read (`long`).

mod asked;
pub mod board;
mod chart;
pub mod csv;
mod due;
mod gate;
mod held;
mod html;
mod long;
mod mail;
mod make;
mod page;
mod palette;
mod round;
mod text;

#[cfg(test)]
mod tests;

use std::io::{self, Write};

use crate::model::report::Report;
use held::HeldLists;

pub use asked::asked;
pub use gate::with_gate;
pub use long::{LongList, LongLists};
pub use mail::{Attached, Parts, mail};
pub use make::{Extent, Settled, StoredLists, make, open_names, seen};
pub use round::round;

/// All rows: whoever asked has the room.
const ALL: page::RowLimit = page::RowLimit { rows: usize::MAX, where_else: "left out" };

/// As text, 80 columns wide.
pub fn plain(report: &Report) -> String {
    held::text(|out| write_plain(report, &HeldLists::of(report), out))
}

/// As a page of its own.
pub fn document(report: &Report) -> String {
    held::text(|out| write_document(report, &HeldLists::of(report), out))
}

/// The same as `plain`, of a report whose lists are these.
///
/// # Errors
/// As of `out`.
pub fn write_plain(report: &Report, lists: &dyn LongLists, out: &mut dyn Write) -> io::Result<()> {
    text::write(&page::Sheet::of(report, lists, ALL), out)
}

/// The same as `document`, of a report whose lists are these.
///
/// # Errors
/// As of `out`.
pub fn write_document(report: &Report, lists: &dyn LongLists, out: &mut dyn Write) -> io::Result<()> {
    html::write(page::Sheet::of(report, lists, ALL), html::Pictures::Drawn, out)
}
