//! The simulator held against the clients people use: pip, uv, `xmlrpc.client`, feedparser, bandersnatch.
//!
//! Every address they are given is the simulator's own.

use std::path::Path;
use std::process::{Command, Output};

use chrono::DateTime;
use namewarden::model::{Serial, Time};
use namewarden::sim::{Endpoint, Options, Order, Sim, World};

use crate::python_program;

fn at(second: i64) -> Time {
    DateTime::from_timestamp(second, 0).expect("in range")
}

async fn sim() -> Sim {
    let mut world = World::empty(Order::default(), Serial(41_000_000));
    let name = "Acme_Billing.Client";
    world.upload(name, "0.0.1", "first", "mallory", at(1_787_331_457)).expect("free");
    world.release(name, "1.0", "second", at(1_787_332_000)).expect("there");
    let hostile = "hostile <b>text</b>&\u{1b}[31m\ttab";
    world.release_by(name, "2.0", hostile, Some("M <mallory@users.example>"), at(1_787_333_000)).expect("there");
    world.yank(name, "2.0", "broken", at(1_787_333_100)).expect("there");
    world.create("empty", "bob", at(1_787_331_500)).expect("free");
    world.upload("caught", "1.0", "malware", "eve", at(1_787_331_600)).expect("free");
    world.quarantine("caught", at(1_787_331_700)).expect("there");
    world.upload("sixth", "6.0", "another", "carol", at(1_787_331_800)).expect("free");
    Sim::start(world, Options::default()).await.expect("a free port")
}

/// Runs a program of the environment, which is active, and without any configuration of this machine; it must succeed if `well`.
/// Blocks: the simulator answers from the runtime's other threads.
pub(crate) fn client(program: &str, arguments: &[&str], dir: &Path, well: bool) -> String {
    let output = asked(program, arguments, dir);
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.success(), well, "{program} {arguments:?}: {text}");
    text
}

/// The same, whatever it comes to.
pub(crate) fn asked(name: &str, arguments: &[&str], dir: &Path) -> Output {
    program(name, dir).args(arguments).output().expect("the client starts")
}

/// The program as it is to be run, without arguments.
pub(crate) fn program(name: &str, dir: &Path) -> Command {
    let path = python_program(name);
    let programs = path.parent().expect("a directory");
    let mut command = Command::new(&path);
    command.current_dir(dir).env_clear().env("PATH", programs).env("HOME", dir).env("NO_PROXY", "127.0.0.1");
    // Else PDM and pipenv make one for each project before they look at it.
    command.env("VIRTUAL_ENV", programs.parent().expect("a directory"));
    command
}

fn script(name: &str, sim: &Sim) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/sim").join(name);
    let dir = tempfile::tempdir().expect("a directory");
    client("python", &[path.to_str().expect("text"), sim.base_url()], dir.path(), true);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the client venv; tests/run provides it"]
