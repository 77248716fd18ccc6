//! Going on without what is lost: the one way past a store that its marker does not know, and only by hand.

use std::path::{Path, PathBuf};

use super::lock::StateLock;
use super::marker::Marker;
use super::open::{self, Found};
use super::schema::Identity;
use super::witness::Home;
use super::{files, schema};
use crate::store::StoreError;

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
                "{path} {}. The next start is a first start: what stands on PyPI then is taken for known, and only what pip would \
                 take of it is told anew; all cases, acknowledgements and suppressions are lost. What is left of the store is kept beside it",
                self.why
            ),
        }
    }
}

/// What is lost of this store, if anything is. Changes nothing.
pub(in crate::store) fn assess(home: &Home) -> Result<Option<Loss>, StoreError> {
    // Looking makes nothing, not even a lock for nothing.
    if matches!(open::look(home), Ok(Found::Nothing)) {
        return Ok(None);
    }
    let _lock = home.dir.exists().then(|| StateLock::share(&home.dir)).transpose()?;
    judge(home)
}

/// Accepts the loss. Gives what it was.
pub(in crate::store) fn accept(home: &Home) -> Result<Option<Loss>, StoreError> {
    let dir = home.dir.as_path();
    let _lock = StateLock::take(dir)?;
    let (loss, given, generation) = (judge(home)?, given(home)?, schema::new_generation()?);
    match loss.as_ref().map(|loss| &loss.kept) {
        None => {}
        Some(Some(kept)) => {
            let cases = given.unwrap_or_else(|| schema::beyond(kept.cases)).max(kept.cases);
            Marker::write(dir, &Identity { cases, generation, ..kept.clone() })?;
        }
        Some(None) => {
            set_aside(dir)?;
            let cases = given.unwrap_or_default();
            Marker::write(dir, &Identity { store: String::new(), commits: 0, cases, generation })?;
        }
    }
    Ok(loss)
}

/// The number of the last case: those that were told keep their numbers for themselves. `None`: nobody knows.
fn given(home: &Home) -> Result<Option<u64>, StoreError> {
    match Marker::last(&home.dir) {
        Ok(Some(marked)) => Ok(Some(marked.cases)),
        // The witness knows no later than the last start.
        Ok(None) => Ok(home.remembered().map(schema::beyond)),
        // It cannot be read.
        Err(StoreError::Lost { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

fn judge(home: &Home) -> Result<Option<Loss>, StoreError> {
    let dir = home.dir.as_path();
    let path = dir.join(files::STORE);
    let loss = |why, kept| Some(Loss { path: path.clone(), why, kept });
    Ok(match open::look(home) {
        Ok(Found::Nothing | Found::Whole(_)) => None,
        Ok(Found::Other { identity, why }) => loss(why, Some(identity)),
        Ok(Found::Gone { why }) => loss(why, None),
        Err(StoreError::Corrupt { detail, .. }) => loss(format!("is damaged ({detail})"), None),
        Err(StoreError::OtherSchema { what, .. }) => {
            loss(format!("was made by a development build, and differs in {what}"), None)
        }
        // The marker cannot be read; the store may be whole.
        Err(StoreError::Lost { what, .. }) => loss(format!("has a marker that {what}"), open::alone(dir)?),
        Err(error) => return Err(error),
    })
}

/// Keeps what is left under names that are free.
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
    files::sync_dir(dir)
}
