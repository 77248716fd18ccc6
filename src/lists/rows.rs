//! The rows and cells of a table: RFC 4180 with a comma, semicolon, tab or bar, as spreadsheets write it. A reader of our own,
//! because every cell needs its place, and because a quote that never closes has to be refused: others end there in
//! silence, with every row after it in one cell.

use std::borrow::Cow;

use super::captions::captions;
use super::line::is_comment;
use crate::config::source::Fault;

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

/// `sep=;`, which Excel obeys in the first line and does not show.
pub(super) fn declared(line: &str) -> Option<char> {
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
    /// Was anything left out between the last two rows?
    gap: bool,
    /// Has a row been read?
    begun: bool,
}

impl<'t> Rows<'t> {
    pub fn new(text: &'t str, separator: char) -> Self {
        let is_none = |line: &&str| line.trim().is_empty() || is_comment(line);
        let captions = captions(text);
        let blank: usize = text[captions..].split_inclusive('\n').take_while(is_none).map(str::len).sum();
        let above = captions + blank;
        let first = text[above..].split('\n').next().unwrap_or_default();
        let at = if declared(first).is_some() { above + first.len() } else { above };
        Self { text, separator, at, gap: false, begun: false }
    }

    /// Do blank lines or rules stand above the row that was read last?
    pub fn below_gap(&self) -> bool {
        self.gap
    }

    /// Puts the next row into `row`; false at the end.
    ///
    /// # Errors
    /// When quotes are not closed, or closed within a cell; with the place.
    pub fn next(&mut self, row: &mut Vec<Cell<'t>>) -> Result<bool, (usize, Fault)> {
        self.gap = false;
        while self.at < self.text.len() {
            row.clear();
            while self.cell(row)? {}
            if row.iter().any(|cell| !cell.text.trim().is_empty()) && !is_rule(row) && !is_count(row) {
                if !std::mem::replace(&mut self.begun, true) && is_of_jira(row, self.separator) {
                    let mut at = 0..;
                    row.retain(|_| at.next().is_some_and(|at| at % 2 == 0));
                }
                return Ok(true);
            }
            self.gap = true;
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

/// `||Package||Owner||`, above `|acme|ops|`.
fn is_of_jira(titles: &[Cell<'_>], separator: char) -> bool {
    let between = || titles.iter().skip(1).step_by(2);
    separator == '|' && titles.len() > 3 && titles[0].text.is_empty() && between().all(|cell| cell.text.is_empty())
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

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str, separator: char) -> Result<Vec<Vec<(String, usize)>>, String> {
        let (mut rows, mut row, mut all) = (Rows::new(text, separator), Vec::new(), Vec::new());
        while rows.next(&mut row).map_err(|(at, fault)| format!("{at}: {}", fault.what))? {
            all.push(row.iter().map(|cell| (cell.text.to_string(), cell.at)).collect());
        }
        Ok(all)
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
    fn a_broken_quote_hides_nothing() {
        assert_eq!(
            rows("name\n\"acme\nacme-billing\n", ',').expect_err("refused"),
            "5: the quote that begins here is never closed, so the rest would be one cell"
        );
        assert_eq!(rows("name\n\"acme\"x\n", ',').expect_err("refused"), "5: text follows the closing quote of a cell");
    }
}
