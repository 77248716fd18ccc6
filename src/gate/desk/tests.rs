//! Reviews over requests, decisions, files that come later, time that passes and restarts; who may; floods, and disks that fail.

mod vouched;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use chrono::TimeDelta;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::clock::Clock;
use crate::gate::agent::Agent;
use crate::gate::consensus::Consensus;
use crate::gate::form::Form;
use crate::gate::listing::Listing;
use crate::gate::malware::MalwareRecords;
use crate::gate::page::{PageFile, ProjectPage};
use crate::gate::policy::{AgeRules, Binding, Mode, Modes};
use crate::gate::review::ReviewAct;
use crate::gate::ruling::{Origin, Ruling};
use crate::gate::sought::{FoundReviews, SoughtReviews};
use crate::gate::suspects::Suspects;
use crate::model::{CaseId, Machine, ProjectName, Requester, Suspect, Through, Time};

const OWN: u32 = 4001;
/// One that ada can be at will, in a user namespace.
const LENT: u32 = 100_500;
const LENDS: &str = "ada:100000:65536";
const ADA: u32 = 1001;
const BOB: u32 = 1002;

fn noon() -> Time {
    "2026-11-27T12:00:00Z".parse().expect("a time")
}

fn user(uid: u32) -> Actor {
    Actor { uid: Some(uid), user: Some(format!("user-{uid}")), through: Through::Socket, token: None }
}

fn name(text: &str) -> ProjectName {
    ProjectName::parse(text).expect("valid")
}

/// A desk in a directory, and what answers go by.
struct World {
    dir: PathBuf,
    clock: Clock,
    policy: watch::Sender<Arc<Policy>>,
    approvals: usize,
    desk: Option<ReviewDesk>,
    page: ProjectPage,
}

/// A file of a project, uploaded so many hours before noon.
fn file(project: &str, filename: &str, hours: i64) -> Value {
    let uploaded = (noon() - TimeDelta::hours(hours)).to_rfc3339();
    let sha256 = crate::model::hex::hex(&sha2::Digest::finalize(sha2::Digest::chain_update(
        <sha2::Sha256 as sha2::Digest>::new(),
        filename,
    )));
    json!({"filename": filename, "url": format!("https://index.example/{project}/{filename}"),
           "hashes": {"sha256": sha256}, "upload-time": uploaded})
}

fn page(project: &str, files: &[Value]) -> ProjectPage {
    let page = json!({"name": project, "meta": {"api-version": "1.1"}, "files": files});
    let base = url::Url::parse("https://index.example/simple/").expect("an address");
    ProjectPage::read(&name(project), &base, page.to_string().as_bytes()).expect("a page")
}

impl World {
    fn new(dir: PathBuf, approvals: usize, page: ProjectPage) -> Self {
        let age = AgeRules {
            modes: Modes::all(Mode::Enforce),
            file: TimeDelta::days(7),
            project: TimeDelta::days(30),
            freeze: None,
        };
        let policy = Policy {
            binding: Binding::default(),
            age,
            consensus: Consensus::default(),
            malware: Arc::default(),
            exemptions: Arc::default(),
            suspects: Arc::default(),
        };
        let (clock, policy) = (Clock::manual(noon()), watch::Sender::new(Arc::new(policy)));
        let mut world = Self { dir, clock, policy, approvals, desk: None, page };
        world.restart();
        world
    }

    /// As after a kill: what was answered is on the disk.
    fn restart(&mut self) {
        self.desk = None;
        let opened = OpenedReviews::at(&self.dir).expect("opens");
        let exemptions = Arc::new(opened.exemptions.clone());
        self.policy.send_modify(|now| *now = Arc::new(Policy { exemptions, ..Policy::clone(now) }));
        let machine = Box::new(|| Machine::read(Some(OWN), "", LENDS, &[]));
        let rules = DeskRules { approvals: self.approvals, machine };
        let desk = ReviewDesk::start(opened, rules, self.policy.clone(), self.clock.clone());
        self.desk = Some(desk.expect("starts"));
    }

