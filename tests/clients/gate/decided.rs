//! What is held becomes a review, and what persons decide of it is in force everywhere at once.

use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use serde_json::Value;

use super::agree::listed;
use super::{Answer, JSON, Stage};

pub(super) const ADA: u32 = 4_070_003;
pub(super) const BOB: u32 = 4_070_004;
pub(super) const USERS: [(&str, u32); 2] = [("ada", ADA), ("bob", BOB)];
/// A number that no list of users has.
const NOBODYS: u32 = 4_070_005;

/// By whoever runs this, or has that number, in the status line.
pub(super) fn is_rejected(answer: &Answer, in_review: &str) -> bool {
    let reason = answer.reason();
    reason.starts_with("rejected by ") && reason.ends_with(&format!(" in {in_review}"))
}

impl Stage {
    /// Runs a verb of the gate: as this user, or as whoever runs the test.
    pub(super) fn verb(&self, uid: Option<u32>, words: &[&str]) -> (i32, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_namewarden"));
        command.arg("gate").args(words).arg("--config").arg(self.dir.path().join("namewarden.toml")).current_dir("/");
        if let Some(uid) = uid {
            command.uid(uid).gid(uid);
        }
        let output = command.output().expect("starts");
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        (output.status.code().expect("no death by a signal"), said)
    }

    /// Everybody may knock, so that the gate alone tells who may what.
    pub(super) fn open_to_all(&self) {
        let dir = self.dir.path();
        for (path, mode) in [(dir.to_owned(), 0o755), (dir.join("gate.sock"), 0o666)] {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("ours");
        }
    }

    async fn path(&self, name: &str) -> String {
        listed(self, name).await.pop().expect("a file").0
    }

    /// The path of the oldest file that is listed.
    pub(super) async fn first(&self, name: &str) -> String {
        listed(self, name).await.swap_remove(0).0
    }

    /// Every way to a file, and whether each is open. They agree, whatever was decided.
    pub(super) async fn is_open(&self, path: &str) -> bool {
        let status = async |path: &str, headers: &[(&str, &str)]| self.get(path, headers).await.status;
        let ways = [
            (status(path, &[]).await, 200),
            (status(&format!("{path}.metadata"), &[]).await, 200),
            (status(path, &[("range", "bytes=0-9")]).await, 206),
            (status(path, &[("if-none-match", "*")]).await, 304),
            (self.ask("HEAD", path).await, 200),
        ];
        let open = ways[0].0 == 200;
        for (status, well) in ways {
            assert_eq!(status, if open { well } else { 451 }, "{path}: {ways:?}");
        }
        open
    }

    async fn ask(&self, method: &str, path: &str) -> u16 {
        let base = format!("http://127.0.0.1:{}", self.port);
        crate::sim::wire::ask(&base, method, path, &[], "").await.status
    }
}

#[tokio::test]
async fn whoever_asks_for_what_is_held_begins_a_review_and_reads_its_number() {
    let mut stage = Stage::new().await;
    assert!(stage.verb(None, &["reviews"]).1.contains("no reviews"), "a page asks for nothing yet");
    let path = stage.path("widgets").await;
    for times in 1..=2 {
        let refused = stage.get(&path, &[]).await;
        assert!(refused.status == 451 && refused.reason().contains(", review 1: uploaded "), "{}", refused.reason());
        assert!(refused.json()["detail"].as_str().is_some_and(|detail| detail.contains("`namewarden gate show 1`")));
        let (_, shown) = stage.verb(None, &["show", "1", "--format", "json"]);
        let review: Value = serde_json::from_str(&shown).expect("JSON");
        assert_eq!((review["project"].as_str(), review["times_asked"].as_i64()), (Some("widgets"), Some(times)));
        assert_eq!(review["peers"], serde_json::json!(["127.0.0.1"]));
        stage.restart().await;
    }
    stage.get(&stage.path("brandnew").await, &[]).await;
    stage.get("/simple/acme-planned/", &[JSON]).await;
    let (_, all) = stage.verb(None, &["reviews"]);
    assert!(all.contains("brandnew==1.0") && all.contains("widgets==1.1") && !all.contains("acme"), "{all}");
    for refused in [&["approve", "1", "--reason", "x"][..], &["show", "7"], &["reject", "7", "--reason", "x"]] {
        assert_eq!(stage.verb(None, refused).0, 1, "{refused:?}: whoever runs the gate is no person to it");
    }
}

#[tokio::test]
async fn what_anybody_rejects_is_refused_however_old_with_the_reason_and_after_a_kill() {
    let mut stage = Stage::new().await;
    let path = stage.path("widgets").await;
    assert!(!stage.is_open(&path).await);
    assert!(stage.verb(None, &["reject", "1", "--reason", "it calls\nhome"]).1.contains("is rejected"));
    stage.restart_with("file_age = \"1d\"").await;
    assert!(!stage.is_open(&path).await, "it would be old enough");
    assert!(is_rejected(&stage.get(&path, &[]).await, "review 1: it calls home"));
    let (status, said) = stage.verb(None, &["reopen", "1", "--reason", "x"]);
    assert!(status == 1 && said.contains("this takes a person"), "{said}");
    stage.restart_with("mode = \"observe\"").await;
    assert!(!stage.is_open(&path).await, "in every mode");
    assert!(stage.is_open(&stage.path("brandnew").await).await);
    assert!(stage.verb(None, &["reviews"]).1.contains("no reviews"), "nothing is held, and nobody has to look");
}

