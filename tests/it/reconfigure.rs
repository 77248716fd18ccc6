//! Another configuration while the daemon runs: channels, feeds and schedules change by difference, what is broken changes
//! nothing.

use std::time::Duration;

use namewarden::api::status::Level;
use namewarden::daemon::{Configured, Reload, Reread};
use namewarden::model::Channel;
use namewarden::model::{Fate, Recipient};
use namewarden::sim::Fault;
use namewarden::sim::sink::{HttpMood, SmtpMood, SmtpSink};
use namewarden::store::Hold;

use crate::world::{INVENTORY, Setup, Told, World};

/// `started|ended|changed|restart` of a configuration that was taken.
fn differences(reloaded: &Reread) -> String {
    match &reloaded.configuration {
        Configured::Applied { started, ended, changed, restart, .. } => {
            let keys: Vec<String> = restart.iter().map(|restart| restart.key.clone()).collect();
            [started, ended, changed, &keys].map(|names| names.join(" ")).join("|")
        }
        Configured::Broken { error } => format!("broken: {error}"),
    }
}

fn error(reloaded: &Reread) -> &str {
    match &reloaded.configuration {
        Configured::Broken { error } => error,
        Configured::Applied { .. } => panic!("it was taken: {reloaded:?}"),
    }
}

const SLACK: &str = "[alert.slack.team]\nurl_file = \"slack-url\"\n";

/// The owner's routes.
fn told_by(channels: &str) -> String {
    INVENTORY.replace("email = [\"security@acme.example\"]\n", channels)
}

const BOTH: &str = "email = [\"security@acme.example\"]\nslack = [\"team\"]\n";

fn write_hook(world: &World) {
    world.write("slack-url", &format!("{}/services/t", world.slack.base_url()));
}

async fn workers_are(world: &mut World, delivery: &[&str]) {
    let wanted: Vec<String> = delivery.iter().map(|name| format!("delivery {name}")).collect();
    let now = |world: &World| {
        let mut names = world.workers();
        names.retain(|name| name.starts_with("delivery "));
        names
    };
    world.until(&format!("the workers are {wanted:?}"), async |world| now(world) == wanted).await;
}

async fn is_held(world: &World) -> bool {
    world.engine().store.read(|tx| tx.holds().get(&Channel::Email)).await.expect("reads").is_some()
}

#[tokio::test]
async fn nothing_that_is_unchanged_is_touched() {
    let mut world = Setup { slack: true, ..Setup::default() }.start().await;
    workers_are(&mut world, &["email", "slack:team"]).await;
    // A message that is marked as delivered ends a hold.
    world.until("the greetings are marked", async |w| w.nothing_waits().await).await;
    let hold = Hold { until: world.clock.now() + chrono::TimeDelta::hours(1), failures: 7, asked: false };
    world.engine().store.write(move |tx| tx.holds().put(&Channel::Email, &hold)).await.expect("held");
    let reloaded = world.reload_all().await;
    assert_eq!((differences(&reloaded).as_str(), reloaded.inventory), ("|||", Reload::Unchanged));
    let reloaded =
        world.reconfigure(&world.config().replace("canary = false", "canary = false\ndaily_at_hour = 5")).await;
    assert_eq!(differences(&reloaded), "||alert.daily_at_hour|");
    workers_are(&mut world, &["email", "slack:team"]).await;
    let still = world.engine().store.read(|tx| tx.holds().get(&Channel::Email)).await.expect("reads");
    assert_eq!(still.map(|hold| hold.failures), Some(7));
    world.finish().await;
}

#[tokio::test]
async fn a_channel_that_is_added_tells_the_owner_who_names_it_in_the_same_reload() {
    let mut world = World::new().await;
    write_hook(&world);
    world.write("inventory.toml", &told_by(BOTH));
    let reloaded = world.reconfigure(&format!("{}{SLACK}", world.config())).await;
    assert_eq!(differences(&reloaded), "slack:team|||");
    assert_eq!(reloaded.inventory, Reload::Applied { added: 0, removed: 0, pre_existing: 0 });
    world.register("acme-billing", "mallory");
    world.expect_mail("registered", "acme-billing").await;
    world.expect_slack("acme-billing").await;
    workers_are(&mut world, &["email", "slack:team of reload 1"]).await;
    world.finish().await;
}

