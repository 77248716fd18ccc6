//! A gzipped tar archive. Extensions are read here: the library would read one of any length, and go by a size that other readers do
//! not go by.

use std::io::Read;

use flate2::read::MultiGzDecoder;
use tar::{Archive, Entry, Header, PaxExtensions};

use super::form::{MOST_BYTES, Unreadable};
use super::gathered::Gathered;

/// Of a name, and of a header of PAX.
const LONGEST: u64 = 1 << 16;
/// Where in a header the beginning of a long name stands, by the format of POSIX.
const PREFIX: usize = 345;

/// What was said of the next entry before it.
#[derive(Default)]
struct Said {
    path: Option<Vec<u8>>,
    to: Option<Vec<u8>>,
}

/// What comes out of the compression, all of it: what is skipped, too.
struct Counted<R> {
    from: R,
    left: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.from.read(into)?;
        self.left = self
            .left
            .checked_sub(read as u64)
            .ok_or_else(|| std::io::Error::other("what comes out of it does not end"))?;
        Ok(read)
    }
}

pub(super) fn read(bytes: &[u8], into: &mut Gathered<'_>) -> Result<(), Unreadable> {
    // Headers and padding, beside what is counted for each file.
    let unpacked = Counted { from: MultiGzDecoder::new(bytes), left: MOST_BYTES * 2 };
    let mut archive = Archive::new(unpacked);
    let (mut said, entries) = (Said::default(), archive.entries().map_err(Unreadable::broken)?);
    for entry in entries.raw(true) {
        let mut entry = entry.map_err(Unreadable::broken)?;
        match entry.header().entry_type().as_byte() {
            b'L' => said.path = one(said.path, name(&mut entry, into)?)?,
            b'K' => said.to = one(said.to, name(&mut entry, into)?)?,
            b'x' => said = pax(&short(&mut entry, into)?, said)?,
            b'g' => of_all(&short(&mut entry, into)?)?,
            b'S' | b'X' => return Err(Unreadable::broken("it has an entry of a kind that readers differ about")),
            kind => put(kind, &mut entry, std::mem::take(&mut said), into)?,
        }
    }
    Ok(())
}

/// The one name of an entry. Of several Python's reader goes by the first and others by the last, and an empty one takes another back for some.
fn one(known: Option<Vec<u8>>, name: Vec<u8>) -> Result<Option<Vec<u8>>, Unreadable> {
    match known {
        _ if name.is_empty() => Err(Unreadable::broken("an entry in it has an empty name")),
        Some(known) if known != name => Err(Unreadable::broken("an entry in it has two names")),
        _ => Ok(Some(name)),
    }
}

/// What Python's own reader takes for a file is one.
fn put(kind: u8, entry: &mut Entry<'_, impl Read>, said: Said, into: &mut Gathered<'_>) -> Result<(), Unreadable> {
    into.count()?;
    let is_folder = is_folder(kind, entry.header());
    if entry.size() != 0 && (is_folder || (b'1'..=b'6').contains(&kind)) {
        // Some readers pass over its bytes, and others read headers in them.
        return Err(Unreadable::broken("what is no file in it has a size"));
    }
    if entry.header().as_ustar().is_none() && entry.header().as_bytes()[PREFIX] != 0 {
        return Err(Unreadable::broken("a name in it has a beginning that not every reader reads"));
    }
    let path = said.path.unwrap_or_else(|| entry.path_bytes().into_owned());
    let path = String::from_utf8_lossy(&path).trim_start_matches("./").trim_end_matches('/').to_owned();
    match kind {
        _ if is_folder => Ok(()),
        b'1' | b'2' => {
            let to = said.to.or_else(|| entry.link_name_bytes().map(|to| to.into_owned())).unwrap_or_default();
            into.link(path, &to)
        }
        b'3' | b'4' | b'6' => into.link(path, &[kind]),
        _ => into.add(path, false, entry),
    }
}

/// In archives of old, a file whose own header calls it so is one; a slash that a later header says makes none.
fn is_folder(kind: u8, header: &Header) -> bool {
    kind == b'5' || (header.as_old().linkflag == [0] && header.path_bytes().ends_with(b"/"))
}

/// It ends where the first byte is that is none.
fn name(entry: &mut Entry<'_, impl Read>, into: &mut Gathered<'_>) -> Result<Vec<u8>, Unreadable> {
    let mut name = short(entry, into)?;
    let end = name.iter().position(|byte| *byte == 0).unwrap_or(name.len());
    name.truncate(end);
    Ok(name)
}

fn short(entry: &mut Entry<'_, impl Read>, into: &mut Gathered<'_>) -> Result<Vec<u8>, Unreadable> {
    if entry.size() > LONGEST {
        return Err(Unreadable::broken("a header in it is longer than any name"));
    }
    let mut bytes = Vec::new();
    entry.read_to_end(&mut bytes).map_err(Unreadable::broken)?;
    into.take(bytes.len())?;
    Ok(bytes)
}

/// Of all that comes: no archive has one name for all of its files.
fn of_all(bytes: &[u8]) -> Result<(), Unreadable> {
    match pax(bytes, Said::default())? {
        Said { path: None, to: None } => Ok(()),
        Said { .. } => Err(Unreadable::broken("it has one name for all that is in it")),
    }
}

/// What readers differ about makes an archive that shows one file to one of them, and another to another.
fn pax(bytes: &[u8], mut said: Said) -> Result<Said, Unreadable> {
    for record in PaxExtensions::new(bytes) {
        let record = record.map_err(Unreadable::broken)?;
        match record.key_bytes() {
            b"path" => said.path = one(said.path, record.value_bytes().to_owned())?,
            b"linkpath" => said.to = one(said.to, record.value_bytes().to_owned())?,
            b"size" => return Err(Unreadable::broken("it says a size twice")),
            key if key.starts_with(b"GNU.sparse.") => return Err(Unreadable::broken("it has files with holes")),
            _ => {}
        }
    }
    Ok(said)
}
