//! Another inventory: added, removed, broken, held, suppressed, handed over.

use std::collections::BTreeSet;
use std::time::Duration;

use namewarden::daemon::Reload;
use namewarden::model::finding::WouldPipTake;
use namewarden::model::{FindingState, OwnerId};

use crate::world::{INVENTORY, Setup, World};

const PAYMENTS: &str = "[owners.payments]\nname = \"Payments\"\nemail = [\"payments@acme.example\"]\n";

fn with(text: &str) -> String {
    format!("{INVENTORY}\n{text}")
}

async fn state(world: &World, project: &str) -> FindingState {
    world.findings_of(project).await[0].state
}

#[tokio::test]
async fn a_watch_added_later_is_checked_at_once_against_everything_known() {
    let mut world = Setup { standing: vec!["shop-cart".to_owned()], ..Setup::default() }.start().await;
    let outcome = world.reload(&with("[[name]]\nname = \"shop-cart\"\nowner = \"security\"\n")).await;
    assert_eq!(outcome, Reload::Applied { added: 1, removed: 0, pre_existing: 1 });
    let mail = world.expect_mail("startup", "").await;
    assert!(mail.text.contains("shop-cart"), "{}", mail.text);
    world.expect_mail("stood", "shop-cart").await;
    assert_eq!(state(&world, "shop-cart").await, FindingState::Open, "a stranger holds it, and has a release");
    world.register("shop-cart1", "mallory");
    world.expect_mail("registered", "shop-cart1").await;
    world.finish().await;
}

#[tokio::test]
async fn a_changed_file_is_read_without_being_asked() {
    let mut world = World::new().await;
    world.write("inventory.toml", &with("[[name]]\nname = \"shop-cart\"\nowner = \"security\"\n"));
    world.expect_mail("startup", "").await;
    world.register("shop-cart", "mallory");
    world.expect_mail("registered", "shop-cart").await;
    world.finish().await;
}

#[tokio::test]
async fn a_removed_watch_closes_its_findings_and_its_owner_is_told() {
    let mut world = World::new().await;
    world.register("corp-print", "mallory");
    world.expect_mail("registered", "corp-print").await;
    let outcome = world.reload(&INVENTORY.replace(", \"corp-print\"", "")).await;
    assert_eq!(outcome, Reload::Applied { added: 0, removed: 1, pre_existing: 0 });
    let mail = world.expect_mail("unwatched", "corp-print").await;
    assert!(mail.subject.starts_with("[alert]") && mail.subject.ends_with("1 case was open"), "{}", mail.subject);
    assert!(mail.text.contains("Closed corp-print (nw-1), page"), "{}", mail.text);
    assert_eq!(state(&world, "corp-print").await, FindingState::Unwatched);
    world.upload("corp-print", "99", "mallory");
    world.expect_silence(Duration::from_secs(1)).await;
    world.reload(INVENTORY).await;
    world.expect_mail("startup", "").await;
    world.expect_mail("stood", "corp-print").await;
    assert_eq!(state(&world, "corp-print").await, FindingState::Open, "it is watched again");
    world.finish().await;
}

#[tokio::test]
async fn a_broken_file_keeps_the_last_good_one_also_over_a_restart() {
    let mut world = World::new().await;
    let outcome = world.reload("names = [\"acme-billing\"").await;
    assert!(matches!(outcome, Reload::Broken { .. }), "{outcome:?}");
    let mail = world.expect_unwell("inventory-broken").await;
    assert!(mail.text.contains("inventory"), "{}", mail.text);
    world.restart().await;
    world.register("acme-billing", "mallory");
    world.expect_mail("registered", "acme-billing").await;
    world.reload(INVENTORY).await;
    world.expect_well("inventory-broken").await;
    world.finish().await;
}

#[tokio::test]
async fn without_a_last_good_one_a_broken_file_is_a_refusal_to_start() {
    let mut world = Setup { inventory: "names = [".to_owned(), ..Setup::default() }.set().await;
    let refused = world.boot().await.expect_err("there is nothing to watch");
    assert!(refused.is_configuration(), "{refused}");
    assert!(refused.to_string().contains("inventory.toml"), "{refused}");
}

