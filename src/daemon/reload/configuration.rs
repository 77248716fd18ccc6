//! Configuration and inventory, read again and put in force as one.

use std::sync::Arc;
use std::time::Duration;

use super::answer::{Configured, Reload, Reread};
use super::inventory::{compiled, reviewed, tell};
use super::plan::{Before, OnDisk, Plan, plan};
use crate::cases;
use crate::config::{
    AlertSettings, ChangedChannels, ChangelogMode, Restart, Settings, adopt, changed_channels, changed_keys, load,
};
use crate::daemon::engine::Engine;
use crate::daemon::gate_process;
use crate::daemon::manager;
use crate::delivery::channel::Channels;
use crate::model::Channel;
use crate::model::health::HealthIssue;
use crate::model::{Inventory, causes};
use crate::registry::http_client;
use crate::store::{StoreError, Tx};
use crate::upstream::HttpClient;
use crate::watchlist::Watchlist;
use crate::watchlist::routes::Routes;

/// Files that somebody is writing just now are read again after this long, until two readings are alike.
const SETTLE: Duration = Duration::from_millis(100);
/// Readings before it is given up.
const READINGS: usize = 20;

/// Reads both files, and puts in force whatever of them can be. What is unchanged goes on untouched.
///
/// # Errors
/// Of the store. What is wrong with the files is an answer.
pub async fn reload_all(engine: &Engine) -> Result<Reread, StoreError> {
    let _alone = engine.reloads.lock().await;
    manager::reloading().await;
    let outcome = both(engine).await;
    manager::ready().await;
    outcome.as_ref().into_iter().for_each(Reread::log);
    outcome
}

/// What `reload_all` would do. Changes nothing and tells nobody.
///
/// # Errors
/// As `reload_all`.
pub async fn rehearse(engine: &Engine) -> Result<Reread, StoreError> {
    let _alone = engine.reloads.lock().await;
    let prepared = prepare(engine).await?;
    Ok(answer(engine, &prepared.configured, prepared.plan.said))
}

async fn both(engine: &Engine) -> Result<Reread, StoreError> {
    let Prepared { configured, plan, channels, restart } = prepare(engine).await?;
    let Plan { settings, inventory, said } = plan;
    if settings.is_ok() {
        // Of a gate that was started again since nobody hears here: it says itself by what it runs.
        engine.restart.send_replace(restart.into_iter().filter(|key| !key.is_of_gate()).collect());
    }
    let now = engine.settings();
    let new = settings.ok().filter(|new| *new != *now).zip(channels);
    let done = put_in_force(engine, new, inventory).await?;
    match &configured {
        Configured::Applied { .. } => engine.resolve(HealthIssue::ConfigurationBroken).await?,
        Configured::Broken { error } => {
            engine.raise(HealthIssue::ConfigurationBroken, broken(error)).await?;
        }
    }
    tell(engine, &said).await?;
    engine.ring();
    Ok(answer(engine, &configured, done.map_or(said.clone(), |done| said.counting(&done))))
}

/// Nothing but a reload reads the configuration again, so a file that was mended is not seen before.
fn broken(error: &str) -> String {
    format!(
        "{error}; the last good configuration stays in force: once the file is mended, `namewarden reload` puts it in force \
         and ends this"
    )
}

fn answer(engine: &Engine, configured: &Configured, inventory: Reload) -> Reread {
    Reread { file: engine.settings().file.clone(), configuration: configured.clone(), inventory }
}

/// Everything read and judged, and nothing in force yet.
pub(super) struct Prepared {
    configured: Configured,
    pub(super) plan: Plan,
    /// Those of the configuration that was read; `None` where it is broken.
    channels: Option<Channels>,
    restart: Vec<Restart>,
}

pub(super) async fn prepare(engine: &Engine) -> Result<Prepared, StoreError> {
    let (now, in_force) = (engine.settings(), engine.watchlist().inventory);
    let read = startable(&now, settled(&now).await?).await;
    let (http, files) = (engine.http.clone(), OnDisk(engine.listings.clone()));
    let judge = move || judge((&now, &in_force), read, &http, &files);
    tokio::task::spawn_blocking(judge).await.map_err(|_| StoreError::Closed)
}

/// A gate that we start is not ended for one that would not start.
async fn startable(now: &Settings, read: Result<Settings, String>) -> Result<Settings, String> {
    let new = read?;
    if new.gate.with_run && new.gate != now.gate {
        gate_process::check(&new).await?;
    }
    Ok(new)
}

