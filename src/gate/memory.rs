//! What was ever ours, on disk, a line each and none ever taken back: neither a restart nor half of an inventory opens the
//! way to PyPI for it. A person may take a line out while no gate runs.
//!
//! There is a copy of the file beside it, in which every line stands after it stood in the file. What the copy has and the file
//! lacks was lost, be it cut off or altered, and the copy says what it was: a checksum would only say that something is amiss.

mod line;
mod tape;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::TryLockError;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};

use super::policy::Binding;
use crate::failpoint;
use crate::model::{ProjectName, Registry, WatchId};
use line::Line;
use tape::Tape;

/// The file, below `[gate] state`.
const FILE: &str = "ours";
const COPY: &str = "ours.copy";
/// Says that there were lines: without it nobody could tell two files that are gone from a first start.
const THERE: &str = "ours.there";
/// Its first line, which says what it is and how to read it.
const HEAD: &str = "# namewarden gate 1: names that never come from PyPI; take a line out, here and in ours.copy, only while no gate runs";
/// So the first line begins, whoever wrote it.
const HEADS: &str = "# namewarden gate 1: ";

/// Whatever is bound for good.
#[derive(Debug)]
pub struct Memory {
    written: Mutex<Written>,
    /// What is on the disk: whoever only asks does not wait for it.
    lines: RwLock<BTreeSet<Line>>,
    /// What the private index had, by what PyPI cannot tell apart.
    alike: RwLock<BTreeMap<String, ProjectName>>,
}

#[derive(Debug)]
struct Written {
    /// Locked as long as it is open.
    ours: Tape,
    copy: Tape,
    /// What the copy did not take yet.
    uncopied: String,
    /// What says that there were lines, until it is there.
    unsaid: Option<PathBuf>,
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
    #[error(
        "{0}:{line}: {text:?} was here and is gone, one of {lost} lines that {1} still has; put them back with `cp {1} {0}`, or \
         remove {1}, where they are to be free for PyPI",
        path.display(),
        copy.display()
    )]
    Lost { path: PathBuf, copy: PathBuf, line: usize, text: String, lost: usize },
    #[error(
        "{} had lines, and neither it nor {} has one any more; restore one of them from a backup, or remove {}, where all that was \
         ours is to be free for PyPI",
        path.display(),
        copy.display(),
        there.display()
    )]
    Gone { path: PathBuf, copy: PathBuf, there: PathBuf },
}

/// What stands in a file, with the numbers of its lines.
type Numbered = Vec<(usize, Line)>;

impl Memory {
    /// What is remembered in this directory, which is made where there is none. Half a line at its end was never acted on, but
    /// may be one that an editor left without its end: what can be read of it binds.
    ///
    /// # Errors
    /// See [`MemoryError`]. Whoever does not know what was ours must not start.
    pub fn open(dir: &Path) -> Result<Self, MemoryError> {
        let path = dir.join(FILE);
        let (mut ours, lines, rest) = read(dir, &path, true)?;
        // Half a line of the copy stands whole in the file.
        let (copy, copied, _) = read(dir, &dir.join(COPY), false)?;
        let last = Line::parse(&rest);
        let lines: BTreeSet<Line> = lines.into_iter().map(|(_, line)| line).collect();
        if let Some(lost) = lost(dir, &copied, &lines) {
            return Err(lost);
        }
        let was_there =
            dir.join(THERE).try_exists().map_err(|error| MemoryError::Disk { path: path.clone(), error })?;
        if was_there && lines.is_empty() && last.is_none() {
            return Err(MemoryError::Gone { path, copy: dir.join(COPY), there: dir.join(THERE) });
        }
        if ours.is_empty() {
            ours.append(&format!("{HEAD}\n")).map_err(|error| MemoryError::Disk { path: path.clone(), error })?;
        }
        let copied: BTreeSet<Line> = copied.into_iter().map(|(_, line)| line).collect();
        let head = if copy.is_empty() { format!("{HEAD}\n") } else { String::new() };
        let uncopied = head + &text(lines.difference(&copied));
        let unsaid = (!was_there).then(|| dir.join(THERE));
        let mut written = Written { ours, copy, uncopied, unsaid };
        written.catch_up(!lines.is_empty());
        let alike = RwLock::new(alike(&lines));
        let memory = Self { written: Mutex::new(written), lines: RwLock::new(lines), alike };
        memory.add(last.into_iter().collect()).map_err(|error| MemoryError::Disk { path, error })?;
        Ok(memory)
    }