/// What waits there goes out by what is left, and its trouble is over.
#[tokio::test]
async fn a_channel_that_is_removed_hands_over_what_waits_and_is_well() {
    let inventory = told_by("") + "[owners.platform]\nemail = [\"platform@acme.example\"]\n";
    let mut world = Setup { inventory, slack: true, undelivered_after: "1s", ..Setup::default() }.start().await;
    let inventory = std::fs::read_to_string(world.dir().join("inventory.toml")).expect("reads");
    world.slack.set_mood(HttpMood::Fail(503));
    world.register("acme-billing", "mallory");
    let sick = "undelivered:slack:team";
    world.until("it is sick", async |w| w.unwell().await.iter().any(|issue| issue == sick)).await;
    // There is nobody else whom the default owner's trouble is told to but the other owner.
    world.expect("the other owner hears of it", |told| told.to == ["platform@acme.example"]).await;
    world.write("inventory.toml", &inventory.replace("slack = [\"team\"]", "email = [\"security@acme.example\"]"));
    let without = world.config().replace(SLACK, "");
    let reloaded = world.reconfigure(&without).await;
    assert_eq!(differences(&reloaded), "|slack:team||");
    let theirs = |told: &Told| told.is("registered", "acme-billing") && told.to == ["security@acme.example"];
    world.expect("what waited for them", theirs).await;
    let over = world.expect_well(sick).await;
    assert!(over.text.contains("no longer configured"), "{}", over.text);
    workers_are(&mut world, &["email"]).await;
    // Whatever else the dead channel was to say is said by mail too.
    world.until("it is quiet", async |w| w.nothing_waits().await).await;
    world.take();
    world.watchdog_round().await;
    assert_eq!(world.unwell().await, [""; 0], "it stays well");
    world.finish().await;
}

/// The mail server was wrong for hours: its hold, and whom it refused, say nothing of the right one.
#[tokio::test]
async fn a_channel_that_is_mended_sends_at_once_what_was_held() {
    let mut world = Setup { email: true, ..Setup::default() }.start().await;
    let bad = world.config();
    world.mail.set_mood(SmtpMood::Down);
    world.register("acme-billing", "mallory");
    world.until("it is held", async |w| is_held(w).await).await;
    let (until, clock) = (world.clock.now() + chrono::TimeDelta::hours(2), world.clock.clone());
    let hold = move |tx: &namewarden::store::Tx<'_>| {
        tx.holds().put(&Channel::Email, &Hold { until, failures: 30, asked: false })?;
        for notice in tx.notices().waiting(clock.now())? {
            tx.notices().postpone(notice.id, until, "refused")?;
            let refused = Recipient {
                address: "security@acme.example".to_owned(),
                fate: Fate::Refused { reason: "550 by the server of before".to_owned() },
            };
            tx.recipients().settle(&notice.key, &notice.owner, &notice.channel, &refused, until)?;
        }
        Ok(())
    };
    world.engine().store.write(hold).await.expect("held");
    let good = SmtpSink::start(0).await.expect("a port");
    let port = |sink: &SmtpSink| format!("port = {}", sink.address().port());
    let reloaded = world.reconfigure(&bad.replace(&port(&world.mail), &port(&good))).await;
    assert_eq!(differences(&reloaded), "||email|");
    let mail = good.next(Duration::from_secs(20)).await.expect("what was held goes out at once");
    assert!(mail.header("Subject").is_some_and(|subject| subject.contains("acme-billing")));
    assert_eq!(mail.to, ["security@acme.example"]);
    workers_are(&mut world, &["email of reload 1"]).await;
    assert!(!is_held(&world).await);
    world.finish().await;
}