    fn desk(&self) -> &ReviewDesk {
        self.desk.as_ref().expect("it stands")
    }

    fn ruling(&self, file: &PageFile) -> Ruling {
        self.policy.borrow().ruling(&self.page, file, self.clock.now())
    }

    async fn ask(&self, file: &PageFile, peer: &str) -> Option<i64> {
        let request =
            HeldRequest::of(&self.page, file, Requester::of_word(peer), self.clock.now()).expect("of a version");
        self.desk().note(request).await
    }

    async fn decide(&self, id: i64, by: u32, act: ReviewAct, until: Option<Time>) -> Result<Review, DeskError> {
        let decision = ReviewDecision { act, reason: "looked at".to_owned(), until, files_key: None };
        self.desk().decide(id, user(by), decision).await
    }
}

/// What a review ought to be.
#[derive(Clone, Debug)]
struct Ought {
    state: ReviewState,
    files: BTreeSet<String>,
    agreed: BTreeMap<u32, Option<Time>>,
}

#[derive(Clone, Debug)]
enum Act {
    Ask(usize),
    Decide(usize, u32, ReviewAct, Option<i64>),
    /// By its version, whether anybody asked for it or not.
    Reject(u32),
    Upload(i64),
    Pass(i64),
    Restart,
}

fn act() -> impl Strategy<Value = Act> {
    let who = prop::sample::select(vec![ADA, BOB, 0, OWN, 998, 61_200, 65_534, LENT]);
    let what = prop::sample::select(ReviewAct::ALL.to_vec());
    prop_oneof![
        4 => (0_usize..6).prop_map(Act::Ask),
        6 => (0_usize..4, who, what, prop::option::weighted(0.3, 1_i64..300))
            .prop_map(|(review, who, what, until)| Act::Decide(review, who, what, until)),
        1 => prop::sample::select(vec![ADA, 0, 998]).prop_map(Act::Reject),
        1 => (0_i64..100).prop_map(Act::Upload),
        2 => (1_i64..100).prop_map(Act::Pass),
        1 => Just(Act::Restart),
    ]
}

/// The world, and what it ought to be.
struct Oracle {
    world: World,
    files: Vec<Value>,
    reviews: BTreeMap<i64, Ought>,
}

impl Oracle {
    fn of_version(&self) -> BTreeSet<String> {
        let young = self.world.page.files.iter().filter(|file| file.version.as_deref() == Some("2.0"));
        young.map(|file| file.sha256.clone()).collect()
    }

    fn is_old(&self, sha256: &str) -> bool {
        let file = self.world.page.files.iter().find(|file| file.sha256 == sha256).expect("listed");
        let policy = self.world.policy.borrow();
        policy.age.held(self.world.page.first_upload, file.uploaded, self.world.clock.now()).is_none()
    }

    fn is_admitted(&self, file: &PageFile) -> bool {
        let (now, is_new) = (self.world.clock.now(), file.version.as_deref() == Some("2.0"));
        let rejected = self.reviews.values().any(|review| review.state == ReviewState::Rejected);
        let agreed = |review: &&Ought| {
            let until = review.agreed.values().flatten().min();
            review.state == ReviewState::Approved
                && review.files.contains(&file.sha256)
                && until.is_none_or(|until| *until > now)
        };
        (!is_new || !rejected) && (self.is_old(&file.sha256) || self.reviews.values().any(|review| agreed(&review)))
    }

    async fn take(&mut self, act: Act) {
        match act {
            Act::Ask(at) => self.ask(at).await,
            Act::Decide(at, by, act, until) => self.decide(at, by, act, until).await,
            Act::Reject(by) => self.reject(by).await,
            Act::Upload(hours) => {
                let number = self.files.len();
                let age = hours - (self.world.clock.now() - noon()).num_hours();
                self.files.push(file("widgets", &format!("widgets-2.0-{number}-py3-none-any.whl"), age));
                self.world.page = page("widgets", &self.files);
            }
            Act::Pass(hours) => self.world.clock.advance(TimeDelta::hours(hours)),
            Act::Restart => self.world.restart(),
        }
    }

