//! The changelog retires, dies half-way, goes back: the index and RSS find what survives, and the ledger says so.

use std::time::Duration;

use namewarden::api::status::Level;
use namewarden::model::{FindingState, Registry, Serial};
use namewarden::sim::{Endpoint, Fault, Sim};
use namewarden::store::CHANGELOG;

use crate::world::{Setup, World};

const TARGETS: [&str; 5] = ["acme-billing", "acme-1edger", "corp-valt", "zeta-internal-x", "corp-mial"];

/// Gone from the start, and RSS down with it: the index alone finds everything that survives.
async fn gone_from_the_start(fault: Fault) {
    let faults = vec![fault, Fault::RssDown];
    let mut world = Setup { faults, ..Setup::default() }.start().await;
    let told = world.expect_unwell("changelog-gone").await;
    assert!(told.text.contains("shorter lives may be missed"), "{}", told.text);
    for (n, target) in TARGETS.iter().enumerate() {
        world.register(target, "mallory");
        // An empty project is in no RSS feed and in the index all the same.
        world.create(&format!("zeta-internal-empty-{n}"), "mallory");
    }
    world.until("all are found", async |w| w.findings().await.len() == 10).await;
    world.until("all are told", async |w| w.nothing_waits().await).await;
    while !world.unread().is_empty() {
        let told = world.expect("the alerts", |_| true).await;
        assert_eq!(told.event, "registered", "{}", told.subject);
    }
    let account = world.account().await;
    assert_eq!(account.every_event, None);
    let [hole] = account.survivors_only.as_slice() else { panic!("{account:?}") };
    assert_eq!(hole.serials.map(|(_, end)| end), Some(world.sim.world().last_serial()));
    world.restart().await;
    world.expect_silence(Duration::from_secs(2)).await;
    world.finish().await;
}

#[tokio::test]
async fn with_the_methods_gone_from_the_start_survivors_are_found_and_it_is_said_once() {
    gone_from_the_start(Fault::XmlrpcGone).await;
}

#[tokio::test]
async fn with_the_methods_deprecated_from_the_start_survivors_are_found_and_it_is_said_once() {
    gone_from_the_start(Fault::XmlrpcDeprecated).await;
}

#[tokio::test]
async fn a_changelog_that_dies_half_way_leaves_a_dated_hole_that_closes_when_it_is_back() {
    let mut world = Setup { faults: vec![Fault::RssDown], ..Setup::default() }.start().await;
    world.register("acme-billing", "mallory");
    world.expect_mail("registered", "acme-billing").await;
    let seen = world.sim.world().last_serial();
    world.until("all is seen", async |w| w.account().await.every_event.is_some_and(|e| e.serial == seen)).await;

    world.start(Fault::XmlrpcGone);
    world.expect_unwell("changelog-gone").await;
    world.register("corp-mial", "mallory");
    world.register("zeta-internal-brief", "mallory");
    world.remove("zeta-internal-brief");
    world.expect_mail("registered", "corp-mial").await;
    let account = world.account().await;
    let [hole] = account.survivors_only.as_slice() else { panic!("{account:?}") };
    assert_eq!(hole.serials.map(|(start, _)| start), Some(seen), "what the changelog told is no hole");
    assert!(world.findings_of("zeta-internal-brief").await.is_empty(), "nobody could see it, and nobody invents it");

    world.end(Fault::XmlrpcGone);
    world.hours_pass(25);
    world.expect_unwell("feed-blind:rss").await;
    world.expect_well("changelog-gone").await;
    let late = world.expect_mail("registered", "zeta-internal-brief").await;
    assert!(late.subject.contains("is gone since"), "{}", late.subject);
    assert_eq!(world.findings_of("zeta-internal-brief").await[0].state, FindingState::Removed);
    world.until("the hole is closed", async |w| w.account().await.survivors_only.is_empty()).await;
    // A day has gone by unacknowledged.
    world.watchdog_round().await;
    world.expect_mail("escalated", "acme-billing").await;
    world.finish().await;
}

#[tokio::test]
async fn a_changelog_that_is_down_for_long_is_told_and_the_index_stands_in() {
    let faults = vec![Fault::XmlrpcDown, Fault::RssDown];
    let mut world = Setup { faults, ..Setup::default() }.start().await;
    world.minutes_pass(5);
    world.expect_unwell("feed-blind:changelog").await;
    world.expect_unwell("feed-blind:rss").await;
    assert_eq!(world.status().await.level, Level::Critical, "{:?}", world.status().await.worries);
    world.register("acme-billing", "mallory");
    world.expect_mail("registered", "acme-billing").await;
    world.end(Fault::XmlrpcDown);
    world.end(Fault::RssDown);
    world.expect_well("feed-blind:changelog").await;
    world.expect_well("feed-blind:rss").await;
    world.finish().await;
}

