//! A gate between two indexes, beside what it ought to know.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::acts::{Act, Aged, Change, Rule};
use super::oracle::{Decided, Found, Leads, Looked, Moment, Ruled, moment};
use super::rules::{DAY, Rules, name};
use super::there::{Listed, NAME, OURS, Project, Said, Shared, Side, There, at, held, routes};
use crate::clock::Clock;
use crate::gate::policy::Policy;
use crate::gate::review::{ReviewAct, ReviewDecision, ReviewState};
use crate::gate::{
    DeskRules, FileCache, Gate, GateClock, GateIndex, GateTroubles, LearnedProject, Ledger, LedgerRules, Memory,
    OpenedReviews, OpenedUses, PageShelf, Pages, ReviewDesk, Sources,
};
use crate::model::{Actor, Machine, Through, Time};
use crate::upstream::{Egress, HttpClient};

/// In seconds after noon. Whatever else is drawn is on a whole minute, so that no second decides.
pub(super) const BEGINS: i64 = 30;

pub(super) fn begins() -> Time {
    at(BEGINS)
}

/// Both, and what was done to them.
pub(super) struct Stage {
    pub(super) there: Shared,
    pub(super) clock: Clock,
    pub(super) gate: Arc<Gate>,
    pub(super) policy: watch::Sender<Arc<Policy>>,
    pages: std::path::PathBuf,
    pub(super) model: Model,
}

/// What it ought to know, and what is there.
#[derive(Clone, Debug)]
pub(super) struct Model {
    /// In seconds after noon.
    pub(super) time: i64,
    /// How far this machine's clock is ahead of that.
    pub(super) ahead: i64,
    heard: bool,
    pub(super) rules: Rules,
    pub(super) decided: Decided,
    agreed: Vec<(i64, u32, String, Option<i64>)>,
    pub(super) persons: usize,
    pub(super) pypi: Side,
    /// What PyPI had before, the last one first.
    before: Vec<Option<Project>>,
    pub(super) private: Option<Side>,
    pub(super) tampers: bool,
    looked: [Looked; 3],
    had: bool,
    /// Digests of what the gate has.
    pub(super) cached: std::collections::BTreeSet<String>,
    /// How many decisions were made.
    pub(super) decisions: usize,
}

impl Model {
    pub(super) fn new(rules: Rules, persons: usize, (pypi, private): (Side, Option<Side>)) -> Self {
        Self {
            time: BEGINS,
            ahead: 0,
            heard: false,
            rules,
            decided: Decided::default(),
            agreed: Vec::new(),
            persons,
            pypi,
            before: Vec::new(),
            private,
            tampers: false,
            looked: Default::default(),
            had: false,
            cached: Default::default(),
            decisions: 0,
        }
    }

