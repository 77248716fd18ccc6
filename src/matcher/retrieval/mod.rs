//! Retrieval: which watches a name may resemble, so that it is weighed against few of them.

pub(super) mod anagram;
pub(super) mod candidates;
pub(super) mod deletions;
pub(super) mod hint;
pub(super) mod index;
pub(super) mod keys;
pub(super) mod members;
pub(super) mod partitions;
pub(super) mod prefilter;
pub(super) mod rolling;
pub(super) mod sighted;
pub(super) mod tag;
