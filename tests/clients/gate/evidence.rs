//! What is held, denied and admitted by what else is known of a release: records of malware, prior use, and what persons vouch for.

use std::collections::BTreeMap;

use namewarden::gate::{GATE_PATH, GateNews, GateQuestion};
use namewarden::model::held::ReviewMark;
use namewarden::upstream::local;
use serde_json::{Value, json};

use super::decided::{ADA, BOB};
use super::{JSON, Stage};

impl Stage {
    /// A record of malware, in the directory `osv`.
    pub(super) fn recorded(&self, id: &str, name: &str, version: &str) {
        let osv = self.dir.path().join("osv");
        std::fs::create_dir_all(&osv).expect("made");
        let affected = json!([{"package": {"ecosystem": "PyPI", "name": name}, "versions": [version]}]);
        let record = json!({"id": id, "modified": "2026-11-01T00:00:00Z", "affected": affected});
        std::fs::write(osv.join(format!("{id}.json")), record.to_string()).expect("written");
    }

    /// What is wrong with it, by its kind, as the daemon hears it.
    pub(super) async fn troubles(&self) -> BTreeMap<String, String> {
        let question = GateQuestion::News { after: ReviewMark::default() };
        let payload = serde_json::to_vec(&question).expect("JSON");
        let answer = local::post(&self.dir.path().join("gate.sock"), GATE_PATH, payload).await;
        let (status, body) = answer.expect("an answer");
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
        serde_json::from_slice::<GateNews>(&body).expect("JSON").troubles
    }

