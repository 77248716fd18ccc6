//! Who received what, over restarts, years, and a file that is no log.

mod books;

use std::time::Duration;

use chrono::TimeDelta;
use reqwest::header::{DATE, HeaderMap};

use super::*;
use crate::clock::Clock;
use crate::gate::consensus::Consensus;
use crate::gate::delivered::Delivered;
use crate::gate::policy::{AgeRules, Binding, Mode, Modes};
use crate::gate::prior::PriorUse;
use crate::gate::records::DeliveryBook;

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

fn delivery(version: &str, peer: &str, at: Time) -> Delivery {
    Delivery { file: file(version), who: Requester::of_word(peer), at, is_admitted: true, is_private: false }
}

/// One that asks for prior use by two clients.
fn policy() -> watch::Sender<Arc<Policy>> {
    let age = AgeRules {
        modes: Modes::all(Mode::Enforce),
        file: TimeDelta::days(7),
        project: TimeDelta::days(30),
        freeze: None,
    };
    let prior = PriorUse { clients: 2, used_for: TimeDelta::days(7), persons: 1, of: Arc::default() };
    let consensus = Consensus { needs: 1, prior, ..Consensus::default() };
    let (malware, exemptions) = (Arc::default(), Arc::default());
    watch::Sender::new(Arc::new(Policy {
        binding: Binding::default(),
        age,
        consensus,
        malware,
        exemptions,
        suspects: Arc::default(),
    }))
}

fn ledger_of(
    dir: &Path,
    clock: impl Into<GateClock>,
    room: u64,
    policy: &watch::Sender<Arc<Policy>>,
    troubles: &GateTroubles,
) -> Ledger {
    let rules = LedgerRules { age: TimeDelta::days(365), room };
    let uses = OpenedUses::at(dir).unwrap_or_default();
    Ledger::start(dir.to_owned(), rules, uses, (policy.clone(), troubles.clone()), clock)
}

fn ledger(dir: &Path, clock: &Clock, room: u64) -> Ledger {
    ledger_of(dir, clock.clone(), room, &policy(), &GateTroubles::default())
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
            ledger.note(delivery(version, peer, noon() + TimeDelta::days(days)));
        }
    }
    let ledger = ledger(dir.path(), &clock, u64::MAX);
    let received = who(&ledger, Some("1.0")).await;
    let lines: Vec<(String, i64)> = received.receipts.iter().map(|line| (line.who.word(), line.times)).collect();
    assert_eq!(lines, [("10.0.0.1".to_owned(), 6), ("10.0.0.2".to_owned(), 3)]);
    assert_eq!((received.receipts[0].first, received.receipts[0].last), (noon(), noon() + TimeDelta::days(2)));
    assert_eq!((who(&ledger, None).await.receipts.len(), received.since, received.unwritten), (3, Some(noon()), 0));
}

/// To have nothing else to do is no sign that the disk takes anything.
#[tokio::test]
async fn a_log_that_cannot_be_written_is_a_trouble_until_it_is_written() {
    let dir = tempfile::tempdir().expect("a directory");
    let (clock, troubles) = (Clock::manual(noon()), GateTroubles::default());
    let ledger = ledger_of(dir.path(), clock.clone(), u64::MAX, &policy(), &troubles);
    ledger.note(delivery("1.0", "10.0.0.1", noon()));
    assert_eq!(who(&ledger, None).await.unwritten, 0);
    let holder = rusqlite::Connection::open(dir.path().join("deliveries.db")).expect("opens");
    holder.execute_batch("BEGIN EXCLUSIVE").expect("held");
    ledger.note(delivery("2.0", "10.0.0.1", noon()));
    // The second question comes after a try to write, and a look at what turned out to be bad.
    for _ in 0..2 {
        let project = ProjectName::parse("widgets").expect("valid");
        drop(ledger.who(project, None, 9).await.expect("it stands"));
    }
    assert!(troubles.told().contains_key("receipts-unwritten"), "{:?}", troubles.told());
    holder.execute_batch("ROLLBACK").expect("let go");
    drop(holder);
    let began = std::time::Instant::now();
    while troubles.told().contains_key("receipts-unwritten") {
        assert!(began.elapsed() < Duration::from_secs(60), "{:?}", troubles.told());
        assert!(who(&ledger, None).await.unwritten <= 1);
    }
    assert_eq!(who(&ledger, None).await.receipts.len(), 2);
}

