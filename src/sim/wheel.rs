//! The file of a release: a real wheel, built in memory, the same bytes each time.
//!
//! The archive is written here: stored, not compressed, it is forty lines. The crate `zip` would ship a compressor's
//! worth of code to write them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use super::world::{Release, distribution};
use crate::model::ProjectName;

/// A wheel, before it is filed.
#[derive(Clone, Debug)]
pub(super) struct Wheel {
    pub(super) filename: String,
    /// The zip archive.
    pub(super) bytes: Vec<u8>,
    /// Its `METADATA`, served beside it (PEP 658).
    pub(super) metadata: String,
}

impl Wheel {
    /// Builds the wheel of one release.
    pub(super) fn build(name: &ProjectName, release: &Release) -> Self {
        let stem = stem(name, &release.version);
        let metadata = metadata(release);
        let module = format!("\"\"\"{} {}, out of the simulator.\"\"\"\n", release.display, release.version);
        let tags = "Wheel-Version: 1.0\nGenerator: namewarden\nRoot-Is-Purelib: true\nTag: py3-none-any\n";
        let mut entries = vec![
            (format!("{}.py", distribution(name)), module.into_bytes()),
            (format!("{stem}.dist-info/METADATA"), metadata.clone().into_bytes()),
            (format!("{stem}.dist-info/WHEEL"), tags.as_bytes().to_vec()),
        ];
        let record = record(&entries, &stem);
        entries.push((format!("{stem}.dist-info/RECORD"), record.into_bytes()));
        Self { filename: format!("{stem}-py3-none-any.whl"), bytes: zip(&entries), metadata }
    }
}

/// `name-version` of file names (PEP 427; a `-` in a version would read as a separator).
fn stem(name: &ProjectName, version: &str) -> String {
    format!("{}-{}", distribution(name), version.replace('-', "_"))
}

/// Core metadata. A line break in a publisher's text would start a header of its own.
fn metadata(release: &Release) -> String {
    let line = |text: &str| text.chars().filter(|c| !c.is_control()).collect::<String>();
    let mut text = format!("Metadata-Version: 2.1\nName: {}\nVersion: {}\n", release.display, release.version);
    if let Some(summary) = &release.summary {
        text += &format!("Summary: {}\n", line(summary));
    }
    if let Some(address) = &release.author_email {
        text += &format!("Author-Email: {}\n", line(address));
    }
    text
}

fn record(entries: &[(String, Vec<u8>)], stem: &str) -> String {
    let line = |(path, bytes): &(String, Vec<u8>)| {
        format!("{path},sha256={},{}\n", URL_SAFE_NO_PAD.encode(Sha256::digest(bytes)), bytes.len())
    };
    entries.iter().map(line).collect::<String>() + &format!("{stem}.dist-info/RECORD,,\n")
}

/// A zip archive of stored entries, dated 1980-01-01 (APPNOTE.TXT 4.3: local headers, central directory, end).
fn zip(entries: &[(String, Vec<u8>)]) -> Vec<u8> {
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    for (path, bytes) in entries {
        let offset = length(archive.len());
        let common = common_header(path, bytes);
        archive.extend_from_slice(b"PK\x03\x04");
        archive.extend_from_slice(&common);
        archive.extend_from_slice(path.as_bytes());
        archive.extend_from_slice(bytes);
        directory.extend_from_slice(b"PK\x01\x02\x14\x03");
        directory.extend_from_slice(&common);
        // No comment, first disk, no internal attributes, a plain file of mode 0644.
        directory.extend_from_slice(&[0; 6]);
        directory.extend_from_slice(&(0o100_644_u32 << 16).to_le_bytes());
        directory.extend_from_slice(&offset.to_le_bytes());
        directory.extend_from_slice(path.as_bytes());
    }
    let start = length(archive.len());
    let count = (entries.len() as u16).to_le_bytes();
    archive.extend_from_slice(&directory);
    archive.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    archive.extend_from_slice(&count);
    archive.extend_from_slice(&count);
    archive.extend_from_slice(&length(directory.len()).to_le_bytes());
    archive.extend_from_slice(&start.to_le_bytes());
    archive.extend_from_slice(&[0; 2]);
    archive
}

/// What the local header and the directory entry share: version needed to extra length.
fn common_header(path: &str, bytes: &[u8]) -> Vec<u8> {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    // Version 2.0, no flags, stored, midnight, 1980-01-01.
    let mut header = vec![20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0];
    header.extend_from_slice(&crc.sum().to_le_bytes());
    header.extend_from_slice(&length(bytes.len()).to_le_bytes());
    header.extend_from_slice(&length(bytes.len()).to_le_bytes());
    header.extend_from_slice(&(path.len() as u16).to_le_bytes());
    header.extend_from_slice(&[0; 2]);
    header
}

/// Our wheels are of a few kilobytes.
fn length(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Time;

    fn wheel(summary: &str) -> Wheel {
        let release = Release {
            version: "3.0.0".into(),
            created: Time::default(),
            summary: Some(summary.into()),
            readme: None,
            author_email: None,
            yanked: None,
            display: "Torch.Triton".into(),
            uploaded: None,
        };
        Wheel::build(&ProjectName::parse("Torch.Triton").expect("valid"), &release)
    }

    #[test]
    fn the_same_release_is_the_same_bytes() {
        assert_eq!(wheel("a").bytes, wheel("a").bytes);
        assert_ne!(wheel("a").bytes, wheel("b").bytes);
        assert_eq!(wheel("a").filename, "torch_triton-3.0.0-py3-none-any.whl");
    }

    #[test]
    fn a_summary_cannot_start_a_header() {
        let lines = wheel("fine\nRequires-Dist: evil").metadata.lines().count();
        assert_eq!(lines, 4);
    }
}
