//! Which of the known formats a text has. Pure.

use toml::de::DeTable;

use super::captions::captions;
use super::line::{is_comment, is_line_end};
use super::requirement::is_version;
use super::{columns, conda, table};
use crate::config::source::{Fault, Source};
use crate::model::ProjectName;

/// Every format that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A name a line, with what requirements files and `pip freeze` write around it, and the labels of inventories.
    Lines,
    /// What `pip list` prints.
    Columns,
    /// CSV or TSV with a header row; how its cells are separated.
    Table(char),
    /// The simple API's (PEP 691), lists and maps of names, what `pip list --format json` and its like print.
    Json,
    /// A simple index (PEP 503), or a directory listing.
    Html,
    /// The answer to `list_packages` or `list_packages_with_serial`.
    XmlRpc,
    Lock(Lock),
    /// `environment.yml`, or its like in JSON.
    Environment,
    /// The TOML of an inventory.
    Inventory,
}

/// Lock files: every package with its version, and where it is resolved from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lock {
    Uv,
    Poetry,
    Pdm,
    /// `pylock.toml` (PEP 751).
    Pylock,
    /// `Pipfile.lock`.
    Pipenv,
    /// `conda-lock.yml`.
    Conda,
}

impl Lock {
    pub fn name(self) -> &'static str {
        match self {
            Self::Uv => "uv.lock",
            Self::Poetry => "poetry.lock",
            Self::Pdm => "pdm.lock",
            Self::Pylock => "pylock.toml",
            Self::Pipenv => "Pipfile.lock",
            Self::Conda => "conda-lock.yml",
        }
    }
}

impl Form {
    /// By the look of the text; its ending decides only between TOML, tables and lines.
    ///
    /// # Errors
    /// For what is known and is no list.
    pub(super) fn of(source: &Source) -> Result<Self, Fault> {
        let text = source.text();
        let ending = source.path().extension().and_then(|e| e.to_str()).map(str::to_lowercase).unwrap_or_default();
        match text.trim_start().as_bytes() {
            [b'<', ..] => markup(text),
            _ if ending == "toml" => toml(text),
            [b'{', ..] => Ok(json(text)),
            [b'[', rest @ ..] if is_json_array(rest) => Ok(json(text)),
            _ => Self::of_lines(text, &ending),
        }
    }

    fn of_lines(text: &str, ending: &str) -> Result<Self, Fault> {
        let first = content(text).next().unwrap_or_default();
        if let Some(word) = Some(text.trim()).filter(|word| is_answer(word)) {
            return Err(Fault::new(format!("it says {word:?} and nothing else"), "fetch or make the list again"));
        }
        // Databases draw a line above the titles.
        let titles = content(&text[captions(text)..]).find(|line| !is_edge(line)).unwrap_or_default();
        if let Some(separator) = table::separator(titles, matches!(ending, "csv" | "tsv")) {
            return Ok(Self::Table(separator));
        }
        if columns::is_columns(text) {
            return Ok(Self::Columns);
        }
        if let Some(fault) = no_list(text, first) {
            return Err(fault);
        }
        if is_yaml(first) {
            return conda::kind(text).map(Self::of_conda);
        }
        if first.starts_with('[') || is_assignment(first) {
            return toml(text);
        }
        // Texts in quotes, one a line.
        if serde_json::from_str::<String>(first).is_ok() {
            return Ok(Self::Json);
        }
        Ok(Self::Lines)
    }

    fn of_conda(kind: conda::Kind) -> Self {
        match kind {
            conda::Kind::Environment => Self::Environment,
            conda::Kind::Lock => Self::Lock(Lock::Conda),
        }
    }

    /// Are its records lines, however those end?
    pub(super) fn is_lines(self) -> bool {
        matches!(self, Self::Lines | Self::Columns | Self::Table(_))
    }
}

