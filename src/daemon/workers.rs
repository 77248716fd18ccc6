//! The workers behind the feeds: look-ups, delivery, maintenance, the inventory.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio_util::sync::CancellationToken;

use super::at_gate;
use super::engine::Engine;
use super::error::WorkerError;
use super::gate_part;
use super::outage::Address;
use super::reload;
use crate::cases;
use crate::cases::facts::look_up;
use crate::delivery::DeliveryWorker;
use crate::model::{Channel, Time};
use crate::reports;
use crate::schedule;
use crate::store::{NoticeRow, StoreError, Tx};

/// Nothing waits longer than this for a bell that was missed.
pub(super) const AT_LEAST: Duration = Duration::from_secs(5);
/// Told to stop, a delivery worker starts no attempt after this.
const SOFT: Duration = Duration::from_secs(20);
/// Between two look-ups of look-alikes: PyPI gets 1,800 an hour at most, however many are registered.
const LOOK_ALIKES: Duration = Duration::from_secs(2);
/// The inventory file is looked at this often.
const LOOK_AT_FILE: Duration = Duration::from_secs(3);

/// Looks up who holds look-alikes, one after the other: no number of them takes PyPI's patience, or ours, from a watched
/// name.
pub(super) async fn look_alikes(engine: Arc<Engine>) -> Result<(), WorkerError> {
    loop {
        let bell = engine.to_look_up.notified();
        let watchlist = engine.watchlist();
        if look_up::look_alike(&engine.store, &engine.pypi, &watchlist, &engine.clock).await? {
            engine.to_deliver.notify_waiters();
            engine.rest(LOOK_ALIKES).await;
            continue;
        }
        let _ = tokio::time::timeout(AT_LEAST, bell).await;
    }
}

/// Delivers one channel's notices, several at once where one may take minutes. Told to stop, it goes on for as long as
/// something is due, and after `SOFT` finishes only what a receiver may have already.
///
/// Once the channel is gone or has other settings, it breaks off what nobody can have yet, finishes the rest, and ends.
pub(super) async fn worker(engine: Arc<Engine>, channel: Channel, edition: u32) -> Result<(), WorkerError> {
    let mut in_force = engine.in_force.subscribe();
    let worker = DeliveryWorker {
        store: engine.store.clone(),
        clock: engine.clock.clone(),
        channel,
        edition,
        in_force: in_force.clone(),
        settings: engine.settings.subscribe(),
        gate: gate_part::ask(&engine),
        projects: at_gate::ask(&engine),
    };
    let stop = CancellationToken::new();
    let patience = async {
        engine.stopping.cancelled().await;
        tokio::time::sleep(SOFT).await;
    };
    tokio::pin!(patience);
    let mut under_way = FuturesUnordered::new();
    loop {
        let bell = engine.to_deliver.notified();
        if worker.is_retired() {
            stop.cancel();
            if under_way.is_empty() {
                return Ok(retire(&engine).await?);
            }
        }
        let taken = if stop.is_cancelled() { Vec::new() } else { beside(&mut under_way, worker.take()).await? };
        let idle = taken.is_empty();
        under_way.extend(taken.into_iter().map(|notice| deliver(&engine, &worker, notice, stop.clone())));
        if engine.stopping.is_cancelled() && under_way.is_empty() {
            return Ok(());
        }
        let wait = match stop.is_cancelled() {
            true => AT_LEAST,
            false => pause(beside(&mut under_way, worker.next()).await?, idle, engine.clock.now()),
        };
        tokio::select! {
            Some(delivered) = under_way.next(), if !under_way.is_empty() => drop(delivered?),
            _ = tokio::time::timeout(wait, bell) => {}
            // The sender lives as long as the engine.
            _ = in_force.changed() => {}
            () = &mut patience, if !stop.is_cancelled() => {
                stop.cancel();
                tracing::warn!(
                    channel = %worker.channel,
                    messages = under_way.len(),
                    "stopping: whoever may have a message already has ten minutes to say so; a second signal ends the \
                     waiting, and such a message is repeated with the same key"
                );
            }
        }
    }
}

/// What came back from under way waits where nobody looks any more, or for whoever has the channel now.
async fn retire(engine: &Engine) -> Result<(), StoreError> {
    let (watchlist, clock) = (engine.watchlist.subscribe(), engine.clock.clone());
    let hand_over = move |tx: &Tx<'_>| cases::hand_over(tx, &watchlist.borrow().clone(), clock.now()).map(drop);
    engine.store.write(hand_over).await?;
    engine.to_deliver.notify_waiters();
    Ok(())
}

/// Asks the store while messages go on their way: a store that cannot be used for an hour must not let a receiver that
/// has answered seem silent, which would be asked again.
async fn beside<T>(
    under_way: &mut FuturesUnordered<impl Future<Output = Result<bool, StoreError>>>,
    asked: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    let mut asked = pin!(asked);
    loop {
        tokio::select! {
            answer = asked.as_mut() => return answer,
            Some(delivered) = under_way.next(), if !under_way.is_empty() => drop(delivered?),
        }
    }
}