async fn xmlrpc_client_reads_the_changelog() {
    let sim = sim().await;
    script("changelog.py", &sim);
    assert!(sim.log().count(Endpoint::Xmlrpc) > 15);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the client venv; tests/run provides it"]
async fn feedparser_reads_the_feeds() {
    script("feeds.py", &sim().await);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the client venv; tests/run provides it"]
async fn pip_downloads_the_best_release_and_checks_its_hash() {
    let sim = sim().await;
    let dir = tempfile::tempdir().expect("a directory");
    let index = format!("{}/simple/", sim.base_url());
    let download =
        ["-m", "pip", "--isolated", "download", "--no-cache-dir", "--disable-pip-version-check", "-i", &index];
    let with = |names: &[&'static str]| [&download[..], names].concat();
    client("python", &with(&["ACME.billing_client", "sixth"]), dir.path(), true);
    assert!(dir.path().join("acme_billing_client-1.0-py3-none-any.whl").exists(), "2.0 is yanked");
    assert!(dir.path().join("sixth-6.0-py3-none-any.whl").exists());
    client("python", &with(&["acme-billing-client==2.0"]), dir.path(), true);
    for missing in ["empty", "caught", "nobody"] {
        let said = client("python", &with(&[missing]), dir.path(), false);
        assert!(said.contains("No matching distribution found"), "{missing}: {said}");
    }
    let wheel = dir.path().join("sixth-6.0-py3-none-any.whl");
    let wheel = wheel.to_str().expect("text");
    let target = dir.path().join("installed");
    let install =
        ["-m", "pip", "--isolated", "install", "--no-index", "--target", target.to_str().expect("text"), wheel];
    client("python", &install, dir.path(), true);
    assert!(target.join("sixth.py").exists());
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the client venv; tests/run provides it"]
async fn uv_compiles_requirements() {
    let sim = sim().await;
    let dir = tempfile::tempdir().expect("a directory");
    std::fs::write(dir.path().join("in.txt"), "Acme.Billing_Client\nsixth>5\n").expect("written");
    let index = format!("{}/simple/", sim.base_url());
    let compile = ["pip", "compile", "in.txt", "--no-config", "--no-cache", "--default-index", &index];
    let pinned = client("uv", &[&compile[..], &["--generate-hashes"]].concat(), dir.path(), true);
    assert!(pinned.contains("acme-billing-client==1.0") && pinned.contains("sixth==6.0"), "{pinned}");
    assert_eq!(pinned.matches("--hash=sha256:").count(), 2, "{pinned}");
    let earlier = [&compile[..], &["--exclude-newer", "2026-08-21T16:58:00Z"]].concat();
    let said = client("uv", &earlier, dir.path(), false);
    assert!(said.contains("sixth"), "sixth is younger than that: {said}");
    std::fs::write(dir.path().join("in.txt"), "acme-billing-client\n").expect("written");
    let pinned = client("uv", &earlier, dir.path(), true);
    assert!(pinned.contains("acme-billing-client==0.0.1"), "the only one uploaded by then: {pinned}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the client venv; tests/run provides it"]
async fn bandersnatch_mirrors_by_the_changelog() {
    mirror("xmlrpc", Endpoint::Xmlrpc).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the client venv; tests/run provides it"]
async fn bandersnatch_mirrors_by_the_index() {
    mirror("simple", Endpoint::Index).await;
}

/// Mirrors an allowlist, lets a release appear, and mirrors again: the second pass takes only what changed.
async fn mirror(method: &str, endpoint: Endpoint) {
    let sim = sim().await;
    let dir = tempfile::tempdir().expect("a directory");
    let (home, config) = (dir.path().join("mirror"), dir.path().join("bandersnatch.conf"));
    std::fs::create_dir(&home).expect("made");
    let settings = format!(
        "[mirror]\ndirectory = {}\nmaster = {}\nallow-non-https = true\napi-method = {method}\njson = true\n\
         workers = 2\n[plugins]\nenabled =\n    allowlist_project\n[allowlist]\npackages =\n    acme-billing-client\n    \
         sixth\n    empty\n",
        home.display(),
        sim.base_url()
    );
    std::fs::write(&config, settings).expect("written");
    let arguments = ["-c", config.to_str().expect("text"), "mirror"];
    client("bandersnatch", &arguments, dir.path(), true);
    assert!(sim.log().count(endpoint) > 0);
    assert_eq!(
        wheels(&home),
        [
            "acme_billing_client-0.0.1-py3-none-any.whl",
            "acme_billing_client-1.0-py3-none-any.whl",
            "acme_billing_client-2.0-py3-none-any.whl",
            "sixth-6.0-py3-none-any.whl"
        ]
    );
    assert_eq!(status(&home), sim.world().last_serial().to_string());
    sim.world().release("sixth", "7.0", "newer", at(1_787_400_000)).expect("there");
    sim.log().clear();
    client("bandersnatch", &arguments, dir.path(), true);
    assert!(wheels(&home).contains(&"sixth-7.0-py3-none-any.whl".to_owned()));
    assert_eq!(status(&home), sim.world().last_serial().to_string());
    assert!(sim.log().mentions("/pypi/sixth/json") && !sim.log().mentions("/pypi/acme-billing-client/json"));
}

/// The serial up to which bandersnatch is in step.
fn status(home: &Path) -> String {
    std::fs::read_to_string(home.join("status")).expect("a status file").trim().to_owned()
}

fn wheels(home: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![home.join("web/packages")];
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(dir).expect("a directory").flatten() {
            if entry.path().is_dir() {
                open.push(entry.path());
            } else {
                found.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
    }
    found.sort();
    found
}
