//! A stranger who knows the feeds, how late their caches are, and in what order they tell: what of it keeps an owner from
//! hearing, or makes an owner hear what is not so.

use chrono::TimeDelta;
use namewarden::cases;
use namewarden::cases::Learned;
use namewarden::model::finding::WouldPipTake;
use namewarden::model::notice::NoticeEvent::{Registered, Worsened};
use namewarden::model::release::{Files, Reach, Reaches};
use namewarden::model::{Event, Facts, FindingState, Inventory, ProjectName, Releases, Serial, Sighting, Time};
use namewarden::store::Presence;
use namewarden::watchlist::Watchlist;

use crate::bench::{Bench, held_by, release};

use FindingState::{Open, Ours, Removed};

const YANKED: Files = Files { fresh: Reaches::all(Reach::Nowhere), yanked: Reaches::all(Reach::Everywhere) };

/// PyPI's page as far as `serial`: held by this user, with these releases, the oldest file uploaded then.
fn page(user: &str, releases: &[(&str, Files)], uploaded: Time, serial: Serial) -> Learned {
    let shown = releases.iter().map(|(version, files)| ((*version).to_owned(), *files));
    let releases = Releases::shown(shown, Some(serial));
    let facts = Facts { users: vec![user.to_owned()], releases, first_upload: Some(uploaded), ..Facts::default() };
    Learned::Facts { facts: Box::new(facts), serial: Some(serial) }
}

/// There is no project page, and no simple page either.
fn nothing() -> Learned {
    Learned::Trouble {
        reason: "PyPI did not answer in time".into(),
        releases: Box::default(),
        uploaded: None,
        serial: None,
        wait: None,
    }
}

/// No project page, and a simple page that has reached this serial and shows no file.
fn empty(serial: Serial) -> Learned {
    Learned::Trouble {
        reason: "PyPI shows no file of it yet".into(),
        releases: Box::default(),
        uploaded: None,
        serial: Some(serial),
        wait: Some(TimeDelta::hours(1)),
    }
}

async fn due(bench: &Bench, most: usize) -> Vec<String> {
    let now = bench.now;
    let due = bench.store.read(move |tx| tx.facts().due(now, most)).await.expect("reads");
    due.into_iter().map(|look| look.project.to_string()).collect()
}

async fn took(bench: &Bench, name: &str) -> Vec<(FindingState, WouldPipTake)> {
    bench.findings(name).await.iter().map(|f| (f.state, f.facts.would_pip_take)).collect()
}

/// PyPI's seconds are those at which a transaction began, its serials the order in which they ended.
#[tokio::test]
async fn a_registration_that_began_before_the_one_it_follows_is_the_one_that_stands() {
    let mut bench = Bench::new(&[]).await;
    let began = bench.now - TimeDelta::seconds(1);
    let first = vec![bench.told("acme-billing", Event::Created), bench.told("acme-billing", Event::Removed)];
    bench.apply(first).await;
    let second = Sighting { at: Some(began), ..bench.told("acme-billing", Event::Created) };
    bench.apply(vec![second]).await;
    bench.pass(TimeDelta::minutes(1));
    bench.deliver().await;
    let released = vec![bench.told("acme-billing", release("99.0"))];
    bench.apply(released).await;
    assert!(took(&bench, "acme-billing").await.contains(&(Open, WouldPipTake::Yes)));
    bench.pass(TimeDelta::seconds(6));
    assert_eq!(bench.deliver().await.iter().map(|row| row.event).collect::<Vec<_>>(), [Worsened]);
}

/// Two uploads at once: the one that creates the project began after the one that adds 99.0 to it.
#[tokio::test]
async fn a_release_that_began_before_the_registration_is_one_of_it() {
    let mut bench = Bench::new(&[]).await;
    let began = bench.now - TimeDelta::seconds(1);
    let created = vec![bench.told("acme-billing", Event::Created)];
    bench.apply(created).await;
    let released = Sighting { at: Some(began), ..bench.told("acme-billing", release("99.0")) };
    bench.apply(vec![released]).await;
    assert_eq!(took(&bench, "acme-billing").await, [(Open, WouldPipTake::Yes)]);
}

/// The index is half an hour old when RSS has told of the registration: it says that the name is free.
#[tokio::test]
async fn an_index_older_than_the_registration_closes_no_case() {
    let mut bench = Bench::new(&["acme-billing"]).await;
    bench.learn("acme-billing", held_by("acme-release-bot", bench.serial())).await;
    bench.told("other", Event::Changed);
    bench.apply(vec![bench.index("acme-billing", Event::Unlisted)]).await;
    bench.pass(TimeDelta::minutes(2));
    bench.deliver().await;
    bench.apply(vec![bench.rss("acme-billing", bench.now)]).await;
    bench.pass(TimeDelta::minutes(3));
    bench.told("other", Event::Changed);
    let gone = Sighting { at: Some(bench.now), ..bench.index("acme-billing", Event::Unlisted) };
    bench.apply(vec![gone.clone()]).await;
    assert_eq!(bench.states("acme-billing").await, [Removed, Open]);
    bench.pass(TimeDelta::hours(1));
    bench.apply(vec![Sighting { at: Some(bench.now), ..gone }]).await;
    assert_eq!(bench.states("acme-billing").await, [Removed, Removed], "by then it is gone");
}

