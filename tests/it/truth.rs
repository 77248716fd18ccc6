//! Nothing says that all is well beside what is open: the canary, the first message of a watch, the end of a trouble.

use chrono::TimeDelta;
use namewarden::api::status::Level;
use namewarden::cases;
use namewarden::model::overview::Overview;
use namewarden::sim::Fault;

use crate::world::{INVENTORY, Setup, World};

async fn overview(world: &World) -> Overview {
    let now = world.clock.now();
    let read = world.engine().store.read(move |tx| cases::overview(tx, TimeDelta::hours(4), now)).await;
    read.expect("reads")
}

/// The bell rings now, whatever the hour.
async fn ring(world: &World) {
    let (watchlist, now) = (world.engine().watchlist(), world.clock.now());
    let rung = world.engine().store.write(move |tx| cases::canary(tx, &watchlist, now)).await;
    assert!(rung.expect("the store works") > 0);
    world.engine().ring();
}

#[tokio::test]
async fn the_canary_says_that_nothing_is_open() {
    let mut world = World::new().await;
    ring(&world).await;
    let canary = world.expect_mail("canary", "nothing is open").await;
    assert!(canary.text.contains("Nothing is open, nothing waits"), "{}", canary.text);
    world.finish().await;
}

#[tokio::test]
async fn the_canary_says_what_is_open() {
    let mut world = Setup { webhook: true, ..Setup::default() }.start().await;
    world.upload("acme-billing", "99.0", "mallory");
    world.register("corp-mial", "mallory");
    for name in ["acme-billing", "corp-mial"] {
        world.expect_mail("registered", name).await;
        world.expect_hook("registered", name).await;
    }
    ring(&world).await;
    let canary = world.expect_mail("canary", "1 page open, 1 alert open").await;
    for wanted in ["It is no all-clear", "1 open, 1 of them unacknowledged", "the oldest is acme-billing"] {
        assert!(canary.text.contains(wanted), "{wanted}: {}", canary.text);
    }
    let hook = world.expect_hook("canary", "1 page open").await;
    assert!(hook.text.contains("\"pages_open\":1") && hook.text.contains("\"alerts_open\":1"), "{}", hook.text);
    assert_eq!(world.status().await.level, Level::Ok, "there is time to answer");
    let now = world.clock.now() + TimeDelta::hours(5);
    let later = world.engine().store.read(move |tx| cases::overview(tx, TimeDelta::hours(4), now)).await;
    assert_eq!(later.expect("reads").unanswered, 1);
    world.finish().await;
}

#[tokio::test]
async fn the_first_message_of_a_watch_says_that_cases_are_open() {
    let mut world = World::new().await;
    world.register("acme-billing", "mallory");
    world.expect_mail("registered", "acme-billing").await;
    world.reload(&INVENTORY.replace("\"corp-print\"", "\"corp-print\", \"corp-tax\"")).await;
    let greeting = world.expect_mail("startup", "").await;
    assert!(greeting.text.contains("1 case is open of yours already"), "{}", greeting.text);
    assert!(!greeting.text.contains("None of them"), "{}", greeting.text);
    world.finish().await;
}

#[tokio::test]
async fn the_end_of_one_trouble_is_not_the_end_of_another() {
    let faults = vec![Fault::XmlrpcDown, Fault::RssDown];
    let mut world = Setup { faults, ..Setup::default() }.start().await;
    world.minutes_pass(5);
    world.expect_unwell("feed-blind:changelog").await;
    world.expect_unwell("feed-blind:rss").await;
    world.end(Fault::RssDown);
    let over = world.expect_well("feed-blind:rss").await;
    assert!(over.subject.contains("still unwell (feed-blind:changelog)"), "{}", over.subject);
    let text = over.text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("Another trouble lasts: feed-blind:changelog, since "), "{}", over.text);
    assert!(text.contains("Until that is over, too, silence does not mean that nothing happened"), "{}", over.text);
    world.end(Fault::XmlrpcDown);
    let over = world.expect_well("feed-blind:changelog").await;
    assert!(over.subject.contains("namewarden is well again"), "{}", over.subject);
    assert_eq!(overview(&world).await.blind.len(), 2, "the blind stretches are remembered");
    world.finish().await;
}
