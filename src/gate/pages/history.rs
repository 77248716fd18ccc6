//! What a page says beside what it said before: PyPI lets nobody use the name of a file twice, so that other bytes under one, and a date
//! from before a file was there, are nobody's release.
//!
//! It is kept with the page, over restarts, and so as long as the page is: of a project that was not there for a while nothing is known.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::print::Print;
use crate::gate::altered::Altered;
use crate::gate::page::{PageFile, ProjectPage};
use crate::model::Time;
use crate::upstream::FetchError;

/// An index may show what was uploaded so much later: repositories that stand before PyPI keep a page for up to a day. Who dates back by less gains
/// less, and ages are counted in days.
const LAG: TimeDelta = TimeDelta::hours(26);
/// Repositories before PyPI may cut off the parts of a second.
const SLIGHT: TimeDelta = TimeDelta::seconds(1);
/// Files of one page, so that what is kept of it stays small.
const MOST: usize = 3000;

/// What is kept of earlier pages of a project.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::gate) struct PageHistory {
    /// By name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    altered: BTreeMap<String, AlteredFile>,
    /// Files as they were there first, by name, of which the page does not say that: they are gone, or are dated to earlier by now. One that comes
    /// back is none of a new date, and none of an older one.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    gone: BTreeMap<String, FirstFile>,
    /// There were more of those than are kept.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    forgot: bool,
}

/// A file that contradicts what was there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct AlteredFile {
    sha256: String,
    /// What was there first; `None`: nothing was.
    was: Option<FirstFile>,
    how: Altered,
    /// The page has it now.
    is_there: bool,
}

/// What was there first under a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "WrittenFirst")]
struct FirstFile {
    sha256: String,
    /// The latest time that was said of these bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    uploaded: Option<Time>,
}

/// The same as it is written, and as an earlier version wrote it.
#[derive(Deserialize)]
#[serde(untagged)]
enum WrittenFirst {
    Digest(String),
    Dated {
        sha256: String,
        #[serde(default)]
        uploaded: Option<Time>,
    },
}

impl From<WrittenFirst> for FirstFile {
    fn from(written: WrittenFirst) -> Self {
        match written {
            WrittenFirst::Digest(sha256) => Self { sha256, uploaded: None },
            WrittenFirst::Dated { sha256, uploaded } => Self { sha256, uploaded },
        }
    }
}

impl FirstFile {
    fn of(seen: &SeenFile) -> Self {
        Self { sha256: seen.sha256.clone(), uploaded: seen.uploaded }
    }

    /// Is it said to be older by more than that?
    fn is_older_by(&self, by: TimeDelta, uploaded: Option<Time>) -> bool {
        self.uploaded.zip(uploaded).is_some_and(|(was, is)| is + by < was)
    }
}

/// A file, as a page listed it.
#[derive(Clone, Debug)]
pub(in crate::gate) struct SeenFile {
    filename: String,
    sha256: String,
    uploaded: Option<Time>,
}

impl AlteredFile {
    fn there(file: &PageFile, was: Option<FirstFile>, how: Altered) -> Self {
        Self { sha256: file.sha256.clone(), was, how, is_there: true }
    }
}

impl SeenFile {
    pub(in crate::gate) fn all(page: &ProjectPage) -> Vec<Self> {
        let seen = |file: &PageFile| Self {
            filename: file.filename.clone(),
            sha256: file.sha256.clone(),
            uploaded: file.uploaded.at(),
        };
        page.files.iter().map(seen).collect()
    }
}

impl PageHistory {
    /// With this page, which comes after one that was said then and had these files; `None`: what it had is lost.
    ///
    /// # Errors
    /// [`FetchError::Garbled`] where more contradicts than can be kept: the page is nobody's.
    pub(in crate::gate) fn after(
        &self,
        seen: Option<&[SeenFile]>,
        said: Time,
        page: &ProjectPage,
    ) -> Result<Self, FetchError> {
        let known: BTreeMap<&str, &SeenFile> =
            seen.unwrap_or_default().iter().map(|file| (file.filename.as_str(), file)).collect();
        let mut next = Self { gone: self.gone.clone(), forgot: self.forgot, ..Self::default() };
        let away =
            |(name, file): (&String, &AlteredFile)| (name.clone(), AlteredFile { is_there: false, ..file.clone() });
        next.altered = self.altered.iter().map(away).collect();
        let since = (seen.is_some() && !self.forgot).then_some(said);
        for file in &page.files {
            let was = self.first(&file.filename, known.get(file.filename.as_str()).copied());
            match self.of(file, was.as_ref(), since).or_else(|| next.follow(file, was, since)) {
                Some(altered) => {
                    next.gone.remove(&file.filename);
                    next.altered.insert(file.filename.clone(), altered);
                }
                None => drop(next.altered.remove(&file.filename)),
            }
        }
        next.let_go(&known, page);
        match next.altered.len() > MOST {
            true => Err(FetchError::Garbled(format!("more than {MOST} of its files contradict what it said before"))),
            false => Ok(next),
        }
    }

