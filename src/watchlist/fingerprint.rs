//! Has the file changed, and has the change settled? Polled every few seconds; works over mounts where inotify does not.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// What tells one state of a file from another without reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fingerprint {
    /// No file, or one that cannot be looked at.
    Absent,
    /// Modified and changed in nanoseconds, size in bytes, inode: an editor that writes a new file and renames it keeps
    /// none of them, one that writes in place keeps only the inode.
    File { modified: (i64, i64), changed: (i64, i64), size: u64, inode: u64 },
}

impl Fingerprint {
    pub fn of(path: &Path) -> Self {
        match std::fs::metadata(path) {
            Ok(meta) => Self::File {
                modified: (meta.mtime(), meta.mtime_nsec()),
                changed: (meta.ctime(), meta.ctime_nsec()),
                size: meta.size(),
                inode: meta.ino(),
            },
            Err(_) => Self::Absent,
        }
    }
}

/// Follows a file from poll to poll. Pure: the caller brings the fingerprints.
#[derive(Clone, Debug)]
pub struct Follow {
    /// The state last read.
    read: Fingerprint,
    /// The state at the last poll.
    seen: Fingerprint,
}

impl Follow {
    /// Starts from the state that was read.
    pub fn from(read: Fingerprint) -> Self {
        Self { seen: read.clone(), read }
    }

    /// Is it time to read the file? Only when it differs from what was read and stood still since the last poll: a file
    /// caught half written would be half an inventory. Says yes once for each state, also for one that turns out broken.
    pub fn poll(&mut self, now: Fingerprint) -> bool {
        let settled = now == self.seen;
        self.seen = now;
        let due = settled && self.seen != self.read;
        if due {
            self.read = self.seen.clone();
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection;
    use proptest::prelude::*;

    use super::*;

    fn state(size: u64) -> Fingerprint {
        Fingerprint::File { modified: (1, 0), changed: (1, 0), size, inode: 7 }
    }

    #[test]
    fn reads_a_change_once_and_only_when_it_has_settled() {
        let mut follow = Follow::from(state(1));
        let polls = [1, 1, 2, 3, 3, 3, 1, 1].map(|size| follow.poll(state(size)));
        assert_eq!(polls, [false, false, false, false, true, false, false, true]);
    }

    #[test]
    fn a_file_that_disappears_is_a_change() {
        let mut follow = Follow::from(state(1));
        assert!(!follow.poll(Fingerprint::Absent));
        assert!(follow.poll(Fingerprint::Absent));
    }

    #[test]
    fn sees_writing_in_place_and_replacing() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("inventory.txt");
        assert_eq!(Fingerprint::of(&path), Fingerprint::Absent);
        std::fs::write(&path, "acme-a").expect("a file");
        let first = Fingerprint::of(&path);
        assert_eq!(Fingerprint::of(&path), first);
        std::fs::write(directory.path().join("new"), "acme-b").expect("a file");
        std::fs::rename(directory.path().join("new"), &path).expect("a rename");
        assert_ne!(Fingerprint::of(&path), first);
    }

    proptest! {
        /// Whatever an editor does, and however often it is looked at meanwhile: nothing is read while it moves, no state twice
        /// in a row, and what it comes to rest at is what was read last.
        #[test]
        fn what_it_comes_to_rest_at_is_read(sizes in collection::vec(0_u64..4, 0..40), last in 0_u64..4) {
            let at = |size: u64| if size == 0 { Fingerprint::Absent } else { state(size) };
            let mut follow = Follow::from(at(1));
            let (mut read, mut before) = (at(1), at(1));
            for now in sizes.into_iter().chain([last, last]).map(at) {
                if follow.poll(now.clone()) {
                    prop_assert_eq!(&now, &before, "it stood still");
                    prop_assert_ne!(&now, &read, "it is news");
                    read = now.clone();
                }
                before = now;
            }
            prop_assert_eq!(read, at(last));
        }
    }
}
