//! A checkpoint: a log's size and root hash, signed by the log (C2SP `tlog-checkpoint`, `signed-note`).

use super::merkle::TreeHash;
use super::provenance::{base64, digest};
use super::trust::LogKey;

/// The text that is signed, and each signature below it.
#[derive(Debug)]
pub(super) struct Note<'n> {
    /// With the line end of its last line.
    text: &'n str,
    signatures: &'n str,
}

impl<'n> Note<'n> {
    pub(super) fn read(text: &'n str) -> Option<Self> {
        let (body, signatures) = text.split_once("\n\n")?;
        Some(Self { text: text.get(..=body.len())?, signatures })
    }

    /// By this log, of a tree of this size and root? A line of a signature: `— NAME BASE64`, of the first four bytes of the digest of the key, and the signature.
    pub(super) fn says(&self, log: &LogKey, size: u64, root: &TreeHash) -> bool {
        let mut lines = self.text.lines();
        let (_origin, of_size, of_root) = (lines.next(), lines.next(), lines.next());
        let is_signed = self.signatures.lines().any(|line| self.is_signed(line, log));
        is_signed && of_size == Some(size.to_string().as_str()) && of_root.and_then(digest) == Some(*root)
    }

    fn is_signed(&self, line: &str, log: &LogKey) -> bool {
        let mut parts = line.split(' ');
        let (Some("\u{2014}"), Some(_name), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return false;
        };
        let Some(bytes) = base64(signature) else { return false };
        let Some((hint, signature)) = bytes.split_at_checked(4) else { return false };
        *hint == log.id[..4] && log.has_signed(self.text.as_bytes(), signature)
    }
}
