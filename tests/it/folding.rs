//! Summaries, digests, escalations, canaries.

use chrono::TimeDelta;
use namewarden::cases;
use namewarden::cases::throttle;
use namewarden::model::Tier;
use namewarden::model::command::Decision;
use namewarden::model::notice::NoticeEvent::{Canary, Ended, Escalated, Registered, Worsened};
use namewarden::model::timeline::Person;
use namewarden::model::{Actor, CaseRef, Channel, Event};

use crate::bench::{Bench, cases, held_by, neighbours, release};

#[tokio::test]
async fn the_twenty_first_alert_of_an_hour_gathers_and_all_the_others_join_it() {
    let mut bench = Bench::new(&[]).await;
    let mut told = 0;
    for name in &neighbours("corp-search")[..60] {
        let created = vec![bench.told(name, Event::Created)];
        bench.apply(created).await;
        told += bench.deliver().await.len();
        bench.pass(TimeDelta::milliseconds(500));
    }
    assert_eq!(told, throttle::PER_HOUR);
    bench.pass(throttle::BATCH);
    let gathered = bench.deliver().await;
    assert_eq!(gathered.iter().map(cases).collect::<Vec<_>>(), [60 - throttle::PER_HOUR], "every one is told");
    // An hour later all is as before.
    bench.pass(TimeDelta::minutes(61));
    let later = vec![bench.told("corp-mial", Event::Created)];
    bench.apply(later).await;
    assert_eq!(bench.deliver().await.iter().map(|row| row.event).collect::<Vec<_>>(), [Registered]);
}

/// Nothing that a stranger can register in numbers comes before the watched name, or makes its page wait.
#[tokio::test]
async fn a_watched_name_goes_out_apart_and_at_once_whatever_was_registered_before() {
    let mut bench = Bench::new(&[]).await;
    for (n, name) in neighbours("corp-search").iter().enumerate().take(40) {
        let created = vec![bench.told(name, Event::Created), bench.told(&format!("zeta-internal-{n}"), Event::Created)];
        bench.apply(created).await;
        bench.deliver().await;
        bench.pass(TimeDelta::seconds(1));
    }
    bench.deliver().await;
    let created = vec![bench.told("acme-billing", Event::Created), bench.told("zeta-internal-z", Event::Created)];
    bench.apply(created).await;
    let known = held_by("mallory", bench.serial());
    bench.learn("acme-billing", known).await;
    let own = bench.deliver().await;
    assert_eq!(own.iter().map(|row| (row.event, cases(row))).collect::<Vec<_>>(), [(Registered, 1)], "apart");
    bench.pass(TimeDelta::seconds(5));
    let prefix = bench.deliver().await;
    assert_eq!(prefix.iter().map(|row| (row.tier, cases(row))).collect::<Vec<_>>(), [(Tier::Page, 5)], "within 5 s");
    let released = vec![bench.told("acme-billing", release("99.0"))];
    bench.apply(released).await;
    bench.pass(TimeDelta::seconds(5));
    assert_eq!(bench.deliver().await.iter().map(|row| row.event).collect::<Vec<_>>(), [Worsened]);
}

#[tokio::test]
async fn five_hundred_registrations_and_their_releases_in_one_page_are_two_messages() {
    let mut bench = Bench::new(&[]).await;
    let mut page = Vec::new();
    for n in 0..500 {
        let name = format!("zeta-internal-{n}");
        page.push(bench.told(&name, Event::Created));
        page.push(bench.told(&name, release(&format!("{n}.0"))));
    }
    let applied = bench.apply(page).await;
    assert_eq!((applied.findings, applied.queued), (500, 500));
    bench.pass(TimeDelta::seconds(5));
    assert_eq!(bench.deliver().await.iter().map(cases).collect::<Vec<_>>(), [250, 250], "every one is named");
}

#[tokio::test]
async fn five_hundred_worsenings_with_different_words_are_two_messages() {
    let mut bench = Bench::new(&[]).await;
    let names: Vec<String> = (0..500).map(|n| format!("zeta-internal-{n}")).collect();
    let created = names.iter().map(|name| bench.told(name, Event::Created)).collect();
    bench.apply(created).await;
    bench.pass(TimeDelta::seconds(5));
    bench.deliver().await;
    bench.pass(TimeDelta::minutes(20));
    let released = (0..500).map(|n| bench.told(&names[n], release(&format!("{n}.1")))).collect();
    bench.apply(released).await;
    bench.pass(TimeDelta::seconds(5));
    let told = bench.deliver().await;
    assert_eq!(told.iter().map(|row| (row.event, cases(row))).collect::<Vec<_>>(), [(Worsened, 250), (Worsened, 250)]);
}