    /// Requirements with the digest that the index says.
    async fn pinned(&self, releases: &[(&str, &str)]) -> String {
        let mut lines = String::new();
        for (name, version) in releases {
            let page = self.get(&format!("/simple/{name}/"), &[JSON]).await;
            let page = if page.status == 200 { page.json() } else { Value::Null };
            let files = page["files"].as_array().cloned().unwrap_or_default();
            let is_of = |file: &&Value| file["filename"].as_str().is_some_and(|of| of.contains(&format!("-{version}")));
            let file = files.iter().find(is_of);
            let digest =
                file.map_or_else(|| "ab".repeat(32), |file| file["hashes"]["sha256"].as_str().expect("one").to_owned());
            lines += &format!("{name}=={version} \\\n    --hash=sha256:{digest}\n");
        }
        self.laid("used.txt", &lines)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_record_names_is_given_out_in_no_way_and_nobody_can_agree_to_it() {
    let mut stage = Stage::new().await;
    let path = stage.first("widgets").await;
    assert!(stage.is_open(&path).await);
    stage.recorded("MAL-2026-1", "widgets", "1.0.0");
    stage.restart_with("mode = \"observe\"\nmalware.records = \"osv\"").await;
    assert!(!stage.is_open(&path).await, "from the cache neither, and in every mode");
    let refused = stage.get(&path, &[]).await;
    assert!(refused.text().contains("malware by MAL-2026-1, and never given out"), "{}", refused.text());
    let page = stage.get("/simple/widgets/", &[JSON]).await.text();
    assert!(page.contains("malware by MAL-2026-1"), "{page}");
    assert!(stage.verb(None, &["reviews", "--all"]).1.contains("no reviews"), "there is nothing to agree to");
    let (status, said) = stage.verb(None, &["preview", &stage.laid("pins.txt", "widgets==1.0\n")]);
    assert!(status == 3 && said.contains("refused   1\n") && said.contains("malware by MAL-2026-1"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_denies_what_the_private_index_has_under_a_name_that_is_not_bound() {
    let mut stage = Stage::new().await;
    let (unlisted, bound) = (stage.first("acme-unlisted").await, stage.first("acme-billing").await);
    assert!(stage.is_open(&unlisted).await && stage.is_open(&bound).await);
    stage.recorded("MAL-2026-1", "acme-unlisted", "2.0");
    stage.recorded("MAL-2026-2", "acme-billing", "1.0");
    stage.restart_with("malware.records = \"osv\"").await;
    assert!(!stage.is_open(&unlisted).await && stage.is_open(&bound).await);
    let pins = stage.laid("pins.txt", "acme-unlisted==2.0\nacme-billing==1.0\n");
    let (status, said) = stage.verb(None, &["preview", &pins]);
    assert!(status == 3 && said.contains("malware by MAL-2026-1") && !said.contains("MAL-2026-2"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_here_used_is_a_review_until_a_person_vouches_for_what_is_used() {
    let mut stage = Stage::new().await;
    stage.restart_with("consensus.needs = 1").await;
    stage.open_to_all();
    let path = stage.first("widgets").await;
    let refused = stage.get(&path, &[]).await;
    assert_eq!(refused.status, 451);
    assert!(refused.text().contains("held, review 1: old enough, and new here"), "{}", refused.text());
    let internal = stage.first("acme-billing").await;
    assert!(stage.is_open(&internal).await, "what is ours needs no evidence");

    let used =
        stage.pinned(&[("widgets", "1.0"), ("brandnew", "1.0"), ("acme-billing", "1.0"), ("nowhere", "1.0")]).await;
    let (status, said) = stage.verb(Some(0), &["learn", &used]);
    assert!(status == 1 && said.contains("root"), "it takes a person: {status} {said}");
    let (status, said) = stage.verb(Some(ADA), &["learn", &used]);
    assert!(status == 3 && said.ends_with("4 releases: 1 internal, 1 learned, 2 refused\n"), "{status} {said}");
    assert!(
        said.contains("refused  brandnew==1.0: held until ")
            && said.contains("refused  nowhere==1.0: nowhere is not there"),
        "{said}"
    );
    assert!(!stage.pypi.log().mentions("acme"), "of ours PyPI hears nothing");
    assert!(stage.is_open(&path).await);
    assert!(stage.verb(None, &["show", "1"]).1.contains("matured"), "evidence ends a review as age does");

    let wrong = stage.laid("wrong.txt", &format!("brandnew==1.0 --hash=sha256:{}\n", "ab".repeat(32)));
    let (status, said) = stage.verb(Some(ADA), &["learn", &wrong]);
    assert!(status == 3 && said.contains("none of its files at the index has a digest that is named"), "{said}");
    stage.restart().await;
    stage.open_to_all();
    assert!(stage.is_open(&path).await, "it outlives a restart");
    let (_, listed) = stage.verb(None, &["learn", "--list"]);
    assert!(
        listed.starts_with("widgets  by ") && listed.contains("used.txt") && listed.lines().count() == 1,
        "{listed}"
    );
    assert_eq!(
        stage.verb(None, &["learn", "--forget", "Widgets"]).0,
        0,
        "to stop something takes nobody in particular"
    );
    assert!(!stage.is_open(&path).await);
    assert_eq!(stage.verb(None, &["learn", "--forget", "widgets"]).0, 1);
    let (status, said) = stage.verb(None, &["learn", &stage.laid("bare.txt", "widgets==1.0\n")]);
    assert!(status == 1 && said.contains("pins no release by SHA-256"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_received_before_can_be_vouched_for_at_once() {
    let mut stage = Stage::new().await;
    let path = stage.first("widgets").await;
    assert!(stage.is_open(&path).await);
    assert_eq!(stage.verb(None, &["who", "widgets"]).0, 0, "what went out is written by then");
    stage.restart_with("consensus.needs = 1").await;
    stage.open_to_all();
    assert!(!stage.is_open(&path).await, "one client, a moment ago, is no prior use");
    let (status, said) = stage.verb(Some(ADA), &["learn", "--received", "1d"]);
    assert!(status == 0 && said == "1 release: 1 learned\n", "{status} {said}");
    assert!(stage.is_open(&path).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_two_agree_two_vouch_and_what_was_only_observed_is_not_learned_in_bulk() {
    let mut stage = Stage::new().await;
    stage.restart_with("mode = \"observe\"").await;
    let (old, young) = (stage.first("widgets").await, stage.first("brandnew").await);
    assert!(stage.is_open(&old).await && stage.is_open(&young).await);
    let (_, hinted) = stage.verb(None, &["reviews"]);
    assert!(hinted.contains("young-project"), "{hinted}");
    assert_eq!(stage.verb(None, &["who", "widgets"]).0, 0, "what went out is written by then");
    stage.restart_with("approvals = 2\nconsensus.needs = 1").await;
    stage.open_to_all();
    let received = ["learn", "--received", "1d"];
    let (status, said) = stage.verb(Some(ADA), &received);
    assert!(
        status == 3 && said.contains("refused  brandnew==1.0: it went out while its age was only observed"),
        "{status} {said}"
    );
    assert!(
        said.ends_with("2 releases: 2 refused\n")
            && said.contains("widgets==1.0: you vouch for it now, and another")
            && !stage.is_open(&old).await,
        "{said}"
    );
    assert!(stage.verb(Some(ADA), &received).1.ends_with("2 releases: 2 refused\n"), "one person is one");
    assert!(stage.verb(Some(BOB), &received).1.ends_with("2 releases: 1 learned, 1 refused\n"));
    assert!(stage.is_open(&old).await);
    let (_, listed) = stage.verb(None, &["learn", "--list"]);
    assert!(listed.lines().count() == 2 && listed.contains("by ada") && listed.contains("by bob"), "{listed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_of_a_file_is_no_use_of_its_project_and_a_use_can_be_taken_back() {
    let stage = Stage::new().await;
    let path = stage.first("widgets").await;
    assert_eq!(stage.get(&path, &[("range", "bytes=0-0")]).await.status, 206);
    assert_eq!(stage.get(&path, &[("if-none-match", "*")]).await.status, 304);
    let forget = || stage.verb(None, &["learn", "--forget", "widgets"]);
    let (status, said) = forget();
    assert!(status == 1 && said.contains("widgets has no prior use"), "{status} {said}");
    assert_eq!(stage.get(&path, &[]).await.status, 200);
    let (status, said) = forget();
    assert!(status == 0 && said.contains("widgets: the use of 1 client counts no more"), "{status} {said}");
    assert_eq!(forget().0, 1);
}

#[tokio::test]
async fn rules_that_can_have_no_effect_stop_the_start() {
    let mut stage = Stage::new().await;
    let mut refused = async |more: &str| {
        let config = stage.dir.path().join("namewarden.toml");
        let before = std::fs::read_to_string(&config).expect("reads");
        std::fs::write(&config, before.replace("[gate]\n", &format!("[gate]\n{more}\n"))).expect("written");
        let _ = stage.gate.kill();
        stage.gate.wait().expect("ended");
        let (status, said) = stage.verb(None, &[]);
        std::fs::write(&config, before).expect("written");
        assert_eq!(status, 78, "{said}");
        said
    };
    for (more, why) in [
        ("malware.except = [\"MAL-2026-1\"]", "excepts records, and none are read"),
        ("consensus.needs = 2", "asks for 2 kinds of evidence, and 1 can speak"),
        ("consensus.clients = 2", "asks for nothing"),
        ("consensus.needs = 1\nconsensus.quiet_for = \"3d\"", "nothing tells what is malware"),
        ("consensus.needs = 2\nconsensus.downloads = \"nowhere\"", "one has to speak for the file, and none can"),
    ] {
        let said = refused(more).await;
        assert!(said.contains(why), "{more}: {said}");
    }
}

/// A disk that is mounted later, a file that is being brought, a clock that is behind: no start mends them, and all of them pass.
#[tokio::test]
async fn files_that_are_not_there_yet_stop_no_start_and_open_nothing() {
    let mut stage = Stage::new().await;
    let path = stage.first("widgets").await;
    let state = stage.dir.path().join("gate");
    for name in ["suspects.json", "suspects.copy.json"] {
        std::fs::write(state.join(name), "half").expect("written");
    }
    let files = ["downloads", "dependents", "trusted_root"].map(|key| format!("consensus.{key} = \"nowhere/{key}\""));
    stage.restart_with(&format!("consensus.needs = 1\n{}", files.join("\n"))).await;
    assert!(!stage.is_open(&path).await, "what has no voice speaks for nothing");
    let troubles = stage.troubles().await;
    for (kind, words) in [
        ("downloads-unread", "the downloads in "),
        ("dependents-unread", "write JSON with"),
        ("trust-root-unread", "the trust root "),
        ("suspects-unread", "no open finding holds anything until the daemon tells them anew"),
    ] {
        assert!(troubles.get(kind).is_some_and(|told| told.contains(words)), "{kind}: {troubles:?}");
    }
    stage.restart_with("malware.records = \"nowhere\"").await;
    assert_eq!(stage.get("/simple/widgets/", &[JSON]).await.status, 503);
    assert_eq!(stage.get("/simple/acme-billing/", &[JSON]).await.status, 200, "of ours no record is asked");
    let told = stage.troubles().await.remove("records-unread").expect("told");
    assert!(told.contains("nothing is given out that they could name") && told.contains("No such file"), "{told}");
}

/// A list that is gone would make everything that clients use a stranger's again, or what they never used theirs.
#[tokio::test]
async fn prior_use_that_is_lost_stops_the_start_until_somebody_says_that_there_is_none() {
    let mut stage = Stage::new().await;
    assert!(stage.is_open(&stage.first("widgets").await).await);
    assert_eq!(stage.verb(None, &["who", "widgets"]).0, 0, "what went out is written by then");
    stage.restart_with("consensus.needs = 1").await;
    stage.gate.kill().and_then(|()| stage.gate.wait()).expect("ended");
    let state = stage.dir.path().join("gate");
    for left in ["uses.db", "uses.db-wal", "uses.db-shm"] {
        let _ = std::fs::remove_file(state.join(left));
    }
    let (status, said) = stage.verb(None, &[]);
    assert!(status == 78 && said.contains("uses.db") && said.contains("is gone"), "{status}: {said}");
    std::fs::write(state.join("uses.db"), "").expect("written");
    let (status, said) = stage.verb(None, &[]);
    assert!(status == 78 && said.contains("uses.db"), "{status}: {said}");
    std::fs::remove_file(state.join("uses.db")).expect("removed");
    std::fs::rename(state.join("uses.there"), stage.dir.path().join("uses.there")).expect("as docs/gate.md says");
    stage.restart().await;
    let (status, said) = stage.verb(None, &["learn", "--forget", "widgets"]);
    assert!(status == 1 && said.contains("widgets has no prior use"), "{status} {said}");
}