/// It has the message already: what it says counts, however long it takes, and nobody is told twice.
#[tokio::test]
async fn a_channel_that_is_removed_while_its_server_ponders_is_heard_out() {
    let mut world = Setup { slack: true, ..Setup::default() }.start().await;
    world.mail.set_mood(SmtpMood::Ponder);
    world.register("acme-billing", "mallory");
    world.expect_slack("acme-billing").await;
    let told = world.expect_mail("registered", "acme-billing").await;
    assert_eq!(told.to, ["security@acme.example"]);
    world.write("inventory.toml", &told_by("slack = [\"team\"]\n"));
    let config = world.config();
    let (before, rest) = config.split_once("[alert.email]").expect("mail");
    let slack = &rest[rest.find("[alert.slack").expect("Slack")..];
    let reloaded = world.reconfigure(&format!("{before}{slack}")).await;
    assert_eq!(differences(&reloaded), "|email||");
    world.register("acme-ledger", "mallory");
    world.expect_slack("acme-ledger").await;
    assert!(world.workers().contains(&"delivery email".to_owned()), "it waits for the server's word");
    world.mail.set_mood(SmtpMood::Accept);
    workers_are(&mut world, &["slack:team"]).await;
    assert_eq!(world.unread().len(), 0, "told once");
    world.finish().await;
}

/// The same server, asked by the settings of before and of now at once: the one that has it is not asked again.
#[tokio::test]
async fn a_channel_that_is_changed_while_its_server_ponders_tells_once() {
    let mut world = World::new().await;
    world.mail.set_mood(SmtpMood::Ponder);
    world.register("acme-billing", "mallory");
    world.expect_mail("registered", "acme-billing").await;
    let reloaded = world.reconfigure(&world.config().replace("watch@acme", "other@acme")).await;
    assert_eq!(differences(&reloaded), "||email|");
    world
        .until("both are there", async |w| w.workers().iter().filter(|name| name.contains("email")).count() == 2)
        .await;
    world.mail.set_mood(SmtpMood::Accept);
    workers_are(&mut world, &["email of reload 1"]).await;
    world.register("acme-ledger", "mallory");
    world.expect_mail("registered", "acme-ledger").await;
    assert_eq!(world.unread().len(), 0, "told once");
    world.finish().await;
}

#[tokio::test]
async fn a_feed_that_is_switched_off_leaves_nobody_waiting_for_it_and_comes_back() {
    let mut world = Setup { reconcile_every: "1d", ..Setup::default() }.start().await;
    world.start(Fault::XmlrpcDown);
    world
        .until("it failed", async |w| {
            w.engine().changelog_health().await.is_ok_and(|health| format!("{health:?}") != "Working")
        })
        .await;
    world.hours_pass(1);
    world.expect_unwell("feed-blind:changelog").await;
    let on = world.config();
    let off = on.replace("changelog = \"auto\"", "changelog = \"off\"");
    assert_eq!(differences(&world.reconfigure(&off).await), "|changelog|feeds.changelog|");
    world.expect_well("feed-blind:changelog").await;
    assert!(!world.workers().contains(&"changelog".to_owned()));
    world.register("acme-billing", "mallory");
    world.expect_mail("registered", "acme-billing").await;
    world.end(Fault::XmlrpcDown);
    assert_eq!(differences(&world.reconfigure(&on).await), "changelog||feeds.changelog|");
    world.until("it is there", async |w| w.workers().contains(&"changelog".to_owned())).await;
    world.upload("acme-billing", "99.0", "mallory");
    world.expect_mail("worsened", "acme-billing").await;
    world.finish().await;
}

/// A short rhythm does not wait for the end of the pause of a long one.
#[tokio::test]
async fn another_rhythm_counts_at_once() {
    let slow = Setup { changelog: "off", rss_every: "1h", index_every: "1d", ..Setup::default() };
    let mut world = slow.start().await;
    world.register("acme-billing", "mallory");
    world.expect_silence(Duration::from_secs(1)).await;
    let quick = world.config().replace("rss_every = \"1h\"", "rss_every = \"200ms\"");
    assert_eq!(differences(&world.reconfigure(&quick).await), "||feeds.rss_every|");
    world.expect_mail("registered", "acme-billing").await;
    world.finish().await;
}

