//! RSS and the index fail in every way they can: nothing lost, nothing invented, the trouble told.

use std::time::Duration;

use namewarden::api::status::Level;
use namewarden::model::{Exposure, FindingState, Registry};
use namewarden::sim::{Endpoint, Fault, Sim};

use crate::world::{Setup, World};

/// RSS fails while the changelog works: one alert, and no second one when RSS is back.
async fn rss_fails(fault: Fault, is_blind: bool) {
    let mut world = World::new().await;
    let before = Sim::now() - chrono::TimeDelta::seconds(60);
    world.act(|w, _| w.upload("corp-mial", "1", "x", "mallory", before));
    world.expect_mail("registered", "corp-mial").await;
    world.remove("corp-mial");
    world.expect_mail("ended", "corp-mial").await;
    world.start(fault);
    world.register("acme-billing", "mallory");
    world.expect_mail("registered", "acme-billing").await;
    if is_blind {
        world.minutes_pass(5);
        world.expect_unwell("feed-blind:rss").await;
        assert_eq!(world.status().await.level, Level::Warning, "the others see");
    }
    world.expect_silence(Duration::from_secs(2)).await;
    world.end(fault);
    if is_blind {
        world.expect_well("feed-blind:rss").await;
    }
    world.expect_silence(Duration::from_secs(1)).await;
    assert_eq!(world.findings_of("acme-billing").await.len(), 1);
    assert_eq!(world.findings_of("corp-mial").await[0].state, FindingState::Removed);
    world.finish().await;
}

#[tokio::test]
async fn rss_down() {
    rss_fails(Fault::RssDown, true).await;
}

#[tokio::test]
async fn rss_truncated() {
    rss_fails(Fault::RssTruncated, true).await;
}

#[tokio::test]
async fn rss_two_hundred_megabytes_long() {
    rss_fails(Fault::RssEndless, true).await;
}

#[tokio::test]
async fn rss_stale() {
    rss_fails(Fault::RssStale, false).await;
}

#[tokio::test]
async fn rss_going_backwards() {
    rss_fails(Fault::RssBackwards, false).await;
}

#[tokio::test]
async fn rss_oldest_first() {
    rss_fails(Fault::RssReordered, false).await;
}

/// Illegal characters, and no other feed to help.
#[tokio::test]
async fn rss_with_characters_that_xml_forbids_is_read_all_the_same() {
    let faults = vec![Fault::RssIllegal, Fault::XmlrpcDown];
    let mut world = Setup { faults, ..Setup::default() }.start().await;
    world.register("acme-billing", "mallory");
    let mail = world.expect_mail("registered", "acme-billing").await;
    assert!(!mail.text.contains(['\u{8}', '\u{1b}', '\u{ffff}']), "{:?}", mail.text);
    world.finish().await;
}

/// The index is the only feed, and fails: nothing is found while it does, everything after, nothing is invented.
async fn index_fails(fault: Fault, issue: &str, waits: bool) {
    let faults = vec![Fault::XmlrpcGone, Fault::RssDown];
    let setup = Setup { faults, standing: vec!["corp-vault".to_owned()], ..Setup::default() };
    let mut world = setup.start().await;
    world.expect_mail("stood", "corp-vault").await;
    world.expect_unwell("changelog-gone").await;
    // Older states to go back to.
    (0..10).for_each(|n| world.register(&format!("plain-{n}"), "somebody"));
    world.until("they are known", async |w| w.knows("plain-9").await).await;
    world.start(fault);
    world.register("acme-billing", "mallory");
    if waits {
        world.until_asked(Endpoint::RssPackages, 2).await;
        world.minutes_pass(10);
        world.expect_unwell("feed-blind:rss").await;
    }
    world.expect_unwell(issue).await;
    assert!(world.findings_of("acme-billing").await.is_empty());
    assert_eq!(world.exposure("corp-vault").await, Some(Exposure::Taken), "what was not listed is not gone");
    world.end(fault);
    world.expect_mail("registered", "acme-billing").await;
    world.expect_well(issue).await;
    world.finish().await;
}

/// Neither while nobody can store anything, nor in the moment in which somebody can again: the feed has its chance first.
#[tokio::test]
async fn time_without_a_store_is_no_silence_of_a_feed() {
    let mut world = Setup { faults: vec![Fault::XmlrpcGone], ..Setup::default() }.start().await;
    world.expect_unwell("changelog-gone").await;
    let theirs = rusqlite::Connection::open(world.dir().join("state/namewarden.db")).expect("opens");
    theirs.execute_batch("BEGIN IMMEDIATE").expect("locked");
    world.register("acme-billing", "mallory");
    world.until("it is noticed", async |w| w.engine().store.trouble().is_some()).await;
    world.start(Fault::IndexError);
    world.minutes_pass(10);
    world.until_asked(Endpoint::Index, 2).await;
    world.end(Fault::IndexError);
    theirs.execute_batch("ROLLBACK").expect("free again");
    world.expect_mail("registered", "acme-billing").await;
    world.until_asked(Endpoint::Index, 2).await;
    assert_eq!(world.unwell().await, ["changelog-gone"]);
    world.finish().await;
}

