//! The form of an inventory that spreadsheets write.

use std::borrow::Cow;

use chrono::NaiveDate;

use super::draft::{Draft, DraftWatch, DraftWord, ListedEntry};
use crate::config::source::{Fault, Problem, Source, nearest};
use crate::lists::merged::{Hidden, Lengths, no_title};
use crate::lists::rows::{Cell, Rows};
use crate::lists::titles::{NAME_TITLES, Titles};
use crate::model::{Owner, OwnerId, WatchKind};

/// Columns of the CSV form; only `name` is required.
const COLUMNS: [&str; 7] = ["name", "kind", "owner", "latest_version", "first_use", "index", "watch"];

/// What programs print of a package besides, and is no matter of an inventory.
const PRINTED: [&str; 9] =
    ["#", "author", "description", "home page", "homepage", "license", "licenses", "summary", "license_file"];
/// Their column.
const NO_MATTER: &str = "no matter";

/// The kind of a row that is no watch, but a look-alike of the one in its column `watch`.
const LISTED: &str = "listed";

/// A table with a header row. Owners are taken from their column: an e-mail address is an owner who is told there, any
/// other id has to get its channels in TOML.
///
/// # Errors
/// Faults of the table itself; watches are for lint to judge.
pub(super) fn read(source: Source, separator: char) -> Result<Draft, Vec<Problem>> {
    let mut draft = Draft::new(source);
    let (entries, listed) = lines(&draft.source, separator)?;
    let owners: Vec<String> = entries.iter().filter_map(|entry| entry.owner.clone()).collect();
    draft.owners.extend(owners.into_iter().map(implied_owner));
    (draft.entries, draft.listed) = (entries, listed);
    Ok(draft)
}

fn lines(source: &Source, separator: char) -> Result<(Vec<DraftWatch>, Vec<ListedEntry>), Vec<Problem>> {
    let (mut entries, mut listed, mut problems) = (Vec::new(), Vec::new(), Vec::new());
    let broken = |(at, fault): (usize, Fault)| vec![source.problem(at, "", fault)];
    let (mut rows, mut row) = (Rows::new(source.text(), separator), Vec::new());
    if !rows.next(&mut row).map_err(broken)? {
        return Ok((entries, listed));
    }
    let columns = columns(source, &row)?;
    let lengths = Lengths::of(source.text(), separator).map_err(broken)?;
    let names = columns.iter().position(|column| *column == Some("name")).unwrap_or_default();
    let titles = Titles::new(&row, names);
    while rows.next(&mut row).map_err(broken)? {
        if let Some(second) = titles.again(&row, rows.below_gap()) {
            return Err(broken(second));
        }
        match read_row(&columns, &row, &lengths) {
            Ok(Line::Watch(entry)) => entries.push(entry),
            Ok(Line::Listed(entry)) => listed.push(entry),
            Err((at, column, fault)) => problems.push(source.problem(at, column, fault)),
        }
    }
    if problems.is_empty() { Ok((entries, listed)) } else { Err(problems) }
}

fn implied_owner(id: String) -> (OwnerId, Owner) {
    let emails = id.parse::<lettre::Address>().is_ok().then(|| id.clone()).into_iter().collect();
    (OwnerId(id.clone()), Owner { name: id, emails, ..Owner::default() })
}

/// The columns by their titles; an empty one is none, for spreadsheets keep columns that were used once.
fn columns(source: &Source, header: &[Cell<'_>]) -> Result<Vec<Option<&'static str>>, Vec<Problem>> {
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    for cell in header {
        match column(cell, &found) {
            Ok(column) => found.push(column),
            Err(fault) => problems.push(source.problem(cell.at, "", fault)),
        }
    }
    if problems.is_empty() && !found.contains(&Some("name")) {
        let instead = format!("write a header row with name and any of: {}", COLUMNS[1..].join(", "));
        problems.push(source.problem(0, "", Fault::new("the column name is missing", instead)));
    }
    if problems.is_empty() { Ok(found) } else { Err(problems) }
}

fn column(cell: &Cell<'_>, before: &[Option<&'static str>]) -> Result<Option<&'static str>, Fault> {
    let title = cell.title();
    if title.is_empty() {
        return Ok(None);
    }
    if PRINTED.contains(&title.as_str()) {
        return Ok(Some(NO_MATTER));
    }
    let given = match title.as_str() {
        // What a package manager prints has these.
        title if NAME_TITLES.contains(&title) => "name",
        "version" | "installed_version" => "latest_version",
        title => title,
    };
    let known = COLUMNS.iter().copied().find(|known| *known == given);
    let known = known.ok_or_else(|| unknown(&title))?;
    if before.contains(&Some(known)) {
        let what = format!("the column {known} stands twice, so it is not clear which is meant");
        return Err(Fault::new(what, "put both into one column, or a row for each"));
    }
    Ok(Some(known))
}

