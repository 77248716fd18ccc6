//! Installers that people have, each with a project that is told in its own words, and a place of its own to install to.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::sim::clients::program;
use crate::warm::Forge;

/// To start those by themselves takes longer than what they are asked.
static WARM: [(Tool, Forge); 4] = [
    (Tool::Pip, Forge::new("pip")),
    (Tool::Poetry, Forge::new("poetry")),
    (Tool::Pdm, Forge::new("pdm")),
    (Tool::Pipenv, Forge::new("pipenv")),
];

/// An installer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tool {
    Pip,
    Uv,
    Poetry,
    Pdm,
    Pipenv,
}

/// By what it installs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    /// It resolves what is wanted.
    Index,
    /// What was resolved before.
    Lock,
}

/// What a project wants, by the name of the group that wants it.
pub(super) type Wants = [(&'static str, &'static [&'static str])];

impl Tool {
    pub(super) const ALL: [Self; 5] = [Self::Pip, Self::Uv, Self::Poetry, Self::Pdm, Self::Pipenv];

    pub(super) fn name(self) -> &'static str {
        ["pip", "uv", "poetry", "pdm", "pipenv"][self as usize]
    }

    /// The project that wants these from these indexes, the first of them first.
    pub(super) fn project(self, dir: &Path, groups: &Wants, indexes: &[String]) {
        let sources: String = indexes.iter().enumerate().map(|(at, url)| self.source(at, indexes.len(), url)).collect();
        let put = |file: &str, text: String| fs::write(dir.join(file), text).expect("written");
        match self {
            Self::Pip => groups.iter().for_each(|(group, wants)| put(&format!("{group}.txt"), wants.join("\n"))),
            Self::Pipenv => {
                let want = |want: &&str| match want.split_once("==") {
                    Some((name, version)) => format!("{name} = \"=={version}\"\n"),
                    None => format!("{want} = \"*\"\n"),
                };
                let group = |(name, wants): &(&str, &[&str])| {
                    format!("[{name}]\n{}", wants.iter().map(want).collect::<String>())
                };
                let all = if indexes.len() > 1 { "[pipenv]\ninstall_search_all_sources = true\n" } else { "" };
                put("Pipfile", sources + all + &groups.iter().map(group).collect::<String>());
            }
            Self::Uv | Self::Poetry | Self::Pdm => {
                let groups: String = groups.iter().map(|(name, wants)| format!("{name} = {wants:?}\n")).collect();
                let project = "[project]\nname = \"app\"\nversion = \"1\"\nrequires-python = \">=3.9\"\n";
                put("pyproject.toml", format!("{project}[dependency-groups]\n{groups}{sources}"));
            }
        }
    }

    /// An index, as its file names it; pip has them on its command line.
    fn source(self, at: usize, of: usize, url: &str) -> String {
        match self {
            Self::Pip => String::new(),
            Self::Uv => format!("[[tool.uv.index]]\nurl = \"{url}\"\ndefault = {}\n", at + 1 == of),
            Self::Poetry => {
                format!("[[tool.poetry.source]]\nname = \"i{at}\"\nurl = \"{url}\"\npriority = \"primary\"\n")
            }
            Self::Pdm => {
                let name = if at == 0 { "pypi".to_owned() } else { format!("i{at}") };
                format!("[[tool.pdm.source]]\nname = \"{name}\"\nurl = \"{url}\"\n")
            }
            Self::Pipenv => format!("[[source]]\nname = \"i{at}\"\nurl = \"{url}\"\nverify_ssl = false\n"),
        }
    }

    /// Has it resolve all groups, and write down what came of that.
    pub(super) fn lock(self, dir: &Path, groups: &Wants, indexes: &[String]) {
        place(dir);
        let names: Vec<&str> = groups.iter().map(|(group, _)| *group).collect();
        let ran = match self {
            Self::Pip => {
                let ran = self.pip(dir, &["--dry-run", "--quiet", "--report", "report.json"], &names, indexes);
                pinned(dir, groups);
                ran
            }
            Self::Uv => self.run(dir, &["lock", "--no-cache"]),
            Self::Poetry => self.run(dir, &["lock", "--no-cache", "--no-interaction"]),
            Self::Pdm => self.run(dir, &["lock", "-G:all"]),
            Self::Pipenv => self.run(dir, &["lock", "--categories", &names.join(" ")]),
        };
        assert!(ran.status.success(), "{self:?}: {}", String::from_utf8_lossy(&[ran.stdout, ran.stderr].concat()));
    }

    /// What was locked, as whoever checks it out has it: nothing else of whoever locked it is there.
    pub(super) fn checked_out(from: &Path, to: &Path) {
        let files = fs::read_dir(from).expect("a directory").map(|entry| entry.expect("an entry").path());
        for file in files.filter(|path| path.is_file()) {
            fs::copy(&file, to.join(file.file_name().expect("a name"))).expect("copied");
        }
    }

    /// Has it install what a group wants.
    pub(super) fn install(self, dir: &Path, by: By, group: &str, indexes: &[String]) -> Output {
        place(dir);
        match (self, by) {
            (Self::Pip, _) => self.pip(dir, &["--prefix", "env"], &[group], indexes),
            (Self::Uv, By::Index) => self.run(dir, &["sync", "--active", "--no-cache", "--only-group", group]),
            (Self::Uv, By::Lock) => {
                self.run(dir, &["sync", "--active", "--no-cache", "--frozen", "--only-group", group])
            }
            (Self::Poetry, _) => {
                self.run(dir, &["install", "--no-cache", "--no-interaction", "--no-root", "--only", group])
            }
            (Self::Pdm, By::Index) => self.run(dir, &["install", "--no-self", "--no-default", "-G", group]),
            (Self::Pdm, By::Lock) => self.run(dir, &["sync", "--no-self", "--no-default", "-G", group]),
            (Self::Pipenv, By::Index) => self.run(dir, &["install", "--categories", group]),
            (Self::Pipenv, By::Lock) => self.run(dir, &["sync", "--categories", group]),
        }
    }

    fn pip(self, dir: &Path, words: &[&str], groups: &[&str], indexes: &[String]) -> Output {
        let files: Vec<String> = groups.iter().map(|group| format!("-r{group}.txt")).collect();
        let mut all = vec!["--isolated", "install", "--no-cache-dir", "--retries", "0"];
        all.extend(["--disable-pip-version-check", "-i", &indexes[0]]);
        indexes[1..].iter().for_each(|index| all.extend(["--extra-index-url", index]));
        all.extend(words);
        all.extend(files.iter().map(String::as_str));
        self.run(dir, &all)
    }

    /// Each asks once, where it can be told to: Poetry asks five times more.
    fn run(self, dir: &Path, words: &[&str]) -> Output {
        let mut command = program(self.name(), dir);
        command.args(words).env("VIRTUAL_ENV", dir.join("env"));
        command.env("UV_PYTHON", crate::python_program("python")).env("UV_PYTHON_DOWNLOADS", "never");
        for retries in ["UV_HTTP_RETRIES", "PIP_RETRIES"] {
            command.env(retries, "0");
        }
        // Pipenv resolves within its own process, and not in a second one that has to import all of it.
        command.env("PIPENV_RESOLVER_PARENT_PYTHON", "1");
        match WARM.iter().find(|(tool, _)| *tool == self) {
            Some((_, forge)) => forge.output(&command),
            None => command.output().expect("the installer starts"),
        }
    }

    /// Name and version of what was installed.
    pub(super) fn installed(dir: &Path) -> BTreeMap<String, String> {
        let Ok(pythons) = fs::read_dir(dir.join("env/lib")) else { return BTreeMap::new() };
        let packages = pythons.flat_map(|python| fs::read_dir(python.expect("an entry").path().join("site-packages")));
        packages.flatten().filter_map(|entry| distribution(&entry.ok()?.path())).collect()
    }
}

/// An environment that has nothing yet.
fn place(dir: &Path) {
    let (mut made, python) = (program("uv", dir), crate::python_program("python"));
    // What it learns of the interpreter is kept beside that, which it would start each time else.
    made.env("UV_CACHE_DIR", python.with_file_name("uv-cache"));
    made.args(["venv", "--quiet", "env", "--python"]).arg(python);
    assert!(made.status().expect("starts").success());
}

fn distribution(path: &Path) -> Option<(String, String)> {
    let (name, version) = path.file_name()?.to_str()?.strip_suffix(".dist-info")?.split_once('-')?;
    Some((name.replace('_', "-"), version.to_owned()))
}

/// Requirements with digests, of what pip reports that it would install.
fn pinned(dir: &Path, groups: &Wants) {
    let report = fs::read(dir.join("report.json")).expect("pip has resolved");
    let report: Value = serde_json::from_slice(&report).expect("JSON");
    let line = |of: &Value| {
        let text = |at: &str| of.pointer(at).and_then(Value::as_str).expect("said").to_owned();
        let digest = text("/download_info/archive_info/hashes/sha256");
        (text("/metadata/name"), format!("=={} --hash=sha256:{digest}\n", text("/metadata/version")))
    };
    let lines: BTreeMap<String, String> = report["install"].as_array().expect("a list").iter().map(line).collect();
    for (group, wants) in groups {
        let text: String = wants.iter().map(|want| format!("{want}{}", lines[*want])).collect();
        fs::write(dir.join(format!("{group}.txt")), text).expect("written");
    }
}