/// Ours is freed and taken, RSS alone tells so, and index and page both still show what was ours.
#[tokio::test]
async fn the_page_of_before_calls_no_alert_off_whatever_serial_the_index_gives_it() {
    let mut bench = Bench::new(&["acme-billing"]).await;
    let old = bench.now - TimeDelta::days(400);
    let ours = |bench: &Bench| page("acme-release-bot", &[("4.12.0", Files::INSTALLABLE)], old, bench.serial());
    bench.learn("acme-billing", ours(&bench)).await;
    bench.pass(TimeDelta::hours(1));
    bench.told("acme-billing", Event::Changed);
    bench.apply(vec![bench.rss("acme-billing", bench.now)]).await;
    bench.apply(vec![bench.index("acme-billing", Event::Changed)]).await;
    bench.learn("acme-billing", ours(&bench)).await;
    assert!(bench.states("acme-billing").await.contains(&Open));
    assert!(!bench.states("acme-billing").await.contains(&Ours));
    assert_eq!(bench.deliver().await.iter().map(|row| row.event).collect::<Vec<_>>(), [Registered]);
}

/// The look-up was not made in time: the daemon was restarted, or PyPI asked us to wait.
#[tokio::test]
async fn what_the_first_look_up_finds_is_told_when_the_alert_has_gone_without_it() {
    let mut bench = Bench::new(&[]).await;
    bench.told("other", Event::Changed);
    bench.apply(vec![bench.index("acme-billing", Event::Listed)]).await;
    bench.pass(TimeDelta::seconds(6));
    assert_eq!(bench.deliver().await.len(), 1, "it waits no longer");
    let taken = page("mallory", &[("99.0", Files::INSTALLABLE)], bench.now, bench.serial());
    bench.learn("acme-billing", taken).await;
    assert_eq!(bench.deliver().await.iter().map(|row| row.event).collect::<Vec<_>>(), [Worsened]);
}

/// Yanked while it was looked at, and taken back while no page can be had.
#[tokio::test]
async fn a_release_that_is_yanked_no_longer_is_told_without_a_page() {
    let mut bench = Bench::new(&[]).await;
    let created = vec![bench.told("acme-billing", Event::Created), bench.told("acme-billing", release("99.0"))];
    bench.apply(created).await;
    let yanked = vec![bench.told("acme-billing", Event::Withdrawn { version: "99.0".into() })];
    bench.apply(yanked).await;
    bench.learn("acme-billing", page("mallory", &[("99.0", YANKED)], bench.now, bench.serial())).await;
    bench.deliver().await;
    assert_eq!(took(&bench, "acme-billing").await, [(Open, WouldPipTake::No)]);
    bench.pass(TimeDelta::hours(1));
    let back = vec![bench.told("acme-billing", release("99.0"))];
    bench.apply(back).await;
    bench.learn("acme-billing", nothing()).await;
    assert_eq!(took(&bench, "acme-billing").await, [(Open, WouldPipTake::Yes)]);
    assert_eq!(bench.deliver().await.iter().map(|row| row.event).collect::<Vec<_>>(), [Worsened]);
}

/// An index that hides it, and a changelog that tells that it lives on.
#[tokio::test]
async fn a_project_that_was_taken_for_gone_and_releases_stands() {
    let mut bench = Bench::new(&[]).await;
    let created = vec![bench.told("acme-billing", Event::Created)];
    bench.apply(created).await;
    bench.pass(TimeDelta::hours(2));
    bench.deliver().await;
    bench.told("other", Event::Changed);
    bench.apply(vec![bench.index("acme-billing", Event::Unlisted)]).await;
    assert_eq!(bench.states("acme-billing").await, [Removed]);
    let released = vec![bench.told("acme-billing", release("99.0"))];
    bench.apply(released).await;
    assert_eq!(took(&bench, "acme-billing").await, [(Open, WouldPipTake::Yes)]);
    bench.pass(TimeDelta::seconds(6));
    assert_eq!(bench.deliver().await.iter().map(|row| row.event).collect::<Vec<_>>(), [Worsened]);
}

