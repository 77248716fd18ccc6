//! A stranger held a watched name before it was watched: a page once pip would take it, told once, and never for what is
//! harmless.

use chrono::TimeDelta;
use namewarden::cases;
use namewarden::cases::{Learned, Ruling};
use namewarden::model::command::Decision;
use namewarden::model::finding::WouldPipTake;
use namewarden::model::notice::NoticeEvent::{self, Ended, Escalated, Registered, Stood, Worsened};
use namewarden::model::overview::Overview;
use namewarden::model::release::Files;
use namewarden::model::timeline::Person;
use namewarden::model::{Actor, CaseRef, Channel, Event, Facts, FindingState, OwnerId, Releases, Tier};
use namewarden::registry::pypi::addresses::PYPI;
use namewarden::watchlist::routes::Routes;

use crate::bench::{Bench, cases as carried, release};
use crate::world::{INVENTORY, Setup};

/// PyPI's page as it is now: held by this user, with these versions, the first of them from before all that a test states.
fn page(bench: &Bench, user: &str, versions: &[&str]) -> Learned {
    uploaded(bench, user, versions, TimeDelta::days(900))
}

fn uploaded(bench: &Bench, user: &str, versions: &[&str], ago: TimeDelta) -> Learned {
    let shown = versions.iter().map(|version| ((*version).to_owned(), Files::INSTALLABLE));
    let releases = Releases::shown(shown, Some(bench.serial()));
    let first_upload = Some(bench.now - ago);
    let facts = Facts { users: vec![user.to_owned()], releases, first_upload, ..Facts::default() };
    Learned::Facts { facts: Box::new(facts), serial: Some(bench.serial()) }
}

/// PyPI does not say who holds it; `versions` are those of its simple page.
fn unnamed(versions: &[&str]) -> Learned {
    let releases = Releases::told(versions.iter().copied());
    let reason = "PyPI did not answer in time".to_owned();
    Learned::Trouble { reason, releases: Box::new(releases), uploaded: None, serial: None, wait: None }
}

async fn looked_at(bench: &Bench, name: &str, user: &str, versions: &[&str]) {
    bench.learn(name, page(bench, user, versions)).await;
}

async fn told(bench: &Bench) -> Vec<NoticeEvent> {
    bench.deliver().await.iter().map(|row| row.event).collect()
}

async fn overview(bench: &Bench) -> Overview {
    let now = bench.now;
    bench.store.read(move |tx| cases::overview(tx, TimeDelta::hours(4), now)).await.expect("reads")
}

async fn decide(bench: &Bench, name: &str, decision: Decision) {
    let (case, now) = (CaseRef(name.to_owned()), bench.now);
    let ruling = Ruling { decision, who: Person { actor: Actor::default(), declared: "ada".to_owned() }, note: None };
    let judge = move |tx: &namewarden::store::Tx<'_>| {
        cases::judge_each(tx, std::slice::from_ref(&case), &ruling, now).map(drop)
    };
    bench.store.write(judge).await.expect("judged");
}

async fn remind(bench: &Bench) {
    let (watchlist, now) = (bench.watchlist.clone(), bench.now);
    bench.store.write(move |tx| cases::escalate(tx, &watchlist, TimeDelta::hours(4), now)).await.expect("reminds");
}

fn watching(entry: &str) -> String {
    format!(
        "[owners.security]\nemail = [\"security@acme.example\"]\n{entry}\n[registrants]\nusers = [\"acme-release-bot\"]\n"
    )
}

fn mail() -> Routes {
    Routes { default_owner: OwnerId("security".into()), channels: [Channel::Email].into() }
}

