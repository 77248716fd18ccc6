//! What a release says of itself: what it requires, its commands and plugins, and what builds it.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

use super::form::Form;

/// By the descriptions in an archive.
#[derive(Debug, Default)]
pub(super) struct Metadata {
    /// `None`: that is said once it is built.
    pub(super) requirements: Option<BTreeSet<String>>,
    pub(super) entry_points: BTreeSet<String>,
    pub(super) build: Build,
}

/// The table `build-system` (PEP 518, PEP 517).
#[derive(Debug, Default)]
pub(super) struct Build {
    pub(super) backend: Option<String>,
    /// Folders of the archive in which the backend is looked for, without a slash at their ends.
    pub(super) places: Vec<String>,
    pub(super) requires: Vec<String>,
}

/// The keys of a table, and the group that its entries are in (PEP 621).
const SCRIPTS: [(&str, &str); 2] = [("scripts", "console_scripts"), ("gui-scripts", "gui_scripts")];

pub(super) fn of(form: Form, texts: &BTreeMap<String, Vec<u8>>) -> Metadata {
    let text = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).into_owned();
    let named = |end: &str| {
        texts.iter().filter(move |(path, _)| path.ends_with(end)).map(|(_, bytes)| text(bytes)).collect::<Vec<_>>()
    };
    let mut entry_points: BTreeSet<String> =
        named("/entry_points.txt").iter().flat_map(|of| entry_points(of)).collect();
    match form {
        // Installers refuse a wheel with two; whatever any of them says is shown.
        Form::Wheel => {
            let said: Vec<String> = named(".dist-info/METADATA");
            let requirements = (!said.is_empty()).then(|| said.iter().flat_map(|of| requirements(of)).collect());
            Metadata { requirements, entry_points, build: Build::default() }
        }
        Form::Source => {
            let said = texts.get("PKG-INFO").map(text).filter(|said| is_final(said));
            let project =
                texts.get("pyproject.toml").and_then(|bytes| text(bytes).parse::<Table>().ok()).unwrap_or_default();
            entry_points.extend(commands(&project));
            let requirements = said.map(|said| requirements(&said).collect());
            Metadata { requirements, entry_points, build: Build::of(&project) }
        }
    }
}

/// The lines of headers (RFC 822, as `email` reads them): names in lower case.
fn headers(text: &str) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::new();
    for line in text.lines().take_while(|line| !line.trim().is_empty()) {
        match (line.starts_with([' ', '\t']), all.last_mut(), line.split_once(':')) {
            (true, Some((_, value)), _) => *value = format!("{value} {}", line.trim()),
            (_, _, Some((name, value))) => all.push((name.trim().to_lowercase(), value.trim().to_owned())),
            _ => {}
        }
    }
    all
}

fn requirements(text: &str) -> impl Iterator<Item = String> + use<> {
    let all = headers(text).into_iter();
    all.filter(|(name, _)| name == "requires-dist").map(|(_, value)| of_one_line(&value))
}

/// What a source distribution requires may be said when it is built (PEP 643).
fn is_final(text: &str) -> bool {
    let all = headers(text);
    let version = all.iter().find(|(name, _)| name == "metadata-version").and_then(|(_, of)| of.split_once('.'));
    let number = version.and_then(|(major, minor)| Some((major.parse::<u32>().ok()?, minor.parse::<u32>().ok()?)));
    let is_open = |(name, value): &(String, String)| name == "dynamic" && value.eq_ignore_ascii_case("requires-dist");
    number.is_some_and(|number| number >= (2, 2)) && !all.iter().any(is_open)
}

/// The project that a requirement is of, in whichever spelling (PEP 508 begins with its name).
pub(super) fn project_of(requirement: &str) -> String {
    let end = requirement.find(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c)).unwrap_or(requirement.len());
    let parts = requirement[..end].split(['-', '_', '.']).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("-").to_lowercase()
}

/// `GROUP: NAME = OBJECT` of each.
fn entry_points(text: &str) -> Vec<String> {
    let (mut group, mut all) = (String::new(), Vec::new());
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            group = name.trim().to_owned();
        } else if let Some((name, object)) = line.split_once('=').filter(|_| !line.starts_with(['#', ';'])) {
            all.push(format!("{group}: {} = {}", name.trim(), object.trim()));
        }
    }
    all
}

