//! Where a list stands in JSON: below which key, and whether it is the whole of it.

use serde_json::{Map, Value};

use super::row::{Kin, Row, VERSIONS, elements};
use crate::config::source::Fault;
use crate::lists::requirement::is_version;
use crate::model::ProjectName;

/// Keys below which lists stand, in the order of their weight.
const WRAPPERS: [&str; 18] = [
    "projects",
    "packages",
    "names",
    "rows",
    "items",
    "results",
    "result",
    "installed",
    "install",
    "components",
    "artifacts",
    "dependencies",
    "data",
    "list",
    "value",
    "sbom",
    "children",
    "files",
];
/// Parts of keys below which packages may stand too; two such lists in one text would be half read.
const STEMS: [&str; 7] = ["package", "depend", "project", "install", "component", "module", "names"];
/// Keys that say that more follows: with a value of any kind but none, `false` and an empty text.
const MORE: [&str; 12] = [
    "next",
    "next_page",
    "next_page_url",
    "nextLink",
    "@odata.nextLink",
    "nextToken",
    "nextPageToken",
    "continuationToken",
    "hasNextPage",
    "has_more",
    "isTruncated",
    "truncated",
];
/// Keys that say that something stands before it, with values as above but 0.
const BEFORE: [&str; 9] = [
    "previous",
    "prev",
    "previous_page",
    "prev_page_url",
    "previousPageToken",
    "prevPageToken",
    "offset",
    "skip",
    "hasPreviousPage",
];
/// Keys that say which page it is.
const PAGE: [&str; 5] = ["page", "page_number", "pageNumber", "current_page", "currentPage"];
/// Keys that say how many pages there are.
const PAGES: [&str; 7] = ["pages", "total_pages", "totalPages", "last_page", "lastPage", "page_count", "pageCount"];
/// Keys that say how many there are in all.
const TOTALS: [&str; 6] = ["total", "total_count", "totalCount", "totalItems", "total_results", "count"];
/// Where such keys stand besides the top.
const PAGINGS: [&str; 8] = ["meta", "range", "page", "paging", "pagination", "pageInfo", "links", "_links"];
/// Keys of what servers say in place of a list.
const TROUBLES: [&str; 8] = ["error", "errors", "message", "detail", "details", "code", "status", "fault"];

/// The members of the list that a text holds, wherever it stands.
pub(super) fn rows(value: &Value, depth: u8) -> Result<Vec<Row<'_>>, Fault> {
    match value {
        Value::Array(items) => Ok(elements(items)),
        Value::Object(object) => {
            refuse(object)?;
            let Some(inside) = inside(object, depth)? else { return map(object) };
            whole(object, inside)?;
            let root = if depth == 0 { [root(object), tree(value)].concat() } else { Vec::new() };
            Ok(root.into_iter().chain(rows(inside, depth + 1)?).collect())
        }
        _ => Err(no_list()),
    }
}

/// How a document calls itself, or what it was made of, which is no package: SPDX and syft say so.
pub(super) fn called(value: &Value) -> Option<&str> {
    let spdx = [Some(value), value.get("sbom")].into_iter().flatten().find(|it| it.get("spdxVersion").is_some());
    let syft = value.get("artifacts").and_then(|_| value.get("source"));
    spdx.or(syft)?.get("name")?.as_str()
}

/// What a CycloneDX document is about. It may be called as no project is, an image for instance.
fn root(object: &Map<String, Value>) -> Vec<Row<'_>> {
    let component = object.get("bomFormat").and(object.get("metadata")).and_then(|about| about.get("component"));
    let Some(component) = component else { return Vec::new() };
    let row = Row::Element(component);
    let is_name = row.kin() == Kin::Foreign || row.name().is_some_and(ProjectName::is_valid);
    if is_name { vec![row] } else { row.nested() }
}

/// A package by itself with those that it needs, which are read as the list that they are.
fn tree(value: &Value) -> Vec<Row<'_>> {
    let text = |key: &str| value.get(key).filter(|value| value.is_string());
    let name = text("name").and_then(Value::as_str).filter(|name| ProjectName::is_valid(name));
    let version = VERSIONS.iter().find_map(|key| text(key));
    name.zip(version).map(|(name, version)| Row::Entry(name, version)).into_iter().collect()
}

/// Names to serials, to versions or to what says a version: every value is of one kind. Keys of other maps are owners,
/// groups and parts of an answer.
fn map(object: &Map<String, Value>) -> Result<Vec<Row<'_>>, Fault> {
    let kind = |value: &Value| match value {
        Value::Number(_) => 'n',
        Value::Null => '0',
        Value::String(version) if is_version(version) => 'v',
        Value::Array(versions) if !versions.is_empty() && versions.iter().all(is_a_version) => 'a',
        Value::Object(about) if about.is_empty() || VERSIONS.iter().any(|key| about.contains_key(*key)) => 'o',
        _ => '?',
    };
    let mut kinds = object.values().map(kind);
    let first = kinds.next();
    let alike = first.is_none_or(|first| first != '?' && kinds.all(|kind| kind == first));
    match alike && object.keys().all(|key| ProjectName::is_valid(key)) {
        true => Ok(object.iter().map(|(name, value)| Row::Entry(name, value)).collect()),
        false => Err(no_list()),
    }
}

fn is_a_version(value: &Value) -> bool {
    value.as_str().is_some_and(is_version)
}

