//! The boot sequence, top to bottom, and the workers it starts.

mod control;
mod engine;
mod error;
mod feed;
mod heartbeat;
mod lifecycle;
mod manager;
mod outage;
mod reload;
mod requests;
mod timekeeper;
mod workers;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, Notify, watch};
use tokio_util::sync::CancellationToken;

use crate::api::socket::Socket;
use crate::cases;
use crate::clock::Clock;
use crate::config::{ChangelogMode, Settings};
use crate::delivery::channel::Channels;
use crate::registry::http_client;
use crate::registry::pypi::{INDEX_PATIENCE, Pypi};
use crate::store::{Home, Store, StoreError, Troubles};
use crate::upstream::HttpClient;
pub use engine::Engine;
pub use error::{BootError, WorkerError};
pub use feed::index;
pub use reload::{Reload, reload};
pub use requests::{run as run_errands, service};
pub use timekeeper::Timekeeper;

/// Builds everything from the settings: store, inventory, clients, channels. Nothing runs yet.
pub async fn boot(settings: Settings, clock: Clock) -> Result<Arc<Engine>, BootError> {
    let http = http_client(&settings)?;
    let clock = clock.steady();
    let (channels, troubles) = (Arc::new(Channels::build(&settings.alert, http.posting())?), Troubles::default());
    let mut outage = outage::Outage::new(clock.clone(), Arc::clone(&channels), troubles.clone(), settings.origin());
    // A disk that is full at the start is waited for like one that is full later, and told.
    let opened = tokio::select! {
        opened = open(settings.clone(), clock, http, channels, &troubles) => opened,
        never = outage.follow(|| outage::Address::at_start(&settings)) => match never {},
        never = manager::keep_waiting(&troubles) => match never {},
    };
    let engine = opened?;
    engine.outage.lock().await.replace(outage);
    Ok(engine)
}

async fn open(
    settings: Settings,
    clock: Clock,
    http: HttpClient,
    channels: Arc<Channels>,
    troubles: &Troubles,
) -> Result<Arc<Engine>, BootError> {
    let store = Store::open_patiently(home(&settings), troubles).await?;
    let (engine, start) = build(settings, clock, http, channels, store).await?;
    start.must_reach_somebody()?;
    admit((engine, start)).await
}

/// The same for a verb: it has an error at once instead of waiting, and what it would send waits in the outbox for the
/// daemon, so no secret is needed. The store has to be there.
pub async fn boot_mute(settings: Settings, clock: Clock) -> Result<Arc<Engine>, BootError> {
    let (http, home) = (http_client(&settings)?, home(&settings));
    let store = off_the_runtime(move || Store::open_known(home)).await?;
    admit(build(settings, clock, http, Arc::default(), store).await?).await
}

/// The same for a verb that only asks: nothing changes.
pub async fn boot_to_read(settings: Settings, clock: Clock) -> Result<Arc<Engine>, BootError> {
    let (http, home) = (http_client(&settings)?, home(&settings));
    let store = off_the_runtime(move || Store::open_to_read(home)).await?;
    Ok(build(settings, clock, http, Arc::default(), store).await?.0)
}

/// Where the store of these settings lives, and where it is remembered.
pub fn home(settings: &Settings) -> Home {
    Home { dir: settings.state_dir.clone(), witness: settings.witness.clone() }
}

/// Opening a store may read all of it.
async fn off_the_runtime<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| StoreError::Closed)?
}

/// Everything, and what is to be done about the inventory before anything else. Only reads.
async fn build(
    settings: Settings,
    clock: Clock,
    http: HttpClient,
    channels: Arc<Channels>,
    store: Store,
) -> Result<(Arc<Engine>, reload::Start), BootError> {
    let pypi = Pypi::new(&settings.pypi.base, http, clock.clone())?;
    let start = reload::start(&settings, &store).await?;
    let baselined = store
        .read(|tx| tx.cursors_of(crate::model::Registry::Pypi).get::<index::Applied>(index::CURSOR))
        .await?
        .is_some();
    let engine = Engine {
        settings,
        store,
        clock,
        pypi,
        channels,
        watchlist: watch::Sender::new(start.watchlist.clone()),
        beats: heartbeat::Heartbeats::default(),
        to_look_up: Notify::new(),
        to_deliver: Notify::new(),
        to_reload: Notify::new(),
        to_index: Notify::new(),
        baselined: watch::Sender::new(baselined),
        reloads: Mutex::new(()),
        stopping: CancellationToken::new(),
        passing: Mutex::new(()),
        outage: Mutex::default(),
    };
    Ok((Arc::new(engine), start))
}

/// Takes over from the process before: its leases, and the inventory that it left.
async fn admit((engine, start): (Arc<Engine>, reload::Start)) -> Result<Arc<Engine>, BootError> {
    engine.store.write(|tx| tx.notices().free_leases()).await?;
    if let Some(before) = start.before {
        reload::admit(&engine, Arc::new(before)).await?;
    }
    // The configuration may have other channels than it had, whatever the inventory.
    let (watchlist, now) = (engine.watchlist(), engine.clock.now());
    engine.store.write(move |tx| cases::hand_over(tx, &watchlist, now)).await?;
    match start.issue {
        Some((issue, detail)) => drop(engine.raise(issue, detail).await?),
        None => {
            engine.resolve(crate::model::health::HealthIssue::InventoryBroken).await?;
            engine.resolve(crate::model::health::HealthIssue::InventoryHeld).await?;
        }
    }
    Ok(engine)
}

/// Starts the workers and runs until a signal. Every worker is on this list.
pub async fn run(engine: Arc<Engine>) -> Result<(), WorkerError> {
    let keeper = Timekeeper::start(&engine.store, &engine.clock, &engine.watchlist()).await?;
    let mut crew = lifecycle::Crew::new(engine.beats.clone());
    let socket = Socket::bind(&engine.settings.control.socket).await?;
    let (service, queue) = service(&engine, true);
    let handed = engine.outage.lock().await.take();
    // What each may wait for in one piece: a request, of the index the longest.
    let (store, request) = (Duration::ZERO, engine.settings.http.timeout);
    let body = request * INDEX_PATIENCE;
    crew.feed("requests", body, requests::run(Arc::clone(&engine), queue));
    crew.feed("control", store, control::run(socket, service));
    crew.feed("outage", store, outage::run(handed, engine.watchlist.subscribe()));
    crew.feed("clock", store, timekeeper::run(Arc::clone(&engine), keeper));
    crew.feed("index", body, feed::run::<feed::Index>(Arc::clone(&engine)));
    crew.feed("rss", request, feed::run::<feed::Rss>(Arc::clone(&engine)));
    if engine.settings.feeds.changelog != ChangelogMode::Off {
        crew.feed("changelog", request, feed::run::<feed::Changelog>(Arc::clone(&engine)));
    }
    crew.feed("look-ups", request, workers::look_ups(Arc::clone(&engine)));
    crew.feed("look-alikes", request, workers::look_alikes(Arc::clone(&engine)));
    crew.feed("maintenance", store, workers::maintenance(Arc::clone(&engine)));
    crew.feed("inventory", store, workers::inventory(Arc::clone(&engine)));
    for channel in engine.watchlist().routes.every() {
        crew.worker(&channel, workers::worker(Arc::clone(&engine), channel.clone()));
    }
    let ended = lifecycle::watch_over(Arc::clone(&engine), crew).await;
    timekeeper::leave(&engine).await;
    ended
}
