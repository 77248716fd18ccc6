//! What the directory of files has at a start: half a file of one that was killed goes, and so does what has no room.

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// What is being fetched.
pub(super) const UNFINISHED: &str = ".part";

/// A file of the cache, by its name alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) sha256: String,
    pub(super) size: u64,
    /// Seconds and nanoseconds. The system notes a reading once a day (`relatime`), or never (`noatime`); then it is when it came.
    used: (i64, i64),
}

/// What stays of a directory, the one that was used last at the end; `room` and what `weigh` gives are of one unit.
///
/// # Errors
/// The system's.
pub(super) fn swept(dir: &Path, room: u64, weigh: impl Fn(u64) -> u64) -> io::Result<Vec<Found>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == &UNFINISHED[1..]) {
            removed(&path);
        } else {
            found.extend(of_ours(&path)?);
        }
    }
    let (gone, stays) = parted(found, room, weigh);
    for surplus in gone {
        removed(&dir.join(surplus.sha256));
    }
    Ok(stays)
}

/// A disk that gives nothing back costs room, and no start.
fn removed(path: &Path) {
    if let Err(error) = std::fs::remove_file(path) {
        tracing::warn!("{} cannot be removed ({error}), and takes room", path.display());
    }
}

/// Whatever else lies there was put there by somebody else.
fn of_ours(path: &Path) -> io::Result<Option<Found>> {
    let name = path.file_name().and_then(|name| name.to_str()).filter(|name| is_digest(name));
    let (Some(name), of) = (name, path.symlink_metadata()?) else { return Ok(None) };
    let used = (of.atime(), of.atime_nsec()).max((of.mtime(), of.mtime_nsec()));
    Ok(of.is_file().then(|| Found { sha256: name.to_owned(), size: of.len(), used }))
}

fn is_digest(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// What has to go, and what has room beside each other.
fn parted(mut found: Vec<Found>, room: u64, weigh: impl Fn(u64) -> u64) -> (Vec<Found>, Vec<Found>) {
    found.sort_by(|a, b| (a.used, &a.sha256).cmp(&(b.used, &b.sha256)));
    let mut taken = 0;
    let fits = found.iter().rev().take_while(|file| {
        taken += weigh(file.size);
        taken <= room
    });
    let stays = found.split_off(found.len() - fits.count());
    (found, stays)
}
