//! The inventory to start with, and what the daemon finds that another left.

use std::sync::Arc;

use super::inventory::{broken, held, only, read, reviewed};
use super::watcher::fingerprint;
use crate::api::listings::Listings;
use crate::cases;
use crate::cases::INVENTORY;
use crate::config::{ChangelogMode, Settings};
use crate::daemon::engine::Engine;
use crate::daemon::error::BootError;
use crate::daemon::feed;
use crate::model::Inventory;
use crate::model::health::HealthIssue;
use crate::store::{Store, StoreError};
use crate::watchlist::Watchlist;
use crate::watchlist::routes::Routes;
use crate::watchlist::{Admission, Fingerprint, guard};

/// The inventory to start with.
pub(in crate::daemon) struct Start {
    pub(in crate::daemon) watchlist: Watchlist,
    /// The stored one, when there is a baseline and it differs: to be compared with.
    before: Option<Inventory>,
    /// What to tell once the engine runs.
    issue: Option<(HealthIssue, String)>,
    /// The file as it was before it was read: whatever became of it since is another.
    pub(in crate::daemon) file: Fingerprint,
}

/// Reads the file; falls back to the last good set in the store, and refuses only when there is none.
pub(in crate::daemon) async fn start(
    settings: &Arc<Settings>,
    store: &Store,
    listings: &Listings,
) -> Result<Start, BootError> {
    let stored: Option<Inventory> = store.read(|tx| tx.cursors().get(INVENTORY)).await?;
    let file = fingerprint(&settings.inventory).await?;
    let (inventory, before, issue) = match (read(settings, listings).await?, stored) {
        (Ok(new), None) => (new, None, None),
        (Ok(new), Some(old)) => match guard(&old, &new) {
            Admission::Apply(_) => (new, Some(old), None),
            Admission::Hold { reasons, .. } => {
                let reasons: Vec<String> = reasons.iter().map(ToString::to_string).collect();
                (old, None, Some((HealthIssue::InventoryHeld, held(&reasons))))
            }
        },
        (Err(error), Some(old)) => (old, None, Some((HealthIssue::InventoryBroken, broken(&error.to_string())))),
        (Err(error), None) => return Err(BootError::Inventory(error.to_string())),
    };
    Ok(Start { watchlist: Watchlist::new(inventory, Routes::configured(&settings.alert)), before, issue, file })
}

impl Start {
    /// The last good set may know nobody whom the channels of today reach. A watch that could tell nobody is none.
    pub(in crate::daemon) fn must_reach_somebody(&self) -> Result<(), BootError> {
        if !self.watchlist.routes.one_each(&self.watchlist.inventory).is_empty() {
            return Ok(());
        }
        let why = self.issue.as_ref().map_or("", |(_, detail)| detail.as_str());
        Err(BootError::Inventory(format!(
            "{why}; and nobody in the set in force is reached through the channels that [alert] has now"
        )))
    }
}

/// Takes over from the process before: its leases, the inventory that it left, and what is over since.
pub(in crate::daemon) async fn admit((engine, start): (Arc<Engine>, Start)) -> Result<Arc<Engine>, StoreError> {
    engine.store.write(|tx| tx.notices().free_leases()).await?;
    if let Some(before) = start.before {
        reviewed(&engine, Arc::new(before)).await?;
    }
    // The configuration may have other channels than it had, whatever the inventory.
    let (watchlist, now) = (engine.watchlist(), engine.clock.now());
    engine.store.write(move |tx| cases::rerouted(tx, &watchlist, &[], now)).await?;
    engine.resolve(HealthIssue::ConfigurationBroken).await?;
    if engine.settings().feeds.changelog == ChangelogMode::Off {
        feed::switched_off(&engine).await?;
    }
    only(&engine, start.issue).await?;
    Ok(engine)
}