    async fn ask(&mut self, at: usize) {
        let file = self.world.page.files[at % self.world.page.files.len()].clone();
        let Ruling::Refuse(held) = self.world.ruling(&file) else { return };
        if !held.cause.is_for_review() {
            return;
        }
        let id = self.world.ask(&file, "10.0.0.7").await.expect("the disk is well");
        let files = self.of_version();
        let ought = self.reviews.entry(id).or_insert_with(|| Ought {
            state: ReviewState::Open,
            files: files.clone(),
            agreed: BTreeMap::new(),
        });
        assert_eq!(ought.state, ReviewState::Open, "no number is given out twice");
        if ought.files != files {
            (ought.files, ought.agreed) = (files, BTreeMap::new());
        }
    }

    async fn decide(&mut self, at: usize, by: u32, act: ReviewAct, until: Option<i64>) {
        let Some(id) = self.reviews.keys().nth(at).copied() else { return };
        self.mature();
        let until = until.map(|hours| self.world.clock.now() + TimeDelta::hours(hours));
        let has = |state| self.reviews.iter().any(|(of, review)| *of != id && review.state == state);
        let (rejected, open) = (has(ReviewState::Rejected), has(ReviewState::Open));
        let (is_person, ought) = ([ADA, BOB].contains(&by), self.reviews.get_mut(&id).expect("there"));
        let may = match (act, ought.state) {
            (ReviewAct::Approve, ReviewState::Open) => is_person && !rejected && !ought.agreed.contains_key(&by),
            (ReviewAct::Reject, state) => state != ReviewState::Rejected,
            (ReviewAct::Reopen, ReviewState::Approved) => !open,
            (ReviewAct::Reopen, ReviewState::Rejected) => is_person && !open,
            _ => false,
        };
        let done = self.world.decide(id, by, act, until).await;
        assert_eq!(done.is_ok(), may, "{act:?} by {by} of {ought:?}: {:?}", done.map_err(|error| error.to_string()));
        if may {
            match act {
                ReviewAct::Approve => {
                    ought.agreed.insert(by, until);
                    if ought.agreed.len() >= self.world.approvals {
                        ought.state = ReviewState::Approved;
                    }
                }
                ReviewAct::Reject => (ought.state, ought.agreed) = (ReviewState::Rejected, BTreeMap::new()),
                ReviewAct::Reopen => (ought.state, ought.agreed) = (ReviewState::Open, BTreeMap::new()),
            }
        }
    }

    /// Everybody may, in another spelling, and once.
    async fn reject(&mut self, by: u32) {
        self.mature();
        let state = |state| self.reviews.iter().rev().find(|(_, review)| review.state == state).map(|(id, _)| *id);
        let newest = self.reviews.keys().next_back().copied();
        let is_rejected = state(ReviewState::Rejected).is_some();
        let of = state(ReviewState::Open).or(newest);
        let done = self.world.desk().reject(name("widgets"), "v2.0.0".to_owned(), user(by), "a worm".to_owned()).await;
        assert_eq!(done.is_ok(), !is_rejected);
        if let Ok(review) = done {
            assert!(of.is_none_or(|id| id == review.id), "the review that there is");
            let new = || Ought { state: ReviewState::Rejected, files: BTreeSet::new(), agreed: BTreeMap::new() };
            let ought = self.reviews.entry(review.id).or_insert_with(new);
            (ought.state, ought.agreed) = (ReviewState::Rejected, BTreeMap::new());
        }
    }

    fn mature(&mut self) {
        let old: BTreeSet<String> = self.of_version().into_iter().filter(|sha256| self.is_old(sha256)).collect();
        for review in self.reviews.values_mut() {
            if review.state == ReviewState::Open && review.files.is_subset(&old) {
                review.state = ReviewState::Matured;
            }
        }
    }

