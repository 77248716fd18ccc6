//! Where the bytes of a file come from.

use std::path::Path;

use crate::gate::files::Supply;
use crate::gate::index::GateIndex;
use crate::upstream::FetchError;

/// A file at its index.
pub(super) struct AtIndex {
    pub(super) index: GateIndex,
    pub(super) address: url::Url,
    pub(super) limit: u64,
}

impl Supply for AtIndex {
    async fn to_disk(&self, path: &Path) -> Result<u64, FetchError> {
        self.index.file(&self.address, self.limit, path).await
    }

    async fn to_memory(&self, limit: u64) -> Result<Vec<u8>, FetchError> {
        self.index.file_in_memory(&self.address, limit.min(self.limit)).await
    }
}
