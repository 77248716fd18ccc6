//! The two files that are uploaded, with their digests.

use blake2::Blake2b;
use blake2::digest::consts::U32;
use sha2::{Digest as _, Sha256};

use super::metadata::Metadata;
use super::names::Names;
use crate::model::hex::hex;

/// What one project uploads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archives {
    pub wheel: Archive,
    pub sdist: Archive,
    /// What its parts are called.
    pub names: Names,
    /// What both say; an upload says it once more.
    pub metadata: Metadata,
}

impl Archives {
    /// The wheel goes first: it is what installers take.
    pub fn all(&self) -> [&Archive; 2] {
        [&self.wheel, &self.sdist]
    }
}

/// One file.
#[derive(Clone, PartialEq, Eq)]
pub struct Archive {
    pub filename: String,
    pub bytes: Vec<u8>,
    /// What it holds, in its order.
    pub entries: Vec<Entry>,
}

/// A file inside of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub path: String,
    pub text: String,
}

impl Entry {
    pub(super) fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { path: path.into(), text: text.into() }
    }
}

impl Archive {
    /// In lower-case hex, as PyPI compares it.
    pub fn sha256(&self) -> String {
        hex(&Sha256::digest(&self.bytes))
    }

    /// The same of BLAKE2b with 256 bits (`blake2_256_digest`).
    pub fn blake2b_256(&self) -> String {
        hex(&Blake2b::<U32>::digest(&self.bytes))
    }
}

impl std::fmt::Debug for Archive {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({} bytes)", self.filename, self.bytes.len())
    }
}
