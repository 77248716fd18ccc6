//! What pip and uv install through the gate as their only index, and what they print where they may not.

use std::path::Path;

use super::Stage;
use crate::sim::clients::client;

/// pip: takes what these say, and gives what it printed.
fn pip(stage: &Stage, dir: &Path, words: &[&str], well: bool) -> String {
    let index = stage.index();
    let first = ["-m", "pip", "--isolated", "download", "--no-cache-dir", "--disable-pip-version-check", "-i", &index];
    client("python", &[&first[..], words].concat(), dir, well)
}

/// The same of uv.
fn uv(stage: &Stage, dir: &Path, words: &[&str], well: bool) -> String {
    let (index, python) = (stage.index(), crate::python_program("python"));
    let first =
        ["pip", "install", "--no-config", "--no-cache", "--target", "got", "--python", python.to_str().expect("text")];
    client("uv", &[&first[..], &["--default-index", &index], words].concat(), dir, well)
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
    assert!(young.contains("held until"), "pip prints the reason: {young}");
    let new = pip(&stage, dir.path(), &["brandnew"], false);
    assert!(new.contains("451 Client Error: held until") && new.contains("a new project"), "{new}");
    for ours in ["acme-billing==99.0", "acme-planned", "acme-int-tools"] {
        let said = pip(&stage, dir.path(), &[ours], false);
        assert!(said.contains("No matching distribution found"), "{ours}: {said}");
    }
    let earlier = pip(&stage, dir.path(), &["widgets", "--uploaded-prior-to", "2020-01-01"], false);
    assert!(earlier.contains("widgets"), "its own rule works through the gate: {earlier}");
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
    let empty = tempfile::tempdir().expect("a directory");
    let earlier = uv(&stage, empty.path(), &["widgets", "--exclude-newer", "2020-01-01"], false);
    assert!(earlier.contains("widgets"), "{earlier}");
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
