//! What years of deliveries cost: so much of the disk, and so long to say who has one project.

use std::time::Instant;

use chrono::TimeDelta;

use super::*;

/// Rows, of so many projects with ten files each, and so many clients.
const ROWS: usize = 1_000_000;
const PROJECTS: usize = 2_000;
const CLIENTS: usize = 500;
/// Rows of one transaction; the ledger writes as they come.
const BATCH: usize = 50_000;

/// Each client takes some files of each day.
fn delivery(at: usize) -> Delivery {
    let (file, client, day) = (at * 7_919 % (PROJECTS * 10), at / 7 % CLIENTS, at / 2_000);
    let project = ProjectName::parse(&format!("project-{}", file / 10)).expect("valid");
    let version = format!("1.{}", file % 10);
    let filename = format!("project_{}-{version}-py3-none-any.whl", file / 10);
    let at = Time::UNIX_EPOCH + TimeDelta::days(20_000 + day as i64);
    let file = Delivered { project, version: Some(version), filename, sha256: format!("{file:064x}") };
    let who = Requester::of_word(&format!("10.{}.{}.7", client / 250, client % 250));
    Delivery { file, who, at, is_admitted: true, is_private: false }
}

#[test]
#[ignore = "long: it writes a million rows"]
fn a_million_rows_are_some_tens_of_megabytes_and_who_has_a_project_is_said_at_once() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut book = DeliveryBook::open(dir.path()).expect("opens");
    let began = Instant::now();
    let mut rows = 0;
    for batch in 0..ROWS / BATCH {
        let mut receipts = Receipts::default();
        (batch * BATCH..(batch + 1) * BATCH).for_each(|at| receipts.add(delivery(at)));
        rows += receipts.len();
        book.keep(&receipts).expect("kept");
    }
    let written = began.elapsed();
    drop(book);
    let size: u64 = std::fs::read_dir(dir.path())
        .expect("there")
        .map(|entry| entry.expect("an entry").metadata().expect("its size").len())
        .sum();
    let mut book = DeliveryBook::open(dir.path()).expect("opens");
    let one = ProjectName::parse("project-1234").expect("valid");
    let asked = |book: &mut DeliveryBook| {
        let began = Instant::now();
        let said = book.who(&one, None, 10_001).expect("reads").len();
        (said, began.elapsed())
    };
    let (first, again) = (asked(&mut book), asked(&mut book));
    let each = size as f64 / rows as f64;
    println!("{rows} rows in {size} bytes, {each:.1} a row, written in {written:?}");
    println!("who has one of {PROJECTS} projects: {} rows, first in {:?}, then in {:?}", first.0, first.1, again.1);
    assert_eq!(rows, ROWS, "each is a row");
    assert!(each < 100.0, "{each} bytes a row");
    assert!(first.0 > 0 && first.0 == again.0);
    assert!(again.1 < std::time::Duration::from_secs(1), "{:?}", again.1);
}
