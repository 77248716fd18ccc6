//! Output that cannot be written, and readers that have seen enough.

use std::fs::OpenOptions;

use super::*;

/// Runs it with a standard output that takes nothing: the status, and what it says of that.
fn into_full(words: &[&str]) -> (Option<i32>, String) {
    let full = OpenOptions::new().write(true).open("/dev/full").expect("Linux");
    let output = Command::new(NAMEWARDEN).args(words).stdout(full).output().expect("starts");
    (output.status.code(), text(&output.stderr))
}

/// Runs it with a standard output whose reader has gone.
fn into_nobody(words: &[&str]) -> (Option<i32>, String) {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let output = Command::new(NAMEWARDEN).args(words).stdout(writer).output().expect("starts");
    (output.status.code(), text(&output.stderr))
}

fn list(dir: &Path, name: &str, names: &str) -> String {
    let path = dir.join(name);
    std::fs::write(&path, names).expect("written");
    path.to_str().expect("text").to_owned()
}

#[test]
fn what_cannot_be_written_fails_by_name_and_a_reader_that_has_gone_is_no_failure() {
    let dir = tempfile::tempdir().expect("a directory");
    let (own, index) = (list(dir.path(), "own.txt", "acme-billing\n"), list(dir.path(), "index.txt", "acme-biling\n"));
    let fresh = dir.path().join("fresh").to_str().expect("text").to_owned();
    let missing = dir.path().join("none.toml").to_str().expect("text").to_owned();
    let verbs: [(&[&str], i32, i32); 14] = [
        (&["--help"], 0, 1),
        (&["findings", "--help"], 0, 1),
        (&["--version"], 0, 1),
        (&["rules"], 0, 1),
        (&["man"], 0, 1),
        (&["completions", "bash"], 0, 1),
        (&["check", "acme-biling", "--inventory", &own], 3, 1),
        (&["check", "acme-biling", "--format", "json", "--inventory", &own], 3, 1),
        (&["scan", "--index", &index, "--inventory", &own], 3, 1),
        (&["inventory", "lint", &own, "--fail-on", "note"], 3, 1),
        (&["inventory", "diff", &own, &own], 0, 1),
        (&["inventory", "import", &own, "--no-preview"], 0, 1),
        (&["status", "--config", &missing], 3, 3),
        (&["init", "--dir", &fresh], 0, 1),
    ];
    for (words, usual, failed) in verbs {
        let (status, said) = into_nobody(words);
        assert_eq!(status, Some(usual), "{words:?} | nobody: {said}");
        assert!(!said.contains("cannot be written"), "{words:?} | nobody: {said}");
        let _ = std::fs::remove_dir_all(&fresh);
        let (status, said) = into_full(words);
        assert_eq!(status, Some(failed), "{words:?} > /dev/full: {said}");
        assert!(said.contains("standard output cannot be written: No space left"), "{words:?} > /dev/full: {said}");
    }
}

#[test]
fn a_demo_and_a_simulator_that_nobody_can_read_fail() {
    for words in [&["demo", "--once"][..], &["sim"]] {
        let (status, said) = into_full(words);
        assert_eq!(status, Some(1), "{words:?}: {said}");
        assert!(said.contains("standard output cannot be written"), "{words:?}: {said}");
    }
}

/// What was asked for is there, and nothing beside it.
#[test]
fn a_quiet_import_says_nothing_but_its_inventory() {
    let dir = tempfile::tempdir().expect("a directory");
    let own = list(dir.path(), "own.txt", "acme-billing\nacme-billing\n");
    let run = |words: &[&str]| Command::new(NAMEWARDEN).args(words).output().expect("starts");
    let quiet = run(&["inventory", "import", "-q", &own]);
    assert_eq!((quiet.status.code(), text(&quiet.stderr).as_str()), (Some(0), ""));
    let usual = run(&["inventory", "import", &own]);
    assert_eq!(quiet.stdout, usual.stdout);
    assert!(text(&usual.stderr).contains("warning"), "{}", text(&usual.stderr));
    for words in [
        &["inventory", "import", "none.txt"][..],
        &["inventory", "lint", "none.txt"],
        &["inventory", "diff", "none.txt", &own],
        &["check", "acme", "--inventory", "none.txt"],
    ] {
        let output = run(words);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{words:?}: {said}");
        assert!(said.contains("none.txt cannot be read: No such file"), "{words:?}: {said}");
        assert!(!said.contains("`inventory`") && !said.contains("--inventory"), "{words:?}: {said}");
    }
}

#[test]
fn a_case_without_a_name_is_wrong_usage() {
    for verb in ["show", "ack", "resolve", "suppress", "reopen"] {
        for empty in ["", "  "] {
            let output = Command::new(NAMEWARDEN).args(["findings", verb, "nw-1", empty]).output().expect("starts");
            assert_eq!(output.status.code(), Some(2), "{verb}: {}", text(&output.stderr));
            assert!(text(&output.stderr).contains("write a short name"), "{verb}: {}", text(&output.stderr));
        }
    }
}

/// To programs a failure is one line of JSON on standard error, and the status is the same.
#[test]
fn a_failure_beside_json_is_a_problem() {
    let dir = tempfile::tempdir().expect("a directory");
    let missing = dir.path().join("none.toml").to_str().expect("text").to_owned();
    let verbs: [(&[&str], i32, &str); 4] = [
        (&["check", "acme", "--inventory", "none.txt"], 1, "failed"),
        (&["findings", "list", "--config", &missing], 78, "configuration"),
        (&["inventory", "diff", "none.txt", "none.txt"], 1, "failed"),
        (&["preview", "--since", "2026-11-02", "--until", "2026-11-02"], 2, "usage"),
    ];
    for (words, status, kind) in verbs {
        let run = |more: &[&str]| Command::new(NAMEWARDEN).args(words).args(more).output().expect("starts");
        let (plain, json) = (run(&[]), run(&["--format", "json"]));
        assert_eq!((plain.status.code(), json.status.code()), (Some(status), Some(status)), "{words:?}");
        let said = text(&json.stderr);
        let problem: serde_json::Value = serde_json::from_str(said.trim()).unwrap_or_else(|e| panic!("{e}: {said}"));
        assert_eq!(problem["type"], format!("urn:namewarden:problem:{kind}"), "{words:?}");
        let detail = problem["detail"].as_str().expect("a detail");
        assert!(text(&plain.stderr).contains(detail), "{words:?}: {detail}");
        assert!(json.stdout.is_empty(), "{words:?}");
    }
}
