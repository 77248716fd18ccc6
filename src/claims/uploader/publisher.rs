//! What packages are made by, where they go, and what became of a piece of work.

use std::time::Duration;

use super::index::UploadIndex;
use crate::model::ProjectName;
use crate::registry::pypi::upload::Distribution;

/// The files of a name's package, the wheel first, in none of these versions; the same bytes whenever it is asked. Else why there
/// are none.
type Maker<'m> = dyn Fn(&ProjectName, &[String]) -> Result<Vec<Distribution>, String> + Send + Sync + 'm;

/// What packages are made by, and where they go.
pub struct Publisher<'m> {
    pub maker: &'m Maker<'m>,
    pub to: &'m UploadIndex,
    /// Tried first.
    pub test: Option<&'m UploadIndex>,
}

/// What became of a piece of work, and how long to rest after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    pub rest: Duration,
    pub said: String,
    /// Was it left undone?
    pub failed: bool,
    /// Is there something that goes on by itself, later?
    pub waits: bool,
}

impl Done {
    pub(super) fn now(said: String) -> Self {
        Self { rest: Duration::ZERO, said, failed: false, waits: false }
    }

    /// When to try again is the daemon's to say.
    pub(super) fn failed(said: String) -> Self {
        Self { failed: true, ..Self::now(said) }
    }
}