    pub(super) fn ruled(&self) -> Ruled<'_> {
        Ruled { rules: &self.rules, decided: &self.decided, persons: self.persons }
    }

    pub(super) fn now(&self) -> Moment {
        moment(self.time, self.ahead, self.heard)
    }

    /// So many seconds from now, where nothing happens.
    pub(super) fn in_(&self, seconds: i64) -> Moment {
        moment(self.time + seconds, self.ahead, self.heard)
    }

    /// Where the name leads now, and whether PyPI may have been asked.
    pub(super) fn leads(&mut self) -> (Leads, bool) {
        let (is_ours, is_public) = (self.rules.bound.is_ours(), self.rules.bound == super::rules::BoundBy::Public);
        let is_bound = is_ours || self.had && !is_public;
        if let Some(private) = &self.private {
            let (known, _) = self.looked[1].at(self.time, self.time, private.project.as_ref(), private.down);
            match known {
                None => return (Leads::NotNow, false),
                Some(Some(project)) => {
                    if !is_bound && !is_public {
                        // Whether it has become a copy of PyPI nobody can tell.
                        if private.down {
                            return (Leads::NotNow, false);
                        }
                        self.had = true;
                    }
                    if self.rules.records.awaited && !is_ours {
                        return (Leads::NotNow, false);
                    }
                    return (Leads::Found(Found::of(true, project, &self.looked[1])), false);
                }
                Some(None) => {}
            }
        }
        if is_bound {
            return (Leads::Internal, false);
        }
        if let Some(private) = &self.private {
            let empty = Project { quarantined: false, is_reserved: false, files: Vec::new() };
            if self.looked[2].at(self.time, self.time, Some(&empty), private.down).0.is_none() {
                return (Leads::NotNow, false);
            }
        }
        if self.rules.records.awaited {
            return (Leads::NotNow, false);
        }
        let reached = moment(self.time, self.ahead, true).reached;
        let (known, is_asked) = self.looked[0].at(self.time, reached, self.pypi.project.as_ref(), self.pypi.down);
        self.heard |= is_asked;
        let leads = match known {
            None => Leads::NotNow,
            Some(None) => Leads::Missing,
            Some(Some(project)) => Leads::Found(Found::of(false, project, &self.looked[0])),
        };
        (leads, true)
    }

    fn side(&mut self, is_private: bool) -> Option<&mut Side> {
        if is_private { self.private.as_mut() } else { Some(&mut self.pypi) }
    }

    /// When that is, on a whole minute.
    fn said(&self, aged: Aged) -> Said {
        let now = self.time - BEGINS;
        match aged {
            Aged::Old(seconds) => Said::At(now - seconds),
            Aged::RipeIn(seconds) => Said::At(now + seconds - self.rules.ages[0]),
            Aged::ProjectRipeIn(seconds) => Said::At(now + seconds - self.rules.ages[1]),
            Aged::ToCome(seconds) => Said::At(now + seconds),
            Aged::Unsaid => Said::Nothing,
            Aged::Nonsense => Said::Nonsense,
        }
    }

    pub(super) fn changes(&mut self, is_private: bool, change: Change) {
        let said = |model: &Self, aged| model.said(aged);
        let change = match change {
            Change::Put(name, content, aged, yanked, has_metadata, place) => {
                let uploaded = said(self, aged);
                let file = Listed { name, content, uploaded, yanked, has_metadata, place };
                return self.with_project(is_private, |project| {
                    project.files.retain(|other| other.name != file.name);
                    project.files.push(file);
                });
            }
            Change::Redate(nth, aged) => {
                let uploaded = said(self, aged);
                return self.with_file(is_private, nth, |file| file.uploaded = uploaded);
            }
            other => other,
        };
        let Some(side) = self.side(is_private) else { return };
        match change {
            Change::There(is_there) => match is_there {
                true => drop(side.project.get_or_insert(Project {
                    quarantined: false,
                    is_reserved: false,
                    files: Vec::new(),
                })),
                false => side.project = None,
            },
            Change::Down(down) => side.down = down,
            Change::Quarantine(quarantined, keeps) => self.with_project(is_private, |project| {
                project.quarantined = quarantined;
                if quarantined && !keeps {
                    project.files.clear();
                }
            }),
            Change::Reserve(is_reserved) => self.with_project(is_private, |project| project.is_reserved = is_reserved),
            Change::Remove(nth) => self.with_project(is_private, |project| {
                if nth < project.files.len() {
                    project.files.remove(nth);
                }
            }),
            Change::Yank(nth, yanked) => self.with_file(is_private, nth, |file| file.yanked = yanked),
            Change::Replace(nth, content) => self.with_file(is_private, nth, |file| file.content = content),
            Change::Move(nth, place) => self.with_file(is_private, nth, |file| file.place = place),
            Change::Metadata(nth, has) => self.with_file(is_private, nth, |file| file.has_metadata = has),
            Change::Put(..) | Change::Redate(..) => {}
        }
    }

    fn with_project(&mut self, is_private: bool, change: impl FnOnce(&mut Project)) {
        if let Some(project) = self.side(is_private).and_then(|side| side.project.as_mut()) {
            change(project);
        }
    }

    fn with_file(&mut self, is_private: bool, nth: usize, change: impl FnOnce(&mut Listed)) {
        self.with_project(is_private, |project| {
            if let Some(file) = project.files.get_mut(nth) {
                change(file);
            }
        });
    }

    fn rule(&mut self, rule: Rule) {
        let now = self.time - BEGINS;
        let rules = &mut self.rules;
        match rule {
            Rule::Modes(modes) => rules.modes = modes,
            Rule::Ages(ages) => rules.ages = ages,
            Rule::Freeze(freeze) => rules.freeze = freeze.map(|freeze| freeze + now),
            Rule::Bind(bound) => rules.bound = bound,
            Rule::Copies(copies) => rules.copies = copies,
            Rule::Finding(finding) => rules.finding = finding,
            Rule::Records(records) => rules.records = records.since(now),
            Rule::Evidence(evidence) => rules.evidence = (*evidence).since(now),
        }
    }

    /// How long until something may change by itself, as far as that is known of what lies there; the next but so many.
    fn until_turn(&self, nth: usize) -> i64 {
        let (Leads::Found(found), _) = self.clone().leads() else { return 0 };
        let now = self.now();
        let both = [now.reached, now.passed];
        let turns = self.ruled().turns(&found);
        let mut left: Vec<i64> = turns
            .into_iter()
            .flat_map(|turn| both.map(|now| turn - now))
            .filter(|left| (1..40 * DAY).contains(left))
            .collect();
        left.sort_unstable();
        left.dedup();
        left.get(nth).map_or(0, |left| (left + 59) / 60 * 60)
    }
}

