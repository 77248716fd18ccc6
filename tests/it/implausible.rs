//! Answers that cannot be so: absurd serials, an empty index, another server, no order, names that are none. Each is
//! refused or survived, said, and can be put right by a verb.

use std::time::Duration;

use chrono::TimeDelta;
use namewarden::cases::{self, Learned, Ruling};
use namewarden::daemon::index::{CURSOR, LastApplied};
use namewarden::model::command::Decision;
use namewarden::model::release::Files;
use namewarden::model::timeline::Person;
use namewarden::model::{Actor, CaseRef, Event, Facts, Feed, FindingState, Registry, Releases, Serial, Sighting, Time};
use namewarden::sim::{Endpoint, Fault};
use namewarden::store::CHANGELOG;
use serde_json::json;

use crate::bench::{Bench, release};
use crate::socket::ask;
use crate::world::{Setup, World};

/// Everything rests on the index.
async fn index_alone() -> World {
    let faults = vec![Fault::XmlrpcGone, Fault::RssDown];
    let mut world = Setup { faults, ..Setup::default() }.start().await;
    world.expect_unwell("changelog-gone").await;
    world
}

/// Everything rests on the changelog; the index is looked at all the time.
async fn changelog_alone() -> World {
    Setup { faults: vec![Fault::RssDown], reconcile_every: "1s", ..Setup::default() }.start().await
}

async fn changelog_cursor(world: &World) -> Serial {
    let cursor = world.engine().store.read(|tx| tx.cursors_of(Registry::Pypi).get(CHANGELOG)).await;
    cursor.expect("reads").expect("a baseline")
}

async fn index_cursor(world: &World) -> Serial {
    let cursor = world.engine().store.read(|tx| tx.cursors_of(Registry::Pypi).get::<LastApplied>(CURSOR)).await;
    cursor.expect("reads").expect("a baseline").serial
}

#[tokio::test]
async fn an_index_with_an_absurd_serial_moves_nothing() {
    let mut world = index_alone().await;
    let before = index_cursor(&world).await;
    world.start(Fault::IndexAbsurd);
    let told = world.expect_unwell("index-refused").await;
    assert!(told.text.contains("reconcile --accept"), "{}", told.text);
    world.register("acme-billing", "mallory");
    world.expect_silence(Duration::from_secs(2)).await;
    assert_eq!(index_cursor(&world).await, before);
    assert_eq!(world.account().await.survivors.map(|reach| reach.serial), Some(before));
    world.end(Fault::IndexAbsurd);
    world.expect_mail("registered", "acme-billing").await;
    world.expect_well("index-refused").await;
    world.finish().await;
}

async fn refused_as_a_baseline(fault: Fault) {
    let mut world = Setup { faults: vec![fault], ..Setup::default() }.set().await;
    world.boot().await.expect("PyPI's trouble is no reason not to start");
    let told = world.expect_unwell("index-refused").await;
    assert!(told.text.contains("reconcile --accept"), "{}", told.text);
    world.expect_silence(Duration::from_secs(1)).await;
    assert!(!world.knows("ordinary-1").await, "nothing of it was stored");
    world.end(fault);
    world.expect_mail("startup", "").await;
    world.expect_well("index-refused").await;
    world.register("acme-billing", "mallory");
    world.expect_mail("registered", "acme-billing").await;
    world.finish().await;
}

#[tokio::test]
async fn an_empty_index_is_no_baseline() {
    refused_as_a_baseline(Fault::IndexEmpty).await;
}

#[tokio::test]
async fn an_index_with_an_absurd_serial_is_no_baseline() {
    refused_as_a_baseline(Fault::IndexAbsurd).await;
}

#[tokio::test]
async fn a_person_may_vouch_for_an_empty_index() {
    let mut world = Setup { faults: vec![Fault::IndexEmpty], ..Setup::default() }.set().await;
    world.boot().await.expect("starts");
    world.expect_unwell("index-refused").await;
    let (status, pass) = ask(&world, &json!({"command": "reconcile", "dry_run": false, "accept": true})).await;
    assert_eq!((status, &pass["pass"]), (200, &json!("baseline")), "{pass}");
    world.expect_mail("startup", "").await;
    world.expect_well("index-refused").await;
    world.finish().await;
}

#[tokio::test]
async fn another_server_with_lower_serials_is_followed_when_a_person_says_so() {
    let mut world = index_alone().await;
    (0..10).for_each(|n| world.register(&format!("plain-{n}"), "somebody"));
    world.until("they are known", async |w| w.knows("plain-9").await).await;
    let before = index_cursor(&world).await;
    world.start(Fault::IndexBackwards);
    world.until_asked(Endpoint::Index, 2).await;
    world.minutes_pass(10);
    world.expect_unwell("feed-blind:rss").await;
    let told = world.expect_unwell("feed-blind:index").await;
    assert!(told.text.contains("reconcile --accept"), "{}", told.text);
    assert_eq!(index_cursor(&world).await, before);
    let (status, pass) = ask(&world, &json!({"command": "reconcile", "dry_run": false, "accept": true})).await;
    assert_eq!(status, 200, "{pass}");
    let after = index_cursor(&world).await;
    assert!(after < before, "{after} is not below {before}");
    assert_eq!(
        world.account().await.survivors.map(|reach| reach.serial),
        Some(after),
        "the ledger does not claim more"
    );
    world.expect_well("feed-blind:index").await;
    world.end(Fault::IndexBackwards);
    world.register("acme-billing", "mallory");
    world.expect_mail("registered", "acme-billing").await;
    world.finish().await;
}