    /// What was there first under a name, dated to the latest that was said of it. `known`: on the page before.
    fn first(&self, filename: &str, known: Option<&SeenFile>) -> Option<FirstFile> {
        if let Some(before) = self.altered.get(filename) {
            return before.was.clone();
        }
        let (kept, known) = (self.gone.get(filename).cloned(), known.map(FirstFile::of));
        match (kept, known) {
            (Some(kept), Some(known)) => Some(FirstFile { uploaded: kept.uploaded.max(known.uploaded), ..kept }),
            (kept, known) => kept.or(known),
        }
    }

    /// What is wrong with this file. `since`: what is new and older than that is dated back; `None`: nobody knows what is new.
    fn of(&self, file: &PageFile, was: Option<&FirstFile>, since: Option<Time>) -> Option<AlteredFile> {
        let (before, uploaded) = (self.altered.get(&file.filename), file.uploaded.at());
        let is_of_before = || since.zip(uploaded).is_some_and(|(since, uploaded)| uploaded + LAG < since);
        let how = match (before, was) {
            (Some(before), _) if before.sha256 == file.sha256 => Some(before.how),
            (_, Some(was)) if was.sha256 != file.sha256 => Some(Altered::Replaced),
            (_, Some(was)) => was.is_older_by(LAG, uploaded).then_some(Altered::Backdated),
            (Some(_), None) => Some(Altered::Replaced),
            (None, None) => is_of_before().then_some(Altered::Backdated),
        };
        how.map(|how| AlteredFile::there(file, was.cloned(), how))
    }

    /// Keeps of a file that is fine how it was dated first, where it is dated to earlier by now: step by step it would become as old as somebody
    /// likes. Where there is no room for that, it is not fine.
    fn follow(&mut self, file: &PageFile, was: Option<FirstFile>, since: Option<Time>) -> Option<AlteredFile> {
        self.gone.remove(&file.filename);
        if file.uploaded.at().is_none() {
            self.follow_undated(file, was, since);
            return None;
        }
        let was = was.filter(|was| was.is_older_by(SLIGHT, file.uploaded.at()))?;
        if self.gone.len() >= MOST {
            return Some(AlteredFile::there(file, Some(was), Altered::Backdated));
        }
        self.gone.insert(file.filename.clone(), was);
        None
    }

    /// The same of one that is not dated now, or by what is no time: once it is, it is no older than it was, and one that is new is none from before
    /// the page was seen without it. `since`: when that was.
    fn follow_undated(&mut self, file: &PageFile, was: Option<FirstFile>, since: Option<Time>) {
        let first = was.unwrap_or_else(|| FirstFile { sha256: file.sha256.clone(), uploaded: since });
        if first.uploaded.is_some() && self.gone.len() < MOST {
            self.gone.insert(file.filename.clone(), first);
        }
    }

    /// Keeps what this page lacks, as far as there is room.
    fn let_go(&mut self, known: &BTreeMap<&str, &SeenFile>, page: &ProjectPage) {
        let there: BTreeSet<&str> = page.files.iter().map(|file| file.filename.as_str()).collect();
        for (name, file) in known.iter().filter(|(name, _)| !there.contains(*name)) {
            if self.altered.contains_key(*name) || self.gone.contains_key(*name) {
                continue;
            }
            match self.gone.len() < MOST {
                true => drop(self.gone.insert((*name).to_owned(), FirstFile::of(file))),
                false => self.forgot = true,
            }
        }
    }

    /// Says so of each file of the page that it is about.
    pub(in crate::gate) fn mark(&self, page: &mut ProjectPage) {
        if !self.altered.is_empty() {
            page.mark(|file| self.altered.get(&file.filename).filter(|of| of.sha256 == file.sha256).map(|of| of.how));
        }
    }

    /// By what a page that came is told from the same one that came after others. `came`: its own.
    pub(super) fn print(&self, came: Print) -> Print {
        let there = self.altered.iter().filter(|(_, of)| of.is_there);
        let lines: String = there.map(|(name, of)| format!("{name} {} {:?}\n", of.sha256, of.how)).collect();
        if lines.is_empty() { came } else { Sha256::new().chain_update(came).chain_update(lines).finalize().into() }
    }

    /// Files that the page has now and that contradict what it said, with their digests.
    pub(super) fn contradictions(&self) -> impl Iterator<Item = (&str, &str)> {
        let there = self.altered.iter().filter(|(_, of)| of.is_there);
        there.map(|(filename, of)| (filename.as_str(), of.sha256.as_str()))
    }

    /// What it takes of the memory, in bytes.
    pub(super) fn weight(&self) -> usize {
        let altered = self.altered.keys().map(|name| name.len() + 320).sum::<usize>();
        altered + self.gone.keys().map(|name| name.len() + 170).sum::<usize>()
    }
}

#[cfg(test)]
mod tests;
