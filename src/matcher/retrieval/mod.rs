//! Retrieval: which watches a name may resemble, so that it is weighed against few of them.

pub(super) mod index;
pub(super) mod keys;
pub(super) mod met;
pub(super) mod partitions;
pub(super) mod prefilter;
pub(super) mod rolling;
