//! What a release says of itself: what it requires, its commands and plugins, and what builds it.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest as _, Sha256};
use toml::{Table, Value};

use super::form::{Digest, Form};
use super::paths::resolved;

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
    pub(super) backends: Vec<String>,
    /// Folders of the archive in which the backend is looked for, without a slash at their ends.
    pub(super) places: Vec<String>,
    pub(super) requires: Vec<String>,
    /// Tables by which a build runs what is in the archive, and what tells whether they changed.
    pub(super) runs: Vec<(String, Digest)>,
    /// Descriptions of a build that say nothing to this reader, and may say something to others.
    pub(super) unread: Vec<String>,
}

/// The keys of a table, and the group that its entries are in (PEP 621).
const SCRIPTS: [(&str, &str); 2] = [("scripts", "console_scripts"), ("gui-scripts", "gui_scripts")];

/// What those tables are called.
const RUNS: [&[&str]; 5] = [
    &["tool", "hatch", "build", "hooks"],
    &["tool", "hatch", "metadata", "hooks"],
    &["tool", "poetry", "build"],
    &["tool", "pdm", "build"],
    &["tool", "setuptools", "cmdclass"],
];
/// Tables that do where their key `source` has this value.
const SOURCES: [(&[&str], &str); 2] = [(&["tool", "hatch", "version"], "code"), (&["tool", "pdm", "version"], "call")];
/// Where a line ends (`str.splitlines` of Python).
const ENDS: [char; 10] = ['\n', '\r', '\u{b}', '\u{c}', '\u{1c}', '\u{1d}', '\u{1e}', '\u{85}', '\u{2028}', '\u{2029}'];

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
            let requirements = of_each(&named(".dist-info/METADATA"), requirements);
            Metadata { requirements, entry_points, build: Build::default() }
        }
        // Where it has no one folder that all is in, there may be several.
        Form::Source => {
            let called =
                |name: &'static str| texts.iter().filter(move |(path, _)| resolved(path).last() == Some(&name));
            let said: Vec<String> = called("PKG-INFO").map(|(_, bytes)| text(bytes)).collect();
            let mut build = Build::default();
            for (path, bytes) in called("pyproject.toml") {
                match text(bytes).parse::<Table>() {
                    Ok(project) => {
                        entry_points.extend(commands(&project));
                        build.take(path, &project);
                    }
                    Err(_) => build.unread.push(path.clone()),
                }
            }
            Metadata { requirements: of_each(&said, final_requirements), entry_points, build }
        }
    }
}

/// Of all of them; `None`: there are none, or one does not say it.
fn of_each(all: &[String], of: impl Fn(&str) -> Option<BTreeSet<String>>) -> Option<BTreeSet<String>> {
    let said: Vec<BTreeSet<String>> = all.iter().map(|text| of(text)).collect::<Option<_>>()?;
    (!said.is_empty()).then(|| said.into_iter().flatten().collect())
}

/// The lines of headers (RFC 822, as `email` of Python reads them): names in lower case. `None`: one is no header, and readers differ about what comes
/// after it.
fn headers(text: &str) -> Option<Vec<(String, String)>> {
    let mut all: Vec<(String, String)> = Vec::new();
    let text = text.replace("\r\n", "\n");
    for line in text.split(['\n', '\r']).take_while(|line| !line.is_empty()) {
        if line.starts_with([' ', '\t']) {
            let (_, value) = all.last_mut()?;
            *value = format!("{value} {}", line.trim());
        } else {
            let (name, value) = line.split_once(':')?;
            if name.is_empty() || !name.chars().all(|c| c.is_ascii_graphic()) {
                return None;
            }
            all.push((name.to_lowercase(), value.trim().to_owned()));
        }
    }
    Some(all)
}

fn requirements(text: &str) -> Option<BTreeSet<String>> {
    let all = headers(text)?.into_iter();
    Some(all.filter(|(name, _)| name == "requires-dist").map(|(_, value)| of_one_line(&value)).collect())
}

fn final_requirements(text: &str) -> Option<BTreeSet<String>> {
    requirements(text).filter(|_| is_final(text))
}

