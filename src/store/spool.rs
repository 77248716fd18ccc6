//! Files without a name, for what is made to be taken along: whoever takes it, however slowly, holds nothing else.

use std::fs::File;
use std::io::{self, BufWriter, Seek as _, SeekFrom, Write as _};

/// What is written at once, in bytes.
const ROOM: usize = 64 * 1024;

/// It is for its owner alone, and gone once this is dropped, whatever becomes of the process.
#[derive(Debug)]
pub struct Spool {
    file: File,
}

impl Spool {
    pub(super) fn new(file: File) -> Self {
        Self { file }
    }

    /// What is written is all that is in it; gives its length in bytes. Blocks.
    ///
    /// # Errors
    /// It cannot be written, or what is to be written cannot be made.
    pub fn fill(&self, write: impl FnOnce(&mut dyn io::Write) -> io::Result<()>) -> io::Result<u64> {
        self.file.set_len(0)?;
        let mut out = BufWriter::with_capacity(ROOM, &self.file);
        out.seek(SeekFrom::Start(0))?;
        write(&mut out)?;
        out.flush()?;
        out.stream_position()
    }

    /// To be read from its beginning, while this is kept.
    ///
    /// # Errors
    /// There are too many open files.
    pub fn reader(&self) -> io::Result<File> {
        let mut file = self.file.try_clone()?;
        file.seek(SeekFrom::Start(0))?;
        Ok(file)
    }
}
