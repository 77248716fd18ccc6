//! A reload at a bad moment: half of what belongs together, files that are closed or gone, a disk without room. The last
//! good ones stay in force, it is said why, and nobody has to ask twice once it is mended.

use std::os::unix::fs::PermissionsExt as _;

use namewarden::api::status::Level;
use namewarden::daemon::{Configured, Reload, Reread};
use namewarden::model::Channel;

use crate::world::{INVENTORY, Setup, World};

const SLACK: &str = "[alert.slack.team]\nurl_file = \"slack-url\"\n";
const BY_SLACK_TOO: &str = "email = [\"security@acme.example\"]\nslack = [\"team\"]\n";

/// The owner is told by Slack, too.
fn by_slack_too() -> String {
    INVENTORY.replace("email = [\"security@acme.example\"]\n", BY_SLACK_TOO)
}

fn write_hook(world: &World) {
    world.write("slack-url", &format!("{}/services/t", world.slack.base_url()));
}

fn configuration_error(reloaded: &Reread) -> &str {
    match &reloaded.configuration {
        Configured::Broken { error } => error,
        Configured::Applied { .. } => panic!("it was taken: {reloaded:?}"),
    }
}

/// The configuration was written first, and nobody had it read.
#[tokio::test]
async fn an_inventory_that_needs_the_configuration_on_disk_waits_for_it_and_is_not_broken() {
    let mut world = World::new().await;
    write_hook(&world);
    world.write("namewarden.toml", &format!("{}{SLACK}", world.config()));
    let said = world.reload(&by_slack_too()).await;
    let Reload::Waits { needs } = &said else { panic!("{said:?}") };
    assert!(needs.contains("inventory.toml:") && needs.contains("owners.security.slack"), "{needs}");
    let told = world.expect_unwell("inventory-waits").await;
    assert!(told.text.contains("namewarden reload") && told.text.contains("owners.security.slack"), "{}", told.text);
    assert_eq!(world.unwell().await, ["inventory-waits"], "neither file is broken");
    let forced = namewarden::daemon::reload(world.engine(), true).await.expect("the store works");
    assert_eq!(forced, said, "no force makes a channel");
    // What is watched goes on as before.
    world.register("acme-billing", "mallory");
    world.expect_mail("registered", "acme-billing").await;
    assert_eq!(world.status().await.level, Level::Warning);
    assert_eq!(world.reload_all().await.inventory, Reload::Applied { added: 0, removed: 0, pre_existing: 0 });
    world.expect_well("inventory-waits").await;
    world.expect_slack("inventory-waits").await;
    world.register("acme-ledger", "mallory");
    world.expect_mail("registered", "acme-ledger").await;
    world.expect_slack("acme-ledger").await;
    world.finish().await;
}

/// The inventory was written first: as it stands, the two contradict each other. The reload that brings the channel tries
/// the inventory again.
#[tokio::test]
async fn an_inventory_whose_channel_stands_nowhere_is_broken_until_the_configuration_has_it() {
    let mut world = World::new().await;
    write_hook(&world);
    let said = world.reload(&by_slack_too()).await;
    let Reload::Broken { error } = &said else { panic!("{said:?}") };
    assert!(error.contains("[alert.slack.team]") && error.contains("after `namewarden reload`"), "{error}");
    world.expect_unwell("inventory-broken").await;
    let reloaded = world.reconfigure(&format!("{}{SLACK}", world.config())).await;
    assert_eq!(reloaded.inventory, Reload::Applied { added: 0, removed: 0, pre_existing: 0 });
    world.expect_well("inventory-broken").await;
    world.expect_slack("inventory-broken").await;
    world.register("acme-billing", "mallory");
    world.expect_mail("registered", "acme-billing").await;
    world.expect_slack("acme-billing").await;
    world.finish().await;
}

