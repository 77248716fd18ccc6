//! What every worker shares: the store, PyPI, the channels, the watchlist in force, and the bells that wake others.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, Notify, watch};
use tokio_util::sync::CancellationToken;

use super::heartbeat::Heartbeats;
use super::outage::Outage;
use crate::api::listings::Listings;
use crate::cases;
use crate::cases::{Batch, Ingested};
use crate::clock::Clock;
use crate::config::{Restart, Settings};
use crate::delivery::InForce;
use crate::failpoint;
use crate::model::health::HealthIssue;
use crate::model::{Feed, Registry};
use crate::registry::pypi::Pypi;
use crate::registry::pypi::mode::ChangelogHealth;
use crate::store::{CHANGELOG_HEALTH, Store, StoreError, Tx};
use crate::upstream::HttpClient;
use crate::watchlist::{Fingerprint, Watchlist};

/// The longest nap: whoever sleeps shows that it is alive (`heartbeat`).
pub(super) const REST: Duration = Duration::from_secs(30);

/// Everything a worker needs; shared by reference.
pub struct Engine {
    /// The configuration in force.
    pub settings: watch::Sender<Arc<Settings>>,
    /// What the configuration says otherwise since the start, and what only a restart brings.
    pub restart: watch::Sender<Vec<Restart>>,
    pub store: Store,
    pub clock: Clock,
    pub pypi: Pypi,
    /// The way out, as it was at the start.
    pub http: HttpClient,
    pub in_force: watch::Sender<InForce>,
    pub watchlist: watch::Sender<Watchlist>,
    /// The inventory's file as it was when the start read it.
    pub(super) file_at_start: Fingerprint,
    pub beats: Heartbeats,
    /// Rung when findings may wait for a look-up.
    pub to_look_up: Notify,
    /// Rung when notices may be due.
    pub to_deliver: Arc<Notify>,
    /// Rung when a claim moved.
    pub to_claim: Arc<Notify>,
    /// Rung when configuration and inventory are to be read again.
    pub to_reload: Notify,
    /// Rung when an index pass is wanted at once.
    pub to_index: Notify,
    /// Set when there is a baseline, for the feeds that wait for it.
    pub baselined: watch::Sender<bool>,
    /// Held by whoever reads configuration or inventory again: one at a time.
    pub reloads: Mutex<()>,
    /// Set by the first signal, or by whoever wants the daemon to end: delivery workers finish what is due and end.
    pub stopping: CancellationToken,
    /// One index pass at a time: a person may ask for one while the worker makes its own.
    pub passing: Mutex<()>,
    /// Tells of a store that cannot be used; handed from the start to the worker.
    pub(super) outage: Mutex<Option<Outage>>,
    /// What lists are made of, between their pages.
    pub listings: Listings,
    /// Why the gate that we start is down, while it is.
    pub(super) gate_down: watch::Sender<Option<String>>,
    /// Where the web listens, once it does.
    pub web: watch::Sender<Option<SocketAddr>>,
}

