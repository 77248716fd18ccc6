//! Reports: what is told at a schedule to each owner and to the platform team, and by `namewarden report` to whoever asks.
//!
//! `make` reads a report out of the store; what it says and in which order is decided once, in `page`, and `text`, `html`,
//! `mail` and `csv` give it a form, with charts of `chart`. `due` says when the next is due, `round` has the notices made.

mod asked;
pub(crate) mod board;
mod chart;
pub mod csv;
mod due;
mod gate;
mod html;
mod mail;
mod make;
mod page;
mod palette;
mod round;
mod text;

#[cfg(test)]
mod tests;

use crate::model::report::Report;

pub use asked::asked;
pub use gate::with_gate;
pub use mail::{Attached, Parts, mail};
pub use make::{Extent, Settled, make, open_names, seen};
pub use round::round;

/// All rows: whoever asked has the room.
const ALL: page::RowLimit = page::RowLimit { rows: usize::MAX, where_else: "left out" };

/// As text, 80 columns wide.
pub fn plain(report: &Report) -> String {
    text::text(&page::Sheet::of(report, ALL))
}

/// As a page of its own.
pub fn document(report: &Report) -> String {
    html::html(page::Sheet::of(report, ALL), html::Pictures::Drawn)
}
