//! Tables with a header row: RFC 4180 with a comma, semicolon, tab or bar, as spreadsheets write it. A reader of our own,
//! because every cell needs its place, and because a quote that never closes has to be refused: others end there in
//! silence, with every row after it in one cell.

use std::borrow::Cow;
use std::ops::Range;

use super::requirement::of_file;
use super::said::{Each, Said};
use crate::config::source::{Fault, Problem, Source};
use crate::model::ProjectName;

/// Titles under which names stand.
pub const NAME_TITLES: [&str; 8] =
    ["name", "package", "project", "package name", "package_name", "project name", "project_name", "distribution"];

/// One cell: its text without quotes, and where it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell<'t> {
    pub text: Cow<'t, str>,
    pub at: usize,
}

impl Cell<'_> {
    /// As titles are compared.
    pub fn title(&self) -> String {
        self.text.trim().to_lowercase()
    }
}

/// How the header row separates its cells, if it is one. In a file that is called a table it always is.
pub(super) fn separator(header: &str, called: bool) -> Option<char> {
    if let Some(separator) = declared(header) {
        return Some(separator);
    }
    let has_name = |separator: char| {
        let mut titles = header.split(separator).map(|c| c.trim().trim_matches('"').to_lowercase());
        titles.any(|title| NAME_TITLES.contains(&title.as_str()))
    };
    let cells = |separator: &char| header.split(*separator).count();
    let likely = ['|', '\t', ';', ','].into_iter().filter(|s| has_name(*s)).max_by_key(cells);
    let alone =
        likely.is_some_and(|s| cells(&s) == 1 && !matches!(header.to_lowercase().as_str(), "name" | "\"name\""));
    match likely.filter(|_| !alone || called) {
        None if called => ['|', '\t', ';', ','].into_iter().max_by_key(cells),
        likely => likely,
    }
}

/// `sep=;`, which Excel obeys in the first line and does not show.
fn declared(line: &str) -> Option<char> {
    let line = line.trim().trim_matches('"');
    let rest = line.get(..4).filter(|start| start.eq_ignore_ascii_case("sep=")).and_then(|_| line.get(4..))?;
    match rest {
        "" => Some('\t'),
        "\\t" => Some('\t'),
        rest => rest.chars().next().filter(|c| rest.len() == c.len_utf8()),
    }
}

/// The rows of a table that are not blank, its header first.
pub struct Rows<'t> {
    text: &'t str,
    separator: char,
    at: usize,
}

impl<'t> Rows<'t> {
    pub fn new(text: &'t str, separator: char) -> Self {
        let indent = text.len() - text.trim_start_matches(['\n', ' ']).len();
        let first = text[indent..].split('\n').next().unwrap_or_default();
        let at = if declared(first).is_some() { indent + first.len() } else { 0 };
        Self { text, separator, at }
    }

