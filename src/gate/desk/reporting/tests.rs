//! The numbers of a period are those of what was asked for and decided in it, whatever the clock did.

use std::sync::Arc;

use chrono::TimeDelta;

use super::*;
use crate::gate::agent::Agent;
use crate::gate::consensus::Consensus;
use crate::gate::policy::{AgeRules, Binding, Mode, Modes};
use crate::gate::records::AskedAgain;
use crate::gate::review::{HeldRequest, ReviewAct, ReviewDecision, ReviewFile, files_key};
use crate::gate::verdict::Bench;
use crate::model::gate_report::{ReviewCounts, ReviewEnd};
use crate::model::{Actor, Machine, ProjectName, Requester, Through};

fn at(hours: i64) -> Time {
    "2026-11-01T00:00:00Z".parse::<Time>().expect("a time") + TimeDelta::hours(hours)
}

fn policy(mode: Mode) -> Policy {
    Policy {
        binding: Binding::default(),
        age: AgeRules { modes: Modes::all(mode), file: TimeDelta::days(7), project: TimeDelta::zero(), freeze: None },
        consensus: Consensus::default(),
        malware: Arc::default(),
        exemptions: Arc::default(),
        suspects: Arc::default(),
    }
}

struct Desk {
    _dir: tempfile::TempDir,
    book: ReviewBook,
}

impl Desk {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let book = ReviewBook::open(dir.path()).expect("opens");
        Self { _dir: dir, book }
    }

    /// A file that was uploaded when it was asked for.
    fn ask(&mut self, project: &str, peers: &[&str], hours: i64) -> i64 {
        let file = ReviewFile {
            filename: format!("{project}-1.0.tar.gz"),
            sha256: "ab".repeat(32),
            uploaded: Some(at(hours)),
            altered: None,
            asked_for: false,
        };
        let request = |peer: &&str| HeldRequest {
            project: ProjectName::parse(project).expect("valid"),
            version: "1.0".to_owned(),
            files_key: files_key(std::slice::from_ref(&file)),
            files: vec![file.clone()],
            more_files: false,
            project_since: None,
            who: Requester::of_word(peer),
            agent: Agent::default(),
            filename: file.filename.clone(),
            at: at(hours),
        };
        let requests: Vec<HeldRequest> = peers.iter().map(request).collect();
        let again = std::collections::BTreeMap::<i64, AskedAgain>::new();
        self.book.ask(&requests, &again).expect("written")[0].expect("there is room")
    }

    fn decide(&mut self, review: i64, act: ReviewAct, hours: i64) {
        let by = Actor { uid: Some(1001), user: Some("ada".to_owned()), through: Through::Socket, token: None };
        let machine = Machine::read(Some(4001), "", "", &[]);
        let bench = Bench { machine, approvals: 1, now: at(hours), malware: None, rejected: None, open: None };
        let decision = ReviewDecision { act, reason: "looked at".to_owned(), until: None, files_key: None };
        self.book.decide(review, &by, &decision, &bench).expect("written").expect("allowed");
    }

    fn report(&mut self, mode: Mode, period: (i64, i64), now: i64) -> GateReport {
        reviews(&mut self.book, &policy(mode), at(now).into(), (at(period.0), at(period.1))).expect("reads")
    }
}

