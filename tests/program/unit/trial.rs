//! The units under a real systemd: a minimal Debian boots in a container without a network, and runs
//! `tests/program/unit/trial.sh`, which says what it proves.

use std::fs;
use std::process::Command;

use super::{BINARY, here};

/// Seconds for all of it; it takes a third of them.
const LIMIT: &str = "240";

#[test]
#[ignore = "needs a guest system; tests/run builds it where root and namespaces allow"]
fn guest_runs_the_units_under_a_real_manager() {
    let tree = tree();
    let (trial, out) = (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("a directory"));
    let unit = trial.path().join("trial.service");
    fs::write(&unit, "[Service]\nType=oneshot\nExecStart=/bin/sh /trial/trial.sh\n").expect("written");
    let bind = |from: &str, to: &str| format!("--bind-ro={from}:{to}");
    let shown = |path: std::path::PathBuf| path.to_str().expect("text").to_owned();
    let booted = Command::new("timeout")
        .args(["-k", "10", LIMIT, "systemd-nspawn", "--quiet", "--boot", "--volatile=overlay", "--directory", &tree])
        .args(["--register=no", "--keep-unit", "--private-network", "--machine=trial"])
        .arg(bind(BINARY, "/usr/bin/namewarden"))
        .arg(bind(&shown(here("systemd")), "/trial/systemd"))
        .arg(bind(&shown(here("tests/program/unit/trial.sh")), "/trial/trial.sh"))
        .arg(bind(&shown(here("tests/program/unit/confined.sh")), "/trial/confined.sh"))
        .arg(bind(unit.to_str().expect("text"), "/etc/systemd/system/trial.service"))
        .arg(format!("--bind={}:/out", out.path().display()))
        .arg("systemd.wants=trial.service")
        .stdin(std::process::Stdio::null())
        .output()
        .expect("systemd-nspawn runs");
    let said = fs::read_to_string(out.path().join("said")).unwrap_or_default();
    let status = fs::read_to_string(out.path().join("status")).unwrap_or_default();
    println!("{said}");
    let console = String::from_utf8_lossy(&[booted.stdout, booted.stderr].concat()).into_owned();
    assert!(status.trim() == "0" && said.contains("== passed"), "{said}\nthe guest's console:\n{console}");
}

/// A minimal Debian; nothing is changed in it.
#[expect(clippy::disallowed_methods, reason = "tests/run hands over the guest by a variable")]
fn tree() -> String {
    std::env::var("NAMEWARDEN_TEST_GUEST").expect("NAMEWARDEN_TEST_GUEST: a Debian tree with systemd")
}
