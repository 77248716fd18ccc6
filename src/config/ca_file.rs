//! A file of certificates, and what it held when it was read.

use std::io::Read as _;
use std::path::PathBuf;

use sha2::{Digest as _, Sha256};

use super::source::{MOST, open_regular};

/// Two are the same when path and bytes are: a certificate that was renewed in its place is another setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaFile {
    pub path: PathBuf,
    /// SHA-256 of the bytes; `None` where they cannot be read, which whoever needs them finds out and says.
    digest: Option<[u8; 32]>,
}

impl CaFile {
    pub fn read(path: PathBuf) -> Self {
        let bytes = open_regular(&path).and_then(|file| {
            let mut bytes = Vec::new();
            file.take(MOST).read_to_end(&mut bytes).map(|_| bytes)
        });
        Self { path, digest: bytes.ok().map(|bytes| Sha256::digest(bytes).into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_it_tells_one_from_another() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("ca.pem");
        let missing = CaFile::read(path.clone());
        std::fs::write(&path, "one").expect("written");
        let one = CaFile::read(path.clone());
        assert_eq!(one, CaFile::read(path.clone()));
        std::fs::write(&path, "two").expect("written");
        assert_ne!(one, CaFile::read(path));
        assert_ne!(one, missing);
    }
}
