//! Which archives there are, how far one is read, and why one is not.

use crate::model::unread::shown;

/// What comes out of it, in bytes: archives that are known to be installed have some hundred megabytes.
pub(super) const MOST_BYTES: u64 = 512 << 20;
pub(super) const MOST_ENTRIES: usize = 20_000;
/// Of paths and of its own descriptions, in bytes: those are kept until it is compared.
pub(super) const MOST_TEXT: usize = 8 << 20;

/// SHA-256.
pub(super) type Digest = [u8; 32];

/// Why nothing is known of what is in an archive: a sentence goes on with it.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unreadable {
    #[error("it is neither a wheel nor a source distribution in zip or tar.gz")]
    Form,
    /// PyPI takes none since 2016 (PEP 527), and whatever comes from elsewhere, or lies there from before, is so rare that nothing that reads it is
    /// linked in.
    #[error("it is compressed by {0}, and what is read here is zip or gzip")]
    Compression(&'static str),
    #[error("there are more than {MOST_ENTRIES} files in it")]
    TooMany,
    #[error("more than {} MB come out of it", MOST_BYTES >> 20)]
    TooLarge,
    #[error("its paths and descriptions are longer than {} MB", MOST_TEXT >> 20)]
    TooLong,
    #[error("to read it takes too long")]
    TooSlow,
    #[error("it is broken, or no archive that installers agree on: {0}")]
    Broken(String),
}

impl Unreadable {
    /// In the words of a library, which may have a stranger's in them.
    pub(super) fn broken(why: impl ToString) -> Self {
        Self::Broken(shown(&why.to_string()))
    }
}

/// How source distributions are compressed that installers unpack and nothing here reads, by what pip goes by (`utils/filetypes.py`).
const COMPRESSIONS: [(&str, &str); 6] = [
    (".tar.bz2", "bzip2"),
    (".tbz", "bzip2"),
    (".tar.xz", "xz"),
    (".txz", "xz"),
    (".tar.lzma", "lzma"),
    (".tlz", "lzma"),
];

pub(super) fn compression(filename: &str) -> Option<&'static str> {
    COMPRESSIONS.iter().find(|(ending, _)| filename.ends_with(ending)).map(|(_, by)| *by)
}

/// Which archives there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Wheel,
    Source,
}