/// One thing at a time is said of the file: what it is now, and not what it was.
#[tokio::test]
async fn what_keeps_an_inventory_out_of_force_is_one_thing_at_a_time() {
    let mut world = World::new().await;
    world.reload(&INVENTORY.replace(", \"corp-search\", \"corp-print\"", "")).await;
    world.expect_unwell("inventory-held").await;
    world.reload("names = [").await;
    world.expect_well("inventory-held").await;
    world.expect_unwell("inventory-broken").await;
    assert_eq!(world.unwell().await, ["inventory-broken"]);
    world.restart().await;
    assert_eq!(world.unwell().await, ["inventory-broken"], "as it still is");
    world.reload(INVENTORY).await;
    world.expect_well("inventory-broken").await;
    world.finish().await;
}

/// Open to everybody, no file at all, gone: none of them costs the channel that is in force.
#[tokio::test]
async fn a_credential_that_cannot_be_read_leaves_the_channel_as_it_is() {
    let mut world = Setup { slack: true, ..Setup::default() }.start().await;
    let url = world.dir().join("slack-url");
    let kept = std::fs::read_to_string(&url).expect("reads");
    let spoil: [(&str, &dyn Fn()); 3] = [
        ("acme-billing", &|| std::fs::set_permissions(&url, std::fs::Permissions::from_mode(0o644)).expect("set")),
        ("acme-ledger", &|| {
            std::fs::remove_file(&url).expect("removed");
            std::fs::create_dir(&url).expect("made");
        }),
        ("corp-vault", &|| std::fs::remove_file(&url).expect("removed")),
    ];
    for (watched, spoil) in spoil {
        spoil();
        let said = world.reload_all().await;
        let error = configuration_error(&said);
        assert!(error.contains("slack-url") && !error.contains("/services/"), "{error}");
        world.expect_unwell("configuration-broken").await;
        world.expect_slack("configuration-broken").await;
        world.register(watched, "mallory");
        world.expect_mail("registered", watched).await;
        world.expect_slack(watched).await;
        if url.is_dir() {
            std::fs::remove_dir(&url).expect("removed");
        }
        world.write("slack-url", &kept);
        assert!(matches!(world.reload_all().await.configuration, Configured::Applied { .. }));
        world.expect_well("configuration-broken").await;
        world.expect_slack("configuration-broken").await;
    }
    world.finish().await;
}

/// The store has no room for what follows from a reload: the channels are in force at once, and whatever is to be written
/// is, once there is room.
#[tokio::test]
async fn a_reload_on_a_full_disk_is_in_force_at_once_and_ends_when_there_is_room() {
    let mut world = World::new().await;
    write_hook(&world);
    world.write("inventory.toml", &by_slack_too());
    let config = format!("{}{SLACK}", world.config());
    world.write("namewarden.toml", &config);
    // Less than it has: not one page more.
    world.engine().store.confine(1).await.expect("the store works");
    fill(&world);
    let engine = std::sync::Arc::clone(world.engine());
    let reload = namewarden::daemon::reload_all(&engine);
    let room = async {
        let team = Channel::Slack("team".to_owned());
        world.until("it is routed", async |w| w.engine().watchlist().routes.channels.contains(&team)).await;
        world
            .expect("the store's trouble, by the channel that is new", |told| told.text.contains("store-unusable"))
            .await;
        world.engine().store.confine(1_000_000).await.expect("the store works");
    };
    let (reloaded, ()) = tokio::join!(reload, room);
    drop(engine);
    let reloaded = reloaded.expect("it is written in the end");
    assert_eq!(reloaded.inventory, Reload::Applied { added: 0, removed: 0, pre_existing: 0 });
    world.register("acme-billing", "mallory");
    world.expect_mail("registered", "acme-billing").await;
    world.expect_slack("acme-billing").await;
    world.take();
    world.finish().await;
}

/// Projects enough that what the store has to keep of them takes pages.
fn fill(world: &World) {
    (0..400).for_each(|n| world.register(&format!("noise-{n}"), "somebody"));
}
