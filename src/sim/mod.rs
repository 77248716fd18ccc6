//! A PyPI on loopback over a world held in memory: for `demo`, `drill`, `namewarden sim` and every test.
//!
//! A test states a `World`, starts a `Sim` over it, acts on the world, switches faults, and looks at what was asked.
//! The behaviour is `warehouse`'s at commit 6b62157; where it is simpler, the item says so.

mod fault;
mod happening;
mod hex;
mod identity;
mod log;
mod now;
mod options;
mod play;
mod port;
mod scenario;
mod serve;
pub mod sink;
mod stage;
mod task;
mod wheel;
pub mod world;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, MutexGuard};

pub use fault::{Fault, Faults};
pub use happening::Happening;
pub use log::{Endpoint, Log, Request};
pub use options::Options;
pub use play::Refused;
pub use port::free_port;
pub use scenario::{Replay, Scenario, ScenarioError};
pub use stage::{StagedAccount, StagedOrganization, StagedPublisher, StagedToken};
pub use world::{Loader, NameRow, Order, Refusal, World};

use serve::Shared;
use task::spawn;
use tokio_util::sync::CancellationToken;

/// A running simulator. Dropping it closes its port.
#[derive(Debug)]
pub struct Sim {
    shared: Arc<Shared>,
    stop: CancellationToken,
}

impl Sim {
    /// Serves `world` on loopback, from a task of the current runtime.
    ///
    /// # Errors
    /// When the port cannot be bound.
    pub async fn start(world: World, options: Options) -> io::Result<Self> {
        let wanted = SocketAddr::from((Ipv4Addr::LOCALHOST, options.port));
        let listener = tokio::net::TcpListener::bind(wanted).await?;
        let address = listener.local_addr()?;
        let stop = CancellationToken::new();
        let shared = Arc::new(Shared::new(world, options, address, stop.clone()));
        spawn(serve::run(shared.clone(), listener, stop.clone()));
        Ok(Self { shared, stop })
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn base_url(&self) -> &str {
        &self.shared.base_url
    }

    /// The world, locked: answers wait until the guard is dropped, so never hold it over an `await`.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.shared.world()
    }

    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    /// What was asked so far.
    pub fn log(&self) -> &Log {
        &self.shared.log
    }

    /// Holds the clock of uploads, quotas and tokens at this time, until it is held at another.
    pub fn hold_clock(&self, at: crate::model::Time) {
        self.shared.clock.hold(at);
    }

    /// From now on answers are dated so much later than they were.
    pub fn date_ahead(&self, by: chrono::TimeDelta) {
        self.shared.clock.date_ahead(by);
    }

    /// An identity token of the simulator's issuer for a trusted publisher, good for one exchange.
    pub fn identity_token(&self, subject: &str) -> String {
        let number = self.shared.identities.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let key = self.world().policy.identity_key.clone();
        identity::write(&key, subject, self.shared.clock.now(), &number.to_string())
    }

    /// Plays a scenario in real time when awaited or spawned; `names` are what its replay uploads.
    pub fn play(
        &self,
        scenario: Scenario,
        names: Vec<NameRow>,
    ) -> impl Future<Output = Vec<Refused>> + Send + 'static + use<> {
        play::play(self.shared.clone(), scenario, names)
    }

    /// Has this happen at a time of one's own, as long as nothing later has.
    ///
    /// # Errors
    /// When PyPI would not have done it.
    pub fn happen(&self, what: &Happening, at: crate::model::Time) -> Result<(), Refusal> {
        what.play(&mut self.world(), self.faults(), at)
    }

    /// The current second, the time of acts played live.
    pub fn now() -> crate::model::Time {
        now::this_second()
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
