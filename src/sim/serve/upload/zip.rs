//! Zip archives, read as `warehouse` reads them: once by the central directory, as installers do, and once record by
//! record from the front (`utils/zipfiles.py`). An archive that the two readings tell apart is refused. Zip64 is refused too.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;

use flate2::read::DeflateDecoder;

/// Bytes that one entry may have when it is read.
const ENTRY: u64 = 64 << 20;
/// The end record, with the longest comment behind it.
const TAIL: usize = 22 + (1 << 16);

const LOCAL: &[u8] = b"PK\x03\x04";
const CENTRAL: &[u8] = b"PK\x01\x02";
const END: &[u8] = b"PK\x05\x06";

/// An archive whose central directory could be read.
pub(super) struct Zip<'a> {
    bytes: &'a [u8],
    entries: Vec<Entry>,
}

struct Entry {
    name: String,
    method: u16,
    crc: u32,
    compressed: u32,
    size: u32,
    offset: usize,
}

impl<'a> Zip<'a> {
    /// `None` for what is no zip file.
    pub(super) fn open(bytes: &'a [u8]) -> Option<Self> {
        let from = bytes.len().saturating_sub(TAIL);
        let end = from + bytes[from..].windows(4).rposition(|four| four == END)?;
        let (count, start) = (half(bytes, end + 10)?, word(bytes, end + 16)? as usize);
        let (mut at, mut entries) = (start, Vec::new());
        for _ in 0..count {
            let (entry, next) = Entry::read(bytes, at)?;
            entries.push(entry);
            at = next;
        }
        Some(Self { bytes, entries })
    }

    /// The content of an entry; `None` when there is none, or it cannot be had.
    pub(super) fn read(&self, name: &str) -> Option<Vec<u8>> {
        let entry = self.entries.iter().rev().find(|entry| entry.name == name)?;
        let local = entry.offset;
        let start =
            local + 30 + usize::from(half(self.bytes, local + 26)?) + usize::from(half(self.bytes, local + 28)?);
        let raw = self.bytes.get(start..start.checked_add(entry.compressed as usize)?)?;
        let mut content = Vec::new();
        match entry.method {
            0 => content.extend_from_slice(raw),
            _ => drop(DeflateDecoder::new(raw).take(ENTRY).read_to_end(&mut content).ok()?),
        }
        let mut crc = flate2::Crc::new();
        crc.update(&content);
        (crc.sum() == entry.crc && content.len() == entry.size as usize).then_some(content)
    }

    /// What is wrong with it, in PyPI's words.
    pub(super) fn fault(&self) -> Option<String> {
        let size: u64 = self.entries.iter().map(|entry| u64::from(entry.size)).sum();
        if size > 64 << 20 && size / (self.bytes.len() as u64).max(1) > 50 {
            return Some("File exceeds compression ratio of 50".to_owned());
        }
        let odd = self.entries.iter().any(|entry| !matches!(entry.method, 0 | 8));
        odd.then(|| "File does not use a supported compression type".to_owned())
    }

    /// What is wrong with the frame of its records.
    pub(super) fn framing(&self) -> Option<&'static str> {
        Walk::new(self).run().err()
    }
}

impl Entry {
    fn read(bytes: &[u8], at: usize) -> Option<(Self, usize)> {
        if bytes.get(at..at + 4)? != CENTRAL {
            return None;
        }
        let (name, extra, comment) = (half(bytes, at + 28)?, half(bytes, at + 30)?, half(bytes, at + 32)?);
        let end = at + 46 + usize::from(name);
        let entry = Self {
            name: String::from_utf8_lossy(bytes.get(at + 46..end)?).into_owned(),
            method: half(bytes, at + 10)?,
            crc: word(bytes, at + 16)?,
            compressed: word(bytes, at + 20)?,
            size: word(bytes, at + 24)?,
            offset: word(bytes, at + 42)? as usize,
        };
        Some((entry, end + usize::from(extra) + usize::from(comment)))
    }
}

