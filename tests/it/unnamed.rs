//! Pages that do not say whose a project is, and accounts that the inventory lists no longer: nobody named is nobody else.

use chrono::TimeDelta;
use namewarden::cases::Learned;
use namewarden::model::release::Files;
use namewarden::model::{Event, Facts, FindingState, Releases, Time};

use crate::bench::{Bench, release};
use crate::world::INVENTORY;

const OURS: &str = "acme-release-bot";
/// What a look-up makes of a page without a holder.
const UNHELD: &str = "PyPI's page names nobody who holds it";

/// PyPI's page of version 4.12.0, held by this user if it says by whom.
fn page(bench: &Bench, user: Option<&str>) -> Learned {
    let facts = Facts {
        users: user.map(str::to_owned).into_iter().collect(),
        releases: Releases::shown([("4.12.0".to_owned(), Files::INSTALLABLE)], Some(bench.serial())),
        first_upload: Some("2026-11-20T12:00:00Z".parse().expect("a time")),
        summary: Some("bills".to_owned()),
        trouble: user.is_none().then(|| UNHELD.to_owned()),
        ..Facts::default()
    };
    Learned::Facts { facts: Box::new(facts), serial: Some(bench.serial()) }
}

async fn happens(bench: &mut Bench, event: Event) {
    let sighting = bench.told("acme-billing", event);
    bench.apply(vec![sighting]).await;
}

/// Registered, with a release, and held by this user; everything told.
async fn held_by(user: Option<&str>) -> Bench {
    let mut bench = Bench::new(&[]).await;
    happens(&mut bench, Event::Created).await;
    happens(&mut bench, release("4.12.0")).await;
    bench.learn("acme-billing", page(&bench, user)).await;
    bench.pass(TimeDelta::hours(1));
    bench.deliver().await;
    bench
}

/// What changes were queued to be told, in words.
async fn changes(bench: &Bench) -> Vec<String> {
    let events = bench.store.read(|tx| tx.tellings().queued_since(Time::UNIX_EPOCH)).await.expect("reads");
    events.into_iter().filter_map(|event| event.change).collect()
}

#[tokio::test]
async fn a_project_of_ours_whose_page_names_nobody_stays_ours_until_something_happens_to_it() {
    let mut bench = held_by(Some(OURS)).await;
    bench.learn("acme-billing", page(&bench, None)).await;
    let case = bench.findings("acme-billing").await.remove(0);
    assert_eq!((case.state, case.facts.ours), (FindingState::Ours, Some(true)));
    assert_eq!(case.facts.trouble.as_deref(), Some(UNHELD), "and it is said that nobody knows");
    assert_eq!(changes(&bench).await, [""; 0]);
    happens(&mut bench, Event::RolesChanged { action: "remove Owner acme-release-bot".into() }).await;
    for state in [FindingState::Ours, FindingState::Open] {
        bench.learn("acme-billing", page(&bench, None)).await;
        assert_eq!(bench.states("acme-billing").await, [state]);
        bench.pass(TimeDelta::minutes(3));
    }
    let told = changes(&bench).await;
    assert!(matches!(&told[..], [one] if one.ends_with(UNHELD) && !one.contains("held by")), "{told:?}");
}

#[tokio::test]
async fn a_stranger_whom_a_page_does_not_name_any_more_is_no_new_owner() {
    let bench = held_by(Some("mallory")).await;
    bench.learn("acme-billing", page(&bench, None)).await;
    let case = bench.findings("acme-billing").await.remove(0);
    assert_eq!((case.state, case.facts.users), (FindingState::Open, vec!["mallory".to_owned()]));
    assert_eq!(changes(&bench).await, [""; 0]);
}

/// It says what it holds all the same, and is asked for again.
#[tokio::test]
async fn a_page_that_names_nobody_is_taken_for_what_it_says() {
    let mut bench = held_by(None).await;
    let case = bench.findings("acme-billing").await.remove(0);
    assert_eq!((case.state, case.facts.ours), (FindingState::Open, None));
    assert_eq!(case.facts.summary.as_deref(), Some("bills"));
    bench.pass(TimeDelta::minutes(10));
    let now = bench.now;
    assert_eq!(bench.store.read(move |tx| tx.facts().due(now, 10)).await.expect("reads").len(), 1);
    bench.learn("acme-billing", page(&bench, Some("mallory"))).await;
    let case = bench.findings("acme-billing").await.remove(0);
    assert_eq!((case.facts.ours, case.facts.trouble), (Some(false), None));
}

/// The operator took the account out of the inventory: the words name it, and what to do where that was a mistake.
#[tokio::test]
async fn who_is_no_longer_listed_as_ours_is_named_with_the_remedy() {
    let mut bench = held_by(Some(OURS)).await;
    let (without, _) = INVENTORY.split_once("[registrants]").expect("it lists them last");
    bench.follow(without).await;
    bench.learn("acme-billing", page(&bench, Some(OURS))).await;
    assert_eq!(bench.states("acme-billing").await, [FindingState::Open]);
    let told = changes(&bench).await;
    let said = |one: &str| one.contains("no longer lists") && one.contains(OURS) && one.contains("[registrants]");
    assert!(matches!(&told[..], [one] if said(one)), "{told:?}");
}