#[tokio::test]
async fn an_inventory_that_loses_a_fifth_is_held_until_it_is_forced() {
    let mut world = World::new().await;
    let smaller = INVENTORY.replace(", \"corp-search\", \"corp-print\"", "");
    let outcome = world.reload(&smaller).await;
    assert!(matches!(outcome, Reload::Held { .. }), "{outcome:?}");
    let mail = world.expect_unwell("inventory-held").await;
    let remedy = "If it is meant, put it in force with";
    assert!(mail.text.contains(remedy) && mail.text.contains("inventory apply --force --config"), "{}", mail.text);
    world.register("corp-print", "mallory");
    world.expect_mail("registered", "corp-print").await;
    world.restart().await;
    let forced = namewarden::daemon::reload(world.engine(), true).await.expect("the store works");
    assert_eq!(forced, Reload::Applied { added: 0, removed: 2, pre_existing: 0 });
    world.expect_well("inventory-held").await;
    world.expect_mail("unwatched", "corp-print").await;
    world.finish().await;
}

#[tokio::test]
async fn a_suppression_closes_what_it_declares_harmless_and_its_end_opens_it_again() {
    let mut world = World::new().await;
    world.register("corp-mial", "a colleague");
    world.expect_mail("registered", "corp-mial").await;
    let outcome = world.reload(&with("[[suppress]]\nproject = \"corp-mial\"\nreason = \"a colleague's toy\"\n")).await;
    assert_eq!(outcome, Reload::Applied { added: 0, removed: 0, pre_existing: 0 });
    assert_eq!(state(&world, "corp-mial").await, FindingState::Suppressed);
    world.expect_silence(Duration::from_secs(1)).await;
    world.reload(INVENTORY).await;
    assert_eq!(state(&world, "corp-mial").await, FindingState::Open);
    world.expect_mail("worsened", "corp-mial").await;
    world.finish().await;
}

/// A look-alike that nothing but the list connects with its watch, which `payments` answers for.
fn with_listed(names: &str) -> String {
    let moved = INVENTORY.replace(", \"corp-print\"", "");
    let listed = format!("[[listed]]\nwatch = \"corp-print\"\nnames = [{names}]\n");
    format!("{moved}\n{PAYMENTS}\nnames = [\"corp-print\"]\n{}", if names.is_empty() { "" } else { &listed })
}

#[tokio::test]
async fn a_look_alike_listed_later_alerts_the_owner_of_its_watch() {
    let mut world = Setup { inventory: with_listed(""), ..Setup::default() }.start().await;
    let outcome = world.reload(&with_listed("\"paper-jam\"")).await;
    assert_eq!(outcome, Reload::Applied { added: 0, removed: 0, pre_existing: 0 });
    world.register("paper-jam", "mallory");
    let mail = world.expect_mail("registered", "paper-jam").await;
    assert_eq!(mail.to, ["payments@acme.example"]);
    assert!(mail.text.contains("your own list of look-alikes of corp-print"), "{}", mail.text);
    world.finish().await;
}

#[tokio::test]
async fn a_look_alike_that_stands_when_it_is_listed_is_recorded_and_not_sent() {
    let standing = vec!["paper-jam".to_owned()];
    let mut world = Setup { inventory: with_listed(""), standing, ..Setup::default() }.start().await;
    let outcome = world.reload(&with_listed("\"paper-jam\", \"paper-tray\"")).await;
    assert_eq!(outcome, Reload::Applied { added: 0, removed: 0, pre_existing: 1 });
    assert_eq!(state(&world, "paper-jam").await, FindingState::PreExisting);
    world.expect_silence(Duration::from_secs(1)).await;
    assert_eq!(world.reload(&with_listed("\"paper-jam\", \"paper-tray\"")).await, Reload::Unchanged);
    world.finish().await;
}

