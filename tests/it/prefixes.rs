//! Pages of names under an exclusive prefix: what they wait for, and how long at most.

use chrono::TimeDelta;
use namewarden::cases::Learned;
use namewarden::model::FindingState::{Open, Ours, PreExisting};
use namewarden::model::release::Files;
use namewarden::model::{Event, Facts, FindingState, Releases};

use crate::bench::{Bench, cases, held_by, release};
use crate::world::Setup;

async fn register(bench: &mut Bench, names: &[&str]) {
    let created = names.iter().map(|name| bench.told(name, Event::Created)).collect();
    bench.apply(created).await;
}

async fn look_up(bench: &Bench, name: &str, holder: &str) {
    bench.learn(name, held_by(holder, bench.serial())).await;
}

/// How many cases each message that goes out now tells of.
async fn messages(bench: &Bench) -> Vec<usize> {
    bench.deliver().await.iter().map(cases).collect()
}

#[tokio::test]
async fn they_leave_together_when_the_last_is_looked_up() {
    let mut bench = Bench::new(&[]).await;
    register(&mut bench, &["zeta-internal-a", "zeta-internal-b", "zeta-internal-c"]).await;
    for name in ["zeta-internal-a", "zeta-internal-b"] {
        look_up(&bench, name, "mallory").await;
        assert_eq!(messages(&bench).await, [0; 0]);
    }
    look_up(&bench, "zeta-internal-c", "mallory").await;
    assert_eq!(messages(&bench).await, [3]);
}

/// Whoever of ours publishes under our own prefix wakes nobody, whichever is looked up last.
#[tokio::test]
async fn a_colleagues_project_is_not_told_and_keeps_no_other() {
    let (theirs, ours) = ("zeta-internal-x", "zeta-internal-tool");
    for order in [[theirs, ours], [ours, theirs]] {
        let mut bench = Bench::new(&[]).await;
        register(&mut bench, &order).await;
        for name in order {
            look_up(&bench, name, if name == ours { "acme-release-bot" } else { "mallory" }).await;
        }
        assert_eq!(messages(&bench).await, [1], "{order:?}");
        assert_eq!((bench.states(ours).await, bench.states(theirs).await), (vec![Ours], vec![Open]));
    }
}

#[tokio::test]
async fn nothing_that_a_stranger_registers_meanwhile_keeps_a_page_for_longer() {
    let mut bench = Bench::new(&[]).await;
    for second in 0..5 {
        register(&mut bench, &[&format!("zeta-internal-{second}")]).await;
        assert_eq!(messages(&bench).await, [0; 0]);
        bench.pass(TimeDelta::seconds(1));
    }
    assert_eq!(messages(&bench).await, [1], "nothing is known of it, and its five seconds are over");
    let released = vec![bench.told("zeta-internal-1", release("99.0"))];
    bench.apply(released).await;
    bench.pass(TimeDelta::seconds(1));
    assert_eq!(messages(&bench).await, [1], "nor does what it publishes");
}

/// PyPI's page as it is now; its oldest file is so many days old.
fn page(bench: &Bench, user: &str, versions: &[&str], days: i64) -> Learned {
    let shown = versions.iter().map(|version| ((*version).to_owned(), Files::INSTALLABLE));
    let releases = Releases::shown(shown, Some(bench.serial()));
    let first_upload = (!versions.is_empty()).then(|| bench.now - TimeDelta::days(days));
    let facts = Facts { users: vec![user.to_owned()], releases, first_upload, ..Facts::default() };
    Learned::Facts { facts: Box::new(facts), serial: Some(bench.serial()) }
}

/// Somebody holds it, and has published nothing: PyPI does not say who.
fn parked(bench: &Bench) -> Learned {
    let reason = "PyPI shows no file of it yet, and tells the owner only with one".to_owned();
    Learned::Trouble { reason, releases: Box::default(), uploaded: None, serial: Some(bench.serial()), wait: None }
}

