//! Texts that people write: where a fault stands in them, and how it is told.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::string::FromUtf8Error;

use rustix::fs::OFlags;
use toml::de::{DeTable, DeValue};

/// Longest file read as configuration or inventory, bytes; a million names are about 20 MB.
pub const MOST: u64 = 128 << 20;

/// Opens a file to read it. A pipe or a device would keep its reader waiting for ever, so it is refused, and so is a
/// directory; links are followed, as systemd and configuration management make them.
///
/// # Errors
/// The system's, or `InvalidInput` for what is no regular file.
pub fn open_regular(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().read(true).custom_flags(OFlags::NONBLOCK.bits() as i32).open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file"));
    }
    Ok(file)
}

/// A file's text with an index of its lines.
#[derive(Clone, Debug)]
pub struct Source {
    path: PathBuf,
    text: String,
    /// Byte offset at which each line begins.
    lines: Vec<usize>,
}

/// A position people can go to. Line and column count from 1, columns in characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub file: PathBuf,
    pub line: usize,
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file.display(), self.line, self.column)
    }
}

/// What is wrong with a value, and what to write instead. Values of credentials never appear in either.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub what: String,
    pub instead: String,
}

impl Fault {
    /// What is repeated from a file may be an address with a password; it loses that here, whoever made the fault.
    pub fn new(what: impl Into<String>, instead: impl Into<String>) -> Self {
        Self { what: without_accounts(&what.into()), instead: without_accounts(&instead.into()) }
    }
}

/// The text with `…` in place of the account and the query of every address in it.
pub fn without_accounts(text: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find("://") {
        let (before, address) = rest.split_at(at + "://".len());
        let end = address.find(|c: char| c.is_whitespace() || "\"'<>`".contains(c)).unwrap_or(address.len());
        out.push_str(before);
        out.push_str(&without_account(&address[..end]));
        rest = &address[end..];
    }
    out + rest
}

/// A password may hold a slash that should have been percent-coded, and then the last `@` ends it.
fn without_account(address: &str) -> String {
    let authority = address.split(['/', '?', '#']).next().unwrap_or_default();
    let account = match authority.rfind('@') {
        None if authority.contains(':') => address.rfind('@'),
        at => at,
    };
    let bare = account.map_or_else(|| address.to_owned(), |at| format!("…{}", &address[at..]));
    match bare.split_once('?') {
        Some((path, query)) if !query.is_empty() => format!("{path}?…"),
        _ => bare,
    }
}

/// A fault with its place and key: one line of an error message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub place: Place,
    /// Dotted key, `alert.email.port`; empty where there is none.
    pub key: String,
    pub fault: Fault,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.place)?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        write!(f, "{}; {}", self.fault.what, self.fault.instead)
    }
}

/// One problem a line, in the order of the text.
pub fn lines(problems: &[Problem]) -> String {
    problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n")
}

