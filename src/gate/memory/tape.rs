//! A file of whole lines that only grows: read once, then written at its end.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

#[derive(Debug)]
pub(super) struct Tape {
    pub(super) file: File,
    /// Bytes of whole lines.
    length: u64,
}

/// What was there when it was opened.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) whole: String,
    /// Behind the end of the last line.
    pub(super) rest: String,
}

/// An empty file, for its owner alone; the directory knows of it when this returns.
pub(super) fn touch(path: &Path) -> io::Result<()> {
    OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
    path.parent().map_or(Ok(()), |dir| File::open(dir)?.sync_all())
}

/// A program that is started meanwhile has the file too, until it becomes another: closing it here alone would not free it.
impl Drop for Tape {
    fn drop(&mut self) {
        let _ = self.file.unlock();
    }
}

impl Tape {
    /// Made where there is none. The directory knows of it before anything is in it.
    pub(super) fn open(dir: &Path, path: &Path) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
        let file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path)?;
        File::open(dir)?.sync_all()?;
        Ok(Self { file, length: 0 })
    }

    /// From its beginning.
    pub(super) fn read(&mut self) -> io::Result<Found> {
        let mut bytes = Vec::new();
        self.file.read_to_end(&mut bytes)?;
        let rest = bytes.split_off(bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1));
        self.length = bytes.len() as u64;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok(Found { whole: text(&bytes), rest: text(&rest) })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// On the disk when this returns. What an earlier attempt left at the end is cut off first, so that no line begins within
    /// another.
    pub(super) fn append(&mut self, text: &str) -> io::Result<()> {
        self.file.set_len(self.length)?;
        self.file.write_all(text.as_bytes())?;
        self.file.sync_data()?;
        self.length += text.len() as u64;
        Ok(())
    }
}
