//! What leaves the directory: halves of a gate that was killed, and what has no room, the oldest first.

use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// # Errors
/// The system's.
pub(super) fn unfinished(dir: &Path, extension: &str) -> io::Result<()> {
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        if path.extension().is_some_and(|of| of == extension)
            && let Err(error) = std::fs::remove_file(&path)
        {
            tracing::warn!("{} cannot be removed ({error}), and takes room", path.display());
        }
    }
    Ok(())
}

/// Removes what the index said longest ago, until the rest has room, in bytes.
///
/// # Errors
/// The system's.
pub(super) fn oldest(dir: &Path, room: u64) -> io::Result<()> {
    let mut there: Vec<(SystemTime, u64, PathBuf)> =
        std::fs::read_dir(dir)?.filter_map(|entry| found(&entry.ok()?)).collect();
    let mut taken: u64 = there.iter().map(|(_, size, _)| size).sum();
    there.sort();
    for (_, size, path) in there {
        if taken <= room {
            break;
        }
        // It may be gone by now.
        let _ = std::fs::remove_file(path);
        taken -= size;
    }
    Ok(())
}

fn found(entry: &std::fs::DirEntry) -> Option<(SystemTime, u64, PathBuf)> {
    let of = entry.metadata().ok().filter(std::fs::Metadata::is_file)?;
    Some((of.modified().ok()?, of.len(), entry.path()))
}