async fn bound() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.expect("a port")
}

impl Stage {
    /// With both indexes, as long as the runtime is there.
    #[expect(clippy::disallowed_methods, reason = "the indexes that are asked")]
    pub(super) async fn new(dir: &Path, model: Model) -> Self {
        let clock = Clock::manual(begins());
        let (pypi, private) = (bound().await, bound().await);
        let [at_pypi, at_private] =
            [&pypi, &private].map(|of| format!("http://{}", of.local_addr().expect("an address")));
        let there: Shared = Arc::new(std::sync::Mutex::new(There::new(at_pypi.clone(), clock.clone())));
        let (of_pypi, of_private) = (routes(Arc::clone(&there), true), routes(Arc::clone(&there), false));
        tokio::spawn(async move { axum::serve(pypi, of_pypi).await });
        tokio::spawn(async move { axum::serve(private, of_private).await });
        let policy = watch::Sender::new(Arc::new(model.rules.policy(Arc::default(), model.persons)));
        let bases = (at_pypi.as_str(), model.private.as_ref().map(|_| at_private.as_str()));
        let gate = gate(dir, bases, (&clock, &policy), model.persons).await;
        let stage = Self { there, clock, gate: Arc::new(gate), policy, pages: dir.join("pages"), model };
        stage.tell_there();
        // The private index is known to be ours.
        let (ours, policy) = (name(OURS), Arc::clone(&stage.policy.borrow()));
        let found = stage.gate.sources.find(&policy, &ours, None).await;
        assert_eq!(found.is_ok(), stage.model.private.is_some());
        Self { model: stage.model.primed(), ..stage }
    }

    /// The indexes are as the model has them.
    pub(super) fn tell_there(&self) {
        let mut there = held(&self.there);
        there.pypi = self.model.pypi.clone();
        there.private = self.model.private.clone().unwrap_or_default();
        there.tampers = self.model.tampers;
    }

    /// The rules are.
    pub(super) fn tell_rules(&self) {
        let Model { rules, persons, .. } = &self.model;
        self.policy.send_modify(|policy| *policy = Arc::new(rules.policy(Arc::clone(&policy.exemptions), *persons)));
    }

    pub(super) fn pass(&mut self, seconds: i64) {
        self.clock.advance(TimeDelta::seconds(seconds));
        self.model.time += seconds;
    }

