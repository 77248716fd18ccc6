//! The inventory in force: read at the start, again when the file changes, and never lost to a broken file.

use std::sync::Arc;

use super::engine::Engine;
use super::error::BootError;
use super::manager;
use crate::api::v1;
use crate::cases;
use crate::cases::{Baseline, INVENTORY};
use crate::config::{Settings, check_routes};
use crate::model::health::HealthIssue;
use crate::model::{Inventory, causes};
use crate::store::{Store, StoreError};
use crate::watchlist;
use crate::watchlist::Watchlist;
use crate::watchlist::routes::Routes;
use crate::watchlist::{Admission, Fingerprint, Follow, guard};

/// What a reload came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reload {
    Unchanged,
    Applied {
        added: usize,
        removed: usize,
        pre_existing: usize,
    },
    /// The old set stays in force until it is applied by hand.
    Held {
        reasons: Vec<String>,
    },
    /// The last good set stays in force.
    Broken {
        error: String,
    },
}

impl From<Reload> for v1::Reload {
    fn from(of: Reload) -> Self {
        match of {
            Reload::Unchanged => Self::of(v1::Reloaded::Unchanged),
            Reload::Applied { added, removed, pre_existing } => Self {
                added: Some(added),
                removed: Some(removed),
                pre_existing: Some(pre_existing),
                ..Self::of(v1::Reloaded::Applied)
            },
            Reload::Held { reasons } => Self { reasons, ..Self::of(v1::Reloaded::Held) },
            Reload::Broken { error } => Self { error: Some(error), ..Self::of(v1::Reloaded::Broken) },
        }
    }
}

impl Reload {
    fn log(&self) {
        match self {
            Self::Unchanged => tracing::info!("the inventory is unchanged"),
            Self::Applied { added, removed, pre_existing } => {
                tracing::info!(added, removed, pre_existing, "the inventory is in force");
            }
            Self::Held { reasons } => {
                let reasons = reasons.join("; ");
                tracing::warn!(reasons, "the new inventory is held, the old one stays in force");
            }
            Self::Broken { error } => {
                tracing::warn!(error, "the inventory is broken, the last good inventory stays in force");
            }
        }
    }
}

/// Follows the file between polls.
pub(super) struct Watcher {
    follow: Follow,
}

impl Watcher {
    pub(super) fn new(engine: &Engine) -> Self {
        Self { follow: Follow::from(Fingerprint::of(&engine.settings.inventory)) }
    }

    /// Reads the file again when it changed and settled, or when asked.
    pub(super) async fn look(&mut self, engine: &Engine, asked: bool) -> Result<(), StoreError> {
        let changed = self.follow.poll(fingerprint(&engine.settings).await?);
        if asked || changed {
            reload(engine, false).await?;
        }
        Ok(())
    }
}

/// Reads, checks and, unless it removes too much, puts in force. `force` applies it all the same.
pub async fn reload(engine: &Engine, force: bool) -> Result<Reload, StoreError> {
    let _alone = engine.reloads.lock().await;
    manager::reloading().await;
    let outcome = read_again(engine, force).await;
    manager::ready().await;
    outcome.as_ref().into_iter().for_each(Reload::log);
    outcome
}

async fn read_again(engine: &Engine, force: bool) -> Result<Reload, StoreError> {
    let new = match read(&engine.settings).await? {
        Ok(new) => new,
        Err(error) => {
            engine.raise(HealthIssue::InventoryBroken, broken(&error)).await?;
            return Ok(Reload::Broken { error });
        }
    };
    engine.resolve(HealthIssue::InventoryBroken).await?;
    let old = engine.watchlist().inventory;
    let changes = match guard(&old, &new) {
        Admission::Apply(changes) => changes,
        Admission::Hold { changes, .. } if force => changes,
        Admission::Hold { reasons, .. } => {
            let reasons: Vec<String> = reasons.iter().map(ToString::to_string).collect();
            engine.raise(HealthIssue::InventoryHeld, held(&reasons)).await?;
            return Ok(Reload::Held { reasons });
        }
    };
    engine.resolve(HealthIssue::InventoryHeld).await?;
    if changes.is_empty() {
        return Ok(Reload::Unchanged);
    }
    let done = put_in_force(engine, old, new).await?;
    Ok(Reload::Applied { added: changes.added.len(), removed: changes.removed.len(), pre_existing: done.pre_existing })
}

fn broken(error: &str) -> String {
    format!("{error}; the last good inventory stays in force")
}