    /// Every file is ruled as it ought to be, the page agrees, and the list says where each review stands.
    async fn check(&mut self) {
        for file in &self.world.page.files {
            let admitted = self.world.ruling(file).is_admitted();
            assert_eq!(admitted, self.is_admitted(file), "{} by {:?}", file.filename, self.reviews);
        }
        let policy = Arc::clone(&self.world.policy.borrow());
        let listing =
            Listing::new(&self.world.page, &policy.on(&self.world.page, Origin::Pypi, self.world.clock.now()));
        let listed: Value = serde_json::from_str(&listing.body(Form::Json, "")).expect("JSON");
        for (file, listed) in self.world.page.files.iter().zip(listed["files"].as_array().expect("files")) {
            // 1.0 is always old enough, so that some are.
            assert_eq!(listed["yanked"].is_string(), !self.is_admitted(file), "{listed}");
        }
        self.mature();
        let all = self.world.desk().list(None, 100).await.expect("well").reviews;
        let states: BTreeMap<i64, ReviewState> = all.iter().map(|review| (review.id, review.state)).collect();
        assert_eq!(states, self.reviews.iter().map(|(id, review)| (*id, review.state)).collect());
    }
}

fn run(approvals: usize, acts: Vec<Act>) {
    let dir = tempfile::tempdir().expect("a directory");
    let files = vec![file("widgets", "widgets-1.0.tar.gz", 24 * 90), file("widgets", "widgets-2.0.tar.gz", 24)];
    let world = World::new(dir.path().to_owned(), approvals, page("widgets", &files));
    let mut oracle = Oracle { world, files, reviews: BTreeMap::new() };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        for act in acts {
            oracle.take(act).await;
            oracle.check().await;
        }
    });
}

/// A rejection ahead may be spelt as no file is, and is of the same version all the same.
#[test]
fn reviews_of_one_version_in_two_spellings_know_of_each_other() {
    let decide = |act| Act::Decide(0, ADA, act, None);
    let ahead = [Act::Reject(ADA), decide(ReviewAct::Reopen), Act::Upload(0), Act::Ask(1)];
    run(1, [&ahead[..], &[decide(ReviewAct::Reject), decide(ReviewAct::Reopen)]].concat());
    run(1, [&ahead[..], &[decide(ReviewAct::Reject), Act::Decide(1, BOB, ReviewAct::Approve, None)]].concat());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn whatever_is_asked_decided_and_killed_nothing_passes_that_persons_and_time_do_not_let(
        approvals in 1_usize..=2,
        acts in prop::collection::vec(act(), 1..40),
    ) {
        run(approvals, acts);
    }
}

/// A project of its own for each number, with one young file.
fn stranger(number: usize) -> ProjectPage {
    let project = format!("stranger-{number}");
    page(&project, &[file(&project, &format!("stranger_{number}-1.0.tar.gz"), 1)])
}

#[tokio::test]
async fn a_flood_costs_whoever_makes_it_and_nobody_else_and_is_said() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut world = World::new(dir.path().to_owned(), 2, stranger(0));
    let honest = world.ask(&world.page.files[0].clone(), "10.0.0.1").await.expect("noted");
    world.page = stranger(1);
    let agreed = world.ask(&world.page.files[0].clone(), "10.6.6.6").await.expect("noted");
    world.decide(agreed, ADA, ReviewAct::Approve, None).await.expect("a person");
    for number in 2..1200 {
        world.page = stranger(number);
        world.clock.advance(TimeDelta::seconds(1));
        let file = world.page.files[0].clone();
        let request =
            HeldRequest::of(&world.page, &file, Requester::of_word("10.6.6.6"), world.clock.now()).expect("held");
        world.desk().note(request).await.expect("noted");
    }
    let listed = world.desk().list(Some(ReviewState::Open), 10_000).await.expect("well");
    assert_eq!((listed.reviews.len(), listed.dropped), (1000, 200));
    let ids: BTreeSet<i64> = listed.reviews.iter().map(|review| review.id).collect();
    assert!(ids.contains(&honest) && ids.contains(&agreed) && !ids.contains(&(agreed + 1)));
    let gone = world.desk().show(agreed + 1).await.expect_err("it made room").to_string();
    assert!(gone.contains("200 had to make room"), "{gone}");
    assert!(std::fs::metadata(dir.path().join("reviews.db")).expect("there").len() < 2_000_000);
}

