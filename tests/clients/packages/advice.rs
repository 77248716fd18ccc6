//! The command of a package: which settings of pip and uv it calls a mistake, which it does not, and what it never repeats.

use std::fs;
use std::path::Path;
use std::process::Output;

use super::{INDEX, REGISTRY, bare, environment, run, text, written};

/// A machine with the package on it.
struct Machine {
    home: tempfile::TempDir,
    installer: &'static str,
}

impl Machine {
    fn with(installer: &'static str) -> Self {
        let (dir, home) = (written(&["acme-billing"]), tempfile::tempdir().expect("a directory"));
        let python = environment(home.path()).join("bin/python").display().to_string();
        let wheel = dir.path().join("acme_billing-0.0.1-py3-none-any.whl").display().to_string();
        match installer {
            "pip" => run(
                "python",
                &["-m", "pip", "--isolated", "--python", &python, "install", "-q", "--no-index", &wheel],
                home.path(),
            ),
            _ => run(
                "uv",
                &["pip", "install", "--no-config", "--no-cache", "--no-index", "--python", &python, &wheel],
                home.path(),
            ),
        };
        Self { home, installer }
    }

    fn path(&self) -> &Path {
        self.home.path()
    }

    /// The command with these files, below the home directory, and these variables; the files are gone afterwards.
    fn asked(&self, files: &[(&str, &str)], variables: &[(&str, &str)]) -> Output {
        let project = self.path().join("project");
        fs::create_dir_all(&project).expect("a directory");
        for (name, content) in files {
            let path = self.path().join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
            fs::write(path, content).expect("written");
        }
        let mut command = bare(&self.path().join("venv/bin/acme-billing-where"), self.path());
        let output =
            command.current_dir(&project).env("XDG_CONFIG_DIRS", "/nowhere").envs(variables.iter().copied()).output();
        for (name, _) in files {
            fs::remove_file(self.path().join(name)).expect("removed");
        }
        output.expect("starts")
    }

    /// What it says where it finds a mistake.
    fn mistake(&self, files: &[(&str, &str)], variables: &[(&str, &str)], parts: &[&str]) {
        let output = self.asked(files, variables);
        let said = text(&output.stdout);
        assert_eq!(output.status.code(), Some(1), "{files:?} {variables:?}: {said}{}", text(&output.stderr));
        for part in [&["Mistake: ", "Instead: ", "python-packages@acme.example", INDEX], parts].concat() {
            assert!(said.contains(part), "{part:?} is not in {said}");
        }
        assert!(!said.contains("hunter2"), "{said}");
        assert!(said.contains(&format!("put here by {}", self.installer)), "{said}");
    }

    fn fine(&self, files: &[(&str, &str)], variables: &[(&str, &str)]) {
        let output = self.asked(files, variables);
        let said = text(&output.stdout);
        assert_eq!(output.status.code(), Some(0), "{files:?} {variables:?}: {said}{}", text(&output.stderr));
        assert!(said.contains("No setting was found") && said.contains("pypi.acme.example"), "{said}");
        assert!(!said.contains("hunter2"), "{said}");
    }
}

const PIP: &str = ".config/pip/pip.conf";
const UV: &str = ".config/uv/uv.toml";
const PROJECT: &str = "project/pyproject.toml";

#[test]
#[ignore = "needs the client venv; tests/run provides it"]
fn the_command_finds_the_mistakes_of_pip() {
    let machine = Machine::with("pip");
    let extra = "[global]\nextra-index-url = https://me:hunter2@pypi.acme.example/simple\n";
    machine.mistake(&[(PIP, extra)], &[], &["pip.conf, [global] extra-index-url", "the highest version"]);
    let both = format!("[install]\nindex_url={INDEX}\nextra_index_url =\n    https://{REGISTRY}/simple\n");
    machine.mistake(&[(PIP, &both)], &[], &["[install] extra-index-url", REGISTRY]);
    machine.mistake(&[(".pip/pip.conf", extra)], &[], &[".pip/pip.conf"]);
    machine.mistake(&[("venv/pip.conf", extra)], &[], &["venv/pip.conf"]);
    machine.mistake(&[("named.conf", extra)], &[("PIP_CONFIG_FILE", "../named.conf")], &["named.conf"]);
    machine.mistake(&[], &[("PIP_EXTRA_INDEX_URL", "https://me:hunter2@pypi.acme.example/")], &["PIP_EXTRA_INDEX_URL"]);
    let option = format!("--extra-index-url {INDEX}\nacme-billing\n");
    machine.mistake(&[("project/requirements-dev.txt", &option)], &[], &["requirements-dev.txt, line 1"]);
    let public = format!("[global]\nindex-url = https://{REGISTRY}/simple\n");
    machine.mistake(&[(PIP, &public)], &[], &["the public index alone"]);
    machine.mistake(&[], &[], &["no index is set"]);
    let single = "[global]\nindex-url = https://me:hunter2@pypi.acme.example/simple\n";
    machine.fine(&[(PIP, single)], &[]);
    machine.fine(&[(PIP, &public)], &[("PIP_INDEX_URL", INDEX)]);
    machine.fine(&[(PIP, extra)], &[("PIP_CONFIG_FILE", "/dev/null"), ("PIP_INDEX_URL", INDEX)]);
}