impl Source {
    pub fn new(path: &Path, text: String) -> Self {
        let starts = text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(at, _)| at + 1);
        let lines = std::iter::once(0).chain(starts).collect();
        Self { path: path.to_owned(), text, lines }
    }

    /// Reads a file of at most 128 MiB. A byte order mark is dropped.
    ///
    /// # Errors
    /// The system's, `FileTooLarge`, or `InvalidData` when it is not UTF-8.
    pub fn read(path: &Path) -> io::Result<Self> {
        let mut bytes = Vec::new();
        open_regular(path)?.take(MOST + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > MOST {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "the file is longer than 128 MiB"));
        }
        let mut text = String::from_utf8(bytes).map_err(|error| no_utf8(&error))?;
        if text.starts_with('\u{feff}') {
            text.drain(..'\u{feff}'.len_utf8());
        }
        Ok(Self::new(path, text))
    }

    /// The same with a line feed for everything that ends a line to Python: mainframes and editors write others.
    #[must_use]
    pub fn with_plain_lines(self) -> Self {
        let is_other =
            |c: char| matches!(c, '\u{b}' | '\u{c}' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}');
        if self.text.contains(is_other) { Self::new(&self.path, self.text.replace(is_other, "\n")) } else { self }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where a byte offset stands; one beyond the end is the end.
    pub fn place(&self, offset: usize) -> Place {
        let offset = self.text.floor_char_boundary(offset);
        let line = self.lines.partition_point(|start| *start <= offset);
        let start = self.lines[line - 1];
        Place { file: self.path.clone(), line, column: self.text[start..offset].chars().count() + 1 }
    }

    /// The first place of a line that counts from 1.
    pub fn line(&self, line: usize) -> Place {
        Place { file: self.path.clone(), line, column: 1 }
    }

    /// Where the last of these TOML keys stands, or in its list this value.
    pub fn at(&self, keys: &[&str], value: Option<&str>) -> Option<usize> {
        let parsed = DeTable::parse(&self.text).ok()?;
        let (last, above) = keys.split_last()?;
        let mut table = parsed.get_ref();
        for key in above {
            table = table.get(*key)?.get_ref().as_table()?;
        }
        let (key, found) = table.get_key_value(*last)?;
        let items = found.get_ref().as_array();
        let item = value.and_then(|value| items?.iter().find(|item| item.get_ref().as_str() == Some(value)));
        Some(item.map_or(key.span().start, |item| item.span().start))
    }

    pub fn problem(&self, offset: usize, key: &str, fault: Fault) -> Problem {
        Problem { place: self.place(offset), key: key.to_owned(), fault }
    }

    /// Parses the text as TOML of the given shape.
    ///
    /// # Errors
    /// The first fault, with its key, in words that say what to write.
    pub fn parse_toml<T: serde::de::DeserializeOwned>(&self) -> Result<T, Problem> {
        toml::from_str(&self.text).map_err(|error| {
            let span = error.span().unwrap_or(0..0);
            let key = match self.key_at(span.start) {
                // In broken text no key can be found, but a key given twice is what the span holds.
                key if key.is_empty() && is_twice(error.message()) => {
                    self.text.get(span.clone()).unwrap_or("").to_owned()
                }
                key => key,
            };
            self.problem(span.start, &key, explain(error.message()))
        })
    }

    /// The dotted key whose name or value stands at this offset; empty outside any and in broken text.
    fn key_at(&self, offset: usize) -> String {
        let mut path = String::new();
        if let Ok(table) = DeTable::parse(&self.text) {
            descend(table.get_ref(), offset, &mut path);
        }
        path
    }
}

/// Where the first byte stands that is no UTF-8.
fn no_utf8(error: &FromUtf8Error) -> io::Error {
    let (good, rest) = error.as_bytes().split_at(error.utf8_error().valid_up_to());
    let line = good.iter().filter(|b| **b == b'\n').count() + 1;
    let byte = rest.first().copied().unwrap_or_default();
    let text = format!("line {line} holds the byte 0x{byte:02x}, which is no UTF-8; save the file as UTF-8");
    io::Error::new(io::ErrorKind::InvalidData, text)
}

/// Appends the keys around `offset`; true when the table holds it.
fn descend(table: &DeTable<'_>, offset: usize, path: &mut String) -> bool {
    table.iter().any(|(key, value)| {
        let before = path.len();
        path.push_str(if before == 0 { "" } else { "." });
        path.push_str(key.get_ref());
        // A table that later headers extend spans its first header only, so its inside is searched in any case.
        let found =
            key.span().contains(&offset) || inside(value.get_ref(), offset, path) || value.span().contains(&offset);
        if !found {
            path.truncate(before);
        }
        found
    })
}

fn inside(value: &DeValue<'_>, offset: usize, path: &mut String) -> bool {
    match value {
        DeValue::Table(table) => descend(table, offset, path),
        DeValue::Array(array) => array.iter().any(|item| inside(item.get_ref(), offset, path)),
        _ => false,
    }
}

