//! Mail, Slack and webhooks fail: nothing lost, repeats carry the same key.

use std::collections::BTreeSet;
use std::time::Duration;

use namewarden::api::status::Level;
use namewarden::model::notice::NoticeEvent;
use namewarden::sim::Fault;
use namewarden::sim::sink::{HttpMood, SmtpMood};
use namewarden::store::NoticeRow;

use crate::world::{INVENTORY, Setup, Via, World};

#[tokio::test]
async fn mail_that_is_down_for_the_whole_run_and_a_restart_is_delivered_when_it_is_back() {
    let mut world = Setup { slack: true, undelivered_after: "1s", ..Setup::default() }.start().await;
    world.mail.set_mood(SmtpMood::Down);
    for name in ["acme-billing", "corp-mial", "zeta-internal-x"] {
        world.register(name, "mallory");
        world.expect_slack(name).await;
    }
    world.allow_ailment("undelivered:email");
    world.expect_slack("undelivered:email").await;
    world.restart().await;
    world.real_time(Duration::from_secs(1)).await;
    assert!(!world.unread().iter().any(|told| told.via == Via::Mail));
    world.mail.set_mood(SmtpMood::Accept);
    for name in ["acme-billing", "corp-mial", "zeta-internal-x"] {
        world.expect_mail("registered", name).await;
    }
    // Slack hears that mail works again; the mail's own mailbox never heard of it.
    world.expect_slack("well again").await;
    world.finish().await;
}

/// The greeting may have arrived and not be marked yet.
fn is_tried(row: &NoticeRow) -> bool {
    row.event == NoticeEvent::Registered && row.attempts > 0
}

/// Long before the channel counts as failing: `undelivered_after` is an hour here.
#[tokio::test]
async fn a_page_that_nobody_has_after_two_minutes_is_a_worry_of_the_status() {
    let mut world = World::new().await;
    world.mail.set_mood(SmtpMood::Down);
    world.register("acme-billing", "mallory");
    world.until("it was tried", async |w| w.due().await.iter().any(is_tried)).await;
    assert_eq!(world.status().await.worries, [""; 0], "it is not late yet");
    world.minutes_pass(3);
    let status = world.status().await;
    let [page, channel] = &status.worries[..] else { panic!("{:?}", status.worries) };
    assert!(page.starts_with("1 page is undelivered and overdue, the oldest since "), "{page}");
    assert!(channel.starts_with("1 message is undelivered on email"), "{channel}");
    assert_eq!(status.level, Level::Critical);
    world.mail.set_mood(SmtpMood::Accept);
    world.minutes_pass(5);
    world.expect_mail("registered", "acme-billing").await;
    world.until("nothing is late", async |w| w.status().await.worries.is_empty()).await;
    world.finish().await;
}

#[tokio::test]
async fn a_mail_server_that_defers_gets_the_same_mail_later() {
    let mut world = World::new().await;
    world.mail.set_mood(SmtpMood::Defer);
    world.register("acme-billing", "mallory");
    world.until("it was tried", async |w| w.due().await.iter().any(|row| row.attempts > 0)).await;
    world.mail.set_mood(SmtpMood::Accept);
    world.expect_mail("registered", "acme-billing").await;
    world.finish().await;
}

#[tokio::test]
async fn a_mail_refused_for_good_is_told_through_the_other_channel() {
    let mut world = Setup { slack: true, undelivered_after: "1s", ..Setup::default() }.start().await;
    world.mail.set_mood(SmtpMood::Reject);
    world.register("acme-billing", "mallory");
    world.expect_slack("acme-billing").await;
    world.allow_ailment("refused:email");
    let told = world.expect_slack("refused:email").await;
    assert!(told.text.contains("550"), "{}", told.text);
    // A server that dies later is another trouble, and told as one.
    world.mail.set_mood(SmtpMood::Defer);
    world.register("corp-mial", "mallory");
    world.expect_slack("corp-mial").await;
    world.allow_ailment("undelivered:email");
    let told = world.expect_slack("undelivered:email").await;
    // The number of a notice may hold any digits.
    assert!(told.text.contains(": 451") && !told.text.contains(": 550"), "{}", told.text);
    world.mail.set_mood(SmtpMood::Accept);
    world.expect_mail("registered", "corp-mial").await;
    world.expect_slack("well again: undelivered:email").await;
    world.expect_slack("well again: refused:email").await;
    world.finish().await;
}