/// The reading from the front (`_validate_zipfile`).
struct Walk<'z> {
    bytes: &'z [u8],
    at: usize,
    /// Sizes by the central directory: compressed, and not.
    sizes: BTreeMap<&'z str, (u32, u32)>,
    local: BTreeSet<&'z [u8]>,
    central: BTreeSet<&'z [u8]>,
    /// Where the central directory begins, and how long it is so far.
    directory: Option<usize>,
    length: usize,
}

type Step<T> = Result<T, &'static str>;
const MALFORMED: &str = "Malformed zip file";

impl<'z> Walk<'z> {
    fn new(zip: &'z Zip<'_>) -> Self {
        let sizes = zip.entries.iter().map(|entry| (entry.name.as_str(), (entry.compressed, entry.size))).collect();
        Self {
            bytes: zip.bytes,
            at: 0,
            sizes,
            local: BTreeSet::new(),
            central: BTreeSet::new(),
            directory: None,
            length: 0,
        }
    }

    fn run(mut self) -> Step<()> {
        loop {
            match self.take(4)? {
                CENTRAL => self.central_header()?,
                LOCAL => self.local_header()?,
                END => return self.end(),
                _ => return Err("Unknown record signature"),
            }
        }
    }

    fn take(&mut self, length: usize) -> Step<&'z [u8]> {
        let taken = self.bytes.get(self.at..self.at + length).ok_or(MALFORMED)?;
        self.at += length;
        Ok(taken)
    }

    fn local_header(&mut self) -> Step<()> {
        let head = self.take(26)?;
        let number = |at| word(head, at).ok_or(MALFORMED);
        let (flags, compressed, size) = (half(head, 2).ok_or(MALFORMED)?, number(14)?, number(18)?);
        let name = self.take(half(head, 22).map_or(0, usize::from))?;
        let extra = self.take(half(head, 24).map_or(0, usize::from))?;
        printable(name)?;
        extras(extra)?;
        if flags & 8 != 0 {
            return Err("ZIP contains a data descriptor");
        }
        let text = std::str::from_utf8(name).map_err(|_| "Filename not unicode")?;
        let (expected, expected_size) = *self.sizes.get(text).ok_or("Filename not in central directory")?;
        if expected != compressed {
            return Err("Mis-matched data size");
        }
        if expected_size != size {
            return Err("Mis-matched file size");
        }
        self.at = self.at.checked_add(compressed as usize).ok_or(MALFORMED)?;
        if self.local.insert(name) { Ok(()) } else { Err("Duplicate filename in local headers") }
    }

    fn central_header(&mut self) -> Step<()> {
        self.directory.get_or_insert(self.at - 4);
        let head = self.take(42)?;
        let [name, extra, comment] = [24, 26, 28].map(|at| half(head, at).map_or(0, usize::from));
        if comment != 0 {
            return Err("Comment in central directory");
        }
        let name = self.take(name)?;
        self.take(extra)?;
        printable(name)?;
        self.length += 46 + name.len() + extra;
        if !self.central.insert(name) {
            return Err("Duplicate filename in central directory");
        }
        if self.local.contains(name) { Ok(()) } else { Err("Missing filename in local headers") }
    }

    fn end(mut self) -> Step<()> {
        let start = self.at - 4;
        let head = self.take(18)?;
        let number = |at| word(head, at).map(|number| number as usize).ok_or(MALFORMED);
        let (here, all) = (half(head, 4), half(head, 6).map_or(0, usize::from));
        if here.map(usize::from) != Some(all) {
            return Err(MALFORMED);
        }
        let comment = half(head, 16).map_or(0, usize::from);
        self.at += comment;
        if all != self.central.len() {
            return Err("Mismatched central directory records");
        }
        if number(12)? != self.directory.unwrap_or(start) {
            return Err("Mismatched central directory offset");
        }
        if number(8)? != self.length {
            return Err("Mismatched central directory size");
        }
        if self.central != self.local {
            return Err("Mis-matched local headers and central directory");
        }
        if self.at == self.bytes.len() { Ok(()) } else { Err("Trailing data") }
    }
}

