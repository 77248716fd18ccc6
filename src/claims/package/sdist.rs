//! The source distribution: a gzipped tar archive of plain files that nobody owns.

use std::io::{self, Write as _};

use flate2::{Compression, GzBuilder};
use tar::{Builder, EntryType, Header};

use super::archive::{Archive, Entry};

/// 1980-01-01, as in the wheel.
const MADE: u64 = 315_532_800;

/// # Errors
/// None that a few kilobytes in memory can have; whatever the library says.
pub(super) fn archive(filename: String, entries: Vec<Entry>) -> io::Result<Archive> {
    let mut tar = Builder::new(Vec::new());
    for entry in &entries {
        // Names of more than 100 bytes go into an entry of their own, as GNU tar has it.
        tar.append_data(&mut header(entry), &entry.path, entry.text.as_bytes())?;
    }
    let bytes = zipped(&tar.into_inner()?)?;
    Ok(Archive { filename, bytes, entries })
}

fn header(entry: &Entry) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::Regular);
    header.set_size(entry.text.len() as u64);
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(MADE);
    header
}

/// Without a time, a name and a system, and uncompressed, for the reason that the wheel is.
fn zipped(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut gzip = GzBuilder::new().mtime(0).operating_system(255).write(Vec::new(), Compression::none());
    gzip.write_all(bytes)?;
    gzip.finish()
}