/// One of a team whom no mail reaches is known to nobody else.
#[tokio::test]
async fn an_address_that_refuses_what_others_take_is_told_until_it_takes_a_mail() {
    let inventory = INVENTORY.replace("\"security@acme.example\"", "\"security@acme.example\", \"gone@acme.example\"");
    let mut world = Setup { inventory, undelivered_after: "1s", ..Setup::default() }.start().await;
    world.mail.set_mood(SmtpMood::RejectGone);
    world.register("acme-billing", "mallory");
    world.expect_mail("registered", "acme-billing").await;
    let told = world.expect_unwell("recipient-refused:email:security").await;
    assert!(told.text.contains("go…@acme[.]example was refused (550 5.1.1 no such user)"), "{}", told.text);
    world.mail.set_mood(SmtpMood::Accept);
    world.register("acme-ledger", "mallory");
    world.expect_mail("registered", "acme-ledger").await;
    world.expect_well("recipient-refused:email:security").await;
    world.finish().await;
}

#[tokio::test]
async fn an_address_that_refuses_is_no_matter_once_the_inventory_has_it_no_more() {
    let with = INVENTORY.replace("\"security@acme.example\"", "\"security@acme.example\", \"gone@acme.example\"");
    let mut world = Setup { inventory: with, undelivered_after: "1s", ..Setup::default() }.start().await;
    world.mail.set_mood(SmtpMood::RejectGone);
    world.register("acme-billing", "mallory");
    world.expect_mail("registered", "acme-billing").await;
    world.expect_unwell("recipient-refused:email:security").await;
    world.reload(INVENTORY).await;
    world.expect_well("recipient-refused:email:security").await;
    world.finish().await;
}

/// In the window after the server has taken the mail and before it said so, a repeat is unavoidable, and the same.
#[tokio::test]
async fn a_server_that_dies_after_taking_the_mail_gets_it_again_with_the_same_message_id() {
    let mut world = World::new().await;
    world.allow_repeats();
    world.mail.set_mood(SmtpMood::DieAfterAccept);
    world.register("acme-billing", "mallory");
    let first = world.expect_mail("registered", "acme-billing").await;
    world.until("it was tried", async |w| w.due().await.iter().any(|row| row.attempts > 0)).await;
    world.mail.set_mood(SmtpMood::Accept);
    world.until("it is delivered", async |w| w.nothing_waits().await).await;
    let repeats = world.repeats();
    assert!(!repeats.is_empty(), "it was repeated");
    assert!(repeats.iter().all(|told| told.key == first.key && told.thread == first.thread));
    world.finish().await;
}

#[tokio::test]
async fn a_worsening_has_another_message_id_on_the_same_thread() {
    let mut world = Setup { webhook: true, ..Setup::default() }.start().await;
    world.upload("acme-billing", "0.1", "mallory");
    let first = world.expect_mail("registered", "acme-billing").await;
    let first_hook = world.expect_hook("registered", "acme-billing").await;
    world.upload("acme-billing", "99.0", "mallory");
    let second = world.expect_mail("worsened", "acme-billing").await;
    let second_hook = world.expect_hook("worsened", "acme-billing").await;
    assert_ne!(first.key, second.key);
    assert_eq!(first.thread, second.thread);
    assert_ne!(first_hook.key, second_hook.key);
    assert_eq!(first_hook.thread, second_hook.thread);
    world.finish().await;
}

#[tokio::test]
async fn slack_answering_429_and_then_500_delays_no_mail_and_loses_nothing() {
    let mut world = Setup { slack: true, undelivered_after: "1s", ..Setup::default() }.start().await;
    world.slack.set_mood(HttpMood::Throttle(1));
    world.register("acme-billing", "mallory");
    world.expect_mail("registered", "acme-billing").await;
    world.expect_unwell("undelivered:slack:team").await;
    world.slack.set_mood(HttpMood::Fail(500));
    let refused = world.slack.refused();
    world.until("it was tried again", async |w| w.slack.refused() > refused).await;
    world.slack.set_mood(HttpMood::Accept);
    world.expect_slack("acme-billing").await;
    world.expect_well("undelivered:slack:team").await;
    world.finish().await;
}

/// There is no other channel to tell by that the only one is dead; that it was is told by itself.
#[tokio::test]
async fn a_hook_that_is_gone_holds_what_it_has_to_tell_until_it_is_replaced() {
    for status in [404, 410, 403] {
        // Long enough for the mail that is on its way meanwhile, however busy the machine is.
        let mut world = Setup { slack: true, undelivered_after: "4s", ..Setup::default() }.start().await;
        world.slack.set_mood(HttpMood::Fail(status));
        world.register("acme-billing", "mallory");
        world.expect_mail("registered", "acme-billing").await;
        let unwell = world.expect_unwell("undelivered:slack:team").await;
        assert!(unwell.text.contains("credential file"), "{}", unwell.text);
        world.slack.set_mood(HttpMood::Accept);
        world.expect_slack("acme-billing").await;
        world.expect_well("undelivered:slack:team").await;
        world.finish().await;
    }
}

