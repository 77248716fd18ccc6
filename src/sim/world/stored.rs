//! A file as the index keeps it: what was uploaded, or what the simulator made for a release that has no upload.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Bytes;
use blake2::Blake2b;
use blake2::digest::consts::U32;
use md5::Md5;
use sha2::{Digest, Sha256};

use super::super::hex::hex;
use crate::model::Time;

/// Metadata as the form gave it: its keys, and all values of each.
pub type Fields = BTreeMap<String, Vec<String>>;

/// What uploads made of a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uploaded {
    /// In order of upload.
    pub files: Vec<Arc<StoredFile>>,
    /// Those of the first file; PyPI keeps no others.
    pub fields: Fields,
}

/// One file. Its content never changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFile {
    pub filename: String,
    pub bytes: Bytes,
    /// The `METADATA` of a wheel, served beside it (PEP 658); source distributions have none.
    pub metadata: Option<Bytes>,
    /// `py3` and the like; `source`.
    pub python: String,
    pub uploaded: Time,
}

impl StoredFile {
    /// As the JSON API and the form call it.
    pub fn packagetype(&self) -> &'static str {
        if self.filename.ends_with(".whl") { "bdist_wheel" } else { "sdist" }
    }

    pub fn md5(&self) -> String {
        hex(&Md5::digest(&self.bytes))
    }

    pub fn sha256(&self) -> String {
        hex(&Sha256::digest(&self.bytes))
    }

    /// By this PyPI tells contents apart, and spreads files over its storage.
    pub fn blake2_256(&self) -> String {
        hex(&Blake2b::<U32>::digest(&self.bytes))
    }

    pub fn metadata_sha256(&self) -> Option<String> {
        self.metadata.as_ref().map(|metadata| hex(&Sha256::digest(metadata)))
    }

    /// Where it is downloaded (`warehouse` `forklift/legacy.py`).
    pub fn path(&self) -> String {
        let digest = self.blake2_256();
        format!("/packages/{}/{}/{}/{}", &digest[..2], &digest[2..4], &digest[4..], self.filename)
    }
}
