//! One member of a list in JSON: where its name and its version stand.

use serde_json::{Map, Value};

use crate::lists::requirement::{is_same, is_version, of_file};
use crate::lists::titles::NAME_TITLES;
use crate::model::ProjectName;

const NAMES: [&str; 5] = ["name", "project", "package_name", "project_name", "package"];
pub(super) const VERSIONS: [&str; 3] = ["version", "installed_version", "versionInfo"];

/// One member of a list, or of a map whose keys are names.
#[derive(Clone)]
pub(super) enum Row<'v> {
    Element(&'v Value),
    Entry(&'v str, &'v Value),
    /// A row of cells, and the column of names where a row of titles says it; else the first.
    Cells(&'v [Value], Option<usize>),
}

/// The members of a list. Rows of cells may have titles above them, as tables have.
pub(super) fn elements<'v>(items: impl IntoIterator<Item = &'v Value>) -> Vec<Row<'v>> {
    let mut items = items.into_iter().peekable();
    let titled = items.peek().and_then(|first| name_column(first.as_array()?));
    if titled.is_some() {
        items.next();
    }
    let row = |item: &'v Value| item.as_array().map_or(Row::Element(item), |cells| Row::Cells(cells, titled));
    items.map(row).collect()
}

fn name_column(titles: &[Value]) -> Option<usize> {
    let is_name =
        |title: &Value| title.as_str().is_some_and(|title| NAME_TITLES.contains(&title.to_lowercase().as_str()));
    let mut named = (0..titles.len()).filter(|&at| titles.len() > 1 && is_name(&titles[at]));
    named.next().filter(|_| named.next().is_none() && titles.iter().all(Value::is_string))
}

impl<'v> Row<'v> {
    pub(super) fn name(&self) -> Option<&'v str> {
        match self {
            // conda's index has files for keys.
            Self::Entry(key, Value::Object(object)) => {
                let is_number = key.bytes().all(|b| b.is_ascii_digit());
                text(object, if is_number { &NAMES } else { &NAMES[..1] }).or(Some(key))
            }
            Self::Entry(name, _) => Some(name),
            Self::Element(Value::String(name)) => Some(name),
            Self::Cells(cells, column) => cells.get(column.unwrap_or(0))?.as_str(),
            Self::Element(Value::Object(object)) => {
                let name = text(object, &NAMES).or_else(|| text(inner(object)?, &NAMES));
                let told = || name?.strip_prefix("pip:");
                let purl = purl(object).and_then(named_by_purl);
                // CycloneDX may have half of the name in `group`. Else the name is spelled as people spell it.
                name.filter(|name| ProjectName::is_valid(name) && purl.is_none_or(|purl| is_same(name, purl)))
                    .or(purl)
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

    /// What may be its name as well.
    pub(super) fn rivals(&self) -> Vec<&'v str> {
        let name = self.name();
        let others: Vec<&'v Value> = match self {
            Self::Cells(cells, None) => cells.iter().skip(1).flat_map(leaves).collect(),
            Self::Element(Value::Object(object)) if purl(object).is_none() => {
                NAMES.iter().filter_map(|key| object.get(*key)).collect()
            }
            _ => Vec::new(),
        };
        let may_be = |text: &&str| {
            let is_word = text.starts_with(|c: char| c.is_ascii_alphabetic()) && ProjectName::is_valid(text);
            is_word && !is_version(text) && !name.is_some_and(|name| is_same(name, text))
        };
        others.into_iter().filter_map(Value::as_str).filter(may_be).collect()
    }

    /// Packages that stand within this one: in a tree of dependencies, or as parts of it.
    pub(super) fn nested(&self) -> Vec<Self> {
        let (Self::Element(Value::Object(object)) | Self::Entry(_, Value::Object(object))) = self else {
            return Vec::new();
        };
        let within = |keys: &'static [&str]| keys.iter().filter_map(|key| object.get(*key));
        let lists = within(&["dependencies", "components"]).filter_map(Value::as_array).flatten().map(Row::Element);
        // Lists of texts below these are of many kinds.
        let others = within(&["requires", "children", "packages", "nodes"]).filter_map(Value::as_array).flatten();
        let others = others.filter(|item| item.is_object()).map(Row::Element);
        let maps = within(&["dependencies"]).filter_map(Value::as_object).flatten();
        let maps = maps.map(|(name, about)| Row::Entry(name, about));
        lists.chain(others).chain(maps).filter(|row| row.name().is_some()).collect()
    }