/// Where nothing is received, nothing is written: whoever asks what there is to tell hears of it all the same.
#[tokio::test]
async fn a_log_that_cannot_say_what_is_to_be_told_is_a_trouble_though_nothing_has_to_be_written() {
    let dir = tempfile::tempdir().expect("a directory");
    let (clock, troubles) = (Clock::manual(noon()), GateTroubles::default());
    let ledger = ledger_of(dir.path(), clock.clone(), u64::MAX, &policy(), &troubles);
    assert_eq!(ledger.recalled().await.expect("it stands").expect("readable"), None);
    assert_eq!(troubles.told(), BTreeMap::new());
    let other = rusqlite::Connection::open(dir.path().join("deliveries.db")).expect("opens");
    other.execute_batch("ALTER TABLE recalls RENAME TO lost").expect("gone");
    assert!(ledger.recalled().await.expect("it stands").is_err());
    let told = troubles.told().remove("receipts-unwritten").expect("a trouble");
    assert!(told.starts_with("what was received and is bad cannot be read"), "{told}");
    other.execute_batch("ALTER TABLE lost RENAME TO recalls").expect("back");
    assert_eq!(ledger.recalled().await.expect("it stands").expect("readable"), None);
    assert_eq!(troubles.told(), BTreeMap::new());
}

#[tokio::test]
async fn files_come_in_their_order_each_once_with_their_first_day_of_those_asked_for() {
    let dir = tempfile::tempdir().expect("a directory");
    let ledger = ledger(dir.path(), &Clock::manual(noon()), u64::MAX);
    for (version, days) in [("1.0", 0), ("2.0", 1), ("1.0", 2), ("3.0", 3), ("1.0", 3)] {
        for peer in ["10.0.0.1", "10.0.0.2"] {
            ledger.note(delivery(version, peer, noon() + TimeDelta::days(days)));
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
            let at = noon() - TimeDelta::days(days);
            receipts.add(delivery(&format!("{days}.0"), &format!("10.0.{days}.{peer}"), at));
        }
        book.keep(&receipts).expect("written");
    }
    let year = TimeDelta::days(365);
    book.shrink(noon(), year, u64::MAX).expect("done");
    let oldest = |book: &mut DeliveryBook| (noon() - book.since().expect("readable").expect("some")).num_days();
    assert_eq!(oldest(&mut book), 366, "a year before the last day but one");
    book.shrink(noon() + TimeDelta::days(3650), year, u64::MAX).expect("done");
    assert_eq!(oldest(&mut book), 366, "a clock that is years ahead forgets nothing");
    let gone = book.shrink(noon(), year, 300_000).expect("done");
    assert_eq!(gone.last.map(|last| (noon() - last).num_days()), Some(oldest(&mut book) + 1), "which day had no room");
    assert!((1..300).contains(&oldest(&mut book)), "{}", oldest(&mut book));
    let widgets = ProjectName::parse("widgets").expect("valid");
    assert_eq!(book.who(&widgets, Some("0.0"), 100).expect("readable").len(), 20, "the newest stays");
    assert!(book.who(&widgets, Some("499.0"), 100).expect("readable").is_empty());
}

/// One client that asks for all there is loses its own history, and nobody else's, whatever addresses of its network it has.
#[tokio::test]
async fn one_client_that_fills_the_log_pushes_nobody_out() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut book = DeliveryBook::open(dir.path()).expect("opens");
    let mut receipts = Receipts::default();
    for days in 0..30 {
        receipts.add(delivery("1.0", "10.0.0.1", noon() - TimeDelta::days(days)));
        for number in 0..200 {
            let peer = format!("2001:db8::{number:x}");
            receipts.add(delivery(&format!("{days}.{number}"), &peer, noon() - TimeDelta::days(days)));
        }
    }
    book.keep(&receipts).expect("written");
    let gone = book.shrink(noon(), TimeDelta::days(365), 400_000).expect("done");
    assert_eq!(gone.mostly.as_deref(), Some("2001:db8:0:0::/64"));
    let widgets = ProjectName::parse("widgets").expect("valid");
    let received = book.who(&widgets, Some("1.0"), 100).expect("readable");
    let whole = received.iter().find(|receipt| receipt.who.word() == "10.0.0.1").expect("still there");
    assert_eq!((whole.times, whole.first), (30, noon() - TimeDelta::days(29)));
    // What is said of nobody has to be true of everybody.
    let (since, last) = (book.since().expect("readable").expect("some"), gone.last.expect("some"));
    assert!(since == last + TimeDelta::days(1) && since > noon() - TimeDelta::days(29), "{since} {last}");
    assert!(book.who(&widgets, Some("0.7"), 100).expect("readable").len() == 1, "the newest of it is there");
}

