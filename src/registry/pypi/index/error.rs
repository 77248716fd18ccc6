//! Why an index gives nothing.

use crate::upstream::FetchError;

/// Why the index could not be read. Nothing of the body counts then.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    #[error("cannot fetch the index: {0}")]
    Fetch(#[source] FetchError),
    #[error("cannot open the spooled index {path}: {source}")]
    Open { path: String, source: std::io::Error },
    /// Cut short, not JSON, or without the fields that make it PyPI's index.
    #[error("the index body is not whole: {0}")]
    Broken(#[source] serde_json::Error),
    #[error("the index has version {0:?} of the simple API; this program knows version 1")]
    Version(String),
}
