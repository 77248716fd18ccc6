//! Summaries, digests, escalations, canaries.

use chrono::TimeDelta;
use namewarden::model::Event;
use namewarden::model::command::Verdict;
use namewarden::model::notice::NoticeEvent::{Canary, Escalated, Registered, Summary, Worsened};
use namewarden::pipeline;

use crate::bench::{Bench, cases, release};

#[tokio::test]
async fn the_twenty_first_message_of_an_hour_is_a_summary_and_all_the_others_join_it() {
    let mut bench = Bench::new(&[]).await;
    for n in 0..60 {
        let created = vec![bench.told(&format!("zeta-internal-{n}"), Event::Created)];
        bench.apply(created).await;
        bench.pass(TimeDelta::milliseconds(500));
    }
    let events = bench.events().await;
    assert_eq!(events.iter().filter(|event| **event == Registered).count(), 20);
    assert_eq!(events.iter().filter(|event| **event == Summary).count(), 1);
    bench.pass(TimeDelta::minutes(1));
    let told: usize = bench.deliver().await.iter().map(cases).sum();
    assert_eq!(told, 60, "every one is told");
    // What comes after the summary begins another; an hour later all is as before.
    let late = vec![bench.told("zeta-internal-late", Event::Created)];
    bench.apply(late).await;
    assert_eq!(bench.events().await.iter().filter(|event| **event == Summary).count(), 2);
    bench.pass(TimeDelta::minutes(61));
    bench.deliver().await;
    let later = vec![bench.told("zeta-internal-later", Event::Created)];
    bench.apply(later).await;
    assert_eq!(bench.deliver().await.iter().map(|row| row.event).collect::<Vec<_>>(), [Registered]);
}

#[tokio::test]
async fn five_hundred_registrations_and_their_releases_in_one_page_are_one_notice() {
    let mut bench = Bench::new(&[]).await;
    let mut page = Vec::new();
    for n in 0..500 {
        let name = format!("zeta-internal-{n}");
        page.push(bench.told(&name, Event::Created));
        page.push(bench.told(&name, release(&format!("{n}.0"))));
    }
    let applied = bench.apply(page).await;
    assert_eq!((applied.findings, applied.notices), (500, 1));
}

#[tokio::test]
async fn five_hundred_worsenings_with_different_words_are_a_summary() {
    let mut bench = Bench::new(&[]).await;
    let names: Vec<String> = (0..500).map(|n| format!("zeta-internal-{n}")).collect();
    let created = names.iter().map(|name| bench.told(name, Event::Created)).collect();
    bench.apply(created).await;
    bench.deliver().await;
    bench.pass(TimeDelta::minutes(20));
    let released = (0..500).map(|n| bench.told(&names[n], release(&format!("{n}.1")))).collect();
    bench.apply(released).await;
    let events = bench.events().await;
    assert!(events.len() <= 4, "{} messages", events.len());
    bench.pass(TimeDelta::minutes(61));
    let told: usize = bench.deliver().await.iter().filter(|row| row.event != Registered).map(cases).sum();
    assert_eq!(told, 500, "every one is told");
    assert!(events.contains(&Worsened) || events.contains(&Summary));
}

#[tokio::test]
async fn the_digest_carries_what_waited_once() {
    let mut bench = Bench::new(&[]).await;
    let weak = vec![bench.told("my-acmecorp", Event::Created), bench.told("acmecorp-tools", Event::Created)];
    bench.apply(weak).await;
    assert_eq!(bench.events().await, []);
    let (lookout, now) = (bench.lookout.clone(), bench.now);
    let digest = async || {
        let lookout = lookout.clone();
        bench.store.write(move |tx| pipeline::digest(tx, &lookout, now)).await.expect("the store works")
    };
    assert_eq!(digest().await, 1);
    assert_eq!(digest().await, 0);
    assert_eq!(bench.deliver().await.iter().map(cases).collect::<Vec<_>>(), [2]);
}

#[tokio::test]
async fn what_nobody_acknowledges_is_escalated_once_and_what_somebody_does_never() {
    let mut bench = Bench::new(&[]).await;
    let both = vec![bench.told("acme-billing", Event::Created), bench.told("zeta-internal-x", Event::Created)];
    bench.apply(both).await;
    bench.pass(TimeDelta::hours(1));
    bench.deliver().await;
    let (key, now) = (bench.findings("zeta-internal-x").await[0].key.clone(), bench.now);
    let judged = bench
        .store
        .write(move |tx| pipeline::judge_by_hand(tx, &key, Verdict::Acknowledge, "ann", Some("on it"), now))
        .await;
    assert!(judged.expect("the store works").is_some());
    let escalate = async |bench: &Bench| {
        let (lookout, now) = (bench.lookout.clone(), bench.now);
        let after = TimeDelta::hours(4);
        bench.store.write(move |tx| pipeline::escalate(tx, &lookout, after, now)).await.expect("the store works")
    };
    assert_eq!(escalate(&bench).await, 0, "not yet");
    bench.pass(TimeDelta::hours(4));
    assert_eq!(escalate(&bench).await, 1);
    assert_eq!(escalate(&bench).await, 0);
    let told = bench.deliver().await;
    assert_eq!(told.iter().map(|row| (row.event, cases(row))).collect::<Vec<_>>(), [(Escalated, 1)]);
}

#[tokio::test]
async fn a_canary_a_day_and_none_from_a_registration_of_its_name() {
    let mut bench = Bench::new(&[]).await;
    let registered = vec![bench.told(pipeline::CANARY, Event::Created)];
    bench.apply(registered).await;
    assert_eq!(bench.events().await, []);
    for (hours, made) in [(0, 1), (1, 0), (24, 1)] {
        bench.pass(TimeDelta::hours(hours));
        let (lookout, now) = (bench.lookout.clone(), bench.now);
        let canaries = bench.store.write(move |tx| pipeline::canary(tx, &lookout, now)).await;
        assert_eq!(canaries.expect("the store works"), made, "after {hours} h");
    }
    assert_eq!(bench.events().await, [Canary, Canary]);
}
