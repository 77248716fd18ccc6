//! Addresses in people's files that lead past the gate: a lock that names PyPI's own files is installed from there, whatever index
//! is configured.

use url::Url;

use super::wish::SetupWish;
use crate::config::source::without_accounts;
use crate::model::unread::shown;
use crate::registry::pypi::addresses::is_pypi;

/// One address that leads past the gate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bypass {
    pub line: usize,
    /// Without its account.
    pub address: String,
    /// Is it PyPI's own, or that of another index?
    pub is_pypi: bool,
}

/// Every address of a lock, a list of requirements or a configuration that leads to PyPI, or to an index that is not the gate's.
/// What a comment says installs nothing.
pub fn bypasses(text: &str, wish: &SetupWish) -> Vec<Bypass> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with('#'));
    lines.flat_map(|(number, line)| of_line(number + 1, line, wish)).collect()
}

fn of_line(line: usize, text: &str, wish: &SetupWish) -> Vec<Bypass> {
    let is_of_index = names_an_index(text);
    let bypass = |address: &str| {
        let url = Url::parse(address).ok().filter(|url| !wish.leads_here(url))?;
        let is_pypi = is_pypi(&url);
        let counts = is_pypi || is_of_index || url.path().trim_end_matches('/').ends_with("simple");
        counts.then(|| Bypass { line, address: without_accounts(&shown(address)), is_pypi })
    };
    addresses(text).into_iter().filter_map(bypass).collect()
}

/// Does the line speak of an index, whatever its address looks like?
fn names_an_index(text: &str) -> bool {
    const WORDS: [&str; 5] = ["index-url", "default-index", "find-links", "registry =", "--index "];
    let text = text.to_ascii_lowercase().replace('_', "-");
    WORDS.iter().any(|word| text.contains(word)) || text.trim_start().starts_with("-i ")
}

fn addresses(text: &str) -> Vec<&str> {
    let is_end = |c: char| c.is_whitespace() || "\"'<>`,)]}".contains(c);
    let starts = text.match_indices("://").filter_map(|(at, _)| {
        ["https", "http"].into_iter().find(|scheme| text[..at].ends_with(scheme)).map(|scheme| at - scheme.len())
    });
    starts.map(|at| &text[at..at + text[at..].find(is_end).unwrap_or(text.len() - at)]).collect()
}
