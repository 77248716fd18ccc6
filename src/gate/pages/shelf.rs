//! Pages on disk, as an index said them: what was seen before a restart is there after it, also where the index is not.
//!
//! A file each, named by the digest of the page's address: a line of JSON that says of what it is, and the page behind it, compressed
//! by Zstandard (RFC 8878). When the index said so last is when the file was modified last.

mod sweep;

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::history::PageHistory;
use super::print::Print;
use crate::model::Time;
use crate::model::hex::hex;

/// What a line of JSON may take: as much as is kept of earlier pages, whatever their files are called.
const HEAD: u64 = 6 << 20;
/// Fast, and nearly as small as it gets: most of a page are digests.
const LEVEL: i32 = 3;
/// A page that is being written.
const UNFINISHED: &str = "part";

/// The directory of them.
#[derive(Debug)]
pub struct PageShelf {
    dir: PathBuf,
    /// Bytes.
    room: u64,
    /// Bytes since it was last swept.
    written: Mutex<u64>,
    number: AtomicU64,
}

/// Of what a file is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Head {
    /// Of the page at its index.
    pub(super) address: Url,
    pub(super) etag: Option<String>,
    /// The index keeps it from everybody.
    pub(super) quarantined: bool,
    /// SHA-256 of the page, hexadecimal.
    pub(super) sha256: String,
    /// What of earlier pages is known.
    #[serde(default)]
    pub(super) history: PageHistory,
}

impl Head {
    pub(super) fn of(address: Url, etag: Option<String>, (print, quarantined): (&Print, bool)) -> Self {
        Self { address, etag, quarantined, sha256: hex(print), history: PageHistory::default() }
    }

    /// The same, after other pages.
    pub(super) fn after(self, history: PageHistory) -> Self {
        Self { history, ..self }
    }

    /// `None` where it is none.
    pub(super) fn print(&self) -> Option<Print> {
        let digit = |at: usize| u8::from_str_radix(self.sha256.get(at..at + 2)?, 16).ok();
        let bytes: Vec<u8> = (0..self.sha256.len()).step_by(2).map(digit).collect::<Option<_>>()?;
        bytes.try_into().ok()
    }
}

impl PageShelf {
    /// Below a directory that is ours alone; `room` in bytes, and what is there from before counts.
    ///
    /// # Errors
    /// When it cannot be made, or swept.
    pub fn open(dir: &Path, room: u64) -> io::Result<Self> {
        std::fs::create_dir_all(dir)?;
        sweep::unfinished(dir, UNFINISHED)?;
        sweep::oldest(dir, room)?;
        Ok(Self { dir: dir.to_owned(), room, written: Mutex::default(), number: AtomicU64::default() })
    }

    /// Writes a page that the index said at that moment; `packed` is what [`packed`] made of it.
    ///
    /// # Errors
    /// The disk's; what was there stays.
    pub(super) fn put(&self, head: &Head, packed: &[u8], at: Time) -> io::Result<()> {
        let mut line = serde_json::to_vec(head)?;
        line.push(b'\n');
        let path = self.path(&head.address);
        let unfinished = path.with_extension(format!("{}.{UNFINISHED}", self.number.fetch_add(1, Ordering::Relaxed)));
        let written = written(&unfinished, &[&line, packed], at).and_then(|()| std::fs::rename(&unfinished, &path));
        if written.is_err() {
            // It may never have been there.
            let _ = std::fs::remove_file(&unfinished);
            return written;
        }
        self.sweep_after(line.len() + packed.len())
    }

    /// What is there of this page, and when the index said so last. `None`: nothing, or nothing that can be read.
    pub(super) fn head(&self, address: &Url) -> Option<(Head, Time)> {
        let (head, file) = self.opened(address)?;
        Some((head, file.get_ref().metadata().and_then(|of| of.modified()).ok()?.into()))
    }

    /// The page, where it is this one.
    pub(super) fn page(&self, address: &Url, print: &Print, limit: u64) -> Option<Vec<u8>> {
        let (head, file) = self.opened(address)?;
        let page = unpacked(file, limit).ok().filter(|_| head.print().as_ref() == Some(print))?;
        (Sha256::digest(&page)[..] == *print).then_some(page)
    }

    /// The index said it again.
    pub(super) fn confirm(&self, address: &Url, at: Time) -> io::Result<()> {
        File::options().append(true).open(self.path(address))?.set_modified(at.into())
    }

    /// It is no more.
    pub(super) fn remove(&self, address: &Url) -> io::Result<()> {
        match std::fs::remove_file(self.path(address)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn path(&self, address: &Url) -> PathBuf {
        self.dir.join(hex(&Sha256::digest(address.as_str())))
    }

    /// A file whose first line says that it is of this page.
    fn opened(&self, address: &Url) -> Option<(Head, BufReader<File>)> {
        let mut file = BufReader::new(File::open(self.path(address)).ok()?);
        let mut line = Vec::new();
        file.by_ref().take(HEAD).read_until(b'\n', &mut line).ok()?;
        let head: Head = serde_json::from_slice(&line).ok()?;
        (head.address == *address).then_some((head, file))
    }

    /// An eighth of the room may be in excess until somebody looks.
    fn sweep_after(&self, bytes: usize) -> io::Result<()> {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        *written += bytes as u64;
        if *written <= self.room / 8 {
            return Ok(());
        }
        *written = 0;
        sweep::oldest(&self.dir, self.room)
    }
}

fn written(path: &Path, parts: &[&[u8]], at: Time) -> io::Result<()> {
    let mut file = File::create(path)?;
    parts.iter().try_for_each(|part| file.write_all(part))?;
    file.set_modified(at.into())
}

/// As it is kept.
///
/// # Errors
/// Where there is no memory for it.
pub(super) fn packed(page: &[u8]) -> io::Result<Vec<u8>> {
    // Of what length it is goes before: of an unknown one a small page takes as much room as a large one.
    let mut packed = zstd::bulk::compress(page, LEVEL)?;
    packed.shrink_to_fit();
    Ok(packed)
}

/// What [`packed`] made, as it was.
///
/// # Errors
/// It is something else, or larger than this.
pub(super) fn unpacked(packed: impl Read, limit: u64) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    zstd::Decoder::new(packed)?.take(limit + 1).read_to_end(&mut page)?;
    if page.len() as u64 > limit {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "the page"));
    }
    Ok(page)
}

#[cfg(test)]
mod tests;
