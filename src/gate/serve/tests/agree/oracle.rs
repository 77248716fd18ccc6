//! What ought to be answered: a plain list of what the rules of `docs/gate.md` say, which shares no line with what decides.

use std::collections::{BTreeMap, BTreeSet};

use super::rules::{BoundBy, CLIENTS, DAY, Rules, SHARED_FOR, USED_FOR, is_shared, publisher};
use super::there::{FILES, Listed, Place, Project, Said};
use crate::gate::policy::Mode;

/// A page is taken for what it is so long, and for what it was while its index is down.
pub(super) const FRESH: i64 = 60;
const STALE: i64 = DAY;
/// An index may show so late what was uploaded.
const LAG: i64 = 26 * 3600;
/// Clocks may differ by so much.
const ALLOWED: i64 = 300;

/// One moment, by both clocks: what lets out goes by the earlier, what ends by the later, where they differ by more than matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) reached: i64,
    pub(super) passed: i64,
}

/// What becomes of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Given,
    /// For one of these reasons.
    Held(BTreeSet<&'static str>),
    Missing,
    /// Nobody can tell.
    NotNow,
}

/// What becomes of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PageFate {
    /// Which of its files are listed as yanked for being held.
    Listed(BTreeMap<usize, bool>),
    Held(&'static str),
    Missing,
    NotNow,
}

/// How what an index says contradicts what it said before, by the names of files: what was there first, and which bytes are wrong.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    /// When the page was last seen.
    said: Option<i64>,
    /// Its bytes, and the latest time that was said of them.
    first: BTreeMap<usize, (u8, Option<i64>)>,
    altered: BTreeMap<usize, u8>,
}

impl History {
    /// The page as it is seen at that moment.
    fn sees(&mut self, files: &[Listed], now: i64) {
        for file in files {
            let (name, content, uploaded) = (file.name, file.content, file.uploaded.seconds());
            let (first, was_altered) = (self.first.get(&name).copied(), self.altered.get(&name).copied());
            let is_altered = match (first, was_altered) {
                (_, Some(altered)) if altered == content => true,
                (Some((bytes, _)), _) if bytes != content => true,
                (Some((_, dated)), _) => dated.zip(uploaded).is_some_and(|(dated, is)| is + LAG < dated),
                (None, Some(_)) => true,
                (None, None) => self.said.zip(uploaded).is_some_and(|(said, is)| is + LAG < said),
            };
            match is_altered {
                true => drop(self.altered.insert(name, content)),
                false => {
                    self.altered.remove(&name);
                    // One that is new is none from before the page was seen without it.
                    let (_, dated) = first.unwrap_or((content, if uploaded.is_none() { self.said } else { None }));
                    self.first.insert(name, (content, dated.max(uploaded)));
                }
            }
        }
        self.said = Some(now);
    }
}

/// What the gate knows of one index: what it said at its last look, and when it said so.
#[derive(Clone, Debug, Default)]
pub(super) struct Looked {
    at: Option<i64>,
    page: Option<Project>,
    /// Until then it is gone by while the index is down.
    until: i64,
    history: History,
}

impl Looked {
    /// What is known after this request; `None`: nobody can tell. The last tells whether the index was asked.
    pub(super) fn at(
        &mut self,
        now: i64,
        reached: i64,
        project: Option<&Project>,
        down: bool,
    ) -> (Option<Option<Project>>, bool) {
        if self.at.is_some_and(|at| now - at < FRESH) {
            return (Some(self.page.clone()), false);
        }
        if down {
            let is_kept = self.page.is_some() && now < self.until;
            if is_kept {
                self.at = Some(now);
            }
            return (is_kept.then(|| self.page.clone()), true);
        }
        (self.at, self.until, self.page) = (Some(now), now + STALE, project.cloned());
        match project {
            Some(project) => self.history.sees(&project.files, reached),
            None => self.history = History::default(),
        }
        (Some(self.page.clone()), true)
    }
}

/// Which page the name has, by what may be given out of it.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) is_private: bool,
    pub(super) project: Project,
    altered: BTreeMap<usize, u8>,
}

/// Where a name leads.
#[derive(Clone, Debug)]
pub(super) enum Leads {
    Found(Found),
    Internal,
    Missing,
    NotNow,
}

/// What persons decided, as they were told that they did.
#[derive(Clone, Debug, Default)]
pub(super) struct Decided {
    /// By review: which bytes, until when.
    pub(super) approved: BTreeMap<i64, (BTreeSet<String>, Option<i64>)>,
    /// By review: of which version, and which bytes.
    pub(super) rejected: BTreeMap<i64, (Option<u8>, BTreeSet<String>)>,
    /// When each person vouched for the project.
    pub(super) vouched: BTreeMap<u32, i64>,
}