#[tokio::test]
async fn findings_go_with_their_watch_to_another_owner() {
    let mut world = World::new().await;
    world.register("corp-print", "mallory");
    world.expect_mail("registered", "corp-print").await;
    let moved = format!("{}\n{PAYMENTS}\nnames = [\"corp-print==2.0\"]\n", INVENTORY.replace(", \"corp-print\"", ""));
    let outcome = world.reload(&moved).await;
    assert_eq!(outcome, Reload::Applied { added: 0, removed: 0, pre_existing: 0 });
    let filter =
        namewarden::model::command::FindingFilter { owner: Some(OwnerId("payments".into())), ..Default::default() };
    let theirs = world.engine().store.read(move |tx| tx.findings().list(&filter)).await.expect("reads");
    assert_eq!(theirs.len(), 1);
    let mail = world.expect_mail("registered", "corp-print").await;
    assert_eq!(mail.to, ["payments@acme.example"], "whose it is now has not heard of it");
    world.upload("corp-print", "99.0", "mallory");
    let mail = world.expect_mail("worsened", "corp-print").await;
    assert_eq!(mail.to, ["payments@acme.example"]);
    world.remove("corp-print");
    let ends = [world.expect_mail("ended", "corp-print").await, world.expect_mail("ended", "corp-print").await];
    let told: BTreeSet<&String> = ends.iter().flat_map(|mail| &mail.to).collect();
    assert_eq!(told.len(), 2, "both were told of it: {told:?}");
    world.finish().await;
}

#[tokio::test]
async fn another_internal_version_changes_what_pip_would_take() {
    let mut world = World::new().await;
    world.upload("acme-billing", "4.0", "mallory");
    world.expect_mail("registered", "acme-billing").await;
    world.reload(&INVENTORY.replace("4.12.0", "3.9")).await;
    let mail = world.expect_mail("worsened", "acme-billing").await;
    assert!(mail.text.contains("3.9"), "{}", mail.text);
    assert_eq!(world.findings_of("acme-billing").await[0].facts.would_pip_take, WouldPipTake::Yes);
    world.finish().await;
}

#[tokio::test]
async fn a_registrant_declared_ours_later_closes_the_case_and_its_loss_opens_it() {
    let mut world = World::new().await;
    world.register("acme-billing", "acme-bot-2");
    world.expect_mail("registered", "acme-billing").await;
    world
        .reload(&INVENTORY.replace("users = [\"acme-release-bot\"]", "users = [\"acme-release-bot\", \"acme-bot-2\"]"))
        .await;
    world.until("it is ours", async |w| state(w, "acme-billing").await == FindingState::Ours).await;
    let over = world.expect_mail("ended", "acme-billing").await;
    assert!(over.subject.contains("ours after all"), "{}", over.subject);
    world.expect_silence(Duration::from_secs(1)).await;
    world.reload(INVENTORY).await;
    let mail = world.expect_mail("worsened", "acme-billing").await;
    assert!(mail.subject.contains("no longer"), "{}", mail.subject);
    world.finish().await;
}

#[tokio::test]
async fn what_changed_while_the_daemon_was_down_is_admitted_at_the_start() {
    let mut world = Setup { standing: vec!["shop-cart".to_owned()], ..Setup::default() }.start().await;
    world.stop().await;
    world.write("inventory.toml", &with("[[name]]\nname = \"shop-cart\"\nowner = \"security\"\n"));
    world.boot().await.expect("boots");
    let mail = world.expect_mail("startup", "").await;
    assert!(mail.text.contains("shop-cart"), "{}", mail.text);
    world.expect_mail("stood", "shop-cart").await;
    world.finish().await;
}

/// The file is broken on the day on which the channels change.
#[tokio::test]
async fn a_daemon_that_could_tell_nobody_does_not_start_and_says_why() {
    let mut world = World::new().await;
    world.stop().await;
    let config = std::fs::read_to_string(world.dir().join("namewarden.toml")).expect("reads");
    let rest = config.split("[alert.email]").next().expect("text");
    world.write("slack-url", "http://127.0.0.1:9/services/t");
    world.write("namewarden.toml", &format!("{rest}[alert.slack.team]\nurl_file = \"slack-url\"\n"));
    world.write("inventory.toml", "[owners");
    let error = world.boot().await.expect_err("nobody could be told");
    assert!(error.is_configuration(), "a restart cannot help");
    let text = error.to_string();
    assert!(text.contains("[alert]") && text.contains("inventory.toml:1:"), "{text}");
    world.write("namewarden.toml", &config);
    world.write("inventory.toml", INVENTORY);
    world.boot().await.expect("boots");
    world.finish().await;
}