/// What a source distribution requires may be said when it is built (PEP 643).
fn is_final(text: &str) -> bool {
    let Some(all) = headers(text) else { return false };
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

/// `GROUP: NAME = OBJECT` of each, as `importlib.metadata` reads them: what begins with `;` is one.
fn entry_points(text: &str) -> Vec<String> {
    let (mut group, mut all) = (String::new(), Vec::new());
    for line in text.split(ENDS).map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            group = name.trim().to_owned();
        } else if let Some((name, object)) = line.split_once('=').filter(|_| !line.starts_with('#')) {
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
    /// What one description says; `path`: where that lies.
    fn take(&mut self, path: &str, project: &Table) {
        let said = project.get("build-system").and_then(Value::as_table);
        let texts = |key: &str| {
            let all = said.and_then(|said| said.get(key)).and_then(Value::as_array).into_iter().flatten();
            all.filter_map(Value::as_str).map(of_one_line).collect::<Vec<_>>()
        };
        self.backends.extend(said.and_then(|said| said.get("build-backend")).and_then(Value::as_str).map(of_one_line));
        self.places.extend(texts("backend-path"));
        self.requires.extend(texts("requires"));
        let digest = |of: &Value| Sha256::digest(format!("{of:?}")).into();
        self.runs.extend(runs(project).into_iter().map(|(key, of)| (format!("{path}: {key}"), digest(of))));
    }
}

/// Each by its keys.
fn runs(project: &Table) -> Vec<(String, &Value)> {
    let found = |keys: &[&str]| Some((keys.join("."), at(project, keys)?));
    let mut all: Vec<(String, &Value)> = RUNS.into_iter().filter_map(found).collect();
    let targets = at(project, &["tool", "hatch", "build", "targets"]).and_then(Value::as_table).into_iter().flatten();
    all.extend(
        targets.filter_map(|(name, of)| Some((format!("tool.hatch.build.targets.{name}.hooks"), of.get("hooks")?))),
    );
    let is_of = |of: &Value, source: &str| of.get("source").and_then(Value::as_str) == Some(source);
    all.extend(SOURCES.into_iter().filter_map(|(keys, source)| found(keys).filter(|(_, of)| is_of(of, source))));
    all
}

fn at<'t>(table: &'t Table, keys: &[&str]) -> Option<&'t Value> {
    let (first, rest) = keys.split_first()?;
    rest.iter().try_fold(table.get(*first)?, |of, key| of.get(*key))
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
        let all = requirements(said).expect("headers");
        assert_eq!(all.iter().map(String::as_str).collect::<Vec<_>>(), ["acme-core (>=2)", "evil ; extra == 'x'"]);
        assert!(is_final(said));
        // Only a line with nothing in it ends them.
        for more in
            ["Name: a\n \nRequires-Dist: evil\n", "Name: a\rRequires-Dist: evil\r", "Name: a\r\nRequires-Dist: evil"]
        {
            assert_eq!(
                requirements(more).map(|of| of.into_iter().collect()),
                Some(vec!["evil".to_owned()]),
                "{more:?}"
            );
        }
        for broken in
            [" x\nName: a\n", "Name: a\nno header\nRequires-Dist: evil\n", "Name : a\n", ": a\n", "\u{feff}Name: a\n"]
        {
            assert_eq!((requirements(broken), final_requirements(broken)), (None, None), "{broken:?}");
        }
        assert_eq!(of_each(&["Name: a\n".to_owned(), "broken\n".to_owned()], requirements), None);
        for open in ["Metadata-Version: 2.1\n", "Name: a\n", "Metadata-Version: 2.2\nDynamic: Requires-Dist\n", ""] {
            assert!(!is_final(open), "{open}");
        }
        for of in ["Acme_Core>=2", "acme.core[x] ; python_version < '3'", "acme-core @ https://x", "acme-core"] {
            assert_eq!(project_of(of), "acme-core", "{of}");
        }
    }

    #[test]
    fn commands_and_plugins_are_read_of_either_description() {
        let ini = "# no\n[console_scripts]\nwidgets = widgets:main [x]\n#x = no\n[pytest11]\r;spy=widgets.spy\u{2028}two = b\n";
        let all = ["console_scripts: widgets = widgets:main [x]", "pytest11: ;spy = widgets.spy", "pytest11: two = b"];
        assert_eq!(entry_points(ini), all);
        let toml = "[project.scripts]\nwidgets = \"widgets:main\"\n[project.entry-points.pytest11]\nspy = \"widgets.spy\"\n\
                    [build-system]\nrequires = [\"evil  >= 1\"]\nbuild-backend = \"own\"\nbackend-path = [\"./tools/\"]";
        let table: Table = toml.parse().expect("TOML");
        assert_eq!(commands(&table), ["console_scripts: widgets = widgets:main", "pytest11: spy = widgets.spy"]);
        let Build { backends, places, requires, runs, unread } = build_of(&table);
        let one = |of: &str| vec![of.to_owned()];
        assert_eq!((backends, places, requires), (one("own"), one("./tools/"), one("evil >= 1")));
        assert!(runs.is_empty() && unread.is_empty());
    }

    fn build_of(table: &Table) -> Build {
        let mut build = Build::default();
        build.take("pyproject.toml", table);
        build
    }

    #[test]
    fn tables_by_which_a_build_runs_what_is_in_it_are_seen() {
        let toml = "[tool.hatch.build.hooks.custom]\npath = 'x.py'\n[tool.hatch.build.targets.wheel.hooks.custom]\n\
                    [tool.hatch.metadata.hooks.custom]\n[tool.hatch.version]\nsource = 'code'\n[tool.poetry]\nbuild = 'x.py'\n\
                    [tool.pdm.build]\n[tool.pdm.version]\nsource = 'call'\n[tool.setuptools.cmdclass]\nx = 'y.Z'\n";
        let named = |toml: &str| build_of(&toml.parse().expect("TOML")).runs;
        let all: BTreeSet<String> = named(toml).into_iter().map(|(what, _)| what).collect();
        let keys = [
            "hatch.build.hooks",
            "hatch.build.targets.wheel.hooks",
            "hatch.metadata.hooks",
            "hatch.version",
            "pdm.build",
            "pdm.version",
            "poetry.build",
            "setuptools.cmdclass",
        ];
        assert_eq!(all, keys.map(|key| format!("pyproject.toml: tool.{key}")).into());
        assert_ne!(named("tool.poetry.build = 'a.py'"), named("tool.poetry.build = 'b.py'"), "another is told");
        assert!(named("[tool.hatch.version]\nsource = 'regex'\n[tool.hatch.build]\nskip = true").is_empty());
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
            assert!(commands(&table).is_empty() && build_of(&table).requires.is_empty(), "{odd}");
        }
    }
}
