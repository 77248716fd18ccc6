//! Puts a verified list where the gate reads it, with its signature: each of the two whole or not at all.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::file::signature_of;

/// The gate reads it, whoever brings it.
const MODE: u32 = 0o644;

/// On the disk when this returns. Whoever looks in between sees two that do not belong together, and looks again.
///
/// # Errors
/// The system's. What lay there before may have its signature no more then: put it there again.
pub fn put(at: &Path, list: &[u8], signature: &[u8]) -> io::Result<()> {
    let signature_at = signature_of(at);
    let (new_list, new_signature) = (unfinished(at, list)?, unfinished(&signature_at, signature)?);
    fs::rename(new_signature, signature_at)?;
    fs::rename(new_list, at)?;
    File::open(at.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new(".")))?.sync_all()
}

fn unfinished(at: &Path, bytes: &[u8]) -> io::Result<PathBuf> {
    let mut path = OsString::from(at);
    path.push(".new");
    let path = PathBuf::from(path);
    if let Err(error) = fs::remove_file(&path)
        && error.kind() != io::ErrorKind::NotFound
    {
        return Err(error);
    }
    // Root brings lists to where the gate's user may write, and follows no link of theirs.
    let mut file = OpenOptions::new().write(true).create_new(true).open(&path)?;
    file.set_permissions(Permissions::from_mode(MODE))?;
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(path)
}
