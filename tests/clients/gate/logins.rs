//! Clients that log in, as people have them do: by `~/.netrc`.

use std::path::Path;
use std::process::Command;

use super::{JSON, Stage};
use crate::sim::clients::client;

/// The line of a user, and the password.
fn login(name: &str) -> (String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_namewarden")).args(["gate", "login", name]).output().expect("starts");
    let (line, said) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let password = said.split("show again: ").nth(1).and_then(|rest| rest.lines().next()).expect("a password");
    assert!(!line.contains(password), "the list lets nobody in");
    (line.into_owned(), password.to_owned())
}

/// The rest as a build runs it.
const IN_CI: &str = "import os,sys\nos.environ['CI']='true'\nos.execvp(sys.argv[1],sys.argv[1:])";

fn keep(path: &Path, text: &str) {
    std::fs::write(path, text).expect("written");
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("set");
}

fn basic(user: &str, password: &str) -> String {
    use base64::Engine as _;
    format!("Basic {}", base64::prelude::BASE64_STANDARD.encode(format!("{user}:{password}")))
}

/// What pip is called with, for widgets.
fn pip(index: &str) -> Vec<&str> {
    let quiet = ["--no-cache-dir", "--disable-pip-version-check", "--no-input"];
    [&["-m", "pip", "download"][..], &quiet, &["-i", index, "widgets"]].concat()
}

/// What uv is called with, but for what is wanted.
fn uv<'a>(index: &'a str, python: &'a str) -> Vec<&'a str> {
    let quiet = ["--no-config", "--no-cache", "--target", "got"];
    [&["pip", "install"][..], &quiet, &["--python", python, "--default-index", index]].concat()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the client venv; tests/run provides it"]
async fn who_has_no_login_is_told_nothing_and_who_has_one_is_known_by_it() {
    let home = tempfile::tempdir().expect("a directory");
    let ((ci, password), (ada, adas)) = (login("ci-1"), login("ada"));
    let list = home.path().join("logins");
    keep(&list, &format!("{ada}{ci}"));
    let mut stage = Stage::with(&format!("[gate.clients]\nlogins_file = \"{}\"\n", list.display()), true).await;
    for path in [
        "/simple/widgets/",
        "/simple/acme-billing/",
        "/files/widgets/widgets-1.0-py3-none-any.whl",
        "/simple/",
        "/simple/no-such/",
    ] {
        let refused = stage.get(path, &[JSON]).await;
        assert_eq!(refused.status, 401, "{path}: {}", refused.text());
        assert!(refused.header("www-authenticate").is_some_and(|asks| asks.starts_with("Basic ")), "{path}");
        let wrong = basic("ci-1", "hunter2");
        assert_eq!(stage.get(path, &[JSON, ("authorization", &wrong)]).await.status, 401, "{path}");
    }
    assert_eq!(stage.get("/healthz", &[]).await.status, 200);
    let dir = home.path();
    keep(&dir.join(".netrc"), &format!("machine 127.0.0.1 login ci-1 password {password}\n"));
    let (index, python) = (stage.index(), crate::python_program("python"));
    let python = python.to_str().expect("text");
    let pip = pip(&index);
    client("python", &pip, dir, true);
    let uv = uv(&index, python);
    client("uv", &[&uv[..], &["acme-billing"]].concat(), dir, true);
    let held = client("uv", &[&uv[..], &["brandnew"]].concat(), dir, false);
    assert!(held.contains("held until"), "{held}");
    let (_, who) = stage.verb(None, &["who", "widgets"]);
    assert!(who.contains("  ci-1 at 127.0.0.1 "), "{who}");
    let (_, reviews) = stage.verb(None, &["reviews"]);
    assert!(reviews.contains("by ci-1 at 127.0.0.1"), "{reviews}");
    let shown = || stage.verb(None, &["show", "1"]).1;
    assert!(shown().contains("asked by ci-1 at 127.0.0.1 with uv: first "), "{}", shown());
    // What they say of themselves is told as that.
    client("python", &[&["-c", IN_CI, "python"], &pip[..pip.len() - 1], &["brandnew"]].concat(), dir, false);
    let as_ada = index.replacen("://", &format!("://ada:{adas}@"), 1);
    let of_ada: Vec<&str> = uv.iter().map(|part| if *part == index { as_ada.as_str() } else { *part }).collect();
    client("python", &[&["-c", IN_CI, "uv"], &of_ada[..], &["brandnew"]].concat(), dir, false);
    for said in ["ci-1 at 127.0.0.1 with pip", "ada at 127.0.0.1 with uv"] {
        assert!(shown().contains(&format!("asked by {said}, in a build by what it says: first ")), "{}", shown());
    }
    keep(&list, &ada);
    stage.restart().await;
    client("python", &pip, dir, false);
    let mine = basic("ci-1", &password);
    assert_eq!(stage.get("/simple/widgets/", &[JSON, ("authorization", &mine)]).await.status, 401, "and is out");
}

#[tokio::test]
async fn a_list_of_nobody_stops_the_start() {
    let home = tempfile::tempdir().expect("a directory");
    let (list, stage) = (home.path().join("logins"), Stage::new().await);
    keep(&list, "ada hunter2\n");
    let config = stage.dir.path().join("namewarden.toml");
    let mut text = std::fs::read_to_string(&config).expect("reads");
    text.push_str(&format!("[gate.clients]\nlogins_file = \"{}\"\n", list.display()));
    std::fs::write(&config, &text).expect("written");
    let gate = Command::new(env!("CARGO_BIN_EXE_namewarden")).args(["gate", "--config"]).arg(&config).output();
    let gate = gate.expect("runs");
    let said = String::from_utf8_lossy(&gate.stderr);
    assert!(
        gate.status.code() == Some(78) && said.contains("line 1 is no user") && !said.contains("hunter2"),
        "{said}"
    );
}