    /// What else it may be called, where its address says another name.
    pub(super) fn beside(&self) -> Vec<&'v str> {
        let Self::Element(Value::Object(object)) = self else { return Vec::new() };
        let (said, name, whole) = (text(object, &NAMES), self.name().unwrap_or_default(), self.joined());
        let is_half = |text: &str| said == Some(text) && whole.iter().any(|whole| is_same(whole, name));
        let is_other = |text: &&str| ProjectName::is_valid(text) && !is_same(text, name) && !is_half(text);
        let all = purl(object).map(|purl| said.into_iter().chain(last_of_purl(purl)));
        all.into_iter().flatten().filter(is_other).collect()
    }

    /// The name with the group before it, and with the last part of that: `com.acme` and `billing` may be `acme-billing`.
    pub(super) fn joined(&self) -> Vec<String> {
        let Self::Element(Value::Object(object)) = self else { return Vec::new() };
        let (Some(group), Some(name)) = (group(object), text(object, &NAMES)) else { return Vec::new() };
        let last = group.rsplit(['.', '/', ':']).next().filter(|last| *last != group);
        let whole = [group].into_iter().chain(last).map(|group| format!("{group}-{name}"));
        whole.filter(|whole| ProjectName::is_valid(whole)).collect()
    }

    /// Whose package it is, as inventories of software list them beside Python's.
    pub(super) fn kin(&self) -> Kin {
        let Self::Element(Value::Object(object)) = self else { return Kin::Python };
        let is_foreign = || text(object, &["name"]).is_some_and(|name| FOREIGN.iter().any(|of| name.starts_with(of)));
        match purl(object) {
            Some(purl) => kin(purl),
            None if is_foreign() => Kin::Foreign,
            None => Kin::Python,
        }
    }

    /// By which words a package of another kind is called besides.
    pub(super) fn labels(&self) -> Vec<&'v str> {
        let Self::Element(Value::Object(object)) = self else { return Vec::new() };
        group(object).into_iter().chain(purl(object).and_then(last_of_purl)).collect()
    }
}

/// Each with what stands within it behind it; what is of another kind may have Python's within it, as images have.
pub(super) fn with_nested(rows: Vec<Row<'_>>) -> Vec<Row<'_>> {
    let mut all = Vec::with_capacity(rows.len());
    for row in rows {
        let nested = row.nested();
        all.push(row);
        all.extend(with_nested(nested));
    }
    all
}

/// What stands in a cell, however deep.
fn leaves(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().flat_map(leaves).collect(),
        Value::Object(object) => object.values().flat_map(leaves).collect(),
        leaf => vec![leaf],
    }
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

/// What stands before a name in other languages.
fn group(object: &Map<String, Value>) -> Option<&str> {
    let group = text(object, &["group", "namespace", "groupId", "scope", "org"])?;
    Some(group.trim_start_matches('@')).filter(|group| !group.is_empty())
}

/// Whose package a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kin {
    /// Also where nothing says whose.
    Python,
    Conda,
    /// Its address says where it is from, and not of which language it is (`pkg:generic`, `pkg:github`).
    Unsaid,
    /// Of another language, or of the system.
    Foreign,
}

fn kin(purl: &str) -> Kin {
    let kind = purl.get(PKG.len()..).and_then(|rest| rest.split('/').next()).unwrap_or_default().to_lowercase();
    match kind.as_str() {
        "pypi" => Kin::Python,
        "conda" => Kin::Conda,
        kind if OTHERS.contains(&kind) => Kin::Foreign,
        _ => Kin::Unsaid,
    }
}

/// Before version, qualifiers and folder, and behind what a name stands below.
fn last_of_purl(purl: &str) -> Option<&str> {
    let path = purl.get(PKG.len()..)?.split(['@', '?', '#']).next()?.trim_end_matches('/');
    path.rsplit('/').next().filter(|name| !name.is_empty())
}

const PKG: &str = "pkg:";
/// Types of such addresses whose packages are of one other language, or of a system.
const OTHERS: [&str; 34] = [
    "alpm",
    "android",
    "apk",
    "bitnami",
    "brew",
    "cargo",
    "chef",
    "clojars",
    "cocoapods",
    "composer",
    "conan",
    "cpan",
    "cran",
    "deb",
    "docker",
    "dotnet",
    "elm",
    "gem",
    "golang",
    "hackage",
    "helm",
    "hex",
    "jenkins",
    "luarocks",
    "maven",
    "npm",
    "nuget",
    "oci",
    "opam",
    "pub",
    "puppet",
    "qpkg",
    "rpm",
    "swift",
];

/// `pkg:pypi/acme-billing@1.0?…`
fn named_by_purl(purl: &str) -> Option<&str> {
    after_pypi(purl)?.split(['@', '?', '#']).next()
}

/// The scheme and the type of an address of a package may be in any case.
fn after_pypi(purl: &str) -> Option<&str> {
    purl.get(..PYPI.len()).filter(|start| start.eq_ignore_ascii_case(PYPI)).and_then(|_| purl.get(PYPI.len()..))
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

/// Which package it is among those of all languages, as CycloneDX and SPDX say it. SPDX may say several, among other things,
/// and any of them may be Python's.
fn purl(object: &Map<String, Value>) -> Option<&str> {
    let outer = object.get("externalRefs").and_then(Value::as_array).into_iter().flatten();
    let outer = outer.filter_map(|it| it.get("referenceLocator")?.as_str());
    let all = || text(object, &["purl"]).into_iter().chain(outer.clone());
    let is_purl = |purl: &&str| purl.get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("pkg:"));
    all().find(|purl| after_pypi(purl).is_some()).or_else(|| all().find(is_purl))
}

/// `pip inspect` and `pipdeptree` have name and version one level down.
fn inner(object: &Map<String, Value>) -> Option<&Map<String, Value>> {
    ["metadata", "package"].iter().find_map(|key| object.get(*key)?.as_object())
}
