//! What the daily round does: the canary of the day of a first start and of those after it, what is looked at again, and what waits.

use chrono::{TimeDelta, Timelike as _};
use namewarden::cases::{self, Batch, Learned};
use namewarden::model::notice::NoticeEvent;
use namewarden::model::release::Files;
use namewarden::model::{Event, Facts, Feed, Releases, Serial, Time};
use namewarden::schedule;
use namewarden::store::{Grade, Span};

use crate::bench::{Bench, release};
use crate::clock::alert;

/// One round of the daily work.
async fn round(bench: &Bench) {
    let (watchlist, alert, now) = (bench.watchlist.clone(), alert(), bench.now);
    bench.store.write(move |tx| schedule::round(tx, &watchlist, &alert, now)).await.expect("a round");
}

/// Hours and minutes at which canaries went out within 47 hours of a first start at this time.
async fn canaries(start: &str) -> Vec<(u32, u32)> {
    let mut bench = Bench::new(&[]).await;
    bench.now = start.parse().expect("a time");
    let end = bench.now + TimeDelta::hours(47);
    let mut rang = Vec::new();
    while bench.now < end {
        round(&bench).await;
        let went = bench.deliver().await.into_iter().filter(|row| row.event == NoticeEvent::Canary);
        rang.extend(went.map(|_| (bench.now.hour(), bench.now.minute())));
        bench.pass(TimeDelta::minutes(10));
    }
    rang
}

/// The hour is 8. A first start proves that mail arrives at once, and the day's own canary comes all the same, but not a moment
/// after it.
#[tokio::test]
async fn a_first_start_rings_at_once_and_the_hour_rings_after_it() {
    assert_eq!(canaries("2026-11-20T12:00:00Z").await, [(12, 0), (8, 0), (8, 0)]);
    assert_eq!(canaries("2026-11-20T03:00:00Z").await, [(3, 0), (8, 0), (8, 0)]);
    assert_eq!(canaries("2026-11-20T07:30:00Z").await, [(7, 30), (8, 0)]);
}

/// PyPI's page of a project of mallory's.
fn page(bench: &Bench) -> Learned {
    let facts = Facts {
        users: vec!["mallory".to_owned()],
        releases: Releases::shown([("0.1".to_owned(), Files::INSTALLABLE)], Some(bench.serial())),
        ..Facts::default()
    };
    Learned::Facts { facts: Box::new(facts), serial: Some(bench.serial()) }
}

async fn due(bench: &Bench) -> usize {
    let now = bench.now;
    bench.store.read(move |tx| tx.facts().due(now, 10)).await.expect("reads").len()
}

/// The changelog answers that nothing happened.
async fn answers(bench: &Bench) {
    let (watchlist, now) = (bench.watchlist.clone(), bench.now);
    let serials = Some((Serial(1), bench.serial()));
    let span = Span { feed: Feed::Changelog, grade: Grade::EveryEvent, serials, from: now, to: now };
    let batch = Batch { spans: vec![span], ..Batch::default() };
    bench.store.write(move |tx| cases::apply(tx, &watchlist, &batch, now).map(drop)).await.expect("applied");
}

/// Neither that PyPI has quarantined it nor who holds it now is told by RSS.
#[tokio::test]
async fn what_no_changelog_tells_of_is_looked_at_again_within_a_day() {
    let mut bench = Bench::new(&[]).await;
    let sightings = vec![bench.told("acme-billing", Event::Created), bench.told("acme-billing", release("0.1"))];
    bench.apply(sightings).await;
    bench.learn("acme-billing", page(&bench)).await;
    bench.pass(TimeDelta::hours(23));
    round(&bench).await;
    assert_eq!(due(&bench).await, 0, "it was looked at within the day");
    bench.pass(TimeDelta::hours(2));
    answers(&bench).await;
    round(&bench).await;
    assert_eq!(due(&bench).await, 0, "the changelog tells");
    bench.pass(TimeDelta::minutes(10));
    round(&bench).await;
    assert_eq!(due(&bench).await, 1);
    bench.learn("acme-billing", page(&bench)).await;
    round(&bench).await;
    assert_eq!(due(&bench).await, 0, "once a day");
}

/// Its first attempt has not ended, or its channel is held for another: it is not there.
#[tokio::test]
async fn a_test_alert_that_nobody_has_tried_to_deliver_is_counted_as_undelivered() {
    let mut bench = Bench::new(&[]).await;
    bench.deliver().await;
    let (watchlist, now) = (bench.watchlist.clone(), bench.now);
    bench.store.write(move |tx| cases::test_alert(tx, &watchlist, None, now)).await.expect("posted");
    for (seconds, messages) in [(0, vec![]), (40, vec![1])] {
        bench.pass(TimeDelta::seconds(seconds));
        let now: Time = bench.now;
        let seen = bench.store.read(move |tx| cases::overview(tx, TimeDelta::hours(4), now)).await.expect("reads");
        assert_eq!(seen.waiting.iter().map(|waiting| waiting.messages).collect::<Vec<_>>(), messages);
    }
    bench.deliver().await;
    let now = bench.now;
    let seen = bench.store.read(move |tx| cases::overview(tx, TimeDelta::hours(4), now)).await.expect("reads");
    assert_eq!(seen.waiting, []);
}
