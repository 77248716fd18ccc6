//! What the gate would hold by other ages, asked of a gate that runs.

use serde_json::Value;

use super::{JSON, Stage};

const REQUIREMENTS: &str =
    "widgets==1.1\nbrandnew==1.0\nacme-billing==1.0\nacme-int-tools==5.0\nnowhere==1.0\nunpinned\n";

impl Stage {
    /// The status, and what would become of each release.
    fn previewed(&self, words: &[&str]) -> (i32, Vec<String>) {
        let (status, said) = self.verb(None, &[&["preview", "--format", "json"][..], words].concat());

        let rows = said.lines().filter(|line| line.starts_with('{'));
        let rows = rows.map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        let text = |row: &Value, key: &str| row[key].as_str().expect("text").to_owned();
        let row = |row: Value| format!("{} {} {}", text(&row, "project"), text(&row, "version"), text(&row, "outcome"));
        (status, rows.map(row).collect())
    }

    pub(super) fn laid(&self, name: &str, text: &str) -> String {
        let path = self.dir.path().join(name);
        std::fs::write(&path, text).expect("written");
        path.to_str().expect("text").to_owned()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_file_pins_is_foreseen_by_the_rules_in_force_and_by_others() {
    let stage = Stage::new().await;
    let file = stage.laid("requirements.txt", REQUIREMENTS);
    let ours = ["acme-billing 1.0 internal", "acme-int-tools 5.0 refused"];
    let others = ["nowhere 1.0 unknown", "widgets 1.0.0 given", "widgets 1.1 held", "widgets 7 unknown"];
    let wanted = [&ours[..], &["brandnew 1.0 held"], &others].concat();
    let (older, missing) = (stage.laid("older.txt", "Widgets==1.0.0\n"), stage.laid("missing.txt", "widgets==7\n"));
    assert_eq!(stage.previewed(&[&file, &older, &missing]), (3, wanted.iter().map(|row| (*row).to_owned()).collect()));
    let pins = stage.laid("pins.txt", "widgets==1.0\nbrandnew==1.0\n");
    let lax = [&*pins, "--file-age", "1d", "--project-age", "2d"];
    assert_eq!(stage.previewed(&lax), (0, vec!["brandnew 1.0 given".to_owned(), "widgets 1.0 given".to_owned()]));
    let (status, said) = stage.verb(None, &["preview", &pins, "--project-age", "100d"]);
    assert!(
        status == 3 && said.starts_with("2 releases, by file_age 7d and project_age 100d:\nheld      2\n"),
        "{said}"
    );
    assert!(
        said.contains("  brandnew==1.0: held until ") && said.contains(": a new project, its first file is of "),
        "{said}"
    );
    assert!(
        said.ends_with("by file_age: 0d holds 2, 1d holds 2, 3d holds 2, 7d holds 2, 14d holds 2, 30d holds 2\n"),
        "{said}"
    );
    let (_, said) = stage.verb(None, &["preview", &file]);
    assert!(said.contains("1 name without a version left out") && said.contains(": unpinned"), "{said}");
    assert!(!stage.pypi.log().mentions("acme"), "of ours PyPI hears nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_received_is_judged_as_of_when_it_was() {
    let stage = Stage::with("file_age = \"1s\"\nproject_age = \"0s\"\n", true).await;
    assert_eq!(stage.previewed(&["--received", "1d"]), (0, vec![]), "nothing went out");
    for name in ["widgets", "brandnew", "acme-billing"] {
        for (path, _) in super::agree::listed(&stage, name).await {
            assert_eq!(stage.get(&path, &[JSON]).await.status, 200);
        }
    }
    let rows = |brandnew: &str, newer: &str, older: &str| {
        let rows = [format!("brandnew 1.0 {brandnew}"), "acme-billing 1.0 internal".to_owned()];
        [&rows[..], &[format!("widgets 1.1 {newer}"), format!("widgets 1.0 {older}")]].concat()
    };
    let sorted = |(status, mut rows): (i32, Vec<String>)| {
        rows.sort();
        (status, rows)
    };
    for (file_age, wanted) in [("0s", (0, rows("given", "given", "given"))), ("7d", (3, rows("held", "held", "given")))]
    {
        assert_eq!(sorted(stage.previewed(&["--received", "1d", "--file-age", file_age])), sorted(wanted));
    }
    let (_, said) = stage.verb(None, &["preview", "--received", "1d", "--file-age", "7d"]);
    assert!(said.contains("4 files received since ") && said.contains(", received 20"), "{said}");
    assert!(
        said.ends_with("by file_age: 0d holds 0, 1d holds 0, 3d holds 1, 7d holds 2, 14d holds 2, 30d holds 2\n"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_names_no_release_is_refused_with_what_to_give() {
    let stage = Stage::new().await;
    let bare = stage.laid("names.txt", "widgets\nbrandnew\n");
    let (status, said) = stage.verb(None, &["preview", &bare]);
    assert!(status == 1 && said.contains("give a lock file"), "{status} {said}");
    assert_eq!(stage.verb(None, &["preview"]).0, 2);
    let (status, said) = stage.verb(None, &["preview", &bare, "--file-age", "400d"]);
    assert!(status == 2 && said.contains("write an age up to 365d"), "{status} {said}");
}
