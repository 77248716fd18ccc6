//! When the newest list was made that was in force of each key, over restarts: whoever brings an old one back brings what was taken out since.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::gate::replaced::replace;
use crate::model::Time;

/// The file, below `[gate] state`.
const FILE: &str = "shared.json";

/// By key.
#[derive(Debug)]
pub struct SharedMarks {
    path: PathBuf,
    of: BTreeMap<String, Time>,
    /// That is on the disk.
    is_kept: bool,
}

/// Nobody knows how new a list has to be.
#[derive(Debug, thiserror::Error)]
#[error(
    "{} cannot be read ({error}), and says how new the lists of others have to be; remove it, and lists that are older than those of before \
     are taken", path.display()
)]
pub struct SharedMarksError {
    path: PathBuf,
    error: io::Error,
}

impl SharedMarks {
    /// As they were kept last in this directory; none at a first start.
    ///
    /// # Errors
    /// See [`SharedMarksError`].
    pub fn read(dir: &Path) -> Result<Self, SharedMarksError> {
        let path = dir.join(FILE);
        match fs::read(&path).and_then(|text| Ok(serde_json::from_slice(&text)?)) {
            Ok(of) => Ok(Self { path, of, is_kept: true }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Ok(Self { path, of: BTreeMap::new(), is_kept: true })
            }
            Err(error) => Err(SharedMarksError { path, error }),
        }
    }

    /// No list of this key that is older is taken.
    pub fn of(&self, key: &str) -> Option<Time> {
        self.of.get(key).copied()
    }

    /// From now on a list of this key has to be as new; after the next start once that is kept.
    pub fn set(&mut self, key: &str, made_at: Time) {
        self.is_kept &= self.of.insert(key.to_owned(), made_at) == Some(made_at);
    }

    /// On the disk when this returns, where it was not.
    ///
    /// # Errors
    /// The system's: try again.
    pub fn keep(&mut self) -> io::Result<()> {
        if self.is_kept {
            return Ok(());
        }
        replace(&self.path, &serde_json::to_vec(&self.of)?)?;
        self.is_kept = true;
        Ok(())
    }
}
