//! The trials of five installers, as a table: the gate as their only index, and the gate beside PyPI, as people leave it.

use std::collections::BTreeMap;
use std::path::Path;

use namewarden::sim::Sim;
use serde_json::Value;

use super::Stage;
use crate::sim::clients::asked;

const TABLE: &str = include_str!("trials.txt");

/// What each trial asks for; PyPI has a higher version of each name of ours.
const TRIALS: [(&str, &[&str]); 5] = [
    ("confusion", &["acme-billing", "acme-unlisted"]),
    ("planned", &["acme-planned"]),
    ("age", &["widgets"]),
    ("age, pinned", &["widgets==1.1"]),
    ("new project", &["brandnew"]),
];

/// An installer, and the file that it is told by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tool {
    Pip,
    Uv,
    Poetry,
    Pdm,
    Pipenv,
}

impl Tool {
    const ALL: [Self; 5] = [Self::Pip, Self::Uv, Self::Poetry, Self::Pdm, Self::Pipenv];

    fn name(self) -> &'static str {
        ["pip", "uv", "poetry", "pdm", "pipenv"][self as usize]
    }

    fn lock(self) -> &'static str {
        ["requirements.lock", "uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock"][self as usize]
    }

    /// The project that wants these from these indexes, the first of them first.
    fn project(self, dir: &Path, wants: &[&str], indexes: &[String]) {
        let quoted: Vec<String> = wants.iter().map(|want| format!("\"{want}\"")).collect();
        let project = format!(
            "[project]\nname = \"app\"\nversion = \"1\"\nrequires-python = \">=3.9\"\ndependencies = [{}]\n",
            quoted.join(", ")
        );
        let named = |form: &dyn Fn(usize, &str) -> String| -> String {
            indexes.iter().enumerate().map(|(at, url)| form(at, url)).collect()
        };
        let (file, text) = match self {
            Self::Pip => ("requirements.txt", wants.join("\n")),
            Self::Uv => {
                let form = |at, url: &str| {
                    format!("[[tool.uv.index]]\nurl = \"{url}\"\ndefault = {}\n", at + 1 == indexes.len())
                };
                ("pyproject.toml", project + &named(&form))
            }
            Self::Poetry => {
                let form = |at, url: &str| {
                    format!("[[tool.poetry.source]]\nname = \"i{at}\"\nurl = \"{url}\"\npriority = \"primary\"\n")
                };
                ("pyproject.toml", project + &named(&form))
            }
            Self::Pdm => {
                let name = |at| if at == 0 { "pypi".to_owned() } else { format!("i{at}") };
                let form = |at, url: &str| format!("[[tool.pdm.source]]\nname = \"{}\"\nurl = \"{url}\"\n", name(at));
                ("pyproject.toml", project + &named(&form))
            }
            Self::Pipenv => {
                let form =
                    |at, url: &str| format!("[[source]]\nname = \"i{at}\"\nurl = \"{url}\"\nverify_ssl = false\n");
                let wants = wants.iter().map(|want| match want.split_once("==") {
                    Some((name, version)) => format!("{name} = \"=={version}\"\n"),
                    None => format!("{want} = \"*\"\n"),
                });
                let all = if indexes.len() > 1 { "[pipenv]\ninstall_search_all_sources = true\n" } else { "" };
                ("Pipfile", format!("{}[packages]\n{}{all}", named(&form), wants.collect::<String>()))
            }
        };
        std::fs::write(dir.join(file), text).expect("written");
    }

    /// Has it resolve, and fetch what it fetches for that.
    fn run(self, dir: &Path, indexes: &[String]) -> std::process::Output {
        let python = crate::python_program("python");
        let python = python.to_str().expect("text");
        let mut words: Vec<&str> = match self {
            Self::Pip => vec![
                "-m",
                "pip",
                "--isolated",
                "download",
                "--no-cache-dir",
                "--disable-pip-version-check",
                "-r",
                "requirements.txt",
            ],
            Self::Uv => vec!["lock", "--no-cache", "--python", python],
            Self::Poetry => vec!["lock", "--no-cache", "--no-interaction"],
            Self::Pdm => vec!["lock", "-S", "static_urls"],
            Self::Pipenv => vec!["lock"],
        };
        if self == Self::Pip {
            words.extend(["-i", &indexes[0]]);
            indexes[1..].iter().for_each(|index| words.extend(["--extra-index-url", index]));
        }
        asked(if self == Self::Pip { "python" } else { self.name() }, &words, dir)
    }

    /// Name and version of what it took.
    fn took(self, dir: &Path) -> BTreeMap<String, String> {
        let lock = || std::fs::read_to_string(dir.join(self.lock())).unwrap_or_default();
        let taken: BTreeMap<String, String> = match self {
            Self::Pip => {
                std::fs::read_dir(dir).expect("a directory").filter_map(|entry| wheel(&entry.ok()?.path())).collect()
            }
            Self::Uv | Self::Poetry | Self::Pdm => packages(&lock()),
            Self::Pipenv => pinned(&lock()),
        };
        taken.into_iter().filter(|(name, _)| name != "app").collect()
    }
}

