//! The workers behind the feeds: look-ups, couriers, the watchdog's rounds, the inventory.

use std::sync::Arc;
use std::time::Duration;

use super::engine::Engine;
use super::{WorkerError, reload};
use crate::model::notice::Channel;
use crate::respond::Courier;
use crate::{triage, watchdog};

/// Nothing waits longer than this for a bell that was missed.
const AT_LEAST: Duration = Duration::from_secs(5);
/// Rounds of the watchdog.
const ROUNDS: Duration = Duration::from_secs(30);
/// The inventory file is looked at this often.
const LOOK_AT_FILE: Duration = Duration::from_secs(3);

/// Looks up who holds a project, as findings ask for it.
pub(super) async fn triage(engine: Arc<Engine>) -> Result<(), WorkerError> {
    loop {
        let bell = engine.to_triage.notified();
        let lookout = engine.lookout();
        let looked = triage::round(&engine.store, &engine.pypi, &lookout, &engine.clock).await?;
        if looked > 0 {
            engine.to_deliver.notify_waiters();
            continue;
        }
        // A bell that does not ring in time is no error.
        let _ = tokio::time::timeout(AT_LEAST, bell).await;
    }
}

/// Delivers one channel's notices.
pub(super) async fn courier(engine: Arc<Engine>, channel: Channel) -> Result<(), WorkerError> {
    let courier = Courier {
        store: engine.store.clone(),
        clock: engine.clock.clone(),
        channel,
        pages: engine.settings.pypi.base.clone(),
    };
    loop {
        let bell = engine.to_deliver.notified();
        let lookout = engine.lookout();
        let round = courier.round(&engine.channels, &lookout).await?;
        let due = round.next.is_some_and(|next| next <= engine.clock.now());
        if engine.stopping.is_cancelled() && !due {
            return Ok(());
        }
        let until = round.next.map(|next| (next - engine.clock.now()).to_std().unwrap_or_default());
        let wait = until.map_or(AT_LEAST, |wait| wait.clamp(Duration::from_millis(20), AT_LEAST));
        let _ = tokio::time::timeout(wait, bell).await;
    }
}

/// Undelivered notices, escalations, the daily work.
pub(super) async fn rounds(engine: Arc<Engine>) -> Result<(), WorkerError> {
    engine.wait_for_baseline().await;
    loop {
        let (lookout, alert, now) = (engine.lookout(), engine.settings.alert.clone(), engine.clock.now());
        let rounds = engine.store.write(move |tx| watchdog::round(tx, &lookout, &alert, now)).await?;
        if rounds.notices > 0 {
            engine.to_deliver.notify_waiters();
        }
        if rounds.daily {
            while engine.store.write(move |tx| tx.retire(now)).await? > 0 {}
        }
        // Whoever wants to hear of a stuck message within seconds is not served by a look every half minute.
        engine.rest(ROUNDS.min(engine.settings.alert.undelivered_after)).await;
    }
}

/// Reads the inventory again when it changed, or when asked.
pub(super) async fn inventory(engine: Arc<Engine>) -> Result<(), WorkerError> {
    engine.wait_for_baseline().await;
    let mut watcher = reload::Watcher::new(&engine);
    loop {
        let asked = tokio::time::timeout(LOOK_AT_FILE, engine.to_reload.notified()).await.is_ok();
        watcher.look(&engine, asked).await?;
    }
}
