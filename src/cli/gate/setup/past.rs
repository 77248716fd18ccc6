//! What in files leads past the gate, and in those that they name as requirements (`-r`, `-c`), as pip would read them.

use std::collections::{BTreeSet, VecDeque};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::super::super::failure::Failure;
use super::super::super::output::say;
use super::super::super::tone::hint;
use crate::config::quoted;
use crate::gate::{Bypass, SetupWish, bypasses, includes};
use crate::lists::read_capped;
use crate::messages::hostile::line as harmless;

/// Of one file: a lock has an address for each of its files.
const MOST: usize = 20;
/// Files that are read in all. People have some dozens; whoever has more wants to keep us busy.
const MOST_FILES: usize = 1000;
/// Of one, in bytes. The largest locks have some megabytes.
const LONGEST: u64 = 64 << 20;

/// A file, and where it was named; `None`: on the command line.
struct Named {
    path: PathBuf,
    by: Option<(PathBuf, usize)>,
}

/// Files that wait, and those that were read, each once: they may name each other in a circle.
struct Walk {
    waiting: VecDeque<Named>,
    known: BTreeSet<PathBuf>,
}

/// What leads past the gate, a line each; does nothing?
pub(super) fn checked(files: &[PathBuf], wish: &SetupWish) -> Result<bool, Failure> {
    let mut walk = Walk { waiting: VecDeque::new(), known: BTreeSet::new() };
    files.iter().for_each(|path| walk.wait(Named { path: path.clone(), by: None }));
    let (mut found, mut failure) = (0, None);
    while let Some(file) = walk.waiting.pop_front() {
        match walk.read(&file) {
            Ok(text) => found += told(&file.path, &text, wish),
            Err(error) => failure = Some(Failure::new(unread(&file, &error)).after(failure)),
        }
    }
    if let Some(failure) = failure {
        return Err(failure);
    }
    if found > 0 {
        hint("namewarden: take other indexes and addresses of files out, and make each lock anew through the gate");
        return Ok(false);
    }
    say(&format!("nothing leads past {}", wish.gate));
    Ok(true)
}

impl Walk {
    fn wait(&mut self, file: Named) {
        // One that is not there is named where it is read.
        let whole = fs::canonicalize(&file.path).unwrap_or_else(|_| file.path.clone());
        if self.known.insert(whole) {
            self.waiting.push_back(file);
        }
    }

    /// Its text; what it names waits then.
    fn read(&mut self, file: &Named) -> io::Result<String> {
        if self.known.len() - self.waiting.len() > MOST_FILES {
            self.waiting.clear();
            return Err(io::Error::other(format!("more than {MOST_FILES} files are named")));
        }
        let text = text(&file.path)?;
        let dir = file.path.parent().unwrap_or(Path::new(""));
        for include in includes(&text) {
            self.wait(Named { path: dir.join(include.path), by: Some((file.path.clone(), include.line)) });
        }
        Ok(text)
    }
}

/// What waits for a writer, or never ends, is no file that anybody installs from.
fn text(path: &Path) -> io::Result<String> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    Ok(String::from_utf8_lossy(&read_capped(File::open(path)?, LONGEST)?).into_owned())
}

/// Gives how much it is.
fn told(file: &Path, text: &str, wish: &SetupWish) -> usize {
    let all = bypasses(text, wish);
    all.iter().take(MOST).for_each(|bypass| say(&row(file, bypass)));
    if all.len() > MOST {
        hint(&format!("namewarden: {} has {} more", shown(file), all.len() - MOST));
    }
    all.len()
}

fn row(file: &Path, bypass: &Bypass) -> String {
    format!("{}:{}: {} {}", shown(file), bypass.line, harmless(&bypass.what), bypass.kind.sentence())
}

/// A path may be a text of the file that names it.
fn shown(file: &Path) -> String {
    harmless(&file.display().to_string())
}

fn unread(file: &Named, error: &io::Error) -> String {
    match &file.by {
        None => format!("{} cannot be read ({error}); name a file that is there", quoted(&file.path)),
        Some((by, line)) => {
            let (by, path) = (shown(by), shown(&file.path));
            format!(
                "{by}:{line} names {path}, which cannot be read ({error}), so nobody knows whether it leads past the gate; mend that line"
            )
        }
    }
}
