//! The package of a claim by its content, so that nothing is ever uploaded twice under two.

use serde::{Deserialize, Serialize};

/// A file as it was rehearsed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedFile {
    pub filename: String,
    /// Lowercase hex.
    pub sha256: String,
    /// Bytes.
    pub size: u64,
}

/// What was rehearsed, in the order in which it is uploaded: the wheel first, as it installs without running anything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
    pub version: String,
    pub files: Vec<SealedFile>,
}

impl Seal {
    pub fn file(&self, filename: &str) -> Option<&SealedFile> {
        self.files.iter().find(|file| file.filename == filename)
    }
}