#[tokio::test]
async fn what_pip_would_take_is_one_page_that_counts_until_it_is_answered() {
    let mut bench = Bench::new(&["acme-billing"]).await;
    looked_at(&bench, "acme-billing", "mallory", &["99.0"]).await;
    let sent = bench.deliver().await;
    assert_eq!(sent.iter().map(|row| (row.event, row.tier)).collect::<Vec<_>>(), [(Stood, Tier::Page)]);
    assert_eq!(bench.states("acme-billing").await, [FindingState::Open]);
    let open = overview(&bench).await;
    assert_eq!((open.pages.cases, open.pages.unacknowledged, open.unanswered), (1, 1, 0));
    looked_at(&bench, "acme-billing", "mallory", &["99.0"]).await;
    assert_eq!(told(&bench).await, [], "told once");
    bench.pass(TimeDelta::hours(5));
    assert_eq!(overview(&bench).await.unanswered, 1);
    remind(&bench).await;
    assert_eq!(told(&bench).await, [Escalated]);
    decide(&bench, "acme-billing", Decision::Acknowledge).await;
    let answered = overview(&bench).await;
    assert_eq!((answered.pages.cases, answered.pages.unacknowledged, answered.unanswered), (0, 0, 0));
    bench.pass(TimeDelta::hours(5));
    remind(&bench).await;
    looked_at(&bench, "acme-billing", "mallory", &["99.0"]).await;
    assert_eq!(told(&bench).await, [], "it stands as it did");
}

#[tokio::test]
async fn what_changes_after_the_answer_is_a_page_like_any_other() {
    let mut bench = Bench::new(&["acme-billing"]).await;
    looked_at(&bench, "acme-billing", "mallory", &["99.0"]).await;
    decide(&bench, "acme-billing", Decision::Acknowledge).await;
    bench.deliver().await;
    bench.pass(TimeDelta::days(3));
    let changed = vec![bench.told("acme-billing", Event::Changed)];
    bench.apply(changed).await;
    looked_at(&bench, "acme-billing", "eve", &["99.0"]).await;
    assert_eq!(told(&bench).await, [Worsened], "other people hold it");
    decide(&bench, "acme-billing", Decision::Acknowledge).await;
    assert_eq!(overview(&bench).await.pages.cases, 1, "somebody is on it");
}

#[tokio::test]
async fn acknowledging_what_only_the_greeting_told_leaves_nothing_open() {
    let bench = Bench::new(&["acme-billing"]).await;
    looked_at(&bench, "acme-billing", "mallory", &["0.1"]).await;
    assert_eq!(overview(&bench).await.pages.cases, 0);
    decide(&bench, "acme-billing", Decision::Acknowledge).await;
    assert_eq!(bench.states("acme-billing").await, [FindingState::Acknowledged]);
    assert_eq!(overview(&bench).await.pages.cases, 0);
}

