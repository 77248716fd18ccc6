//! What in people's files leads past the gate: a lock that names PyPI's own files is installed from there, whatever index is configured, and
//! so is what names its file or its repository itself.

use std::collections::BTreeSet;

use url::Url;

use super::past::{About, Line, lines, normalized, spelt};
use super::wish::SetupWish;
use crate::config::source::without_accounts;
use crate::model::unread::shown;
use crate::registry::pypi::addresses::is_pypi;

/// One thing that leads past the gate.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bypass {
    pub line: usize,
    /// An address without its account, or an option.
    pub what: String,
    pub kind: BypassKind,
}

/// How it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BypassKind {
    /// It is PyPI's own.
    Pypi,
    /// It is another index.
    Index,
    /// It is a file, or a repository of a source.
    Direct,
    /// It is an option that lets something else in.
    Option,
}

/// What an archive of a release is called by.
const ARCHIVES: [&str; 7] = [".whl", ".tar.gz", ".tgz", ".zip", ".tar.bz2", ".tar.xz", ".egg"];
/// Options that an address may follow at once.
const GLUED: [&str; 5] = ["-i", "-f", "-r", "-c", "-e"];
/// Programs that keep sources.
const SOURCES: [&str; 4] = ["git", "hg", "svn", "bzr"];

impl BypassKind {
    /// What is said of it.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Pypi => "is PyPI's own",
            Self::Index => "is another index",
            Self::Direct => "is taken from where it lies, and not from the gate",
            Self::Option => "lets something else than the gate in",
        }
    }
}

/// Everything of a lock, a list of requirements, a configuration or a script that leads to PyPI, to another index or to a file itself, and
/// each option that takes more than one index says. What a comment says installs nothing.
pub fn bypasses(text: &str, wish: &SetupWish) -> Vec<Bypass> {
    let all: BTreeSet<Bypass> = lines(text).iter().flat_map(|line| of_line(line, wish)).collect();
    all.into_iter().collect()
}

fn of_line(line: &Line<'_>, wish: &SetupWish) -> Vec<Bypass> {
    let bypass = |what: String, kind| Bypass { line: line.number, what, kind };
    let mut all: Vec<Bypass> = addresses(line.text)
        .into_iter()
        .filter_map(|at| kind(line, at, wish).map(|kind| bypass(shown(&without_accounts(at.text)), kind)))
        .collect();
    all.extend(options(line, all.is_empty(), wish).into_iter().map(|what| bypass(what, BypassKind::Option)));
    all
}

/// An address, with what stands before it on its line.
#[derive(Clone, Copy)]
struct Place<'t> {
    before: &'t str,
    text: &'t str,
}

fn addresses(text: &str) -> Vec<Place<'_>> {
    let is_end = |c: char| c.is_whitespace() || "\"'<>`,)]}".contains(c);
    let is_scheme = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    let mut all = Vec::new();
    for (at, _) in text.match_indices("://") {
        let scheme = text[..at].char_indices().rev().take_while(|(_, c)| is_scheme(*c)).last();
        let from = scheme.map_or(at, |(from, _)| from);
        // No scheme begins so: it is an option, and its value at once.
        let is_glued = GLUED.into_iter().any(|option| text[from..].starts_with(option));
        let from = if is_glued { from + 2 } else { from };
        let to = at + text[at..].find(is_end).unwrap_or(text.len() - at);
        all.push(Place { before: &text[..from], text: &text[from..to] });
    }
    all
}

/// `None`: it leads to the gate, or installs nothing.
fn kind(line: &Line<'_>, at: Place<'_>, wish: &SetupWish) -> Option<BypassKind> {
    let url = Url::parse(at.text).ok().filter(|url| !wish.leads_here(url) && line.about != About::Links)?;
    if is_pypi(&url) {
        return Some(BypassKind::Pypi);
    }
    let is_web = matches!(url.scheme(), "http" | "https");
    let is_source = url.scheme().split_once('+').is_some_and(|(program, _)| SOURCES.contains(&program));
    let key = key(at.before);
    if is_source || SOURCES.contains(&&*key) {
        return Some(BypassKind::Direct);
    }
    let path = url.path().trim_end_matches('/').to_ascii_lowercase();
    let is_archive = ARCHIVES.iter().any(|end| path.ends_with(end));
    let before = line.joined.filter(|_| at.before.trim().is_empty()).unwrap_or(at.before);
    let is_requirement = before.trim_end().ends_with('@') || line.about == About::Dependencies && key != "homepage";
    if is_requirement || is_web && is_archive {
        return Some(BypassKind::Direct);
    }
    let is_index = line.about == About::Indexes || is_web && path.ends_with("simple");
    is_index.then_some(BypassKind::Index)
}

/// The key whose value an address is.
fn key(before: &str) -> String {
    let value = before.trim_end_matches(['"', '\'', ' ']);
    let key = value.strip_suffix(['=', ':']).unwrap_or_default().trim_end().trim_end_matches(['"', '\'']);
    normalized(key.rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_').next().unwrap_or_default())
}

/// Options that need no address.
fn options(line: &Line<'_>, has_no_address: bool, wish: &SetupWish) -> Vec<String> {
    let words = spelt(line.text);
    let has = |option: &str, value: &str| words.contains(option) && words.contains(value);
    let mut all = Vec::new();
    if has("index-strategy", "unsafe") {
        all.push("index-strategy".to_owned());
    }
    if words.split_once("ignore-error-codes").is_some_and(|(_, value)| value.contains(|c: char| c.is_ascii_digit())) {
        all.push("ignore-error-codes".to_owned());
    }
    if has("install-search-all-sources", "true") {
        all.push("install_search_all_sources".to_owned());
    }
    if has_no_address && words.split_once("find-links").is_some_and(|(_, value)| names_a_path(value)) {
        all.push("find-links".to_owned());
    }
    if line.about == About::Trusted {
        all.extend(trusted(&words, wish).map(|host| format!("trusted-host {}", shown(&host))));
    }
    all
}

/// Is there more than what stands between an option and its value?
fn names_a_path(value: &str) -> bool {
    value.contains(|c: char| c.is_alphanumeric()) && !value.contains("://")
}

/// Hosts other than the gate's that are believed without a certificate.
fn trusted(words: &str, wish: &SetupWish) -> impl Iterator<Item = String> {
    let gate = wish.gate.host_str().unwrap_or_default().to_owned();
    let value = ["trusted-host", "insecure-host"].into_iter().find_map(|option| words.split_once(option));
    let value = value.map_or(words, |(_, value)| value).to_owned();
    let is_between = |c: char| c.is_whitespace() || "=\"'[],".contains(c);
    let hosts: Vec<String> = value.split(is_between).map(|host| without_port(host).to_owned()).collect();
    let is_host =
        |host: &String| host.contains('.') && host.chars().all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '-');
    hosts.into_iter().filter(move |host| is_host(host) && *host != gate)
}

fn without_port(host: &str) -> &str {
    let port = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    host.trim_matches(':')
        .rsplit_once(':')
        .filter(|(_, end)| port(end))
        .map_or(host.trim_matches(':'), |(host, _)| host)
}