#[tokio::test]
async fn whoever_warns_of_a_version_in_another_spelling_finds_who_has_it() {
    let dir = tempfile::tempdir().expect("a directory");
    let ledger = ledger(dir.path(), &Clock::manual(noon()), u64::MAX);
    ledger.note(delivery("2024.01.05", "10.0.0.1", noon()));
    ledger.note(delivery("2024.1.6", "10.0.0.2", noon()));
    for (asked, found) in [("2024.1.5", 1), ("v2024.1.5.0", 1), ("2024.1.7", 0)] {
        assert_eq!(who(&ledger, Some(asked)).await.receipts.len(), found, "{asked}");
    }
    assert_eq!(who(&ledger, None).await.receipts.len(), 2);
}

#[tokio::test]
async fn a_log_that_cannot_be_written_is_counted_and_caught_up_with() {
    let dir = tempfile::tempdir().expect("a directory");
    let clock = Clock::manual(noon());
    let path = dir.path().join("deliveries.db");
    std::fs::create_dir(&path).expect("in its place");
    let ledger = ledger(dir.path(), &clock, u64::MAX);
    ledger.note(delivery("1.0", "10.0.0.1", noon()));
    let project = ProjectName::parse("widgets").expect("valid");
    let said = ledger.who(project, None, 10).await.expect("it stands").expect_err("a directory").to_string();
    assert!(said.contains("deliveries.db cannot be used"), "{said}");
    std::fs::remove_dir(&path).expect("gone");
    assert_eq!(who(&ledger, None).await.receipts.len(), 1, "it was kept meanwhile");
}

fn widgets() -> ProjectName {
    ProjectName::parse("widgets").expect("valid")
}

/// When each client first used it, in days after noon, and when anybody last did; nothing where it has no use.
fn used(dir: &Path) -> Option<(Vec<i64>, i64)> {
    let opened = OpenedUses::at(dir).expect("opens");
    let days = |at: Time| (at - noon()).num_days();
    opened.uses.get(&widgets()).map(|of| (of.firsts.iter().map(|first| days(*first)).collect(), days(of.last)))
}

#[tokio::test]
async fn uses_are_of_clients_and_outlive_the_log_of_deliveries() {
    let dir = tempfile::tempdir().expect("a directory");
    let clock = Clock::manual(noon());
    let born = noon() - TimeDelta::days(90);
    let start = ledger(dir.path(), &clock, u64::MAX);
    start.note(delivery("1.0", "10.0.0.1", noon()));
    // One machine under many of its addresses of IPv6, and as IPv4 writes itself there.
    for (peer, days) in
        [("2001:db8::1", 2), ("2001:db8::ffff:2", 1), ("10.0.0.1", 5), ("::ffff:10.0.0.1", 4), ("unknown", 0)]
    {
        start.note_use(file("1.0"), Requester::of_word(peer), (noon() + TimeDelta::days(days)).into(), born);
    }
    drop(start);
    // The last to its day, which began half a day before.
    assert_eq!(used(dir.path()), Some((vec![1, 4], 4)));
    let mut book = DeliveryBook::open(dir.path()).expect("opens");
    book.shrink(noon(), TimeDelta::days(1), 0).expect("done");
    assert!(book.since().expect("readable").is_none(), "the log has forgotten all");
    drop(book);
    std::fs::write(dir.path().join("deliveries.db"), "no log at all").expect("written");
    assert_eq!(used(dir.path()), Some((vec![1, 4], 4)), "prior use outlives it");
    std::fs::write(dir.path().join("uses.db"), "no uses at all").expect("written");
    let said = OpenedUses::at(dir.path()).expect_err("damaged").to_string();
    assert!(said.contains("uses.db") && said.contains("restore it from a backup"), "{said}");
}

#[tokio::test]
async fn uses_of_a_name_that_is_anothers_now_are_none() {
    let dir = tempfile::tempdir().expect("a directory");
    let clock = Clock::manual(noon());
    let note = |peer: &str, days: i64, born: i64| {
        let ledger = ledger(dir.path(), &clock, u64::MAX);
        let day = |days: i64| noon() + TimeDelta::days(days);
        ledger.note_use(file("1.0"), Requester::of_word(peer), day(days).into(), day(born));
    };
    note("10.0.0.1", 0, -90);
    note("10.0.0.2", 40, -90);
    assert_eq!(used(dir.path()), Some((vec![0, 40], 39)));
    note("10.0.0.1", 80, 30);
    assert_eq!(used(dir.path()), Some((vec![0, 40], 79)), "its first files are gone, and some of before are there");
    note("10.0.0.1", 200, 100);
    assert_eq!(used(dir.path()), Some((vec![200], 199)), "all that there was is gone");
}