#[tokio::test]
async fn another_hour_of_the_day_and_another_time_to_answer_count_from_now_on() {
    let mut world = Setup { canary: true, ..Setup::default() }.start().await;
    world.expect_mail("canary", "").await;
    let late = world.config().replace("canary = true", "canary = true\ndaily_at_hour = 23\nescalate_after = \"never\"");
    world.reconfigure(&late).await;
    // The morning of the day after: nothing is due before its hour.
    let midnight = (world.clock.now() + chrono::TimeDelta::days(1)).date_naive().and_hms_opt(1, 0, 0).expect("a time");
    world.pass(midnight.and_utc() - world.clock.now());
    world.watchdog_round().await;
    world.register("acme-billing", "mallory");
    world.expect_mail("registered", "acme-billing").await;
    world.minutes_pass(30);
    world.watchdog_round().await;
    assert_eq!(world.take().len(), 0);
    let early = late
        .replace("daily_at_hour = 23", "daily_at_hour = 1")
        .replace("escalate_after = \"never\"", "escalate_after = \"10m\"");
    assert_eq!(differences(&world.reconfigure(&early).await), "||alert.escalate_after alert.daily_at_hour|");
    world.watchdog_round().await;
    world.expect_mail("canary", "").await;
    world.expect_mail("escalated", "acme-billing").await;
    world.finish().await;
}

/// Each way in which the files can be broken: told once, and as over once mended.
#[tokio::test]
async fn what_is_broken_leaves_the_last_good_one_in_force() {
    let mut world = World::new().await;
    write_hook(&world);
    let good = world.config();
    std::fs::create_dir(world.dir().join("namewarden.d")).expect("made");
    let drop_in = "namewarden.d/10-more.toml";
    let closed = format!("{good}[alert.slack.team]\nurl_file = \"nowhere\"\n");
    let breaks: [(&str, &str, &str); 6] = [
        (&format!("{good}[alert"), "", "not TOML"),
        (&format!("{good}[colours]\n"), "", "unknown key"),
        (&closed, "", "cannot be read"),
        (&good, "[feeds]\nrss_every = 7\n", "10-more.toml:2:13"),
        // The only way out, and nobody in the inventory has another.
        (&good.replace("[alert.email]", "[alert.webhook.x]"), "", "webhook"),
        ("", "", "is missing"),
    ];
    let watches = ["acme-billing", "acme-ledger", "corp-vault", "corp-mail", "corp-search", "corp-print"];
    for ((config, more, why), watched) in breaks.into_iter().zip(watches) {
        world.write(drop_in, more);
        let said = world.reconfigure(config).await;
        assert!(error(&said).contains(why), "{why}: {said:?}");
        let told = world.expect_unwell("configuration-broken").await;
        let text = told.text.split_whitespace().collect::<Vec<_>>().join(" ");
        let reload = format!("namewarden reload --config {}", world.dir().display());
        assert!(text.contains("Once the file is mended, put it in force with"), "{text}");
        assert!(text.contains(&reload), "{text}");
        assert_eq!(error(&world.reload_all().await), error(&said));
        assert!(
            world
                .status()
                .await
                .worries
                .iter()
                .any(|worry| worry.starts_with("configuration-broken") && worry.contains("`namewarden reload`"))
        );
        world.register(watched, "mallory");
        world.expect_mail("registered", watched).await;
        world.write(drop_in, "");
        assert_eq!(differences(&world.reconfigure(&good).await), "|||");
        world.expect_well("configuration-broken").await;
    }
    world.finish().await;
}

/// A channel that somebody is told by does not go alone, and nor does an owner's route come alone.
#[tokio::test]
async fn what_does_not_fit_together_waits_for_the_other() {
    let mut world = Setup { slack: true, ..Setup::default() }.start().await;
    let (with, without) = (world.config(), world.config().replace(SLACK, ""));
    let inventory = std::fs::read_to_string(world.dir().join("inventory.toml")).expect("reads");
    let said = world.reconfigure(&without).await;
    assert!(error(&said).contains("slack.team") || error(&said).contains("owners.security.slack"), "{said:?}");
    assert_eq!(said.inventory, Reload::Unchanged);
    world.expect_unwell("configuration-broken").await;
    world.expect_slack("configuration-broken").await;
    world.register("acme-billing", "mallory");
    world.expect_mail("registered", "acme-billing").await;
    world.expect_slack("acme-billing").await;
    // The other way about: the inventory names what the configuration does not have, and the configuration is taken.
    let stranger = inventory.replace("\"team\"", "\"team\", \"other\"");
    world.write("inventory.toml", &stranger);
    let said = world.reconfigure(&with.replace("canary = false", "canary = false\ndaily_at_hour = 5")).await;
    assert_eq!(differences(&said), "||alert.daily_at_hour|");
    assert!(matches!(said.inventory, Reload::Broken { .. }), "{said:?}");
    world.expect_well("configuration-broken").await;
    world.expect_slack("configuration-broken").await;
    world.expect_unwell("inventory-broken").await;
    world.expect_slack("inventory-broken").await;
    // Both, as one.
    world.write("inventory.toml", &inventory.replace("slack = [\"team\"]\n", ""));
    let said = world.reconfigure(&without).await;
    assert_eq!(differences(&said), "|slack:team|alert.daily_at_hour|");
    world.expect_well("inventory-broken").await;
    world.finish().await;
}

