//! What the handlers share.

use std::net::SocketAddr;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::State;
use tokio_util::sync::CancellationToken;

use super::caches::{IndexCache, RssCache};
use super::quota::Quota;
use crate::sim::fault::{Fault, Faults};
use crate::sim::log::Log;
use crate::sim::now;
use crate::sim::options::Options;
use crate::sim::world::World;

pub(super) type App = State<Arc<Shared>>;

/// Everything the handlers share.
#[derive(Debug)]
pub(in crate::sim) struct Shared {
    world: Mutex<World>,
    pub(in crate::sim) faults: Faults,
    pub(in crate::sim) log: Log,
    pub(super) options: Options,
    pub(super) address: SocketAddr,
    pub(in crate::sim) base_url: String,
    pub(super) index: IndexCache,
    pub(super) rss: RssCache,
    pub(super) quota: Quota,
    /// What uploads, quotas and tokens go by.
    pub(in crate::sim) clock: now::Clock,
    /// Numbers of identity tokens.
    pub(in crate::sim) identities: AtomicU64,
    pub(super) stop: CancellationToken,
    /// The serial the changelog was asked for last.
    pub(super) last_asked: AtomicU64,
}

impl Shared {
    pub(in crate::sim) fn new(world: World, options: Options, address: SocketAddr, stop: CancellationToken) -> Self {
        Self {
            world: Mutex::new(world),
            faults: Faults::default(),
            log: Log::default(),
            address,
            base_url: format!("http://{address}"),
            index: IndexCache::default(),
            rss: RssCache::default(),
            quota: Quota::new(options.xmlrpc_quota),
            clock: now::Clock::default(),
            identities: AtomicU64::new(0),
            options,
            stop,
            last_asked: AtomicU64::new(0),
        }
    }

    pub(in crate::sim) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns when the simulator stops.
    pub(in crate::sim) async fn stopped(&self) {
        self.stop.cancelled().await;
    }

    pub(super) fn faulty(&self, fault: Fault) -> bool {
        self.faults.active(fault)
    }
}

/// Longer than a name can be, and under a prefix that the tests watch.
pub(super) fn endless_name() -> String {
    format!("zeta-internal-{}", "x".repeat(60_000))
}