fn held(reasons: &[String]) -> String {
    format!("{}; the old set stays in force: `namewarden inventory apply --force` applies it", reasons.join("; "))
}

/// Swaps first, then checks the past: whatever is judged after the swap is judged by the new set, and whatever was
/// judged before it is known to the store when the past is checked.
async fn put_in_force(engine: &Engine, old: Arc<Inventory>, new: Inventory) -> Result<Baseline, StoreError> {
    let routes = engine.watchlist().routes;
    let compiled = tokio::task::spawn_blocking(move || Watchlist::new(new, (*routes).clone())).await;
    let watchlist = compiled.map_err(|_| StoreError::Closed)?;
    engine.watchlist.send_replace(watchlist);
    let done = admit(engine, old).await?;
    engine.ring();
    Ok(done)
}

/// Off the runtime: the file may be large, and its disk slow.
async fn read(settings: &Settings) -> Result<Result<Inventory, String>, StoreError> {
    let settings = settings.clone();
    tokio::task::spawn_blocking(move || read_now(&settings)).await.map_err(|_| StoreError::Closed)
}

async fn fingerprint(settings: &Settings) -> Result<Fingerprint, StoreError> {
    let path = settings.inventory.clone();
    tokio::task::spawn_blocking(move || Fingerprint::of(&path)).await.map_err(|_| StoreError::Closed)
}

/// Compares the watchlist in force with the inventory before it. All of PyPI is judged outside of the writer.
pub(super) async fn admit(engine: &Engine, old: Arc<Inventory>) -> Result<Baseline, StoreError> {
    let (watchlist, now) = (engine.watchlist(), engine.clock.now());
    // Whatever was judged by the old set is stored when this returns, and so is part of what is surveyed.
    engine.store.write(|_| Ok(())).await?;
    let (seen, before) = (watchlist.clone(), Arc::clone(&old));
    let survey = engine.store.read(move |tx| cases::survey(tx, &seen, &before)).await?;
    engine.store.write(move |tx| cases::admit(tx, &watchlist, &old, &survey, now)).await
}

/// The file's inventory, when it is whole and every owner in it can be told.
fn read_now(settings: &Settings) -> Result<Inventory, String> {
    let loaded = watchlist::load(&settings.inventory, &settings.alert.default_owner).map_err(|e| causes::chain(&e))?;
    check_routes(settings, &loaded.inventory)
        .map_err(|e| e.placed(&settings.files(), &settings.inventory).to_string())?;
    Ok(loaded.inventory)
}

/// The inventory to start with.
pub(super) struct Start {
    pub(super) watchlist: Watchlist,
    /// The stored one, when there is a baseline and it differs: to be compared with.
    pub(super) before: Option<Inventory>,
    /// What to tell once the engine runs.
    pub(super) issue: Option<(HealthIssue, String)>,
}

/// Reads the file; falls back to the last good set in the store, and refuses only when there is none.
pub(super) async fn start(settings: &Settings, store: &Store) -> Result<Start, BootError> {
    let stored: Option<Inventory> = store.read(|tx| tx.cursors().get(INVENTORY)).await?;
    let (inventory, before, issue) = match (read(settings).await?, stored) {
        (Ok(new), None) => (new, None, None),
        (Ok(new), Some(old)) => match guard(&old, &new) {
            Admission::Apply(_) => (new, Some(old), None),
            Admission::Hold { reasons, .. } => {
                let reasons: Vec<String> = reasons.iter().map(ToString::to_string).collect();
                (old, None, Some((HealthIssue::InventoryHeld, held(&reasons))))
            }
        },
        (Err(error), Some(old)) => (old, None, Some((HealthIssue::InventoryBroken, broken(&error)))),
        (Err(error), None) => return Err(BootError::Inventory(error)),
    };
    Ok(Start { watchlist: Watchlist::new(inventory, Routes::configured(&settings.alert)), before, issue })
}

impl Start {
    /// The last good set may know nobody whom the channels of today reach. A watch that could tell nobody is none.
    pub(super) fn must_reach_somebody(&self) -> Result<(), BootError> {
        if !self.watchlist.routes.one_each(&self.watchlist.inventory).is_empty() {
            return Ok(());
        }
        let why = self.issue.as_ref().map_or("", |(_, detail)| detail.as_str());
        Err(BootError::Inventory(format!(
            "{why}; and nobody in the set in force is reached through the channels that [alert] has now"
        )))
    }
}
