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
    /// From the file that the start has read, which may be long ago: a first start waits for PyPI.
    pub(in crate::daemon) fn new(engine: &Engine) -> Self {
        Self { follow: Follow::from(engine.file_at_start.clone()), path: engine.settings().inventory.clone() }
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

/// Off the runtime: its disk may be slow.
pub(super) async fn fingerprint(path: &Path) -> Result<Fingerprint, StoreError> {
    let path = path.to_owned();
    tokio::task::spawn_blocking(move || Fingerprint::of(&path)).await.map_err(|_| StoreError::Closed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::config::{Environment, load};
    use crate::model::{ProjectName, WatchId};

    const CONFIG: &str = "contact = \"ops@acme.example\"\nstate_dir = \"state\"\ninventory = \"inventory.toml\"\n\
                          [pypi]\nbase = \"http://127.0.0.1:9\"\n[control]\nsocket = \"control.sock\"\n[alert]\n\
                          default_owner = \"security\"\n[alert.email]\nhost = \"127.0.0.1\"\nport = 9\ntls = \"none\"\n\
                          from = \"watch@acme.example\"\n";

    fn inventory(names: &str) -> String {
        format!("[owners.security]\nemail = [\"security@acme.example\"]\nnames = [{names}]\n")
    }

    fn watches(engine: &Engine, name: &str) -> bool {
        let id = WatchId::name(&ProjectName::parse(name).expect("a name"));
        engine.watchlist().inventory.watch(&id).is_some()
    }

    /// Whoever adds a name while the first start waits for PyPI, which may be for hours, has it watched as soon as that is over.
    #[tokio::test]
    async fn what_was_written_between_the_start_and_the_first_look_is_read() {
        let dir = tempfile::tempdir().expect("a directory");
        let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).expect("written");
        write("namewarden.toml", CONFIG);
        write("inventory.toml", &inventory("\"acme-billing\""));
        let settings = load(&dir.path().join("namewarden.toml"), &Environment::default());
        let settings = settings.unwrap_or_else(|error| panic!("{error}"));
        let engine = crate::daemon::boot(settings, Clock::ahead()).await.unwrap_or_else(|error| panic!("{error}"));
        write("inventory.toml", &inventory("\"acme-billing\", \"acme-ledger\""));
        let mut watcher = Watcher::new(&engine);
        assert!(watches(&engine, "acme-billing") && !watches(&engine, "acme-ledger"));
        for _ in 0..2 {
            watcher.look(&engine, false).await.expect("the store works");
        }
        assert!(watches(&engine, "acme-ledger"), "it was seen to be another, and stood still");
        write("inventory.toml", "names = [");
        for _ in 0..3 {
            watcher.look(&engine, false).await.expect("the store works");
        }
        assert!(watches(&engine, "acme-billing") && watches(&engine, "acme-ledger"), "a broken one changes nothing");
    }
}
