//! Who received what, over restarts, years, and a file that is no log.

use super::*;

fn noon() -> Time {
    "2026-11-27T12:00:00Z".parse().expect("a time")
}

fn file(version: &str) -> Delivered {
    Delivered {
        project: ProjectName::parse("widgets").expect("valid"),
        version: Some(version.to_owned()),
        filename: format!("widgets-{version}.tar.gz"),
        sha256: "ab".repeat(32),
    }
}

fn ledger(dir: &std::path::Path, clock: &Clock, room: u64) -> Ledger {
    Ledger::start(dir.to_owned(), LedgerRules { age: TimeDelta::days(365), room }, clock.clone())
}

async fn who(ledger: &Ledger, version: Option<&str>) -> Received {
    let project = ProjectName::parse("widgets").expect("valid");
    ledger.who(project, version.map(str::to_owned), 1000).await.expect("it stands").expect("readable")
}

#[tokio::test]
async fn each_client_and_file_is_a_line_whatever_the_number_of_times_and_of_starts() {
    let dir = tempfile::tempdir().expect("a directory");
    let clock = Clock::manual(noon());
    for days in 0..3 {
        let ledger = ledger(dir.path(), &clock, u64::MAX);
        for (version, peer) in [("1.0", "10.0.0.1"), ("1.0", "10.0.0.2"), ("2.0", "10.0.0.1"), ("1.0", "10.0.0.1")] {
            ledger.note(file(version), peer.to_owned(), noon() + TimeDelta::days(days), false);
        }
    }
    let ledger = ledger(dir.path(), &clock, u64::MAX);
    let received = who(&ledger, Some("1.0")).await;
    let lines: Vec<(&str, i64)> = received.receipts.iter().map(|line| (line.peer.as_str(), line.times)).collect();
    assert_eq!(lines, [("10.0.0.1", 6), ("10.0.0.2", 3)]);
    assert_eq!((received.receipts[0].first, received.receipts[0].last), (noon(), noon() + TimeDelta::days(2)));
    assert_eq!((who(&ledger, None).await.receipts.len(), received.since, received.unwritten), (3, Some(noon()), 0));
}

#[tokio::test]
async fn files_come_in_their_order_each_once_with_their_first_day_of_those_asked_for() {
    let dir = tempfile::tempdir().expect("a directory");
    let ledger = ledger(dir.path(), &Clock::manual(noon()), u64::MAX);
    for (version, days) in [("1.0", 0), ("2.0", 1), ("1.0", 2), ("3.0", 3), ("1.0", 3)] {
        for peer in ["10.0.0.1", "10.0.0.2"] {
            ledger.note(file(version), peer.to_owned(), noon() + TimeDelta::days(days), false);
        }
    }
    let files = async |days: i64, after: i64, most: usize| {
        let since = noon() + TimeDelta::days(days) + TimeDelta::hours(6);
        let files = ledger.files(since, after, most).await.expect("it stands").expect("readable");
        let told = |file: ReceivedFile| (file.version.expect("one"), (file.first - noon()).num_days());
        files.into_iter().map(told).collect::<Vec<_>>()
    };
    let line = |version: &str, days: i64| (version.to_owned(), days);
    assert_eq!(files(0, 0, 9).await, [line("1.0", 0), line("2.0", 1), line("3.0", 3)]);
    assert_eq!(files(2, 0, 9).await, [line("1.0", 2), line("3.0", 3)], "of all of that day");
    assert_eq!((files(0, 1, 1).await, files(0, 3, 9).await), (vec![line("2.0", 1)], vec![]));
}

#[tokio::test]
async fn what_is_too_old_or_has_no_room_is_forgotten_day_by_day() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut book = DeliveryBook::open(dir.path()).expect("opens");
    for days in 0..500 {
        let mut receipts = Receipts::default();
        for peer in 0..20 {
            receipts.add(
                file(&format!("{days}.0")),
                format!("10.0.{days}.{peer}"),
                noon() - TimeDelta::days(days),
                false,
            );
        }
        book.keep(&receipts).expect("written");
    }
    book.shrink(noon() - TimeDelta::days(365), u64::MAX).expect("done");
    let oldest = |book: &mut DeliveryBook| (noon() - book.since().expect("readable").expect("some")).num_days();
    assert_eq!(oldest(&mut book), 365);
    book.shrink(noon() - TimeDelta::days(365), 300_000).expect("done");
    assert!((1..300).contains(&oldest(&mut book)), "{}", oldest(&mut book));
    let widgets = ProjectName::parse("widgets").expect("valid");
    assert_eq!(book.who(&widgets, Some("0.0"), 100).expect("readable").len(), 20, "the newest stays");
    assert!(book.who(&widgets, Some("499.0"), 100).expect("readable").is_empty());
}

#[tokio::test]
async fn a_log_that_cannot_be_written_is_counted_and_caught_up_with() {
    let dir = tempfile::tempdir().expect("a directory");
    let clock = Clock::manual(noon());
    let path = dir.path().join("deliveries.db");
    std::fs::create_dir(&path).expect("in its place");
    let ledger = ledger(dir.path(), &clock, u64::MAX);
    ledger.note(file("1.0"), "10.0.0.1".to_owned(), noon(), false);
    let project = ProjectName::parse("widgets").expect("valid");
    let said = ledger.who(project, None, 10).await.expect("it stands").expect_err("a directory").to_string();
    assert!(said.contains("deliveries.db cannot be used"), "{said}");
    std::fs::remove_dir(&path).expect("gone");
    assert_eq!(who(&ledger, None).await.receipts.len(), 1, "it was kept meanwhile");
}

#[tokio::test]
async fn a_project_is_used_once_so_many_clients_received_what_was_admitted_and_stays_so() {
    let dir = tempfile::tempdir().expect("a directory");
    let clock = Clock::manual(noon());
    let used = async |ledger: &Ledger, clients: usize| {
        let used = ledger.used(clients).await.expect("it stands").expect("readable");
        used.get(&ProjectName::parse("widgets").expect("valid")).map(|since| (*since - noon()).num_days())
    };
    let ledger_of = |room| ledger(dir.path(), &clock, room);
    let ledger = ledger_of(u64::MAX);
    let note = |peer: &str, days: i64, is_use| {
        ledger.note(file("1.0"), peer.to_owned(), noon() + TimeDelta::days(days), is_use);
    };
    note("10.0.0.1", 0, false);
    assert_eq!(used(&ledger, 1).await, None, "what was only observed says nothing");
    // One machine under many of its addresses of IPv6, and as IPv4 writes itself there.
    for (peer, days) in
        [("2001:db8::1", 2), ("2001:db8::ffff:2", 1), ("10.0.0.1", 5), ("::ffff:10.0.0.1", 4), ("unknown", 0)]
    {
        note(peer, days, true);
    }
    assert_eq!((used(&ledger, 1).await, used(&ledger, 2).await, used(&ledger, 3).await), (Some(1), Some(4), None));
    drop(ledger);
    let mut book = DeliveryBook::open(dir.path()).expect("opens");
    book.shrink(noon() + TimeDelta::days(400), u64::MAX).expect("done");
    assert!(book.since().expect("readable").is_none(), "the log has forgotten all");
    drop(book);
    assert_eq!(used(&ledger_of(u64::MAX), 2).await, Some(4), "prior use outlives it");
}
