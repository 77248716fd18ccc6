//! Rows of a table that may be two. Where a line break is lost, the last cell of a row and the first of the next are one
//! cell, so the name of the second row stands where nobody looks for names.
//!
//! Two rows of `a` and `b` cells are one of `a + b - 1`, which is more than either has. So a row is suspect that has
//! more cells than there are titles, unless most rows have as many: whoever adds separators, as spreadsheets do, adds them
//! to most rows, and a single row, or one of two, is not most. Where rows have fewer cells than there are titles, as people
//! write tables whose last columns are seldom filled, one of `2a - 1` is a fuller one, or two of `a`.

use std::collections::BTreeMap;

use super::requirement::is_version;
use super::rows::{Cell, Rows};
use crate::config::source::Fault;

/// How many cells the rows of a table have.
pub struct Lengths {
    titles: usize,
    /// What more than half of the rows have, and several.
    usual: Option<usize>,
    longest: usize,
    /// Is there a row with so many that two such are as long as the titles?
    halves: bool,
}

/// Cells below titles that may hold the name of another row.
#[derive(Debug)]
pub enum Hidden<'r, 't> {
    Nothing,
    /// The row is most likely two, or has a separator too many; one of these cells.
    Likely(Vec<&'r Cell<'t>>),
    /// It may be a row like any other.
    Possibly(&'r Cell<'t>),
}

impl Lengths {
    /// Of the rows below a header of so many titles.
    ///
    /// # Errors
    /// As `Rows::next`.
    pub fn of(text: &str, separator: char) -> Result<Self, (usize, Fault)> {
        let (mut rows, mut row) = (Rows::new(text, separator), Vec::new());
        rows.next(&mut row)?;
        let (titles, mut all, mut counts) = (row.len(), 0_usize, BTreeMap::<usize, usize>::new());
        while rows.next(&mut row)? {
            all += 1;
            *counts.entry(row.len()).or_default() += 1;
        }
        let most = |(_, count): &(&usize, &usize)| **count > 1 && **count * 2 > all;
        let usual = counts.iter().find(most).map(|(length, _)| *length);
        let longest = counts.keys().next_back().copied().unwrap_or_default();
        Ok(Self { titles, usual, longest, halves: titles % 2 == 1 && counts.contains_key(&titles.div_ceil(2)) })
    }

    /// The cells before the names of a row that has lost one, where most rows have one for each title, or in a table of
    /// which no row has: the titles may be those of another. The name may be any of them.
    pub fn shifted<'r, 't>(&self, row: &'r [Cell<'t>], names: usize) -> &'r [Cell<'t>] {
        let is_short = row.len() < self.titles && (self.usual == Some(self.titles) || self.longest < self.titles);
        if is_short { &row[..names.min(row.len())] } else { &[] }
    }

    /// Why the cell of the name is none, in a row that is too short: a version stands there.
    pub fn no_name(&self, row: &[Cell<'_>], names: usize) -> Option<(usize, Fault)> {
        let cell = row.get(names).filter(|cell| row.len() < self.titles && is_dotted_version(cell.text.trim()))?;
        let fault = Fault::new(
            format!("{:?} stands in the place of the name, in a row with fewer cells than titles", cell.text.trim()),
            "complete the row",
        );
        Some((cell.at, fault))
    }

    /// As `hidden`, of the row of the titles: the first row may have lost its line, too.
    pub fn hidden_in_titles<'r, 't>(&self, row: &'r [Cell<'t>], names: usize) -> Hidden<'r, 't> {
        let cell = self.halves.then(|| row.get(self.titles.div_ceil(2) - 1 + names)).flatten();
        cell.filter(|_| self.titles > 1).map_or(Hidden::Nothing, Hidden::Possibly)
    }

    /// By the column of names. Cells beyond the titles are for the reader to refuse, whatever they hold.
    pub fn hidden<'r, 't>(&self, row: &'r [Cell<'t>], names: usize) -> Hidden<'r, 't> {
        let (length, longest) = (row.len(), self.titles.max(self.usual.unwrap_or(0)));
        let is_full = |cell: &&Cell<'t>| !cell.text.trim().is_empty();
        if length > longest {
            let cells: Vec<_> = row.iter().take(self.titles).skip(names + 1).filter(is_full).collect();
            return if cells.is_empty() { Hidden::Nothing } else { Hidden::Likely(cells) };
        }
        let single = length.div_ceil(2);
        let is_double = length > 1 && length % 2 == 1 && self.usual.is_none_or(|usual| usual == single);
        let cell = is_double.then(|| row.get(single - 1 + names)).flatten().filter(is_full);
        cell.map_or(Hidden::Nothing, Hidden::Possibly)
    }
}

