//! A zip archive.

use std::io::{Cursor, Read};

use zip::read::ZipFile;
use zip::{ExtraField, ZipArchive};

use super::form::{MOST_ENTRIES, Unreadable};
use super::gathered::Gathered;

/// What each entry of its directory begins with.
const LISTED: &[u8] = b"PK\x01\x02";
/// What the end of its directory begins with, and in how many bytes at the end of a file Python looks for that.
const END: &[u8] = b"PK\x05\x06";
const END_WITHIN: usize = 65_557;
/// Of the header before the bytes of a file: where the length of its name stands, and where its name does.
const NAME_LENGTH: usize = 26;
const NAME: usize = 30;

/// Would Python take it for one? It does not look at how it begins, nor at what it is called.
pub(super) fn is_one(bytes: &[u8]) -> bool {
    bytes[bytes.len().saturating_sub(END_WITHIN)..].windows(END.len()).any(|of| of == END)
}

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
    let mut packed = 0_u64;
    for number in 0..archive.len() {
        into.count()?;
        let entry = archive.by_index(number).map_err(Unreadable::broken)?;
        packed = packed.saturating_add(entry.compressed_size());
        if packed > bytes.len() as u64 {
            return Err(Unreadable::broken("files in it share their bytes"));
        }
        let path = name(&entry, bytes)?;
        // Installers write the text of a link as a file; other tools make the link.
        let is_link = entry.is_symlink();
        let is_folder = path.ends_with('/') && !path.contains('\\') && entry.size() == 0;
        if !is_folder {
            into.add(path, is_link, entry)?;
        }
    }
    // Who reads from the front (uv) goes by what stands before each file, and finds files that the directory does not name. Where it names one twice
    // that is said already.
    match archive.has_duplicate_names() {
        true => Ok(()),
        false => archive.validate_header_consistency().map_err(Unreadable::broken),
    }
}

/// The one that all readers go by: they differ in which they take of several, and in where one ends.
fn name(entry: &ZipFile<'_, impl Read>, bytes: &[u8]) -> Result<String, Unreadable> {
    let name = entry.name_raw();
    match () {
        () if entry.extra_data_fields().any(|field| matches!(field, ExtraField::UnicodePath(_))) => {
            Err(Unreadable::broken("a file in it has a second name"))
        }
        () if name_at(bytes, entry.header_start()) != Some(name) => {
            Err(Unreadable::broken("a file in it is called otherwise in the directory than where it lies"))
        }
        () if name.contains(&0) => Err(Unreadable::broken("a name in it goes on after its end")),
        () => Ok(String::from_utf8_lossy(name).into_owned()),
    }
}

/// By the header before the bytes of the file.
fn name_at(bytes: &[u8], header: u64) -> Option<&[u8]> {
    let header = bytes.get(usize::try_from(header).ok()?..)?;
    let length = u16::from_le_bytes(*header.get(NAME_LENGTH..)?.first_chunk()?);
    header.get(NAME..NAME + usize::from(length))
}
