//! Files of SQLite that are full, damaged, of another program or of another version: nothing is half written, and nothing begins anew unsaid.

mod hosts;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use chrono::TimeDelta;
use serde_json::json;

use super::engine::Engine;
use super::*;
use crate::gate::delivered::{Delivered, Delivery};
use crate::gate::learned::LearnedProject;
use crate::gate::page::ProjectPage;
use crate::gate::present::Present;
use crate::gate::review::{HeldRequest, ReviewAct, ReviewDecision, ReviewState};
use crate::gate::verdict::Bench;
use crate::model::{Actor, Machine, ProjectName, Requester, Through, Time};

fn noon() -> Time {
    "2026-11-27T12:00:00Z".parse().expect("a time")
}

fn name(text: &str) -> ProjectName {
    ProjectName::parse(text).expect("valid")
}

/// Somebody asks for a project of that number.
fn request(number: usize) -> HeldRequest {
    let project = format!("stranger-{number}");
    let filename = format!("stranger_{number}-1.0.tar.gz");
    let file = json!({"filename": filename, "url": "x", "hashes": {"sha256": "ab".repeat(32)}, "upload-time": noon()});
    let page = json!({"name": project, "files": [file]}).to_string();
    let base = url::Url::parse("https://index.example/simple/").expect("an address");
    let page = ProjectPage::read(&name(&project), &base, page.as_bytes()).expect("a page");
    HeldRequest::of(&page, &page.files[0], Requester::of_word("10.0.0.1"), noon()).expect("of a version")
}

fn ada() -> Actor {
    Actor { uid: Some(1001), user: Some("ada".to_owned()), through: Through::Socket, token: None }
}

fn bench() -> Bench {
    let machine = Machine::read(Some(4001), "", "", &[]);
    Bench { machine, approvals: 1, now: noon(), malware: None, rejected: None, open: None }
}

fn decision(act: ReviewAct, reason: &str) -> ReviewDecision {
    ReviewDecision { act, reason: reason.to_owned(), until: None, files_key: None }
}

fn deliveries(number: usize) -> Receipts {
    let mut receipts = Receipts::default();
    let version = format!("{number}.0");
    for peer in 0..40 {
        let filename = format!("widgets-{version}.tar.gz");
        let file =
            Delivered { project: name("widgets"), version: Some(version.clone()), filename, sha256: "ab".repeat(32) };
        let who = Requester::of_word(&format!("10.0.{number}.{peer}"));
        receipts.add(Delivery { file, who, at: noon(), is_admitted: true, is_private: false });
    }
    receipts
}

fn uses(number: usize) -> Uses {
    let mut uses = Uses::default();
    for project in 0..40 {
        uses.add(
            name(&format!("project-{number}-{project}")),
            &Requester::of_word("10.0.0.1"),
            Present::from(noon()),
            noon(),
        );
    }
    uses
}

/// The disk takes no more than there is.
fn is_full(engine: &mut Engine, is_so: bool) {
    let most = if is_so { 1 } else { 1_000_000 };
    engine.limited_to(most);
}

/// Fills it until the disk takes nothing; gives how often that went well.
fn filled(mut write: impl FnMut(usize) -> Result<(), RecordsError>) -> usize {
    for number in 0..10_000 {
        match write(number) {
            Ok(()) => {}
            Err(error @ RecordsError::Full(_)) => {
                let said = error.to_string();
                assert!(said.contains("is full; nothing was changed, free some space"), "{said}");
                return number;
            }
            Err(error) => panic!("{error}"),
        }
    }
    panic!("it takes all of it");
}

#[test]
fn a_review_that_a_full_disk_does_not_take_is_none_and_what_was_decided_stands() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut book = ReviewBook::open(dir.path()).expect("opens");
    let ask = |book: &mut ReviewBook, number: usize| book.ask(&[request(number)], &BTreeMap::new()).map(drop);
    ask(&mut book, 0).expect("written");
    book.decide(1, &ada(), &decision(ReviewAct::Reject, "a worm"), &bench()).expect("written").expect("anybody may");
    is_full(&mut book.engine, true);
    let written = filled(|number| ask(&mut book, number + 1)) + 1;
    let all = |book: &mut ReviewBook| book.list(None, 10_000).expect("readable").len();
    assert_eq!(all(&mut book), written);
    let (id, long) = (written as i64, "x".repeat(500));
    let open = |book: &mut ReviewBook| book.one(id).expect("readable").expect("there").state;
    // So small a thing may find room that another has left.
    let full = (0..1000).find_map(|_| {
        let said = book.decide(id, &ada(), &decision(ReviewAct::Reject, &long), &bench());
        let again = |book: &mut ReviewBook| book.decide(id, &ada(), &decision(ReviewAct::Reopen, &long), &bench());
        match said {
            Err(error) => Some((error, ReviewState::Open)),
            Ok(_) => again(&mut book).err().map(|error| (error, ReviewState::Rejected)),
        }
    });
    let (error, before) = full.expect("it has no room for a thousand reasons");
    assert!(matches!(error, RecordsError::Full(_)) && open(&mut book) == before, "{error}: it is as it was before");
    let learned = |number: usize| LearnedProject {
        project: format!("project-{number}"),
        at: noon(),
        by: "ada".to_owned(),
        uid: Some(1001),
        version: "1.0".to_owned(),
        sha256: "ab".repeat(32),
        source: "uv.lock".to_owned(),
    };
    let many: Vec<LearnedProject> = (0..5000).map(learned).collect();
    assert!(matches!(book.learn(&many), Err(RecordsError::Full(_))));
    assert!(book.learned("", 10).expect("readable").is_empty(), "of a list all or none");
    let exemptions = book.exemptions().expect("readable");
    assert!(exemptions.rejection(&name("stranger-0"), Some("1.0"), "").is_some(), "nobody gives out what was rejected");
    is_full(&mut book.engine, false);
    ask(&mut book, 20_000).expect("there is room again");
    assert_eq!(all(&mut book), written + 1);
    drop(book);
    let mut book = ReviewBook::open(dir.path()).expect("a full disk is no damage");
    assert_eq!((all(&mut book), book.exemptions().expect("readable").epoch(&name("stranger-0"))), (written + 1, 1));
}