/// The list or map that an object holds, if it does.
fn inside(object: &Map<String, Value>, depth: u8) -> Result<Option<&Value>, Fault> {
    const DEEPEST: u8 = 3;
    if depth >= DEEPEST {
        return Ok(None);
    }
    let is_full = |inside: &&Value| {
        inside.as_array().is_some_and(|list| !list.is_empty()) || inside.as_object().is_some_and(|map| !map.is_empty())
    };
    let holds = |key: &&str| object.get(*key).is_some_and(|inside| names_something(inside, depth));
    let listed: Vec<&str> = WRAPPERS.into_iter().filter(holds).collect();
    let alike = |key: &str| listed.iter().any(|of| object.get(*of).is_some_and(|list| is_alike(list, &object[key])));
    let beside = object.keys().map(String::as_str).filter(|key| !WRAPPERS.contains(key));
    let beside =
        beside.filter(|key| alike(key) || STEMS.iter().any(|stem| key.to_lowercase().contains(stem)) && holds(key));
    match [listed.clone(), beside.collect()].concat().as_slice() {
        [first, second, ..] => {
            Err(Fault::new(format!("names stand below both {first:?} and {second:?}"), "put all of them into one list"))
        }
        [one] if listed.contains(one) => Ok(object.get(*one)),
        // What is in it is for the reader to refuse.
        _ => {
            let wrapped = || WRAPPERS.iter().filter_map(|key| object.get(*key));
            let empty = || wrapped().find(|inside| inside.is_array() || inside.is_object());
            Ok(wrapped().find(is_full).or_else(empty))
        }
    }
}

/// Are both lists of objects with the same keys, a name among them?
fn is_alike(one: &Value, other: &Value) -> bool {
    let (Some(one), Some(other)) = (one.get(0), other.get(0)) else { return false };
    let alike = one.as_object().zip(other.as_object()).is_some_and(|(one, other)| one.keys().eq(other.keys()));
    alike && Row::Element(other).name().is_some()
}

fn names_something(inside: &Value, depth: u8) -> bool {
    match inside {
        Value::Array(items) => items.iter().any(|item| Row::Element(item).name().is_some_and(ProjectName::is_valid)),
        Value::Object(map) if !map.is_empty() => rows(inside, depth + 1).is_ok_and(|rows| !rows.is_empty()),
        _ => false,
    }
}

/// Nothing may say that the list goes on elsewhere.
fn whole(object: &Map<String, Value>, inside: &Value) -> Result<(), Fault> {
    paging(object).try_for_each(begins)?;
    for part in paging(object).chain(inside.as_object()) {
        if let Some(key) = MORE.iter().find(|key| part.get(**key).is_some_and(given)) {
            return Err(one_part(&format!("{key} says that more follow")));
        }
        let listed = inside.as_array().map_or(usize::MAX, Vec::len) as u64;
        if let Some(total) = TOTALS.iter().find_map(|key| part.get(*key)?.as_u64()).filter(|total| *total > listed) {
            return Err(one_part(&format!("it lists {listed} of {total}")));
        }
    }
    Ok(())
}

/// Where a text says which part it is.
fn paging(object: &Map<String, Value>) -> impl Iterator<Item = &Map<String, Value>> {
    let parts = PAGINGS.iter().filter_map(|key| object.get(*key)?.as_object());
    std::iter::once(object).chain(parts)
}

/// Is it the first page, and the only one?
fn begins(part: &Map<String, Value>) -> Result<(), Fault> {
    let begun = |key: &&&str| part.get(**key).is_some_and(|value| given(value) && *value != 0);
    let number = |key: &&str| part.get(*key).and_then(Value::as_u64).filter(|number| *number > 1);
    let later = |key: &&&str| number(key).is_some();
    if let Some(key) = BEFORE.iter().find(begun).or_else(|| PAGE.iter().find(later)) {
        return Err(one_part(&format!("{key} says that others came before")));
    }
    match PAGES.iter().find_map(number) {
        Some(pages) => Err(one_part(&format!("it is one of {pages}"))),
        None => Ok(()),
    }
}

fn given(value: &Value) -> bool {
    !(value.is_null() || *value == Value::Bool(false) || value == "")
}

fn one_part(why: &str) -> Fault {
    Fault::new(format!("it is one page of several: {why}"), "put all of them into one list")
}

/// What is known and is no list, or not the whole of it.
fn refuse(object: &Map<String, Value>) -> Result<(), Fault> {
    let has = |key: &str| object.contains_key(key);
    if has("info") && (has("releases") || has("urls")) || has("name") && has("files") && !has("spdxVersion") {
        let instead = "name the list of all projects, the JSON of …/simple/";
        return Err(Fault::new("it is about one project, and no list of projects", instead));
    }
    if has("@graph") {
        return Err(Fault::new("it is SPDX 3 or other linked data", "write it as SPDX 2.3 or as CycloneDX"));
    }
    if has("lockfileVersion") {
        return Err(Fault::new("it is a lock file of npm", "name a list of Python packages"));
    }
    let is_trouble =
        |key: &&&str| object.get(**key).is_some_and(|value| !value.is_null() && *value != Value::Array(Vec::new()));
    let listed =
        WRAPPERS.iter().any(|key| object.get(*key).is_some_and(|inside| inside.is_array() || inside.is_object()));
    match TROUBLES.iter().find(is_trouble).filter(|key| !listed || ["error", "errors"].contains(key)) {
        Some(key) => Err(Fault::new(
            format!("it has the key {key:?}, as servers write that say what went wrong"),
            "open it to see what it says, and ask for the list again",
        )),
        None => Ok(()),
    }
}

fn no_list() -> Fault {
    let instead = "name the JSON of a simple API (an object with projects), a list of names, or of objects with a name";
    Fault::new("it is JSON of a form that holds no names that we know of", instead)
}
