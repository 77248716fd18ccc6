//! The clients that people upload with: twine and uv, and pip that installs what they uploaded.

use std::fs;
use std::path::Path;
use std::process::Command;

use namewarden::registry::pypi::upload::Distribution;
use namewarden::sim::Sim;

use super::{TOKEN, day, sdist, sim, wheel, with_content};
use crate::python_program;

/// Runs a program of the environment with nothing of this machine's configuration; gives what it said.
fn run(dir: &Path, program: &str, arguments: &[&str]) -> (bool, String) {
    let path = python_program(program);
    let output = Command::new(&path)
        .args(arguments)
        .current_dir(dir)
        .env_clear()
        .env("PATH", path.parent().expect("a directory"))
        .env("HOME", dir)
        .env("NO_PROXY", "127.0.0.1")
        .env("TERM", "dumb")
        .output()
        .expect("the client starts");
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

fn twine(sim: &Sim, dir: &Path, files: &[&str]) -> (bool, String) {
    let address = format!("{}/legacy/", sim.base_url());
    let common = ["upload", "--verbose", "--disable-progress-bar", "--non-interactive", "--repository-url", &address];
    run(dir, "twine", &[&common[..], &["-u", "__token__", "-p", TOKEN], files].concat())
}

fn uv(sim: &Sim, dir: &Path, file: &str) -> (bool, String) {
    let address = format!("{}/legacy/", sim.base_url());
    let keyring = ["--keyring-provider", "disabled", "--trusted-publishing", "never"];
    run(dir, "uv", &[&["publish", "--publish-url", &address, "--token", TOKEN][..], &keyring, &[file]].concat())
}

fn laid(dir: &Path, file: &Distribution) -> String {
    fs::write(dir.join(&file.filename), &file.content).expect("written");
    file.filename.clone()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the client venv; tests/run provides it"]
async fn twine_uploads_and_pip_installs_what_it_uploaded() {
    let sim = sim().await;
    let dir = tempfile::tempdir().expect("a directory");
    let files = [laid(dir.path(), &wheel("acme-billing", "0.0.1")), laid(dir.path(), &sdist("acme-billing", "0.0.1"))];
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let (well, said) = twine(&sim, dir.path(), &files);
    assert!(well, "{said}");
    let serial = sim.world().last_serial();
    let (well, said) = twine(&sim, dir.path(), &files);
    assert!(well && sim.world().last_serial() == serial, "the same again is accepted: {said}");
    let index = format!("{}/simple/", sim.base_url());
    let target = ["install", "--isolated", "--no-cache-dir", "--target", "there", "-i", &index, "acme-billing==0.0.1"];
    let (well, said) = run(dir.path(), "pip", &target);
    assert!(well && dir.path().join("there/acme_billing.py").exists(), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the client venv; tests/run provides it"]
async fn twine_is_refused_where_pypi_refuses() {
    let sim = sim().await;
    let dir = tempfile::tempdir().expect("a directory");
    let file = wheel("acme-billing", "0.0.1");
    let laid_file = laid(dir.path(), &file);
    assert!(twine(&sim, dir.path(), &[&laid_file]).0);
    let altered = with_content(&file, [&file.content[..], b"\0"].concat());
    laid(dir.path(), &altered);
    let (well, said) = twine(&sim, dir.path(), &[&laid_file]);
    // twine shows the reason phrase of HTTP/1, in lines of its own length.
    let flat = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(!well && flat.contains("400 File already exists"), "{said}");
    let other = laid(dir.path(), &sdist("other", "9.0"));
    let (well, said) = twine(&sim, dir.path(), &[&other]);
    let flat = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(!well && flat.contains("403 The user 'acme-bot' isn't allowed"), "{said}");
    sim.hold_clock(day(16));
    let late = laid(dir.path(), &sdist("acme-billing", "0.0.1"));
    let (well, said) = twine(&sim, dir.path(), &[&late]);
    let flat = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(!well && flat.contains("older than 14 days"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the client venv; tests/run provides it"]
async fn uv_publishes_and_is_refused_where_pypi_refuses() {
    let sim = sim().await;
    let dir = tempfile::tempdir().expect("a directory");
    for number in 0..4 {
        let file = laid(dir.path(), &wheel(&format!("acme-{number}"), "0.0.1"));
        let (well, said) = uv(&sim, dir.path(), &file);
        assert!(well, "{said}");
    }
    let fifth = laid(dir.path(), &wheel("acme-4", "0.0.1"));
    let (well, said) = uv(&sim, dir.path(), &fifth);
    assert!(!well && said.contains("Too many new projects created"), "{said}");
    let index = format!("{}/simple/", sim.base_url());
    let compile = ["pip", "install", "--no-cache", "--target", "there", "--default-index", &index, "acme-0"];
    let (well, said) = run(dir.path(), "uv", &compile);
    assert!(well && dir.path().join("there/acme_0.py").exists(), "{said}");
}