fn wheel(path: &Path) -> Option<(String, String)> {
    let (name, rest) = path.file_name()?.to_str()?.split_once('-')?;
    Some((name.replace('_', "-"), rest.split_once("-py3")?.0.to_owned()))
}

fn packages(lock: &str) -> BTreeMap<String, String> {
    let lock: toml::Table = lock.parse().expect("TOML");
    let text =
        |package: &toml::Value, key: &str| package.get(key).and_then(|of| of.as_str()).unwrap_or_default().to_owned();
    let packages = lock.get("package").and_then(|packages| packages.as_array()).cloned().unwrap_or_default();
    packages.iter().map(|package| (text(package, "name"), text(package, "version"))).collect()
}

fn pinned(lock: &str) -> BTreeMap<String, String> {
    let lock: Value = serde_json::from_str(lock).unwrap_or_default();
    let pinned = lock["default"].as_object().cloned().unwrap_or_default();
    pinned.into_iter().map(|(name, of)| (name, of["version"].as_str().unwrap_or_default().replace("==", ""))).collect()
}

/// What one installer does of one trial: what it took, or that it took nothing.
fn outcome(tool: Tool, wants: &[&str], indexes: &[String]) -> String {
    let dir = tempfile::tempdir().expect("a directory");
    tool.project(dir.path(), wants, indexes);
    let ran = tool.run(dir.path(), indexes);
    let said = String::from_utf8_lossy(&[ran.stdout, ran.stderr].concat()).into_owned();
    if !ran.status.success() {
        let tells = ["held until", "internal by"].iter().any(|words| said.contains(words));
        return format!("nothing{}", if tells { ", and says why" } else { "" });
    }
    let took = tool.took(dir.path());
    assert!(
        wants.iter().all(|want| took.contains_key(want.split("==").next().unwrap_or_default())),
        "{tool:?}: {said}"
    );
    took.into_iter().map(|(name, version)| format!("{name} {version}")).collect::<Vec<_>>().join(", ")
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the client venv; tests/run provides it"]
async fn where_the_gate_is_the_only_index_no_installer_takes_the_wrong_one() {
    let stage = Stage::new().await;
    for (name, version) in [("acme-unlisted", "99.0"), ("acme-planned", "99.0")] {
        stage.pypi.world().upload(name, version, "mine", "mallory", Sim::now()).expect("free");
    }
    let (only, both) = ([stage.index()], [stage.index(), format!("{}/simple/", stage.pypi.base_url())]);
    let mut table =
        String::from("# The trial, the installer, and what it takes. `tests/clients/gate/trials.rs` makes it.\n");
    for (indexes, beside, trials) in [(&only[..], "", &TRIALS[..]), (&both[..], " beside PyPI", &TRIALS[..2])] {
        for (trial, wants) in trials {
            let told = std::thread::scope(|scope| {
                let tools = Tool::ALL.map(|tool| scope.spawn(move || (tool.name(), outcome(tool, wants, indexes))));
                tools.map(|tool| tool.join().expect("no panic"))
            });
            let told = told.map(|(tool, took)| format!("{trial}{beside} | {tool} | {took}\n"));
            table.extend(told);
        }
        let is_asked = stage.pypi.log().mentions("acme");
        assert_eq!(is_asked, indexes.len() > 1, "whoever has the gate alone tells PyPI of no name of ours");
    }
    assert_eq!(table, TABLE, "{table}");
}