#[tokio::test]
async fn what_cannot_change_says_so_and_the_rest_is_applied() {
    let mut world = World::new().await;
    let before = world.config();
    let text = before
        .replace("ops@acme.example", "other@acme.example")
        .replace("state_dir = \"state\"", "state_dir = \"elsewhere\"\nbackups = \"copies\"")
        .replace("[pypi]\nbase = \"http://127.0.0.1", "[pypi]\nbase = \"http://localhost")
        .replace("control.sock\"", "other.sock\"\n[http]\ntimeout = \"40s\"\nproxy = \"http://127.0.0.1:9\"")
        .replace("rss_every = \"300ms\"", "rss_every = \"400ms\"");
    let said = world.reconfigure(&text).await;
    assert_eq!(
        differences(&said),
        "||backups feeds.rss_every claim.contact|contact state_dir pypi.base http.proxy http.timeout control.socket"
    );
    let Configured::Applied { restart, .. } = &said.configuration else { panic!("{said:?}") };
    assert!(restart.iter().all(|restart| !restart.why.is_empty()));
    let status = world.status().await;
    assert_eq!(status.level, Level::Warning);
    let worry = status.worries.first().expect("it is said");
    assert!(worry.contains("restart") && worry.contains("pypi.base"), "{worry}");
    let settings = world.engine().settings();
    assert_eq!(settings.feeds.rss_every, Duration::from_millis(400));
    assert!(settings.pypi.base.contains("127.0.0.1"), "{}", settings.pypi.base);
    world.register("acme-billing", "mallory");
    world.expect_mail("registered", "acme-billing").await;
    assert_eq!(differences(&world.reconfigure(&before).await), "||backups feeds.rss_every claim.contact|");
    assert_eq!(world.status().await.worries, [""; 0]);
    world.finish().await;
}

/// A rehearsal says the same, and changes nothing.
#[tokio::test]
async fn a_rehearsal_changes_nothing() {
    let mut world = World::new().await;
    write_hook(&world);
    world.write("namewarden.toml", &format!("{}{SLACK}", world.config()));
    for _ in 0..2 {
        let said = namewarden::daemon::rehearse(world.engine()).await.expect("reads");
        assert_eq!(differences(&said), "slack:team|||");
    }
    workers_are(&mut world, &["email"]).await;
    world.write("namewarden.toml", "[");
    let said = namewarden::daemon::rehearse(world.engine()).await.expect("reads");
    assert!(error(&said).contains("not TOML"));
    assert_eq!(world.unwell().await, [""; 0]);
    world.finish().await;
}

#[tokio::test]
async fn a_storm_of_reloads_while_files_change_loses_nothing() {
    let mut world = Setup { slack: true, ..Setup::default() }.start().await;
    let texts = [world.config(), world.config().replace("canary = false", "canary = false\ndaily_at_hour = 5")];
    let reloads = (0..30).map(|n| {
        let world = &world;
        let texts = &texts;
        async move {
            if n % 3 == 0 {
                world.write("namewarden.toml", &texts[n % 2]);
            }
            world.engine().to_reload.notify_one();
            world.reload_all().await
        }
    });
    let register = async {
        world.register("acme-billing", "mallory");
    };
    let (said, ()) = tokio::join!(futures_util::future::join_all(reloads), register);
    assert!(said.iter().all(|said| matches!(said.configuration, Configured::Applied { .. })), "{said:?}");
    world.expect_mail("registered", "acme-billing").await;
    world.expect_slack("acme-billing").await;
    workers_are(&mut world, &["email", "slack:team"]).await;
    world.finish().await;
}