async fn watches(bench: &mut Bench, change: impl Fn(&mut Inventory)) {
    let old = Inventory::clone(&bench.watchlist.inventory);
    let mut new = old.clone();
    change(&mut new);
    bench.watchlist = Watchlist::new(new, (*bench.watchlist.routes).clone());
    let (watchlist, now) = (bench.watchlist.clone(), bench.now);
    let admitted = bench.store.write(move |tx| {
        let survey = cases::survey(tx, &watchlist, &old)?;
        cases::admit(tx, &watchlist, &old, &survey, now)
    });
    admitted.await.expect("admitted");
}

/// It was registered and removed before its name was watched, so there is no case that could be open again.
#[tokio::test]
async fn what_comes_back_and_was_gone_when_its_name_was_first_watched_is_told() {
    let ledger = "acme-ledger";
    for by_index in [false, true] {
        let mut bench = Bench::new(&[ledger]).await;
        let whole = Inventory::clone(&bench.watchlist.inventory);
        watches(&mut bench, |inventory| inventory.watches.retain(|id, _| id.text != ledger)).await;
        let gone = vec![bench.told(ledger, if by_index { Event::Removed } else { Event::Quarantined })];
        bench.apply(gone).await;
        // As after two years, when what is closed is forgotten.
        let now = bench.now + TimeDelta::days(1000);
        let retired = bench.store.write(move |tx| {
            while tx.retire(now)? > 0 {}
            Ok(())
        });
        retired.await.expect("retired");
        watches(&mut bench, |inventory| *inventory = whole.clone()).await;
        bench.deliver().await;
        assert_eq!(bench.states(ledger).await, []);
        bench.pass(TimeDelta::days(1));
        let back = bench.told(ledger, Event::QuarantineCleared);
        let back = if by_index { bench.index(ledger, Event::Relisted) } else { back };
        bench.apply(vec![back]).await;
        assert_eq!(bench.states(ledger).await, [Open], "by index: {by_index}");
        bench.pass(TimeDelta::seconds(6));
        assert_eq!(bench.deliver().await.len(), 1);
    }
}

/// RSS lists only what has a release, so a page without one is an old one: it is asked for again soon, not in an hour.
#[tokio::test]
async fn an_empty_page_of_what_rss_has_shown_is_not_believed() {
    let mut bench = Bench::new(&[]).await;
    bench.apply(vec![bench.rss("acme-billing", bench.now)]).await;
    bench.learn("acme-billing", empty(Serial(7))).await;
    bench.pass(TimeDelta::seconds(15));
    assert_eq!(due(&bench, 9).await, ["acme-billing"]);
}

/// Somebody holds a name of ours, and has published nothing, when the watch begins.
#[tokio::test]
async fn the_first_release_of_what_stood_empty_before_the_watch_is_told() {
    for by_look_up in [false, true] {
        let mut bench = Bench::new(&["acme-ledger"]).await;
        bench.learn("acme-ledger", empty(bench.serial())).await;
        bench.deliver().await;
        bench.pass(TimeDelta::days(30));
        let event = if by_look_up { Event::Changed } else { release("1.0") };
        let released = vec![bench.told("acme-ledger", event)];
        bench.apply(released).await;
        let shown = page("mallory", &[("1.0", Files::INSTALLABLE)], bench.now, bench.serial());
        bench.learn("acme-ledger", shown).await;
        bench.pass(TimeDelta::seconds(6));
        let told = bench.deliver().await.iter().map(|row| row.event).collect::<Vec<_>>();
        assert_eq!(told, [Worsened], "by look-up: {by_look_up}");
    }
}

/// Hundreds of our own projects are looked up after the first start, and one that is registered then comes first.
#[tokio::test]
async fn a_registration_is_looked_up_before_what_stood_before_the_watch() {
    let standing = ["acme-ledger", "corp-vault", "corp-mail", "corp-search", "corp-print"];
    let mut bench = Bench::new(&standing).await;
    bench.pass(TimeDelta::seconds(1));
    let created = vec![bench.told("acme-billing", Event::Created)];
    bench.apply(created).await;
    assert_eq!(due(&bench, 1).await, ["acme-billing"]);
}

/// The project page is cached as missing, the simple page is that of the project that was ours.
#[tokio::test]
async fn the_simple_page_of_before_says_nothing_of_what_is_published_now() {
    let bench = Bench::new(&[]).await;
    bench.apply(vec![bench.rss("acme-billing", bench.now)]).await;
    let uploaded = Some(bench.now - TimeDelta::days(400));
    let releases = Box::new(Releases::told(["4.11.0"]));
    let reason = "PyPI's project page is not there yet".to_owned();
    let old = Learned::Trouble { reason, releases, uploaded, serial: Some(Serial(7)), wait: None };
    bench.learn("acme-billing", old).await;
    assert_eq!(took(&bench, "acme-billing").await, [(Open, WouldPipTake::Unknown)]);
}

