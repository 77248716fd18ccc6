//! What a project released, as far as it decides whether an installer would take it: bounded, whatever is published.

mod reach;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Serial;
use super::version::Pep440;

pub use reach::{Files, Reach, Reaches};

/// Releases kept of a project; beyond it the best of each kind stay (see `Releases::cap`).
const KEPT: usize = 200;
/// Characters of a version. What is longer cannot be a file name (`NAME_MAX` is 255 on Linux).
const LONGEST: usize = 250;

/// The last word on a release, and whose it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "known", rename_all = "lowercase")]
pub enum LastWord {
    /// A feed told of it, and no page has shown its files: taken for installable everywhere, the worst case.
    Told { serial: Option<Serial> },
    /// A page showed these files.
    Shown(Files),
    /// A feed told that it was removed, yanked or quarantined.
    Withdrawn { serial: Option<Serial> },
}

/// One release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// As published; hostile text.
    pub version: String,
    #[serde(flatten)]
    pub word: LastWord,
    /// Did others hold the project when it was made? `None` until a page has said who does.
    #[serde(default)]
    pub by_others: Option<bool>,
}

impl Release {
    /// The files that installers count.
    pub fn files(&self) -> Files {
        match self.word {
            LastWord::Told { .. } => Files::INSTALLABLE,
            LastWord::Shown(files) => files,
            LastWord::Withdrawn { .. } => Files::default(),
        }
    }

    /// Nothing of it can be installed without asking for this very version.
    pub fn is_withdrawn(&self) -> bool {
        match self.word {
            LastWord::Told { .. } => false,
            LastWord::Shown(files) => files.fresh == Reaches::default() && files.yanked != Reaches::default(),
            LastWord::Withdrawn { .. } => true,
        }
    }
}

/// All releases of a project.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Releases {
    /// Highest first (PEP 440); what is no version comes last. Each version once.
    list: Vec<Release>,
    /// Has a page of the project been read? Without one, no release means "not known", not "none".
    looked: bool,
    /// The project's serial on that page.
    as_of: Option<Serial>,
    /// Lower ones that are not in the list.
    left_out: usize,
    /// Those whose version is too long to be kept, or to be a file's.
    unread: usize,
}

/// What is known of a project's releases beside the list of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Whole {
    /// Has a page been read?
    pub looked: bool,
    pub as_of: Option<Serial>,
    pub left_out: usize,
    pub unread: usize,
}

impl Releases {
    /// What a page shows, at the project's serial `as_of` (a mirror's page has none).
    pub fn shown(page: impl IntoIterator<Item = (String, Files)>, as_of: Option<Serial>) -> Self {
        let mut releases = Self { looked: true, as_of, ..Self::default() };
        for (version, files) in page {
            releases.insert(version, LastWord::Shown(files));
        }
        releases.cap();
        releases
    }