#[tokio::test]
async fn an_address_that_answers_410_for_hours_is_gone() {
    let mut world = Setup { faults: vec![Fault::XmlrpcHttpGone], ..Setup::default() }.start().await;
    world.until_asked(Endpoint::Xmlrpc, 4).await;
    assert!(world.unwell().await.is_empty(), "a moment of 410 is trouble, not the end");
    world.hours_pass(2);
    world.expect_unwell("changelog-gone").await;
    world.until("gone includes blind", async |w| w.unwell().await == ["changelog-gone"]).await;
    // It may have been blind before it was gone, and never well again.
    while !world.unread().is_empty() {
        world.expect("blind", |told| told.subject.contains("unwell: feed-blind:changelog")).await;
    }
    world.register("acme-billing", "mallory");
    world.expect_mail("registered", "acme-billing").await;
    world.finish().await;
}

#[tokio::test]
async fn a_changelog_that_goes_back_is_told_and_nothing_is_told_twice() {
    let mut world = World::new().await;
    // Enough of a journal that the older state is older than the cursor.
    (0..10).for_each(|n| world.register(&format!("plain-{n}"), "somebody"));
    let last = world.sim.world().last_serial();
    world.until("all is seen", async |w| w.account().await.every_event.is_some_and(|e| e.serial == last)).await;
    let highest = async |world: &World| {
        let read = world.engine().store.read(|tx| {
            let mut highest = Serial(0);
            tx.projects().each_known(Registry::Pypi, |_, serial, _| {
                highest = highest.max(serial);
                Ok(())
            })?;
            Ok((highest, tx.cursors_of(Registry::Pypi).get::<Serial>(CHANGELOG)?.unwrap_or_default()))
        });
        read.await.expect("reads")
    };
    assert_eq!(highest(&world).await, (last, last));
    // It would tell the serials again.
    world.start(Fault::IndexError);
    world.start(Fault::XmlrpcBackwards);
    world.expect_unwell("serial-went-back:changelog").await;
    let (known, read) = highest(&world).await;
    assert!(known <= read && read < last, "{known} is known beyond {read}, and is not to hide what comes");
    world.end(Fault::IndexError);
    world.register("acme-billing", "mallory");
    world.expect_mail("registered", "acme-billing").await;
    world.end(Fault::XmlrpcBackwards);
    world.expect_well("serial-went-back:changelog").await;
    world.expect_silence(Duration::from_secs(1)).await;
    world.finish().await;
}

#[tokio::test]
async fn a_throttled_changelog_loses_nothing() {
    let mut world = Setup { faults: vec![Fault::RssDown], ..Setup::default() }.start().await;
    world.start(Fault::XmlrpcThrottled);
    world.act(|w, now| w.upload("acme-billing", "0.1", "x", "mallory", now));
    world.remove("acme-billing");
    world.until("it failed", async |w| w.changelog_fails().await).await;
    world.end(Fault::XmlrpcThrottled);
    // The fault asked for a long pause, which is obeyed.
    world.hours_pass(1);
    let mail = world.expect_mail("registered", "acme-billing").await;
    assert!(mail.subject.contains("is gone since"), "{}", mail.subject);
    while world.unwell().await != [""; 0] || !world.unread().is_empty() {
        world.end(Fault::RssDown);
        world.expect("blind and well again", |told| told.event == "health").await;
    }
    world.finish().await;
}

#[tokio::test]
async fn a_project_registered_and_removed_within_a_second_is_told() {
    let mut world = Setup { changelog_every: "1s", ..Setup::default() }.start().await;
    {
        let mut pypi = world.sim.world();
        let now = Sim::now();
        pypi.create("acme-billing", "mallory", now).expect("free");
        pypi.remove("acme-billing", now).expect("there");
        pypi.upload("corp-mial", "1", "x", "mallory", now).expect("free");
        pypi.quarantine("corp-mial", now).expect("there");
    }
    world.expect_mail("registered", "acme-billing").await;
    let told = world.expect_mail("registered", "corp-mial").await;
    if !told.subject.contains("gone since") {
        // RSS was first.
        world.expect_mail("ended", "corp-mial").await;
    }
    world.finish().await;
}
