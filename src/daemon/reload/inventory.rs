//! The inventory in force: what is asked of a new one, what is said of it, and what follows when it is swapped.

use std::sync::Arc;

use super::answer::Reload;
use crate::api::listings::Listings;
use crate::cases;
use crate::cases::Baseline;
use crate::config::{PlacedRouteError, Settings, check_routes};
use crate::daemon::engine::Engine;
use crate::model::health::HealthIssue;
use crate::model::{Inventory, causes};
use crate::store::StoreError;
use crate::watchlist::Watchlist;
use crate::watchlist::routes::Routes;
use crate::watchlist::{Admission, guard};

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

/// Everything that can keep the file out of force. One of them does at a time.
const KEPT_OUT: [HealthIssue; 3] =
    [HealthIssue::InventoryBroken, HealthIssue::InventoryHeld, HealthIssue::InventoryWaits];

/// Raises what keeps the file out of force, and resolves what does not.
pub(super) async fn tell(engine: &Engine, said: &Reload) -> Result<(), StoreError> {
    let kept = match said {
        Reload::Broken { error } => Some((HealthIssue::InventoryBroken, broken(error))),
        Reload::Held { reasons } => Some((HealthIssue::InventoryHeld, held(reasons))),
        Reload::Waits { needs } => Some((HealthIssue::InventoryWaits, waits(needs))),
        Reload::Unchanged | Reload::Applied { .. } => None,
    };
    only(engine, kept).await
}

/// Nothing else keeps it out. What does is raised last, so that who hears that one is over hears of the other after it.
pub(super) async fn only(engine: &Engine, kept: Option<(HealthIssue, String)>) -> Result<(), StoreError> {
    let is_kept = |issue: &HealthIssue| kept.as_ref().is_some_and(|(by, _)| by == issue);
    for over in KEPT_OUT.into_iter().filter(|issue| !is_kept(issue)) {
        engine.resolve(over).await?;
    }
    match kept {
        Some((issue, detail)) => engine.raise(issue, detail).await.map(drop),
        None => Ok(()),
    }
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

fn waits(needs: &str) -> String {
    format!("{needs}; until then the last good inventory stays in force")
}

/// Off the runtime: it may be large.
pub(super) async fn compiled(new: Inventory, routes: Routes) -> Result<Watchlist, StoreError> {
    tokio::task::spawn_blocking(move || Watchlist::new(new, routes)).await.map_err(|_| StoreError::Closed)
}

/// Why a file cannot be in force.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unusable {
    #[error("{0}")]
    Broken(String),
    /// It is whole, and somebody in it cannot be told.
    #[error(transparent)]
    Misfit(#[from] PlacedRouteError),
}

/// Off the runtime: the file may be large, and its disk slow.
pub(super) async fn read(
    settings: &Arc<Settings>,
    listings: &Listings,
) -> Result<Result<Inventory, Unusable>, StoreError> {
    let (settings, listings) = (Arc::clone(settings), listings.clone());
    let read = move || {
        let inventory = read_alone(&settings, &listings).map_err(Unusable::Broken)?;
        fits(&settings, &inventory)?;
        Ok(inventory)
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
pub(super) fn read_alone(settings: &Arc<Settings>, listings: &Listings) -> Result<Inventory, String> {
    listings.read_inventory(settings).map_err(|e| causes::chain(&e))
}

/// Can every owner in it be told?
pub(super) fn fits(settings: &Settings, inventory: &Inventory) -> Result<(), PlacedRouteError> {
    check_routes(settings, inventory).map_err(|e| e.placed(&settings.files(), &settings.inventory))
}