/// Everything that decides.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ruled<'a> {
    pub(super) rules: &'a Rules,
    pub(super) decided: &'a Decided,
    /// So many persons have to agree.
    pub(super) persons: usize,
}

impl BoundBy {
    pub(super) fn is_ours(self) -> bool {
        matches!(self, Self::Name | Self::Alike | Self::Prefix)
    }
}

impl Found {
    pub(super) fn of(is_private: bool, project: Project, looked: &Looked) -> Self {
        let altered = if is_private { BTreeMap::new() } else { looked.history.altered.clone() };
        Self { is_private, project, altered }
    }

    fn is_altered(&self, file: &Listed) -> bool {
        self.altered.get(&file.name) == Some(&file.content)
    }

    /// When the project began, by what does not contradict itself, and where all of that says so.
    fn born(&self) -> Option<i64> {
        let times = self.project.files.iter().filter(|file| !self.is_altered(file)).map(|file| file.uploaded.seconds());
        times.collect::<Option<Vec<_>>>()?.into_iter().min()
    }

    /// Is it PyPI's, though the private index lists it? Surely, or by where it lies beside others.
    fn stray(&self, file: &Listed) -> Option<bool> {
        let is_any_other = self.project.files.iter().any(|file| matches!(file.place, Place::Near | Place::Moved));
        match file.place {
            Place::Pypi => Some(true),
            Place::Store if is_any_other => Some(false),
            _ => None,
        }
    }
}

