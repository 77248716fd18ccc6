//! The index: truth about survivors. `/simple/` as JSON (PEP 691) with PyPI's `_last-serial` per project
//! (`warehouse` `api/simple.py`), spooled to disk and read as a stream.
//!
//! PyPI sorts by its database's collation, which ignores hyphens; nothing here depends on the order served.

mod difference;
mod error;
mod listing;
mod parse;
pub mod plausible;

use std::path::Path;

use super::{Fetched, Pypi};
use crate::model::Time;

pub use difference::{Comparison, IndexDifference, IndexRefusal, Unlisted};
pub use error::IndexError;
pub use listing::{ListedProject, Listing};

/// What a look at the index gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IndexPoll {
    /// The server says that nothing changed since that ETag.
    Unchanged,
    /// A body lies in the spool file; [`read`] says whether it is whole.
    Body {
        /// To be stored once the body is applied, and passed to the next look.
        etag: Option<String>,
        bytes: u64,
        /// When, by the server's clock.
        served: Option<Time>,
    },
}

/// Fetches the index into the file `spool`, unless it is what `etag` names. Pass the ETag of the body applied last.
///
/// # Errors
/// When nothing could be learned.
pub async fn fetch(pypi: &Pypi, etag: Option<&str>, spool: &Path) -> Result<IndexPoll, IndexError> {
    match pypi.index(etag, spool).await.map_err(IndexError::Fetch)? {
        Fetched::Unchanged => Ok(IndexPoll::Unchanged),
        Fetched::Fresh { body, etag, served } => Ok(IndexPoll::Body { etag, bytes: body, served }),
    }
}

/// Reads a spooled body to its end. Blocks for about a second on all of PyPI: not for an async worker.
///
/// # Errors
/// When the file is not a whole index.
pub fn read(spool: &Path) -> Result<Listing, IndexError> {
    let file = std::fs::File::open(spool);
    let file = file.map_err(|source| IndexError::Open { path: spool.display().to_string(), source })?;
    parse::parse(std::io::BufReader::with_capacity(1 << 17, file))
}
