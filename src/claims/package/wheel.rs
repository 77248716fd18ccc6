//! The wheel: a zip archive of stored entries.
//!
//! PyPI refuses data descriptors (`warehouse/utils/zipfiles.py`), so it is written where sizes can be put in afterwards. Nothing
//! is compressed: no compressor, nor another version of it, has a say in the bytes.

use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipWriter};

use super::archive::{Archive, Entry};

/// # Errors
/// None that a few kilobytes in memory can have; whatever the library says.
pub(super) fn archive(filename: String, entries: Vec<Entry>) -> std::io::Result<Archive> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    // Midnight of 1980-01-01, the first that the format has.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::default())
        .system(System::Unix)
        .unix_permissions(0o644);
    for entry in &entries {
        zip.start_file(&entry.path, options)?;
        zip.write_all(entry.text.as_bytes())?;
    }
    Ok(Archive { filename, bytes: zip.finish()?.into_inner(), entries })
}
