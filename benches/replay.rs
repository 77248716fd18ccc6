//! What the rules of the gate would have held of known attacks, and what they cost people who install what is honest.
//!
//!     cargo bench --bench replay
//!
//! Attacks are timelines: a release of a project that is used (or a first one of a project that is not), and how long it was there
//! until somebody said in public what it is. Of other registries they are told as if they had been PyPI's. Honest installs are made up by
//! the recipe below: no history of locks that we know of is public. Prior use is learned in the first weeks, and the later ones count.
//! Prints figures and judges nothing.

#![expect(clippy::print_stdout, reason = "its figures are what it is for")]

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::sync::Arc;

use chrono::TimeDelta;
use namewarden::gate::consensus::Consensus;
use namewarden::gate::malware::{MalwareFeed, MalwareRecords};
use namewarden::gate::page::ProjectPage;
use namewarden::gate::policy::{AgeRules, Binding, Mode, Modes, Policy};
use namewarden::gate::prior::{PriorUse, ProjectUse, ProjectUses};
use namewarden::model::{ProjectName, Time, WatchId};
use serde_json::json;

type Failure = Box<dyn Error>;

/// Hours from publication to public detection: "We should all be using dependency cooldowns", November 2025, and reports of 2022 to 2026.
const ATTACKS: [(&str, i64); 17] = [
    ("Ultralytics, phase 2", 1),
    ("rspack", 1),
    ("LiteLLM", 2),
    ("Telnyx", 2),
    ("axios", 3),
    ("Nx", 4),
    ("ua-parser-js", 4),
    ("worm of August 2026", 4),
    ("web3.js", 5),
    ("Ledger", 5),
    ("chalk and debug", 12),
    ("num2words", 12),
    ("Ultralytics, phase 1", 12),
    ("tj-actions", 72),
    ("torchtriton", 120),
    ("Kong", 240),
    ("xz", 840),
];
const PROJECTS: u64 = 300;
const CLIENTS: u64 = 40;
const LEARNED: i64 = 12 * 7;
const DAYS: i64 = 52 * 7;
/// New dependencies of the organisation, in a week.
const NEW: u64 = 2;

/// A rule to try.
#[derive(Clone, Copy)]
struct Rule {
    file: i64,
    project: i64,
    needs: usize,
}

const RULES: [Rule; 9] = [
    Rule { file: 0, project: 0, needs: 0 },
    Rule { file: 1, project: 30, needs: 0 },
    Rule { file: 3, project: 30, needs: 0 },
    Rule { file: 7, project: 30, needs: 0 },
    Rule { file: 14, project: 30, needs: 0 },
    Rule { file: 7, project: 30, needs: 1 },
    Rule { file: 7, project: 30, needs: 2 },
    Rule { file: 14, project: 30, needs: 2 },
    Rule { file: 14, project: 90, needs: 2 },
];

/// Numbers that are the same in each run.
struct Dice(u64);

impl Dice {
    /// Below one.
    fn next(&mut self) -> f64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn below(&mut self, most: u64) -> u64 {
        (self.next() * most as f64) as u64
    }

    /// Between the two, each tenfold as likely as the last.
    fn spread(&mut self, least: f64, most: f64) -> f64 {
        least * (most / least).powf(self.next())
    }
}

fn start() -> Time {
    "2025-11-01T00:00:00Z".parse().unwrap_or_default()
}

fn at(days: f64) -> Time {
    start() + TimeDelta::seconds((days * 86_400.0) as i64)
}

/// A project, and when each of its releases was uploaded, in days.
struct Project {
    name: ProjectName,
    releases: Vec<f64>,
    /// Its page as it was read last, with so many releases: most days bring none.
    shown: RefCell<(usize, Arc<ProjectPage>)>,
}

impl Project {
    /// First released between a month and ten years before the year; then each 7 to 180 days, with its own rhythm.
    fn new(name: &str, dice: &mut Dice, first: f64) -> Result<Self, Failure> {
        let (rhythm, mut releases) = (dice.spread(7.0, 180.0), vec![first]);
        let mut day = first.max(-400.0);
        while day < DAYS as f64 {
            day += -rhythm * (1.0 - dice.next()).ln();
            releases.push(day);
        }
        let name = ProjectName::parse(name)?;
        let none = Arc::new(page(&name, std::iter::empty())?);
        Ok(Self { name, releases, shown: RefCell::new((0, none)) })
    }

    /// How many of its releases are there on that day.
    fn there(&self, day: f64) -> usize {
        self.releases.iter().filter(|uploaded| **uploaded <= day).count()
    }

