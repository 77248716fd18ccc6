//! What the gate would hold by other ages, asked of a gate that runs.

use namewarden::gate::{GATE_PATH, GateQuestion, PreviewRules};
use namewarden::upstream::local;
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

/// Each kind of rule by itself, beside a gate with ages alone.
#[tokio::test(flavor = "multi_thread")]
async fn the_policy_of_another_configuration_is_judged_beside_the_one_in_force() {
    let stage = Stage::new().await;
    let pins = stage.laid("pins.txt", "widgets==1.0\nwidgets==1.1\nbrandnew==1.0\n");
    let proposed = |keys: &str| {
        let text = std::fs::read_to_string(stage.dir.path().join("namewarden.toml")).expect("reads");
        stage.laid("proposed.toml", &text.replace("[gate]\n", &format!("[gate]\n{keys}\n")))
    };
    let outcomes = |keys: &str| {
        let rows = stage.previewed(&[&pins, "--proposed", &proposed(keys)]).1;
        rows.iter().map(|row| row.rsplit(' ').next().expect("a word").to_owned()).collect::<Vec<_>>()
    };
    stage.recorded("MAL-2026-1", "widgets", "1.0.0");
    for (keys, wanted) in [
        ("", ["held", "given", "held"]),
        ("file_age = \"1d\"", ["held", "given", "given"]),
        ("mode = \"observe\"", ["given", "given", "given"]),
        ("modes.project_age = \"advise\"", ["held", "given", "held"]),
        ("freeze = \"2020-01-01T00:00:00Z\"\nmode = \"observe\"", ["held", "held", "held"]),
        ("consensus.needs = 1\nconsensus.clients = 1", ["held", "held", "held"]),
        ("consensus.needs = 1\nconsensus.mode = \"observe\"", ["held", "given", "held"]),
        ("malware.records = \"osv\"", ["held", "refused", "held"]),
    ] {
        assert_eq!(outcomes(keys), wanted, "{keys}");
    }
    let (status, said) = stage.verb(None, &["preview", &pins, "--proposed", &proposed("mode = \"observe\"")]);
    assert!(
        status == 0 && said.contains("held             2        0\ngiven            1        3\n"),
        "{status} {said}"
    );
    assert!(said.contains("  widgets==1.1: now held (held until ") && said.ends_with("), then given\n"), "{said}");
    assert!(!said.contains("  widgets==1.0:"), "it fares as it does now: {said}");
    assert!(stage.get("/simple/widgets/", &[JSON]).await.text().contains("held until"), "and nothing is in force");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_that_is_proposed_is_checked_as_any_and_what_the_gate_cannot_read_of_it_is_said() {
    let stage = Stage::new().await;
    let pins = stage.laid("pins.txt", "widgets==1.0\n");
    let text = std::fs::read_to_string(stage.dir.path().join("namewarden.toml")).expect("reads");
    let with = |keys: &str| stage.laid("proposed.toml", &text.replace("[gate]\n", &format!("[gate]\n{keys}\n")));
    let (status, said) = stage.verb(None, &["preview", &pins, "--proposed", &with("consensus.needs = 9")]);
    assert!(status == 78 && said.contains("9 kinds of evidence") && said.contains("proposed.toml"), "{status} {said}");
    let unread = with("public = [\"acme-billing\"]\nconsensus.needs = 1\nconsensus.downloads = \"nowhere.json\"");
    let (status, said) = stage.verb(None, &["preview", &pins, "--proposed", &unread]);
    assert!(status == 3 && said.contains("nowhere.json cannot be used; the gate's log says why"), "{status} {said}");
    assert!(said.contains("not judged, and as it is in force: public\n"), "{said}");
    assert!(
        said.contains("widgets==1.0: now given, then held (old enough, and new here: nothing else speaks"),
        "{said}"
    );
    let both = stage.verb(None, &["preview", &pins, "--proposed", &unread, "--file-age", "1d"]);
    assert!(both.0 == 2, "{both:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proposal_that_is_not_known_any_more_is_said_to_be_none() {
    let stage = Stage::new().await;
    let question = GateQuestion::Preview { releases: Vec::new(), rules: vec![PreviewRules::Proposal("ab".to_owned())] };
    let payload = serde_json::to_vec(&question).expect("JSON");
    let answer = local::post(&stage.dir.path().join("gate.sock"), GATE_PATH, payload).await;
    let (status, body) = answer.expect("an answer");
    let said = String::from_utf8_lossy(&body);
    assert!(status == 422 && said.contains("no-such-proposal") && said.contains("preview again"), "{status} {said}");
}
