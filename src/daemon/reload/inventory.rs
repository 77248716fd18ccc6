//! The inventory in force: read again when the file changes, and never lost to a broken file.

use std::sync::Arc;

use super::answer::Reload;
use crate::cases;
use crate::cases::Baseline;
use crate::config::{Settings, check_routes};
use crate::daemon::engine::Engine;
use crate::daemon::manager;
use crate::model::health::HealthIssue;
use crate::model::{Inventory, causes};
use crate::store::StoreError;
use crate::watchlist;
use crate::watchlist::Watchlist;
use crate::watchlist::routes::Routes;
use crate::watchlist::{Admission, guard};

/// Reads, checks and, unless it removes too much, puts in force. `force` applies it all the same. The configuration stays as
/// it is.
pub async fn reload(engine: &Engine, force: bool) -> Result<Reload, StoreError> {
    let _alone = engine.reloads.lock().await;
    manager::reloading().await;
    let outcome = read_again(engine, force).await;
    manager::ready().await;
    outcome.as_ref().into_iter().for_each(Reload::log);
    outcome
}

async fn read_again(engine: &Engine, force: bool) -> Result<Reload, StoreError> {
    let new = match read(&engine.settings()).await? {
        Ok(new) => new,
        Err(error) => {
            let said = Reload::Broken { error };
            tell(engine, &said).await?;
            return Ok(said);
        }
    };
    let (old, routes) = (engine.watchlist().inventory, Routes::clone(&engine.watchlist().routes));
    let (said, applied) = judged(&old, new, force);
    tell(engine, &said).await?;
    let Some(new) = applied else { return Ok(said) };
    engine.watchlist.send_replace(compiled(new, routes).await?);
    let done = reviewed(engine, old).await?;
    engine.ring();
    Ok(said.counting(&done))
}

/// May it be put in force, in place of `old`? Says so, and gives it where it may and differs.
pub(super) fn judged(old: &Inventory, new: Inventory, force: bool) -> (Reload, Option<Inventory>) {
    let changes = match guard(old, &new) {
        Admission::Apply(changes) => changes,
        Admission::Hold { changes, .. } if force => changes,
        Admission::Hold { reasons, .. } => {
            return (Reload::Held { reasons: reasons.iter().map(ToString::to_string).collect() }, None);
        }
    };
    if changes.is_empty() {
        return (Reload::Unchanged, None);
    }
    let (added, removed) = (changes.added.len(), changes.removed.len());
    (Reload::Applied { added, removed, pre_existing: 0 }, Some(new))
}

/// Raises what keeps the file out of force, and resolves what does not.
pub(super) async fn tell(engine: &Engine, said: &Reload) -> Result<(), StoreError> {
    match said {
        Reload::Broken { error } => {
            engine.raise(HealthIssue::InventoryBroken, broken(error)).await?;
        }
        Reload::Held { reasons } => {
            engine.resolve(HealthIssue::InventoryBroken).await?;
            engine.raise(HealthIssue::InventoryHeld, held(reasons)).await?;
        }
        Reload::Unchanged | Reload::Applied { .. } => {
            engine.resolve(HealthIssue::InventoryBroken).await?;
            engine.resolve(HealthIssue::InventoryHeld).await?;
        }
    }
    Ok(())
}

impl Reload {
    /// With how many names were there already, which is known when it is in force.
    pub(super) fn counting(self, done: &Baseline) -> Self {
        match self {
            Self::Applied { added, removed, .. } => Self::Applied { added, removed, pre_existing: done.pre_existing },
            other => other,
        }
    }
}

pub(super) fn broken(error: &str) -> String {
    format!("{error}; the last good inventory stays in force")
}

pub(super) fn held(reasons: &[String]) -> String {
    format!("{}; the old set stays in force: `namewarden inventory apply --force` applies it", reasons.join("; "))
}

/// Off the runtime: it may be large.
pub(super) async fn compiled(new: Inventory, routes: Routes) -> Result<Watchlist, StoreError> {
    tokio::task::spawn_blocking(move || Watchlist::new(new, routes)).await.map_err(|_| StoreError::Closed)
}

/// Off the runtime: the file may be large, and its disk slow.
pub(super) async fn read(settings: &Settings) -> Result<Result<Inventory, String>, StoreError> {
    let settings = settings.clone();
    let read = move || {
        let inventory = read_alone(&settings)?;
        fits(&settings, &inventory).map(|()| inventory)
    };
    tokio::task::spawn_blocking(read).await.map_err(|_| StoreError::Closed)
}

/// Compares the watchlist in force with the inventory before it. To be called after the swap: whatever is judged after it is
/// judged by the new set, and whatever was judged before it is known to the store when the past is checked. All of PyPI is
/// judged outside of the writer.
pub(super) async fn reviewed(engine: &Engine, old: Arc<Inventory>) -> Result<Baseline, StoreError> {
    let (watchlist, now) = (engine.watchlist(), engine.clock.now());
    // Whatever was judged by the old set is stored when this returns, and so is part of what is surveyed.
    engine.store.write(|_| Ok(())).await?;
    let (seen, before) = (watchlist.clone(), Arc::clone(&old));
    let survey = engine.store.read(move |tx| cases::survey(tx, &seen, &before)).await?;
    engine.store.write(move |tx| cases::admit(tx, &watchlist, &old, &survey, now)).await
}

/// The file's inventory, when it is whole.
pub(super) fn read_alone(settings: &Settings) -> Result<Inventory, String> {
    let loaded = watchlist::load(&settings.inventory, &settings.alert.default_owner).map_err(|e| causes::chain(&e))?;
    Ok(loaded.inventory)
}

/// Can every owner in it be told?
pub(super) fn fits(settings: &Settings, inventory: &Inventory) -> Result<(), String> {
    check_routes(settings, inventory).map_err(|e| e.placed(&settings.files(), &settings.inventory).to_string())
}
