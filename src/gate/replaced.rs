//! Small files that are replaced as a whole: after a power cut the old or the new one is there.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

/// Writes it beside the file, and then in its place; it is on the disk when this returns.
///
/// # Errors
/// The system's: what stood there stands.
pub(super) fn replace(path: &Path, with: &[u8]) -> io::Result<()> {
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".new");
    let mut file = File::create(&unfinished)?;
    file.write_all(with)?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
}