    /// The names and prefixes that any inventory had.
    pub fn binding(&self) -> Binding {
        let lines = self.lines();
        let watches = lines.iter().filter_map(|line| match line {
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
        self.add(watches.collect())
    }

    /// How many names the private index ever had.
    pub fn had_by_private(&self) -> usize {
        self.lines().iter().filter(|line| matches!(line, Line::Had(_))).count()
    }

    /// Those names.
    pub(super) fn names_had(&self) -> BTreeSet<ProjectName> {
        let lines = self.lines();
        let had = lines.iter().filter_map(|line| match line {
            Line::Had(name) => Some(name.clone()),
            Line::Watch(..) => None,
        });
        had.collect()
    }

    /// Which of those an inventory lacks, in words; `None`: it has all of them.
    pub fn drift(&self, inventory: &Binding) -> Option<String> {
        const SHOWN: usize = 5;
        let lacks = |name: &ProjectName| inventory.of(name).is_none() && !inventory.is_public(name);
        let missing: Vec<ProjectName> = self.names_had().into_iter().filter(lacks).collect();
        let (number, last) = (missing.len(), missing.len().min(SHOWN));
        let named: Vec<&str> = missing[..last].iter().map(ProjectName::as_str).collect();
        let more = if number > SHOWN { ", …" } else { "" };
        let which = format!("{}{more}", named.join(", "));
        (number > 0).then(|| {
            format!(
                "the private index has names that the inventory lacks, {number} of them ({which}): the gate binds them, and nobody watches \
                 them at PyPI; add them to the inventory"
            )
        })
    }

    /// Did the private index ever have it?
    pub(super) fn had(&self, name: &ProjectName) -> bool {
        self.lines().contains(&Line::Had(name.clone()))
    }

    /// The name that the private index had, of which this is one spelling: PyPI itself takes the two for one (PEP 503 and its `ultranormalize_name`).
    /// `alike`: this one in that form.
    pub(super) fn had_alike(&self, name: &ProjectName, alike: &str) -> Option<ProjectName> {
        // Every name that was had is among these, and nearly none that is asked for.
        let had = self.alike.read().unwrap_or_else(PoisonError::into_inner).get(alike).cloned()?;
        Some(if self.had(name) { name.clone() } else { had })
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
        let kept = tokio::task::spawn_blocking(move || memory.add(BTreeSet::from([line]))).await;
        failpoint::hit(failpoint::Step::GateKept);
        kept.unwrap_or_else(|ended| Err(io::Error::other(ended)))
    }

    fn lines(&self) -> RwLockReadGuard<'_, BTreeSet<Line>> {
        self.lines.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, Written> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, wanted: BTreeSet<Line>) -> io::Result<()> {
        let mut written = self.lock();
        let new: BTreeSet<Line> = wanted.difference(&self.lines()).cloned().collect();
        if !new.is_empty() {
            written.append(&text(&new))?;
            self.alike.write().unwrap_or_else(PoisonError::into_inner).extend(alike(&new));
            self.lines.write().unwrap_or_else(PoisonError::into_inner).extend(new);
            written.catch_up(true);
        }
        Ok(())
    }
}

impl Written {
    fn append(&mut self, text: &str) -> io::Result<()> {
        self.ours.append(text)?;
        self.uncopied.push_str(text);
        Ok(())
    }

    /// What the copy lacks binds all the same, and is copied with the next line or at the next start. That there were lines is said
    /// after there are: a kill in between is no loss.
    fn catch_up(&mut self, has_lines: bool) {
        if !self.uncopied.is_empty() {
            match self.copy.append(&self.uncopied) {
                Ok(()) => self.uncopied.clear(),
                Err(error) => {
                    tracing::warn!(%error, "{COPY} in [gate] state takes nothing, and lags behind; make room");
                }
            }
        }
        if let Some(there) = self.unsaid.take_if(|_| has_lines)
            && let Err(error) = tape::touch(&there)
        {
            tracing::warn!(%error, "{THERE} cannot be made in [gate] state; make room");
            self.unsaid = Some(there);
        }
    }
}

fn read(dir: &Path, path: &Path, locks: bool) -> Result<(Tape, Numbered, String), MemoryError> {
    let failed = |error| MemoryError::Disk { path: path.to_owned(), error };
    let mut tape = Tape::open(dir, path).map_err(failed)?;
    if locks {
        tape.file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => MemoryError::Taken(path.to_owned()),
            TryLockError::Error(error) => failed(error),
        })?;
    }
    let found = tape.read().map_err(failed)?;
    let lines = parsed(path, &found.whole)?;
    Ok((tape, lines, found.rest))
}

fn parsed(path: &Path, text: &str) -> Result<Numbered, MemoryError> {
    let is_one = |at: usize, line: &str| !line.is_empty() && (at > 0 || !line.starts_with(HEADS));
    let lines = text.lines().enumerate().filter(|(at, line)| is_one(*at, line));
    lines
        .map(|(at, line)| {
            let damaged = || MemoryError::Damaged { path: path.to_owned(), line: at + 1, text: line.to_owned() };
            Ok((at + 1, Line::parse(line).ok_or_else(damaged)?))
        })
        .collect()
}

/// Every line of the copy was in the file first, at the same place but for what people did.
fn lost(dir: &Path, copied: &Numbered, lines: &BTreeSet<Line>) -> Option<MemoryError> {
    let gone: Vec<&(usize, Line)> = copied.iter().filter(|(_, line)| !lines.contains(line)).collect();
    let (line, first) = gone.first()?;
    let (path, copy) = (dir.join(FILE), dir.join(COPY));
    Some(MemoryError::Lost { path, copy, line: *line, text: first.to_string(), lost: gone.len() })
}

/// Those that the private index had, by what PyPI cannot tell apart.
fn alike(lines: &BTreeSet<Line>) -> BTreeMap<String, ProjectName> {
    let had = lines.iter().filter_map(|line| match line {
        Line::Had(name) => Some((name.ultranormal(), name.clone())),
        Line::Watch(..) => None,
    });
    had.collect()
}

fn text<'l>(lines: impl IntoIterator<Item = &'l Line>) -> String {
    lines.into_iter().map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests;
