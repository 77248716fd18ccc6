//! Indexes in files of TOML: a list of tables, of which the gate is to be the only one.

use toml_edit::{Array, ArrayOfTables, DocumentMut, Entry, Item, Table, Value, value};

use super::refused::SetupRefusal;
use super::wish::SetupWish;

/// How a tool writes its indexes down.
pub(super) struct Layout {
    /// Where the list stands.
    pub(super) list: &'static [&'static str],
    /// By which name its entry is called where nobody called it otherwise.
    name: &'static str,
    /// What the entry has to have beside its address, as its key and its value.
    has: (&'static str, Fixed),
    /// What it must not have.
    lacks: &'static str,
    /// Has the address a slash at its end?
    slash: bool,
    /// In the entry, which packages are its own.
    packages: Option<&'static str>,
    /// Where dependencies are kept to an index.
    pub(super) pins: &'static [&'static str],
    /// Which key of a dependency names its index.
    pub(super) key: &'static str,
    /// What a dependency has to say beside it.
    pub(super) says: Option<(&'static str, &'static str)>,
    /// What adds a dependency; `None`: a pin may stand there without one.
    pub(super) adds: Option<&'static str>,
}

#[derive(Clone, Copy)]
enum Fixed {
    True,
    Word(&'static str),
}

pub(super) const UV: Layout = Layout {
    list: &["tool", "uv", "index"],
    name: "gate",
    has: ("default", Fixed::True),
    lacks: "explicit",
    slash: true,
    packages: None,
    pins: &["tool", "uv", "sources"],
    key: "index",
    says: None,
    adds: None,
};
pub(super) const UV_TOML: Layout = Layout { list: &["index"], pins: &[], ..UV };
/// A primary source takes the place of PyPI.
pub(super) const POETRY: Layout = Layout {
    list: &["tool", "poetry", "source"],
    name: "gate",
    has: ("priority", Fixed::Word("primary")),
    lacks: "",
    slash: true,
    packages: None,
    pins: &["tool", "poetry", "dependencies"],
    key: "source",
    says: None,
    adds: Some("poetry add --source"),
};
/// The source of this name takes the place of PyPI.
pub(super) const PDM: Layout = Layout {
    list: &["tool", "pdm", "source"],
    name: "pypi",
    has: ("verify_ssl", Fixed::True),
    lacks: "exclude_packages",
    slash: true,
    packages: Some("include_packages"),
    pins: &[],
    key: "",
    says: None,
    adds: None,
};
/// Behind a slash it asks for `//NAME/`.
pub(super) const PIPENV: Layout = Layout {
    list: &["source"],
    name: "gate",
    has: ("verify_ssl", Fixed::True),
    lacks: "",
    slash: false,
    packages: None,
    pins: &["packages"],
    key: "index",
    says: Some(("version", "*")),
    adds: Some("pipenv install --index"),
};

/// Makes the gate the only index of the list, and gives the name that it has there.
pub(super) fn only(document: &mut DocumentMut, layout: &Layout, wish: &SetupWish) -> Result<String, SetupRefusal> {
    let place = layout.list.join(".");
    let is_bare = document.is_empty();
    let list = list(document, layout.list)?;
    for entry in list.iter() {
        let address = entry.get("url").and_then(Item::as_str).unwrap_or("one without an address");
        if !wish.is_index(address) {
            return Err(SetupRefusal::other_index(&format!("[[{place}]]"), address));
        }
    }
    if list.is_empty() {
        let mut entry = Table::new();
        entry.decor_mut().set_prefix(if is_bare { "" } else { "\n" });
        list.push(entry);
    }
    let entry = list.iter_mut().next().ok_or_else(|| SetupRefusal::Form(place.clone()))?;
    filled(entry, layout, wish, &place)
}

fn filled(entry: &mut Table, layout: &Layout, wish: &SetupWish, place: &str) -> Result<String, SetupRefusal> {
    let index = wish.index();
    let address = if layout.slash { &index } else { index.trim_end_matches('/') };
    let name = match entry.entry("name").or_insert_with(|| value(layout.name)).as_str() {
        // PDM asks PyPI as well, where none of its sources is called so.
        Some(name) if layout.packages.is_none() || name == layout.name => name.to_owned(),
        other => {
            let found = other.unwrap_or("no text").to_owned();
            return Err(SetupRefusal::other_value(format!("name of [[{place}]]"), &found, layout.name));
        }
    };
    entry.entry("url").or_insert_with(|| value(address));
    let (key, fixed) = layout.has;
    let found = entry.entry(key).or_insert_with(|| fixed.value());
    if !fixed.is(found) {
        let wanted = fixed.value().to_string();
        return Err(SetupRefusal::other_value(format!("{key} of [[{place}]]"), &found.to_string(), wanted.trim()));
    }
    if let Some(found) = entry.get(layout.lacks).filter(|found| found.as_bool() != Some(false)) {
        return Err(SetupRefusal::other_value(
            format!("{} of [[{place}]]", layout.lacks),
            &found.to_string(),
            "left out",
        ));
    }
    layout.packages.map_or(Ok(()), |key| own_packages(entry, key, wish, place))?;
    Ok(name)
}

/// The packages that come from this source, whatever others are added later.
fn own_packages(entry: &mut Table, key: &str, wish: &SetupWish, place: &str) -> Result<(), SetupRefusal> {
    if wish.pins.is_empty() {
        return Ok(());
    }
    let packages = entry.entry(key).or_insert_with(|| value(Array::new()));
    let packages = packages.as_array_mut().ok_or_else(|| SetupRefusal::Form(format!("{place}.{key}")))?;
    for pin in &wish.pins {
        if !packages.iter().any(|package| package.as_str() == Some(pin.as_str())) {
            packages.push(pin.as_str());
        }
    }
    Ok(())
}

/// pip-tools knows one index, and options for more.
pub(super) fn only_index(document: &mut DocumentMut, wish: &SetupWish) -> Result<(), SetupRefusal> {
    const MORE: [&str; 2] = ["extra-index-url", "find-links"];
    let is_bare = document.is_empty();
    let table = table(document.as_table_mut(), &["tool", "pip-tools"])?;
    if table.is_empty() {
        table.set_implicit(false);
        table.decor_mut().set_prefix(if is_bare { "" } else { "\n" });
    }
    for (key, item) in table.iter() {
        let option = key.replace('_', "-");
        let more = MORE.contains(&&*option) && item.as_array().is_none_or(|list| !list.is_empty());
        let other = option == "index-url" && !item.as_str().is_some_and(|address| wish.is_index(address));
        if more || other {
            let found = item.to_string();
            return Err(SetupRefusal::other_index(
                &format!("{key} of [tool.pip-tools]"),
                found.trim().trim_matches('"'),
            ));
        }
    }
    let has = |table: &Table, option: &str| table.iter().any(|(key, _)| key.replace('_', "-") == option);
    if !has(table, "index-url") {
        table.insert("index-url", value(wish.index()));
    }
    // The digests are what pins a package here.
    if !has(table, "generate-hashes") {
        table.insert("generate-hashes", value(true));
    }
    Ok(())
}

/// The list of tables at a place, which is made where there is none.
fn list<'d>(document: &'d mut DocumentMut, path: &[&str]) -> Result<&'d mut ArrayOfTables, SetupRefusal> {
    let form = || SetupRefusal::Form(format!("[{}]", path.join(".")));
    let (last, above) = path.split_last().ok_or_else(form)?;
    let above = table(document.as_table_mut(), above)?;
    let list = above.entry(last).or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    list.as_array_of_tables_mut().ok_or_else(form)
}

/// The table at a place, which is made where there is none.
pub(super) fn table<'t>(mut at: &'t mut Table, path: &[&str]) -> Result<&'t mut Table, SetupRefusal> {
    for key in path {
        let next = match at.entry(key) {
            Entry::Occupied(there) => there.into_mut(),
            Entry::Vacant(free) => {
                let mut table = Table::new();
                table.set_implicit(true);
                free.insert(Item::Table(table))
            }
        };
        at = next.as_table_mut().ok_or_else(|| SetupRefusal::Form(path.join(".")))?;
    }
    Ok(at)
}

impl Fixed {
    fn value(self) -> Item {
        match self {
            Self::True => value(true),
            Self::Word(word) => value(word),
        }
    }

    fn is(self, found: &Item) -> bool {
        match (self, found.as_value()) {
            (Self::True, Some(Value::Boolean(found))) => *found.value(),
            (Self::Word(word), Some(Value::String(found))) => found.value().eq_ignore_ascii_case(word),
            _ => false,
        }
    }
}
