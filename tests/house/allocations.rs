//! A name that matches nothing is judged on the stack alone: nearly every name is one. Also beside a family of thousands,
//! as long as the first look refuses its members. Names that pass it and weigh too little after all are few; they may take
//! the heap, where there is room for whatever number of them. And what is as long as an inventory is written without holding it.

use std::io;

use chrono::TimeDelta;
use namewarden::matcher::Matcher;
use namewarden::model::exposure::KnownBy;
use namewarden::model::report::{Occasion, Order};
use namewarden::model::{Exposure, Inventory, OwnerId, ProjectName, Registry, Time, Watch, WatchId, WatchKind};
use namewarden::reports::{self, Extent, Settled, StoredLists, csv};
use namewarden::store::{Store, StoreError, Tx};

const NAMES: &str = include_str!("../fixtures/matcher-names.txt");

fn watch(text: &str) -> (WatchId, Watch) {
    let id = WatchId::new(Registry::Pypi, WatchKind::Name, text);
    let watch = Watch {
        id: id.clone(),
        display: text.to_owned(),
        owner: OwnerId("team".to_owned()),
        exclusive: false,
        latest_version: None,
        first_use: None,
        index: None,
    };
    (id, watch)
}

#[test]
fn a_name_that_matches_nothing_allocates_nothing() {
    let (watched, sighted): (Vec<_>, Vec<_>) =
        NAMES.lines().filter(|line| !line.starts_with('#')).zip(0..).partition(|(_, at)| at % 10 == 0);
    // These resemble one another and are too common to be told: every rule looks at them.
    let (common, close) = (["neo3j", "data-app"], ["neo4j", "app-data", "data-apps"]);
    let watches = watched.into_iter().map(|(name, _)| name).chain(common).map(watch).collect();
    let matcher = Matcher::build(&Inventory { watches, ..Inventory::default() });
    let names = sighted.into_iter().map(|(name, _)| name).chain(close);
    let mut quiet = 0;
    for name in names.map(|text| ProjectName::parse(text).expect("a valid name")) {
        if matcher.judge(&name).matches.is_empty() {
            let heap = allocation_counter::measure(|| assert!(matcher.judge(&name).matches.is_empty()));
            assert_eq!(heap.count_total, 0, "{name}");
            quiet += 1;
        }
    }
    assert!(quiet > 1000, "{quiet}");
}

#[test]
fn a_name_beside_a_family_allocates_nothing() {
    let texts: Vec<String> = (1..=2000).map(|n| format!("acme-service-{n:05}")).collect();
    let watches = texts.iter().map(|text| watch(text)).collect();
    let matcher = Matcher::build(&Inventory { watches, ..Inventory::default() });
    for text in ["acme-gateway-00017", "zeta-service-00017", "acme-settings-1", "zeta-servise-00017", "acm-gateway-17"]
    {
        let name = ProjectName::parse(text).expect("a valid name");
        let heap = allocation_counter::measure(|| assert!(matcher.judge(&name).matches.is_empty(), "{name}"));
        assert_eq!(heap.count_total, 0, "{name}");
    }
}

/// A report to take along needs no more for an inventory of thousands of names than for one of hundreds.
#[tokio::test]
async fn a_report_is_written_in_as_much_room_however_many_names_it_has() {
    let (few, many) = (room_of_report(600).await, room_of_report(3_000).await);
    assert!(many < few + 64 * 1024, "{few} bytes of 600 names, {many} of 3,000");
}

/// The most that is on the heap at one time while every long form of it is written, in bytes.
async fn room_of_report(names: usize) -> u64 {
    let dir = tempfile::tempdir().expect("a directory");
    let store = Store::open(dir.path()).expect("opens");
    let texts: Vec<String> = (0..names).map(|n| format!("acme-service-{n:05}")).collect();
    let inventory = Inventory { watches: texts.iter().map(|text| watch(text)).collect(), ..Inventory::default() };
    let (watches, now) = (inventory.watches.clone(), Time::UNIX_EPOCH + TimeDelta::days(20_000));
    let stand = move |tx: &Tx<'_>| {
        watches.values().try_for_each(|watch| {
            tx.watches().add(&watch.id, now)?;
            tx.watches().set_exposure(&watch.id, &Exposure::Taken, &KnownBy::default(), now)?;
            tx.watches().set_exposure(&watch.id, &Exposure::Exposed, &KnownBy::default(), now)
        })
    };
    store.write(stand).await.expect("stored");
    let write = move |tx: &Tx<'_>| {
        let mut written = Ok(());
        let heap = allocation_counter::measure(|| written = write_report(tx, &inventory, now));
        written.map(|()| heap.bytes_max)
    };
    store.read(write).await.expect("written")
}

fn write_report(tx: &Tx<'_>, inventory: &Inventory, now: Time) -> Result<(), StoreError> {
    let owner = OwnerId("team".to_owned());
    let by = Settled { inventory, default_owner: &owner, answer_within: TimeDelta::hours(4) };
    let period = (now - TimeDelta::days(7), now);
    let order = Order { owner: None, since: period.0, until: period.1, occasion: Occasion::Asked, before: None };
    let report = reports::make(tx, by, &order, Extent::Apart, now)?.expect("of all there is one");
    let lists = StoredLists::new(tx, by, None, period);
    reports::write_document(&report, &lists, &mut io::sink()).expect("written");
    reports::write_plain(&report, &lists, &mut io::sink()).expect("written");
    csv::watches(&lists, &mut io::sink()).expect("written");
    lists.end()
}
