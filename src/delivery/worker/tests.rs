//! One worker's notices: taken once, and settled by whoever has the channel.

mod receiver;

use super::*;
use crate::config::sample::least;
use crate::model::notice::{Lane, NoticeEvent, NoticeKey};
use crate::model::{OwnerId, Tier};
use crate::store::{NewNotice, NoticeBody};

#[test]
fn retries_are_spread_however_many_they_become() {
    let spreads: Vec<f64> = (0..1_000).map(|attempts| spread("beefcafe", attempts)).collect();
    assert!(spreads.iter().all(|spread| (0.0..1.0).contains(spread)), "{spreads:?}");
    assert_ne!(spreads[998], spreads[999]);
}

/// A worker for mail as it was at the start, and what says which channels are in force.
fn worker(store: &Store, clock: &Clock) -> (DeliveryWorker, (watch::Sender<InForce>, watch::Sender<Arc<Settings>>)) {
    let in_force = watch::Sender::new(InForce::at_start(Channels::default(), vec![Channel::Email]));
    let settings = watch::Sender::new(Arc::new(least()));
    let worker = DeliveryWorker {
        store: store.clone(),
        clock: clock.clone(),
        channel: Channel::Email,
        edition: 0,
        in_force: in_force.subscribe(),
        settings: settings.subscribe(),
        gate: Arc::new(|_| Box::pin(async { Ok(None) })),
        projects: Arc::new(|_| Box::pin(async { Ok(Vec::new()) })),
    };
    (worker, (in_force, settings))
}

async fn with_a_notice() -> (tempfile::TempDir, Store, Clock) {
    let dir = tempfile::tempdir().expect("a directory");
    let store = Store::open(dir.path()).expect("opens");
    let clock = Clock::manual("2026-11-20T12:00:00Z".parse().expect("a time"));
    add(&store, "payments", Lane::Alert, clock.now()).await;
    (dir, store, clock)
}

async fn add(store: &Store, owner: &str, lane: Lane, now: Time) {
    let notice = NewNotice {
        key: NoticeKey("a".into()),
        owner: OwnerId(owner.into()),
        channel: Channel::Email,
        event: NoticeEvent::Test,
        lane,
        tier: Tier::Alert,
        due: now,
        body: NoticeBody::Proof,
    };
    store.write(move |tx| tx.notices().add(&notice, now)).await.expect("stored");
}

/// Each of them may take the server ten minutes.
#[tokio::test]
async fn a_page_finds_room_beside_however_many_alerts_and_digests() {
    let (_dir, store, clock) = with_a_notice().await;
    let (worker, _kept) = worker(&store, &clock);
    for (at, lane) in [Lane::Alert, Lane::Digest].into_iter().cycle().take(9).enumerate() {
        add(&store, &format!("team-{at}"), lane, clock.now()).await;
    }
    let low = worker.take().await.expect("takes");
    assert_eq!((low.len(), worker.take().await.expect("takes").len()), (MAILS - 1, 0));
    for (at, lane) in [Lane::Page, Lane::Own].into_iter().enumerate() {
        add(&store, &format!("hurried-{at}"), lane, clock.now()).await;
    }
    let page = worker.take().await.expect("takes");
    assert_eq!(page.iter().map(|row| row.owner.0.as_str()).collect::<Vec<_>>(), ["hurried-1"], "the most urgent");
    worker.settle(&low[0], NoticeState::Delivered, None).await.expect("settled");
    let page = worker.take().await.expect("takes");
    assert_eq!(page.iter().map(|row| row.owner.0.as_str()).collect::<Vec<_>>(), ["hurried-0"], "before any alert");
}

#[tokio::test]
async fn what_is_under_way_is_not_taken_again_however_long_it_takes() {
    let (_dir, store, clock) = with_a_notice().await;
    let (worker, _kept) = worker(&store, &clock);
    assert_eq!(worker.take().await.expect("takes").len(), 1);
    clock.advance(TimeDelta::days(30));
    assert_eq!(worker.take().await.expect("takes").len(), 0, "its mark waits for a disk with room");
    store.write(|tx| tx.notices().free_leases()).await.expect("freed");
    assert_eq!(worker.take().await.expect("takes").len(), 1, "a new process");
}

/// What the server of before says when the channel has another by now: it holds nothing, gives nothing up, refuses
/// nobody, and whoever has the channel takes the message at once.
#[tokio::test]
async fn who_is_retired_settles_nothing_but_what_arrived() {
    let (_dir, store, clock) = with_a_notice().await;
    let (old, (in_force, _kept)) = worker(&store, &clock);
    let row = old.take().await.expect("takes").pop().expect("it waits");
    in_force.send_modify(|now| *now = now.next(Channels::default(), vec![Channel::Email], &[Channel::Email]));
    let new = DeliveryWorker { edition: 1, ..old.clone() };
    let (list, hour) = (watchlist(), Some(Duration::from_secs(3600)));
    let reason = || "550 by the server of before".to_owned();
    let failures = [
        DeliveryError::Hold { after: hour, reached: Reached::Nobody, reason: reason() },
        DeliveryError::Retry { after: hour, reached: Reached::Nobody, reason: reason() },
        DeliveryError::GiveUp { reason: reason() },
    ];
    for failure in failures {
        old.keep(&row, vec![Recipient::refused("a@x.example", "550"), Recipient::accepted("b@x.example")])
            .await
            .expect("kept");
        old.failed(&list, &row, failure).await.expect("stored");
        assert_eq!(old.take().await.expect("asks").len(), 0, "it takes nothing any more");
        let again = new.take().await.expect("takes");
        assert_eq!(again.iter().map(|row| row.id).collect::<Vec<_>>(), [row.id]);
    }
    assert_eq!(new.settled(&row).await.expect("reads"), [Recipient::accepted("b@x.example")]);
    let held = store.read(|tx| tx.holds().get(&Channel::Email)).await.expect("reads");
    assert_eq!(held, None);
    assert!(!old.deliver(&list, &row, &CancellationToken::new()).await.expect("stored"), "nor does it send");
}

fn watchlist() -> Watchlist {
    Watchlist::new(crate::model::Inventory::default(), crate::watchlist::routes::Routes::default())
}

/// What is still to come by a clock that was set back since, nobody can be asked about; and other messages ask nobody.
#[tokio::test]
async fn the_gate_is_asked_of_no_time_to_come_and_for_reports_alone() {
    use crate::model::report::{Occasion, Order};
    let asked = Arc::new(std::sync::Mutex::new(Vec::new()));
    let hearing = asked.clone();
    let gate: AskGate = Arc::new(move |period| {
        hearing.lock().expect("a lock").push(period);
        Box::pin(async { Ok(None) })
    });
    let (_dir, store, clock) = with_a_notice().await;
    let (worker, _kept) = worker(&store, &clock);
    let proof = worker.take().await.expect("takes").pop().expect("it waits");
    let at = |hour: i64| clock.now() + TimeDelta::hours(hour);
    let report = |since, until| {
        let order = Order { owner: None, since, until, occasion: Occasion::Asked, before: None };
        NoticeRow { body: NoticeBody::Report { order }, ..proof.clone() }
    };
    for row in [proof.clone(), report(at(-2), at(-1)), report(at(-2), at(3)), report(at(2), at(3))] {
        report::gate_part(&gate, &row, clock.now()).await.expect("asks");
    }
    assert_eq!(*asked.lock().expect("a lock"), [(at(-2), at(-1)), (at(-2), at(0)), (at(0), at(0))]);
}
