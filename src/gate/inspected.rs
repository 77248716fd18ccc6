//! What is in the files of a review, beside those that were received last.

use tokio::time::Instant;

use super::against::files;
use super::contents::{FilePair, LookedInto, ReadContents, ToRead, pairs};
use super::page::{PageFile, ProjectPage};
use super::review::Review;
use super::serve::Gate;

impl Gate {
    /// Of those files that somebody asked for, or most take, and how many more there are. What has not come by then is awaited: it goes on, and whoever asks again
    /// is told. `last`: the version that was received last.
    pub(super) async fn inspected(
        &self,
        page: &ProjectPage,
        review: &Review,
        last: Option<&str>,
        ends: Instant,
    ) -> (Vec<ReadContents>, usize) {
        // What the index has under these names by now may be something else, which is no part of this review.
        let is_of =
            |file: &&PageFile| review.files.iter().any(|of| of.filename == file.filename && of.sha256 == file.sha256);
        let new: Vec<&PageFile> = files(page, &review.version).filter(is_of).collect();
        let old: Vec<&PageFile> = last.into_iter().flat_map(|last| files(page, last)).collect();
        let is_asked_for = |file: &PageFile| review.files.iter().any(|of| of.asked_for && of.filename == file.filename);
        let (pairs, _) = pairs(new, &old, is_asked_for);
        let left_out = review.files.len() - pairs.len();
        // All at once: what is awaited of one is fetched while another is read.
        let looks: Vec<_> = pairs.iter().map(|pair| self.look_into(*pair)).collect();
        let mut all = Vec::with_capacity(looks.len());
        for (pair, look) in pairs.iter().zip(looks) {
            let looked = tokio::time::timeout_at(ends, look).await.ok().flatten();
            all.push(told(*pair, looked.as_deref()));
        }
        (all, left_out)
    }

    /// Begins at once, whenever it is waited for.
    fn look_into(
        &self,
        FilePair { new, old, is_like }: FilePair<'_>,
    ) -> impl Future<Output = Option<std::sync::Arc<LookedInto>>> + use<> {
        let to_read = |file: &PageFile| ToRead {
            filename: file.filename.clone(),
            sha256: file.sha256.clone(),
            opened: self.inside(file),
        };
        let (new, old, reader) = (to_read(new), old.map(to_read), self.contents.clone());
        self.to_the_end(async move { reader.look(new, old, is_like).await })
    }
}

fn told(FilePair { new, old, is_like }: FilePair<'_>, looked: Option<&LookedInto>) -> ReadContents {
    let old_unread = looked.is_some_and(|looked| looked.old_unread);
    ReadContents {
        filename: new.filename.clone(),
        beside: old.filter(|_| !old_unread).map(|old| old.filename.clone()),
        is_like: is_like && !old_unread,
        old_unread,
        unread: looked.map(|looked| looked.unread.clone()).unwrap_or_default(),
        is_awaited: looked.is_none(),
        difference: looked.and_then(|looked| looked.difference.clone()),
    }
}
