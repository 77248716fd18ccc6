//! Dependencies that are kept to an index by name (uv, Poetry, Pipenv): the remedy against a second index that somebody adds.

use toml_edit::{DocumentMut, InlineTable, Item, Table, value};

use super::refused::SetupRefusal;
use super::sources::{Layout, table};
use crate::model::ProjectName;

/// Keeps a package to this index, with all else that is said of it.
pub(super) fn keep(
    document: &mut DocumentMut,
    layout: &Layout,
    name: &ProjectName,
    index: &str,
    is_sketch: bool,
) -> Result<(), SetupRefusal> {
    let add = layout.adds.filter(|_| !is_sketch && !is_of_project(document, name));
    let pins = table(document.as_table_mut(), layout.pins)?;
    let known =
        pins.iter().map(|(key, _)| key.to_owned()).find(|key| ProjectName::parse(key).is_ok_and(|key| key == *name));
    match (known.and_then(|key| pins.get_mut(&key)), add) {
        (Some(item), _) => held(item, layout, name, index),
        (None, Some(add)) => {
            Err(SetupRefusal::NoDependency { name: name.clone(), add: format!("{add} {index} {name}") })
        }
        (None, None) => {
            begun(pins);
            pins.insert(name.as_str(), value(fresh(layout, index)));
            Ok(())
        }
    }
}

/// A table that was made for this has a line before it.
fn begun(pins: &mut Table) {
    if pins.is_empty() && pins.is_implicit() {
        pins.set_implicit(false);
        pins.decor_mut().set_prefix("\n");
    }
}

fn fresh(layout: &Layout, index: &str) -> InlineTable {
    let mut entry = InlineTable::new();
    if let Some((key, word)) = layout.says {
        entry.insert(key, word.into());
    }
    entry.insert(layout.key, index.into());
    entry
}

fn held(item: &mut Item, layout: &Layout, name: &ProjectName, index: &str) -> Result<(), SetupRefusal> {
    let place = format!("{}.{name}", layout.pins.join("."));
    if let Some(version) = item.as_str().map(str::to_owned) {
        let mut entry = InlineTable::new();
        entry.insert("version", version.into());
        entry.insert(layout.key, index.into());
        *item = value(entry);
        return Ok(());
    }
    let entry = item.as_table_like_mut().ok_or_else(|| SetupRefusal::Form(place.clone()))?;
    let other = ["git", "path", "url", "workspace"].into_iter().find(|key| entry.contains_key(key));
    if let Some(other) = other {
        return Err(SetupRefusal::other_value(place, &format!("taken from a {other}"), "of the gate"));
    }
    match entry.get(layout.key).map(|of| of.as_str().unwrap_or_default().to_owned()) {
        None => {
            entry.insert(layout.key, value(index));
            // Else the blank before its end stands before the comma.
            item.as_inline_table_mut().into_iter().for_each(InlineTable::fmt);
            Ok(())
        }
        Some(of) if of == index => Ok(()),
        Some(of) => Err(SetupRefusal::other_value(format!("{} of {place}", layout.key), &of, index)),
    }
}

/// Is it among the dependencies of the project (PEP 621), which Poetry adds to?
fn is_of_project(document: &DocumentMut, name: &ProjectName) -> bool {
    let dependencies = document.get("project").and_then(|project| project.get("dependencies"));
    let mut dependencies = dependencies.and_then(Item::as_array).into_iter().flatten();
    dependencies.any(|dependency| dependency.as_str().is_some_and(|text| is_of(text, name)))
}

/// `acme-billing>=1; python_version > "3"` begins with a name.
fn is_of(requirement: &str, name: &ProjectName) -> bool {
    let end =
        requirement.find(|c: char| !(c.is_ascii_alphanumeric() || "._-".contains(c))).unwrap_or(requirement.len());
    ProjectName::parse(&requirement[..end]).is_ok_and(|of| of == *name)
}
