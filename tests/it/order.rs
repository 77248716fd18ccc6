//! Every registration is told once, whatever feed has it first.

use std::time::Duration;

use namewarden::model::{FindingState, RegistrationId};
use namewarden::sim::{Fault, Sim};

use crate::world::{Setup, World};

/// Long enough for several polls of every feed.
const SEVERAL_POLLS: Duration = Duration::from_secs(3);

#[tokio::test]
async fn a_registration_is_told_once_when_every_feed_works() {
    let mut world = Setup { reconcile_every: "1s", ..Setup::default() }.start().await;
    world.register("acme-billing", "mallory");
    let mail = world.expect_mail("registered", "acme-billing").await;
    assert!(mail.subject.starts_with("[page]"), "{}", mail.subject);
    assert!(mail.text.contains("mallory"), "the alert names the registrant:\n{}", mail.text);
    world.expect_silence(SEVERAL_POLLS).await;
    assert_eq!(world.findings_of("acme-billing").await.len(), 1);
    world.finish().await;
}

#[tokio::test]
async fn rss_first_and_the_changelog_later_is_one_notice() {
    let mut world = Setup { faults: vec![Fault::XmlrpcDown], ..Setup::default() }.start().await;
    world.register("acme-billing", "mallory");
    world.expect_mail("registered", "acme-billing").await;
    world.end(Fault::XmlrpcDown);
    let last = world.sim.world().last_serial();
    world
        .until("the changelog caught up", async |w| w.account().await.every_event.is_some_and(|e| e.serial == last))
        .await;
    world.expect_silence(SEVERAL_POLLS).await;
    assert_eq!(world.findings_of("acme-billing").await.len(), 1);
    world.finish().await;
}

#[tokio::test]
async fn the_changelog_first_and_rss_later_is_one_notice() {
    let mut world = Setup { faults: vec![Fault::RssDown], ..Setup::default() }.start().await;
    world.register("Acme.Billing", "mallory");
    let mail = world.expect_mail("registered", "acme-billing").await;
    assert!(mail.text.contains("Acme[.]Billing"), "the spelling is shown:\n{}", mail.text);
    world.end(Fault::RssDown);
    world.expect_silence(SEVERAL_POLLS).await;
    let findings = world.findings_of("acme-billing").await;
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].display, "Acme.Billing");
    world.finish().await;
}

#[tokio::test]
async fn the_index_first_and_both_others_later_is_one_notice() {
    let faults = vec![Fault::RssDown, Fault::XmlrpcDown];
    let mut world = Setup { reconcile_every: "500ms", faults, ..Setup::default() }.start().await;
    world.register("acme-billing", "mallory");
    world.expect_mail("registered", "acme-billing").await;
    assert!(matches!(
        world.findings_of("acme-billing").await[0].registration().registration_id,
        RegistrationId::Listed(_)
    ));
    world.end(Fault::RssDown);
    world.until("RSS told the second", async |w| w.findings_of("acme-billing").await[0].registered_at.is_some()).await;
    world.end(Fault::XmlrpcDown);
    let last = world.sim.world().last_serial();
    world
        .until("the changelog caught up", async |w| w.account().await.every_event.is_some_and(|e| e.serial == last))
        .await;
    world.expect_silence(SEVERAL_POLLS).await;
    assert_eq!(world.findings_of("acme-billing").await.len(), 1);
    world.finish().await;
}

#[tokio::test]
async fn removed_and_registered_again_is_two_findings_and_two_alerts() {
    let mut world = World::new().await;
    let before = Sim::now() - chrono::TimeDelta::seconds(60);
    world.act(|w, _| w.upload("acme-billing", "0.1", "a helper", "mallory", before));
    let first = world.expect_mail("registered", "acme-billing").await;
    world.remove("acme-billing");
    world
        .until("it is seen gone", async |w| w.findings_of("acme-billing").await[0].state == FindingState::Removed)
        .await;
    assert_eq!(world.expect_mail("ended", "acme-billing").await.thread, first.thread);
    world.upload("acme-billing", "0.2", "eve");
    let second = world.expect_mail("registered", "acme-billing").await;
    assert!(second.text.contains("eve"), "{}", second.text);
    assert_ne!(first.key, second.key);
    let states: Vec<_> = world.findings_of("acme-billing").await.iter().map(|f| f.state).collect();
    assert_eq!(states, [FindingState::Removed, FindingState::Open]);
    world.expect_silence(SEVERAL_POLLS).await;
    world.finish().await;
}

