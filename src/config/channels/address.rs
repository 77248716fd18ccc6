//! What of an address must not be seen.

use url::Url;

/// Parts of an address shorter than this are words (`T0`, `v1`), not secrets.
const PART: usize = 4;

/// Whatever of an address must not be seen: its account, the parts of its path, its query.
pub(in crate::config) fn parts(address: &str) -> Vec<String> {
    let Ok(url) = Url::parse(address) else { return vec![address.to_owned()] };
    let query = url.query().into_iter().flat_map(|query| query.split(['&', '=']));
    let path = url.path_segments().into_iter().flatten();
    let parts = path.chain(query).chain(url.fragment()).filter(|part| part.len() >= PART);
    parts.chain([address]).map(str::to_owned).collect()
}
