//! The files that `gate setup` writes, read by the installers themselves: each resolves through the gate, and through nothing else.

use std::path::Path;

use super::Stage;
use crate::sim::clients::client;

/// A project that needs one of ours and one of PyPI's.
fn project(file: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a directory");
    let text = match file {
        "Pipfile" => "# keep\n[packages]\nacme-billing = \"*\"\nwidgets = \"*\"\n",
        _ => {
            "# keep\n[project]\nname = \"app\"\nversion = \"1\"\nrequires-python = \">=3.9\"\n\
             dependencies = [\"acme-billing\", \"widgets\"]\n"
        }
    };
    std::fs::write(dir.path().join(file), text).expect("written");
    dir
}

impl Stage {
    fn setup(&self, words: &[&str], dir: &Path) -> (i32, String) {
        let gate = format!("http://127.0.0.1:{}", self.port);
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_namewarden"));
        command.args(["gate", "setup"]).args(words).args(["--gate", &gate]).current_dir(dir).env("HOME", dir);
        let output = command.env_remove("XDG_CONFIG_HOME").output().expect("starts");
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        (output.status.code().expect("no death by a signal"), said)
    }

    fn written(&self, words: &[&str], dir: &Path) {
        let (status, said) = self.setup(&[words, &["--write"]].concat(), dir);
        assert!(status == 0 && said.contains("has the gate as its only index"), "{said}");
        let (status, said) = self.setup(&[words, &["--write"]].concat(), dir);
        assert!(status == 0 && said.contains("already"), "once is enough: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the client venv; tests/run provides it"]
async fn each_installer_locks_through_the_gate_by_what_was_written_for_it() {
    let stage = Stage::new().await;
    let python = crate::python_program("python");
    let python = python.to_str().expect("text");
    for (tool, file, program, words, lock) in [
        ("uv", "pyproject.toml", "uv", &["lock", "--no-cache", "--python", python][..], "uv.lock"),
        ("poetry", "pyproject.toml", "poetry", &["lock", "--no-cache", "--no-interaction"], "poetry.lock"),
        ("pdm", "pyproject.toml", "pdm", &["lock", "-S", "static_urls"], "pdm.lock"),
        ("pipenv", "Pipfile", "pipenv", &["lock"], "Pipfile.lock"),
        (
            "pip-tools",
            "pyproject.toml",
            "pip-compile",
            &["--no-strip-extras", "-o", "requirements.txt", "pyproject.toml"],
            "requirements.txt",
        ),
    ] {
        let dir = project(file);
        let pin: &[&str] = if tool == "pip-tools" { &[] } else { &["--pin", "acme-billing"] };
        stage.written(&[&[tool], pin].concat(), dir.path());
        let text = std::fs::read_to_string(dir.path().join(file)).expect("reads");
        assert!(text.starts_with("# keep\n"), "{text}");
        let said = client(program, words, dir.path(), true);
        let locked =
            std::fs::read_to_string(dir.path().join(lock)).unwrap_or_else(|error| panic!("{tool}: {error}: {said}"));
        assert!(locked.contains("widgets") && locked.contains("acme-billing"), "{tool}: {locked}");
        assert!(locked.contains("1.0") && !locked.contains("1.1"), "{tool} takes what is not held: {locked}");
        let (status, said) = stage.setup(&["--check", lock, file], dir.path());
        assert_eq!(status, 0, "{tool}: {said}");
    }
    assert!(!stage.pypi.log().mentions("acme"), "PyPI never heard of a name of ours");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the client venv; tests/run provides it"]
async fn pip_and_uv_read_what_is_written_for_a_user() {
    let stage = Stage::new().await;
    let dir = tempfile::tempdir().expect("a directory");
    stage.written(&["pip"], dir.path());
    stage.written(&["uv"], dir.path());
    assert!(dir.path().join(".config/uv/uv.toml").exists());
    client(
        "python",
        &["-m", "pip", "download", "--no-cache-dir", "--disable-pip-version-check", "widgets"],
        dir.path(),
        true,
    );
    assert!(dir.path().join("widgets-1.0-py3-none-any.whl").exists());
    let python = crate::python_program("python");
    let python = python.to_str().expect("text");
    client(
        "uv",
        &["pip", "install", "--no-cache", "--target", "got", "--python", python, "acme-billing"],
        dir.path(),
        true,
    );
    assert!(dir.path().join("got/acme_billing").exists() || dir.path().join("got/acme_billing-1.0.dist-info").exists());
}

/// What each prints where it may not have something: the words for itself.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the client venv; tests/run provides it"]
async fn a_refusal_names_the_command_for_the_installer_that_asked() {
    let stage = Stage::with("", false).await;
    let dir = tempfile::tempdir().expect("a directory");
    stage.written(&["pip"], dir.path());
    stage.written(&["uv"], dir.path());
    let said = client("python", &["-m", "pip", "download", "--no-cache-dir", "widgets==1.1"], dir.path(), false);
    assert!(said.contains("see `gate setup pip`"), "{said}");
    let python = crate::python_program("python");
    let words =
        ["pip", "install", "--no-cache", "--target", "got", "--python", python.to_str().expect("text"), "acme-billing"];
    let said = client("uv", &words, dir.path(), false);
    assert!(said.contains("`namewarden gate setup uv`"), "{said}");
}

#[tokio::test]
async fn a_second_index_stops_it_and_a_lock_of_before_is_named() {
    let stage = Stage::new().await;
    let dir = project("pyproject.toml");
    let file = dir.path().join("pyproject.toml");
    let mut text = std::fs::read_to_string(&file).expect("reads");
    text.push_str("[[tool.uv.index]]\nurl = \"https://ada:hunter2@pypi.acme.example/simple\"\n");
    std::fs::write(&file, &text).expect("written");
    let (status, said) = stage.setup(&["uv", "--write"], dir.path());
    assert!(status == 3 && said.contains("another index") && !said.contains("hunter2"), "{status}: {said}");
    assert_eq!(std::fs::read_to_string(&file).expect("reads"), text, "nothing was written");
    let lock = "[[package]]\nname = \"widgets\"\nsource = { registry = \"https://mirror.example/simple\" }\n";
    std::fs::write(dir.path().join("uv.lock"), lock).expect("written");
    let (status, said) = stage.setup(&["--check", "uv.lock", "pyproject.toml"], dir.path());
    assert!(
        status == 3 && said.contains("uv.lock:3: https://mirror.example/simple is another index"),
        "{status}: {said}"
    );
    assert_eq!(stage.setup(&["--check", "missing.lock"], dir.path()).0, 1);
    assert_eq!(stage.setup(&["poetry", "--write", "--file", "none/pyproject.toml"], dir.path()).0, 1);
    for refused in
        ["https://ada:hunter2@gate.acme.example", "gate.acme.example", "https://gate.acme.example/?token=hunter2"]
    {
        let (status, said) = stage.verb(None, &["setup", "uv", "--gate", refused]);
        assert!(status == 2 && !said.contains("hunter2"), "{said}");
    }
    let asked = [("user-agent", "poetry/2.5.1 CPython/3.11.7 Linux/6.1")];
    let path = super::agree::listed(&stage, "widgets").await.pop().expect("a file").0;
    let refused = stage.get(&path, &asked).await;
    let remedy = refused.json()["remedy"].as_str().expect("said").to_owned();
    assert!(
        remedy.contains("[[tool.poetry.source]]") && remedy.contains("widgets = { source = \"gate\" }"),
        "{remedy}"
    );
    assert!(refused.reason().ends_with("; see `gate setup poetry`"), "{}", refused.reason());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_requirements_name_is_looked_at_as_well_by_file_and_line() {
    let stage = Stage::new().await;
    let dir = tempfile::tempdir().expect("a directory");
    let put = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).expect("written");
    std::fs::create_dir(dir.path().join("parts")).expect("made");
    put("requirements.txt", "-r parts/base.txt\nacme-billing==1.0\n");
    put("parts/base.txt", "-c limits.txt\n-r ../requirements.txt\nwidgets==1.0\n");
    put("parts/limits.txt", "# of all\nbrandnew==1.0\n");
    let check = || stage.setup(&["--check", "requirements.txt"], dir.path());
    let (status, said) = check();
    assert!(status == 0 && said.contains("nothing leads past"), "a circle ends: {status} {said}");
    put(
        "parts/limits.txt",
        "\n--extra-index-url https://mirror.example/simple/\nacme @ git+https://git.example/acme\n",
    );
    let (status, said) = check();
    assert_eq!(status, 3, "{said}");
    for line in
        ["parts/limits.txt:2: https://mirror.example/simple/ is another index", "parts/limits.txt:3: git+https://"]
    {
        assert!(said.contains(line), "{said}");
    }
    put("parts/limits.txt", "widgets==1.0\n-r gone.txt\n-c /dev/zero\n");
    let (status, said) = check();
    assert!(status == 1 && said.contains("parts/limits.txt:2 names parts/gone.txt, which cannot be read"), "{said}");
    assert!(said.contains("parts/limits.txt:3 names /dev/zero, which cannot be read (it is no file)"), "{said}");
    let many: String = (0..1100).map(|at| format!("-r many{at}.txt\n")).collect();
    put("requirements.txt", &many);
    (0..1100).for_each(|at| put(&format!("many{at}.txt"), "widgets==1.0\n"));
    let (status, said) = check();
    assert!(status == 1 && said.contains("cannot be read (more than 1000 files are named)"), "{said}");
}