impl Ruled<'_> {
    pub(super) fn file(&self, found: &Found, name: usize, now: Moment) -> Fate {
        let Self { rules, .. } = self;
        let of_page = (!found.is_private && found.project.quarantined).then(|| held("quarantined"));
        if let Some(fate) = of_page {
            return fate;
        }
        let Some(file) = found.project.files.iter().find(|file| file.name == name) else { return Fate::Missing };
        if found.is_private {
            let is_ours = rules.bound.is_ours();
            let is_held = found.stray(file).is_some_and(|is_sure| match is_ours {
                true => is_sure || rules.finding,
                false => !rules.copies && rules.bound != BoundBy::Public,
            });
            return match (is_held, is_ours) {
                (true, _) => held("merged"),
                (false, true) => Fate::Given,
                (false, false) => self.denied(file).map_or(Fate::Given, held),
            };
        }
        self.denied(file).map_or_else(|| self.judged(found, file, now), held)
    }

    /// A record, or a person.
    fn denied(&self, file: &Listed) -> Option<&'static str> {
        let version = FILES[file.name].1;
        let is_named = self.rules.records.names.is_some_and(|named| named == 0 || version.is_none_or(|of| of == named));
        let said_no = |(of, bytes): &(Option<u8>, BTreeSet<String>)| {
            version.is_some() && *of == version || bytes.contains(&file.digest())
        };
        let is_rejected = || self.decided.rejected.values().any(said_no);
        if is_named { Some("malware") } else { is_rejected().then_some("rejected") }
    }

    /// By what ends by age, by evidence, or by persons.
    fn judged(&self, found: &Found, file: &Listed, now: Moment) -> Fate {
        let all = self.objections(found, file, now);
        let strictest = all.iter().map(|(_, mode)| *mode).max();
        let agreed = |(bytes, until): &(BTreeSet<String>, Option<i64>)| {
            bytes.contains(&file.digest()) && until.is_none_or(|until| now.passed < until)
        };
        if strictest != Some(Mode::Enforce) || self.decided.approved.values().any(agreed) {
            return Fate::Given;
        }
        Fate::Held(all.into_iter().filter(|(_, mode)| *mode == Mode::Enforce).map(|(word, _)| word).collect())
    }

    fn objections(&self, found: &Found, file: &Listed, now: Moment) -> Vec<(&'static str, Mode)> {
        let [file_age, project_age, findings, evidence] = self.rules.modes;
        let of_undated = if self.rules.freeze.is_some() { Mode::Enforce } else { file_age.max(project_age) };
        let born = found.born();
        let mut all = Vec::new();
        match file.uploaded {
            Said::Nothing | Said::Nonsense => all.push(("undated", of_undated)),
            Said::At(at) if self.rules.freeze.is_some_and(|freeze| at > freeze) => all.push(("frozen", Mode::Enforce)),
            Said::At(at) => {
                let [file_for, project_for] = self.rules.ages;
                let is_to_come = at > now.reached;
                let of = |word, mode| if is_to_come { ("undated", of_undated) } else { (word, mode) };
                let since = born.map_or(at, |born| born.min(at));
                all.extend((now.reached < since + project_for).then(|| of("young-project", project_age)));
                all.extend((now.reached < at + file_for).then(|| of("young-file", file_age)));
            }
        }
        all.extend(self.rules.finding.then_some(("suspected", findings)));
        all.extend(found.is_altered(file).then_some(("altered", Mode::Enforce)));
        all.extend((!self.has_evidence(file, born, now)).then_some(("unvouched", evidence)));
        all
    }

    fn has_evidence(&self, file: &Listed, born: Option<i64>, now: Moment) -> bool {
        let of = &self.rules.evidence;
        let of_project = [self.is_used(born, now), self.is_popular(born)];
        let of_file = [self.is_quiet(file, now), self.is_attested(file), self.is_listed(file, now)];
        let count = of_project.iter().chain(&of_file).filter(|speaks| **speaks).count();
        count >= of.needs && (of.needs < 2 || of_file.contains(&true))
    }

    fn is_used(&self, born: Option<i64>, now: Moment) -> bool {
        let Some(born) = born else { return false };
        let by_clients = self.rules.evidence.used.is_some_and(|(firsts, last)| {
            last >= born && firsts.iter().filter(|first| **first + USED_FOR <= now.reached).count() >= CLIENTS
        });
        let vouched = self.decided.vouched.values().filter(|at| **at >= born && **at <= now.reached).count();
        by_clients || vouched >= self.persons
    }

    fn is_popular(&self, born: Option<i64>) -> bool {
        let before = [30 * DAY, 365 * DAY];
        let mut lists = self.rules.evidence.counted.iter().zip(before);
        lists.any(|(list, before)| {
            list.is_some_and(|(as_of, has_enough)| has_enough && born.is_some_and(|born| born < as_of - before))
        })
    }

    fn is_quiet(&self, file: &Listed, now: Moment) -> bool {
        let changed = self.rules.records.changed.iter().flatten().filter(|at| **at <= now.reached).max();
        let asked = self.rules.evidence.quiet_for.zip(file.uploaded.seconds());
        changed.zip(asked).is_some_and(|(changed, (quiet_for, uploaded))| *changed >= uploaded + quiet_for)
    }

    fn is_attested(&self, file: &Listed) -> bool {
        let of = &self.rules.evidence;
        let received = publisher(file).and_then(|by| of.received[by]);
        of.root && received.zip(file.uploaded.seconds()).is_some_and(|(received, uploaded)| received < uploaded)
    }

    fn is_listed(&self, file: &Listed, now: Moment) -> bool {
        is_shared(file) && self.rules.evidence.shared.is_some_and(|made| now.passed - made <= SHARED_FOR)
    }

    /// What becomes of the page: what is held is listed as yanked, unless a resolver would be left with nothing.
    pub(super) fn page(&self, found: &Found, now: Moment) -> PageFate {
        if !found.is_private && found.project.quarantined {
            return PageFate::Held("quarantined");
        }
        let fates: Vec<(&Listed, bool)> =
            found.project.files.iter().map(|file| (file, self.file(found, file.name, now) == Fate::Given)).collect();
        let is_any = fates.iter().any(|(file, given)| *given && file.yanked.is_none() && FILES[file.name].1.is_some());
        PageFate::Listed(fates.into_iter().map(|(file, given)| (file.name, is_any && !given)).collect())
    }

    /// Moments at which something may change by itself.
    pub(super) fn turns(&self, found: &Found) -> Vec<i64> {
        let [file_for, project_for] = self.rules.ages;
        let times = || found.project.files.iter().filter_map(|file| file.uploaded.seconds());
        let of = &self.rules.evidence;
        let of_files = times().flat_map(|at| [at, at + file_for, at + project_for]);
        let of_evidence = of.shared.map(|made| made + SHARED_FOR).into_iter();
        let of_evidence = of_evidence.chain(of.used.into_iter().flat_map(|(firsts, _)| firsts).map(|at| at + USED_FOR));
        let of_persons = self.decided.approved.values().filter_map(|(_, until)| *until);
        of_files.chain(of_evidence).chain(of_persons).chain(self.rules.records.changed.into_iter().flatten()).collect()
    }
}

fn held(word: &'static str) -> Fate {
    Fate::Held(BTreeSet::from([word]))
}

/// What both clocks say, where this machine's is so many seconds ahead of the time. `heard`: PyPI's index has said what time it is.
pub(super) fn moment(time: i64, ahead: i64, heard: bool) -> Moment {
    let shown = time + ahead;
    match heard {
        true if ahead > ALLOWED => Moment { reached: time, passed: shown },
        true if ahead < -ALLOWED => Moment { reached: shown, passed: time },
        _ => Moment { reached: shown, passed: shown },
    }
}