#[test]
#[ignore = "needs the client venv; tests/run provides it"]
fn the_command_finds_the_mistakes_of_uv() {
    let machine = Machine::with("uv");
    let index = |more: &str| format!("{more}\n[[index]]\nurl = \"https://me:hunter2@pypi.acme.example/simple\"\n");
    let of_project =
        |text: &str| text.replace("[[index]]", "[[tool.uv.index]]").replace("[sources]", "[tool.uv.sources]");
    let unsafe_best = index("index-strategy = \"unsafe-best-match\"");
    machine.mistake(&[(UV, &unsafe_best)], &[], &["uv.toml", "unsafe-best-match"]);
    let project = format!("[tool.uv]\n{}", of_project(&unsafe_best));
    machine.mistake(&[(PROJECT, &project)], &[], &["pyproject.toml", "unsafe-best-match"]);
    let pip = index("[pip]\nindex-strategy = \"unsafe-first-match\"");
    machine.mistake(&[(UV, &pip)], &[], &["uv.toml, [pip]", "unsafe-first-match"]);
    machine.mistake(&[(UV, &index(""))], &[("UV_INDEX_STRATEGY", "unsafe-best-match")], &["the environment"]);
    let public_first = index(&format!("[[index]]\nurl = \"https://{REGISTRY}/simple\""));
    machine.mistake(&[(UV, &public_first)], &[], &["stands before pypi.acme.example"]);
    let explicit = index("") + "explicit = true\nname = \"acme\"\n";
    machine.mistake(&[(UV, &explicit)], &[], &["is explicit"]);
    machine.mistake(&[], &[("UV_DEFAULT_INDEX", &format!("https://{REGISTRY}/simple"))], &["the public index alone"]);
    machine.mistake(&[], &[], &["no index is set"]);
    machine.fine(&[(UV, &index(""))], &[]);
    machine.fine(&[(PROJECT, &of_project(&index("")))], &[]);
    machine.fine(&[(UV, "extra-index-url = [\"https://pypi.acme.example/simple\"]\n")], &[]);
    machine.fine(&[(UV, &unsafe_best)], &[("UV_NO_CONFIG", "1"), ("UV_INDEX", &format!("acme={INDEX}"))]);
}

/// What cannot be read is said, and is no "nothing found".
#[test]
#[ignore = "needs the client venv; tests/run provides it"]
fn the_command_says_what_it_could_not_read() {
    let machine = Machine::with("uv");
    let twice = "[global]\nindex-url = https://pypi.acme.example/simple\n[global]\nx = 1\n";
    let broken = [
        (UV, "index-strategy = \n"),
        (PIP, "index-url without a section\n"),
        (PIP, twice),
        (PIP, "[global]\nindex-url = pypi\n"),
        (PROJECT, "[tool\n"),
    ];
    for file in broken {
        let output = machine.asked(&[file], &[]);
        let said = text(&output.stdout);
        assert_eq!(output.status.code(), Some(2), "{file:?}: {said}{}", text(&output.stderr));
        assert!(
            said.contains("Could not be read: ") && said.contains(file.0.rsplit('/').next().expect("a name")),
            "{said}"
        );
    }
    let output = machine.asked(&[(UV, "index = 5\n[pip]\nextra-index-url = [1, {}]\n[sources]\nx = 1\n")], &[]);
    assert!(text(&output.stderr).is_empty(), "{}", text(&output.stderr));
    // Letters that the terminal does not have.
    let output = machine.asked(&[], &[("PYTHONIOENCODING", "ascii"), ("PYTHONUTF8", "0")]);
    assert!(
        output.status.code() == Some(1) && text(&output.stdout).contains("Acme's S?hne"),
        "{}",
        text(&output.stderr)
    );
}