    pub(super) async fn happens(&mut self, act: Act) {
        match act {
            Act::Pass(seconds) => self.pass(seconds),
            Act::Turn(nth) => {
                let seconds = self.model.until_turn(nth);
                self.pass(seconds);
            }
            Act::Step(ahead) => {
                self.clock.step(TimeDelta::seconds(ahead - self.model.ahead));
                self.model.ahead = ahead;
            }
            Act::Index(is_private, change) => {
                let before = self.model.pypi.project.clone();
                self.model.changes(is_private, change);
                if before != self.model.pypi.project {
                    self.model.before.insert(0, before);
                }
                self.tell_there();
            }
            Act::Copy => {
                let project = self.model.pypi.project.clone();
                if let Some(private) = &mut self.model.private {
                    private.project = project;
                }
                self.tell_there();
            }
            Act::Tamper(tampers) => {
                self.model.tampers = tampers;
                self.tell_there();
            }
            Act::Lose => {
                for page in std::fs::read_dir(&self.pages).expect("a directory") {
                    std::fs::remove_file(page.expect("a page").path()).expect("removed");
                }
            }
            Act::Rule(rule) => {
                self.model.rule(rule);
                self.tell_rules();
            }
            Act::Restore(nth) => {
                if let Some(project) = self.model.before.get(nth).cloned() {
                    self.model.before.insert(0, self.model.pypi.project.clone());
                    self.model.pypi.project = project;
                }
                self.tell_there();
            }
            Act::Agree(nth, until) => self.agree(nth, until).await,
            Act::Decide(nth, by, act, until) => self.decide(nth, by, act, until).await,
            Act::Reject(version) => self.reject(version).await,
            Act::Learn(by) => self.learn(by).await,
            Act::Forget => {
                self.gate.desk.forget(user(1001), name(NAME)).await.expect("written");
                self.model.decided.vouched.clear();
            }
        }
    }

    async fn agree(&mut self, nth: usize, until: Option<i64>) {
        let reviews = self.gate.desk.list(None, 100).await.expect("listed").reviews;
        let mut open = reviews.iter().enumerate().filter(|(_, review)| review.state == ReviewState::Open);
        let Some(at) = open.nth(nth).map(|(at, _)| at) else { return };
        for by in [1001, 1002].into_iter().take(self.model.persons) {
            self.decide(at, by, ReviewAct::Approve, until).await;
        }
    }

    pub(super) async fn decide(&mut self, nth: usize, by: u32, act: ReviewAct, until: Option<i64>) {
        let reviews = self.gate.desk.list(None, 100).await.expect("listed").reviews;
        let Some(id) = reviews.get(nth).map(|review| review.id) else { return };
        let until = until.map(|until| self.model.time - BEGINS + until);
        let decision = ReviewDecision { act, reason: "looked at".to_owned(), until: until.map(at), files_key: None };
        // It may be no moment for it.
        let Ok(review) = self.gate.desk.decide(id, user(by), decision).await else { return };
        let model = &mut self.model;
        model.decisions += 1;
        model.decided.approved.remove(&id);
        model.decided.rejected.remove(&id);
        let bytes = review.files.iter().map(|file| file.sha256.clone()).collect();
        match act {
            ReviewAct::Approve => {
                model.agreed.push((id, by, review.files_key.clone(), until));
                let agreed = model.agreed.iter().filter(|(of, _, key, _)| *of == id && *key == review.files_key);
                let persons: std::collections::BTreeSet<u32> = agreed.clone().map(|(_, by, ..)| *by).collect();
                assert_eq!(review.state == ReviewState::Approved, persons.len() >= model.persons, "{review:?}");
                if review.state == ReviewState::Approved {
                    let until = agreed.filter_map(|(.., until)| *until).min();
                    model.decided.approved.insert(id, (bytes, until));
                }
            }
            ReviewAct::Reject => {
                model.agreed.retain(|(of, ..)| *of != id);
                model.decided.rejected.insert(id, (number(&review.version), bytes));
            }
            ReviewAct::Reopen => model.agreed.retain(|(of, ..)| *of != id),
        }
    }

