//! The digests of files that a lock names beside its packages: `sha256:` and 64 digits, wherever the format has them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::requirement::requirement;
use crate::config::source::Source;
use crate::model::ProjectName;

/// By project and version, the SHA-256 of its files in lower case.
pub type Digests = BTreeMap<(ProjectName, String), BTreeSet<String>>;

/// Every release with a digest of a lock of uv, Poetry, PDM, Pipenv or PEP 751, or of requirements with `--hash`. What pins no version,
/// or has no digest, is not among them.
pub fn digests(source: &Source) -> Digests {
    let text = source.text();
    if let Ok(whole) = serde_json::from_str::<Value>(text) {
        return of_pipenv(&whole);
    }
    match toml::from_str::<Value>(text) {
        Ok(whole) => of_toml(&whole),
        Err(_) => of_requirements(text),
    }
}

fn of_pipenv(whole: &Value) -> Digests {
    let categories = whole.as_object().into_iter().flatten().filter(|(key, _)| *key != "_meta");
    let packages = categories.filter_map(|(_, packages)| packages.as_object()).flatten();
    let version = |of: &Value| Some(of.get("version")?.as_str()?.trim_start_matches('=').to_owned());
    gathered(packages.filter_map(|(name, of)| Some((name.as_str(), version(of)?, found(of)))))
}

/// Each has its packages as tables, called so or in the plural, and whatever is in one belongs to it.
fn of_toml(whole: &Value) -> Digests {
    let packages = ["package", "packages"].into_iter().filter_map(|key| whole.get(key)?.as_array()).flatten();
    let text = |of: &Value, key: &str| Some(of.get(key)?.as_str()?.to_owned());
    let packages: Vec<_> =
        packages.filter_map(|of| Some((text(of, "name")?, text(of, "version")?, found(of)))).collect();
    gathered(packages.iter().map(|(name, version, found)| (name.as_str(), version.clone(), found.clone())))
}

fn of_requirements(text: &str) -> Digests {
    let whole = text.replace("\\\r\n", " ").replace("\\\n", " ");
    let line = |line: &str| {
        let (pinned, options) = line.split_once("--hash").unwrap_or((line, ""));
        let pinned = requirement(pinned.trim())?;
        let digests = options.split(|c: char| c.is_whitespace() || c == '=').filter_map(digest).collect();
        Some((pinned.name.to_owned(), pinned.version?.to_owned(), digests))
    };
    let lines: Vec<(String, String, BTreeSet<String>)> = whole.lines().filter_map(line).collect();
    gathered(lines.iter().map(|(name, version, found)| (name.as_str(), version.clone(), found.clone())))
}

fn gathered<'n>(all: impl Iterator<Item = (&'n str, String, BTreeSet<String>)>) -> Digests {
    let mut digests = Digests::new();
    for (name, version, found) in all.filter(|(_, _, found)| !found.is_empty()) {
        if let Ok(name) = ProjectName::parse(name) {
            digests.entry((name, version)).or_default().extend(found);
        }
    }
    digests
}

/// Below this value: `sha256:…` as text, or the text of a key `sha256` (PEP 751).
fn found(of: &Value) -> BTreeSet<String> {
    match of {
        Value::String(text) => digest(text).into_iter().collect(),
        Value::Array(values) => values.iter().flat_map(found).collect(),
        Value::Object(keys) => {
            let bare = keys.get("sha256").and_then(Value::as_str).and_then(|bare| digest(&format!("sha256:{bare}")));
            keys.values().flat_map(found).chain(bare).collect()
        }
        _ => BTreeSet::new(),
    }
}

/// The digits of a SHA-256 that is named so, in lower case.
pub(super) fn digest(text: &str) -> Option<String> {
    let digits = text.strip_prefix("sha256:")?;
    let is_whole = digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_whole.then(|| digits.to_ascii_lowercase())
}

#[cfg(test)]
mod tests;