/// Each with what is watched, what stands, who holds it, and which versions it has.
#[tokio::test]
async fn what_is_harmless_or_weak_is_no_page() {
    let public = format!("[[name]]\nname = \"acme-billing\"\nlatest_version = \"1.0\"\nindex = \"{PYPI}/simple\"");
    let older = "[[name]]\nname = \"acme-billing\"\nfirst_use = 2026-11-01";
    let tellable = "[[name]]\nname = \"acme-billing\"\npublic_ok = true";
    let known = "names = [\"acme-billing==4.12.0\"]";
    let harmless = "names = [\"acme-billing==4.12.0\"]\n[[suppress]]\nproject = \"acme-billing\"\nreason = \"theirs\"";
    let prefix = "[[prefix]]\ntext = \"acme-*\"\nexclusive = true";
    let cases: [(&str, &'static str, &str, &[&str]); 11] = [
        (known, "acme-billing", "acme-release-bot", &["99.0"]),
        (known, "acme-billing", "mallory", &["4.11.9"]),
        (known, "acme-billing", "mallory", &["5.0rc1"]),
        (known, "acme-billing", "mallory", &[]),
        (known, "acme-biling", "mallory", &["99.0"]),
        (known, "acme-bi11ing", "mallory", &["99.0"]),
        (&public, "acme-billing", "mallory", &["99.0"]),
        (tellable, "acme-billing", "mallory", &["99.0"]),
        (older, "acme-billing", "mallory", &["99.0"]),
        (harmless, "acme-billing", "mallory", &["99.0"]),
        (prefix, "acme-billing", "mallory", &["99.0"]),
    ];
    for (entry, name, user, versions) in cases {
        let bench = Bench::with(&watching(entry), mail(), &[name]).await;
        looked_at(&bench, name, user, versions).await;
        assert_eq!(told(&bench).await, [], "{entry} {name} {user} {versions:?}");
        assert_eq!(overview(&bench).await.pages.cases, 0, "{entry} {name} {user} {versions:?}");
    }
}

#[tokio::test]
async fn without_a_version_of_ours_any_release_of_theirs_counts() {
    for (entry, user) in [("names = [\"acme-billing\"]", "mallory"), ("names = [\"Acme_Billing\"]", "eve")] {
        let bench = Bench::with(&watching(entry), mail(), &["acme-billing"]).await;
        looked_at(&bench, "acme-billing", user, &["0.0.1"]).await;
        assert_eq!(told(&bench).await, [Stood], "{entry}");
    }
}

#[tokio::test]
async fn what_could_not_be_looked_up_is_a_page_when_it_can() {
    let mut bench = Bench::new(&["acme-billing"]).await;
    for _ in 0..4 {
        bench.learn("acme-billing", unnamed(&[])).await;
        bench.pass(TimeDelta::minutes(5));
    }
    assert_eq!(bench.states("acme-billing").await, [FindingState::PreExisting]);
    assert_eq!(told(&bench).await, []);
    looked_at(&bench, "acme-billing", "mallory", &["99.0"]).await;
    assert_eq!(told(&bench).await, [Stood]);
}

#[tokio::test]
async fn what_is_held_by_nobody_known_is_ours_for_an_hour_and_a_strangers_then() {
    let mut bench = Bench::new(&["acme-billing"]).await;
    bench.learn("acme-billing", unnamed(&["99.0"])).await;
    assert_eq!(bench.findings("acme-billing").await[0].facts.would_pip_take, WouldPipTake::Yes);
    assert_eq!(told(&bench).await, [], "it may be ours");
    bench.pass(TimeDelta::minutes(61));
    bench.learn("acme-billing", unnamed(&["99.0"])).await;
    assert_eq!(told(&bench).await, [Stood]);
    let nobody = "[owners.security]\nemail = [\"security@acme.example\"]\nnames = [\"acme-billing==4.12.0\"]\n";
    let bench = Bench::with(nobody, mail(), &["acme-billing"]).await;
    bench.learn("acme-billing", unnamed(&["99.0"])).await;
    assert_eq!(told(&bench).await, [Stood], "nobody is listed as ours");
}

#[tokio::test]
async fn a_name_added_to_the_inventory_that_somebody_holds_is_a_page() {
    let mut bench = Bench::new(&["shop-cart"]).await;
    assert_eq!(bench.states("shop-cart").await, []);
    bench.follow(&format!("{INVENTORY}[[name]]\nname = \"shop-cart\"\nlatest_version = \"2.0\"\n")).await;
    looked_at(&bench, "shop-cart", "mallory", &["2.0.1"]).await;
    assert_eq!(told(&bench).await, [Stood]);
    bench.follow(&format!("{INVENTORY}[[name]]\nname = \"shop-cart\"\nlatest_version = \"1.9\"\n")).await;
    assert_eq!(told(&bench).await, [], "no worse");
}

/// It was a look-alike of another name, told and acknowledged as such.
#[tokio::test]
async fn a_look_alike_that_becomes_a_watched_name_is_a_page() {
    let mut bench = Bench::new(&[]).await;
    let created = vec![bench.told("corp-mial", Event::Created)];
    bench.apply(created).await;
    assert_eq!(told(&bench).await, [Registered]);
    decide(&bench, "corp-mial", Decision::Acknowledge).await;
    bench.pass(TimeDelta::days(1));
    bench.follow(&format!("{INVENTORY}[[name]]\nname = \"corp-mial\"\nlatest_version = \"1.0\"\n")).await;
    bench.learn("corp-mial", uploaded(&bench, "mallory", &["2.0"], TimeDelta::hours(20))).await;
    assert_eq!(told(&bench).await, [Stood]);
    assert_eq!(overview(&bench).await.pages.unacknowledged, 1);
}

#[tokio::test]
async fn an_internal_version_below_theirs_makes_it_a_page() {
    let mut bench = Bench::new(&["acme-billing"]).await;
    looked_at(&bench, "acme-billing", "mallory", &["4.0"]).await;
    assert_eq!(told(&bench).await, []);
    bench.follow(&INVENTORY.replace("==4.12.0", "==3.9")).await;
    assert_eq!(told(&bench).await, [Stood]);
}

#[tokio::test]
async fn what_is_removed_and_registered_again_ends_and_is_told_anew() {
    let mut bench = Bench::new(&["acme-billing"]).await;
    looked_at(&bench, "acme-billing", "mallory", &["99.0"]).await;
    assert_eq!(told(&bench).await, [Stood]);
    let removed = vec![bench.told("acme-billing", Event::Removed)];
    bench.apply(removed).await;
    assert_eq!(told(&bench).await, [Ended]);
    bench.pass(TimeDelta::minutes(10));
    let again = vec![bench.told("acme-billing", Event::Created), bench.told("acme-billing", release("99.1"))];
    bench.apply(again).await;
    bench.pass(TimeDelta::minutes(1));
    assert_eq!(told(&bench).await, [Registered]);
}

/// Two owners, and so many names that a message each would be nothing but noise.
#[tokio::test]
async fn hundreds_of_names_are_one_page_an_owner_and_one_reminder() {
    let names = |owner: &str| (0..150).map(|n| format!("{owner}-tool-{n}q")).collect::<Vec<String>>();
    let section =
        |owner: &str| format!("[owners.{owner}]\nemail = [\"{owner}@acme.example\"]\nnames = {:?}\n", names(owner));
    let all: Vec<&'static str> =
        ["security", "payments"].iter().flat_map(|owner| names(owner)).map(|name| &*name.leak()).collect();
    let mut bench = Bench::with(&["security", "payments"].map(section).concat(), mail(), &all).await;
    for (place, name) in all.iter().enumerate() {
        looked_at(&bench, name, "mallory", &["1.0"]).await;
        bench.pass(TimeDelta::milliseconds(500));
        let early = bench.deliver().await.len();
        assert!(early == usize::from((place + 1) % 150 == 0), "{early} after {place}");
    }
    bench.pass(TimeDelta::hours(5));
    remind(&bench).await;
    let sent = bench.deliver().await;
    assert_eq!(sent.iter().map(|row| (row.event, carried(row))).collect::<Vec<_>>(), [(Escalated, 150); 2]);
    let slow = Bench::with(&section("security"), mail(), &all[..3]).await;
    looked_at(&slow, all[0], "mallory", &["1.0"]).await;
    let mut slow = slow;
    assert_eq!(told(&slow).await, [], "the others are still to be looked at");
    slow.pass(TimeDelta::minutes(6));
    assert_eq!(told(&slow).await, [Stood], "and are not waited for for ever");
}

/// What happens to a name that a stranger holds from before, in every order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    InVain,
    Look,
    /// Published, and told by the changelog.
    Release,
    /// Published, and the index says that something changed.
    Silently,
    Reload,
    Hours,
}