#[tokio::test]
async fn nobody_agrees_to_what_a_record_names() {
    let dir = tempfile::tempdir().expect("a directory");
    let world = World::new(dir.path().to_owned(), 1, stranger(7));
    let id = world.ask(&world.page.files[0].clone(), "10.0.0.1").await.expect("noted");
    let package = json!({"ecosystem": "PyPI", "name": "stranger-7"});
    let record = json!({"id": "MAL-2026-1", "modified": "2026-11-27T00:00:00Z", "affected": [{"package": package}]});
    let mut records = MalwareRecords::default();
    records.add(record.to_string().as_bytes(), &BTreeSet::new()).expect("a record");
    world.policy.send_modify(|now| *now = Arc::new(Policy { malware: Arc::new(records), ..Policy::clone(now) }));
    let said = world.decide(id, ADA, ReviewAct::Approve, None).await.expect_err("it could do nothing").to_string();
    assert!(said.contains("except = [\"MAL-2026-1\"]"), "{said}");
    let shown = world.desk().show(id).await.expect("well");
    assert!(shown.state == ReviewState::Matured && shown.why.contains("malware by MAL-2026-1"), "{}", shown.why);
    assert!(
        world.desk().list(Some(ReviewState::Open), 10).await.expect("well").reviews.is_empty(),
        "it takes no place"
    );
    world.decide(id, ADA, ReviewAct::Reject, None).await.expect("to stop it is open to all");
}

#[tokio::test]
async fn what_nobody_asks_for_any_more_lapses_unless_a_person_agreed_to_it() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut world = World::new(dir.path().to_owned(), 2, stranger(0));
    world.policy.send_modify(|now| {
        let consensus = Consensus { needs: 1, ..Consensus::default() };
        *now = Arc::new(Policy { consensus, ..Policy::clone(now) });
    });
    let mut ids = Vec::new();
    for number in 0..3 {
        world.page = stranger(number);
        ids.push(world.ask(&world.page.files[0].clone(), "10.0.0.1").await.expect("noted"));
    }
    world.decide(ids[1], ADA, ReviewAct::Approve, None).await.expect("one of two");
    let state = async |world: &World, id| world.desk().show(id).await.expect("there").state;
    world.clock.advance(TimeDelta::days(20));
    world.page = stranger(2);
    world.ask(&world.page.files[0].clone(), "10.0.0.2").await.expect("noted again");
    // Days pass while it looks on otherwise, and it would close what waits in its queue still.
    assert_eq!(world.desk().show(ids[2]).await.expect("there").times_asked, 2);
    world.clock.advance(TimeDelta::days(11));
    let states = [state(&world, ids[0]).await, state(&world, ids[1]).await, state(&world, ids[2]).await];
    assert_eq!(
        states,
        [ReviewState::Matured, ReviewState::Open, ReviewState::Open],
        "for want of evidence, and of a second person"
    );
    let shown = world.desk().show(ids[0]).await.expect("there");
    assert_eq!(shown.why, "closed, since nobody asked for it in 30 days");
    let refused = world.decide(ids[0], ADA, ReviewAct::Approve, None).await.expect_err("over").to_string();
    assert!(refused.contains("is matured"), "{refused}");
    world.page = stranger(0);
    let again = world.ask(&world.page.files[0].clone(), "10.0.0.1").await.expect("noted");
    assert!(!ids.contains(&again), "whoever asks again begins another");
}

#[tokio::test]
async fn who_asks_again_is_counted_and_addresses_are_bounded() {
    let dir = tempfile::tempdir().expect("a directory");
    let world = World::new(dir.path().to_owned(), 1, stranger(0));
    let file = world.page.files[0].clone();
    let id = world.ask(&file, "10.0.0.0").await.expect("noted");
    for peer in 0..25 {
        assert_eq!(world.ask(&file, &format!("10.0.0.{peer}")).await, Some(id));
    }
    let review = world.desk().show(id).await.expect("there");
    assert_eq!((review.times_asked, review.asked_by.0.len(), review.more_peers), (26, 20, true));
    assert!(
        review.why.contains("a new project")
            && review.until == Some(noon() + TimeDelta::days(30) - TimeDelta::hours(1))
    );
}

