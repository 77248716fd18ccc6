//! `store.json`: says that there is a store, which one, how many commits it has seen, how many cases it has numbered, and its
//! generation.
//!
//! Without it an emptied directory, a deleted log of commits (`-wal`) or an old copy would pass for a first start, and
//! every acknowledgement would be gone in silence. The number is written after every commit, in place and without
//! waiting for the disk: it costs two system calls where the commit costs a flush, and it can only ever be behind the
//! store, never ahead of it. So a store with fewer commits than its marker has lost some. The last case's number stands
//! here so that whoever goes on with an old copy, or with none, gives no number a second time, and the generation so that
//! what numbers cannot keep apart, the events of a case, has other keys.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::files;
use super::schema::Identity;
use crate::store::StoreError;

/// Keeps the number current.
#[derive(Debug)]
pub(super) struct Marker {
    file: File,
    /// The store's own file, and what it was when it was opened: device and inode.
    path: PathBuf,
    place: (u64, u64),
}

/// What the file says.
#[derive(Deserialize)]
struct Written {
    /// Empty: there is none, and there was one.
    store: String,
    commits: u64,
    cases: u64,
    #[serde(default)]
    generation: u64,
}

/// No marker is longer.
const MOST: u64 = 4096;

impl Marker {
    /// The store that was marked last; `None` where none is.
    ///
    /// # Errors
    /// A marker that cannot be understood marks a store all the same: `Lost`.
    pub(super) fn read(dir: &Path) -> Result<Option<Identity>, StoreError> {
        Ok(Self::last(dir)?.filter(|marked| !marked.store.is_empty()))
    }

    /// The same, also of a store that was given up; its name is empty then.
    ///
    /// # Errors
    /// As for `read`.
    pub(super) fn last(dir: &Path) -> Result<Option<Identity>, StoreError> {
        let path = dir.join(files::MARKER);
        if files::length(&path)?.is_none() {
            return Ok(None);
        }
        let mut text = String::new();
        let file = files::open_own(&path, OpenOptions::new().read(true)).map_err(StoreError::file(&path))?;
        let written = match file.take(MOST).read_to_string(&mut text) {
            Ok(_) => serde_json::from_str::<Written>(&text).ok(),
            Err(error) if error.kind() == std::io::ErrorKind::InvalidData => None,
            Err(source) => return Err(StoreError::File { path, source }),
        };
        let unknown = || StoreError::Lost { path, what: "cannot be read, so nobody knows what the store held".into() };
        let identity =
            |w: Written| Identity { store: w.store, commits: w.commits, cases: w.cases, generation: w.generation };
        written.map(|written| Some(identity(written))).ok_or_else(unknown)
    }

    /// Marks a store that was found whole, and goes on marking it.
    pub(super) fn keep(dir: &Path, identity: &Identity) -> Result<Self, StoreError> {
        if Self::read(dir)?.is_none_or(|marked| marked.store != identity.store) {
            Self::write(dir, identity)?;
        }
        let path = dir.join(files::MARKER);
        let file = files::open_own(&path, OpenOptions::new().write(true)).map_err(StoreError::file(&path))?;
        let store = dir.join(files::STORE);
        let place = place(&store).map_err(StoreError::file(&store))?;
        let marker = Self { file, path: store, place };
        marker.note(identity);
        Ok(marker)
    }

    /// Writes a whole marker, or none.
    pub(super) fn write(dir: &Path, identity: &Identity) -> Result<(), StoreError> {
        let (path, fresh) = (dir.join(files::MARKER), dir.join("store.json.spool"));
        let mut file = files::open_own(&fresh, OpenOptions::new().write(true).create(true).truncate(true))
            .map_err(StoreError::file(&fresh))?;
        let written = file.write_all(text(identity).as_bytes()).and_then(|()| file.sync_all());
        written.and_then(|()| std::fs::rename(&fresh, &path)).map_err(StoreError::file(&path))?;
        files::sync_dir(dir)
    }

    /// Is the file that is open still the one of that name? Else what is committed is gone with the process.
    pub(super) fn check_place(&self) -> Result<(), StoreError> {
        match place(&self.path) {
            Ok(place) if place == self.place => Ok(()),
            _ => Err(StoreError::Lost {
                path: self.path.clone(),
                what: "was removed or replaced while it was in use".to_owned(),
            }),
        }
    }

    /// The store is this now. Numbers that could not be written are behind, and the next ones mend it.
    pub(super) fn note(&self, identity: &Identity) {
        if let Err(error) = self.file.write_all_at(text(identity).as_bytes(), 0) {
            tracing::debug!(%error, "the marker of the store is behind");
        }
    }
}

fn place(path: &Path) -> std::io::Result<(u64, u64)> {
    std::fs::symlink_metadata(path).map(|meta| (meta.dev(), meta.ino()))
}

/// Always of one length, so that it is overwritten in place.
fn text(identity: &Identity) -> String {
    format!(
        "{{\"about\": \"marks the store beside it; without its match namewarden refuses to start\", \
         \"store\": {:?}, \"commits\": {:>20}, \"cases\": {:>20}, \"generation\": {:>20}}}\n",
        identity.store, identity.commits, identity.cases, identity.generation
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_is_replaced_in_place() {
        let dir = tempfile::tempdir().expect("a directory");
        let identity =
            |commits| Identity { store: "ab".repeat(16), commits, cases: commits / 7, generation: commits / 3 };
        assert_eq!(Marker::read(dir.path()).expect("reads"), None);
        std::fs::write(dir.path().join(files::STORE), "").expect("writes");
        let marker = Marker::keep(dir.path(), &identity(7)).expect("marks");
        for commits in [8, 123_456, u64::MAX >> 1] {
            marker.note(&identity(commits));
            assert_eq!(Marker::read(dir.path()).expect("reads"), Some(identity(commits)));
        }
        std::fs::write(dir.path().join("store.json"), "{").expect("writes");
        assert!(matches!(Marker::read(dir.path()), Err(StoreError::Lost { .. })));
    }
}