/// A project that changes hands every minute is not a mail a minute; what is worse than ever still goes at once.
#[tokio::test]
async fn repeated_worsenings_of_one_project_are_batched_and_a_worse_one_is_not() {
    let mut bench = Bench::new(&[]).await;
    let created = vec![bench.told("acme-billing", Event::Created)];
    bench.apply(created).await;
    let mut told = Vec::new();
    for minute in 0..30 {
        let held = vec![bench.told("acme-billing", Event::RolesChanged { action: "add Owner".into() })];
        bench.apply(held).await;
        bench.learn("acme-billing", held_by(&format!("mallory-{minute}"), bench.serial())).await;
        bench.pass(TimeDelta::seconds(30));
        told.extend(bench.deliver().await);
        bench.pass(TimeDelta::seconds(30));
        told.extend(bench.deliver().await);
    }
    assert!((4..=6).contains(&told.len()), "{} messages in half an hour", told.len());
    let released = vec![bench.told("acme-billing", release("99.0"))];
    bench.apply(released).await;
    bench.pass(TimeDelta::seconds(5));
    assert_eq!(bench.deliver().await.len(), 1, "pip would take it now");
}

/// A version that is gone is not what its owners believe where a later message said that pip would not take the name.
#[tokio::test]
async fn what_is_worse_than_the_last_message_is_told_at_once() {
    let mut bench = Bench::new(&[]).await;
    let name = "acme-billing";
    let gone = |version: &str| Event::Withdrawn { version: version.into() };
    let mut told = Vec::new();
    for event in
        [Event::Created, release("0.1"), release("99.0"), gone("99.0"), Event::Quarantined, Event::QuarantineCleared]
    {
        let seen = vec![bench.told(name, event)];
        bench.apply(seen).await;
        bench.pass(TimeDelta::seconds(5));
        told.extend(bench.deliver().await.iter().map(|row| row.event));
    }
    assert_eq!(told, [Registered, Worsened, Worsened, Ended, Worsened]);
    for (event, messages) in [(release("98.0"), 1), (gone("98.0"), 0), (release("97.0"), 0)] {
        let seen = vec![bench.told(name, event.clone())];
        bench.apply(seen).await;
        bench.pass(TimeDelta::seconds(5));
        assert_eq!(bench.deliver().await.len(), messages, "{event:?}");
    }
}

/// Removed and taken by a stranger, while a cache still shows our own page: it is neither believed nor forgotten.
#[tokio::test]
async fn a_page_older_than_the_event_that_asked_is_unknown_and_its_correction_is_told() {
    let mut bench = Bench::new(&[]).await;
    let created = vec![bench.told("acme-billing", Event::Created), bench.told("acme-billing", release("9.0"))];
    bench.apply(created).await;
    let old = namewarden::model::Serial(bench.serial().0 - 1);
    bench.learn("acme-billing", held_by("acme-release-bot", old)).await;
    let first = bench.deliver().await;
    assert_eq!(first.iter().map(|row| row.event).collect::<Vec<_>>(), [Registered], "it is not taken for ours");
    let facts = &bench.findings("acme-billing").await[0].facts;
    assert!(
        facts.users.is_empty() && facts.trouble.as_ref().is_some_and(|why| why.contains("older page")),
        "{facts:?}"
    );
    let withdrawn = Event::Withdrawn { version: "9.0".into() };
    let again = vec![bench.told("acme-billing", withdrawn), bench.told("acme-billing", release("99.0"))];
    bench.apply(again).await;
    bench.deliver().await;
    bench.pass(TimeDelta::seconds(20));
    bench.learn("acme-billing", held_by("mallory", bench.serial())).await;
    assert_eq!(bench.deliver().await.iter().map(|row| row.event).collect::<Vec<_>>(), [Worsened]);
    bench.learn("acme-billing", held_by("mallory", bench.serial())).await;
    assert_eq!(bench.deliver().await.len(), 0, "once");
}

#[tokio::test]
async fn the_digest_carries_what_waited_once() {
    let mut bench = Bench::new(&[]).await;
    let weak = vec![bench.told("my-acmecorp", Event::Created), bench.told("acmecorp-tools", Event::Created)];
    bench.apply(weak).await;
    assert_eq!(bench.events().await, []);
    let now = bench.now;
    let digest = async || bench.store.write(move |tx| cases::digest(tx, now)).await.expect("the store works");
    assert_eq!(digest().await, 2);
    assert_eq!(digest().await, 0);
    assert_eq!(bench.deliver().await.iter().map(cases).collect::<Vec<_>>(), [2]);
}