    /// As PyPI shows it on that day: the newest thirty releases and the first.
    fn page(&self, day: f64) -> Result<Arc<ProjectPage>, Failure> {
        let there = self.there(day);
        if self.shown.borrow().0 != there {
            let shown: BTreeSet<usize> = (0..there.min(1)).chain(there.saturating_sub(30)..there).collect();
            let read = page(&self.name, shown.into_iter().map(|release| (release, at(self.releases[release]))))?;
            *self.shown.borrow_mut() = (there, Arc::new(read));
        }
        Ok(Arc::clone(&self.shown.borrow().1))
    }
}

fn filename(name: &ProjectName, release: usize) -> String {
    format!("{}-1.{release}-py3-none-any.whl", name.as_str().replace('-', "_"))
}

fn page(name: &ProjectName, releases: impl Iterator<Item = (usize, Time)>) -> Result<ProjectPage, Failure> {
    let files: Vec<serde_json::Value> = releases
        .map(|(release, uploaded)| {
            json!({"filename": filename(name, release), "url": "https://files.test/f.whl", "upload-time": uploaded,
                   "hashes": {"sha256": format!("{release:064x}")}})
        })
        .collect();
    let page = json!({"meta": {"api-version": "1.4"}, "name": name.as_str(), "files": files});
    Ok(ProjectPage::read(name, &"https://index.test/simple/".parse()?, page.to_string().as_bytes())?)
}

/// Records of malware that come each day, as OSV's do, and name nothing of this.
fn records() -> Result<Arc<MalwareRecords>, Failure> {
    let dir = tempfile::tempdir()?;
    for day in -30..DAYS + 100 {
        let package = json!({"ecosystem": "PyPI", "name": "something-else"});
        let record = json!({"id": format!("MAL-2026-{}", day + 31), "modified": at(day as f64),
                            "affected": [{"package": package, "versions": ["1"]}]});
        std::fs::write(dir.path().join(format!("MAL-2026-{}.json", day + 31)), record.to_string())?;
    }
    let looked = MalwareFeed::at(dir.path().to_owned(), BTreeSet::new()).look(at((DAYS + 100) as f64))?;
    Ok(Arc::new(looked.unwrap_or_default()))
}

fn policy(rule: Rule, uses: &Arc<ProjectUses>, malware: &Arc<MalwareRecords>) -> Policy {
    let days = TimeDelta::days;
    let age =
        AgeRules { modes: Modes::all(Mode::Enforce), file: days(rule.file), project: days(rule.project), freeze: None };
    let prior = PriorUse { clients: 2, used_for: days(7), persons: 1, of: Arc::clone(uses) };
    // Silence: the records reach three days beyond the age that is asked anyway.
    let quiet_for = Some(days(rule.file + 3));
    let consensus = Consensus { needs: rule.needs, prior, quiet_for, ..Consensus::default() };
    let (malware, exemptions, suspects) = (Arc::clone(malware), Arc::default(), Arc::default());
    Policy { binding: Binding::default(), age, consensus, malware, exemptions, suspects }
}