    /// Puts the next row into `row`; false at the end.
    ///
    /// # Errors
    /// When quotes are not closed, or closed within a cell; with the place.
    pub fn next(&mut self, row: &mut Vec<Cell<'t>>) -> Result<bool, (usize, Fault)> {
        while self.at < self.text.len() {
            row.clear();
            while self.cell(row)? {}
            if row.iter().any(|cell| !cell.text.trim().is_empty()) && !is_rule(row) && !is_count(row) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Reads one cell and what ends it; true when another follows in the row.
    fn cell(&mut self, row: &mut Vec<Cell<'t>>) -> Result<bool, (usize, Fault)> {
        let rest = &self.text[self.at..];
        let lead = rest.len() - rest.trim_start_matches(|c: char| c == ' ' && c != self.separator).len();
        let at = self.at + lead;
        let (text, length) = match rest[lead..].strip_prefix('"') {
            Some(inner) => self.quoted(inner, at)?,
            None => {
                let raw = &rest[lead..];
                let raw = &raw[..raw.find([self.separator, '\n']).unwrap_or(raw.len())];
                (Cow::Borrowed(raw.trim_end()), raw.len())
            }
        };
        row.push(Cell { text, at });
        self.at = at + length;
        let ended = self.text[self.at..].chars().next();
        self.at += ended.map_or(0, char::len_utf8);
        Ok(ended == Some(self.separator))
    }

    /// A cell in quotes, of which `inner` begins after the first; its text, and its length with what follows to its end.
    fn quoted(&self, inner: &'t str, at: usize) -> Result<(Cow<'t, str>, usize), (usize, Fault)> {
        let mut from = 0;
        let end = loop {
            let Some(quote) = inner[from..].find('"') else { return Err((at, unclosed())) };
            match inner[from + quote + 1..].starts_with('"') {
                true => from += quote + 2,
                false => break from + quote,
            }
        };
        let after = &inner[end + 1..];
        let gap = after.len() - after.trim_start_matches(|c: char| c == ' ' && c != self.separator).len();
        match after[gap..].chars().next() {
            Some(c) if c != self.separator && c != '\n' => Err((at, closed_early())),
            _ if inner[..end].contains('"') => Ok((Cow::Owned(inner[..end].replace("\"\"", "\"")), end + 2 + gap)),
            _ => Ok((Cow::Borrowed(&inner[..end]), end + 2 + gap)),
        }
    }
}

/// `|:---|---:|` of Markdown and `-----+-----` of databases, below their titles.
fn is_rule(row: &[Cell<'_>]) -> bool {
    row.iter().all(|cell| cell.text.chars().all(|c| "-:+=─┼ ".contains(c)))
}

/// `(12 rows)`, below what psql prints.
fn is_count(row: &[Cell<'_>]) -> bool {
    let [cell] = row else { return false };
    let inside =
        cell.text.strip_prefix('(').and_then(|text| text.strip_suffix(" rows)").or(text.strip_suffix(" row)")));
    inside.is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

fn unclosed() -> Fault {
    Fault::new(
        "the quote that begins here is never closed, so the rest would be one cell",
        "close it, or double it if it belongs to the text",
    )
}

fn closed_early() -> Fault {
    Fault::new("text follows the closing quote of a cell", "put the whole cell in quotes, and double those in its text")
}

/// The column of names of any table; the others are of no interest. What stands twice is refused: which is meant?
pub(super) fn read_names(source: &Source, separator: char, each: Each<'_>) -> Result<(), Problem> {
    let refuse = |(at, fault): (usize, Fault)| source.problem(at, "", fault);
    let (mut rows, mut row) = (Rows::new(source.text(), separator), Vec::new());
    if !rows.next(&mut row).map_err(refuse)? {
        return Ok(());
    }
    let (column, width) = (name_column(&row).map_err(refuse)?, row.len());
    let (mut read, mut longer) = (0_usize, Vec::new());
    while rows.next(&mut row).map_err(refuse)? {
        read += 1;
        match row.get(column) {
            Some(cell) => each(said(cell)),
            None => each(Said::doubtful("", row[0].at, no_cell())),
        }
        // Two rows whose line break is lost are one that is too long: the name of the second stands out there.
        let beyond = row.iter().skip(width).filter(|cell| !cell.text.trim().is_empty());
        beyond.for_each(|cell| each(Said::doubtful(cell.text.trim(), cell.at, no_title())));
        if let Some(last) = row.get(width - 1).filter(|last| row.len() > width && !last.text.is_empty()) {
            longer.push(last.at..last.at + last.text.len());
        }
    }
    doubt_few(source, &longer, read, each);
    Ok(())
}

/// Or it stands in the last cell that has a title, where the second row ends in an empty one. Whoever adds separators, as
/// spreadsheets do, adds them to most rows.
fn doubt_few(source: &Source, longer: &[Range<usize>], rows: usize, each: Each<'_>) {
    if longer.len() * 2 < rows {
        let text = |cell: &Range<usize>| source.text().get(cell.clone()).unwrap_or_default().to_owned();
        longer.iter().for_each(|cell| each(Said::doubtful(text(cell), cell.start, no_title())));
    }
}

fn no_title() -> Fault {
    Fault::new("the row has more cells than there are titles", "put each row on a line of its own, or give it a title")
}

fn no_cell() -> Fault {
    Fault::new("the row ends before the column of names", "complete it")
}

fn said<'c>(cell: &'c Cell<'_>) -> Said<'c> {
    let text = cell.text.trim();
    if let Some(found) = of_file(text) {
        return Said::Project { name: found.name.into(), version: found.version.map(Into::into), at: cell.at };
    }
    if ProjectName::is_valid(text) {
        return Said::name(text, cell.at);
    }
    Said::doubtful(text, cell.at, super::names::no_name(text))
}

fn name_column(header: &[Cell<'_>]) -> Result<usize, (usize, Fault)> {
    let mut named = header.iter().enumerate().filter(|(_, cell)| NAME_TITLES.contains(&cell.title().as_str()));
    match (named.next(), named.next()) {
        (Some((column, _)), None) => Ok(column),
        (Some((_, first)), Some((_, second))) => {
            let what = format!("the columns {:?} and {:?} may both hold the names", first.text, second.text);
            Err((second.at, Fault::new(what, "leave one of them out, or give it another title")))
        }
        (None, _) => Err((0, Fault::new("no column is called name", "write a header row with the title name"))),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn rows(text: &str, separator: char) -> Result<Vec<Vec<(String, usize)>>, String> {
        let (mut rows, mut row, mut all) = (Rows::new(text, separator), Vec::new(), Vec::new());
        while rows.next(&mut row).map_err(|(at, fault)| format!("{at}: {}", fault.what))? {
            all.push(row.iter().map(|cell| (cell.text.to_string(), cell.at)).collect());
        }
        Ok(all)
    }

    fn names(text: &str, separator: char) -> String {
        let mut said = Vec::new();
        let source = Source::new(Path::new("t.csv"), text.to_owned());
        let read = read_names(&source, separator, &mut |each| {
            said.push(match each {
                Said::Project { name, .. } => name.into_owned(),
                Said::Doubtful { text, at, .. } => format!("?{text}@{at}"),
                Said::Label { .. } | Said::Other { .. } => unreachable!("only in lines"),
            });
        });
        read.map_or_else(|problem| problem.to_string(), |()| said.join(" "))
    }

    #[test]
    fn a_row_that_is_two_is_doubted_where_it_is_too_long() {
        let two = "owner,name,index\n,unrelated,x,acme-billing,\n,other,,\n";
        assert_eq!(names(two, ','), "unrelated ?acme-billing@30 other");
    }

    #[test]
    fn a_row_that_is_two_is_doubted_where_the_second_ends_in_an_empty_cell() {
        let rows = "name,owner\na,o\nb,o\n";
        assert_eq!(names(&format!("{rows}c,xacme-billing,\nd,o\n"), ','), "a b c d ?xacme-billing@21");
        assert_eq!(names("name,owner\na,o,\nb,o,\nc,o,\n", ','), "a b c", "a spreadsheet's");
    }

    #[test]
    fn quotes_spaces_and_blank_rows() {
        let text = "sep=;\nname;x\n\n\"a;\"\"b\" ; c \n;;\n\"two\nlines\";5\" disk\nlast;";
        let got = rows(text, ';').expect("a table");
        let texts: Vec<Vec<&str>> = got.iter().map(|row| row.iter().map(|(text, _)| text.as_str()).collect()).collect();
        assert_eq!(texts, [vec!["name", "x"], vec!["a;\"b", "c"], vec!["two\nlines", "5\" disk"], vec!["last", ""],]);
        assert_eq!((got[1][0].1, got[1][1].1), (14, 24));
        assert_eq!(rows("", ',').expect("nothing"), Vec::<Vec<_>>::new());
    }

    #[test]
    fn rules_are_no_rows_and_files_are_what_they_hold() {
        assert_eq!(names("| name | x |\n|:-----|--:|\n| acme | 1 |\n", '|'), "acme");
        assert_eq!(names(" name | x \n------+---\n acme | 1\n(1 row)\n", '|'), "acme");
        assert_eq!(names("+------+---+\n| name | x |\n+------+---+\n| acme | 1 |\n+------+---+\n", '|'), "acme");
        assert_eq!(names("name,size\nacme_tax-1.0-py3-none-any.whl,5\nacme-b-1.0.tar.gz,6\n", ','), "acme_tax acme-b");
    }

    #[test]
    fn a_broken_quote_hides_nothing() {
        assert_eq!(
            rows("name\n\"acme\nacme-billing\n", ',').expect_err("refused"),
            "5: the quote that begins here is never closed, so the rest would be one cell"
        );
        assert_eq!(rows("name\n\"acme\"x\n", ',').expect_err("refused"), "5: text follows the closing quote of a cell");
    }

    #[test]
    fn the_column_of_names_is_found_wherever_it_stands() {
        assert_eq!(names("id\tPackage\tx\n5\tacme\t\n6\n7\tacme b\t\n", '\t'), "acme ?@21 ?acme b@25");
        assert_eq!(
            names("name,Name\nacme,b\n", ','),
            "t.csv:1:6: the columns \"name\" and \"Name\" may both hold the names; leave one of them out, or give it another title"
        );
        assert_eq!(
            names("x,y\nacme,b\n", ','),
            "t.csv:1:1: no column is called name; write a header row with the title name"
        );
    }
}
