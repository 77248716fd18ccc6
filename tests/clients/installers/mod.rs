//! *Would pip take it*, held against pip, uv and Poetry: a table of what they do, and the installers themselves.
//!
//! Each row of `table.txt` is asked twice: of our rules, from the two pages that PyPI would show, and of the real
//! installers, resolving from two indexes on loopback (`resolve.py`).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use namewarden::model::Releases;
use namewarden::model::finding::WouldPipTake;
use namewarden::model::resolve::{Installer, would_take};
use namewarden::registry::pypi::{ProjectDetail, ProjectJson};
use serde_json::{Map, Value, json};

use crate::python_program;

/// Rows that the table has at least.
const ROWS: usize = 60;

struct Row {
    name: String,
    internal: Option<String>,
    /// Files as the table writes them.
    public: Vec<String>,
    /// In the order of `Installer::ALL`.
    answers: Vec<WouldPipTake>,
}

fn table() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/installers/table.txt")
}

fn rows() -> Vec<Row> {
    let text = std::fs::read_to_string(table()).expect("the table");
    text.lines().filter(|line| !line.starts_with('#')).map(row).collect()
}

fn row(line: &str) -> Row {
    let cells: Vec<&str> = line.split('|').map(str::trim).collect();
    let [name, internal, public, answers] = cells.as_slice() else { panic!("{line:?} has not four cells") };
    let answer = |word: &str| match word {
        "y" => WouldPipTake::Yes,
        "n" => WouldPipTake::No,
        "?" => WouldPipTake::Unknown,
        _ => panic!("{line:?}: {word:?} is no answer"),
    };
    // An internal version is the first file of the internal index.
    let version = |files: &str| files.split(',').next().unwrap_or_default().to_owned();
    Row {
        name: (*name).to_owned(),
        internal: (*internal != "-").then(|| version(internal)),
        public: public.split_whitespace().filter(|file| *file != "-").map(str::to_owned).collect(),
        answers: answers.split_whitespace().map(answer).collect(),
    }
}

impl Row {
    fn file(&self, written: &str) -> (String, Value) {
        let mut words = written.split(',');
        let version = words.next().unwrap_or_default();
        let (mut end, mut kind, mut python, mut yanked) = ("-py3-none-any.whl".to_owned(), "bdist_wheel", None, false);
        for word in words {
            match word {
                "sdist" => (end, kind) = (".tar.gz".to_owned(), "sdist"),
                "egg" => (end, kind) = ("-py3.11.egg".to_owned(), "bdist_egg"),
                "yanked" => yanked = true,
                _ if word.starts_with("python") => python = Some(word["python".len()..].replace('&', ",")),
                _ => end = format!("-{}.whl", word.strip_prefix("tag:").expect("a word of the table")),
            }
        }
        let filename = format!("{}-{version}{end}", self.name.replace('-', "_"));
        let file = json!({ "filename": filename, "packagetype": kind, "requires_python": python, "yanked": yanked,
            "requires-python": python });
        (version.to_owned(), file)
    }

    /// As PyPI's JSON API shows it.
    fn page(&self) -> Releases {
        let mut releases: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for (version, mut file) in self.public.iter().map(|file| self.file(file)) {
            file.as_object_mut().and_then(|file| file.remove("requires-python"));
            releases.entry(version).or_default().push(file);
        }
        let page = json!({ "info": {}, "releases": releases });
        ProjectJson::parse(page.to_string().as_bytes()).expect("a page").releases
    }

    /// As the simple API shows it.
    fn simple_page(&self) -> Releases {
        let files = self.public.iter().map(|file| self.file(file).1).map(|mut file| {
            let fields: &mut Map<String, Value> = file.as_object_mut().expect("a map");
            fields.remove("requires_python");
            fields.remove("packagetype");
            file
        });
        let page = json!({ "meta": { "api-version": "1.4" }, "name": self.name, "files": files.collect::<Vec<_>>() });
        ProjectDetail::parse(page.to_string().as_bytes()).expect("a page").releases
    }
}

#[test]
fn the_rules_answer_every_row() {
    let rows = rows();
    assert!(rows.len() >= ROWS, "{} rows", rows.len());
    let names: BTreeSet<&str> = rows.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names.len(), rows.len(), "each name once");
    let mut wrong = Vec::new();
    for row in &rows {
        assert_eq!(row.answers.len(), Installer::ALL.len(), "{}", row.name);
        for (installer, expected) in Installer::ALL.into_iter().zip(&row.answers) {
            for page in [row.page(), row.simple_page()] {
                let answer = would_take(installer, row.internal.as_deref(), &page);
                if answer.take != *expected {
                    wrong.push(format!("{}: {} {answer:?}, not {expected:?}", row.name, installer.as_str()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
#[ignore = "needs the client venv; tests/run provides it"]
fn pip_uv_and_poetry_answer_every_row_so() {
    let script = table().with_file_name("resolve.py");
    let output = Command::new(python_program("python")).arg(script).arg(table()).output().expect("Python starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let (mut wrong, rows) = (Vec::new(), rows());
    for row in &rows {
        for (installer, expected) in Installer::ALL.into_iter().zip(&row.answers) {
            let answer: WouldPipTake =
                serde_json::from_value(said["answers"][&row.name][installer.as_str()].clone()).expect("an answer");
            if answer != *expected {
                wrong.push(format!("{}: {} says {answer:?}, the table {expected:?}", row.name, installer.as_str()));
            }
        }
    }
    let installers: Vec<&str> = said["versions"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let differing: BTreeSet<&str> = wrong.iter().filter_map(|line| line.split(':').next()).collect();
    println!("{} of {} rows agree with {}", rows.len() - differing.len(), rows.len(), installers.join(", "));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