#[tokio::test]
async fn uses_of_before_are_brought_over_once_and_where_they_cannot_be_nothing_begins() {
    let dir = tempfile::tempdir().expect("a directory");
    drop(DeliveryBook::open(dir.path()).expect("opens"));
    let path = dir.path().join("deliveries.db");
    let first = (noon() - TimeDelta::days(3)).timestamp_micros();
    let insert = format!("INSERT INTO uses VALUES ('widgets', '10.0.0.1', {first}), ('widgets', '10.0.0.2', {first})");
    let python = "import sqlite3,sys\nc=sqlite3.connect(sys.argv[1],isolation_level=None)\nc.execute(sys.argv[2])\nc.execute('PRAGMA wal_checkpoint(TRUNCATE)')";
    let run = || std::process::Command::new("python3").args(["-c", python]).arg(&path).arg(&insert).status();
    assert!(run().expect("runs").success());
    let whole = std::fs::read(&path).expect("reads");
    std::fs::write(&path, "no log at all").expect("written");
    let said = OpenedUses::at(dir.path()).expect_err("they are in there").to_string();
    assert!(said.contains("deliveries.db") && !dir.path().join("uses.db").exists(), "{said}");
    std::fs::write(&path, whole).expect("restored");
    assert_eq!(used(dir.path()), Some((vec![-3, -3], -3)));
    let (policy, troubles) = (policy(), GateTroubles::default());
    let ledger = ledger_of(dir.path(), Clock::manual(noon()), u64::MAX, &policy, &troubles);
    let clients = ledger.forget(widgets()).await.expect("it stands").expect("well");
    assert_eq!((clients, ledger.forget(widgets()).await.expect("it stands").expect("well")), (2, 0));
    drop(ledger);
    assert_eq!(used(dir.path()), None, "they do not come a second time");
}

#[tokio::test]
async fn what_is_used_decides_and_what_is_forgotten_does_not_any_more() {
    let dir = tempfile::tempdir().expect("a directory");
    let (policy, troubles) = (policy(), GateTroubles::default());
    let ledger = ledger_of(dir.path(), Clock::manual(noon()), u64::MAX, &policy, &troubles);
    for number in 0..12 {
        let project = ProjectName::parse(&format!("widgets-{number}")).expect("valid");
        ledger.note_use(
            Delivered { project, ..file("1.0") },
            Requester::of_word("10.0.0.9"),
            noon().into(),
            noon() - TimeDelta::days(90),
        );
    }
    let forget = async |name: &str| ledger.forget(ProjectName::parse(name).expect("valid")).await.expect("it stands");
    assert_eq!(forget("widgets-0").await.expect("well"), 1);
    let decides = |name: &str| policy.borrow().consensus.prior.of.keys().any(|of| of.as_str() == name);
    assert!(decides("widgets-1") && !decides("widgets-0"));
    let told = troubles.told();
    assert!(told["one-client"].contains("received by 10.0.0.9 alone"), "{told:?}");
    let book = rusqlite::Connection::open(dir.path().join("uses.db")).expect("opens");
    book.execute("ALTER TABLE uses RENAME COLUMN place TO elsewhere", []).expect("broken");
    forget("widgets-2").await.expect("well");
    let told = troubles.told();
    assert!(told.contains_key("one-client") && told.contains_key("uses-unwritten"), "nobody can look: {told:?}");
    book.execute("ALTER TABLE uses RENAME COLUMN elsewhere TO place", []).expect("mended");
    ledger.note_use(file("1.0"), Requester::of_word("10.0.0.1"), noon().into(), noon() - TimeDelta::days(90));
    forget("widgets-1").await.expect("well");
    assert!(troubles.told().is_empty() && decides("widgets"));
}

#[tokio::test]
async fn that_one_client_uses_all_is_no_trouble_where_nobody_has_to_speak() {
    let dir = tempfile::tempdir().expect("a directory");
    let (policy, troubles) = (policy(), GateTroubles::default());
    let ledger = ledger_of(dir.path(), Clock::manual(noon()), u64::MAX, &policy, &troubles);
    for number in 0..12 {
        let project = ProjectName::parse(&format!("widgets-{number}")).expect("valid");
        let file = Delivered { project, ..file("1.0") };
        ledger.note_use(file, Requester::of_word("10.0.0.9"), noon().into(), noon() - TimeDelta::days(90));
    }
    let forget = async || ledger.forget(ProjectName::parse("widgets-0").expect("valid")).await.expect("it stands");
    forget().await.expect("well");
    assert!(troubles.told().contains_key("one-client"));
    policy.send_modify(|policy| {
        let mut rules = Policy::clone(policy);
        rules.consensus.needs = 0;
        *policy = Arc::new(rules);
    });
    forget().await.expect("well");
    assert!(troubles.told().is_empty());
}

