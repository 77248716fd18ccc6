//! A word about the store in a directory that is not lost with it: tells a state directory that is gone from a first start.
//!
//! Everything that could say so beside the store goes with the directory. Under systemd this is `/var/log/namewarden`: made for
//! the daemon's user as the state directory is, and kept over restarts and updates. A cache may be emptied by anybody, a
//! runtime directory goes with the boot, and the configuration cannot be written. What cannot be read here proves nothing, and
//! a watch without such a directory starts as before: a loss that is missed is said by the start-up mail, a refusal of
//! a first start would be a watch that does not watch.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::files;
use super::schema::Identity;

/// Where a store lives, and where it is remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    /// The state directory.
    pub dir: PathBuf,
    /// The directory of the witness; nothing makes it. `None`: there is none.
    pub witness: Option<PathBuf>,
}

impl From<&Path> for Home {
    fn from(dir: &Path) -> Self {
        Self { dir: dir.to_owned(), witness: None }
    }
}

#[derive(Serialize, Deserialize)]
struct Written {
    #[serde(default)]
    about: String,
    /// Of another state directory it says nothing.
    state_dir: PathBuf,
    store: String,
    /// As of the last start.
    cases: u64,
}

const NAME: &str = "store.json";
/// No witness is longer.
const MOST: u64 = 16_384;

impl Home {
    /// The file that remembers this store.
    pub(super) fn memory(&self) -> Option<PathBuf> {
        self.witness.as_ref().map(|dir| dir.join(NAME))
    }

    /// The number of the last case that the store in this directory had given out when it was last opened to be written; `None`
    /// where nobody remembers one.
    pub(super) fn remembered(&self) -> Option<u64> {
        let path = self.memory()?;
        let mut text = String::new();
        let read = files::open_own(&path, OpenOptions::new().read(true));
        match read.and_then(|file| file.take(MOST).read_to_string(&mut text)) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => return None,
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "the witness of the store cannot be read");
                return None;
            }
        }
        let written = serde_json::from_str::<Written>(&text).ok()?;
        (written.state_dir == self.dir).then_some(written.cases)
    }

    /// Remembers the store. Where it cannot, the watch goes on, and a loss of its whole directory will not be noticed.
    pub(super) fn remember(&self, identity: &Identity) {
        let Some(path) = self.memory() else { return };
        if let Err(error) = self.write(&path, identity) {
            let path = path.display();
            tracing::warn!(%path, %error, "no witness: a state directory that is lost would look like a first start");
        }
    }

    fn write(&self, path: &Path, identity: &Identity) -> std::io::Result<()> {
        let written = Written {
            about: "says that there is a store in state_dir; namewarden refuses to begin anew while it does".to_owned(),
            state_dir: self.dir.clone(),
            store: identity.store.clone(),
            cases: identity.cases,
        };
        let fresh = files::with(path, files::SCRATCH);
        let mut file = files::open_own(&fresh, OpenOptions::new().write(true).create(true).truncate(true))?;
        file.write_all(serde_json::to_string(&written)?.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&fresh, path)
    }
}
