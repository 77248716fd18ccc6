//! Source distributions: a gzipped tar with one directory at its top, and `PKG-INFO` in it.

use std::collections::BTreeSet;
use std::io::Read as _;

use flate2::read::GzDecoder;
use tar::Archive;

/// Bytes of the tar that are unpacked; PyPI has no limit yet.
const UNPACKED: u64 = 512 << 20;

/// What is in it.
pub(super) struct Sdist {
    names: BTreeSet<String>,
    sparse: bool,
}

impl Sdist {
    /// `None` for what is no such archive, to its end.
    pub(super) fn open(bytes: &[u8]) -> Option<Self> {
        let mut archive = Archive::new(GzDecoder::new(bytes).take(UNPACKED));
        let (mut names, mut sparse) = (BTreeSet::new(), false);
        for entry in archive.entries().ok()? {
            let entry = entry.ok()?;
            sparse |= entry.header().entry_type().is_gnu_sparse();
            names.insert(String::from_utf8_lossy(&entry.path_bytes()).trim_end_matches('/').to_owned());
        }
        // What is behind the last entry has to be sound as well.
        archive.into_inner().read_to_end(&mut Vec::new()).ok()?;
        (!names.is_empty()).then_some(Self { names, sparse })
    }

    /// What is wrong with it, in PyPI's words.
    pub(super) fn fault(&self) -> Option<String> {
        if self.sparse {
            let see = "See https://docs.index.example/archives for more information";
            return Some(format!("tar archive not accepted: Sparse members are not allowed. {see}"));
        }
        let top = self.top();
        if matches!(top.as_str(), "" | "." | "/") {
            return Some("Incorrect number of top-level directories in sdist".to_owned());
        }
        let wanted = format!("{top}/PKG-INFO");
        (!self.names.contains(&wanted)).then(|| format!("PKG-INFO not found at {wanted}"))
    }

    /// Whether the licence file is there, and where it should be.
    pub(super) fn licence(&self, path: &str) -> Result<(), String> {
        let wanted = format!("{}/{path}", self.top());
        if self.names.contains(&wanted) { Ok(()) } else { Err(wanted) }
    }

    /// `os.path.commonpath` of all names.
    fn top(&self) -> String {
        let mut paths = self.names.iter().map(|name| name.split('/').collect::<Vec<_>>());
        let first = paths.next().unwrap_or_default();
        let common = paths.fold(first, |common, path| {
            let same = common.iter().zip(&path).take_while(|(a, b)| a == b).count();
            common[..same].to_vec()
        });
        common.join("/")
    }
}
