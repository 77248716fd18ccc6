//! Titles of tables, and a second row of them. Whoever puts two tables into one file need not have put their columns in one order, and by the
//! first titles the names of the second would be read from another column.

pub use super::captions::NAME_TITLES;
use super::rows::Cell;
use crate::config::source::Fault;

/// What people call the columns beside the names.
const OTHERS: [&str; 22] = [
    "#",
    "author",
    "contact",
    "date",
    "description",
    "email",
    "first_use",
    "id",
    "index",
    "kind",
    "latest",
    "latest_version",
    "license",
    "location",
    "maintainer",
    "owner",
    "registry",
    "summary",
    "team",
    "type",
    "url",
    "version",
];

/// The first row's titles, and which of them the names stand under.
pub struct Titles {
    titles: Vec<String>,
    names: usize,
}

impl Titles {
    pub fn new(header: &[Cell<'_>], names: usize) -> Self {
        Self { titles: header.iter().map(Cell::title).collect(), names }
    }

    /// Why this row cannot be read by the titles of the first: it has the same ones in another order, or, below a gap,
    /// others; with the place. A package may be called as a title is, so one such word is none.
    pub fn again(&self, row: &[Cell<'_>], below_gap: bool) -> Option<(usize, Fault)> {
        let moved = row.iter().enumerate().find(|(i, cell)| *i != self.names && is_name(cell.text.trim()))?;
        let is_ours = |title: &String| self.titles.contains(title);
        let is_title =
            |title: &String| is_ours(title) || below_gap && (is_name(title) || OTHERS.contains(&title.as_str()));
        let mut full = row.iter().map(Cell::title).filter(|title| !title.is_empty());
        full.all(|title| is_title(&title)).then(|| (moved.1.at, second()))
    }
}

/// Asked of every cell of a table, so nothing is allocated.
fn is_name(title: &str) -> bool {
    NAME_TITLES.iter().any(|name| name.eq_ignore_ascii_case(title))
}

fn second() -> Fault {
    Fault::new(
        "these are the titles of a second table, with the names in another column",
        "put each table into a file of its own",
    )
}