/// Single words that servers and scripts say in place of a list; each could be a name.
fn is_answer(word: &str) -> bool {
    const WORDS: [&str; 24] = [
        "null",
        "none",
        "nil",
        "nan",
        "undefined",
        "true",
        "false",
        "ok",
        "error",
        "failed",
        "failure",
        "forbidden",
        "unauthorized",
        "unauthenticated",
        "unavailable",
        "denied",
        "timeout",
        "expired",
        "login",
        "loading",
        "maintenance",
        "notfound",
        "not_found",
        "not-found",
    ];
    let is_status = word.len() == 3 && word.bytes().all(|b| b.is_ascii_digit());
    is_status || WORDS.contains(&word.to_lowercase().as_str())
}

fn is_edge(line: &str) -> bool {
    line.starts_with("+-") || line.starts_with("--") && line.bytes().all(|b| b == b'-')
}

/// Lines that are neither blank nor comments.
fn content(text: &str) -> impl Iterator<Item = &str> {
    text.split(is_line_end).map(str::trim).filter(|line| !line.is_empty() && !is_comment(line))
}

const LOCKED: &str = "import its lock file (uv.lock, poetry.lock, pylock.toml) or what `pip freeze` prints";

/// Texts of lines that are no lists of names, and hold names.
fn no_list(text: &str, first: &str) -> Option<Fault> {
    let is_python =
        |line: &str| line.starts_with("import ") || (line.starts_with("from ") && line.contains(" import "));
    if first.starts_with("SPDXVersion:") {
        return Some(Fault::new("it is SPDX in tags and values", "write it as JSON"));
    }
    if content(text).take(20).any(is_python) {
        return Some(Fault::new("it is a program in Python, such as a setup.py", LOCKED));
    }
    if content(text).any(|line| line == "@EXPLICIT") {
        let what = "it is a list of conda's files (@EXPLICIT), which are not PyPI's";
        return Some(Fault::new(what, "name the environment.yml or conda-lock.yml, or what `conda list` prints"));
    }
    None
}

/// `setup.cfg` and `tox.ini`, which begin as TOML does.
fn ini(text: &str) -> Option<Fault> {
    let is_section = |line: &str| {
        let sections = ["[metadata]", "[options", "[tox]", "[testenv", "[tool:", "[bdist_wheel]", "[flake8]"];
        sections.iter().any(|section| line.starts_with(section))
    };
    let is_ini = content(text).any(is_section) && !content(text).any(|line| line.starts_with("[["));
    let what = "it is a setup.cfg or tox.ini, which says what a project wants and not what it gets";
    is_ini.then(|| Fault::new(what, LOCKED))
}

/// A key alone or with a value, the start of a document, or a list.
fn is_yaml(line: &str) -> bool {
    let key =
        line.split_once(':').filter(|(_, rest)| rest.is_empty() || rest.starts_with(' ')).map_or("", |(key, _)| key);
    let is_key = !key.is_empty() && key.bytes().all(|b| b.is_ascii_lowercase() || matches!(b, b'_' | b'-'));
    line == "---" || line.starts_with("- ") || is_key
}

/// `acme-billing=4.12.0=pypi_0`, a line of `conda list --export`.
fn is_export(line: &str) -> bool {
    let of_three = !line.contains([' ', '"', '\'']) && !line.contains("==") && line.split('=').count() == 3;
    of_three
        || line.split_once('=').is_some_and(|(name, rest)| {
            ProjectName::is_valid(name)
                && !rest.starts_with(['=', ' '])
                && rest.split('=').next().is_some_and(is_version)
        })
}

/// `names = […]`, and neither `acme==1.0` nor `acme>=1.0`.
fn is_assignment(line: &str) -> bool {
    let is_key = |key: &str| key.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.\"' ".contains(&b));
    !line.starts_with('-')
        && !is_export(line)
        && line.split_once('=').is_some_and(|(key, value)| is_key(key) && !value.starts_with('='))
}

/// `[owners.pay]` and `[[name]]` begin TOML.
fn is_json_array(rest: &[u8]) -> bool {
    let mut rest = rest.iter().filter(|b| !b.is_ascii_whitespace());
    match rest.next() {
        Some(b'[') => !matches!(rest.next(), Some(b) if b.is_ascii_alphabetic()),
        Some(first) => !(first.is_ascii_alphanumeric() || matches!(first, b'_' | b'-')),
        None => true,
    }
}