#[tokio::test]
async fn what_nobody_acknowledges_is_escalated_until_somebody_does() {
    let mut bench = Bench::new(&[]).await;
    let both = vec![bench.told("acme-billing", Event::Created), bench.told("zeta-internal-x", Event::Created)];
    bench.apply(both).await;
    bench.pass(TimeDelta::hours(1));
    bench.deliver().await;
    let (key, now) = (bench.findings("zeta-internal-x").await[0].key.clone(), bench.now);
    let note = Some("on it".to_owned());
    let ruling = cases::Ruling {
        decision: Decision::Acknowledge,
        who: Person { actor: Actor::default(), declared: "ann".to_owned() },
        note,
    };
    let judged = bench.store.write(move |tx| cases::judge_each(tx, &[CaseRef(key.0.clone())], &ruling, now)).await;
    assert!(judged.expect("the store works").iter().all(|ruled| ruled.case.is_some()));
    let escalate = async |bench: &Bench| {
        let (watchlist, now) = (bench.watchlist.clone(), bench.now);
        let after = TimeDelta::hours(4);
        bench.store.write(move |tx| cases::escalate(tx, &watchlist, after, now)).await.expect("the store works")
    };
    assert_eq!(escalate(&bench).await, 0, "not yet");
    bench.pass(TimeDelta::hours(4));
    for _ in 0..3 {
        assert_eq!(escalate(&bench).await, 1);
        assert_eq!(escalate(&bench).await, 0, "not twice at once");
        let told = bench.deliver().await;
        assert_eq!(told.iter().map(|row| (row.event, cases(row))).collect::<Vec<_>>(), [(Escalated, 1)]);
        bench.pass(TimeDelta::hours(4));
    }
}

/// A case that got worse is new to its owner: the reminder counts from then, and never comes before the news.
#[tokio::test]
async fn the_reminder_counts_from_the_last_worsening() {
    let mut bench = Bench::new(&[]).await;
    let created = vec![bench.told("acme-billing", Event::Created)];
    bench.apply(created).await;
    bench.pass(TimeDelta::minutes(239));
    bench.deliver().await;
    let released = vec![bench.told("acme-billing", release("99.0"))];
    bench.apply(released).await;
    let escalate = async |bench: &Bench| {
        let (watchlist, now) = (bench.watchlist.clone(), bench.now);
        let after = TimeDelta::hours(4);
        bench.store.write(move |tx| cases::escalate(tx, &watchlist, after, now)).await.expect("the store works")
    };
    bench.pass(TimeDelta::minutes(2));
    assert_eq!(escalate(&bench).await, 0);
    assert_eq!(bench.deliver().await.iter().map(|row| row.event).collect::<Vec<_>>(), [Worsened]);
    bench.pass(TimeDelta::minutes(238));
    assert_eq!(escalate(&bench).await, 1);
}

#[tokio::test]
async fn a_canary_a_day_and_none_from_a_registration_of_its_name() {
    let mut bench = Bench::new(&[]).await;
    let registered = vec![bench.told(namewarden::watchlist::CANARY, Event::Created)];
    bench.apply(registered).await;
    assert_eq!(bench.events().await, []);
    for (hours, made) in [(0, 1), (1, 0), (24, 1)] {
        bench.pass(TimeDelta::hours(hours));
        let (watchlist, alert, now) = (bench.watchlist.clone(), crate::clock::alert(), bench.now);
        let round = bench.store.write(move |tx| namewarden::schedule::round(tx, &watchlist, &alert, now)).await;
        assert_eq!(round.expect("the store works").notices, made, "after {hours} h");
    }
    let told: Vec<_> = bench.notices().await.into_iter().map(|(row, _)| row.event).collect();
    assert_eq!(told, [Canary, Canary]);
}

/// The mail server was away when the page was due, and when its reminder was: who hears of the page at last is not reminded of it
/// in the same moment, and is when nobody answers after that.
#[tokio::test]
async fn a_reminder_that_waited_for_the_page_itself_is_none() {
    let mut bench = Bench::new(&[]).await;
    let created = vec![bench.told("acme-billing", Event::Created)];
    bench.apply(created).await;
    bench.pass(TimeDelta::seconds(6));
    let away = bench.now + TimeDelta::seconds(40);
    for row in bench.take(&Channel::Email).await {
        bench.store.write(move |tx| tx.notices().postpone(row.id, away, "refused")).await.expect("postponed");
    }
    let escalate = async |bench: &Bench| {
        let (watchlist, now) = (bench.watchlist.clone(), bench.now);
        let after = TimeDelta::seconds(30);
        bench.store.write(move |tx| cases::escalate(tx, &watchlist, after, now)).await.expect("the store works")
    };
    bench.pass(TimeDelta::seconds(35));
    assert_eq!(escalate(&bench).await, 1);
    bench.pass(TimeDelta::seconds(6));
    assert_eq!(bench.deliver().await.iter().map(|row| row.event).collect::<Vec<_>>(), [Registered]);
    bench.pass(TimeDelta::seconds(30));
    assert_eq!(escalate(&bench).await, 1);
    assert_eq!(bench.deliver().await.iter().map(|row| row.event).collect::<Vec<_>>(), [Escalated]);
}
