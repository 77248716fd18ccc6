//! The CSV and plain-text forms of an inventory.

use std::ops::Range;

use chrono::NaiveDate;

use super::draft::{Draft, Entry, ListedEntry, Text};
use crate::config::source::{Fault, Problem, Source, choose};
use crate::model::{Owner, OwnerId, WatchKind};

/// Columns of the CSV form; only `name` is required.
const COLUMNS: [&str; 7] = ["name", "kind", "owner", "latest_version", "first_use", "index", "watch"];

/// The kind of a row that is no watch, but a look-alike of the one in its column `watch`.
const LISTED: &str = "listed";

/// A watch a line (`acme-billing`, `acme-billing==4.2`, `acme-*`, `brand:acme`); `#` begins a comment.
pub(super) fn read_plain(source: Source) -> Draft {
    let mut draft = Draft::new(source);
    let mut at = 0;
    for line in draft.source.text().split_inclusive('\n') {
        let content = line.split('#').next().unwrap_or_default();
        if !content.trim().is_empty() {
            let indent = content.len() - content.trim_start().len();
            draft.entries.push(Entry::from_label(content, at + indent));
        }
        at += line.len();
    }
    draft
}

/// RFC 4180 with a header row; comma, semicolon or tab, whichever the header uses. Owners are taken from their column:
/// an e-mail address is an owner who is told there, any other id has to get its channels in TOML.
///
/// # Errors
/// Faults of the table itself; watches are for lint to judge.
pub(super) fn read_csv(source: Source) -> Result<Draft, Vec<Problem>> {
    let mut draft = Draft::new(source);
    let rows = rows(draft.source.text());
    let Some((header, rows)) = rows.split_first() else { return Ok(draft) };
    let columns = columns(&draft.source, header)?;
    let mut problems = Vec::new();
    for row in rows {
        match read_row(&columns, row) {
            Ok(Line::Watch(entry)) => draft.entries.push(entry),
            Ok(Line::Listed(entry)) => draft.listed.push(entry),
            Err((at, column, fault)) => problems.push(draft.source.problem(at, column, fault)),
        }
    }
    let owners: Vec<String> = draft.entries.iter().filter_map(|entry| entry.owner.clone()).collect();
    draft.owners.extend(owners.into_iter().map(implied_owner));
    if problems.is_empty() { Ok(draft) } else { Err(problems) }
}

fn implied_owner(id: String) -> (OwnerId, Owner) {
    let emails = id.parse::<lettre::Address>().is_ok().then(|| id.clone()).into_iter().collect();
    (OwnerId(id.clone()), Owner { name: id, emails, ..Owner::default() })
}

/// One cell: its text without quotes, and where it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Cell {
    text: String,
    at: usize,
}

fn columns(source: &Source, header: &[Cell]) -> Result<Vec<&'static str>, Vec<Problem>> {
    let find = |cell: &Cell| {
        let given = cell.text.trim().to_lowercase();
        COLUMNS.iter().copied().find(|known| *known == given).ok_or_else(|| {
            source.problem(cell.at, "", Fault::new(format!("unknown column {given:?}"), choose(&given, &COLUMNS)))
        })
    };
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    for cell in header {
        match find(cell) {
            Ok(column) => found.push(column),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() && !found.contains(&"name") {
        let instead = format!("write a header row with name and any of: {}", COLUMNS[1..].join(", "));
        problems.push(source.problem(0, "", Fault::new("the column name is missing", instead)));
    }
    if problems.is_empty() { Ok(found) } else { Err(problems) }
}

type CellFault = (usize, &'static str, Fault);

/// One row, with the columns of the header.
struct Row<'t> {
    columns: &'t [&'static str],
    cells: &'t [Cell],
}