/// First by whoever began the review, and then again; over a restart, and over files that come and change.
#[tokio::test]
async fn which_files_were_asked_for_stays_with_the_review() {
    let dir = tempfile::tempdir().expect("a directory");
    let names = ["widgets-1.0.tar.gz", "widgets-1.0-py3-none-any.whl", "widgets-1.0-cp312-cp312-linux_x86_64.whl"];
    let files = names.map(|of| file("widgets", of, 1));
    let mut world = World::new(dir.path().to_owned(), 1, page("widgets", &files));
    let id = world.ask(&world.page.files[0].clone(), "10.0.0.1").await.expect("noted");
    assert_eq!(world.ask(&world.page.files[2].clone(), "10.0.0.2").await, Some(id));
    let asked = async |world: &World| {
        let files = world.desk().show(id).await.expect("there").files;
        files.into_iter().filter(|file| file.asked_for).map(|file| file.filename).collect::<Vec<_>>()
    };
    assert_eq!(asked(&world).await, [names[2], names[0]]);
    world.restart();
    assert_eq!(asked(&world).await, [names[2], names[0]], "it is on the disk");
    // Other bytes are another file, and one that comes makes no other of those that are there.
    world.page.files[0].sha256 = "ab".repeat(32);
    world.page.files.extend(page("widgets", &[file("widgets", "widgets-1.0-py2-none-any.whl", 0)]).files);
    let last = world.page.files[3].clone();
    assert_eq!(world.ask(&last, "10.0.0.1").await, Some(id));
    assert_eq!(asked(&world).await, [names[2], last.filename.as_str()]);
}

#[tokio::test]
async fn an_approval_of_files_that_changed_meanwhile_is_none() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut world = World::new(dir.path().to_owned(), 1, stranger(0));
    let id = world.ask(&world.page.files[0].clone(), "10.0.0.1").await.expect("noted");
    let seen = world.desk().show(id).await.expect("there").files_key;
    let more =
        [file("stranger-0", "stranger_0-1.0.tar.gz", 1), file("stranger-0", "stranger_0-1.0-py3-none-any.whl", 0)];
    world.page = page("stranger-0", &more);
    world.ask(&world.page.files[1].clone(), "10.0.0.1").await.expect("noted");
    let approve = |files_key| ReviewDecision {
        act: ReviewAct::Approve,
        reason: "looked at".to_owned(),
        until: None,
        files_key: Some(files_key),
    };
    let refused = world.desk().decide(id, user(ADA), approve(seen)).await.expect_err("other files").to_string();
    assert!(refused.contains("has other files by now"), "{refused}");
    let seen = world.desk().show(id).await.expect("there").files_key;
    world.desk().decide(id, user(ADA), approve(seen)).await.expect("these");
    assert!(world.page.files.iter().all(|file| world.ruling(file).is_admitted()));
    assert_ne!(world.policy.borrow().exemptions.epoch(&world.page.name), 0, "pages from before are none any more");
}