#[tokio::test]
async fn the_only_channel_tells_that_it_works_again() {
    let mut world = Setup { undelivered_after: "1s", ..Setup::default() }.start().await;
    world.mail.set_mood(SmtpMood::Down);
    world.register("acme-billing", "mallory");
    world.until("it is known", async |w| w.unwell().await.iter().any(|issue| issue == "undelivered:email")).await;
    world.mail.set_mood(SmtpMood::Accept);
    world.expect_mail("registered", "acme-billing").await;
    world.expect_well("undelivered:email").await;
    world.finish().await;
}

/// Nobody could be told while it lasted: one message tells both its beginning and its end.
#[tokio::test]
async fn a_trouble_that_was_over_before_it_could_be_told_is_told_once() {
    let mut world = World::new().await;
    world.mail.set_mood(SmtpMood::Down);
    let broken = "inventory-broken";
    world.reload("[").await;
    assert!(world.unwell().await.iter().any(|issue| issue == broken));
    // Else what was composed before it was over may find the server back.
    world.until("it was tried in vain", async |w| w.due().await.iter().any(|row| row.last_error.is_some())).await;
    world.reload(INVENTORY).await;
    assert!(world.unwell().await.iter().all(|issue| issue != broken));
    world.mail.set_mood(SmtpMood::Accept);
    let over = world.expect_well(broken).await;
    assert!(over.text.contains("Since") && over.text.contains("Over since"), "{}", over.text);
    world.expect_silence(Duration::from_secs(2)).await;
    world.finish().await;
}

#[tokio::test]
async fn a_webhook_that_fails_gets_the_same_id_and_a_good_signature_later() {
    let mut world = Setup { webhook: true, ..Setup::default() }.start().await;
    world.hook.set_mood(HttpMood::Fail(503));
    world.register("acme-billing", "mallory");
    world.expect_mail("registered", "acme-billing").await;
    let rows = world.due().await;
    let keys: BTreeSet<_> = rows.iter().map(|row| row.key.0.clone()).collect();
    world.until("it was tried", async |w| w.hook.refused() > 0).await;
    world.hook.set_mood(HttpMood::Accept);
    let told = world.expect_hook("registered", "acme-billing").await;
    assert!(keys.contains(&told.key), "{} is none of {keys:?}", told.key);
    world.finish().await;
}

#[tokio::test]
async fn the_canary_passes_every_channel_once() {
    let mut world = Setup { canary: true, slack: true, webhook: true, ..Setup::default() }.start().await;
    world.expect_mail("canary", "canary").await;
    world.expect_hook("canary", "canary").await;
    world.expect_slack("canary").await;
    world.restart().await;
    world.expect_silence(Duration::from_secs(1)).await;
    world.finish().await;
}

/// Stopped after the finding is stored and before its alert has gone out.
#[tokio::test]
async fn an_alert_that_waits_outlives_a_restart_and_comes_once() {
    let mut world = Setup { faults: vec![Fault::JsonSlow], ..Setup::default() }.start().await;
    world.register("acme-billing", "mallory");
    world.until("it is found", async |w| !w.findings_of("acme-billing").await.is_empty()).await;
    world.restart().await;
    world.expect_mail("registered", "acme-billing").await;
    world.expect_silence(Duration::from_secs(2)).await;
    world.finish().await;
}

#[tokio::test]
async fn a_project_that_threatens_watches_of_two_owners_is_told_to_each_in_its_own_message() {
    let inventory = format!(
        "{}\n[owners.payments]\nname = \"Payments\"\nemail = [\"payments@acme.example\", \"lead@acme.example\"]\n\
         names = [\"zeta-internal-cart\"]\n",
        INVENTORY
    );
    let mut world = Setup { inventory, ..Setup::default() }.start().await;
    world.register("zeta-internal-cart", "mallory");
    let first = world.expect_mail("registered", "zeta-internal-cart").await;
    let second = world.expect_mail("registered", "zeta-internal-cart").await;
    let mut told = [first.to, second.to];
    told.sort();
    assert_eq!(told[0], ["lead@acme.example", "payments@acme.example"]);
    assert_eq!(told[1], ["security@acme.example"]);
    assert_ne!(first.key, second.key);
    world.finish().await;
}
