//! Files that the gate itself has to look into: by the way that clients have theirs, and out to nobody. What is held stays held, wherever its bytes
//! lie: each answer to a client is decided for itself.

use std::sync::Arc;

use super::state::Gate;
use super::supply::AtIndex;
use crate::gate::files::Opened;
use crate::gate::page::PageFile;
use crate::gate::ruling::Origin;

/// In bytes. Few files of PyPI are larger, and a reviewer waits.
const LIMIT: u64 = 64 << 20;

impl Gate {
    /// A file of a page of PyPI, verified by its digest, or why it cannot be had. Nothing is fetched before it is asked for.
    pub(in crate::gate) fn inside(
        &self,
        file: &PageFile,
    ) -> impl Future<Output = Result<Opened, String>> + Send + use<> {
        let (files, shares) = (Arc::clone(&self.files), Arc::clone(&self.shares));
        let index = self.sources.index(Origin::Pypi).clone();
        let (address, sha256, size) = (file.url.clone(), file.sha256.clone(), file.size);
        async move {
            let limit = match size {
                None | Some(0) => return Err("the index does not say how large it is".to_owned()),
                Some(size) if size > LIMIT => return Err(format!("it is larger than {} MB", LIMIT >> 20)),
                // As for a client, who may wait for the same bytes.
                Some(size) => size,
            };
            let _share = if files.has(&sha256) { None } else { shares.one(None).await };
            let opened = files.get(&sha256, &AtIndex { index, address, limit }).await.map_err(|why| why.to_string())?;
            if opened.size > LIMIT { Err(format!("it is larger than {} MB", LIMIT >> 20)) } else { Ok(opened) }
        }
    }

    /// Does this to its end, whoever waits for it; `None`: the gate ends.
    pub(in crate::gate) fn to_the_end<T: Send + 'static, W: Future<Output = T> + Send + 'static>(
        &self,
        work: W,
    ) -> impl Future<Output = Option<T>> + Send + use<T, W> {
        self.fetching.to_the_end(work)
    }
}
