//! What was ever ours, on disk, a line each and none ever taken back: neither a restart nor half of an inventory opens the
//! way to PyPI for it. A person may take a line out while no gate runs.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::policy::Binding;
use crate::model::{ProjectName, Registry, WatchId, WatchKind};

/// The file, below `[gate] state`.
const FILE: &str = "ours";
/// Its first line, which says what it is and how to read it.
const HEAD: &str = "# namewarden gate 1: names that never come from PyPI; take a line out only while no gate runs";

/// Whatever is bound for good.
#[derive(Debug)]
pub struct Memory {
    written: Mutex<Written>,
}

#[derive(Debug)]
struct Written {
    /// Locked as long as it is open.
    file: File,
    /// Bytes of whole lines.
    length: u64,
    lines: BTreeSet<Line>,
}

/// One thing that is ours: `name acme-billing`, `prefix acme-int-`, `had acme-unlisted`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Line {
    /// By the inventory.
    Watch(WatchKind, String),
    /// The private index had it.
    Had(ProjectName),
}

/// Why what was ours is not known.
#[derive(Debug, thiserror::Error)]
pub enum MemoryError {
    #[error("{} cannot be used ({error}); make it for the gate's user, or write another as [gate] state", path.display())]
    Disk { path: PathBuf, error: io::Error },
    #[error("{}: another gate has it; a gate each needs a [gate] state each", .0.display())]
    Taken(PathBuf),
    #[error(
        "{}:{line}: {text:?} is no name that was ours; restore the file from a backup, or mend that line: name NAME, prefix \
         PREFIX- or had NAME",
        path.display()
    )]
    Damaged { path: PathBuf, line: usize, text: String },
}

impl Memory {
    /// What is remembered in this directory, which is made where there is none. Half a line at its end was never acted on, but
    /// may be one that an editor left without its end: what can be read of it binds.
    ///
    /// # Errors
    /// See [`MemoryError`]. Whoever does not know what was ours must not start.
    pub fn open(dir: &Path) -> Result<Self, MemoryError> {
        let path = dir.join(FILE);
        let failed = |error| MemoryError::Disk { path: path.clone(), error };
        let mut file = opened(dir, &path).map_err(failed)?;
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => MemoryError::Taken(path.clone()),
            TryLockError::Error(error) => failed(error),
        })?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(failed)?;
        let rest = bytes.split_off(bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1));
        let lines = parsed(&path, &String::from_utf8_lossy(&bytes))?;
        let mut written = Written { file, length: bytes.len() as u64, lines };
        let last = Line::parse(&String::from_utf8_lossy(&rest));
        written.add(last.into_iter().collect()).map_err(failed)?;
        if written.length == 0 {
            written.append(&format!("{HEAD}\n")).map_err(failed)?;
        }
        Ok(Self { written: Mutex::new(written) })
    }

    /// The names and prefixes that any inventory had.
    pub fn binding(&self) -> Binding {
        let written = self.lock();
        let watches = written.lines.iter().filter_map(|line| match line {
            Line::Watch(kind, text) => Some(WatchId::new(Registry::Pypi, *kind, text)),
            Line::Had(_) => None,
        });
        Binding::of_watches(watches, BTreeSet::new())
    }

    /// Keeps what an inventory binds, on the disk before this returns.
    ///
    /// # Errors
    /// The system's: then nothing of it is kept.
    pub fn bind(&self, binding: &Binding) -> io::Result<()> {
        let watches = binding.watches().map(|watch| Line::Watch(watch.kind, watch.text.clone()));
        self.lock().add(watches.collect())
    }

    /// Did the private index ever have it?
    pub(super) fn had(&self, name: &ProjectName) -> bool {
        self.lock().lines.contains(&Line::Had(name.clone()))
    }

    /// Keeps that the private index has it, on the disk before this returns.
    ///
    /// # Errors
    /// The system's: then it is not kept.
    pub(super) async fn keep(self: &Arc<Self>, name: &ProjectName) -> io::Result<()> {
        if self.had(name) {
            return Ok(());
        }
        let (memory, line) = (Arc::clone(self), Line::Had(name.clone()));
        let kept = tokio::task::spawn_blocking(move || memory.lock().add(BTreeSet::from([line]))).await;
        kept.unwrap_or_else(|ended| Err(io::Error::other(ended)))
    }

    fn lock(&self) -> MutexGuard<'_, Written> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Written {
    fn add(&mut self, wanted: BTreeSet<Line>) -> io::Result<()> {
        let new: BTreeSet<Line> = wanted.difference(&self.lines).cloned().collect();
        if new.is_empty() {
            return Ok(());
        }
        self.append(&new.iter().map(|line| format!("{line}\n")).collect::<String>())?;
        self.lines.extend(new);
        Ok(())
    }

    /// What an earlier attempt left at the end is cut off first, so that no line begins within another.
    fn append(&mut self, text: &str) -> io::Result<()> {
        self.file.set_len(self.length)?;
        self.file.write_all(text.as_bytes())?;
        self.file.sync_data()?;
        self.length += text.len() as u64;
        Ok(())
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Watch(kind, text) => write!(f, "{} {text}", kind.as_str()),
            Self::Had(name) => write!(f, "had {name}"),
        }
    }
}

