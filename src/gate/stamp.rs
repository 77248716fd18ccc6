//! By what a file that was changed is told from one that was not.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;

/// A file, as it was at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    device: u64,
    inode: u64,
    pub(super) size: u64,
    /// Modified, and changed in any way, which nobody can set back.
    times: [i64; 4],
}

impl Stamp {
    pub(super) fn of(of: &Metadata) -> Self {
        let times = [of.mtime(), of.mtime_nsec(), of.ctime(), of.ctime_nsec()];
        Self { device: of.dev(), inode: of.ino(), size: of.len(), times }
    }
}
