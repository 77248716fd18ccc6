//! The CSV and plain-text forms of an inventory.

use std::ops::Range;

use chrono::NaiveDate;

use super::draft::{Draft, Entry};
use crate::config::source::{Fault, Problem, Source, choose};
use crate::model::{Owner, OwnerId, WatchKind};

/// Columns of the CSV form; only `name` is required.
const COLUMNS: [&str; 6] = ["name", "kind", "owner", "latest_version", "first_use", "index"];

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
        match entry(&columns, row) {
            Ok(entry) => draft.entries.push(entry),
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

fn entry(columns: &[&'static str], row: &[Cell]) -> Result<Entry, CellFault> {
    if let Some(extra) = row.get(columns.len()) {
        return Err((
            extra.at,
            "",
            Fault::new("the row has more cells than the header", "quote a cell that holds a separator"),
        ));
    }
    let cell = |wanted: &str| columns.iter().position(|c| *c == wanted).and_then(|i| row.get(i));
    let text = |wanted: &str| cell(wanted).map(|c| c.text.trim().to_owned()).filter(|text| !text.is_empty());
    let name = cell("name").map_or(Cell { text: String::new(), at: row.first().map_or(0, |c| c.at) }, Cell::clone);
    let short = Entry::from_label(&name.text, name.at);
    let kind = match text("kind") {
        Some(kind) => parse_kind(&kind).map_err(|fault| (cell("kind").map_or(name.at, |c| c.at), "kind", fault))?,
        None => (short.kind, short.exclusive),
    };
    let first_use = match text("first_use") {
        Some(day) => {
            Some(parse_day(&day).map_err(|fault| (cell("first_use").map_or(name.at, |c| c.at), "first_use", fault))?)
        }
        None => None,
    };
    Ok(Entry {
        kind: kind.0,
        exclusive: kind.1,
        owner: text("owner"),
        latest_version: text("latest_version").or(short.latest_version.clone()),
        first_use,
        index: text("index"),
        ..short
    })
}

/// Kind and whether it is exclusive.
fn parse_kind(text: &str) -> Result<(WatchKind, bool), Fault> {
    match text.to_lowercase().as_str() {
        "name" => Ok((WatchKind::Name, false)),
        "prefix" => Ok((WatchKind::Prefix, false)),
        "exclusive-prefix" => Ok((WatchKind::Prefix, true)),
        "brand" => Ok((WatchKind::Brand, false)),
        _ => Err(Fault::new(format!("{text:?} is no kind of watch"), "write name, prefix, exclusive-prefix or brand")),
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
