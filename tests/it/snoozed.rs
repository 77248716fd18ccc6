//! What somebody put off: nobody is reminded while it lasts, everybody who was told hears of it, and it ends at once when it
//! gets worse.

use chrono::TimeDelta;
use namewarden::cases::{self, Ruling, Snooze};
use namewarden::model::command::Decision;
use namewarden::model::notice::NoticeEvent::{self, Answered, Escalated, Registered, Worsened};
use namewarden::model::timeline::Person;
use namewarden::model::{Actor, CaseRef, Event, FindingState, Tier, Time};
use namewarden::store::Tx;

use crate::bench::{Bench, release};

const AFTER: TimeDelta = TimeDelta::hours(4);

fn ada() -> Person {
    Person {
        actor: Actor { uid: Some(1001), user: Some("ada".to_owned()), ..Actor::default() },
        declared: "ada".into(),
    }
}

fn case() -> CaseRef {
    CaseRef("acme-billing".to_owned())
}

async fn told(bench: &Bench) -> Vec<(NoticeEvent, Tier)> {
    bench.deliver().await.iter().map(|row| (row.event, row.tier)).collect()
}

/// Until when it is snoozed, and whether that is news.
async fn snooze(bench: &Bench, length: TimeDelta) -> (Option<Time>, bool) {
    let (snooze, now) = (Snooze { until: bench.now + length, who: ada(), note: None }, bench.now);
    let ruled = bench.store.write(move |tx| cases::snooze_each(tx, &[case()], &snooze, now)).await.expect("snoozed");
    let case = ruled[0].case.clone().expect("there is one");
    (case.snoozed_until, case.changed)
}

async fn decide(bench: &Bench, decision: Decision) {
    let (ruling, now) = (Ruling { decision, who: ada(), note: None }, bench.now);
    let judge = move |tx: &Tx<'_>| cases::judge_each(tx, &[case()], &ruling, now).map(drop);
    bench.store.write(judge).await.expect("judged");
}

async fn remind(bench: &Bench) -> usize {
    let (watchlist, now) = (bench.watchlist.clone(), bench.now);
    bench.store.write(move |tx| cases::escalate(tx, &watchlist, AFTER, now)).await.expect("reminds")
}

async fn unanswered(bench: &Bench) -> u64 {
    let now = bench.now;
    bench.store.read(move |tx| cases::overview(tx, AFTER, now)).await.expect("reads").unanswered
}

/// A page that was told.
async fn page() -> Bench {
    let mut bench = Bench::new(&[]).await;
    bench.deliver().await;
    let created = vec![bench.told("acme-billing", Event::Created)];
    bench.apply(created).await;
    bench.pass(TimeDelta::minutes(1));
    assert_eq!(told(&bench).await, [(Registered, Tier::Page)]);
    bench
}

#[tokio::test]
async fn nobody_is_reminded_before_its_time_and_everybody_who_was_told_hears_who_put_it_off() {
    let mut bench = page().await;
    let until = bench.now + TimeDelta::hours(8);
    assert_eq!(snooze(&bench, TimeDelta::hours(8)).await, (Some(until), true));
    assert_eq!(told(&bench).await, [(Answered, Tier::Digest)], "it wakes nobody");
    assert_eq!(snooze(&bench, TimeDelta::hours(8)).await, (Some(until), false), "once");
    assert_eq!(told(&bench).await, []);
    bench.pass(TimeDelta::hours(7));
    assert_eq!((remind(&bench).await, unanswered(&bench).await), (0, 0));
    bench.pass(TimeDelta::hours(1));
    assert_eq!((remind(&bench).await, unanswered(&bench).await), (1, 1), "it is over");
    assert_eq!(told(&bench).await, [(Escalated, Tier::Page)]);
}

#[tokio::test]
async fn what_gets_worse_is_told_at_once_and_reminded_of_as_if_nobody_had_slept() {
    let mut bench = page().await;
    snooze(&bench, TimeDelta::days(7)).await;
    told(&bench).await;
    bench.pass(TimeDelta::hours(1));
    let released = vec![bench.told("acme-billing", release("99.0"))];
    bench.apply(released).await;
    bench.pass(TimeDelta::minutes(1));
    assert_eq!(told(&bench).await, [(Worsened, Tier::Page)]);
    bench.pass(TimeDelta::hours(5));
    assert_eq!((remind(&bench).await, unanswered(&bench).await), (1, 1));
}

#[tokio::test]
async fn only_what_is_open_can_sleep_and_what_is_opened_again_is_awake() {
    let mut bench = page().await;
    decide(&bench, Decision::Acknowledge).await;
    assert_eq!(snooze(&bench, TimeDelta::hours(8)).await, (None, false), "nobody is reminded anyway");
    decide(&bench, Decision::Reopen).await;
    assert!(snooze(&bench, TimeDelta::hours(8)).await.1);
    decide(&bench, Decision::Resolve).await;
    decide(&bench, Decision::Reopen).await;
    assert_eq!(bench.states("acme-billing").await, [FindingState::Open]);
    bench.pass(TimeDelta::hours(5));
    assert_eq!(remind(&bench).await, 1);
}
