//! Signals, systemd, and the end: every task is tracked, and one that ends by itself ends the process with a failure.

use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::WorkerError;
use super::engine::Engine;
use crate::model::FindingState;
use crate::pipeline::account::account;

/// Couriers may go on this long after the signal to stop.
const DRAIN: Duration = Duration::from_secs(20);
/// STATUS= and the watchdog, where systemd asks for none.
const TICK: Duration = Duration::from_secs(10);

/// A worker by name, as it ended.
pub(super) type Ended = (&'static str, Result<(), WorkerError>);

/// Feeds stop at once; couriers finish what they have.
pub(super) struct Crew {
    pub(super) tasks: JoinSet<Ended>,
    pub(super) soft: CancellationToken,
    pub(super) hard: CancellationToken,
}

impl Crew {
    pub(super) fn new() -> Self {
        Self { tasks: JoinSet::new(), soft: CancellationToken::new(), hard: CancellationToken::new() }
    }

    /// Starts a worker that is dropped at the first signal; all it does is durable or repeated.
    pub(super) fn feed(
        &mut self,
        name: &'static str,
        work: impl Future<Output = Result<(), WorkerError>> + Send + 'static,
    ) {
        let stop = self.soft.clone();
        self.tasks.spawn(async move { (name, stop.run_until_cancelled(work).await.unwrap_or(Ok(()))) });
    }

    /// Starts a worker that is dropped only at the second signal or when the drain takes too long.
    pub(super) fn courier(&mut self, work: impl Future<Output = Result<(), WorkerError>> + Send + 'static) {
        let stop = self.hard.clone();
        self.tasks.spawn(async move { ("courier", stop.run_until_cancelled(work).await.unwrap_or(Ok(()))) });
    }
}

/// Runs until a signal, or until a worker ends, which it never should.
pub(super) async fn watch_over(engine: Arc<Engine>, mut crew: Crew) -> Result<(), WorkerError> {
    let failed = |error: std::io::Error| WorkerError::Signals(error);
    let mut term = signal(SignalKind::terminate()).map_err(failed)?;
    let mut int = signal(SignalKind::interrupt()).map_err(failed)?;
    let mut hup = signal(SignalKind::hangup()).map_err(failed)?;
    notify(&[sd_notify::NotifyState::Ready]);
    let every = sd_notify::watchdog_enabled().map_or(TICK, |limit| (limit / 2).min(TICK));
    let mut tick = tokio::time::interval(every);
    let outcome = loop {
        tokio::select! {
            _ = term.recv() => break Ok(()),
            _ = int.recv() => break Ok(()),
            // Asked from inside the process, which is how the tests of the daemon end it.
            () = engine.stopping.cancelled() => break Ok(()),
            _ = hup.recv() => engine.to_reload.notify_one(),
            _ = tick.tick() => alive(&engine).await,
            // Told to stop from inside, a courier may be quicker than this loop.
            ended = crew.tasks.join_next() => match ended {
                Some(Ok((_, Ok(())))) if engine.stopping.is_cancelled() => break Ok(()),
                ended => break Err(premature(ended)),
            },
        }
    };
    notify(&[sd_notify::NotifyState::Stopping]);
    tracing::info!("stopping: feeds are dropped, notices in flight are finished");
    engine.stopping.cancel();
    engine.to_deliver.notify_waiters();
    crew.soft.cancel();
    let drained = async { while crew.tasks.join_next().await.is_some() {} };
    tokio::select! {
        () = drained => {}
        () = tokio::time::sleep(DRAIN) => tracing::warn!("notices in flight were cut off; they will be repeated with the same key"),
        _ = term.recv() => {}
        _ = int.recv() => {}
    }
    crew.hard.cancel();
    outcome
}

fn premature(ended: Option<Result<Ended, tokio::task::JoinError>>) -> WorkerError {
    match ended {
        Some(Ok((worker, Err(error)))) => WorkerError::Failed { worker, source: Box::new(error) },
        Some(Ok((worker, Ok(())))) => WorkerError::Ended { worker },
        Some(Err(error)) => WorkerError::Panicked(error),
        None => WorkerError::Ended { worker: "every worker" },
    }
}

/// Feeds the watchdog while all workers stamp, and says in one sentence how the watch stands.
async fn alive(engine: &Engine) {
    let now = engine.clock.now();
    let late = engine.beats.late(now);
    if !late.is_empty() {
        tracing::error!(?late, "workers are late; the watchdog is not fed");
        return;
    }
    let read = engine.store.read(|tx| Ok((account(tx)?, tx.findings().counts()?, tx.health().all_open()?.len())));
    match read.await {
        Ok((account, counts, ailments)) => {
            let open: u64 =
                counts.iter().filter(|(_, state, _)| state == FindingState::Open.as_str()).map(|(.., n)| n).sum();
            let status = format!("{}; {open} findings open, {ailments} health cases", account.line(now));
            notify(&[sd_notify::NotifyState::Watchdog, sd_notify::NotifyState::Status(&status)]);
        }
        Err(error) => tracing::error!(%error, "the store cannot be read; the watchdog is not fed"),
    }
}

/// Outside systemd there is nobody to tell, and that is no error.
fn notify(states: &[sd_notify::NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "systemd could not be told");
    }
}
