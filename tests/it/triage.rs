//! What a look-up changes: ours, what pip would take, who holds it, and how long an alert waits.

use std::time::Duration;

use namewarden::model::finding::WouldPipTake;
use namewarden::model::{Exposure, FindingState};
use namewarden::sim::{Fault, Sim};
use tokio::time::Instant;

use crate::world::{Setup, World};

const QUIET: Duration = Duration::from_secs(7);

#[tokio::test]
async fn a_name_registered_by_our_account_is_ours_and_nobody_is_woken() {
    let mut world = World::new().await;
    world.upload("acme-billing", "4.12.0", "acme-release-bot");
    world.until("it is ours", async |w| w.exposure("acme-billing").await == Some(Exposure::Ours)).await;
    world.expect_silence(QUIET).await;
    assert_eq!(world.findings_of("acme-billing").await[0].state, FindingState::Ours);
    world.upload("acme-billing", "4.13.0", "acme-release-bot");
    world.expect_silence(Duration::from_secs(1)).await;
    world.finish().await;
}

#[tokio::test]
async fn a_name_held_by_our_organization_is_ours_once_it_has_a_release() {
    let mut world = World::new().await;
    {
        let mut pypi = world.sim.world();
        pypi.create_for_organization("acme-billing", "acme", Sim::now()).expect("free");
        pypi.release("acme-billing", "4.12.0", "ours", Sim::now()).expect("there");
    }
    world.until("it is ours", async |w| w.exposure("acme-billing").await == Some(Exposure::Ours)).await;
    world.expect_silence(QUIET).await;
    world.finish().await;
}

#[tokio::test]
async fn what_was_ours_and_changes_hands_is_told() {
    let mut world = World::new().await;
    world.upload("acme-billing", "4.12.0", "acme-release-bot");
    world.until("it is ours", async |w| w.exposure("acme-billing").await == Some(Exposure::Ours)).await;
    world.act(|w, now| w.change_owner("acme-billing", "mallory", now));
    let mail = world.expect_mail("worsened", "acme-billing").await;
    assert!(mail.subject.starts_with("[page]") && mail.text.contains("mallory"), "{}\n{}", mail.subject, mail.text);
    world.until("it is taken", async |w| w.exposure("acme-billing").await == Some(Exposure::Taken)).await;
    world.finish().await;
}

#[tokio::test]
async fn what_was_ours_and_changes_hands_is_told_also_while_nobody_can_look() {
    let mut world = World::new().await;
    world.upload("acme-billing", "4.12.0", "acme-release-bot");
    world.until("it is ours", async |w| w.exposure("acme-billing").await == Some(Exposure::Ours)).await;
    world.start(Fault::JsonError);
    world.act(|w, now| w.release("acme-billing", "4.13.0", "ours", now));
    world.minutes_pass(5);
    world.real_time(Duration::from_secs(1)).await;
    assert!(world.unread().is_empty(), "a release of ours while PyPI is down wakes nobody: {:?}", world.take());
    world.act(|w, now| w.change_owner("acme-billing", "mallory", now));
    world
        .until("it was looked up in vain", async |w| w.findings_of("acme-billing").await[0].facts.trouble.is_some())
        .await;
    world.minutes_pass(5);
    let told =
        world.expect("the doubt is told", |told| told.text.contains("who holds it now cannot be looked up")).await;
    assert!(told.is("worsened", "acme-billing"), "{}", told.subject);
    world.end(Fault::JsonError);
    world.expect("the stranger is told", |told| told.text.contains("held by mallory")).await;
    world.finish().await;
}

#[tokio::test]
async fn what_was_ours_and_changes_hands_is_told_without_a_changelog() {
    let mut world = Setup { faults: vec![Fault::XmlrpcGone], ..Setup::default() }.start().await;
    world.expect_unwell("changelog-gone").await;
    world.upload("acme-billing", "4.12.0", "acme-release-bot");
    world.until("it is ours", async |w| w.exposure("acme-billing").await == Some(Exposure::Ours)).await;
    world.act(|w, now| w.change_owner("acme-billing", "mallory", now));
    world.expect_mail("worsened", "acme-billing").await;
    world.finish().await;
}

#[tokio::test]
async fn a_change_of_hands_between_strangers_is_told() {
    let mut world = World::new().await;
    world.register("acme-billing", "mallory");
    world.expect_mail("registered", "acme-billing").await;
    world.act(|w, now| w.change_owner("acme-billing", "eve", now));
    let mail = world.expect_mail("worsened", "acme-billing").await;
    assert!(mail.subject.contains("new owner: eve"), "{}", mail.subject);
    world.finish().await;
}