/// Puts serde's and the parser's words into ours. Never repeats a string from the file: it may be a credential.
fn explain(message: &str) -> Fault {
    if let Some((what, instead)) = message.split_once("; ") {
        return Fault::new(what, instead);
    }
    let words = quoted(message);
    let (given, known) = words.split_first().unwrap_or((&"", &[]));
    if message.starts_with("unknown field") {
        return unknown_key(given, known);
    }
    if message.starts_with("unknown variant") {
        return Fault::new(format!("{given:?} is not known here"), choose(given, known));
    }
    if message.starts_with("missing field") {
        return Fault::new(format!("the key {given} is missing"), format!("add {given} = \"…\""));
    }
    match message.split_once(", expected ") {
        Some((found, expected)) if found.starts_with("invalid ") => Fault::new(found_type(found), write(expected)),
        Some((found, "literal string")) => Fault::new(format!("not TOML: {found}"), "write it in \"quotes\""),
        Some((found, expected)) => Fault::new(format!("not TOML: {found}"), format!("write {expected} here")),
        None if is_twice(message) => Fault::new("given twice", "keep one of them"),
        None if message.starts_with("wanted string") => {
            Fault::new("it is no text", "write one of its words in \"quotes\"")
        }
        None => Fault::new(format!("not TOML: {message}"), "see toml.io for the syntax; text stands in \"quotes\""),
    }
}

fn is_twice(message: &str) -> bool {
    message.starts_with("duplicate key")
}

/// `invalid type: integer ..., expected a string` without the value: "is integer".
fn found_type(found: &str) -> String {
    let kind = found.split_once(": ").map_or(found, |(_, kind)| kind);
    let kind = kind.split(['`', '"']).next().unwrap_or(kind).trim();
    let kind = if kind == "floating point" { "number with a point" } else { kind };
    let article = if kind.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("it is {article} {kind}")
}

fn write(expected: &str) -> String {
    match expected {
        "a string" => "write text in \"quotes\"".to_owned(),
        "a boolean" => "write true or false".to_owned(),
        "a sequence" => "write a list, [\"…\"]".to_owned(),
        "i64" => "write a whole number without quotes".to_owned(),
        "a TOML datetime" => "write a date without quotes, like 2019-03-01".to_owned(),
        other => format!("write {other}"),
    }
}

fn unknown_key(given: &str, known: &[&str]) -> Fault {
    let credential = format!("{given}_credential");
    if known.contains(&credential.as_str()) {
        return Fault::new(
            "a secret does not belong in this file",
            format!(
                "put it on one line into a file of mode 0600 in the credentials directory and name that file: \
                 {credential} = \"FILE\" (config/credentials.md); then change the secret, for it has been in the open"
            ),
        );
    }
    Fault::new(format!("unknown key {given:?}"), choose(given, known))
}

/// "did you mean", or the whole choice.
pub fn choose(given: &str, known: &[&str]) -> String {
    if let Some(near) = nearest(given, known.iter().copied()) {
        return format!("did you mean {near:?}?");
    }
    match known {
        [] => "remove it".to_owned(),
        known => format!("known here: {}", known.join(", ")),
    }
}

/// The known word that a person most likely meant: up to two slips, or a like beginning; `None` when none is near.
pub fn nearest<'k>(given: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let given = given.to_lowercase();
    let likeness = |word: &str| strsim::jaro_winkler(&given, word);
    let slips = |word: &str| strsim::osa_distance(&given, word);
    known
        .filter(|word| likeness(word) > 0.8 || (slips(word) <= 2 && word.len() >= 4))
        .min_by(|a, b| slips(a).cmp(&slips(b)).then(likeness(b).total_cmp(&likeness(a))))
}

/// The words between backticks.
fn quoted(message: &str) -> Vec<&str> {
    message.split('`').skip(1).step_by(2).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pipe_and_a_directory_are_refused_without_waiting() {
        let dir = tempfile::tempdir().expect("a directory");
        let pipe = dir.path().join("inventory.toml");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("runs").success());
        for path in [pipe.as_path(), dir.path()] {
            let error = Source::read(path).expect_err("nothing to read");
            assert_eq!(error.to_string(), "it is no regular file");
        }
        let (file, link) = (dir.path().join("real.toml"), dir.path().join("link.toml"));
        std::fs::write(&file, "a = 1").expect("writes");
        std::os::unix::fs::symlink(&file, &link).expect("links");
        assert_eq!(Source::read(&link).expect("a link to a file").text(), "a = 1");
    }
}