/// A name that two owners' watches share; the second joined while the project was gone.
#[tokio::test]
async fn a_watch_that_joined_while_the_project_was_gone_has_its_part_in_the_case() {
    let name = "zeta-internal-tool";
    let mut bench = Bench::new(&[]).await;
    let whole = Inventory::clone(&bench.watchlist.inventory);
    let created = vec![bench.told(name, Event::Created)];
    bench.apply(created).await;
    bench.pass(TimeDelta::seconds(5));
    bench.deliver().await;
    let gone = vec![bench.told(name, Event::Quarantined)];
    bench.apply(gone).await;
    bench.deliver().await;
    watches(&mut bench, |inventory| inventory.watches.clear()).await;
    watches(&mut bench, |inventory| *inventory = whole.clone()).await;
    bench.deliver().await;
    let back = vec![bench.told(name, Event::QuarantineCleared)];
    bench.apply(back).await;
    assert_eq!(bench.states(name).await, [Open]);
    bench.pass(TimeDelta::seconds(5));
    assert_eq!(bench.deliver().await.len(), 1);
}

/// An index that lacked it for a while lists it with the serial it always had.
#[tokio::test]
async fn what_is_listed_again_under_its_old_serial_comes_back_once() {
    let mut bench = Bench::new(&[]).await;
    let created = vec![bench.told("acme-billing", Event::Created)];
    bench.apply(created).await;
    let own = Some(bench.serial());
    bench.told("other", Event::Changed);
    bench.apply(vec![bench.index("acme-billing", Event::Unlisted)]).await;
    bench.apply(vec![Sighting { serial: own, ..bench.index("acme-billing", Event::Relisted) }]).await;
    let name = ProjectName::parse("acme-billing").expect("valid");
    let row = bench.store.read(move |tx| tx.projects().get(&name)).await.expect("reads").expect("known");
    assert_eq!(row.presence, Presence::Present, "else every pass would list it again");
}

/// The look-ups of the second line that are due, in order; each is answered with nothing.
async fn second_line(bench: &Bench, most: usize) -> Vec<String> {
    let mut turns = Vec::new();
    for _ in 0..most {
        let now = bench.now;
        let due = bench.store.read(move |tx| tx.facts().due_look_alike(now)).await.expect("reads");
        let Some(due) = due else { break };
        bench.learn(due.project.as_str(), nothing()).await;
        turns.push(due.project.to_string());
    }
    turns
}

/// Listed empty, and nothing but the index to tell that it has changed.
#[tokio::test]
async fn what_is_published_under_a_prefix_is_told_without_a_changelog() {
    let name = "zeta-internal-tool";
    let mut bench = Bench::new(&[]).await;
    bench.told("other", Event::Changed);
    bench.apply(vec![bench.index(name, Event::Listed)]).await;
    assert_eq!(bench.deliver().await.len(), 0, "it waits for its look-up");
    bench.learn(name, empty(bench.serial())).await;
    assert_eq!(bench.deliver().await.len(), 1);
    bench.pass(TimeDelta::minutes(30));
    bench.told("other", Event::Changed);
    bench.apply(vec![bench.index(name, Event::Changed)]).await;
    assert_eq!(second_line(&bench, 1).await, [name]);
    bench.learn(name, page("mallory", &[("1.0", Files::INSTALLABLE)], bench.now, bench.serial())).await;
    assert_eq!(bench.deliver().await.iter().map(|row| row.event).collect::<Vec<_>>(), [Worsened]);
    bench.pass(TimeDelta::minutes(30));
    bench.told("other", Event::Changed);
    bench.apply(vec![bench.index(name, Event::Changed)]).await;
    bench.learn(name, page("eve", &[("1.0", Files::INSTALLABLE)], bench.now, bench.serial())).await;
    assert_eq!(bench.deliver().await.iter().map(|row| row.event).collect::<Vec<_>>(), [Worsened], "another owner");
}

/// Three hundred names under the prefix, most of them asked for in vain, and look-alikes beside them.
#[tokio::test]
async fn no_number_of_names_under_a_prefix_delays_the_look_up_of_a_watched_name() {
    let mut bench = Bench::new(&[]).await;
    let names: Vec<String> = (0..300).map(|n| format!("zeta-internal-{n}")).collect();
    let alike = bench.told("acmecorp-billing", Event::Created);
    let created = std::iter::once(alike).chain(names.iter().map(|name| bench.told(name, Event::Created))).collect();
    bench.apply(created).await;
    assert!(second_line(&bench, 20).await.iter().all(|name| name.starts_with("zeta-internal-")));
    bench.pass(TimeDelta::seconds(30));
    let own = vec![bench.told("acme-billing", Event::Created)];
    bench.apply(own).await;
    assert_eq!(due(&bench, 4).await, ["acme-billing"]);
    let turns = second_line(&bench, 20).await;
    assert!(turns.iter().collect::<std::collections::BTreeSet<_>>().len() == 20, "the untried first: {turns:?}");
}