impl Engine {
    /// The configuration in force now.
    pub fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.settings.borrow())
    }

    /// The watchlist in force now.
    pub fn watchlist(&self) -> Watchlist {
        self.watchlist.borrow().clone()
    }

    /// Stores a batch and wakes whoever has work from it.
    pub async fn apply(&self, batch: Batch) -> Result<Ingested, StoreError> {
        failpoint::hit(failpoint::Step::Fetched);
        // Read on the writer, so that a batch stored after a reload is judged by the new inventory.
        // So is the clock: a store may be waited for longer than a clock stays right.
        let (watchlist, clock) = (self.watchlist.subscribe(), self.clock.clone());
        let apply = move |tx: &Tx<'_>| cases::apply(tx, &watchlist.borrow().clone(), &batch, clock.now());
        let applied = self.store.write(apply).await?;
        failpoint::hit(failpoint::Step::Committed);
        self.ring();
        Ok(applied)
    }

    /// Opens or keeps a health case. True when it is new.
    pub async fn raise(&self, issue: HealthIssue, detail: String) -> Result<bool, StoreError> {
        let (watchlist, clock) = (self.watchlist(), self.clock.clone());
        let raise = move |tx: &Tx<'_>| cases::raise_health(tx, &watchlist, &issue, &detail, clock.now());
        let new = self.store.write(raise).await?;
        if new {
            self.to_deliver.notify_waiters();
        }
        Ok(new)
    }

    /// The same of what is old once the store's troubles have lasted longer than this, and will be seen again if it is still so: where
    /// the store had to be waited for since, it may be over, and that nothing could be stored is told by itself.
    pub(super) async fn raise_seen(
        &self,
        issue: HealthIssue,
        detail: String,
        until: Duration,
    ) -> Result<bool, StoreError> {
        let (watchlist, clock, troubles) = (self.watchlist(), self.clock.clone(), self.store.troubles().clone());
        let raise = move |tx: &Tx<'_>| match troubles.lasted() > until {
            true => Ok(false),
            false => cases::raise_health(tx, &watchlist, &issue, &detail, clock.now()),
        };
        let new = self.store.write(raise).await?;
        if new {
            self.to_deliver.notify_waiters();
        }
        Ok(new)
    }

    /// Ends a health case, if it is open.
    pub async fn resolve(&self, issue: HealthIssue) -> Result<(), StoreError> {
        let known = issue.clone();
        if self.store.read(move |tx| tx.health().open(&known)).await?.is_none() {
            return Ok(());
        }
        let (watchlist, now) = (self.watchlist(), self.clock.now());
        self.store.write(move |tx| cases::clear_health(tx, &watchlist, &issue, now)).await?;
        self.to_deliver.notify_waiters();
        Ok(())
    }

    /// Wakes the look-ups, the delivery workers, and whoever looks after the claims.
    pub fn ring(&self) {
        self.to_look_up.notify_waiters();
        self.to_deliver.notify_waiters();
        self.to_claim.notify_one();
    }

    /// Waits until the first baseline is stored; before it nobody can tell what is new.
    pub async fn wait_for_baseline(&self) {
        let mut baselined = self.baselined.subscribe();
        while !*baselined.borrow_and_update() {
            // The sender lives as long as the engine, and a time-out is only a sign of life.
            let _ = tokio::time::timeout(REST, baselined.changed()).await;
        }
    }

    /// Sleeps, and shows in a long sleep that it would wake up.
    pub async fn rest(&self, wait: Duration) {
        self.rest_until(std::future::pending(), wait).await;
    }

    /// The same, until a bell rings.
    pub async fn rest_until(&self, bell: impl Future<Output = ()>, wait: Duration) {
        let mut left = wait;
        let mut bell = pin!(bell);
        while tokio::time::timeout(left.min(REST), bell.as_mut()).await.is_err() {
            left = left.saturating_sub(REST);
            if left.is_zero() {
                return;
            }
        }
    }

    /// How the changelog stood after the last poll.
    pub async fn changelog_health(&self) -> Result<ChangelogHealth, StoreError> {
        Ok(self.store.read(|tx| tx.cursors_of(Registry::Pypi).get(CHANGELOG_HEALTH)).await?.unwrap_or_default())
    }

    /// Has the changelog given nothing for so long that the index stands in for it until it is back?
    pub(super) async fn changelog_is_blind(&self) -> Result<bool, StoreError> {
        let feed = Feed::Changelog;
        let blind =
            [HealthIssue::FeedBlind { feed }, HealthIssue::SerialWentBack { feed }, HealthIssue::Implausible { feed }];
        self.store
            .read(move |tx| {
                let open = |issue| tx.health().open(issue).map(|case| case.is_some());
                Ok(open(&blind[0])? || open(&blind[1])? || open(&blind[2])?)
            })
            .await
    }

    /// Where the index is spooled.
    pub fn spool(&self) -> PathBuf {
        self.store.scratch("index")
    }
}
