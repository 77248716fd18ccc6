//! What turned out to be bad, over deliveries, records that come and go, restarts, and a daemon that asks whenever it can.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use chrono::TimeDelta;
use proptest::prelude::*;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::gate::consensus::Consensus;
use crate::gate::delivered::{Delivered, Delivery};
use crate::gate::exemption::{Exemptions, Rejected};
use crate::gate::ledger::{Ledger, LedgerRules, OpenedUses};
use crate::gate::malware::MalwareRecords;
use crate::gate::policy::{AgeRules, Binding, Mode, Modes, Policy};
use crate::gate::recall::{Recalled, Standing, Turn, turn};
use crate::gate::recalled::told;
use crate::gate::records::RecallLine;
use crate::gate::suspects::Suspects;
use crate::gate::troubles::GateTroubles;
use crate::model::gate_report::StandingRecalls;
use crate::model::recall::{RecallCause, RecallMark};
use crate::model::{CaseId, ProjectName, Registry, Requester, Suspect, Time, WatchId, WatchKind};

const PROJECTS: [&str; 3] = ["widgets", "leftpad", "acme-billing"];

fn noon() -> Time {
    "2026-11-27T12:00:00Z".parse().expect("a time")
}

fn name(text: &str) -> ProjectName {
    ProjectName::parse(text).expect("valid")
}

/// What is said of the projects at a moment.
#[derive(Clone, Debug, Default)]
struct Said {
    malware: BTreeMap<(usize, u8), String>,
    rejected: BTreeMap<(usize, u8), i64>,
    pages: BTreeMap<usize, bool>,
    quarantined: BTreeMap<usize, bool>,
}

impl Said {
    fn policy(&self) -> Policy {
        let mut malware = MalwareRecords::default();
        for ((project, version), id) in &self.malware {
            let affected = serde_json::json!([{"package": {"ecosystem": "PyPI", "name": PROJECTS[*project]},
                                               "versions": [format!("{version}.0")]}]);
            let record = serde_json::json!({"id": id, "modified": "2026-11-01T00:00:00Z", "affected": affected});
            malware.add(record.to_string().as_bytes(), &std::collections::BTreeSet::new()).expect("a record");
        }
        let mut exemptions = Exemptions::default();
        for ((project, version), review) in &self.rejected {
            let rejected = Rejected { review: *review, by: "ada".to_owned(), reason: "no".to_owned() };
            exemptions.reject(&name(PROJECTS[*project]), &format!("{version}.0.0"), std::iter::empty(), &rejected);
        }
        let suspect = |(project, is_page): (&usize, &bool)| {
            (name(PROJECTS[*project]), Suspect { finding: CaseId(417), is_page: *is_page })
        };
        let suspects = Suspects::new(self.pages.iter().map(suspect).collect());
        Policy {
            binding: Binding::of_watches(
                std::iter::once(WatchId::new(Registry::Pypi, WatchKind::Name, "acme-billing")),
                std::collections::BTreeSet::new(),
            ),
            age: AgeRules {
                modes: Modes::all(Mode::Observe),
                file: TimeDelta::days(7),
                project: TimeDelta::zero(),
                freeze: None,
            },
            consensus: Consensus::default(),
            malware: Arc::new(malware),
            exemptions: Arc::new(exemptions),
            suspects: Arc::new(suspects),
        }
    }

    /// How much is said of a file from PyPI: what the whole is held against.
    fn weight(&self, project: usize, version: u8) -> Option<u8> {
        let known = self.malware.contains_key(&(project, version)) || self.quarantined.get(&project) == Some(&true);
        let paged = self.pages.get(&project) == Some(&true);
        match (known, paged, self.rejected.contains_key(&(project, version))) {
            (true, ..) => Some(2),
            (_, true, _) => Some(1),
            (.., true) => Some(0),
            _ => None,
        }
    }
}

#[derive(Clone, Debug)]
enum Step {
    Deliver(usize, u8, u8),
    Record(usize, u8, bool),
    Reject(usize, u8, bool),
    Page(usize, Option<bool>),
    Quarantine(usize, bool),
    Restart,
    /// The daemon asks, and tells.
    Ask,
    /// It asks, and is killed before it told.
    AskInVain,
}