/// Which files of the first project behind this one are used, and how many days after noon each client had one first.
async fn used_files(ledger: &Ledger, after: &str) -> (Vec<(String, Vec<i64>)>, Option<String>) {
    let used = ledger.used_files(after.to_owned(), 1).await.expect("it stands").expect("readable");
    let days = |firsts: &[Time]| firsts.iter().map(|at| (*at - noon()).num_days()).collect();
    let files = used.files.iter().map(|of| (format!("{} {}", of.project, &of.sha256[..2]), days(&of.firsts)));
    (files.collect(), used.last)
}

#[tokio::test]
async fn files_are_used_by_whoever_has_all_of_them_as_the_rules_let_them_through() {
    let dir = tempfile::tempdir().expect("a directory");
    let (clock, born) = (Clock::manual(noon()), noon() - TimeDelta::days(90));
    let ledger = ledger(dir.path(), &clock, u64::MAX);
    let used = |peer: &str, days: i64| {
        let at = noon() + TimeDelta::days(days);
        ledger.note(delivery("1.0", peer, at));
        ledger.note_use(file("1.0"), Requester::of_word(peer), at.into(), born);
    };
    used("10.0.0.1", 5);
    used("10.0.0.1", 3);
    used("2001:db8::1", 4);
    used("2001:db8::2", 2);
    used("unknown", 0);
    // In part, or past a rule that only observed; and of the private index.
    ledger.note(delivery("2.0", "10.0.0.1", noon()));
    let own = Delivered { project: ProjectName::parse("own").expect("valid"), ..file("1.0") };
    ledger.note(Delivery { file: own, is_private: true, ..delivery("1.0", "10.0.0.1", noon()) });
    assert_eq!(used_files(&ledger, "").await, (Vec::new(), Some("own".to_owned())));
    let (files, last) = used_files(&ledger, "own").await;
    assert_eq!((files, last.as_deref()), (vec![("widgets ab".to_owned(), vec![2, 3])], Some("widgets")));
    assert_eq!(used_files(&ledger, "widgets").await, (Vec::new(), None));
    assert_eq!(who(&ledger, None).await.receipts.iter().map(|of| of.times).sum::<i64>(), 6, "and a use is no delivery");
    ledger.forget(widgets()).await.expect("it stands").expect("well");
    assert_eq!(used_files(&ledger, "own").await.0, [], "what is used no more is shared no more");
}

#[tokio::test]
async fn two_days_of_a_clock_that_is_years_ahead_forget_nothing_where_the_index_says_what_time_it_is() {
    let dir = tempfile::tempdir().expect("a directory");
    let clock = Clock::manual(noon());
    let first = ledger(dir.path(), &clock, u64::MAX);
    for (version, days) in [("1.0", 0), ("2.0", 2000), ("3.0", 2001)] {
        first.note(delivery(version, "10.0.0.1", noon() + TimeDelta::days(days)));
    }
    assert_eq!(who(&first, None).await.receipts.len(), 3);
    drop(first);
    let time = GateClock::from(clock.clone());
    let said = HeaderMap::from_iter([(DATE, "Fri, 27 Nov 2026 12:00:00 GMT".parse().expect("a header"))]);
    time.hear(&said, Duration::ZERO);
    clock.step(TimeDelta::days(2001));
    let again = ledger_of(dir.path(), time, u64::MAX, &policy(), &GateTroubles::default());
    // What is too old is forgotten after the first question.
    who(&again, None).await;
    assert_eq!(who(&again, None).await.receipts.len(), 3);
}

#[test]
fn a_use_speaks_for_no_more_than_either_clock_saw() {
    let day = |days: i64| noon() + TimeDelta::days(days);
    let mut uses = Uses::default();
    uses.add(
        widgets(),
        &Requester::of_word("10.0.0.1"),
        Present { reached: day(0), shown: day(400), passed: day(400) },
        day(-90),
    );
    uses.add(
        widgets(),
        &Requester::of_word("10.0.0.2"),
        Present { reached: day(-20), shown: day(-20), passed: day(0) },
        day(-90),
    );
    let dir = tempfile::tempdir().expect("a directory");
    UseBook::open(dir.path()).expect("opens").keep(&uses).expect("written");
    assert_eq!(used(dir.path()), Some((vec![0, 400], 0)), "from the later, until the earlier");
}
