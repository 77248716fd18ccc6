//! What a page says beside what it said before: PyPI lets nobody use the name of a file twice, so that other bytes under one, and a date
//! from before a file was there, are nobody's release.
//!
//! It is kept with the page, over restarts, and so as long as the page is: of a project that was not there for a while nothing is known.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::gate::altered::Altered;
use crate::gate::page::{PageFile, ProjectPage};
use crate::model::Time;
use crate::upstream::FetchError;

/// An index may show what was uploaded so much later: repositories that stand before PyPI keep a page for up to a day. Who dates back by less gains
/// less, and ages are counted in days.
const LAG: TimeDelta = TimeDelta::hours(26);
/// Files of one page, so that what is kept of it stays small.
const MOST: usize = 3000;

/// What is kept of earlier pages of a project.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::gate) struct PageHistory {
    /// By name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    altered: BTreeMap<String, AlteredFile>,
    /// Digests of files that were there, by name: one that comes back is none of a new date.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    gone: BTreeMap<String, String>,
    /// There were more of those than are kept.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    forgot: bool,
}

/// A file that contradicts what was there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct AlteredFile {
    sha256: String,
    /// Of the bytes that were there first; `None`: none were.
    was: Option<String>,
    how: Altered,
    /// The page has it now.
    is_there: bool,
}