fn step() -> impl Strategy<Value = Step> {
    let (project, version) = (0_usize..2, 1_u8..3);
    prop_oneof![
        6 => (project.clone(), version.clone(), 0_u8..3).prop_map(|(p, v, peer)| Step::Deliver(p, v, peer)),
        3 => (project.clone(), version.clone(), any::<bool>()).prop_map(|(p, v, on)| Step::Record(p, v, on)),
        2 => (project.clone(), version, any::<bool>()).prop_map(|(p, v, on)| Step::Reject(p, v, on)),
        2 => (project.clone(), proptest::option::of(any::<bool>())).prop_map(|(p, page)| Step::Page(p, page)),
        2 => (project, any::<bool>()).prop_map(|(p, on)| Step::Quarantine(p, on)),
        1 => Just(Step::Restart),
        5 => Just(Step::Ask),
        2 => Just(Step::AskInVain),
    ]
}

fn delivery(project: usize, version: u8, peer: u8, is_private: bool) -> Delivery {
    let file = Delivered {
        project: name(PROJECTS[project]),
        version: Some(format!("{version}.0")),
        filename: format!("{}-{version}.0.tar.gz", PROJECTS[project]),
        sha256: format!("{project}{version}").repeat(32),
    };
    Delivery { file, who: Requester::of_word(&format!("10.0.0.{peer}")), at: noon(), is_admitted: true, is_private }
}

struct World {
    dir: tempfile::TempDir,
    clock: Clock,
    said: Said,
    policy: watch::Sender<Arc<Policy>>,
    ledger: Option<Ledger>,
    mark: RecallMark,
}

impl World {
    fn new() -> Self {
        let (dir, said) = (tempfile::tempdir().expect("a directory"), Said::default());
        let (policy, clock) = (watch::Sender::new(Arc::new(said.policy())), Clock::manual(noon()));
        let ledger = Some(ledger(dir.path(), &policy, &clock));
        Self { dir, clock, said, policy, ledger, mark: RecallMark::default() }
    }

    fn ledger(&self) -> &Ledger {
        self.ledger.as_ref().expect("it runs")
    }

    fn say<T>(&mut self, change: impl FnOnce(&mut Said) -> T) {
        change(&mut self.said);
        self.policy.send_replace(Arc::new(self.said.policy()));
    }

    fn restart(&mut self) {
        self.ledger = None;
        self.ledger = Some(ledger(self.dir.path(), &self.policy, &self.clock));
    }

    /// What is news after the mark, and the mark that covers it.
    async fn ask(&self) -> (Vec<RecallLine>, RecallMark) {
        let last = self.ledger().recalled().await.expect("it stands").expect("readable").unwrap_or_default();
        match last == self.mark {
            true => (Vec::new(), self.mark),
            false => self.ledger().recalls(self.mark).await.expect("it stands").expect("readable"),
        }
    }
}

fn ledger(dir: &Path, policy: &watch::Sender<Arc<Policy>>, clock: &Clock) -> Ledger {
    let rules = LedgerRules { age: TimeDelta::days(365), room: u64::MAX };
    let uses = OpenedUses::at(dir).unwrap_or_default();
    Ledger::start(dir.to_owned(), rules, uses, (policy.clone(), GateTroubles::default()), clock.clone())
}

/// What clients were told: by file and client, the weight of what is said, where it stands.
type Heard = BTreeMap<(String, String), Option<u8>>;

/// Each line is news to whoever hears it.
fn hear(heard: &mut Heard, lines: &[RecallLine]) {
    for line in lines {
        let key = (line.filename.clone(), line.receiver.who.word());
        let before = heard.get(&key).copied().flatten();
        let is_worse = !line.is_over && before.is_some_and(|before| line.cause.weight() > before);
        assert_eq!((line.was_told, line.is_worse), (before.is_some(), is_worse), "{line:?}");
        match line.is_over {
            true => assert!(before.is_some(), "it ended for whoever never heard of it: {line:?}"),
            false => assert_ne!(before, Some(line.cause.weight()), "twice: {line:?}"),
        }
        heard.insert(key, (!line.is_over).then(|| line.cause.weight()));
    }
}

