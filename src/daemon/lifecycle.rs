//! Signals, and the end: every task is tracked, and one that ends by itself ends the process with a failure.

use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::engine::Engine;
use super::error::WorkerError;
use super::heartbeat;
use super::heartbeat::Heartbeats;
use super::manager;
use crate::delivery::channel;
use crate::model::Channel;

/// Delivery workers may go on this long after the signal to stop. An attempt that may be broken off ends at once; a mail server
/// may think for ten minutes about a message it was given whole (RFC 5321, 4.5.3.2.6), and it would be given twice.
/// `TimeoutStopSec=` of the unit is longer.
const DRAIN: Duration = Duration::from_secs(660);

/// They may wait this long for a store that cannot be used: a lock passes, a full disk does not.
const DRAIN_STORE: Duration = Duration::from_secs(10);

/// A worker by name, as it ended.
pub(super) type Ended = (String, Result<(), WorkerError>);

/// Feeds stop at once; delivery workers finish what they have.
pub(super) struct Crew {
    pub(super) tasks: JoinSet<Ended>,
    pub(super) soft: CancellationToken,
    pub(super) hard: CancellationToken,
    beats: Heartbeats,
}

impl Crew {
    pub(super) fn new(beats: Heartbeats) -> Self {
        Self { tasks: JoinSet::new(), soft: CancellationToken::new(), hard: CancellationToken::new(), beats }
    }

    /// Starts a worker that is dropped at the first signal; all it does is durable or repeated. `longest` is the time
    /// limit of what it awaits in one piece, beside the store.
    pub(super) fn feed(
        &mut self,
        name: &str,
        longest: Duration,
        work: impl Future<Output = Result<(), WorkerError>> + Send + 'static,
    ) {
        self.start(name.to_owned(), longest, self.soft.clone(), work);
    }

    /// Starts a worker that is dropped only at the second signal or when the drain takes too long.
    pub(super) fn worker(
        &mut self,
        channel: &Channel,
        work: impl Future<Output = Result<(), WorkerError>> + Send + 'static,
    ) {
        self.start(format!("delivery {channel}"), channel::LONGEST, self.hard.clone(), work);
    }

    fn start(
        &mut self,
        name: String,
        longest: Duration,
        stop: CancellationToken,
        work: impl Future<Output = Result<(), WorkerError>> + Send + 'static,
    ) {
        let beats = self.beats.clone();
        self.tasks.spawn(async move {
            let watched = beats.watch(&name, heartbeat::STILL + longest, work);
            let ended = stop.run_until_cancelled(watched).await.unwrap_or(Ok(()));
            (name, ended)
        });
    }
}

/// The signals that end the watch, and the one that reads the inventory again.
struct Signals {
    term: Signal,
    int: Signal,
    hup: Signal,
}

impl Signals {
    fn listen() -> Result<Self, WorkerError> {
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
pub(super) async fn watch_over(engine: Arc<Engine>, mut crew: Crew) -> Result<(), WorkerError> {
    let signals = Signals::listen()?;
    manager::ready().await;
    let run = async {
        let mut signals = signals;
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

async fn work(engine: &Engine, crew: &mut Crew, signals: &mut Signals) -> Result<(), WorkerError> {
    loop {
        tokio::select! {
            _ = signals.term.recv() => return Ok(()),
            _ = signals.int.recv() => return Ok(()),
            // Asked from inside the process, which is how the tests of the daemon end it.
            () = engine.stopping.cancelled() => return Ok(()),
            _ = signals.hup.recv() => engine.to_reload.notify_one(),
            // Told to stop from inside, a delivery worker may be quicker than this loop.
            ended = crew.tasks.join_next() => match ended {
                Some(Ok((_, Ok(())))) if engine.stopping.is_cancelled() => return Ok(()),
                ended => return Err(premature(ended)),
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

fn premature(ended: Option<Result<Ended, tokio::task::JoinError>>) -> WorkerError {
    match ended {
        Some(Ok((worker, Err(error)))) => WorkerError::Failed { worker, source: Box::new(error) },
        Some(Ok((worker, Ok(())))) => WorkerError::Ended { worker },
        Some(Err(error)) => WorkerError::Panicked(error),
        None => WorkerError::Ended { worker: "every worker".to_owned() },
    }
}