const STEPS: [Step; 6] = [Step::InVain, Step::Look, Step::Release, Step::Silently, Step::Reload, Step::Hours];

async fn play(bench: &mut Bench, step: Step, published: &mut Vec<&'static str>) -> usize {
    match step {
        Step::InVain => drop(bench.learn("acme-billing", unnamed(&[])).await),
        Step::Look => looked_at(bench, "acme-billing", "mallory", published).await,
        Step::Release if !published.contains(&"99.0") => {
            published.push("99.0");
            let released = vec![bench.told("acme-billing", release("99.0"))];
            bench.apply(released).await;
        }
        Step::Silently if !published.contains(&"99.0") => {
            published.push("99.0");
            let changed = vec![bench.told("acme-billing", Event::Changed)];
            bench.apply(changed).await;
        }
        Step::Reload => bench.follow(INVENTORY).await,
        Step::Release | Step::Silently | Step::Hours => bench.pass(TimeDelta::hours(2)),
    }
    bench.deliver().await.len()
}

#[tokio::test]
async fn in_every_order_it_is_told_once_when_pip_takes_it_and_never_else() {
    let pairs = STEPS.iter().flat_map(|a| STEPS.iter().map(move |b| [*a, *b]));
    for (first, steps) in pairs.flat_map(|steps| ["0.1", "99.0"].map(|first| (first, steps))) {
        let (mut bench, mut published) = (Bench::new(&["acme-billing"]).await, vec![first]);
        let mut messages = 0;
        for step in steps.into_iter().chain([Step::Hours, Step::Look, Step::Hours, Step::Look, Step::Hours]) {
            messages += play(&mut bench, step, &mut published).await;
        }
        let takes = published.contains(&"99.0");
        assert_eq!(messages, usize::from(takes), "{first}, {steps:?}");
        assert_eq!(overview(&bench).await.pages.unacknowledged, u64::from(takes), "{first}, {steps:?}");
    }
}