/// A store that fails for a moment now and then makes no feed seem to have answered.
#[tokio::test]
async fn moments_without_a_store_give_a_feed_no_more_time() {
    let mut world = World::new().await;
    world.start(Fault::RssDown);
    for n in 0..4 {
        let theirs = rusqlite::Connection::open(world.dir().join("state/namewarden.db")).expect("opens");
        theirs.execute_batch("BEGIN IMMEDIATE").expect("locked");
        world.register(&format!("plain-{n}"), "somebody");
        world.until("it is noticed", async |w| w.engine().store.trouble().is_some()).await;
        theirs.execute_batch("ROLLBACK").expect("free again");
        world.until("nobody waits any more", async |w| w.engine().store.trouble().is_none()).await;
        world.until_asked(Endpoint::RssPackages, 1).await;
        world.minutes_pass(2);
    }
    world.expect_unwell("feed-blind:rss").await;
    world.finish().await;
}

#[tokio::test]
async fn index_truncated() {
    index_fails(Fault::IndexTruncated, "feed-blind:index", true).await;
}

#[tokio::test]
async fn index_answering_500() {
    index_fails(Fault::IndexError, "feed-blind:index", true).await;
}

#[tokio::test]
async fn index_going_back_in_serial() {
    index_fails(Fault::IndexBackwards, "feed-blind:index", true).await;
}

#[tokio::test]
async fn index_halved_but_valid() {
    index_fails(Fault::IndexHalved, "index-refused", false).await;
}

#[tokio::test]
async fn index_from_two_alternating_caches() {
    let faults = vec![Fault::XmlrpcGone, Fault::RssDown];
    let mut world = Setup { faults, standing: vec!["corp-vault".to_owned()], ..Setup::default() }.start().await;
    world.expect_mail("stood", "corp-vault").await;
    world.expect_unwell("changelog-gone").await;
    (0..10).for_each(|n| world.register(&format!("plain-{n}"), "somebody"));
    world.until("they are known", async |w| w.knows("plain-9").await).await;
    world.start(Fault::IndexAlternating);
    world.register("acme-billing", "mallory");
    world.expect_mail("registered", "acme-billing").await;
    world.expect_silence(Duration::from_secs(3)).await;
    assert_eq!(world.findings_of("acme-billing").await.len(), 1);
    assert_eq!(world.exposure("corp-vault").await, Some(Exposure::Taken));
    world.finish().await;
}

#[tokio::test]
async fn index_stale_loses_nothing_that_still_stands_when_it_moves_on() {
    let faults = vec![Fault::XmlrpcGone, Fault::RssDown];
    let mut world = Setup { faults, ..Setup::default() }.start().await;
    world.expect_unwell("changelog-gone").await;
    world.start(Fault::IndexStale);
    world.register("acme-billing", "mallory");
    world.expect_silence(Duration::from_secs(2)).await;
    world.end(Fault::IndexStale);
    world.expect_mail("registered", "acme-billing").await;
    world.finish().await;
}

/// Two and a half hours in steps, as a daemon lives them that looks all the time.
async fn hours_go_by(world: &mut World, looked_at: &[Endpoint]) {
    for _ in 0..6 {
        world.minutes_pass(25);
        for endpoint in looked_at {
            let asked = world.sim.log().count(*endpoint);
            // One look at the changelog may be two requests, and may have been under way when the clock moved.
            let requests = if *endpoint == Endpoint::Xmlrpc { 4 } else { 2 };
            world.until("it was looked at", async |w| w.sim.log().count(*endpoint) >= asked + requests).await;
        }
    }
}

#[tokio::test]
async fn an_index_that_answers_the_same_for_hours_is_told() {
    let faults = vec![Fault::XmlrpcGone, Fault::RssDown];
    let mut world = Setup { faults, index_every: "1500ms", ..Setup::default() }.start().await;
    world.expect_unwell("changelog-gone").await;
    world.allow_ailment("feed-blind:rss");
    world.start(Fault::IndexStale);
    world.register("acme-billing", "mallory");
    hours_go_by(&mut world, &[Endpoint::Index]).await;
    world.expect_unwell("feed-blind:index").await;
    world.end(Fault::IndexStale);
    world.expect_mail("registered", "acme-billing").await;
    world.expect_well("feed-blind:index").await;
    world.expect_unwell("feed-blind:rss").await;
    world.finish().await;
}

