//! What strangers, administrators and operators do.

use std::sync::Arc;
use std::time::Duration;

use namewarden::daemon::{self, Reload, Reread};
use namewarden::model::{Serial, Time};
use namewarden::sim::{Fault, Refusal, Sim};

use super::World;

impl World {
    /// A user registers a name and uploads nothing.
    pub(crate) fn create(&self, name: &str, user: &str) {
        self.act(|world, now| world.create(name, user, now));
    }

    /// A user registers a name with a first release 0.1.
    pub(crate) fn register(&self, name: &str, user: &str) {
        self.upload(name, "0.1", user);
    }

    /// A release; registers the name first when it is free.
    pub(crate) fn upload(&self, name: &str, version: &str, user: &str) {
        self.act(|world, now| world.upload(name, version, "a helper", user, now));
    }

    pub(crate) fn remove(&self, name: &str) {
        self.act(|world, now| world.remove(name, now));
    }

    /// Any act of the simulated PyPI, now.
    pub(crate) fn act(&self, act: impl FnOnce(&mut namewarden::sim::World, Time) -> Result<Serial, Refusal>) -> Serial {
        act(&mut self.sim.world(), Sim::now()).unwrap_or_else(|refusal| panic!("{refusal}"))
    }

    pub(crate) fn start(&self, fault: Fault) {
        self.sim.faults().start(fault);
    }

    pub(crate) fn end(&self, fault: Fault) {
        self.sim.faults().stop(fault);
    }

    /// Time passes, here and at PyPI.
    pub(crate) fn pass(&self, by: chrono::TimeDelta) {
        self.sim.date_ahead(by);
        self.clock.advance(by);
    }

    /// The daemon's clock jumps; what it already waits for in real time is not hurried.
    pub(crate) fn hours_pass(&self, hours: i64) {
        self.pass(chrono::TimeDelta::hours(hours));
        self.engine().ring();
    }

    pub(crate) fn minutes_pass(&self, minutes: i64) {
        self.pass(chrono::TimeDelta::minutes(minutes));
        self.engine().ring();
    }

    /// The operator writes the inventory and asks for it to be read.
    pub(crate) async fn reload(&self, inventory: &str) -> Reload {
        self.write("inventory.toml", inventory);
        daemon::reload(self.engine(), false).await.expect("the store works")
    }

    /// The configuration as it is on disk.
    pub(crate) fn config(&self) -> String {
        std::fs::read_to_string(self.dir().join("namewarden.toml")).expect("reads")
    }

    /// The operator asks for both files to be read.
    pub(crate) async fn reload_all(&self) -> Reread {
        daemon::reload_all(self.engine()).await.expect("the store works")
    }

    /// The operator writes the configuration and asks for it to be read.
    pub(crate) async fn reconfigure(&self, config: &str) -> Reread {
        self.write("namewarden.toml", config);
        self.reload_all().await
    }

    /// Waits until this much time has really passed, for what must *not* happen in it.
    pub(crate) async fn real_time(&self, wait: Duration) {
        tokio::time::sleep(wait).await;
    }

    /// A round of the watchdog, which would come by itself within half a minute.
    pub(crate) async fn watchdog_round(&self) {
        let engine = Arc::clone(self.engine());
        let (watchlist, alert, now) = (engine.watchlist(), engine.settings().alert.clone(), self.clock.now());
        engine
            .store
            .write(move |tx| namewarden::schedule::round(tx, &watchlist, &alert, now))
            .await
            .expect("the store works");
        engine.ring();
    }
}