#[tokio::test]
async fn the_daemon_greets_pages_and_does_not_repeat_it_after_a_restart() {
    let inventory = INVENTORY.replace("acme-billing==4.12.0", "acme-billing==0.9");
    let mut world = Setup { inventory, standing: vec!["acme-billing".to_owned()], ..Setup::default() }.start().await;
    let page = world.expect_mail("stood", "pip would take acme-billing, already on PyPI").await;
    assert!(page.subject.starts_with("[page]"), "{}", page.subject);
    for wanted in ["acme-billing stood on PyPI before it was watched", "namewarden findings ack nw-", "[registrants]"] {
        let text = page.text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(wanted), "{wanted}: {}", page.text);
    }
    assert_eq!(world.status().await.overview.pages.unacknowledged, 1);
    world.restart().await;
    world.real_time(std::time::Duration::from_millis(500)).await;
    world.finish().await;
}

/// The first canary says how the watch stands: not before what stands already was looked at.
#[tokio::test]
async fn the_first_canary_knows_of_what_stood_before() {
    let inventory = INVENTORY.replace("acme-billing==4.12.0", "acme-billing==0.5");
    let standing = vec!["acme-billing".to_owned()];
    let setup = Setup { inventory, standing, canary: true, undelivered_after: "1s", ..Setup::default() };
    let mut world = setup.start().await;
    let canary = world.expect_mail("canary", "").await;
    assert!(canary.text.contains("1 page open"), "{}", canary.text);
    world.expect_mail("stood", "acme-billing").await;
    // A machine that is busy sends later than in the second that is set here, and says so, and that it is over.
    world.allow_ailment("undelivered:email");
    world.until("it is over", async |w| w.unwell().await.is_empty()).await;
    world.until("every end is told", async |w| w.nothing_waits().await).await;
    while !world.unread().is_empty() {
        world.expect_well("undelivered:email").await;
    }
    world.finish().await;
}

/// Its owner had it by the greeting alone, and said that it is well as it stands.
#[tokio::test]
async fn what_stood_and_was_answered_is_told_when_it_gets_worse() {
    for name in ["acme-billing", "zeta-internal-tool"] {
        for (decision, published) in [
            (Decision::Acknowledge, true),
            (Decision::Resolve, true),
            (Decision::Acknowledge, false),
            (Decision::Resolve, false),
        ] {
            let mut bench = Bench::new(&["acme-billing", "zeta-internal-tool"]).await;
            looked_at(&bench, name, "mallory", &["0.0.1"]).await;
            decide(&bench, name, decision).await;
            bench.deliver().await;
            bench.pass(TimeDelta::days(1));
            let event = if published { release("99.0") } else { Event::Changed };
            let happens = vec![bench.told(name, event)];
            bench.apply(happens).await;
            if !published {
                looked_at(&bench, name, "eve", &["0.0.1"]).await;
            }
            bench.pass(TimeDelta::minutes(5));
            assert_eq!(told(&bench).await, [Worsened], "{name}, {decision:?}, {published}");
            assert_eq!(bench.states(name).await, [FindingState::Open], "{name}, {decision:?}, {published}");
        }
    }
}