#[test]
fn what_began_and_ended_is_counted_in_its_period_and_who_waits_is_told_with_how_many() {
    let mut desk = Desk::new();
    let early = desk.ask("early", &["10.0.0.1"], 1);
    let (fast, slow, refused) = (
        desk.ask("fast", &["10.0.0.1"], 20),
        desk.ask("slow", &["10.0.0.1"], 21),
        desk.ask("refused", &["10.0.0.1"], 22),
    );
    desk.decide(fast, ReviewAct::Approve, 22);
    desk.decide(refused, ReviewAct::Reject, 28);
    desk.decide(slow, ReviewAct::Approve, 41);
    let peers: Vec<String> = (0..25).map(|n| format!("10.0.0.{n}")).collect();
    let many = desk.ask("many", &peers.iter().map(String::as_str).collect::<Vec<_>>(), 30);
    // Nobody asked for it, so that nobody waited.
    let ahead = ReviewDecision { act: ReviewAct::Reject, reason: "no".to_owned(), until: None, files_key: None };
    let machine = Machine::read(Some(4001), "", "", &[]);
    let bench = Bench { machine, approvals: 1, now: at(30), malware: None, rejected: None, open: None };
    let of = (&ProjectName::parse("ahead").expect("valid"), "1.0");
    desk.book.decide_of(of, &Actor::default(), &ahead, &bench).expect("written").expect("allowed");

    let report = desk.report(Mode::Enforce, (10, 50), 60);
    let counts = ReviewCounts { began: 4, approved: 2, rejected: 2, matured: 0, open: 2 };
    assert_eq!((report.counts, report.median_seconds), (counts, Some(6 * 3600)), "of 2, 6 and 20 hours");
    let open: Vec<(i64, u64, bool, bool)> =
        report.open.iter().map(|of| (of.review, of.clients, of.more_clients, of.given_out)).collect();
    assert_eq!(open, [(early, 1, false, false), (many, 20, true, false)], "the oldest first");
    assert_eq!(report.open[1].until, Some(at(30) + TimeDelta::days(7)));
    let ended: Vec<(&str, ReviewEnd)> = report.ended.iter().map(|of| (of.project.as_str(), of.end)).collect();
    assert_eq!(
        ended,
        [
            ("ahead", ReviewEnd::Rejected),
            ("refused", ReviewEnd::Rejected),
            ("slow", ReviewEnd::Approved),
            ("fast", ReviewEnd::Approved)
        ]
    );
    let only = desk.report(Mode::Enforce, (21, 25), 60);
    let counts = ReviewCounts { began: 1, approved: 1, rejected: 0, matured: 0, open: 2 };
    assert_eq!((only.counts, only.ended.len()), (counts, 2), "after its first moment, until its last");
    assert!(desk.report(Mode::Advise, (10, 50), 60).open.iter().all(|of| of.given_out), "nobody waits");
}

/// Nobody made one for a month, and what it says is of all that time.
#[test]
fn a_month_is_a_period_like_any_other_and_what_matured_in_it_is_counted() {
    let mut desk = Desk::new();
    desk.ask("widgets", &["10.0.0.1"], 1);
    desk.book.close(&policy(Mode::Enforce), at(24 * 9).into()).expect("written");
    let lasting = desk.ask("gadgets", &["10.0.0.1"], 24 * 29);
    let report = desk.report(Mode::Enforce, (0, 24 * 31), 24 * 31);
    let counts = ReviewCounts { began: 2, approved: 0, rejected: 0, matured: 1, open: 1 };
    assert_eq!((report.counts, report.median_seconds, report.open[0].review), (counts, None, lasting));
    assert_eq!(report.ended[0].closed, at(24 * 9));
}

/// What is open was asked for at a time to come, and what was decided ended before it began.
#[test]
fn a_clock_that_was_set_back_makes_no_number_negative() {
    let mut desk = Desk::new();
    let review = desk.ask("widgets", &["10.0.0.1"], 50);
    desk.ask("gadgets", &["10.0.0.1"], 51);
    desk.decide(review, ReviewAct::Approve, 20);
    let report = desk.report(Mode::Enforce, (10, 30), 30);
    let counts = ReviewCounts { began: 0, approved: 1, rejected: 0, matured: 0, open: 1 };
    assert_eq!((report.counts, report.median_seconds), (counts, Some(0)));
    let none = desk.report(Mode::Enforce, (30, 10), 30);
    assert_eq!((none.counts.approved, none.median_seconds, none.open.len()), (0, None, 1));
}

#[test]
fn of_many_that_ended_the_newest_are_told_and_all_are_counted() {
    let mut desk = Desk::new();
    for n in 0..12 {
        desk.ask(&format!("widgets-{n}"), &["10.0.0.1"], 1);
    }
    desk.book.close(&policy(Mode::Enforce), at(24 * 9).into()).expect("written");
    let some = desk.book.of_period((at(0), at(24 * 10)), 5).expect("reads");
    assert_eq!((some.ended.len(), some.more_ended, some.counts.matured), (5, 7, 12));
    assert_eq!(some.ended[0].project, "widgets-11");
}
