//! A zip archive.

use std::io::Cursor;

use zip::ZipArchive;

use super::form::{MOST_ENTRIES, Unreadable};
use super::gathered::Gathered;

/// What each entry of its directory begins with.
const LISTED: &[u8] = b"PK\x01\x02";

pub(super) fn read(bytes: &[u8], into: &mut Gathered<'_>) -> Result<(), Unreadable> {
    // The library reads all of the directory before it says how long that is, and one of millions would take all memory. Whatever
    // else has these bytes in it counts as well: no more than some archives in archives do.
    if bytes.windows(LISTED.len()).filter(|of| *of == LISTED).count() > MOST_ENTRIES {
        return Err(Unreadable::TooMany);
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(Unreadable::broken)?;
    if archive.has_duplicate_names() {
        into.twice.insert("its directory names some files twice".to_owned());
    }
    for number in 0..archive.len() {
        into.count()?;
        let entry = archive.by_index(number).map_err(Unreadable::broken)?;
        let path = String::from_utf8_lossy(entry.name_raw()).into_owned();
        // Installers write the text of a link as a file; other tools make the link.
        let is_link = entry.is_symlink();
        if !entry.is_dir() {
            into.add(path, is_link, entry)?;
        }
    }
    Ok(())
}
