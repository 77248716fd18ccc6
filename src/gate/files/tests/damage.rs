//! What may become of a file of the cache while nobody looks.

use std::fs::{self, FileTimes, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::path::Path;

use proptest::prelude::*;

/// Done to one file, be it there or not.
#[derive(Clone, Copy, Debug)]
pub(in crate::gate) enum Damage {
    /// Half of it is left.
    Cut,
    Longer,
    /// One byte is another; its size is what it was, and so is when it was written.
    Altered,
    /// Another file of its size stands in its place.
    Replaced,
    /// It leads to another file of the cache, or to nothing.
    Led,
    Folder,
    Gone,
}

pub(in crate::gate) fn damage() -> impl Strategy<Value = Damage> {
    use Damage::{Altered, Cut, Folder, Gone, Led, Longer, Replaced};
    prop::sample::select(vec![Cut, Longer, Altered, Replaced, Led, Folder, Gone])
}

impl Damage {
    /// `other`: another file of the cache.
    pub(in crate::gate) fn done(self, path: &Path, other: &Path) {
        let size = fs::symlink_metadata(path).map_or(0, |of| of.len());
        ticked(path.parent().expect("a directory"));
        match self {
            Self::Cut => drop(OpenOptions::new().write(true).open(path).and_then(|file| file.set_len(size / 2))),
            Self::Longer => {
                drop(OpenOptions::new().append(true).open(path).and_then(|mut file| file.write_all(b"more")));
            }
            Self::Altered => altered(path, size),
            Self::Replaced => {
                cleared(path);
                fs::write(path, vec![b'x'; usize::try_from(size).expect("small")]).expect("written");
            }
            Self::Led => {
                cleared(path);
                symlink(other, path).expect("made");
            }
            Self::Folder => {
                cleared(path);
                fs::create_dir(path).expect("made");
            }
            Self::Gone => cleared(path),
        }
    }
}

fn altered(path: &Path, size: u64) {
    let Ok(mut file) = OpenOptions::new().write(true).open(path) else { return };
    let written = file.metadata().and_then(|of| of.modified()).expect("a time");
    file.seek(SeekFrom::Start(size / 2)).expect("sought");
    // It may be empty.
    if size > 0 {
        file.write_all(b"!").expect("written");
    }
    file.set_times(FileTimes::new().set_modified(written)).expect("set");
}

fn cleared(path: &Path) {
    // It may not be there, or a folder.
    let _ = fs::remove_file(path).or_else(|_| fs::remove_dir(path));
}

/// Waits until whatever is changed has another time than what was changed last: the system counts them by its ticks.
fn ticked(dir: &Path) {
    let probe = tempfile::NamedTempFile::new_in(dir.parent().expect("a directory above")).expect("made");
    let changed = |at: &Path| fs::metadata(at).map(|of| (of.ctime(), of.ctime_nsec())).expect("there");
    let before = changed(probe.path());
    while changed(probe.path()) <= before {
        fs::write(probe.path(), "now").expect("written");
    }
}
