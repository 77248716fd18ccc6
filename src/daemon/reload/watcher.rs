//! Follows the inventory's file between polls: a changed one is read without being asked. The configuration is read only
//! when somebody asks, since a file that is half edited may say less and still be good.

use std::path::{Path, PathBuf};

use super::alone::reload;
use super::configuration::reload_all;
use crate::daemon::engine::Engine;
use crate::store::StoreError;
use crate::watchlist::{Fingerprint, Follow};

/// The file of the inventory in force, and its state when it was read.
pub(in crate::daemon) struct Watcher {
    path: PathBuf,
    follow: Follow,
}

impl Watcher {
    pub(in crate::daemon) fn new(engine: &Engine) -> Self {
        let path = engine.settings().inventory.clone();
        Self { follow: Follow::from(Fingerprint::of(&path)), path }
    }

    /// Reads the file again when it changed and settled; everything when asked.
    pub(in crate::daemon) async fn look(&mut self, engine: &Engine, asked: bool) -> Result<(), StoreError> {
        let path = engine.settings().inventory.clone();
        if path != self.path {
            // The configuration names another, whose state when it was read nobody knows: once more does no harm.
            *self = Self { path, follow: Follow::from(Fingerprint::Absent) };
        }
        let changed = self.follow.poll(fingerprint(&self.path).await?);
        if asked {
            reload_all(engine).await?;
        } else if changed {
            reload(engine, false).await?;
        }
        Ok(())
    }
}

async fn fingerprint(path: &Path) -> Result<Fingerprint, StoreError> {
    let path = path.to_owned();
    tokio::task::spawn_blocking(move || Fingerprint::of(&path)).await.map_err(|_| StoreError::Closed)
}