/// What its page showed when the watch began, what happens a year later, and what its page shows then.
type Scene = (Option<(&'static str, &'static [&'static str])>, Event, &'static str, &'static [&'static str]);

/// Under an exclusive prefix nobody else has any business: what was parked there, and publishes or is sold, is told as if it were
/// registered now. What has published for years, and does so once more, is what the greeting told.
#[tokio::test]
async fn what_stood_under_it_is_told_when_it_gets_worse_and_wakes_nobody_before() {
    let roles = || Event::RolesChanged { action: "add Owner eve".into() };
    let scenes: [(Scene, FindingState); 13] = [
        ((None, release("99.0"), "mallory", &["99.0"]), Open),
        ((None, release("0.1"), "mallory", &["0.1"]), Open),
        ((None, Event::Changed, "mallory", &["99.0"]), Open),
        ((None, release("1.0"), "acme-release-bot", &["1.0"]), Ours),
        ((Some(("mallory", &["0.1"])), release("0.2"), "mallory", &["0.2", "0.1"]), PreExisting),
        ((Some(("mallory", &["0.1"])), Event::Changed, "mallory", &["0.2", "0.1"]), PreExisting),
        ((Some(("mallory", &["0.1"])), roles(), "mallory", &["0.1"]), PreExisting),
        ((Some(("mallory", &["0.1"])), release("99.0"), "mallory", &["99.0", "0.1"]), Open),
        ((Some(("mallory", &["0.1"])), Event::Changed, "mallory", &["99.0", "0.1"]), Open),
        ((Some(("mallory", &["0.1"])), roles(), "eve", &["0.1"]), Open),
        ((Some(("mallory", &["0.1"])), Event::Changed, "eve", &["0.1"]), Open),
        ((Some(("acme-release-bot", &["1.0"])), release("99.0"), "acme-release-bot", &["99.0", "1.0"]), Ours),
        ((Some(("acme-release-bot", &["1.0"])), roles(), "eve", &["1.0"]), Open),
    ];
    let name = "zeta-internal-pay";
    for ((before, event, user, versions), state) in scenes {
        let scene = format!("{before:?} {event:?} {user} {versions:?}");
        let mut bench = Bench::new(&[name]).await;
        let now = bench.now;
        let due = bench.store.read(move |tx| tx.facts().due_look_alike(now)).await.expect("reads");
        assert!(
            due.is_some_and(|due| due.project.as_str() == name),
            "{scene}: it is looked at, after all watched names"
        );
        let shown = before.map_or_else(|| parked(&bench), |(user, versions)| page(&bench, user, versions, 900));
        bench.learn(name, shown).await;
        assert_eq!(messages(&bench).await, [0; 0], "{scene}: it stood so");
        bench.pass(TimeDelta::days(365));
        let told = bench.told(name, event);
        bench.apply(vec![told]).await;
        let days = if before.is_some() { 1265 } else { 0 };
        bench.learn(name, page(&bench, user, versions, days)).await;
        bench.pass(TimeDelta::seconds(6));
        assert_eq!(messages(&bench).await, if state == Open { vec![1] } else { vec![] }, "{scene}");
        assert_eq!(bench.states(name).await, [state], "{scene}");
    }
}

/// Under a prefix that others may use it is merely counted.
#[tokio::test]
async fn what_stood_under_a_shared_prefix_is_not_looked_at() {
    let inventory = crate::world::INVENTORY.replace("exclusive = true", "exclusive = false");
    let routes = namewarden::watchlist::routes::Routes {
        default_owner: namewarden::model::OwnerId("security".into()),
        channels: [namewarden::model::Channel::Email].into(),
    };
    let mut bench = Bench::with(&inventory, routes, &["zeta-internal-pay"]).await;
    let released = vec![bench.told("zeta-internal-pay", release("99.0"))];
    bench.apply(released).await;
    let now = bench.now;
    assert_eq!(bench.store.read(move |tx| tx.facts().due_look_alike(now)).await.expect("reads"), None);
    assert_eq!(bench.states("zeta-internal-pay").await, [PreExisting]);
}

/// RSS tells nothing of releases: sent as it is seen, each page would be followed by its correction.
#[tokio::test]
async fn one_message_says_what_the_project_offers_though_rss_saw_it_first() {
    let mut world = Setup { changelog: "off", ..Setup::default() }.start().await;
    world.register("zeta-internal-x", "mallory");
    let page = world.expect_mail("registered", "zeta-internal-x").await;
    assert!(page.text.contains("it offers 0.1"), "{}", page.text);
    world.expect_silence(std::time::Duration::from_secs(5)).await;
    world.finish().await;
}
