//! One member of a list in JSON: where its name and its version stand.

use serde_json::{Map, Value};

use crate::lists::requirement::{is_version, of_file};
use crate::model::ProjectName;

const NAMES: [&str; 5] = ["name", "project", "package_name", "project_name", "package"];
pub(super) const VERSIONS: [&str; 3] = ["version", "installed_version", "versionInfo"];

/// One member of a list, or of a map whose keys are names.
pub(super) enum Row<'v> {
    Element(&'v Value),
    Entry(&'v str, &'v Value),
}

impl<'v> Row<'v> {
    pub(super) fn name(&self) -> Option<&'v str> {
        match self {
            // conda's index has files for keys.
            Self::Entry(key, Value::Object(object)) => text(object, &["name"]).or(Some(key)),
            Self::Entry(name, _) => Some(name),
            Self::Element(Value::String(name)) => Some(name),
            Self::Element(Value::Array(pair)) => pair.first()?.as_str(),
            Self::Element(Value::Object(object)) => {
                let name = text(object, &NAMES).or_else(|| text(inner(object)?, &NAMES));
                let purl = || purl(object)?.strip_prefix(PYPI)?.split(['@', '?', '#']).next();
                let told = || name?.strip_prefix("pip:");
                name.filter(|name| ProjectName::is_valid(name))
                    .or_else(purl)
                    .or_else(told)
                    .or_else(|| located(object))
                    .or(name)
            }
            Self::Element(_) => None,
        }
    }

    pub(super) fn version(&self) -> Option<&'v str> {
        let version = match self {
            Self::Entry(_, Value::String(version)) => Some(version.as_str()),
            Self::Entry(_, Value::Object(object)) | Self::Element(Value::Object(object)) => {
                text(object, &VERSIONS).or_else(|| text(inner(object)?, &VERSIONS))
            }
            _ => None,
        };
        version.filter(|version| is_version(version))
    }

    /// Packages that stand within this one: in a tree of dependencies, or as parts of it.
    fn nested(&self) -> Vec<Self> {
        let Self::Element(Value::Object(object)) = self else { return Vec::new() };
        let lists = ["dependencies", "components"].into_iter().filter_map(|key| object.get(key)?.as_array());
        lists.flatten().map(Row::Element).filter(|row| row.name().is_some() && !row.is_foreign()).collect()
    }

    /// A package of another kind, as inventories of software list them beside Python's.
    pub(super) fn is_foreign(&self) -> bool {
        match self {
            Self::Element(Value::Object(object)) => match purl(object) {
                Some(purl) => !purl.starts_with(PYPI),
                None => text(object, &["name"]).is_some_and(|name| FOREIGN.iter().any(|of| name.starts_with(of))),
            },
            _ => false,
        }
    }
}

/// Each with what stands within it behind it.
pub(super) fn with_nested(rows: Vec<Row<'_>>) -> Vec<Row<'_>> {
    let mut all = Vec::with_capacity(rows.len());
    for row in rows {
        let nested = row.nested();
        all.push(row);
        all.extend(with_nested(nested));
    }
    all
}

/// What Artifactory and Nexus say of a folder or a file: where it is.
fn located(object: &Map<String, Value>) -> Option<&str> {
    let path = text(object, &["uri", "path", "downloadUrl"])?.trim_matches('/');
    if object.get("folder") == Some(&Value::Bool(true)) {
        return path.split('/').next();
    }
    path.rsplit('/').next().filter(|file| of_file(file).is_some())
}

fn text<'v>(object: &'v Map<String, Value>, keys: &[&str]) -> Option<&'v str> {
    keys.iter().find_map(|key| object.get(*key)?.as_str())
}

const PYPI: &str = "pkg:pypi/";
/// How GitHub calls the packages of others, and the repository itself.
const FOREIGN: [&str; 12] = [
    "com.github.",
    "actions:",
    "cargo:",
    "composer:",
    "go:",
    "maven:",
    "npm:",
    "nuget:",
    "pub:",
    "rubygems:",
    "rust:",
    "swift:",
];

/// Which package it is among those of all languages, as CycloneDX and SPDX say it.
fn purl(object: &Map<String, Value>) -> Option<&str> {
    let outer = || object.get("externalRefs")?.as_array()?.iter().find_map(|it| it.get("referenceLocator")?.as_str());
    text(object, &["purl"]).or_else(outer).filter(|purl| purl.starts_with("pkg:"))
}

/// `pip inspect` and `pipdeptree` have name and version one level down.
fn inner(object: &Map<String, Value>) -> Option<&Map<String, Value>> {
    ["metadata", "package"].iter().find_map(|key| object.get(*key)?.as_object())
}
