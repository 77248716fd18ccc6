//! What is read of a web address.

use url::Url;

/// Its host, in lower case.
pub(super) fn host(address: &str) -> Option<String> {
    Url::parse(address).ok()?.host_str().map(str::to_lowercase)
}