async fn deliver(
    engine: &Engine,
    worker: &DeliveryWorker,
    notice: NoticeRow,
    stop: CancellationToken,
) -> Result<bool, StoreError> {
    let watchlist = engine.watchlist();
    worker.deliver(&watchlist, &notice, &stop).await
}

/// How long a delivery worker may rest. What is due and could not be taken waits for something that is under way.
fn pause(next: Option<Time>, idle: bool, now: Time) -> Duration {
    let until = next.map(|next| (next - now).to_std().unwrap_or_default());
    let least = if idle { Duration::from_millis(200) } else { Duration::from_millis(20) };
    until.map_or(AT_LEAST, |wait| wait.clamp(least, AT_LEAST))
}

/// Tells of a store that cannot be used, with what was said at the start: whom to tell, and how, is what is in force when
/// there is something to say.
pub(super) async fn outage(engine: Arc<Engine>) -> Result<(), WorkerError> {
    let handed = engine.outage.lock().await.take();
    let Some(mut outage) = handed else { return std::future::pending().await };
    match outage.follow(|| address(&engine)).await {}
}

fn address(engine: &Engine) -> Address {
    let (watchlist, channels) = (engine.watchlist(), Arc::clone(&engine.in_force.borrow().channels));
    Address::of(&watchlist.routes, &watchlist.inventory, channels, engine.settings().origin())
}

/// Undelivered notices, escalations, the daily work.
pub(super) async fn maintenance(engine: Arc<Engine>) -> Result<(), WorkerError> {
    engine.wait_for_baseline().await;
    let mut to_forget = false;
    loop {
        let (watchlist, settings, clock) = (engine.watchlist(), engine.settings(), engine.clock.clone());
        let round = move |tx: &Tx<'_>| {
            // Whoever queued or sent something by the routes of before may have done so after a reload had moved the rest.
            cases::hand_over(tx, &watchlist, clock.now())?;
            let mut done = schedule::round(tx, &watchlist, &settings.alert, clock.now())?;
            done.notices += reports::round(tx, &watchlist, &settings.reports, clock.now())?;
            Ok(done)
        };
        let maintenance = engine.store.write(round).await?;
        if maintenance.notices > 0 {
            engine.to_deliver.notify_waiters();
        }
        to_forget |= maintenance.daily;
        to_forget = to_forget && !forget(&engine).await?;
        engine.rest(schedule::between_rounds(&engine.settings().alert)).await;
    }
}

/// Forgets what is old. False: that waits for a clock that is right.
async fn forget(engine: &Engine) -> Result<bool, StoreError> {
    let now = engine.clock.now();
    loop {
        match engine.store.write(move |tx| schedule::forget(tx, now)).await? {
            None => return Ok(false),
            Some(0) => return Ok(true),
            Some(_) => {}
        }
    }
}

/// Reads the inventory again when it changed, and the configuration too when asked.
pub(super) async fn inventory(engine: Arc<Engine>) -> Result<(), WorkerError> {
    engine.wait_for_baseline().await;
    let mut watcher = reload::Watcher::new(&engine);
    loop {
        let asked = tokio::time::timeout(LOOK_AT_FILE, engine.to_reload.notified()).await.is_ok();
        watcher.look(&engine, asked).await?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn messages_go_on_while_the_store_does_not_answer() {
        let (arrived, arrives) = tokio::sync::oneshot::channel();
        let mut under_way = FuturesUnordered::new();
        under_way.push(async move {
            tokio::task::yield_now().await;
            Ok(arrived.send(()).is_ok())
        });
        let store = async { arrives.await.map_err(|_| StoreError::Closed) };
        let answer = tokio::time::timeout(Duration::from_secs(5), beside(&mut under_way, store)).await;
        assert!(matches!(answer, Ok(Ok(()))), "the message waited for the store: {answer:?}");
    }

    /// Whatever the store says is due next: no rest is so long that a bell which was missed would be, and none so short that an outbox
    /// that cannot be emptied takes a processor.
    #[test]
    fn a_delivery_worker_rests_until_something_is_due_and_never_long() {
        let now: Time = "2026-11-20T12:00:00Z".parse().expect("a time");
        let rows = [
            (None, true, 5_000),
            (Some(-86_400_000), true, 200),
            (Some(0), true, 200),
            (Some(0), false, 20),
            (Some(-5), false, 20),
            (Some(1_500), true, 1_500),
            (Some(1_500), false, 1_500),
            (Some(86_400_000), false, 5_000),
        ];
        for (due, idle, rest) in rows {
            let next = due.map(|due| now + chrono::TimeDelta::milliseconds(due));
            assert_eq!(pause(next, idle, now), Duration::from_millis(rest), "{due:?}");
        }
    }
}