    async fn reject(&mut self, version: &str) {
        let rejected = self.gate.desk.reject(name(NAME), version.to_owned(), user(1002), "a worm".to_owned()).await;
        let Ok(review) = rejected else { return };
        let model = &mut self.model;
        model.decisions += 1;
        model.agreed.retain(|(of, ..)| *of != review.id);
        model.decided.approved.remove(&review.id);
        let bytes = review.files.iter().map(|file| file.sha256.clone()).collect();
        model.decided.rejected.insert(review.id, (number(version), bytes));
    }

    async fn learn(&mut self, by: u32) {
        let text = |text: &str| text.to_owned();
        let learned = LearnedProject {
            project: text(NAME),
            at: at(self.model.time),
            by: text("ada"),
            uid: Some(by),
            version: text("1"),
            sha256: "ab".repeat(32),
            source: text("uv.lock"),
        };
        self.gate.desk.learn(user(by), vec![learned]).await.expect("a person");
        self.model.decided.vouched.insert(by, self.model.time);
    }
}

impl Model {
    fn primed(mut self) -> Self {
        if self.private.is_some() {
            let empty = Project { quarantined: false, is_reserved: false, files: Vec::new() };
            self.looked[2].at(self.time, self.time, Some(&empty), false);
        }
        self
    }
}

/// `2.0.0` and `v2` are one.
fn number(version: &str) -> Option<u8> {
    version.trim_start_matches('v').split('.').next()?.parse().ok()
}

fn user(uid: u32) -> Actor {
    let user = if uid == 1001 { "ada" } else { "bob" };
    Actor { uid: Some(uid), user: Some(user.to_owned()), through: Through::Socket, token: None }
}

async fn gate(
    dir: &Path,
    (at_pypi, at_private): (&str, Option<&str>),
    (clock, policy): (&Clock, &watch::Sender<Arc<Policy>>),
    approvals: usize,
) -> Gate {
    let egress = Egress { contact: "sec@acme.example", proxy: None, ca_file: None, timeout: Duration::from_secs(20) };
    let client = HttpClient::new(&egress).expect("a client");
    let (time, troubles) = (GateClock::from(clock.clone()), GateTroubles::default());
    let index =
        |root: String| GateIndex::new(root.parse().expect("an address"), (client.clone(), client.clone()), None);
    let of_pypi = index(format!("{at_pypi}/pypi/simple/")).telling_time(time.clone());
    let of_private = at_private.map(|at| index(format!("{at}/simple/")).taking_html().apart_from(&of_pypi));
    let shelf = Arc::new(PageShelf::open(&dir.join("pages"), 1 << 20).expect("opened"));
    let pages = |index| Pages::new(index, Arc::clone(&shelf), clock.clone());
    let memory = Arc::new(Memory::open(dir).expect("opened"));
    let sources = Sources::new(pages(of_pypi), of_private.map(pages), memory, troubles.clone());
    let rules = DeskRules { approvals, machine: Box::new(|| Machine::read(Some(4001), "", "", &[])) };
    let reviews = OpenedReviews::at(dir).expect("opened");
    let desk = ReviewDesk::start(reviews, rules, policy.clone(), time.clone()).expect("starts");
    let kept = LedgerRules { age: TimeDelta::days(365), room: 1 << 24 };
    // What is received here is no use: it would be one at some later moment.
    let elsewhere = watch::Sender::new(Arc::clone(&policy.borrow()));
    let uses = OpenedUses::at(dir).expect("opened");
    let ledger = Ledger::start(dir.to_owned(), kept, uses, (elsewhere, troubles.clone()), time.clone());
    let files = FileCache::open(&dir.join("cache"), 1 << 24).await.expect("opened");
    let public = "http://gate.example".to_owned();
    Gate::new(sources, policy.subscribe(), files, (desk, ledger, troubles), time, public)
}
