//! Signals, and the end: one worker that ends by itself ends the process with a failure.

use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::crew::Crew;
use super::engine::Engine;
use super::error::WorkerError;
use super::manager;

/// Delivery workers may go on this long after the signal to stop. An attempt that may be broken off ends at once; a mail server
/// may think for ten minutes about a message it was given whole (RFC 5321, 4.5.3.2.6), and it would be given twice.
/// `TimeoutStopSec=` of the unit is longer.
const DRAIN: Duration = Duration::from_secs(660);

/// They may wait this long for a store that cannot be used: a lock passes, a full disk does not.
const DRAIN_STORE: Duration = Duration::from_secs(10);

/// The signals that end the watch, and the one that reads configuration and inventory again.
pub(super) struct Signals {
    term: Signal,
    int: Signal,
    hup: Signal,
}

impl Signals {
    pub(super) fn listen() -> Result<Self, WorkerError> {
        let listen = |kind| signal(kind).map_err(WorkerError::Signals);
        let (term, int) = (listen(SignalKind::terminate())?, listen(SignalKind::interrupt())?);
        Ok(Self { term, int, hup: listen(SignalKind::hangup())? })
    }

    async fn end(&mut self) {
        tokio::select! {
            _ = self.term.recv() => {}
            _ = self.int.recv() => {}
        }
    }
}

/// Runs until a signal, or until a worker ends, which it never should.
pub(super) async fn watch_over(engine: Arc<Engine>, mut crew: Crew, mut signals: Signals) -> Result<(), WorkerError> {
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "namewarden is watching");
    manager::ready().await;
    let run = async {
        let outcome = work(&engine, &mut crew, &mut signals).await;
        manager::stopping().await;
        drain(&engine, &mut crew, &mut signals).await;
        outcome
    };
    // Beside it, not within: who is told how the watch stands must not hold up a signal. Also while it drains.
    tokio::select! {
        outcome = run => outcome,
        () = manager::keep_told(&engine) => Ok(()),
    }
}

async fn work(engine: &Arc<Engine>, crew: &mut Crew, signals: &mut Signals) -> Result<(), WorkerError> {
    // A reload says last which channels are in force.
    let mut in_force = engine.in_force.subscribe();
    loop {
        tokio::select! {
            _ = signals.term.recv() => return Ok(()),
            _ = signals.int.recv() => return Ok(()),
            // Asked from inside the process, which is how the tests of the daemon end it.
            () = engine.stopping.cancelled() => return Ok(()),
            _ = signals.hup.recv() => engine.to_reload.notify_one(),
            _ = in_force.changed() => crew.follow(engine),
            // Told to stop from inside, a delivery worker may be quicker than this loop.
            ended = crew.tasks.join_next() => match ended {
                Some(Ok((_, Ok(())))) if engine.stopping.is_cancelled() => return Ok(()),
                ended => crew.let_go(ended, engine)?,
            },
        }
    }
}

/// A second signal ends it at once.
async fn drain(engine: &Engine, crew: &mut Crew, signals: &mut Signals) {
    tracing::info!("stopping: feeds are dropped, notices in flight are finished");
    engine.stopping.cancel();
    engine.to_deliver.notify_waiters();
    crew.soft.cancel();
    let drained = async { while crew.tasks.join_next().await.is_some() {} };
    tokio::select! {
        () = drained => {}
        () = tokio::time::sleep(DRAIN) => tracing::warn!("notices in flight were cut off; they will be repeated with the same key"),
        () = signals.end() => {}
        () = lose_patience(engine) => {}
    }
    crew.hard.cancel();
}

/// Never ends: whoever waits for the store has an error after a while, and ends by it.
async fn lose_patience(engine: &Engine) {
    tokio::time::sleep(DRAIN_STORE).await;
    engine.store.lose_patience();
    std::future::pending::<()>().await;
}