fn commands(project: &Table) -> Vec<String> {
    let table = |of: &Value| of.as_table().cloned().unwrap_or_default();
    let project = project.get("project").map(table).unwrap_or_default();
    let groups = project.get("entry-points").map(table).unwrap_or_default();
    let scripts = SCRIPTS.into_iter().filter_map(|(key, group)| Some((group.to_owned(), project.get(key).map(table)?)));
    let all = scripts.chain(groups.iter().map(|(group, of)| (group.clone(), table(of))));
    let lines = |(group, of): (String, Table)| {
        let line =
            move |(name, object): (String, Value)| Some(format!("{group}: {name} = {}", object.as_str()?.trim()));
        of.into_iter().filter_map(line)
    };
    all.flat_map(lines).collect()
}

impl Build {
    fn of(project: &Table) -> Self {
        let said = project.get("build-system").and_then(Value::as_table);
        let texts = |key: &str| {
            let all = said.and_then(|said| said.get(key)).and_then(Value::as_array).into_iter().flatten();
            all.filter_map(Value::as_str).map(of_one_line).collect::<Vec<_>>()
        };
        let backend = said.and_then(|said| said.get("build-backend")).and_then(Value::as_str).map(of_one_line);
        let place = |of: &String| of.trim_start_matches("./").trim_matches('/').to_owned();
        let places = texts("backend-path").iter().map(place).collect();
        Self { backend, places, requires: texts("requires") }
    }
}

fn of_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_says_what_is_required_and_a_body_says_nothing() {
        let said = "Metadata-Version: 2.4\nName: widgets\nrequires-dist: acme-core\n  (>=2)\n\
                    Requires-Dist: evil ; extra == 'x'\nProvides-Extra: x\n\nRequires-Dist: none\n";
        let all: Vec<String> = requirements(said).collect();
        assert_eq!(all, ["acme-core (>=2)", "evil ; extra == 'x'"]);
        assert!(is_final(said));
        for open in ["Metadata-Version: 2.1\n", "Name: a\n", "Metadata-Version: 2.2\nDynamic: Requires-Dist\n", ""] {
            assert!(!is_final(open), "{open}");
        }
        for of in ["Acme_Core>=2", "acme.core[x] ; python_version < '3'", "acme-core @ https://x", "acme-core"] {
            assert_eq!(project_of(of), "acme-core", "{of}");
        }
    }

    #[test]
    fn commands_and_plugins_are_read_of_either_description() {
        let ini = "# no\n[console_scripts]\nwidgets = widgets:main [x]\n; = no\n[pytest11]\nspy=widgets.spy\n";
        assert_eq!(entry_points(ini), ["console_scripts: widgets = widgets:main [x]", "pytest11: spy = widgets.spy"]);
        let toml = "[project.scripts]\nwidgets = \"widgets:main\"\n[project.entry-points.pytest11]\nspy = \"widgets.spy\"\n\
                    [build-system]\nrequires = [\"evil  >= 1\"]\nbuild-backend = \"own\"\nbackend-path = [\"./tools/\"]";
        let table: Table = toml.parse().expect("TOML");
        assert_eq!(commands(&table), ["console_scripts: widgets = widgets:main", "pytest11: spy = widgets.spy"]);
        let Build { backend, places, requires } = Build::of(&table);
        assert_eq!(
            (backend.as_deref(), places, requires),
            (Some("own"), vec!["tools".to_owned()], vec!["evil >= 1".to_owned()])
        );
    }

    /// Of tables and texts in the place of each other nothing is made.
    #[test]
    fn what_is_of_another_form_says_nothing() {
        for odd in [
            "project = 1\nbuild-system = []",
            "[project]\nscripts = 'x'\nentry-points = [1]",
            "[build-system]\nrequires = {}",
        ] {
            let table: Table = odd.parse().expect("TOML");
            assert!(commands(&table).is_empty() && Build::of(&table).requires.is_empty(), "{odd}");
        }
    }
}