#[tokio::test]
async fn who_received_what_is_known_and_over_a_kill() {
    let mut stage = Stage::new().await;
    let (old, ours) = (listed(&stage, "widgets").await.remove(0).0, stage.path("acme-billing").await);
    for path in [&old, &ours] {
        assert_eq!(stage.get(path, &[]).await.status, 200);
        assert_eq!(stage.ask("HEAD", path).await, 200);
        assert_eq!(stage.get(path, &[("if-none-match", "*")]).await.status, 304);
        assert_eq!(stage.get(&format!("{path}.metadata"), &[]).await.status, 200);
        assert_eq!(stage.get(path, &[("range", "bytes=0-9")]).await.status, 206);
    }
    let _ = stage.verb(None, &["who", "widgets"]);
    stage.restart().await;
    for (what, times) in [("Widgets==1.0", 2), ("acme_billing", 2)] {
        let (_, said) = stage.verb(None, &["who", what, "--format", "json"]);
        let receipt: Value = serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"));
        assert_eq!(receipt["times"].as_i64(), Some(times), "bytes alone: {said}");
        assert_eq!(receipt["peer"], "127.0.0.1");
        assert_eq!(receipt["sha256"].as_str().map(str::len), Some(64));
    }
    let (_, nobody) = stage.verb(None, &["who", "brandnew"]);
    assert!(nobody.contains("nobody, as far as is known: from "), "{nobody}");
}

#[tokio::test]
async fn records_that_are_broken_stop_the_start_and_say_what_to_do() {
    let mut stage = Stage::new().await;
    stage.get(&stage.path("widgets").await, &[]).await;
    stage.gate.kill().and_then(|()| stage.gate.wait()).expect("ended");
    for left in ["reviews.db-wal", "reviews.db-shm"] {
        // Whoever restores a file of SQLite has to take these away.
        let _ = std::fs::remove_file(stage.dir.path().join("gate").join(left));
    }
    std::fs::write(stage.dir.path().join("gate/reviews.db"), "precious").expect("written");
    let (status, said) = stage.verb(None, &[]);
    assert!(
        status == 78 && said.contains("reviews.db") && said.contains("restore it from a backup"),
        "{status}: {said}"
    );
    std::fs::remove_file(stage.dir.path().join("gate/reviews.db")).expect("removed");
    let (status, said) = stage.verb(None, &[]);
    assert!(status == 78 && said.contains("is gone"), "{status}: {said}");
}

#[tokio::test]
#[ignore = "needs root; tests/run provides it where it is root"]
async fn two_persons_let_bytes_through_and_one_takes_them_back() {
    let mut stage = Stage::with("approvals = 2\n", true).await;
    let path = stage.path("widgets").await;
    assert!(!stage.is_open(&path).await);
    stage.open_to_all();
    let before = stage.get("/simple/widgets/", &[JSON]).await;
    let etag = before.header("etag").expect("a tag").to_owned();
    let words = ["approve", "1", "--reason", "a fix that we need"];
    for nobody in [None, Some(998), Some(61_200), Some(NOBODYS)] {
        assert!(stage.verb(nobody, &words).1.contains("this takes a person"), "{nobody:?}");
    }
    assert!(stage.verb(Some(ADA), &words).1.contains("another person has to"));
    assert!(stage.verb(Some(ADA), &words).1.contains("ask one to run"), "nobody is two");
    assert!(!stage.is_open(&path).await);
    assert!(stage.verb(Some(BOB), &words).1.contains("is approved: 1 files"));
    for restarts in [true, false] {
        assert!(stage.is_open(&path).await, "in force before Bob was told");
        let page = stage.get("/simple/widgets/", &[JSON, ("if-none-match", &etag)]).await;
        assert!(page.status == 200 && !page.text().contains("held until"), "no 304 outlives a decision");
        if restarts {
            stage.restart().await;
            stage.open_to_all();
        }
    }
    assert!(!stage.is_open(&stage.path("brandnew").await).await, "nothing else is let through");
    assert!(stage.verb(Some(998), &["reject", "1", "--reason", "it calls home"]).1.contains("is rejected"));
    assert!(!stage.is_open(&path).await);
    let refused = stage.get(&path, &[]).await;
    assert!(is_rejected(&refused, "review 1: it calls home"), "{}", refused.reason());
    stage.restart_with("file_age = \"1d\"").await;
    assert!(!stage.is_open(&path).await, "however old it gets");
    stage.open_to_all();
    assert_eq!(stage.verb(None, &["reopen", "1", "--reason", "x"]).0, 1);
    assert_eq!(stage.verb(Some(ADA), &["reopen", "1", "--reason", "a mistake"]).0, 0);
    assert!(stage.is_open(&path).await, "it is old enough by now");
    assert!(stage.verb(None, &["reviews", "--state", "matured"]).1.contains("widgets==1.1"));
    assert_eq!(stage.verb(Some(BOB), &["reject", "1", "--reason", "a worm"]).0, 0);
    assert_eq!(stage.get(&path, &[]).await.reason(), "rejected by bob in review 1: a worm");
    assert!(stage.verb(None, &["reviews", "--all"]).1.contains("widgets==1.1  rejected by bob: a worm\n"));
}
