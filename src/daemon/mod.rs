//! The boot sequence, top to bottom, and the workers it starts.

mod at_gate;
mod bearing;
mod claims;
mod control;
mod crew;
mod engine;
mod error;
mod feed;
mod gate_part;
mod gate_process;
mod heartbeat;
mod lifecycle;
mod look_ups;
mod manager;
pub mod notify;
mod outage;
mod reload;
mod requests;
mod reviews;
mod timekeeper;
mod unwell;
mod web;
mod workers;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, Notify, watch};
use tokio_util::sync::CancellationToken;

use crate::api::listings::Listings;
use crate::clock::Clock;
use crate::config::Settings;
use crate::delivery::InForce;
use crate::delivery::channel::Channels;
use crate::model::health::HealthIssue;
use crate::registry::http_client;
use crate::registry::pypi::{INDEX_PATIENCE, Pypi};
use crate::socket::Socket;
use crate::store::{Home, Store, StoreError, Troubles};
use crate::upstream::HttpClient;
use crate::watchlist::routes::Routes;
pub use bearing::clock_off;
pub use engine::Engine;
pub use error::{BootError, WorkerError};
pub use feed::index;
pub use reload::{Configured, Reload, Reread, rehearse, reload, reload_all};
pub use requests::{run as run_errands, service};
pub use timekeeper::Timekeeper;

/// Builds everything from the settings: store, inventory, clients, channels. Nothing runs yet.
pub async fn boot(settings: Settings, clock: Clock) -> Result<Arc<Engine>, BootError> {
    let http = http_client(&settings)?;
    let clock = clock.steady();
    let every = Routes::configured(&settings.alert).every();
    let in_force = InForce::at_start(Channels::build(&settings.alert, http.posting())?, every);
    let (channels, troubles) = (Arc::clone(&in_force.channels), Troubles::by(clock.clone()));
    let mut outage = outage::Outage::new(clock.clone(), troubles.clone());
    // A disk that is full at the start is waited for like one that is full later, and told.
    let opened = tokio::select! {
        opened = open(settings.clone(), clock, http, in_force, &troubles) => opened,
        never = outage.follow(|| outage::Address::at_start(&settings, &channels)) => match never {},
        never = manager::keep_waiting(&troubles) => match never {},
        never = control::while_waiting(&settings.control.socket, &troubles) => match never {},
    };
    let engine = opened?;
    engine.outage.lock().await.replace(outage);
    Ok(engine)
}

async fn open(
    settings: Settings,
    clock: Clock,
    http: HttpClient,
    in_force: InForce,
    troubles: &Troubles,
) -> Result<Arc<Engine>, BootError> {
    let store = Store::open_patiently(home(&settings), troubles).await?;
    let (engine, start) = build(settings, clock, http, in_force, store).await?;
    start.must_reach_somebody()?;
    Ok(reload::admit((engine, start)).await?)
}

/// The same for a verb: it has an error at once instead of waiting, and what it would send waits in the outbox for the
/// daemon, so no secret is needed. The store has to be there.
pub async fn boot_mute(settings: Settings, clock: Clock) -> Result<Arc<Engine>, BootError> {
    let (http, home) = (http_client(&settings)?, home(&settings));
    let store = off_the_runtime(move || Store::open_known(home)).await?;
    Ok(reload::admit(build(settings, clock, http, InForce::default(), store).await?).await?)
}

/// The same for a verb that only asks: nothing changes.
pub async fn boot_to_read(settings: Settings, clock: Clock) -> Result<Arc<Engine>, BootError> {
    let (http, home) = (http_client(&settings)?, home(&settings));
    let store = off_the_runtime(move || Store::open_to_read(home)).await?;
    Ok(build(settings, clock, http, InForce::default(), store).await?.0)
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
    in_force: InForce,
    store: Store,
) -> Result<(Arc<Engine>, reload::Start), BootError> {
    let pypi = Pypi::new(&settings.pypi.base, http.clone(), clock.clone())?;
    let (settings, listings) = (Arc::new(settings), Listings::default());
    let start = reload::start(&settings, &store, &listings).await?;
    let baselined = store
        .read(|tx| tx.cursors_of(crate::model::Registry::Pypi).get::<index::LastApplied>(index::CURSOR))
        .await?
        .is_some();
    let engine = Engine {
        settings: watch::Sender::new(settings),
        restart: watch::Sender::default(),
        store,
        clock,
        pypi,
        http,
        in_force: watch::Sender::new(in_force),
        watchlist: watch::Sender::new(start.watchlist.clone()),
        file_at_start: start.file.clone(),
        beats: heartbeat::Heartbeats::default(),
        to_look_up: Notify::new(),
        to_deliver: Arc::default(),
        to_claim: Arc::default(),
        to_reload: Notify::new(),
        to_index: Notify::new(),
        baselined: watch::Sender::new(baselined),
        reloads: Mutex::new(()),
        stopping: CancellationToken::new(),
        passing: Mutex::new(()),
        outage: Mutex::default(),
        listings,
        gate_down: watch::Sender::default(),
        web: watch::Sender::default(),
    };
    Ok((Arc::new(engine), start))
}

/// Starts the workers and runs until a signal. Every worker is on this list.
pub async fn run(engine: Arc<Engine>) -> Result<(), WorkerError> {
    // Before there is a socket: whoever finds that may ask it to end.
    let signals = lifecycle::Signals::listen()?;
    let keeper = Timekeeper::start(&engine.store, &engine.clock, &engine.watchlist()).await?;
    let mut crew = crew::Crew::new(engine.beats.clone());
    let socket = Socket::bind(&engine.settings().control.socket).await?;
    let (service, queue) = service(&engine, true);
    // What each may wait for in one piece: a request, of the index the longest.
    let (store, request) = (Duration::ZERO, engine.settings().http.timeout);
    let body = request * INDEX_PATIENCE;
    crew.feed("requests", body, requests::run(Arc::clone(&engine), queue));
    match engine.settings().web.listen {
        Some(address) => crew.feed("web", store, web::run(Arc::clone(&engine), address, service.clone())),
        // Whoever took the web out of the configuration has answered what was said of it.
        None => engine.resolve(HealthIssue::WebClosed).await?,
    }
    crew.feed("control", store, control::run(socket, service));
    crew.feed("outage", store, workers::outage(Arc::clone(&engine)));
    crew.feed("clock", store, timekeeper::run(Arc::clone(&engine), keeper));
    feed::always(&engine).into_iter().for_each(|(name, longest, work)| crew.feed(name, longest, work));
    crew.feed("look-ups", request, look_ups::look_ups(Arc::clone(&engine)));
    crew.feed("look-alikes", request, workers::look_alikes(Arc::clone(&engine)));
    crew.feed("maintenance", store, workers::maintenance(Arc::clone(&engine)));
    crew.feed("claims", request, claims::run(Arc::clone(&engine)));
    crew.feed("gate", request, reviews::run(Arc::clone(&engine)));
    crew.ending("gate process", gate_process::GRACE, gate_process::run(Arc::clone(&engine)));
    crew.feed("inventory", store, workers::inventory(Arc::clone(&engine)));
    // The changelog and the channels: as the configuration says, now and after each reload.
    crew.follow(&engine);
    let ended = lifecycle::watch_over(Arc::clone(&engine), crew, signals).await;
    timekeeper::leave(&engine).await;
    ended
}