#[tokio::test]
async fn what_nobody_was_told_of_is_news_until_it_is_told_or_decided() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut world = World::new(dir.path().to_owned(), 1, stranger(0));
    for number in 0..25 {
        world.page = stranger(number);
        world.clock.advance(TimeDelta::seconds(1));
        let request =
            HeldRequest::of(&world.page, &world.page.files[0], Requester::of_word("10.0.0.7"), world.clock.now());
        world.desk().note(request.expect("held")).await.expect("noted");
    }
    world.desk().reject(name("stranger-24"), "1.0".to_owned(), user(ADA), "a worm".to_owned()).await.expect("there");
    let news = world.desk().news(ReviewMark::default(), 20).await.expect("well");
    let first = &news.held[0];
    assert_eq!((news.held.len(), news.omitted, first.review, first.files), (20, 4, 24, 1), "the newest first");
    assert!(
        first.why.starts_with("held until ") && first.asked_by.words() == ["10.0.0.7"] && first.asked == 1,
        "{first:?}"
    );
    assert_eq!(news.oldest, Some(noon() + TimeDelta::seconds(1)));
    let last = news.last.expect("there are some");
    world.restart();
    assert_eq!(world.desk().news(last, 20).await.expect("well"), GateNews::default(), "all of it is told");
    world.desk = None;
    for gone in ["reviews.db", "reviews.db-wal", "reviews.db-shm", "reviews.there"] {
        // The last two may not be there.
        let _ = std::fs::remove_file(dir.path().join(gone));
    }
    world.restart();
    world.clock.advance(TimeDelta::seconds(1));
    assert_eq!(world.ask(&world.page.files[0].clone(), "10.0.0.8").await, Some(1), "a new file");
    let news = world.desk().news(last, 20).await.expect("well");
    assert_eq!((news.held.len(), news.last.map(|last| last.review)), (1, Some(24)), "is not the old one");
}

/// The file is another program's for as long as this lives.
fn locked(dir: &Path, program: &str) -> std::process::Child {
    let mut python = std::process::Command::new("python3");
    python.args(["-c", program]).arg(dir.join("reviews.db"));
    let mut child =
        python.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped()).spawn().expect("starts");
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.take().expect("piped")), &mut line)
        .expect("says");
    child
}