fn printable(name: &[u8]) -> Step<()> {
    let bad = name.iter().any(|byte| *byte < 32 || *byte == 127);
    if bad { Err("Invalid character in filename") } else { Ok(()) }
}

/// Extra fields: well formed, and none of Zip64.
fn extras(mut extra: &[u8]) -> Step<()> {
    while !extra.is_empty() {
        let (id, length) = (half(extra, 0).ok_or(MALFORMED)?, half(extra, 2).map(usize::from).ok_or(MALFORMED)?);
        if id == 1 {
            return Err(MALFORMED);
        }
        extra = extra.get(4 + length..).ok_or(MALFORMED)?;
    }
    Ok(())
}

fn half(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::wheel::Wheel;
    use crate::sim::world::World;

    /// A sound wheel, as the simulator makes them: four stored entries.
    fn wheel() -> Vec<u8> {
        let mut world = World::default();
        world.upload("acme", "1.0", "", "me", crate::model::Time::default()).expect("free");
        let name = crate::model::ProjectName::parse("acme").expect("valid");
        Wheel::build(&name, &world.release_of(&name, "1.0").expect("there")).bytes
    }

    fn place(bytes: &[u8], what: &[u8]) -> usize {
        bytes.windows(what.len()).position(|window| window == what).expect("there")
    }

    fn framing(change: impl FnOnce(&mut Vec<u8>)) -> Option<&'static str> {
        let mut bytes = wheel();
        change(&mut bytes);
        Zip::open(&bytes).map_or(Some("no zip"), |zip| zip.framing())
    }

    #[test]
    fn a_sound_archive_reads_the_same_from_both_ends() {
        let bytes = wheel();
        let zip = Zip::open(&bytes).expect("a zip");
        assert_eq!((zip.framing(), zip.fault()), (None, None));
        assert!(zip.read("acme-1.0.dist-info/WHEEL").expect("there").starts_with(b"Wheel-Version"));
        assert_eq!(zip.read("acme-1.0.dist-info/NONE"), None);
        assert!(Zip::open(b"PK").is_none() && Zip::open(b"").is_none());
    }

    #[test]
    fn each_way_to_differ_has_its_words() {
        let central = |bytes: &[u8]| place(bytes, CENTRAL);
        assert_eq!(framing(|bytes| bytes[6] |= 8), Some("ZIP contains a data descriptor"));
        assert_eq!(framing(|bytes| bytes.push(0)), Some("Trailing data"));
        assert_eq!(framing(|bytes| drop(bytes.splice(0..0, *b"#!"))), Some("no zip"));
        assert_eq!(framing(|bytes| bytes[18] += 1), Some("Mis-matched data size"));
        assert_eq!(framing(|bytes| bytes[22] += 1), Some("Mis-matched file size"));
        assert_eq!(framing(|bytes| bytes[30] = b'A'), Some("Filename not in central directory"));
        assert_eq!(framing(|bytes| bytes[30] = 7), Some("Invalid character in filename"));
        assert_eq!(framing(|bytes| bytes[30] = 0xff), Some("Filename not unicode"));
        let comment = framing(|bytes| {
            let end = place(bytes, END);
            let last = bytes[..end].windows(4).rposition(|four| four == CENTRAL).expect("there");
            bytes[last + 32] = 1;
            bytes.insert(end, b'!');
        });
        assert_eq!(comment, Some("Comment in central directory"));
        let twice = framing(|bytes| {
            let start = central(bytes);
            let first = bytes[..place(&bytes[4..], LOCAL) + 4].to_vec();
            bytes.splice(start..start, first);
            let end = place(bytes, END);
            let shifted = u32::try_from(central(bytes)).expect("small").to_le_bytes();
            bytes[end + 16..end + 20].copy_from_slice(&shifted);
        });
        assert_eq!(twice, Some("Duplicate filename in local headers"));
    }

    #[test]
    fn a_broken_content_is_none() {
        let mut bytes = wheel();
        let at = place(&bytes, b"Wheel-Version");
        bytes[at] = b'w';
        assert_eq!(Zip::open(&bytes).expect("a zip").read("acme-1.0.dist-info/WHEEL"), None);
    }
}
