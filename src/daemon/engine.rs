//! What every worker shares: the store, PyPI, the channels, the lookout in force, and the bells that wake others.

use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::{Notify, watch};

use super::heartbeat::Heartbeats;
use crate::clock::Clock;
use crate::config::Settings;
use crate::failpoint;
use crate::model::health::Ailment;
use crate::pipeline::{self, Applied, Batch, Lookout};
use crate::respond::alert::Channels;
use crate::store::{Store, StoreError};
use crate::upstream::Pypi;

/// Everything a worker needs; shared by reference.
pub struct Engine {
    pub settings: Settings,
    pub store: Store,
    pub clock: Clock,
    pub pypi: Pypi,
    pub channels: Channels,
    pub lookout: watch::Sender<Lookout>,
    pub beats: Heartbeats,
    /// Rung when findings may wait for a look-up.
    pub to_triage: Notify,
    /// Rung when notices may be due.
    pub to_deliver: Notify,
    /// Rung when the inventory is to be read again.
    pub to_reload: Notify,
    /// Rung when there is a baseline, for the feeds that wait for it.
    pub baselined: watch::Sender<bool>,
}

impl Engine {
    /// The lookout in force now.
    pub fn lookout(&self) -> Lookout {
        self.lookout.borrow().clone()
    }

    /// Stores a batch and wakes whoever has work from it.
    pub async fn apply(&self, batch: Batch) -> Result<Applied, StoreError> {
        failpoint::hit(failpoint::Step::Fetched);
        let (lookout, now) = (self.lookout(), self.clock.now());
        let applied = self.store.write(move |tx| pipeline::apply(tx, &lookout, &batch, now)).await?;
        failpoint::hit(failpoint::Step::Committed);
        self.ring();
        Ok(applied)
    }

    /// Opens or keeps a health case.
    pub async fn ail(&self, ailment: Ailment, detail: String) -> Result<(), StoreError> {
        let (lookout, now) = (self.lookout(), self.clock.now());
        let new = self.store.write(move |tx| pipeline::raise_health(tx, &lookout, &ailment, &detail, now)).await?;
        if new {
            self.to_deliver.notify_waiters();
        }
        Ok(())
    }

    /// Ends a health case, if it is open.
    pub async fn heal(&self, ailment: Ailment) -> Result<(), StoreError> {
        let known = ailment.clone();
        if self.store.read(move |tx| tx.health().open(&known)).await?.is_none() {
            return Ok(());
        }
        let (lookout, now) = (self.lookout(), self.clock.now());
        self.store.write(move |tx| pipeline::clear_health(tx, &lookout, &ailment, now)).await?;
        self.to_deliver.notify_waiters();
        Ok(())
    }

    /// Wakes triage and the couriers.
    pub fn ring(&self) {
        self.to_triage.notify_waiters();
        self.to_deliver.notify_waiters();
    }

    /// Waits until the first baseline is stored.
    pub async fn baseline(&self) {
        let mut baselined = self.baselined.subscribe();
        // The sender lives as long as the engine.
        let _ = baselined.wait_for(|done| *done).await;
    }

    /// Where the index is spooled.
    pub fn spool(&self) -> PathBuf {
        self.store.state_dir().join("index.json")
    }

    /// How long a feed may fail before it counts as blind.
    pub fn patience(every: Duration) -> chrono::TimeDelta {
        let patience = (every * 3).max(Duration::from_secs(120));
        chrono::TimeDelta::from_std(patience).unwrap_or(chrono::TimeDelta::hours(1))
    }
}
