//! Answers that cannot be so: absurd serials, an empty index, another server, no order, names that are none. Each is
//! refused or survived, said, and can be put right by a verb.

use std::time::Duration;

use namewarden::daemon::index::{CURSOR, LastApplied};
use namewarden::model::{Feed, Registry, Serial};
use namewarden::sim::{Endpoint, Fault};
use namewarden::store::CHANGELOG;
use serde_json::json;

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