fn is_dotted_version(text: &str) -> bool {
    text.contains('.') && is_version(text)
}

/// What is wrong with a row that has more cells than there are titles.
pub fn no_title() -> Fault {
    Fault::new(
        "the row has more cells than there are titles, so it may be two",
        "put each row on a line of its own, quote a cell that holds a separator, or give it a title",
    )
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;
    use proptest::sample::select;

    use super::super::said::Said;
    use super::super::table::read_names;
    use crate::config::source::Source;

    /// What a table says, doubts with `?` and what is said beside with `+`.
    fn said(text: &str) -> Vec<String> {
        let (source, mut all) = (Source::new(Path::new("t.csv"), text.to_owned()), Vec::new());
        let read = read_names(&source, ',', &mut |each| {
            all.push(match each {
                Said::Project { name, .. } => name.into_owned(),
                Said::Doubtful { text, .. } => format!("?{text}"),
                Said::Beside { text } => format!("+{text}"),
                other => format!("{other:?}"),
            });
        });
        read.expect("a table");
        all
    }

    #[test]
    fn a_row_that_is_two_is_doubted_however_few_there_are() {
        for (rows, expected) in [
            ("a,oacme,o\n", "a ?o ?oacme"),
            ("a,acme,\n", "a ?acme"),
            ("a,o\nb,oacme,o\n", "a b ?o ?oacme"),
            ("a,o,\nb,oacme,o,\nc,o,\nd,o,\n", "a b ?o ?oacme c d"),
            ("a,o\nb,acme,,\nc,o\n", "a b ?acme c"),
        ] {
            assert_eq!(said(&format!("name,owner\n{rows}")).join(" "), expected, "{rows}");
        }
    }

    #[test]
    fn a_row_that_is_two_short_ones_is_judged_where_the_second_begins() {
        assert_eq!(said("name,owner,index\na,oacme,\n"), ["a", "+oacme"]);
        assert_eq!(said("name,owner,index\na,o\nb,oacme,o\nc,o\n"), ["+owner", "a", "b", "+oacme", "c"]);
        assert_eq!(said("name,ownera,o\nb,o\nc,o\n"), ["+ownera", "b", "c"], "the line of the titles");
        assert_eq!(said("name,owner,a,b\na,o,acme,,\nb,o,,\n"), ["a", "+acme", "?o", "b"]);
    }

    #[test]
    fn tables_as_people_write_them_are_read_without_a_doubt() {
        for rows in [
            "a,pay\n",
            "a,pay,ours\n",
            "a,pay\nb,pay,see the wiki\nc,pay\n",
            "a,pay,\nb,pay,\n",
            "a,pay,,\nb,pay,,\nc,pay,,\n",
            "a,\"pay, tax\",\"old, see b\"\nb,,\nc\n",
        ] {
            let all = said(&format!("name,owner,notes\n{rows}"));
            assert!(all.iter().all(|it| !it.starts_with('?')), "{rows}: {all:?}");
        }
    }

    proptest! {
        /// Rows as long as there are titles or shorter, one of them perhaps full, or all with separators added.
        #[test]
        fn no_name_is_lost_with_a_line_break(
            names in 0_usize..2,
            (length, full, added) in (2_usize..5, 0_usize..8, 0_usize..3),
            texts in prop::collection::vec(select(vec!["", "o", "pay-team"]), 2..7),
            lost in 0_usize..6,
        ) {
            let cell = |row: usize, column| if column == names { format!("name{row}") } else { texts[row].to_owned() };
            let row = |row: usize| {
                let length = if row == full && added == 0 { TITLES } else { length };
                (0..length).map(|column| cell(row, column)).collect::<Vec<_>>().join(",") + &",".repeat(added)
            };
            let rows: Vec<String> = (0..texts.len()).map(row).collect();
            let titles = (0..TITLES).map(|column| if column == names { "name" } else { "x" });
            let (before, after) = rows.split_at(lost % (rows.len() - 1) + 1);
            let titles = titles.collect::<Vec<_>>().join(",");
            let text = format!("{titles}\n{}{}\n", before.join("\n"), after.join("\n"));
            let all = said(&text);
            for row in 0..texts.len() {
                prop_assert!(all.iter().any(|it| it.contains(&format!("name{row}"))), "{row}: {all:?}\n{text}");
            }
        }
    }

    const TITLES: usize = 4;
}
