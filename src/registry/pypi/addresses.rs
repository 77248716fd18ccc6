//! Where PyPI is. The one file that knows a public address, and the check every address passes.

use reqwest::Url;

use crate::upstream::ClientError;

/// PyPI's index, as `init` writes it into a new configuration. Requests go to the configured base, never to this.
pub const PYPI: &str = "https://pypi.org";

/// The predicate type of an attestation that a file was published (PEP 740): a name, which nobody asks.
pub const PUBLISHED: &str = "https://docs.pypi.org/attestations/publish/v1";

/// Where PyPI's files are, as lock files name them.
const FILES: &str = "https://files.pythonhosted.org";

/// Does this address lead to PyPI or to its files? Of an index or a file that somebody else's tool wrote down.
pub fn is_pypi(url: &Url) -> bool {
    let of = |known: &str| Url::parse(known).is_ok_and(|known| known.host_str() == url.host_str());
    url.has_host() && (of(PYPI) || of(FILES))
}

/// A base address without a trailing slash; paths hang below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base(String);

impl Base {
    /// Accepts `https://…`, and `http://…` to a loopback address only (the simulator); nothing with credentials,
    /// a query or a fragment in it.
    ///
    /// # Errors
    /// When the address is none of these; the text says what to write instead.
    pub fn parse(text: &str) -> Result<Self, ClientError> {
        let url = Url::parse(text).map_err(|_| ClientError::NoAddress)?;
        let plain = url.username().is_empty() && url.password().is_none();
        let bare = url.query().is_none() && url.fragment().is_none();
        match (is_safe(&url), plain && bare) {
            (true, true) => Ok(Self(text.trim_end_matches('/').to_owned())),
            (true, false) => Err(ClientError::Decorated),
            (false, _) if !url.has_host() => Err(ClientError::NoAddress),
            (false, _) => Err(ClientError::Address(url.origin().ascii_serialization())),
        }
    }

    /// The address of `path`, which starts with a slash.
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }
}

/// Is it `https`, or `http` within this machine?
pub fn is_safe(url: &Url) -> bool {
    match url.scheme() {
        "https" => url.has_host(),
        "http" => url.host_str().is_some_and(is_loopback),
        _ => false,
    }
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_anywhere_and_http_at_home() {
        for good in ["https://pypi.example", "http://127.0.0.1:8080/", "http://[::1]:1", "http://localhost/mirror"] {
            assert!(Base::parse(good).is_ok(), "{good}");
        }
        for bad in ["http://pypi.example", "ftp://127.0.0.1", "pypi.example", "", "https://", "file:///etc/passwd"] {
            assert!(matches!(Base::parse(bad), Err(ClientError::Address(_) | ClientError::NoAddress)), "{bad}");
        }
    }

    #[test]
    fn an_address_with_a_password_is_refused_without_showing_it() {
        for address in [
            "https://me:hunter2@pypi.example",
            "http://me:hunter2@pypi.example",
            "https://me:hunter2@pypi.example:70000",
            "https://me:hun ter2@py pi.example",
            "https://pypi example/?token=hunter2",
            "https://hunter2@",
            "me:hunter2@pypi.example",
            "//me:hunter2@pypi.example",
            "hunter2",
        ] {
            let error = Base::parse(address).expect_err("refused");
            let said = format!("{error} {error:?}");
            assert!(!["hun", "ter2"].iter().any(|part| said.contains(part)), "{address}: {said}");
        }
    }

    #[test]
    fn paths_hang_below_the_base() {
        let base = Base::parse("https://mirror.example/pypi-root/").expect("valid");
        assert_eq!(base.join("/simple/"), "https://mirror.example/pypi-root/simple/");
    }
}