impl Line {
    fn parse(text: &str) -> Option<Self> {
        let (word, rest) = text.split_once(' ')?;
        let name = |text: &str| ProjectName::parse(text).ok().filter(|name| name.as_str() == text);
        match word {
            "name" => name(rest).map(|_| Self::Watch(WatchKind::Name, rest.to_owned())),
            "prefix" => rest.strip_suffix('-').and_then(name).map(|_| Self::Watch(WatchKind::Prefix, rest.to_owned())),
            "had" => name(rest).map(Self::Had),
            _ => None,
        }
    }
}

fn parsed(path: &Path, text: &str) -> Result<BTreeSet<Line>, MemoryError> {
    let lines = text.lines().enumerate().filter(|(at, line)| !line.is_empty() && (*at > 0 || *line != HEAD));
    lines
        .map(|(at, line)| {
            let damaged = || MemoryError::Damaged { path: path.to_owned(), line: at + 1, text: line.to_owned() };
            Line::parse(line).ok_or_else(damaged)
        })
        .collect()
}

/// Read from its beginning, written at its end. The directory knows of it before anything is in it.
fn opened(dir: &Path, path: &Path) -> io::Result<File> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    let file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path)?;
    File::open(dir)?.sync_all()?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn name(text: &str) -> ProjectName {
        ProjectName::parse(text).expect("valid")
    }

    fn binding(names: &[&str], prefixes: &[&str]) -> Binding {
        let names = names.iter().map(|text| WatchId::new(Registry::Pypi, WatchKind::Name, text));
        let prefixes = prefixes.iter().map(|text| WatchId::new(Registry::Pypi, WatchKind::Prefix, text));
        Binding::of_watches(names.chain(prefixes), BTreeSet::new())
    }

    #[test]
    fn what_was_ours_is_ours_after_a_restart_and_a_line_taken_out_is_free() {
        let dir = tempfile::tempdir().expect("a directory");
        let state = dir.path().join("new/state");
        let memory = Memory::open(&state).expect("opens");
        memory.bind(&binding(&["acme-billing"], &["acme-int-"])).expect("written");
        memory.lock().add(BTreeSet::from([Line::Had(name("unlisted"))])).expect("written");
        assert!(matches!(Memory::open(&state), Err(MemoryError::Taken(_))), "two gates, one file");
        drop(memory);
        let memory = Memory::open(&state).expect("opens");
        assert_eq!(memory.binding(), binding(&["acme-billing"], &["acme-int-"]));
        assert!(memory.had(&name("unlisted")) && !memory.had(&name("acme-billing")));
        drop(memory);
        let file = state.join(FILE);
        let text = std::fs::read_to_string(&file).expect("reads");
        std::fs::write(&file, text.replace("had unlisted\n", "")).expect("written");
        assert!(!Memory::open(&state).expect("opens").had(&name("unlisted")));
    }

    #[test]
    fn a_last_line_that_an_editor_left_without_its_end_binds() {
        let dir = tempfile::tempdir().expect("a directory");
        std::fs::write(dir.path().join(FILE), format!("{HEAD}\nname acme\nhad last")).expect("written");
        for _ in 0..2 {
            let memory = Memory::open(dir.path()).expect("opens");
            assert!(memory.had(&name("last")), "whole or not");
        }
    }

    #[test]
    fn a_damaged_line_is_named_and_nothing_starts() {
        let dir = tempfile::tempdir().expect("a directory");
        for line in ["name", "name Acme", "prefix acme", "had -x", "what acme", "\u{0}\u{0}", "name a b"] {
            std::fs::write(dir.path().join(FILE), format!("{HEAD}\nname acme\n{line}\nhad b\n")).expect("written");
            let error = Memory::open(dir.path()).expect_err(line).to_string();
            assert!(error.contains(":3: ") && error.contains("restore the file"), "{error}");
        }
    }

    #[test]
    fn what_cannot_be_written_is_not_taken_for_kept() {
        let dir = tempfile::tempdir().expect("a directory");
        let memory = Memory::open(dir.path()).expect("opens");
        // A file that is open for reading stands for a disk that takes nothing.
        memory.lock().file = File::open(dir.path().join(FILE)).expect("opens");
        memory.bind(&binding(&["acme"], &[])).expect_err("it is not writable");
        assert_eq!(memory.binding(), Binding::default());
    }

    proptest! {
        /// Killed anywhere in a write: what was acted on is there, and what comes after it is whole.
        #[test]
        fn no_kill_loses_what_was_kept(rounds in prop::collection::vec((0_u8..9, 0_usize..40), 1..12)) {
            let dir = tempfile::tempdir().expect("a directory");
            let mut kept = BTreeMap::new();
            for (number, torn) in rounds {
                let memory = Memory::open(dir.path()).expect("opens");
                kept.iter().for_each(|(known, ())| assert!(memory.had(known), "{known} was ours"));
                let new = name(&format!("ours-{number}"));
                memory.lock().add(BTreeSet::from([Line::Had(new.clone())])).expect("written");
                kept.insert(new, ());
                drop(memory);
                let mut file = OpenOptions::new().append(true).open(dir.path().join(FILE)).expect("opens");
                let next = format!("had torn-{number}-of-a-name-that-was-being-written");
                file.write_all(&next.as_bytes()[..torn]).expect("written");
            }
        }
    }
}