#[tokio::test]
async fn an_rss_feed_that_answers_the_same_for_hours_is_told() {
    let mut world = Setup { changelog_every: "500ms", ..Setup::default() }.start().await;
    world.register("acme-billing", "mallory");
    world.expect_mail("registered", "acme-billing").await;
    let last = world.sim.world().last_serial();
    let seen = async |w: &World| w.account().await.every_event.is_some_and(|e| e.serial == last);
    world.until("the changelog has told all", async |w| seen(w).await).await;
    world.start(Fault::RssStale);
    hours_go_by(&mut world, &[Endpoint::RssPackages, Endpoint::Xmlrpc]).await;
    world.expect_unwell("feed-blind:rss").await;
    world.expect_unwell("feed-blind:changelog").await;
    world.end(Fault::RssStale);
    world.register("plain", "somebody");
    world.expect_well("feed-blind:rss").await;
    world.expect_well("feed-blind:changelog").await;
    world.finish().await;
}

/// Somebody set the cursor of the changelog past a registration: the index finds it, and finds that it was missed.
#[tokio::test]
async fn what_the_changelog_should_have_told_and_did_not_is_found_and_told() {
    let faults = vec![Fault::XmlrpcDown, Fault::RssDown];
    let mut world = Setup { faults, reconcile_every: "1s", index_every: "1s", ..Setup::default() }.start().await;
    world.start(Fault::IndexError);
    world.register("acme-billing", "mallory");
    let last = world.sim.world().last_serial();
    let set = world
        .engine()
        .store
        .write(move |tx| tx.cursors_of(Registry::Pypi).set(namewarden::store::CHANGELOG, &last))
        .await;
    set.expect("the store works");
    world.end(Fault::IndexError);
    let told = world.expect_unwell("missed").await;
    assert!(told.text.contains("acme-billing"), "{}", told.text);
    world.expect_mail("registered", "acme-billing").await;
    world.end(Fault::XmlrpcDown);
    world.end(Fault::RssDown);
    world.register("plain", "somebody");
    world.expect_well("missed").await;
    world.finish().await;
}

#[tokio::test]
async fn an_index_that_fails_at_the_start_only_delays_the_baseline() {
    let mut world = Setup { faults: vec![Fault::IndexError], ..Setup::default() }.set().await;
    world.boot().await.expect("PyPI's trouble is no reason not to start");
    world.expect_silence(Duration::from_secs(1)).await;
    world.register("corp-vault", "mallory");
    world.end(Fault::IndexError);
    let greeting = world.expect_mail("startup", "").await;
    assert!(greeting.text.contains("corp-vault"), "{}", greeting.text);
    world.expect_mail("stood", "corp-vault").await;
    world.register("acme-billing", "mallory");
    world.expect_mail("registered", "acme-billing").await;
    world.finish().await;
}

/// Nobody else looks before there is a baseline, and whoever set it up believes to be watched.
#[tokio::test]
async fn a_watch_that_cannot_begin_is_told_within_minutes() {
    let mut world = Setup { faults: vec![Fault::IndexError], ..Setup::default() }.set().await;
    world.boot().await.expect("PyPI's trouble is no reason not to start");
    world.until_asked(Endpoint::Index, 1).await;
    world.minutes_pass(3);
    world.expect_unwell("feed-blind:index").await;
    world.end(Fault::IndexError);
    world.expect_mail("startup", "").await;
    world.expect_well("feed-blind:index").await;
    world.finish().await;
}

#[tokio::test]
async fn a_quarantined_project_that_is_cleared_is_told_again_on_the_same_thread() {
    let mut world = World::new().await;
    world.register("acme-billing", "mallory");
    let first = world.expect_mail("registered", "acme-billing").await;
    world.act(|w, now| w.quarantine("acme-billing", now));
    let state = async |w: &World| w.findings_of("acme-billing").await[0].state;
    world.until("it is closed", async |w| state(w).await == FindingState::Removed).await;
    assert_eq!(world.exposure("acme-billing").await, Some(Exposure::Quarantined));
    let over = world.expect_mail("ended", "acme-billing").await;
    assert!(over.text.contains("quarantined by PyPI") && over.thread == first.thread, "{}", over.text);
    assert!(over.subject.contains("is in quarantine at PyPI"), "{}", over.subject);
    world.act(|w, now| w.clear("acme-billing", now));
    let again = world.expect_mail("worsened", "acme-billing").await;
    assert!(again.subject.contains("back on PyPI"), "{}", again.subject);
    assert_eq!((again.thread == first.thread, again.key == first.key), (true, false));
    assert_eq!(world.exposure("acme-billing").await, Some(Exposure::Taken));
    world.finish().await;
}

#[tokio::test]
async fn a_refused_connection_is_trouble_and_no_news() {
    let mut world = World::new().await;
    world.start(Fault::Refused);
    world.register("acme-billing", "mallory");
    world.expect_silence(Duration::from_secs(2)).await;
    world.end(Fault::Refused);
    world.expect_mail("registered", "acme-billing").await;
    world.finish().await;
}