impl Row<'_> {
    fn cell(&self, column: &str) -> Option<&Cell> {
        self.columns.iter().position(|known| *known == column).and_then(|i| self.cells.get(i))
    }

    fn text(&self, column: &str) -> Option<String> {
        self.cell(column).map(|cell| cell.text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// The value of a cell that is not empty.
    fn value<T>(&self, column: &'static str, parse: impl Fn(&str) -> Result<T, Fault>) -> Result<Option<T>, CellFault> {
        let at = self.cell(column).map_or(0, |cell| cell.at);
        self.text(column).map(|text| parse(&text)).transpose().map_err(|fault| (at, column, fault))
    }
}

/// What one row says.
enum Line {
    Watch(Entry),
    Listed(ListedEntry),
}

fn read_row(columns: &[&'static str], cells: &[Cell]) -> Result<Line, CellFault> {
    if let Some(extra) = cells.get(columns.len()) {
        let fault = Fault::new("the row has more cells than the header", "quote a cell that holds a separator");
        return Err((extra.at, "", fault));
    }
    let row = Row { columns, cells };
    if row.text("kind").is_some_and(|kind| kind.eq_ignore_ascii_case(LISTED)) {
        return listed(&row).map(Line::Listed);
    }
    row.value("watch", no_watch)?;
    entry(&row, cells).map(Line::Watch)
}

fn entry(row: &Row<'_>, cells: &[Cell]) -> Result<Entry, CellFault> {
    let nothing = Cell { text: String::new(), at: cells.first().map_or(0, |cell| cell.at) };
    let name = row.cell("name").unwrap_or(&nothing);
    let short = Entry::from_label(&name.text, name.at);
    let (kind, exclusive) = row.value("kind", parse_kind)?.unwrap_or((short.kind, short.exclusive));
    Ok(Entry {
        kind,
        exclusive,
        owner: row.value("owner", parse_owner)?,
        latest_version: row.text("latest_version").or_else(|| short.latest_version.clone()),
        first_use: row.value("first_use", parse_day)?,
        index: row.text("index"),
        ..short
    })
}

/// A look-alike takes everything from its watch: what is written beside it would be lost.
fn listed(row: &Row<'_>) -> Result<ListedEntry, CellFault> {
    for column in ["owner", "latest_version", "first_use", "index"] {
        row.value(column, nothing_of_its_own)?;
    }
    let word = |column| row.cell(column).map(|cell| Text::new(&cell.text, cell.at));
    let name = word("name").unwrap_or_else(|| Text::new("", row.cells.first().map_or(0, |cell| cell.at)));
    match word("watch").filter(|watch| !watch.text.is_empty()) {
        Some(watch) => Ok(ListedEntry { watch, names: vec![name] }),
        None => {
            let what = format!("{:?} is listed, and the row does not say as a look-alike of what", name.text);
            Err((name.at, "watch", Fault::new(what, "write the watch that it threatens into the column watch")))
        }
    }
}

fn nothing_of_its_own(text: &str) -> Result<(), Fault> {
    Err(Fault::new(format!("{text:?} is said of a look-alike, which takes it from its watch"), "leave the cell empty"))
}

fn no_watch(text: &str) -> Result<(), Fault> {
    let what = format!("the row names the watch {text:?} and is no look-alike of it");
    Err(Fault::new(what, "write listed into the column kind, or leave the cell empty"))
}

fn parse_owner(text: &str) -> Result<String, Fault> {
    if text.contains(char::is_control) {
        return Err(Fault::new(format!("{text:?} is no id of an owner"), "write a short name or an e-mail address"));
    }
    Ok(text.to_owned())
}

/// Kind and whether it is exclusive.
fn parse_kind(text: &str) -> Result<(WatchKind, bool), Fault> {
    match text.to_lowercase().as_str() {
        "name" => Ok((WatchKind::Name, false)),
        "prefix" => Ok((WatchKind::Prefix, false)),
        "exclusive-prefix" => Ok((WatchKind::Prefix, true)),
        "brand" => Ok((WatchKind::Brand, false)),
        _ => Err(Fault::new(
            format!("{text:?} is no kind of watch"),
            "write name, prefix, exclusive-prefix, brand or listed",
        )),
    }
}

fn parse_day(text: &str) -> Result<NaiveDate, Fault> {
    text.parse().map_err(|_| Fault::new(format!("{text:?} is no day"), "write it like 2019-03-01"))
}

/// All rows that are not blank. A quote that never closes ends with the text.
fn rows(text: &str) -> Vec<Vec<Cell>> {
    let separator = separator(text);
    let (mut rows, mut row) = (Vec::new(), Vec::new());
    let mut rest = 0..text.len();
    while rest.start < rest.end {
        let (cell, end) = cell(text, rest.clone(), separator);
        row.push(cell);
        rest.start = end;
        let ended = text[end..].chars().next();
        rest.start += ended.map_or(0, char::len_utf8);
        if ended != Some(separator) {
            rows.push(std::mem::take(&mut row));
        } else if rest.is_empty() {
            row.push(Cell { text: String::new(), at: rest.start });
        }
    }
    rows.push(row);
    rows.retain(|row| row.iter().any(|cell| !cell.text.trim().is_empty()));
    rows
}

fn separator(text: &str) -> char {
    let header = text.lines().next().unwrap_or_default();
    [',', ';', '\t'].into_iter().find(|c| header.contains(*c)).unwrap_or(',')
}

/// The cell at the start of `range`, and the offset of what ends it: a separator, a line feed, or the end.
fn cell(text: &str, range: Range<usize>, separator: char) -> (Cell, usize) {
    let at = range.start;
    let raw = &text[range];
    let mut quoted = false;
    let end = raw.find(|c| {
        quoted ^= c == '"';
        !quoted && (c == separator || c == '\n')
    });
    let raw = &raw[..end.unwrap_or(raw.len())];
    let trimmed = raw.trim();
    let inner = trimmed.strip_prefix('"').map(|inner| inner.strip_suffix('"').unwrap_or(inner));
    let text = inner.map_or_else(|| trimmed.to_owned(), |inner| inner.replace("\"\"", "\""));
    (Cell { text, at: at + raw.len() - raw.trim_start().len() }, at + raw.len())
}