/// Titles that people give to columns of ours.
const MEANT: [(&str, &[&str]); 4] = [
    ("owner", &["team", "maintainer", "maintainers", "email", "e-mail", "mail", "contact", "group", "responsible"]),
    ("latest_version", &["latest", "current_version", "internal_version", "release"]),
    ("first_use", &["created", "since", "first_used", "date"]),
    ("index", &["registry", "repository", "index_url", "source", "url"]),
];

fn unknown(title: &str) -> Fault {
    let plain = title.replace([' ', '-'], "_");
    let ours = COLUMNS.into_iter().find(|known| *known == plain);
    let ours = ours.or_else(|| {
        MEANT.into_iter().find(|(_, titles)| titles.iter().any(|it| it.replace('-', "_") == plain)).map(|(is, _)| is)
    });
    let known = format!("known are {}", COLUMNS.join(", "));
    let instead = match ours.map(str::to_owned).or_else(|| nearest(title, COLUMNS.into_iter()).map(str::to_owned)) {
        Some(near) => format!("call it {near:?} if it is that, or leave the column out; {known}"),
        None => format!("leave the column out, or give it one of these titles; {known}"),
    };
    Fault::new(format!("unknown column {title:?}"), instead)
}

type CellFault = (usize, &'static str, Fault);

/// One row, with the columns of the header.
struct Row<'t> {
    columns: &'t [Option<&'static str>],
    cells: &'t [Cell<'t>],
}

impl Row<'_> {
    fn cell(&self, column: &str) -> Option<&Cell<'_>> {
        self.columns.iter().position(|known| *known == Some(column)).and_then(|i| self.cells.get(i))
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
    Watch(DraftWatch),
    Listed(ListedEntry),
}

fn read_row(columns: &[Option<&'static str>], cells: &[Cell<'_>], lengths: &Lengths) -> Result<Line, CellFault> {
    untitled(columns, cells)?;
    // What may be a row like any other is one: the values of its columns say so.
    let names = columns.iter().position(|column| *column == Some("name")).unwrap_or_default();
    if let Hidden::Likely(hidden) = lengths.hidden(cells, names) {
        return Err((hidden[0].at, "", no_title()));
    }
    if let Some((at, fault)) = lengths.no_name(cells, names) {
        return Err((at, "", fault));
    }
    let row = Row { columns, cells };
    if row.text("kind").is_some_and(|kind| kind.eq_ignore_ascii_case(LISTED)) {
        return listed(&row).map(Line::Listed);
    }
    row.value("watch", no_watch)?;
    entry(&row, cells).map(Line::Watch)
}

/// What stands under no title would be lost.
fn untitled(columns: &[Option<&'static str>], cells: &[Cell<'_>]) -> Result<(), CellFault> {
    let titles = columns.iter().copied().chain(std::iter::repeat(None));
    match cells.iter().zip(titles).find(|(cell, title)| title.is_none() && !cell.text.trim().is_empty()) {
        Some((extra, _)) if columns.len() < cells.len() => Err((extra.at, "", no_title())),
        Some((cell, _)) => {
            let what = format!("{:?} stands in a column without a title", cell.text.trim());
            Err((cell.at, "", Fault::new(what, "write a title into the header row, or empty the column")))
        }
        None => Ok(()),
    }
}

fn entry(row: &Row<'_>, cells: &[Cell<'_>]) -> Result<DraftWatch, CellFault> {
    let nothing = Cell { text: Cow::Borrowed(""), at: cells.first().map_or(0, |cell| cell.at) };
    let name = row.cell("name").unwrap_or(&nothing);
    let short = DraftWatch::from_label(&name.text, name.at);
    let (kind, exclusive) = row.value("kind", parse_kind)?.unwrap_or((short.kind, short.exclusive));
    Ok(DraftWatch {
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
    let word = |column| row.cell(column).map(|cell| DraftWord::new(&cell.text, cell.at));
    let name = word("name").unwrap_or_else(|| DraftWord::new("", row.cells.first().map_or(0, |cell| cell.at)));
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
