//! One package of a lock file, and where it is resolved from.

use toml::Spanned;
use url::Url;

use crate::registry::pypi::addresses;

/// One package of a lock file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    pub name: String,
    pub version: Option<String>,
    pub origin: ResolvedFrom,
    /// Byte offset of the name, where that is known.
    pub at: usize,
}

/// Where a package is resolved from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResolvedFrom {
    /// The file does not say.
    Unsaid,
    Pypi,
    /// Another index, without account, query and fragment.
    Index(String),
    /// A repository, an archive or a folder, and no index.
    Direct,
    /// A channel of conda's, whose names are not PyPI's.
    Conda,
}

impl ResolvedFrom {
    /// By the address of an index. A folder has none.
    pub(super) fn index(address: &str) -> Self {
        let Ok(mut url) = Url::parse(address) else { return Self::Direct };
        if addresses::is_pypi(&url) {
            return Self::Pypi;
        }
        // Where there is no account, there is nothing to take out.
        let _ = url.set_username("").and_then(|()| url.set_password(None));
        url.set_query(None);
        url.set_fragment(None);
        if url.has_host() { Self::Index(url.to_string()) } else { Self::Direct }
    }

    /// By the address of a file.
    pub(super) fn file(address: &str) -> Self {
        if Url::parse(address).is_ok_and(|url| addresses::is_pypi(&url)) { Self::Pypi } else { Self::Direct }
    }
}

pub(super) fn package(name: Spanned<String>, version: Option<String>, origin: ResolvedFrom) -> Package {
    Package { at: name.span().start, name: name.into_inner(), version, origin }
}