#[tokio::test]
async fn while_nothing_can_be_written_what_is_held_stays_held_and_nobody_waits_twice() {
    let dir = tempfile::tempdir().expect("a directory");
    let world = World::new(dir.path().to_owned(), 1, stranger(0));
    let file = world.page.files[0].clone();
    let lock = "import sqlite3,sys\nc=sqlite3.connect(sys.argv[1],isolation_level=None)\nc.execute('BEGIN IMMEDIATE')\nprint('locked',flush=True)\nsys.stdin.read()";
    let mut other = locked(dir.path(), lock);
    assert_eq!(world.ask(&file, "10.0.0.1").await, None);
    let began = std::time::Instant::now();
    assert_eq!(world.ask(&file, "10.0.0.1").await, None);
    assert!(began.elapsed() < Duration::from_millis(100), "it is known to be down");
    assert!(!world.ruling(&file).is_admitted());
    let refused = world.decide(1, ADA, ReviewAct::Approve, None).await.expect_err("locked").to_string();
    assert!(refused.contains("locked by another program"), "{refused}");
    other.kill().and_then(|()| other.wait()).expect("ended");
    let began = std::time::Instant::now();
    while world.ask(&file, "10.0.0.1").await.is_none() {
        assert!(began.elapsed() < Duration::from_secs(10), "it is written again");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_file_that_is_broken_emptied_or_gone_is_no_beginning() {
    let said = |dir: &Path| OpenedReviews::at(dir).expect_err("refused").to_string();
    let dir = tempfile::tempdir().expect("a directory");
    let world = World::new(dir.path().to_owned(), 1, stranger(0));
    let id = world.ask(&world.page.files[0].clone(), "10.0.0.1").await.expect("noted");
    world.decide(id, ADA, ReviewAct::Reject, None).await.expect("anybody may");
    drop(world);
    let path = dir.path().join("reviews.db");
    let whole = std::fs::read(&path).expect("reads");
    std::fs::write(&path, [&whole[..4096], &vec![7; whole.len() - 4096][..]].concat()).expect("written");
    assert!(said(dir.path()).contains("restore it from a backup"), "{}", said(dir.path()));
    std::fs::write(&path, b"").expect("written");
    assert!(said(dir.path()).contains("is empty"), "{}", said(dir.path()));
    std::fs::remove_file(&path).expect("removed");
    assert!(said(dir.path()).contains("is gone"), "{}", said(dir.path()));
    std::fs::write(&path, &whole).expect("written");
    let opened = OpenedReviews::at(dir.path()).expect("restored");
    assert!(opened.exemptions.rejection(&name("stranger-0"), Some("1"), "").is_some());
}

/// Fewer of them let something through, and a person has a review for that.
#[tokio::test]
async fn what_is_an_open_finding_is_the_daemons_to_say() {
    let dir = tempfile::tempdir().expect("a directory");
    let world = World::new(dir.path().to_owned(), 1, page("widgets", &[]));
    let suspects = BTreeMap::from([(name("widgets"), Suspect { finding: CaseId(7), is_page: true })]);
    let by_person = world.desk().suspect(user(ADA), suspects.clone()).await.expect_err("a person").to_string();
    assert!(by_person.contains("acknowledge or suppress the finding"), "{by_person}");
    assert_eq!(world.policy.borrow().suspects.len(), 0);
    world.desk().suspect(user(OWN), suspects).await.expect("a service");
    assert_eq!(world.policy.borrow().suspects.finding(&name("widgets")), Some(CaseId(7)));
    assert_eq!(*world.policy.borrow().suspects, Suspects::read(dir.path()));
    world.desk().suspect(user(OWN), BTreeMap::new()).await.expect("a service");
    assert_eq!((world.policy.borrow().suspects.len(), Suspects::read(dir.path()).len()), (0, 0));
}

#[tokio::test]
async fn reviews_are_found_page_by_page_with_who_asked_with_what_and_what_was_decided_before() {
    let dir = tempfile::tempdir().expect("a directory");
    let files: Vec<Value> = (1..=6).map(|v| file("widgets", &format!("widgets-{v}.0.tar.gz"), 1)).collect();
    let mut world = World::new(dir.path().to_owned(), 1, page("widgets", &files));
    for at in 0..6 {
        world.ask(&world.page.files[at].clone(), "10.0.0.1").await.expect("noted");
    }
    world.clock.advance(TimeDelta::minutes(5));
    let request = |peer: &str, tool| {
        let request = HeldRequest::of(&world.page, &world.page.files[1], Requester::of_word(peer), world.clock.now());
        request.expect("of a version").with(Agent { tool, is_ci: tool == Some("uv") })
    };
    for (peer, tool) in [("10.0.0.1", Some("pip")), ("10.0.0.2", Some("uv")), ("10.0.0.1", None)] {
        world.desk().note(request(peer, tool)).await;
    }
    world.decide(6, ADA, ReviewAct::Reject, None).await.expect("done");
    world.restart();
    let found = async |state, search: Option<&str>, before| {
        let sought = SoughtReviews { state, search: search.map(str::to_owned), before, most: 2 };
        let FoundReviews { reviews, more, open } = world.desk().sought(sought).await.expect("found");
        (reviews.iter().map(|review| review.id).collect::<Vec<_>>(), more, open)
    };
    assert_eq!(found(None, None, None).await, (vec![6, 5], true, 5));
    assert_eq!(found(Some(ReviewState::Open), None, None).await, (vec![5, 4], true, 5));
    assert_eq!(found(Some(ReviewState::Open), Some("idge"), Some(3)).await, (vec![2, 1], false, 5));
    assert_eq!(found(None, Some("_"), None).await, (vec![], false, 5), "no letter stands for others");
    let review = world.desk().show(2).await.expect("there");
    let (askers, before) = world.desk().around(review).await.expect("known");
    let of: Vec<(String, Option<&str>, bool, i64)> =
        askers.iter().map(|asker| (asker.who.to_string(), asker.tool.as_deref(), asker.is_ci, asker.times)).collect();
    assert_eq!(of, [("10.0.0.1".to_owned(), Some("pip"), false, 3), ("10.0.0.2".to_owned(), Some("uv"), true, 1)]);
    assert_eq!(askers[0].last, askers[0].first.map(|first| first + TimeDelta::minutes(5)));
    let decided: Vec<(i64, &str)> = before.iter().map(|past| (past.review, &*past.version)).collect();
    assert_eq!(decided, [(6, "6.0")]);
}