    /// What feeds told, for those who state a world by hand.
    pub fn told<'v>(versions: impl IntoIterator<Item = &'v str>) -> Self {
        let mut releases = Self::default();
        for version in versions {
            releases.tell(version, None);
        }
        releases
    }

    /// A feed told of a release. Is it news? What was withdrawn comes back only by a later word of the changelog: RSS,
    /// which has no serials, repeats old items.
    pub fn tell(&mut self, version: &str, serial: Option<Serial>) -> bool {
        let (word, as_of) = (LastWord::Told { serial }, self.as_of);
        match self.list.iter_mut().find(|release| release.version == version) {
            Some(old) if old.is_withdrawn() && serial > old.word.serial() && serial > as_of => old.word = word,
            Some(_) => return false,
            None => {
                self.insert(version.to_owned(), word);
                self.cap();
            }
        }
        true
    }

    /// The changelog told that a release was removed, yanked or quarantined. Was it known to stand?
    pub fn withdraw(&mut self, version: &str, serial: Option<Serial>) -> bool {
        let stood = self.standing().any(|release| release.version == version);
        let word = LastWord::Withdrawn { serial };
        match self.list.iter_mut().find(|release| release.version == version) {
            Some(known) => known.word = word,
            None => self.insert(version.to_owned(), word),
        }
        self.cap();
        stood
    }

    /// Takes in a page. It has the last word on all that happened up to its serial, and none on what feeds told later.
    pub fn learn(&mut self, page: Self) {
        if page.as_of < self.as_of {
            return;
        }
        let newer = |release: &Release| release.word.serial().is_some_and(|told| page.as_of.is_none_or(|at| at < told));
        let whose: BTreeMap<String, Option<bool>> =
            self.list.iter().map(|release| (release.version.clone(), release.by_others)).collect();
        let kept: Vec<Release> = self.list.drain(..).filter(|old| newer(old) || page.may_lack(old)).collect();
        *self = page;
        for old in kept {
            self.list.retain(|release| release.version != old.version);
            self.insert(old.version, old.word);
        }
        for release in &mut self.list {
            release.by_others = whose.get(&release.version).copied().flatten();
        }
        self.cap();
    }

    /// Says of each whether others held the project when it was made.
    pub fn attribute(&mut self, by_others: impl Fn(&Release) -> Option<bool>) {
        for release in &mut self.list {
            release.by_others = by_others(release);
        }
    }

    /// What was made while others held the project.
    pub fn by_others(&self) -> Self {
        let list = self.list.iter().filter(|release| release.by_others == Some(true)).cloned().collect();
        Self { list, ..self.clone() }
    }

    /// What others published that is yanked: installers still take it where it is asked for by `==`.
    pub fn yanked_of_others(&self) -> impl Iterator<Item = &str> {
        let of_others = self.list.iter().filter(|release| release.by_others == Some(true) && release.is_withdrawn());
        of_others.map(|release| release.version.as_str())
    }

    /// Told by RSS and not on this page: which of the two is younger cannot be said.
    fn may_lack(&self, old: &Release) -> bool {
        old.word == LastWord::Told { serial: None } && self.list.iter().all(|release| release.version != old.version)
    }

    fn insert(&mut self, version: String, word: LastWord) {
        if version.chars().count() > LONGEST {
            self.unread += 1;
            return;
        }
        self.list.push(Release { version, word, by_others: None });
    }

    /// Orders the list and keeps no more than `KEPT`: the highest of each kind first, then the second of each, so that
    /// no number of releases of one kind can hide one of another.
    fn cap(&mut self) {
        self.list.sort_by_cached_key(|release| Reverse(Pep440::read(&release.version)));
        if self.list.len() <= KEPT {
            return;
        }
        let mut seen: BTreeMap<_, usize> = BTreeMap::new();
        let rank = |release: &Release| {
            let place = seen.entry(Kind::of(release)).or_default();
            *place += 1;
            *place
        };
        let mut ranks: Vec<(usize, usize)> = self.list.iter().map(rank).zip(0..).collect();
        ranks.sort_unstable();
        let mut kept: Vec<usize> = ranks[..KEPT].iter().map(|(_, at)| *at).collect();
        kept.sort_unstable();
        self.left_out += self.list.len() - KEPT;
        self.list = kept.into_iter().map(|at| self.list[at].clone()).collect();
    }

    pub fn iter(&self) -> impl Iterator<Item = &Release> {
        self.list.iter()
    }

    /// Those that were neither removed nor yanked, highest first.
    pub fn standing(&self) -> impl Iterator<Item = &Release> {
        self.list.iter().filter(|release| !release.is_withdrawn())
    }

    /// Versions of all that stand, highest first; hostile text.
    pub fn versions(&self) -> impl Iterator<Item = &str> {
        self.standing().map(|release| release.version.as_str())
    }

    /// The highest that stand, for a line of text; hostile text.
    pub fn listed(&self, most: usize) -> String {
        let (shown, more) = self.first(most);
        if more == 0 { shown.join(", ") } else { format!("{} and {more} more", shown.join(", ")) }
    }

    /// The same, and how many there are beside them.
    pub fn first(&self, most: usize) -> (Vec<String>, usize) {
        let shown: Vec<String> = self.versions().take(most).map(str::to_owned).collect();
        let more = self.standing().count() - shown.len() + self.left_out;
        (shown, more)
    }

    pub fn contains(&self, version: &str) -> bool {
        self.versions().any(|known| known == version)
    }

    /// Nothing that stands is known.
    pub fn is_empty(&self) -> bool {
        self.standing().next().is_none()
    }

    pub fn looked(&self) -> bool {
        self.looked
    }

    pub fn left_out(&self) -> usize {
        self.left_out
    }

    pub fn unread(&self) -> usize {
        self.unread
    }

    /// How far the page had come that was read last.
    pub fn as_of(&self) -> Option<Serial> {
        self.as_of
    }

    /// As they were kept: the list in its order, and what is known of the whole.
    pub fn kept(list: Vec<Release>, whole: Whole) -> Self {
        let Whole { looked, as_of, left_out, unread } = whole;
        Self { list, looked, as_of, left_out, unread }
    }
}

impl LastWord {
    /// Of the event that told it; a page is no event.
    fn serial(self) -> Option<Serial> {
        match self {
            Self::Told { serial } | Self::Withdrawn { serial } => serial,
            Self::Shown(_) => None,
        }
    }
}

/// What makes one release decide otherwise than another of the same version.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Kind {
    files: Files,
    /// Pre-release, final, or no version at all.
    is_final: Option<bool>,
    /// Some installers cannot read it.
    is_large: bool,
}

impl Kind {
    fn of(release: &Release) -> Self {
        let read = Pep440::read(&release.version);
        Self {
            files: release.files(),
            is_final: read.as_ref().map(Pep440::is_final),
            is_large: read.is_some_and(|read| read.is_large()),
        }
    }
}