#[tokio::test]
async fn a_project_without_a_release_is_told_at_once_and_so_is_its_first_release() {
    let mut world = World::new().await;
    world.create("acme-ledger", "mallory");
    let mail = world.expect_mail("registered", "acme-ledger").await;
    let text = mail.text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("PyPI shows no file of it yet"), "{}", mail.text);
    world.upload("acme-ledger", "0.1", "mallory");
    let news = world.expect_mail("worsened", "acme-ledger").await;
    assert!(news.subject.contains("first release: 0.1"), "{}", news.subject);
    world.upload("acme-ledger", "0.2", "mallory");
    world.until("it is seen", async |w| w.findings_of("acme-ledger").await[0].facts.releases.contains("0.2")).await;
    world.expect_silence(Duration::from_secs(2)).await;
    world.finish().await;
}

#[tokio::test]
async fn a_first_release_after_ten_minutes_is_a_worsening() {
    let mut world = World::new().await;
    world.act(|w, now| w.create("acme-ledger", "mallory", now - chrono::TimeDelta::minutes(11)));
    let first = world.expect_mail("registered", "acme-ledger").await;
    world.upload("acme-ledger", "0.1", "mallory");
    let second = world.expect_mail("worsened", "acme-ledger").await;
    assert!(second.subject.contains("first release: 0.1"), "{}", second.subject);
    assert_eq!(first.thread, second.thread);
    world.finish().await;
}

/// The first alert said that pip would not take it, so this is news, however soon it comes.
#[tokio::test]
async fn a_higher_version_than_ours_is_a_worsening_at_any_time() {
    let mut world = World::new().await;
    world.upload("acme-billing", "0.1", "mallory");
    let first = world.expect_mail("registered", "acme-billing").await;
    assert!(first.text.contains("below your 4.12.0"), "{}", first.text);
    world.upload("acme-billing", "99.0", "mallory");
    let second = world.expect_mail("worsened", "acme-billing").await;
    assert!(second.subject.contains("99.0"), "{}", second.subject);
    assert_eq!(world.findings_of("acme-billing").await[0].facts.would_pip_take, WouldPipTake::Yes);
    world.upload("acme-billing", "100.0", "mallory");
    world.expect_silence(Duration::from_secs(2)).await;
    world.finish().await;
}

/// The same when only the index tells that something happened, and a look-up has to tell what.
#[tokio::test]
async fn a_higher_version_is_told_without_a_changelog() {
    let mut world = Setup { faults: vec![Fault::XmlrpcGone], ..Setup::default() }.start().await;
    world.expect_unwell("changelog-gone").await;
    world.upload("acme-billing", "0.1", "mallory");
    world.expect_mail("registered", "acme-billing").await;
    world.upload("acme-billing", "99.0", "mallory");
    let second = world.expect_mail("worsened", "acme-billing").await;
    assert!(second.subject.contains("99.0"), "{}", second.subject);
    world.finish().await;
}

#[tokio::test]
async fn a_slow_look_up_delays_the_alert_by_at_most_five_seconds() {
    let mut world = Setup { faults: vec![Fault::JsonSlow], ..Setup::default() }.start().await;
    let registered = Instant::now();
    world.upload("acme-billing", "99.0", "mallory");
    let mail = world.expect_mail("registered", "acme-billing").await;
    let waited = registered.elapsed();
    // Eight seconds is when the answer would have come.
    assert!(waited < Duration::from_millis(7500), "{waited:?}");
    assert!(mail.text.contains("99.0"), "what the changelog told is in it:\n{}", mail.text);
    world.finish().await;
}

#[tokio::test]
async fn a_failing_look_up_is_said_in_the_alert_and_made_up_for_in_silence() {
    let mut world = Setup { faults: vec![Fault::JsonError], ..Setup::default() }.start().await;
    world.register("acme-billing", "mallory");
    let mail = world.expect_mail("registered", "acme-billing").await;
    assert!(mail.text.contains("500"), "{}", mail.text);
    world.end(Fault::JsonError);
    world.minutes_pass(5);
    let known = async |w: &World| w.findings_of("acme-billing").await[0].facts.ours == Some(false);
    world.until("it is learned", async |w| known(w).await).await;
    world.expect_silence(Duration::from_secs(1)).await;
    world.finish().await;
}

#[tokio::test]
async fn exposures_follow_the_registry() {
    let standing = vec!["corp-vault".to_owned(), "corp-mai1".to_owned()];
    let mut world = Setup { standing, ..Setup::default() }.start().await;
    world.expect_mail("stood", "corp-vault").await;
    assert_eq!(world.exposure("acme-billing").await, Some(Exposure::Exposed));
    assert_eq!(world.exposure("corp-vault").await, Some(Exposure::Taken));
    let shielded = Exposure::Shielded { sibling: "corp-mai1".to_owned() };
    assert_eq!(world.exposure("corp-mail").await, Some(shielded));
    world.remove("corp-vault");
    world.until("it is removed", async |w| w.exposure("corp-vault").await == Some(Exposure::Removed)).await;
    world.expect_mail("ended", "corp-vault").await;
    world.register("acme-billing", "mallory");
    world.expect_mail("registered", "acme-billing").await;
    assert_eq!(world.exposure("acme-billing").await, Some(Exposure::Taken));
    world.finish().await;
}
