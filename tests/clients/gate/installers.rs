//! What pip and uv install through the gate as their only index, and what they print where they may not.

use std::path::Path;

use super::{Stage, index};
use crate::packages::{Server, owned, upload, written};
use crate::sim::clients::client;

/// pip: takes what these say, and gives what it printed.
fn pip(stage: &Stage, dir: &Path, words: &[&str], well: bool) -> String {
    pip_keeps(stage, dir, &[&["--no-cache-dir"], words].concat(), well)
}

/// As people run it, with a cache, where one is named.
fn pip_keeps(stage: &Stage, dir: &Path, words: &[&str], well: bool) -> String {
    let index = stage.index();
    let first = ["-m", "pip", "--isolated", "download", "--disable-pip-version-check", "-i", &index];
    client("python", &[&first[..], words].concat(), dir, well)
}

/// The same of uv.
fn uv(stage: &Stage, dir: &Path, words: &[&str], well: bool) -> String {
    let (index, python) = (stage.index(), crate::python_program("python"));
    let first = ["pip", "install", "--no-config", "--target", "got", "--python", python.to_str().expect("text")];
    let cache: &[&str] = if words.contains(&"--cache-dir") { &[] } else { &["--no-cache"] };
    client("uv", &[&first[..], cache, &["--default-index", &index], words].concat(), dir, well)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the client venv; tests/run provides it"]
async fn pip_takes_what_is_old_and_ours_and_reads_why_it_may_not_take_the_rest() {
    let stage = Stage::new().await;
    let dir = tempfile::tempdir().expect("a directory");
    pip(&stage, dir.path(), &["widgets", "acme-billing", "acme-unlisted"], true);
    for taken in ["widgets-1.0", "acme_billing-1.0", "acme_unlisted-2.0"] {
        assert!(dir.path().join(format!("{taken}-py3-none-any.whl")).exists(), "{taken}");
    }
    let young = pip(&stage, dir.path(), &["widgets==1.1"], false);
    assert!(young.contains("held until") && young.contains("review 1: "), "pip prints the reason: {young}");
    let new = pip(&stage, dir.path(), &["brandnew"], false);
    assert!(new.contains("451 Client Error: held until") && new.contains("a new project"), "{new}");
    for ours in ["acme-billing==99.0", "acme-planned", "acme-int-tools"] {
        let said = pip(&stage, dir.path(), &[ours], false);
        assert!(said.contains("No matching distribution found"), "{ours}: {said}");
    }
    assert!(!stage.pypi.log().mentions("acme"), "PyPI never heard of a name of ours");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the client venv; tests/run provides it"]
async fn uv_takes_what_is_old_and_ours_and_reads_why_it_may_not_take_the_rest() {
    let stage = Stage::new().await;
    let dir = tempfile::tempdir().expect("a directory");
    let said = uv(&stage, dir.path(), &["widgets", "acme-billing"], true);
    assert!(said.contains("widgets==1.0") && said.contains("acme-billing==1.0"), "{said}");
    let young = uv(&stage, dir.path(), &["widgets==1.1"], false);
    assert!(young.contains("held until"), "{young}");
    let new = uv(&stage, dir.path(), &["brandnew"], false);
    assert!(
        new.contains("This project is too new") && new.contains("held until"),
        "a problem's title and detail: {new}"
    );
}

/// Their own rules go by the times that the gate hands on.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the client venv; tests/run provides it"]
async fn rules_of_their_own_about_age_work_through_the_gate() {
    let stage = Stage::with("mode = \"observe\"\n", true).await;
    let (all, between) = (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("a directory"));
    let day = |days: i64| (namewarden::sim::Sim::now() - chrono::TimeDelta::days(days)).format("%F").to_string();
    for (dir, days, taken, left) in [(&all, 0, "1.1", "1.0"), (&between, 30, "1.0", "1.1")] {
        let before = day(days - 1);
        pip(&stage, dir.path(), &["widgets", "--uploaded-prior-to", &before], true);
        let said = uv(&stage, dir.path(), &["widgets", "--exclude-newer", &before], true);
        assert!(said.contains(&format!("widgets=={taken}")) && !said.contains(&format!("widgets=={left}")), "{said}");
        let file = |version: &str| dir.path().join(format!("widgets-{version}-py3-none-any.whl"));
        assert!(file(taken).exists() && !file(left).exists(), "pip took {left} of before {before}");
    }
}

/// Many indexes of companies have HTML alone.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the client venv; tests/run provides it"]
async fn an_index_of_our_own_may_be_any_that_installers_read() {
    let (dir, home) = (written(&["acme-billing", "acme-unlisted"]), tempfile::tempdir().expect("a directory"));
    let served = dir.path().to_str().expect("text");
    let arguments = |port: &str| {
        owned(&["run", "-i", "127.0.0.1", "-p", port, "--disable-fallback", "--hash-algo", "sha256", served])
    };
    let pypiserver = Server::start("pypi-server", arguments, home.path());
    let devpi = Server::devpi(home.path());
    upload(&format!("{}/root/claims/", devpi.address), "root", dir.path(), home.path());
    for root in [format!("{}/simple/", pypiserver.address), format!("{}/root/claims/+simple/", devpi.address)] {
        let stage = Stage::before(index(&[]).await, "", Some(&root)).await;
        let got = tempfile::tempdir().expect("a directory");
        pip(&stage, got.path(), &["widgets", "acme-billing", "acme-unlisted"], true);
        for taken in ["widgets-1.0", "acme_billing-0.0.1", "acme_unlisted-0.0.1"] {
            assert!(got.path().join(format!("{taken}-py3-none-any.whl")).exists(), "{taken} through {root}");
        }
        let said = uv(&stage, got.path(), &["acme-billing"], true);
        assert!(said.contains("acme-billing==0.0.1"), "{said}");
        let said = uv(&stage, got.path(), &["acme-planned"], false);
        assert!(said.contains("the private index has no such project"), "{said}");
        assert!(!stage.pypi.log().mentions("acme"), "PyPI never heard of a name of ours");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the client venv; tests/run provides it"]
async fn without_an_index_of_our_own_a_name_of_ours_is_refused_in_words() {
    let stage = Stage::with("", false).await;
    let dir = tempfile::tempdir().expect("a directory");
    let said = uv(&stage, dir.path(), &["acme-billing"], false);
    assert!(said.contains("This name is internal"), "{said}");
    let said = pip(&stage, dir.path(), &["acme-billing"], false);
    assert!(said.contains("No matching distribution found"), "{said}");
    assert!(!stage.pypi.log().mentions("acme"));
}

/// The gate has no file any more: one that it has later was asked for.
fn emptied(stage: &Stage) {
    let cache = stage.dir.path().join("cache");
    std::fs::remove_dir_all(&cache).and_then(|()| std::fs::create_dir(&cache)).expect("emptied");
}

fn is_empty(stage: &Stage) -> bool {
    std::fs::read_dir(stage.dir.path().join("cache")).expect("reads").next().is_none()
}

/// What was old enough yesterday may be taken back today: a client that has it asks before it takes it again.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the client venv; tests/run provides it"]
async fn what_a_client_keeps_is_asked_for_again_and_may_be_refused_by_then() {
    let mut stage = Stage::new().await;
    let dir = tempfile::tempdir().expect("a directory");
    // pip keeps nothing of a clear-text index that it does not trust.
    let pip_cache = ["--trusted-host", "127.0.0.1", "--cache-dir", "pip-cache", "widgets==1.0"];
    let uv_cache = ["--cache-dir", "uv-cache", "--refresh", "--reinstall", "widgets==1.0"];
    pip_keeps(&stage, dir.path(), &pip_cache, true);
    uv(&stage, dir.path(), &uv_cache, true);
    let again = tempfile::tempdir_in(dir.path()).expect("a directory");
    let to = again.path().to_str().expect("text");
    emptied(&stage);
    pip_keeps(&stage, dir.path(), &[&pip_cache[..], &["--dest", to]].concat(), true);
    assert!(is_empty(&stage), "pip has it, and a 304 sends nothing");
    uv(&stage, dir.path(), &uv_cache, true);
    assert!(is_empty(&stage), "uv as well");
    stage.restart_with("freeze = \"2020-01-01T00:00:00Z\"").await;
    let to = tempfile::tempdir_in(dir.path()).expect("a directory");
    let to = to.path().to_str().expect("text");
    let said = pip_keeps(&stage, dir.path(), &[&pip_cache[..], &["--dest", to]].concat(), false);
    assert!(said.contains("451 Client Error"), "its own copy is not taken: {said}");
    let said = uv(&stage, dir.path(), &uv_cache, false);
    assert!(said.contains("451"), "{said}");
}