/// PyPI's page at this serial: who holds it, and what is there since then.
fn page(serial: u64, user: &str, versions: &[&str], uploaded: Time) -> Learned {
    let shown = versions.iter().map(|version| ((*version).to_owned(), Files::INSTALLABLE));
    let releases = Releases::shown(shown, Some(Serial(serial)));
    let facts = Facts { users: vec![user.to_owned()], releases, first_upload: Some(uploaded), ..Facts::default() };
    Learned::Facts { facts: Box::new(facts), serial: Some(Serial(serial)) }
}

/// A project that somebody holds, known by serials above 1000: registered under the watch unless it stood before, and what a person
/// decided of it.
async fn known(user: &str, stood: bool, decision: Option<Decision>) -> (Bench, Time) {
    let standing: &[&'static str] = if stood { &["acme-billing"] } else { &[] };
    let (mut bench, uploaded) = (Bench::new(standing).await, "2026-11-20T12:00:00Z".parse().expect("a time"));
    let told = [Event::Created, release("0.1")].map(|event| bench.told("acme-billing", event));
    if !stood {
        bench.apply(told.into()).await;
    }
    bench.learn("acme-billing", page(bench.serial().0, user, &["0.1"], uploaded)).await;
    bench.deliver().await;
    bench.pass(TimeDelta::hours(1));
    let (case, now) = (CaseRef("acme-billing".to_owned()), bench.now);
    let who = Person { actor: Actor::default(), declared: "ada".to_owned() };
    if let Some(ruling) = decision.map(|decision| Ruling { decision, who, note: None }) {
        bench
            .store
            .write(move |tx| cases::judge_each(tx, std::slice::from_ref(&case), &ruling, now))
            .await
            .expect("ruled");
    }
    (bench, uploaded)
}

/// By whom, and with which versions.
type Held = (&'static str, &'static [&'static str]);

async fn is_due(bench: &Bench) -> bool {
    let now = bench.now;
    !bench.store.read(move |tx| tx.facts().due(now, 9)).await.expect("reads").is_empty()
}

/// Whoever holds it, what a person said, and what becomes of it at the other server: a version made to win, or another owner. There
/// its own number is 40 at first, and 107 once something happened to it.
#[tokio::test]
async fn what_was_known_by_higher_serials_goes_on_to_be_told() {
    let (win, sold): (Held, Held) = (("mallory", &["99.0", "0.1"]), ("eve", &["0.1"]));
    let scenes = [
        ("mallory", false, None, win),
        ("mallory", false, None, sold),
        ("mallory", true, None, win),
        ("mallory", true, None, sold),
        ("acme-release-bot", false, None, win),
        ("acme-release-bot", true, None, sold),
        ("mallory", false, Some(Decision::Suppress), sold),
        ("mallory", false, Some(Decision::Resolve), win),
        ("mallory", false, Some(Decision::Acknowledge), win),
    ];
    for (user, stood, decision, (then, versions)) in scenes {
        for at_once in [true, false] {
            let scene = format!("{user} {stood} {decision:?} {then} {versions:?} {at_once}");
            let (mut bench, uploaded) = known(user, stood, decision).await;
            let now = bench.now;
            bench
                .store
                .write(move |tx| cases::renumbered(tx, Registry::Pypi, Serial(100), now))
                .await
                .expect("lowered");
            assert!(is_due(&bench).await, "{scene}: it is looked at once");
            let events = bench.events().await.len();
            if !at_once {
                bench.learn("acme-billing", page(40, user, &["0.1"], uploaded)).await;
                assert_eq!(bench.events().await.len(), events, "{scene}: nothing happened");
                bench.pass(TimeDelta::minutes(5));
                let changed = Sighting { serial: Some(Serial(107)), ..bench.index("acme-billing", Event::Changed) };
                bench.apply(vec![changed]).await;
                assert!(is_due(&bench).await, "{scene}: something happened");
            }
            let serial = if at_once { 40 } else { 107 };
            bench.learn("acme-billing", page(serial, then, versions, uploaded)).await;
            assert!(bench.events().await.len() > events, "{scene}: it is told");
            assert_eq!(bench.states("acme-billing").await, [FindingState::Open], "{scene}");
        }
    }
}

#[tokio::test]
async fn an_index_that_contradicts_itself_is_read_and_said() {
    let mut world = index_alone().await;
    world.start(Fault::IndexContradictory);
    world.register("acme-billing", "mallory");
    world.expect_unwell("implausible:index").await;
    world.expect_mail("registered", "acme-billing").await;
    world.end(Fault::IndexContradictory);
    world.register("plain", "somebody");
    world.expect_well("implausible:index").await;
    world.finish().await;
}

#[tokio::test]
async fn a_changelog_in_no_order_loses_nothing() {
    let mut world = changelog_alone().await;
    world.start(Fault::XmlrpcUnsorted);
    world.upload("acme-billing", "1.0", "mallory");
    world.expect_unwell("implausible:changelog").await;
    world.expect_mail("registered", "acme-billing").await;
    let last = world.sim.world().last_serial();
    world.until("all of it counts", async |w| changelog_cursor(w).await == last).await;
    world.end(Fault::XmlrpcUnsorted);
    world.expect_well("implausible:changelog").await;
    world.finish().await;
}

#[tokio::test]
async fn a_changelog_with_an_absurd_serial_moves_nothing_and_the_index_stands_in() {
    let mut world = Setup { faults: vec![Fault::RssDown], ..Setup::default() }.start().await;
    let before = changelog_cursor(&world).await;
    world.start(Fault::XmlrpcAbsurd);
    world.register("acme-billing", "mallory");
    let told = world.expect_unwell("implausible:changelog").await;
    assert!(told.text.contains("cursor set"), "{}", told.text);
    world.expect_mail("registered", "acme-billing").await;
    assert_eq!(changelog_cursor(&world).await, before);
    world.end(Fault::XmlrpcAbsurd);
    world.expect_well("implausible:changelog").await;
    let last = world.sim.world().last_serial();
    world.until("it goes on", async |w| changelog_cursor(w).await == last).await;
    world.finish().await;
}

#[tokio::test]
async fn a_changelog_that_says_nothing_for_ever_while_the_index_moves_is_blind() {
    let mut world = changelog_alone().await;
    world.start(Fault::XmlrpcEmpty);
    world.register("acme-billing", "mallory");
    world.expect_mail("registered", "acme-billing").await;
    world.until_asked(Endpoint::Xmlrpc, 4).await;
    world.minutes_pass(5);
    let told = world.expect_unwell("feed-blind:changelog").await;
    assert!(told.text.contains("the index is already at"), "{}", told.text);
    world.end(Fault::XmlrpcEmpty);
    world.expect_well("feed-blind:changelog").await;
    world.allow_ailment("feed-blind:rss");
    world.until("rss is blind too", async |w| w.unwell().await == ["feed-blind:rss"]).await;
    world.expect_unwell("feed-blind:rss").await;
    world.finish().await;
}

#[tokio::test]
async fn names_that_are_none_wait_for_a_person_and_what_may_concern_a_watch_is_a_finding() {
    let mut world = changelog_alone().await;
    world.start(Fault::Unreadable);
    world.register("plain", "somebody");
    world.expect_unwell("unreadable:changelog").await;
    let told = world.expect("the prefix is told", |told| told.text.contains("zeta-internal-xxx")).await;
    assert!(told.text.contains("no valid name"), "{}", told.text);
    world.expect_unwell("unreadable:index").await;
    world.expect_unwell("missed").await;
    world.end(Fault::Unreadable);
    world.register("another", "somebody");
    world.until("clean pages came", async |w| w.knows("another").await).await;
    world.expect_well("missed").await;
    let both = ["unreadable:changelog", "unreadable:index"];
    assert_eq!(world.unwell().await, both, "a clean page heals nothing");

    let (status, _) = ask(&world, &json!({"command": "acknowledge-health", "case": "missed", "who": "ada"})).await;
    assert_eq!(status, 404);
    let (_, said) = ask(&world, &json!({"command": "health"})).await;
    assert_eq!(said["items"][0]["names"].as_array().map(Vec::len), Some(2), "{said}");
    assert!(said.to_string().len() < 8_000, "{} bytes", said.to_string().len());
    for case in both {
        let (status, said) = ask(&world, &json!({"command": "acknowledge-health", "case": case, "who": "ada"})).await;
        assert_eq!(status, 200, "{said}");
        let told = world.expect_well(case).await;
        assert!(told.text.contains("closed by"), "{}", told.text);
    }
    // What was settled opens no case again, whatever feed tells it.
    world.start(Fault::Unreadable);
    world.register("third", "somebody");
    world.until("it was read", async |w| w.knows("third").await).await;
    world.until_asked(Endpoint::Xmlrpc, 4).await;
    assert!(world.unwell().await.is_empty(), "{:?}", world.unwell().await);
    let open = world.engine().store.read(|tx| tx.unreadable().count(Feed::Changelog)).await;
    assert_eq!(open.expect("reads"), 0);
    while !world.unread().is_empty() {
        world.expect("what came of the salvaged names", |_| true).await;
    }
    world.finish().await;
}
