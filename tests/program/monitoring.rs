//! The rules of `config/monitoring`, as Prometheus reads them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The program of Debian's package `prometheus`.
#[expect(clippy::disallowed_methods, reason = "tests/run says where promtool is")]
fn promtool() -> Command {
    Command::new(PathBuf::from(
        std::env::var_os("NAMEWARDEN_TEST_PROMTOOL").expect("NAMEWARDEN_TEST_PROMTOOL names promtool"),
    ))
}

#[test]
#[ignore = "needs promtool; tests/run provides it"]
fn the_rules_alert_when_they_should() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let rules = root.join("config/monitoring/namewarden.rules.yml");
    let directory = tempfile::tempdir().expect("a directory");
    let beside = |name: &str| directory.path().join(name);
    fs::copy(&rules, beside("namewarden.rules.yml")).expect("copied");
    fs::copy(root.join("tests/fixtures/monitoring.test.yml"), beside("test.yml")).expect("copied");
    for arguments in [["check", "rules"], ["test", "rules"]] {
        let file = if arguments[0] == "test" { beside("test.yml") } else { rules.clone() };
        let output = promtool().args(arguments).arg(file).output().expect("runs");
        let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
    }
}
