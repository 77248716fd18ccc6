//! For whom somebody decides: the gate believes one user of the machine, and of what that one says only what the machine's own lists bear out.

use std::os::unix::process::CommandExt as _;
use std::process::Command;

use serde_json::{Value, json};

use super::Stage;
use super::agree::listed;
use super::decided::{ADA, BOB};

const NOBODYS: u32 = 4_070_005;

impl Stage {
    /// Posts to the gate's socket as it is, as this user or as whoever runs the test; gives the status and what was said.
    fn posted(&self, uid: Option<u32>, question: &Value) -> (String, String) {
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--write-out", "\n%{http_code}", "--unix-socket"])
            .arg(self.dir.path().join("gate.sock"));
        curl.args(["--json", &question.to_string(), "http://localhost/v1/gate"]).current_dir("/");
        if let Some(uid) = uid {
            curl.uid(uid).gid(uid);
        }
        let said = String::from_utf8(curl.output().expect("starts").stdout).expect("text");
        let (body, status) = said.rsplit_once('\n').expect("a status");
        (status.to_owned(), body.to_owned())
    }

    fn spoken(&self, by: Option<u32>, act: &str, of: Option<(&str, Option<u32>)>) -> (String, String) {
        let behalf = of.map(|(name, uid)| json!({"name": name, "uid": uid}));
        let decision = json!({"act": act, "reason": "needed", "until": null, "files_key": null});
        self.posted(by, &json!({"ask": "decide", "id": 1, "decision": decision, "on_behalf": behalf}))
    }
}

fn own() -> u32 {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").expect("is there").uid()
}

async fn held(stage: &Stage) {
    stage.open_to_all();
    let path = listed(stage, "widgets").await.pop().expect("a file").0;
    assert_eq!(stage.get(&path, &[("user-agent", "pip/26.3")]).await.status, 451);
}

#[tokio::test]
#[ignore = "needs root; tests/run provides it where it is root"]
async fn the_daemons_user_speaks_for_accounts_and_nobody_else_does() {
    let mut stage = Stage::new().await;
    held(&stage).await;
    let (status, said) = stage.spoken(None, "approve", Some(("ada", Some(ADA))));
    assert!(status == "422" && said.contains("dashboard_user"), "before anybody may: {said}");
    stage.restart_with(&format!("dashboard_user = \"{}\"", own())).await;
    stage.open_to_all();
    for (by, of, why) in [
        (Some(BOB), Some(("ada", Some(ADA))), "you are another"),
        (Some(BOB), Some(("bob", Some(BOB))), "you are another"),
        (None, Some(("ada", None)), "who asks cannot be told"),
        (None, Some(("ada", Some(0))), "root is nobody in particular"),
        (None, Some(("ada", Some(NOBODYS))), "no user of this machine has the number"),
        (None, None, "nobody in particular"),
    ] {
        let (status, said) = stage.spoken(by, "approve", of);
        assert!(status == "422" && said.contains(why), "{by:?} {of:?}: {said}");
    }
    let evil = "ada\r\n(uid 0)\u{1b}[31m";
    let (status, said) = stage.spoken(None, "approve", Some((evil, Some(ADA))));
    assert_eq!(status, "200", "{said}");
    let said: Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!(said["steps"][0]["by"], format!("ada(uid 0)[31m, by the dashboard (uid {ADA})"));
    assert_eq!((said["state"].as_str(), said["steps"][0]["uid"].as_u64()), (Some("approved"), Some(u64::from(ADA))));
    let (_, shown) = stage.verb(None, &["show", "1"]);
    assert!(shown.contains("by the dashboard") && shown.contains("with pip: first "), "{shown}");
}

/// Whichever way they come, two accounts and a user of one number are one person.
#[tokio::test]
#[ignore = "needs root; tests/run provides it where it is root"]
async fn two_persons_are_two_however_each_of_them_comes() {
    let stage = Stage::with(&format!("approvals = 2\ndashboard_user = \"{}\"\n", own()), true).await;
    held(&stage).await;
    let (status, _) = stage.spoken(None, "approve", Some(("ada", Some(ADA))));
    assert_eq!(status, "200");
    for of in ["ada", "ada-too", "bob"] {
        let (status, said) = stage.spoken(None, "approve", Some((of, Some(ADA))));
        assert!(status == "422" && said.contains("another person has to"), "{of}: {said}");
    }
    let (status, said) = stage.verb(Some(ADA), &["approve", "1", "--reason", "x"]);
    assert!(status == 1 && said.contains("another person has to"), "{said}");
    // By whatever way, as a button of Slack.
    let decision = json!({"act": "approve", "reason": "needed", "until": null, "files_key": null});
    let by_slack = |uid: u32| json!({"ask": "decide", "id": 1, "decision": decision, "on_behalf": {"name": "bob", "uid": uid, "way": "slack"}});
    let (status, said) = stage.posted(None, &by_slack(ADA));
    assert!(status == "422" && said.contains("another person has to"), "{said}");
    let (status, said) = stage.posted(None, &by_slack(BOB));
    assert!(status == "200" && said.contains("\"approved\"") && said.contains("bob, by Slack"), "{said}");
    // Whoever cannot be a person may stop it all the same.
    let (status, said) = stage.spoken(None, "reject", Some(("carol", None)));
    assert!(status == "200" && said.contains("carol, by the dashboard"), "{said}");
}

/// A service that is in the group for another reason clears nothing.
#[tokio::test]
#[ignore = "needs root; tests/run provides it where it is root"]
async fn which_findings_are_open_is_said_by_the_daemons_user_and_by_no_other_service() {
    let stage = Stage::new().await;
    stage.open_to_all();
    let none = json!({"ask": "suspect", "suspects": {}});
    // `www-data` and `daemon`, say.
    for service in [33, 1] {
        let (status, said) = stage.posted(Some(service), &none);
        assert!(status == "422" && said.contains("acknowledge or suppress the finding"), "{service}: {said}");
    }
    assert_eq!(stage.posted(None, &none).0, "200", "the gate's own user, as where `run` starts it");
}