async fn play(steps: Vec<Step>) {
    let mut world = World::new();
    let (mut heard, mut delivered) = (Heard::new(), Vec::new());
    for step in steps.into_iter().chain([Step::Ask]) {
        world.clock.advance(TimeDelta::seconds(1));
        match step {
            Step::Deliver(project, version, peer) => {
                world.ledger().note(delivery(project, version, peer, false));
                delivered.push((project, version, peer));
            }
            Step::Record(p, v, true) => world.say(|said| said.malware.insert((p, v), format!("MAL-2026-{p}{v}"))),
            Step::Record(p, v, false) => world.say(|said| said.malware.remove(&(p, v))),
            Step::Reject(p, v, true) => world.say(|said| said.rejected.insert((p, v), 3)),
            Step::Reject(p, v, false) => world.say(|said| said.rejected.remove(&(p, v))),
            Step::Page(p, Some(page)) => world.say(|said| said.pages.insert(p, page)),
            Step::Page(p, None) => world.say(|said| said.pages.remove(&p)),
            Step::Quarantine(p, on) => {
                // Nobody knows before the first answer of the ledger what was written down.
                world.ledger().recalled().await.expect("it stands").expect("readable");
                world.ledger().note_quarantine(&name(PROJECTS[p]), on);
                world.said.quarantined.insert(p, on);
            }
            Step::Restart => world.restart(),
            Step::AskInVain => drop(world.ask().await),
            Step::Ask => {
                let (lines, last) = world.ask().await;
                hear(&mut heard, &lines);
                world.mark = last;
                for (project, version, peer) in &delivered {
                    let file = delivery(*project, *version, *peer, false);
                    let told = heard.get(&(file.file.filename, file.who.word())).copied().flatten();
                    let said = world.said.weight(*project, *version);
                    // What was said as worse stays so until it ends: no news is no harm.
                    let is_right = match (told, said) {
                        (Some(told), Some(said)) => told >= said,
                        (told, said) => told.is_some() == said.is_some(),
                    };
                    assert!(is_right, "{} {version} by {peer}: told {told:?}, said {said:?}", PROJECTS[*project]);
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn whoever_received_what_is_bad_is_told_once_and_hears_the_end_of_it(steps in proptest::collection::vec(step(), 1..40)) {
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(play(steps));
    }
}

/// What stood when the daemon last told is what it compares with, and not what came and went while it was away.
#[tokio::test]
async fn what_came_and_went_untold_hides_no_end_and_is_told_to_nobody() {
    let quarantine = [Step::Quarantine(0, true), Step::Quarantine(0, false)];
    let told = [Step::Deliver(0, 1, 0), Step::Page(0, Some(true)), Step::Ask, Step::Page(0, None)];
    play(told.into_iter().chain(quarantine.clone()).collect()).await;
    let again = [Step::Deliver(0, 1, 0), Step::Page(0, Some(true)), Step::Ask, Step::Page(0, None), Step::AskInVain];
    play(again.iter().cloned().chain(quarantine).chain([Step::Page(0, Some(true))]).collect()).await;
    // What weighs less is told where the mark goes over it, or what comes after it would be told twice.
    let lighter = [Step::Reject(0, 1, true), Step::Ask, Step::Page(0, Some(true))];
    play(again.into_iter().chain(lighter).collect()).await;
}

/// Whatever comes and goes at PyPI fills no log, and hides no end before there was too much of it.
#[tokio::test]
async fn of_what_comes_and_goes_so_much_is_kept_that_its_end_is_told() {
    let mut world = World::new();
    world.ledger().note(delivery(0, 1, 1, false));
    world.say(|said| said.pages.insert(0, true));
    world.mark = world.ask().await.1;
    let turns = async |of: std::ops::Range<usize>, world: &mut World| {
        for turn in of {
            world.clock.advance(TimeDelta::seconds(1));
            world.say(|said| if turn % 2 == 0 { said.pages.remove(&0) } else { said.pages.insert(0, true) });
            world.ledger().recalled().await.expect("it stands").expect("readable");
        }
    };
    turns(0..15, &mut world).await;
    let lines = world.ask().await.0;
    assert!(lines.len() == 1 && lines[0].is_over && lines[0].was_told, "{lines:?}");
    turns(15..60, &mut world).await;
    world.ledger = None;
    let book = rusqlite::Connection::open(world.dir.path().join("deliveries.db")).expect("opens");
    let kept: i64 = book.query_row("SELECT count(*) FROM recall_turns", [], |row| row.get(0)).expect("counted");
    assert_eq!(kept, 17, "what was told, and sixteen changes");
}

/// Its numbers were given out before, for what the daemon was told then.
#[tokio::test]
async fn what_stands_in_a_log_that_was_brought_back_is_told() {
    let (mut world, backup) = (World::new(), tempfile::tempdir().expect("a directory"));
    let copied = |from: &Path, to: &Path| {
        for file in std::fs::read_dir(from).expect("listed").map(|file| file.expect("a file").path()) {
            std::fs::copy(&file, to.join(file.file_name().expect("a name"))).expect("copied");
        }
    };
    world.ledger().note(delivery(0, 1, 1, false));
    world.say(|said| said.pages.insert(0, true));
    world.ledger().recalled().await.expect("it stands").expect("readable");
    world.ledger = None;
    copied(world.dir.path(), backup.path());
    world.restart();
    world.clock.advance(TimeDelta::seconds(1));
    world.say(|said| said.pages.remove(&0));
    let (lines, last) = world.ask().await;
    assert_eq!(lines, [], "nobody heard of it");
    world.mark = last;
    world.ledger = None;
    copied(backup.path(), world.dir.path());
    world.restart();
    world.clock.advance(TimeDelta::seconds(1));
    world.ledger().recalled().await.expect("it stands").expect("readable");
    world.say(|said| said.pages.insert(0, true));
    let lines = world.ask().await.0;
    assert!(lines.len() == 1 && !lines[0].is_over, "{lines:?}");
}

/// OSV names strangers who had a name of ours at PyPI. What was taken from there before the name was bound is theirs.
#[tokio::test]
async fn a_record_of_a_name_of_ours_is_of_what_came_from_pypi_alone() {
    let mut world = World::new();
    world.ledger().note(delivery(2, 1, 1, true));
    world.ledger().note(delivery(2, 2, 2, false));
    world.say(|said| {
        said.malware = [((2, 1), "MAL-2026-1".to_owned()), ((2, 2), "MAL-2026-2".to_owned())].into();
    });
    let (lines, _) = world.ask().await;
    let told: Vec<(&str, String)> = lines.iter().map(|line| (&*line.filename, line.receiver.who.word())).collect();
    assert_eq!(told, [("acme-billing-2.0.tar.gz", "10.0.0.2".to_owned())]);
}

/// A gate that lost what the daemon told it knows of no finding, which is no end of one.
#[tokio::test]
async fn a_gate_that_was_told_of_no_findings_ends_none() {
    let mut world = World::new();
    world.ledger().note(delivery(0, 1, 1, false));
    world.say(|said| said.pages.insert(0, true));
    let (lines, last) = world.ask().await;
    assert!(matches!(lines[..], [RecallLine { cause: RecallCause::Finding { .. }, .. }]), "{lines:?}");
    world.mark = last;
    let lost = Policy { suspects: Arc::default(), ..world.said.policy() };
    world.policy.send_replace(Arc::new(lost));
    assert_eq!(world.ask().await.0, []);
    world.say(|said| said.pages.clear());
    assert!(world.ask().await.0[0].is_over, "the daemon has told that there is none any more");
}

/// Older records, or none, lack what was found since, which is no end of it; what is withdrawn is.
#[tokio::test]
async fn records_that_may_know_less_end_nothing_but_what_they_take_back() {
    let mut world = World::new();
    world.ledger().note(delivery(0, 1, 1, false));
    world.say(|said| said.malware.insert((0, 1), "MAL-2026-1".to_owned()));
    let (lines, last) = world.ask().await;
    assert_eq!(lines.len(), 1);
    world.mark = last;
    let with = |malware| Policy { malware: Arc::new(malware), ..Said::default().policy() };
    let mut older = MalwareRecords::ending_nothing();
    world.policy.send_replace(Arc::new(with(older.clone())));
    assert_eq!(world.ask().await.0, []);
    world.policy.send_replace(Arc::new(with(MalwareRecords::awaited())));
    assert_eq!(world.ask().await.0, [], "nobody has read what is there");
    let withdrawn = r#"{"id": "MAL-2026-1", "modified": "2026-11-02T00:00:00Z", "withdrawn": "2026-11-02T00:00:00Z"}"#;
    older.add(withdrawn.as_bytes(), &std::collections::BTreeSet::new()).expect("a record");
    world.policy.send_replace(Arc::new(with(older)));
    assert!(world.ask().await.0[0].is_over);
}

/// Nobody says why, so that a person's no, and all that is known, says more.
#[tokio::test]
async fn what_pypi_lists_no_more_is_told_once_until_it_is_back() {
    let mut world = World::new();
    (1..3).for_each(|version| world.ledger().note(delivery(0, version, 1, false)));
    world.ledger().note(delivery(2, 1, 1, true));
    let files = |versions: &[u8]| versions.iter().map(|version| delivery(0, *version, 1, false).file.sha256).collect();
    world.ledger().note_listed(name("widgets"), files(&[1, 2]));
    assert_eq!(world.ask().await.0, []);
    world.ledger().note_listed(name("widgets"), files(&[2]));
    world.ledger().note_listed(name("acme-billing"), files(&[]));
    let (lines, last) = world.ask().await;
    let told: Vec<(&str, &RecallCause)> = lines.iter().map(|line| (&*line.filename, &line.cause)).collect();
    assert_eq!(told, [("widgets-1.0.tar.gz", &RecallCause::Removed)], "what is ours is at no PyPI");
    assert!(!lines[0].cause.is_page());
    world.mark = last;
    world.restart();
    world.ledger().note_listed(name("widgets"), files(&[2]));
    assert_eq!(world.ask().await.0, [], "once");
    // A whole project, one of whose files is known to be malware by then.
    world.say(|said| said.malware.insert((0, 1), "MAL-2026-1".to_owned()));
    world.ledger().note_listed(name("widgets"), files(&[]));
    let (lines, last) = world.ask().await;
    let causes: Vec<&str> = lines.iter().map(|line| line.cause.as_str()).collect();
    assert_eq!(causes, ["malware", "removed"]);
    world.mark = last;
    world.ledger().note_listed(name("widgets"), files(&[1, 2]));
    let (lines, _) = world.ask().await;
    assert!(lines.len() == 1 && lines[0].is_over && lines[0].cause == RecallCause::Removed, "{lines:?}");
}

/// What a log brought back says is told again, though its numbers were given out before.
#[tokio::test]
async fn a_log_that_was_brought_back_hides_nothing_behind_its_numbers() {
    let mut world = World::new();
    world.ledger().note(delivery(0, 1, 1, false));
    world.mark = RecallMark { number: 40, at: noon() };
    world.clock.advance(TimeDelta::seconds(60));
    world.say(|said| said.malware.insert((0, 1), "MAL-2026-1".to_owned()));
    let (lines, last) = world.ask().await;
    assert_eq!((lines.len(), last.number), (1, 40));
    assert!(!lines[0].was_told && told(lines).recalls[0].is_new);
    world.mark = last;
    world.clock.advance(TimeDelta::seconds(60));
    world.say(|said| said.malware.clear());
    let (lines, last) = world.ask().await;
    assert!(lines[0].is_over && lines[0].was_told && last.number > 40, "and so is its end: {lines:?}");
    // Whoever makes up a number moves nothing by it.
    world.mark = RecallMark { number: i64::MAX, at: noon() };
    world.ask().await;
    world.mark = last;
    world.say(|said| said.malware.insert((0, 1), "MAL-2026-1".to_owned()));
    assert!(world.ask().await.1.number < 100);
}

#[tokio::test]
async fn what_is_told_is_short_counts_the_rest_and_begins_with_the_worst() {
    let mut world = World::new();
    (0..40).for_each(|peer| world.ledger().note(delivery(0, 1, peer, false)));
    world.ledger().note(delivery(1, 2, 1, false));
    world.say(|said| {
        said.rejected.insert((0, 1), 3);
        said.malware.insert((1, 2), "MAL-2026-1".to_owned());
    });
    let (lines, last) = world.ask().await;
    let of = told(lines).recalls;
    let words: Vec<&str> = of.iter().map(|recall| recall.cause.as_str()).collect();
    assert_eq!(words, ["malware", "rejected"]);
    let by = Some("ada".to_owned());
    assert_eq!(of[1].cause, RecallCause::Rejected { review: 3, reason: "no".to_owned(), by });
    assert_eq!((of[1].files[0].receivers.len(), of[1].files[0].more_receivers), (10, 30));
    world.mark = last;
    world.ledger().note(delivery(0, 1, 90, false));
    let more = told(world.ask().await.0).recalls;
    assert!(
        !more[0].is_new && more[0].files[0].receivers.len() == 1,
        "of a file that is known, only who is new: {more:?}"
    );
    world.mark = world.ask().await.1;
    world.say(|said| said.malware.clear());
    let over = told(world.ask().await.0).recalls;
    assert!(over.len() == 1 && over[0].is_over && over[0].is_settled, "{over:?}");
}

/// What an earlier version wrote down has no name in it.
#[test]
fn who_rejected_it_is_written_down_once_it_is_known_and_no_news_to_whoever_was_told() {
    let old = serde_json::json!({"kind": "rejected", "review": 3, "reason": "no"});
    let cause: RecallCause = serde_json::from_value(old).expect("as it was written");
    let (review, reason) = (3, "no".to_owned());
    assert_eq!(cause, RecallCause::Rejected { review, reason: reason.clone(), by: None });
    let was = Recalled { weight: cause.weight(), cause, is_over: false };
    let now = Standing::Bad(RecallCause::Rejected { review, reason, by: Some("ada".to_owned()) });
    assert_eq!(turn(Some(&was), &now), Some(Turn::Differs));
}

async fn standing(world: &World, most: usize) -> StandingRecalls {
    world.ledger().standing_recalls(most).await.expect("it stands").expect("readable")
}

#[tokio::test]
async fn what_stands_is_counted_by_project_with_who_has_it_and_what_is_merely_gone_apart() {
    let mut world = World::new();
    (0..3).for_each(|peer| world.ledger().note(delivery(0, 1, peer, false)));
    world.ledger().note(delivery(0, 2, 1, false));
    world.ledger().note(delivery(1, 1, 7, false));
    world.ledger().note(delivery(1, 2, 7, false));
    assert_eq!(standing(&world, 9).await, StandingRecalls { clients: Some(0), ..StandingRecalls::default() });
    world.say(|said| {
        said.rejected.insert((0, 2), 3);
        said.malware.insert((0, 1), "MAL-2026-1".to_owned());
        said.malware.insert((1, 1), "MAL-2026-2".to_owned());
    });
    let listed = [delivery(1, 1, 7, false).file.sha256].into();
    world.ledger().note_listed(name("leftpad"), listed);
    let of = standing(&world, 9).await;
    let words: Vec<(&str, &str, u64, u64)> =
        of.recalls.iter().map(|of| (&*of.project, of.cause.as_str(), of.files, of.clients)).collect();
    assert_eq!(
        words,
        [
            ("leftpad", "malware", 1, 1),
            ("widgets", "malware", 1, 3),
            ("widgets", "rejected", 1, 1),
            ("leftpad", "removed", 1, 1)
        ],
        "the worst first, and last what may mean nothing"
    );
    assert_eq!((of.bad_files, of.clients, of.gone_files, of.omitted), (3, Some(4), 1, 0));
    let first = standing(&world, 1).await;
    assert_eq!((first.recalls.len(), first.omitted, first.bad_files), (1, 3, 3), "the numbers are those of all");
    world.say(|said| {
        said.rejected.clear();
        said.malware.clear();
    });
    assert_eq!(
        (standing(&world, 9).await.bad_files, standing(&world, 9).await.gone_files),
        (0, 1),
        "what is over is over"
    );
}

#[tokio::test]
async fn projects_that_were_received_come_one_after_the_other_and_then_again() {
    let world = World::new();
    assert_eq!(world.ledger().project_behind(None).await.expect("it stands").expect("readable"), None);
    (0..3).for_each(|project| world.ledger().note(delivery(project, 1, 1, false)));
    let (mut last, mut seen) = (None, Vec::new());
    for _ in 0..5 {
        last = world.ledger().project_behind(last).await.expect("it stands").expect("readable");
        seen.push(last.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string));
    }
    assert_eq!(seen, ["acme-billing", "leftpad", "widgets", "-", "acme-billing"]);
}

/// Not timed: what is measured is printed by `cargo test -- --ignored --nocapture`.
#[tokio::test]
#[ignore = "a measurement"]
async fn a_hundred_thousand_records_over_twenty_thousand_projects() {
    let mut world = World::new();
    for project in 0..20_000 {
        let mut delivery = delivery(0, 1, 1, false);
        delivery.file.project = name(&format!("project-{project}"));
        delivery.file.filename = format!("project-{project}-1.0.tar.gz");
        world.ledger().note(delivery);
    }
    world.ask().await;
    let mut policy = world.said.policy();
    let mut malware = MalwareRecords::default();
    for record in 0..100_000 {
        let of = if record < 5 { format!("project-{record}") } else { format!("evil-{record}") };
        let affected = serde_json::json!([{"package": {"ecosystem": "PyPI", "name": of}, "versions": ["1.0"]}]);
        let json = serde_json::json!({"id": format!("MAL-2026-{record}"), "modified": "2026-11-01T00:00:00Z", "affected": affected});
        malware.add(json.to_string().as_bytes(), &std::collections::BTreeSet::new()).expect("a record");
    }
    policy.malware = Arc::new(malware);
    world.policy.send_replace(Arc::new(policy));
    let began = std::time::Instant::now();
    let (lines, _) = world.ask().await;
    println!("all of the log by new records: {:?}, {} lines", began.elapsed(), lines.len());
    let began = std::time::Instant::now();
    for _ in 0..100 {
        world.ask().await;
    }
    println!("a look without news: {:?}", began.elapsed() / 100);
    world.say(|_| {});
}

/// A build farm that has it is as many machines to clean, and hides nobody.
#[tokio::test]
async fn an_account_on_many_machines_is_told_of_with_each_of_them_and_others_stand_before_the_rest_of_it() {
    let mut world = World::new();
    let at =
        |user: &str, host: u8| Requester { user: Some(user.to_owned()), host: format!("10.0.0.{host}").parse().ok() };
    for who in (1..30).map(|host| at("ci-1", host)).chain([at("zoe", 77)]) {
        world.ledger().note(Delivery { who, ..delivery(0, 1, 0, false) });
    }
    world.say(|said| said.malware = [((0, 1), "MAL-2026-1".to_owned())].into());
    let (lines, _) = world.ask().await;
    assert_eq!(lines.len(), 30);
    let told = told(lines).recalls;
    let file = &told[0].files[0];
    let first: Vec<String> = file.receivers.iter().take(3).map(|of| of.who.to_string()).collect();
    assert_eq!(first, ["ci-1 at 10.0.0.1", "zoe at 10.0.0.77", "ci-1 at 10.0.0.10"]);
    assert_eq!(file.receivers.len() + file.more_receivers, 30);
    assert_eq!(standing(&world, 9).await.clients, Some(30), "so many machines are to be looked at");
}