#[test]
fn a_batch_that_a_full_disk_does_not_take_is_not_half_there() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut log = DeliveryBook::open(dir.path()).expect("opens");
    is_full(&mut log.engine, true);
    let written = filled(|number| log.keep(&deliveries(number)));
    is_full(&mut log.engine, false);
    let versions: BTreeSet<String> =
        log.admitted(&name("widgets")).expect("readable").into_iter().map(|(version, _)| version).collect();
    assert_eq!(versions.len(), written);
    assert_eq!(log.who(&name("widgets"), None, usize::MAX).expect("readable").len(), 40 * written);
    log.keep(&deliveries(written)).expect("there is room again");
    assert_eq!(log.who(&name("widgets"), Some(&format!("{written}.0")), 100).expect("readable").len(), 40);
    let mut book = UseBook::open(dir.path()).expect("opens");
    is_full(&mut book.engine, true);
    let written = filled(|number| book.keep(&uses(number)));
    is_full(&mut book.engine, false);
    assert_eq!(book.all().expect("readable").len(), 40 * written);
}

type Open = fn(&Path) -> Result<(), RecordsError>;
type Damage = fn(&Path);

/// Each file, and what opens it.
const FILES: [(&str, Open); 4] = [
    ("reviews.db", |dir| ReviewBook::open(dir).map(drop)),
    ("deliveries.db", |dir| DeliveryBook::open(dir).map(drop)),
    ("uses.db", |dir| UseBook::open(dir).map(drop)),
    ("attested.db", |dir| AttestedBook::open(dir).and_then(|mut book| book.all()).map(drop)),
];

/// What may have become of a file, and the words of whoever opens it then.
fn damage() -> [(&'static str, Damage, &'static str); 5] {
    fn cut(path: &Path, length: usize) {
        let whole = fs::read(path).expect("reads");
        fs::write(path, &whole[..length]).expect("written");
    }
    [
        ("gone", |path| fs::remove_file(path).expect("removed"), "is gone; restore it from a backup"),
        ("emptied", |path| cut(path, 0), "is empty; restore it from a backup"),
        ("another file", |path| fs::write(path, "words ".repeat(2000)).expect("written"), "is damaged"),
        ("a folder", |path| fs::remove_file(path).and_then(|()| fs::create_dir(path)).expect("made"), "cannot be used"),
        (
            "of a newer namewarden",
            |path| Engine::marked(path, 99),
            "was written by a newer namewarden; start that again",
        ),
    ]
}

#[test]
fn a_file_that_was_lost_or_changed_is_said_with_the_remedy_and_never_begun_anew() {
    for (file, open) in FILES {
        for (how, break_it, words) in damage() {
            let dir = tempfile::tempdir().expect("a directory");
            open(dir.path()).expect("a first start");
            let path = dir.path().join(file);
            break_it(&path);
            for _ in 0..2 {
                let said = open(dir.path()).expect_err(how).to_string();
                assert!(said.contains(words) && said.contains(file), "{file} {how}: {said}");
            }
            if words.contains("backup") {
                let _ = fs::remove_file(&path);
                fs::remove_file(path.with_extension("there")).expect("moved away, as it says");
                open(dir.path()).expect("and begun anew by a person");
            }
        }
    }
}

/// A first start on a disk that is not there, or is another's.
#[test]
fn where_nothing_can_be_made_that_is_said() {
    let dir = tempfile::tempdir().expect("a directory");
    for (file, open) in FILES {
        let said = open(&dir.path().join("nowhere")).expect_err("no directory").to_string();
        assert!(said.contains(file) && said.contains("write another as [gate] state"), "{said}");
    }
}

/// What of a list waits longer than others is let go, and what persons decided is not.
#[test]
fn reviews_that_closed_by_themselves_make_room_and_decisions_never_do() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut book = ReviewBook::open(dir.path()).expect("opens");
    let ids = book.ask(&[request(0), request(1), request(0)], &BTreeMap::new()).expect("written");
    assert_eq!(ids, [Some(1), Some(2), Some(1)], "one of a version");
    book.decide(1, &ada(), &decision(ReviewAct::Reject, "a \r\n worm\u{7}"), &bench()).expect("written").expect("may");
    let rejected = book.one(1).expect("readable").expect("there");
    assert_eq!(
        (rejected.state, rejected.steps[0].reason.as_str()),
        (ReviewState::Rejected, "a    worm"),
        "on one line"
    );
    let again =
        AskedAgain { times: 3, last: Some(noon() - TimeDelta::hours(1)), askers: Vec::new(), ..AskedAgain::default() };
    book.ask(&[], &BTreeMap::from([(2, again), (77, AskedAgain::default())])).expect("one of them is no more");
    let asked = book.one(2).expect("readable").expect("there");
    assert_eq!((asked.times_asked, asked.last_asked), (4, noon()), "a clock that was set back makes nothing older");
}
