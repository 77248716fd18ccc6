//! Texts that people write: where a fault stands in them, and how it is told.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::string::FromUtf8Error;

use rustix::fs::OFlags;
use toml::de::{DeTable, DeValue};

use super::explain::{explain, is_twice, valueless};

pub use super::accounts::without_accounts;
pub use super::explain::{choose, nearest};
pub use super::fault::Fault;

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
            // Keys are what somebody wrote, too.
            write!(f, "{}: ", without_accounts(&self.key))?;
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

    /// The same place with another text of the same length, so that places stay.
    #[must_use]
    pub fn with_text(self, text: String) -> Self {
        Self::new(&self.path, text)
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

    /// The byte offset of a place.
    pub fn offset(&self, place: &Place) -> usize {
        let start = self.lines.get(place.line.saturating_sub(1)).copied().unwrap_or(self.text.len());
        let column = self.text[start..].char_indices().nth(place.column.saturating_sub(1));
        column.map_or(self.text.len(), |(at, _)| start + at)
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
            self.problem(
                span.start,
                &key,
                if span.is_empty() { valueless(error.message()) } else { explain(error.message()) },
            )
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
    let offset = good.len();
    let text =
        format!("line {line}, offset {offset}, holds the byte 0x{byte:02x}, which is no UTF-8; save the file as UTF-8");
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