/// What people asked for, and how much of it they did not get.
#[derive(Default)]
struct Cost(BTreeMap<&'static str, (u64, u64)>);

impl Cost {
    fn note(&mut self, kind: &'static str, given: bool) {
        let (asked, failed) = self.0.entry(kind).or_default();
        (*asked, *failed) = (*asked + 1, *failed + u64::from(!given));
    }

    fn percent(&self, kind: &str) -> f64 {
        let (asked, failed) = self.0.get(kind).copied().unwrap_or_default();
        failed as f64 * 100.0 / asked.max(1) as f64
    }

    /// Of all that people ask for who let the resolver choose, or have chosen before.
    fn percent_of_honest(&self) -> f64 {
        let counts = HONEST.iter().filter_map(|kind| self.0.get(kind));
        let (asked, failed) = counts.fold((0, 0), |all, of| (all.0 + of.0, all.1 + of.1));
        failed as f64 * 100.0 / asked.max(1) as f64
    }
}

/// By a lock of what was given out before, without one, and what nobody here has used yet. Who pins what PyPI shows, and the gate does
/// not, is counted apart: no client that asks the gate alone does.
const HONEST: [&str; 3] = ["by a lock", "unpinned", "a new dependency"];

/// A year of an organisation that uses these projects; its clients install every day.
fn year(rule: Rule, malware: &Arc<MalwareRecords>) -> Result<Cost, Failure> {
    let (mut dice, mut cost) = (Dice(2026), Cost::default());
    let mut projects = Vec::new();
    for number in 0..PROJECTS {
        let first = -dice.spread(30.0, 3650.0);
        projects.push(Project::new(&format!("used-{number}"), &mut dice, first)?);
    }
    let (mut uses, mut locked) = (Arc::<ProjectUses>::default(), BTreeMap::<ProjectName, usize>::new());
    for day in 0..DAYS {
        let (now, counts) = (at(day as f64), day >= LEARNED);
        // Until it is learned nobody asks for evidence.
        let rules = policy(if counts { rule } else { Rule { needs: 0, ..rule } }, &uses, malware);
        let new = if day % 7 == 0 && counts { NEW } else { 0 };
        for number in 0..new {
            let first = day as f64 - dice.spread(10.0, 3650.0);
            let project = Project::new(&format!("new-{day}-{number}"), &mut dice, first)?;
            cost.note("a new dependency", newest(&rules, &project, day)?.is_some());
            projects.push(project);
        }
        for (at, project) in projects.iter().enumerate() {
            let is_relocked = day % 7 == at as i64 % 7;
            let given = newest(&rules, project, day)?;
            let is_used = dice.next() < 0.5;
            if counts && is_used {
                cost.note("unpinned", given.is_some());
                let page = project.page(day as f64)?;
                if let Some(release) = locked.get(&project.name) {
                    cost.note("by a lock", rules.gives(&page, &filename(&project.name, *release), now));
                }
                let latest = project.there(day as f64) - 1;
                cost.note("the newest of PyPI, pinned", rules.gives(&page, &filename(&project.name, latest), now));
            }
            if let Some(release) = given {
                if is_relocked {
                    locked.insert(project.name.clone(), release);
                }
                received(Arc::make_mut(&mut uses), &project.name, dice.below(CLIENTS), now);
            }
        }
    }
    Ok(cost)
}

/// What a resolver that asks the gate takes.
fn newest(rules: &Policy, project: &Project, day: i64) -> Result<Option<usize>, Failure> {
    let page = project.page(day as f64)?;
    let there = project.there(day as f64);
    Ok((0..there).rev().take(30).find(|release| rules.gives(&page, &filename(&project.name, *release), at(day as f64))))
}

/// Forty clients, of whom one received it: two of them are enough for prior use, so no more than some are kept.
fn received(uses: &mut ProjectUses, project: &ProjectName, client: u64, now: Time) {
    let used = uses.entry(project.clone()).or_insert_with(|| ProjectUse { firsts: Vec::new(), last: now });
    used.last = now;
    if (used.firsts.len() as u64) < 1 + client % 8 {
        used.firsts.push(now);
    }
}

/// For how many hours it could have been installed before it was known, asked for every half hour. `used`: of a project that everybody uses.
fn exposed(rules: &Policy, hours: i64, used: bool) -> Result<i64, Failure> {
    let (name, published) = (ProjectName::parse("victim")?, at(200.0));
    let old = used.then_some((1, at(-900.0)));
    let page = page(&name, old.into_iter().chain([(2, published)]))?;
    let given = |half: &i64| rules.gives(&page, &filename(&name, 2), published + TimeDelta::minutes(30 * half));
    Ok((0..hours * 2).filter(given).count() as i64 / 2)
}

fn main() -> Result<(), Failure> {
    let malware = records()?;
    let victim = ProjectUse { firsts: vec![at(-300.0), at(-299.0)], last: at(199.0) };
    let uses = Arc::new(ProjectUses::from([(ProjectName::parse("victim")?, victim)]));
    println!(
        "file_age project_age needs | attacks held | let through after hours (for hours) | percent of installs that fail"
    );
    for rule in RULES {
        let rules = policy(rule, &uses, &malware);
        let mut through = Vec::new();
        for (attack, hours) in ATTACKS {
            let is_of_a_used_project = attack != "torchtriton";
            let exposed = exposed(&rules, hours, is_of_a_used_project)?;
            if exposed > 0 {
                through.push(format!("{attack} {} ({exposed})", hours - exposed));
            }
        }
        let cost = year(rule, &malware)?;
        let kinds: Vec<String> = cost.0.keys().map(|kind| format!("{kind} {:.2}", cost.percent(kind))).collect();
        let held = ATTACKS.len() - through.len();
        println!(
            "{:>3} d {:>3} d {} of 2 | {held} of {} | {} | {}; of all {:.2}",
            rule.file,
            rule.project,
            rule.needs,
            ATTACKS.len(),
            through.join(", "),
            kinds.join(", "),
            cost.percent_of_honest()
        );
    }
    let ours = Binding::of_watches([WatchId::name(&ProjectName::parse("victim")?)].into_iter(), BTreeSet::new());
    let bound = Policy { binding: ours, ..policy(RULES[0], &Arc::default(), &malware) };
    println!(
        "torchtriton under a name of the inventory, without any age: open for {} hours",
        exposed(&bound, 120, false)?
    );
    Ok(())
}