fn json(text: &str) -> Form {
    // `conda env export --json`: JSON is YAML.
    let is_environment =
        || text.contains("\"channels\"") && text.contains("\"dependencies\"") && !text.contains("\"packages\"");
    if text.contains("\"pipfile-spec\"") {
        Form::Lock(Lock::Pipenv)
    } else if is_environment() && conda::kind(text) == Ok(conda::Kind::Environment) {
        Form::Environment
    } else {
        Form::Json
    }
}

fn markup(text: &str) -> Result<Form, Fault> {
    let start: String = text.trim_start().chars().take(4096).collect::<String>().to_lowercase();
    let refuse = |what: &str, instead: &str| Err(Fault::new(format!("it is {what}"), instead));
    if start.contains("<methodresponse") {
        Ok(Form::XmlRpc)
    } else if start.contains("<rss") || start.contains("<feed") {
        refuse("a feed of what is new, and no index", "name a list of all names, such as the simple API's JSON")
    } else if start.starts_with("<?xml") && !start.contains("<html") {
        refuse("XML, and no answer of XML-RPC", "name a list of names, such as the simple API's JSON")
    } else {
        Ok(Form::Html)
    }
}

/// An inventory or a lock file, by its topmost keys. What is broken is for the reader of inventories to explain.
fn toml(text: &str) -> Result<Form, Fault> {
    let Ok(table) = DeTable::parse(text) else { return ini(text).map_or(Ok(Form::Inventory), Err) };
    let table = table.get_ref();
    let has = |key: &str| table.get(key).is_some();
    let metadata = |key: &str| table.get("metadata").and_then(|value| value.get_ref().get(key)).is_some();
    if has("lock-version") && has("packages") || has("lock-version") && has("created-by") {
        Ok(Form::Lock(Lock::Pylock))
    } else if metadata("lock-version") {
        Ok(Form::Lock(Lock::Poetry))
    } else if metadata("lock_version") {
        Ok(Form::Lock(Lock::Pdm))
    } else if has("version") && has("requires-python") {
        Ok(Form::Lock(Lock::Uv))
    } else {
        project(&has).map_or(Ok(Form::Inventory), Err)
    }
}

