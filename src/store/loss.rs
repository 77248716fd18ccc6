//! Going on without what is lost: the one way past a store that its marker does not know, and only by hand.

use std::path::{Path, PathBuf};

use super::lock::StateLock;
use super::marker::Marker;
use super::open::{self, Found};
use super::schema::Identity;
use super::{StoreError, files};

/// What is lost, and what accepting it means.
#[derive(Debug, PartialEq, Eq)]
pub struct Loss {
    path: PathBuf,
    why: String,
    /// The store to go on with; `None`: the next start is a first start.
    kept: Option<Identity>,
}

impl std::fmt::Display for Loss {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let path = self.path.display();
        match &self.kept {
            Some(kept) => write!(
                f,
                "{path} {}. It goes on from the {} commits that it holds: cases, acknowledgements and suppressions made \
                 after them are lost, and what PyPI did since is read again, so some of it may be told twice",
                self.why, kept.commits
            ),
            None => write!(
                f,
                "{path} {}. The next start is a first start: what stands on PyPI then is taken for known and alerts nobody; \
                 all cases, acknowledgements and suppressions are lost. What is left of the store is kept beside it",
                self.why
            ),
        }
    }
}

/// What is lost below `dir`, if anything is. Changes nothing.
pub(super) fn assess(dir: &Path) -> Result<Option<Loss>, StoreError> {
    let _lock = StateLock::share(dir)?;
    judge(dir)
}

/// Accepts the loss. Gives what it was.
pub(super) fn accept(dir: &Path) -> Result<Option<Loss>, StoreError> {
    let _lock = StateLock::take(dir)?;
    let loss = judge(dir)?;
    match loss.as_ref().map(|loss| &loss.kept) {
        None => {}
        Some(Some(kept)) => Marker::write(dir, kept)?,
        Some(None) => set_aside(dir)?,
    }
    Ok(loss)
}

fn judge(dir: &Path) -> Result<Option<Loss>, StoreError> {
    let path = dir.join(files::STORE);
    let loss = |why, kept| Some(Loss { path: path.clone(), why, kept });
    Ok(match open::look(dir) {
        Ok(Found::Nothing | Found::Whole(_)) => None,
        Ok(Found::Other { identity, why }) => loss(why, Some(identity)),
        Ok(Found::Gone { why }) => loss(why, None),
        Err(StoreError::Corrupt { detail, .. }) => loss(format!("is damaged ({detail})"), None),
        // The marker cannot be read; the store may be whole.
        Err(StoreError::Lost { what, .. }) => loss(format!("has a marker that {what}"), open::alone(dir)?),
        Err(error) => return Err(error),
    })
}

/// Keeps what is left under names that are free, and forgets that there was a store.
fn set_aside(dir: &Path) -> Result<(), StoreError> {
    let path = dir.join(files::STORE);
    let free = |n: &u32| !files::with(&path, &format!(".lost-{n}")).exists();
    let number = (1..).find(free).unwrap_or_default();
    for ending in std::iter::once("").chain(files::BESIDE) {
        let from = files::with(&path, ending);
        if files::length(&from)?.is_some() {
            let to = files::with(&path, &format!(".lost-{number}{ending}"));
            std::fs::rename(&from, &to).map_err(StoreError::file(&to))?;
        }
    }
    let marker = dir.join(files::MARKER);
    match std::fs::remove_file(&marker) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(StoreError::File { path: marker, source: error })
        }
        _ => files::sync_dir(dir),
    }
}