/// The changelog tells of the removal after RSS has told of the new registration: the new one must stay open.
#[tokio::test]
async fn a_removal_told_late_does_not_close_what_was_registered_since() {
    let mut world = World::new().await;
    let before = Sim::now() - chrono::TimeDelta::seconds(60);
    world.act(|w, _| w.upload("acme-billing", "0.1", "a helper", "mallory", before));
    world.expect_mail("registered", "acme-billing").await;
    world.start(Fault::XmlrpcDown);
    world.act(|w, now| w.remove("acme-billing", now));
    world.upload("acme-billing", "0.2", "eve");
    world.expect_mail("registered", "acme-billing").await;
    let over = world.expect_mail("ended", "acme-billing").await;
    assert!(over.subject.contains("was registered again"), "{}", over.subject);
    world.end(Fault::XmlrpcDown);
    let last = world.sim.world().last_serial();
    world
        .until("the changelog caught up", async |w| w.account().await.every_event.is_some_and(|e| e.serial == last))
        .await;
    let states: Vec<_> = world.findings_of("acme-billing").await.iter().map(|f| f.state).collect();
    assert_eq!(states, [FindingState::Removed, FindingState::Open]);
    world.expect_silence(SEVERAL_POLLS).await;
    world.finish().await;
}

/// While the changelog is down nobody tells of the removal; the second registration closes the first case.
#[tokio::test]
async fn a_second_registration_supersedes_the_first_when_the_removal_was_not_seen() {
    let mut world = Setup { faults: vec![Fault::XmlrpcGone], ..Setup::default() }.start().await;
    world.expect_unwell("changelog-gone").await;
    let before = Sim::now() - chrono::TimeDelta::seconds(60);
    world.act(|w, _| w.upload("acme-billing", "0.1", "a helper", "mallory", before));
    world.expect_mail("registered", "acme-billing").await;
    world.act(|w, now| w.remove("acme-billing", now));
    world.upload("acme-billing", "0.2", "eve");
    world.expect_mail("registered", "acme-billing").await;
    world.expect_mail("ended", "acme-billing").await;
    let states: Vec<_> = world.findings_of("acme-billing").await.iter().map(|f| f.state).collect();
    assert_eq!(states, [FindingState::Removed, FindingState::Open]);
    world.expect_silence(SEVERAL_POLLS).await;
    world.finish().await;
}

#[tokio::test]
async fn a_stale_rss_item_is_never_a_registration() {
    let mut world = World::new().await;
    world.register("acme-billing", "mallory");
    world.expect_mail("registered", "acme-billing").await;
    world.start(Fault::RssStale);
    world.remove("acme-billing");
    world
        .until("it is seen gone", async |w| w.findings_of("acme-billing").await[0].state == FindingState::Removed)
        .await;
    world.expect_mail("ended", "acme-billing").await;
    world.expect_silence(SEVERAL_POLLS).await;
    world.restart().await;
    world.expect_silence(SEVERAL_POLLS).await;
    assert_eq!(world.findings_of("acme-billing").await.len(), 1);
    assert_eq!(world.findings_of("acme-billing").await[0].state, FindingState::Removed);
    world.finish().await;
}

#[tokio::test]
async fn spellings_of_one_name_are_one_project() {
    let standing = vec!["corp-vault".to_owned()];
    let mut world = Setup { standing, reconcile_every: "500ms", ..Setup::default() }.start().await;
    world.expect_mail("stood", "corp-vault").await;
    world.act(|w, now| w.release("Corp.Vault", "1.1", "renamed by its owner", now));
    world.act(|w, now| w.release("corp__vault", "1.2", "and again", now));
    world.register("ACME__Ledger", "mallory");
    let mail = world.expect_mail("registered", "acme-ledger").await;
    assert!(mail.text.contains("ACME__Ledger"), "{}", mail.text);
    world.expect_silence(SEVERAL_POLLS).await;
    assert_eq!(world.findings_of("acme-ledger").await.len(), 1);
    assert_eq!(world.findings_of("corp-vault").await.len(), 1);
    world.finish().await;
}
