//! `Distribution`: one file as it is uploaded, with its digests and its metadata.

use std::fmt::Write as _;
use std::str::FromStr as _;
use std::sync::Arc;

use blake2::Blake2b;
use blake2::digest::consts::U32;
use pep440_rs::Version;
use sha2::{Digest, Sha256};

use super::metadata::{CoreMetadata, MetadataError};
use crate::model::{NameError, ProjectName};

/// What kind of archive; the form's `filetype`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `.whl` (PEP 427).
    Wheel,
    /// `.tar.gz` (PEP 625).
    Sdist,
}

/// One file and what PyPI is told about it. Made of the same bytes, it is the same upload: a retry is safe.
#[derive(Clone, Debug)]
pub struct Distribution {
    pub name: ProjectName,
    pub version: Version,
    pub kind: Kind,
    pub filename: String,
    pub content: Arc<[u8]>,
    pub metadata: CoreMetadata,
    /// SHA-256 of the content, in hex: what the simple page lists.
    pub sha256: String,
    /// BLAKE2b with 32 bytes, in hex.
    pub blake2_256: String,
}

/// Why a file cannot be uploaded at all.
#[derive(Debug, thiserror::Error)]
pub enum NoDistribution {
    #[error("{0:?} is neither a wheel (.whl) nor a source distribution (.tar.gz)")]
    Kind(String),
    #[error(transparent)]
    Metadata(#[from] MetadataError),
    #[error("the metadata names no project")]
    Name(#[from] NameError),
    #[error("{0:?} is no version (PEP 440)")]
    Version(String),
}

impl Distribution {
    /// `metadata` is the text of the archive's `METADATA` or `PKG-INFO`.
    ///
    /// # Errors
    /// See [`NoDistribution`]; whether PyPI would take it is for [`super::check::objections`].
    pub fn new(filename: &str, content: impl Into<Arc<[u8]>>, metadata: &str) -> Result<Self, NoDistribution> {
        let kind = Kind::of(filename).ok_or_else(|| NoDistribution::Kind(filename.to_owned()))?;
        let metadata = CoreMetadata::parse(metadata)?;
        let name = ProjectName::parse(metadata.get("name").unwrap_or_default())?;
        let version = metadata.get("version").unwrap_or_default();
        let version = Version::from_str(version).map_err(|_| NoDistribution::Version(version.to_owned()))?;
        let content = content.into();
        let (sha256, blake2_256) = (hex(&Sha256::digest(&content)), hex(&Blake2b::<U32>::digest(&content)));
        Ok(Self { name, version, kind, filename: filename.to_owned(), content, metadata, sha256, blake2_256 })
    }

    /// `NAME-VERSION` as file names begin (PEP 427, PEP 625), in the one spelling that PyPI takes of both kinds.
    pub fn stem(&self) -> String {
        format!("{}-{}", self.name.as_str().replace('-', "_"), self.version)
    }

    /// The form's `pyversion`: a wheel's Python tag, and `source`.
    pub(super) fn python(&self) -> &str {
        match self.kind {
            Kind::Sdist => "source",
            Kind::Wheel => self.filename.trim_end_matches(".whl").rsplit('-').nth(2).unwrap_or_default(),
        }
    }
}

impl Kind {
    fn of(filename: &str) -> Option<Self> {
        let ends = |with: &str| filename.len() > with.len() && filename.ends_with(with);
        if ends(".whl") { Some(Self::Wheel) } else { ends(".tar.gz").then_some(Self::Sdist) }
    }

    /// As the form says it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Wheel => "bdist_wheel",
            Self::Sdist => "sdist",
        }
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const METADATA: &str = "Metadata-Version: 2.4\nName: Acme.Billing\nVersion: 0.0.1\n";

    #[test]
    fn a_file_knows_its_digests_and_its_tag() {
        let wheel = Distribution::new("acme_billing-0.0.1-py3-none-any.whl", *b"abc", METADATA).expect("a wheel");
        assert_eq!(
            (wheel.kind.as_str(), wheel.python(), wheel.stem().as_str()),
            ("bdist_wheel", "py3", "acme_billing-0.0.1")
        );
        // RFC 7693 has no vector of this length; these are what Python's hashlib says.
        assert_eq!(wheel.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(wheel.blake2_256, "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
        let sdist = Distribution::new("acme_billing-0.0.1.tar.gz", *b"abc", METADATA).expect("an sdist");
        assert_eq!((sdist.kind, sdist.python()), (Kind::Sdist, "source"));
    }

    #[test]
    fn what_is_no_distribution_says_why() {
        let why = |file: &str, metadata: &str| Distribution::new(file, [], metadata).expect_err("none").to_string();
        assert!(why("acme.egg", METADATA).starts_with("\"acme.egg\" is neither"));
        assert!(why(".whl", METADATA).contains("neither"));
        assert!(why("a-1.tar.gz", &METADATA.replace("0.0.1", "one")).contains("\"one\" is no version"));
        assert!(why("a-1.tar.gz", &METADATA.replace("Acme.Billing", "a b")).contains("names no project"));
    }
}