/// A file, as a page listed it.
#[derive(Clone, Debug)]
pub(in crate::gate) struct SeenFile {
    filename: String,
    sha256: String,
    uploaded: Option<Time>,
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
        let may_be_new = seen.is_some() && !self.forgot;
        for file in &page.files {
            next.gone.remove(&file.filename);
            match self.of(file, known.get(file.filename.as_str()).copied(), may_be_new.then_some(said)) {
                Some(altered) => drop(next.altered.insert(file.filename.clone(), altered)),
                None => drop(next.altered.remove(&file.filename)),
            }
        }
        next.let_go(&known, page);
        match next.altered.len() > MOST {
            true => Err(FetchError::Garbled(format!("more than {MOST} of its files contradict what it said before"))),
            false => Ok(next),
        }
    }

    /// What is wrong with this file. `since`: what is new and older than that is dated back; `None`: nobody knows what is new.
    fn of(&self, file: &PageFile, known: Option<&SeenFile>, since: Option<Time>) -> Option<AlteredFile> {
        let before = self.altered.get(&file.filename);
        let gone = self.gone.get(&file.filename);
        let was = match before {
            Some(before) => before.was.as_ref(),
            None => known.map(|known| &known.sha256).or(gone),
        };
        let uploaded = file.uploaded.at();
        let same = known.filter(|known| known.sha256 == file.sha256).and_then(|known| known.uploaded);
        let is_earlier = || same.zip(uploaded).is_some_and(|(was, is)| is + LAG < was);
        let is_of_before = || since.zip(uploaded).is_some_and(|(since, uploaded)| uploaded + LAG < since);
        let how = match (before, was) {
            (Some(before), _) if before.sha256 == file.sha256 => Some(before.how),
            (_, Some(was)) if *was != file.sha256 => Some(Altered::Replaced),
            (_, Some(_)) => is_earlier().then_some(Altered::Backdated),
            (Some(_), None) => Some(Altered::Replaced),
            (None, None) => is_of_before().then_some(Altered::Backdated),
        };
        how.map(|how| AlteredFile { sha256: file.sha256.clone(), was: was.cloned(), how, is_there: true })
    }

    /// Keeps what this page lacks, as far as there is room.
    fn let_go(&mut self, known: &BTreeMap<&str, &SeenFile>, page: &ProjectPage) {
        let there: BTreeSet<&str> = page.files.iter().map(|file| file.filename.as_str()).collect();
        for (name, file) in known.iter().filter(|(name, _)| !there.contains(*name)) {
            if self.altered.contains_key(*name) || self.gone.contains_key(*name) {
                continue;
            }
            match self.gone.len() < MOST {
                true => drop(self.gone.insert((*name).to_owned(), file.sha256.clone())),
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

    /// Files that the page has now and that contradict what it said, with their digests.
    pub(super) fn contradictions(&self) -> impl Iterator<Item = (&str, &str)> {
        let there = self.altered.iter().filter(|(_, of)| of.is_there);
        there.map(|(filename, of)| (filename.as_str(), of.sha256.as_str()))
    }

    /// What it takes of the memory, in bytes.
    pub(super) fn weight(&self) -> usize {
        let altered = self.altered.keys().map(|name| name.len() + 300).sum::<usize>();
        altered + self.gone.keys().map(|name| name.len() + 150).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::ProjectName;

    fn at(hours: i64) -> Time {
        "2026-11-27T12:00:00Z".parse::<Time>().expect("a time") + TimeDelta::hours(hours)
    }

    /// Files by number, with the digit that their digests are made of and how many hours after noon they were uploaded.
    fn page(files: &[(usize, char, i64)]) -> ProjectPage {
        let name = ProjectName::parse("widgets").expect("valid");
        let base = url::Url::parse("https://index.example/simple/widgets/").expect("an address");
        let file = |(number, digit, hours): &(usize, char, i64)| {
            json!({"filename": format!("widgets-{number}.tar.gz"), "url": format!("{number}"), "upload-time": at(*hours),
                   "hashes": {"sha256": digit.to_string().repeat(64)}})
        };
        let files: Vec<_> = files.iter().map(file).collect();
        ProjectPage::read(&name, &base, json!({"name": "widgets", "files": files}).to_string().as_bytes())
            .expect("read")
    }

    type Files<'f> = &'f [(usize, char, i64)];

    /// What is said of the last of these pages, each said so many hours after noon.
    fn of(pages: &[(i64, Files<'_>)]) -> (PageHistory, Vec<(usize, Altered)>) {
        let (mut history, mut before) = (PageHistory::default(), None::<(ProjectPage, Time)>);
        for (hours, files) in pages {
            let new = page(files);
            if let Some((last, said)) = &before {
                history = history.after(Some(&SeenFile::all(last)), *said, &new).expect("few");
            }
            before = Some((new, at(*hours)));
        }
        let (mut last, _) = before.expect("a page");
        history.mark(&mut last);
        let number = |file: &PageFile| file.version.as_deref().and_then(|version| version.parse().ok());
        let marked = last.files.iter().filter_map(|file| number(file).zip(file.altered)).collect();
        (history, marked)
    }

    const NONE: [(usize, Altered); 0] = [];
    const FIRST: Files<'_> = &[(1, 'a', -900), (2, 'b', -400)];

    #[test]
    fn other_bytes_under_a_name_are_told_until_the_first_are_back() {
        let other = &[(1, 'c', -2), (2, 'b', -400)][..];
        let third = &[(1, 'd', -900), (2, 'b', -400)][..];
        assert_eq!(of(&[(0, FIRST), (1, FIRST)]).1, NONE);
        assert_eq!(of(&[(0, FIRST), (1, other)]).1, [(1, Altered::Replaced)]);
        assert_eq!(of(&[(0, FIRST), (1, other), (2, other), (3, other)]).1, [(1, Altered::Replaced)], "and stays so");
        assert_eq!(of(&[(0, FIRST), (1, other), (2, third)]).1, [(1, Altered::Replaced)]);
        assert_eq!(of(&[(0, FIRST), (1, other), (2, FIRST)]).1, NONE, "what was there first");
        let without = &FIRST[1..];
        assert_eq!(of(&[(0, FIRST), (1, without), (2, other)]).1, [(1, Altered::Replaced)], "gone in between");
        assert_eq!(of(&[(0, FIRST), (1, other), (2, without), (3, other)]).1, [(1, Altered::Replaced)]);
        assert_eq!(of(&[(0, FIRST), (1, other), (2, without)]).0.contradictions().count(), 0, "it is not there");
    }

    #[test]
    fn a_date_from_before_a_file_was_there_is_told_and_one_of_a_slow_index_is_none() {
        let with = |hours: i64| [FIRST, &[(3, 'e', hours)]].concat();
        for (uploaded, marked) in [(1, vec![]), (-1, vec![]), (-26, vec![]), (-27, vec![(3, Altered::Backdated)])] {
            assert_eq!(of(&[(0, FIRST), (2, &with(uploaded))]).1, marked, "uploaded {uploaded} hours after");
        }
        assert_eq!(of(&[(0, FIRST), (2, &with(-500)), (3, &with(-500))]).1, [(3, Altered::Backdated)], "and stays so");
        let again = [(0, FIRST), (2, &with(-500)[..]), (3, FIRST), (4, &with(-500)[..])];
        assert_eq!(of(&again).1, [(3, Altered::Backdated)], "and where it was away");
        let older = &[(1, 'a', -900), (2, 'b', -500)][..];
        assert_eq!(of(&[(0, FIRST), (1, older)]).1, [(2, Altered::Backdated)], "the same bytes, dated anew");
        assert_eq!(of(&[(0, older), (1, FIRST)]).1, NONE, "younger than it was");
        assert_eq!(of(&[(0, FIRST), (1, &[(1, 'a', -901), (2, 'b', -400)])]).1, NONE, "as good as the same");
    }

    #[test]
    fn what_was_in_quarantine_comes_back_as_it_was() {
        assert_eq!(of(&[(0, FIRST), (1, &[]), (500, &[]), (501, FIRST)]).1, NONE);
        assert_eq!(of(&[(0, FIRST), (1, &[]), (2, &[(1, 'c', -900)])]).1, [(1, Altered::Replaced)]);
    }

    #[test]
    fn a_file_that_is_dated_back_makes_its_project_no_older() {
        let young = page(&[(1, 'a', -20)]);
        let mut with = page(&[(1, 'a', -20), (2, 'b', -20_000)]);
        let history = PageHistory::default().after(Some(&SeenFile::all(&young)), at(0), &with).expect("few");
        history.mark(&mut with);
        assert_eq!(with.first_upload, Some(at(-20)));
    }

    #[test]
    fn of_a_page_that_is_lost_nothing_is_held_against_the_next() {
        let history = PageHistory::default().after(None, at(0), &page(FIRST)).expect("few");
        assert_eq!(history, PageHistory::default());
    }

    #[test]
    fn what_is_kept_is_bounded_and_a_page_that_contradicts_itself_throughout_is_none() {
        let many = |digit| (0..=MOST).map(|number| (number, digit, -900)).collect::<Vec<_>>();
        let (before, said) = (SeenFile::all(&page(&many('a'))), at(0));
        let other = PageHistory::default().after(Some(&before), said, &page(&many('b')));
        assert!(matches!(other, Err(FetchError::Garbled(_))));
        let none = PageHistory::default().after(Some(&before), said, &page(&[])).expect("nothing is there");
        assert_eq!((none.gone.len(), none.forgot), (MOST, true));
        let back = none.after(Some(&[]), said, &page(&many('a'))).expect("as they were");
        assert_eq!(back.contradictions().count(), 0, "which of them are new is not known any more");
    }
}
