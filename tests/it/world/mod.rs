//! The harness: a world to state, to act on and to look at. `finish` proves that nothing is left over.

mod acts;
mod finish;
mod look;
mod setup;
mod told;
mod web;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use namewarden::clock::Clock;
use namewarden::config::{self, Environment};
use namewarden::daemon::{self, BootError, Engine, WorkerError};
use namewarden::sim::sink::{HttpSink, SmtpSink};
use namewarden::sim::{Options, Order, Sim};
use tokio::task::JoinHandle;

pub(crate) use setup::{INVENTORY, Setup};
pub(crate) use told::{Told, Via};
pub(crate) use web::{Browser, given};

/// How long anything that must happen may take; on a busy machine too.
pub(crate) const PATIENCE: Duration = Duration::from_secs(300);

/// A simulated PyPI, the owners' mailboxes, and the daemon between them.
pub(crate) struct World {
    pub(crate) sim: Sim,
    pub(crate) mail: SmtpSink,
    pub(crate) slack: HttpSink,
    pub(crate) hook: HttpSink,
    /// The daemon's clock; ahead of the real one by what a test advanced it.
    pub(crate) clock: Clock,
    dir: tempfile::TempDir,
    daemon: Option<Daemon>,
    /// Arrived, and not yet expected by the test.
    unread: Vec<Told>,
    /// Keys of what was read, to tell repeats from news.
    read: Vec<Told>,
    repeats_allowed: bool,
    repeats: Vec<Told>,
    /// Text forms of issues the test has asserted.
    issues: Vec<String>,
}

struct Daemon {
    engine: Arc<Engine>,
    running: JoinHandle<Result<(), WorkerError>>,
}

impl World {
    /// A PyPI with ordinary projects, the inventory of `Setup`, and a daemon that has its baseline and has greeted.
    pub(crate) async fn new() -> Self {
        Setup::default().start().await
    }

    async fn stage(setup: &Setup) -> Self {
        let sim = Sim::start(setup.projects().world(Order::default()), Options::default()).await.expect("a port");
        let world = Self {
            sim,
            mail: SmtpSink::start(0).await.expect("a port"),
            slack: HttpSink::start(0).await.expect("a port"),
            hook: HttpSink::start(0).await.expect("a port"),
            clock: Clock::ahead(),
            dir: tempfile::tempdir().expect("a directory"),
            daemon: None,
            unread: Vec::new(),
            read: Vec::new(),
            repeats_allowed: false,
            repeats: Vec::new(),
            issues: Vec::new(),
        };
        setup.write(&world);
        world
    }

    /// The directory of configuration, inventory and state.
    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// The parts of the running daemon.
    pub(crate) fn engine(&self) -> &Arc<Engine> {
        &self.daemon.as_ref().expect("the daemon runs").engine
    }

    /// Boots the daemon over this directory and lets it run.
    pub(crate) async fn boot(&mut self) -> Result<(), BootError> {
        let settings = config::load(&self.dir().join("namewarden.toml"), &Environment::default())
            .unwrap_or_else(|error| panic!("{error}"));
        let engine = daemon::boot(settings, self.clock.clone()).await?;
        let running = spawn(daemon::run(Arc::clone(&engine)));
        self.daemon = Some(Daemon { engine, running });
        Ok(())
    }

    /// Tries to start another daemon over the same directory.
    pub(crate) async fn boot_second(&self) -> Result<(), BootError> {
        let settings = config::load(&self.dir().join("namewarden.toml"), &Environment::default())
            .unwrap_or_else(|error| panic!("{error}"));
        daemon::boot(settings, self.clock.clone()).await.map(drop)
    }

    /// Ends the daemon as a signal would: feeds are dropped, notices in flight are finished.
    pub(crate) async fn stop(&mut self) {
        let Daemon { engine, running } = self.daemon.take().expect("the daemon runs");
        engine.stopping.cancel();
        let ended = running.await.expect("the daemon did not panic");
        ended.unwrap_or_else(|error| panic!("the daemon ended by itself: {error}"));
        alone(engine).await;
    }

    /// Ends the daemon where it stands, as a kill would; only a transaction that has begun is finished.
    pub(crate) async fn kill(&mut self) {
        let Daemon { engine, running } = self.daemon.take().expect("the daemon runs");
        running.abort();
        assert!(running.await.is_err_and(|ended| ended.is_cancelled()), "the daemon ended by itself");
        alone(engine).await;
    }

    pub(crate) async fn restart(&mut self) {
        self.stop().await;
        self.boot().await.unwrap_or_else(|error| panic!("{error}"));
    }

    /// Fails at once when the daemon has ended by itself: waiting on would only hide why.
    pub(crate) async fn assert_alive(&mut self) {
        if self.daemon.as_ref().is_some_and(|daemon| daemon.running.is_finished()) {
            let ended = self.daemon.take().expect("it was there").running.await;
            panic!("the daemon ended by itself: {ended:?}");
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the test stands for the process that runs the daemon")]
fn spawn<T: Send + 'static>(task: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
    tokio::spawn(task)
}

/// The last handle frees the lock on the directory. Tasks that were dropped, as those of a browser's connections, let go at their
/// next turn.
async fn alone(engine: Arc<Engine>) {
    for _ in 0..1000 {
        if Arc::strong_count(&engine) == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(Arc::into_inner(engine).is_some(), "somebody still holds the engine");
}