/// TOML of other tools, which says what is wanted and not what is there.
fn project(has: &dyn Fn(&str) -> bool) -> Option<Fault> {
    if has("build-system") || has("project") || has("tool") {
        Some(Fault::new("it is a pyproject.toml, which says what a project wants and not what it gets", LOCKED))
    } else if has("workspace") || has("pypi-dependencies") {
        Some(Fault::new("it is a pixi.toml, which says what a project wants and not what it gets", LOCKED))
    } else if has("packages") && has("source") || has("dev-packages") {
        Some(Fault::new(
            "it is a Pipfile, which says what a project wants and not what it gets",
            "import its Pipfile.lock",
        ))
    } else if has("package") && has("version") {
        Some(Fault::new("it is a lock file, and not of a Python tool that we know", LOCKED))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn form(file: &str, text: &str) -> Result<Form, Fault> {
        Form::of(&Source::new(Path::new(file), text.to_owned()))
    }

    #[test]
    fn each_format_is_known_by_its_look() {
        for (text, expected) in [
            ("", Form::Lines),
            ("# ours\nacme-billing\n", Form::Lines),
            ("acme-core>=2,<3\n", Form::Lines),
            ("acme-enum; python_version < \"3.4\"\n", Form::Lines),
            ("--index-url=https://i.example\nacme\n", Form::Lines),
            ("# platform: linux-64\nacme=4.12.0=pypi_0\n", Form::Lines),
            ("# platform: linux-64\n_libgcc_mutex=0.1=main\n", Form::Lines),
            (
                "# packages in environment at /opt/x:\n#\n# Name  Version  Build  Channel\nacme 1.0 pypi_0 pypi\n",
                Form::Columns,
            ),
            ("brand:acme\n", Form::Lines),
            ("Package Version\n------- -------\nacme 1.0\n", Form::Columns),
            ("WARNING: old pip\n\nPackage      Version Editable project location\n---- --- ---\n", Form::Columns),
            ("sep=;\nname;owner\n", Form::Table(';')),
            ("\"Name\",owner\n", Form::Table(',')),
            ("name\tversion\n", Form::Table('\t')),
            ("owner;name;x,y\n", Form::Table(';')),
            ("name|owner\n", Form::Table('|')),
            ("+------+\n| name |\n+------+\n", Form::Table('|')),
            (" Name  Version  License \n acme  1.0      MIT License \n", Form::Columns),
            ("Name Version ID\n---- ------- --\nacme 1.0 x\n", Form::Columns),
            ("name\u{85}acme\u{85}", Form::Table(',')),
            (" {\"projects\": []}", Form::Json),
            ("[\"acme\"]", Form::Json),
            ("[ {\"name\": \"acme\"} ]", Form::Json),
            ("\"acme\"\n\"b\"", Form::Json),
            ("\n<!DOCTYPE html><a href='a/'>a</a>", Form::Html),
            ("<?xml version='1.0'?><methodResponse>", Form::XmlRpc),
            ("[owners.pay]\n", Form::Inventory),
            ("[[name]]\n", Form::Inventory),
            ("names = [\"acme\"]\n", Form::Inventory),
            ("names = [\"acme\"\n", Form::Inventory),
            ("version = 1\nrequires-python = \">=3\"\n", Form::Lock(Lock::Uv)),
            ("[[package]]\nname = \"a\"\n[metadata]\nlock-version = \"2.1\"\n", Form::Lock(Lock::Poetry)),
            ("[metadata]\nlock_version = \"4.5.0\"\n", Form::Lock(Lock::Pdm)),
            ("lock-version = \"1.0\"\ncreated-by = \"pip\"\n", Form::Lock(Lock::Pylock)),
            ("{\"_meta\": {\"pipfile-spec\": 6}}", Form::Lock(Lock::Pipenv)),
            ("name: x\ndependencies:\n  - pip\n", Form::Environment),
            ("{\"channels\": [], \"dependencies\": [\"python\"]}", Form::Environment),
            ("version: 1\nmetadata: {}\npackage:\n- {name: a}\n", Form::Lock(Lock::Conda)),
        ] {
            assert_eq!(form("list", text), Ok(expected), "{text:?}");
        }
        assert_eq!(form("list.csv", "nme,owner\n"), Ok(Form::Table(',')));
        assert_eq!(form("inventory.toml", "\"names\" = []\n"), Ok(Form::Inventory));
    }

    #[test]
    fn what_is_no_list_is_called_by_its_name() {
        let told = [
            "<rss version='2.0'>",
            "name: acme\nservices:\n  - python\n",
            "- acme\n- b\n",
            "<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>",
            "[project]\nname = \"acme\"\n",
            "[[source]]\nurl = \"https://i.example\"\n[packages]\nacme = \"*\"\n",
            "version = 4\n[[package]]\nname = \"serde\"\n",
            "[metadata]\nname = acme\n[options]\ninstall_requires =\n    b\n",
            "[tox]\nenvlist = py311\n",
            "[workspace]\nchannels = []\n",
            "# build\nfrom setuptools import setup\nsetup(name='acme')\n",
            "# platform: linux-64\n@EXPLICIT\nhttps://conda.example/acme-1.0-0.conda\n",
            "SPDXVersion: SPDX-2.3\nPackageName: acme\n",
        ]
        .map(|text| form("list", text).expect_err("refused").what)
        .join("\n");
        insta::assert_snapshot!(told, @r##"
            it is a feed of what is new, and no index
            it looks like YAML, of which many kinds hold names
            it looks like YAML, of which many kinds hold names
            it is XML, and no answer of XML-RPC
            it is a pyproject.toml, which says what a project wants and not what it gets
            it is a Pipfile, which says what a project wants and not what it gets
            it is a lock file, and not of a Python tool that we know
            it is a setup.cfg or tox.ini, which says what a project wants and not what it gets
            it is a setup.cfg or tox.ini, which says what a project wants and not what it gets
            it is a pixi.toml, which says what a project wants and not what it gets
            it is a program in Python, such as a setup.py
            it is a list of conda's files (@EXPLICIT), which are not PyPI's
            it is SPDX in tags and values
            "##);
    }
}