fn judge(
    (now, in_force): (&Settings, &Inventory),
    read: Result<Settings, String>,
    http: &HttpClient,
    files: &OnDisk,
) -> Prepared {
    let (read, channels) = match read.and_then(|new| built(&new, http).map(|channels| (new, channels))) {
        Ok((new, channels)) => (Ok(adopt(now, new)), Some(channels)),
        Err(error) => (Err(error), None),
    };
    let (new, restart) = match read {
        Ok((new, restart)) => (Ok(new), restart),
        Err(error) => (Err(error), Vec::new()),
    };
    let plan = plan(&Before { settings: now, inventory: in_force }, new, files);
    let configured = match &plan.settings {
        Ok(new) => applied(now, new, restart.clone()),
        Err(error) => Configured::Broken { error: error.clone() },
    };
    Prepared { configured, plan, channels, restart }
}

/// Its channels; and whether a start would take the rest.
fn built(new: &Settings, http: &HttpClient) -> Result<Channels, String> {
    http_client(new).map_err(|e| causes::chain(&e))?;
    Channels::build(&new.alert, http.posting()).map_err(|e| causes::chain(&e))
}

/// Off the runtime: reads until two readings are alike, and at once where nothing changed. An editor may be writing.
async fn settled(now: &Arc<Settings>) -> Result<Result<Settings, String>, StoreError> {
    let mut before = read(now).await?;
    for _ in 0..READINGS {
        if before.as_ref().is_ok_and(|read| *read == **now) {
            return Ok(before);
        }
        tokio::time::sleep(SETTLE).await;
        let again = read(now).await?;
        if again == before {
            return Ok(before);
        }
        before = again;
    }
    Ok(Err("the files of the configuration change while they are read; try again when they are whole".to_owned()))
}

async fn read(now: &Arc<Settings>) -> Result<Result<Settings, String>, StoreError> {
    let now = Arc::clone(now);
    let read = move || load(&now.file, &now.environment).map_err(|error| causes::chain(&error));
    tokio::task::spawn_blocking(read).await.map_err(|_| StoreError::Closed)
}

fn applied(now: &Settings, new: &Settings, restart: Vec<Restart>) -> Configured {
    let ChangedChannels { started, ended, changed } = changed_channels(&now.alert, &new.alert);
    let feed = |from: &Settings, to: &Settings| {
        let off = |settings: &Settings| settings.feeds.changelog == ChangelogMode::Off;
        (off(from) && !off(to)).then(|| "changelog".to_owned())
    };
    let names = |channels: Vec<Channel>| channels.into_iter().map(|channel| channel.to_string());
    let keys = changed_keys(now, new).into_iter().map(str::to_owned);
    Configured::Applied {
        started: feed(now, new).into_iter().chain(names(started)).collect(),
        ended: feed(new, now).into_iter().chain(names(ended)).collect(),
        changed: names(changed).chain(keys).collect(),
        restart,
        copies: new.loaded.clone(),
    }
}

/// First all of it is swapped, without waiting for anything; then what waits is brought in line. Whoever speaks of the store
/// that cannot be written speaks by the new channels.
async fn put_in_force(
    engine: &Engine,
    new: Option<(Settings, Channels)>,
    inventory: Option<Inventory>,
) -> Result<Option<cases::Baseline>, StoreError> {
    let (before, now) = (engine.watchlist(), engine.settings());
    let alert = new.as_ref().map_or(&now.alert, |(settings, _)| &settings.alert);
    let routes = Routes::configured(alert);
    let compiled = match inventory {
        Some(inventory) => Some(compiled(inventory, routes.clone()).await?),
        None => None,
    };
    let reviews = compiled.is_some();
    let watchlist = compiled.unwrap_or_else(|| before.routed(routes));
    let renewed = swap(engine, new, watchlist);
    let (watchlist, clock) = (engine.watchlist(), engine.clock.clone());
    let reroute = move |tx: &Tx<'_>| cases::rerouted(tx, &watchlist, &renewed, clock.now());
    engine.store.write(reroute).await?;
    engine.to_deliver.notify_waiters();
    if reviews { reviewed(engine, before.inventory).await.map(Some) } else { Ok(None) }
}

/// Gives the channels that are new or have other settings.
fn swap(engine: &Engine, new: Option<(Settings, Channels)>, watchlist: Watchlist) -> Vec<Channel> {
    let every = watchlist.routes.every();
    let Some((settings, channels)) = new else {
        engine.watchlist.send_replace(watchlist);
        return Vec::new();
    };
    let renewed = renewed(&engine.settings().alert, &settings.alert);
    engine.settings.send_replace(Arc::new(settings));
    // Before anybody is routed to a channel, it is there; and whoever sees what is in force sees the other two.
    let next = engine.in_force.borrow().next(channels, every, &renewed);
    engine.watchlist.send_replace(watchlist);
    engine.in_force.send_replace(next);
    renewed
}

fn renewed(now: &AlertSettings, new: &AlertSettings) -> Vec<Channel> {
    let ChangedChannels { started, changed, .. } = changed_channels(now, new);
    [started, changed].concat()
}
