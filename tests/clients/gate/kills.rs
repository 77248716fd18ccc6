//! A gate that dies between what it wrote and what it would have said of it, and one whose disk is full.

use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use namewarden::sim::Sim;

use super::agree::listed;
use super::decided::is_rejected;
use super::{JSON, Stage};

impl Stage {
    /// Asks for something at which the gate dies.
    fn ask_and_see_it_die(&mut self, path: &str) {
        use std::io::{Read as _, Write as _};
        let mut line = std::net::TcpStream::connect(("127.0.0.1", self.port)).expect("it listens");
        write!(line, "GET {path} HTTP/1.0\r\nhost: gate\r\naccept: {}\r\n\r\n", JSON.1).expect("sent");
        let mut answer = String::new();
        // A connection that is reset says nothing either.
        let _ = line.read_to_string(&mut answer);
        assert_eq!(answer, "", "nobody is told");
        self.is_dead();
    }

    fn is_dead(&mut self) {
        assert_eq!(self.gate.wait().expect("ended").signal(), Some(6), "it died where it was to");
    }

    fn review(&self, id: i64) -> serde_json::Value {
        let (_, shown) = self.verb(None, &["show", &id.to_string(), "--format", "json"]);
        serde_json::from_str(&shown).unwrap_or_else(|error| panic!("{error}: {shown}"))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_review_that_was_written_and_told_to_nobody_is_the_same_review_later() {
    let mut stage = Stage::new().await;
    let path = listed(&stage, "widgets").await.pop().expect("a file").0;
    stage.restart_to_die_at(Some("gate-noted")).await;
    stage.ask_and_see_it_die(&path);
    stage.restart().await;
    assert_eq!(stage.review(1)["times_asked"], 1, "on the disk");
    assert!(stage.get(&path, &[]).await.reason().contains("review 1: "));
    assert_eq!(stage.review(1)["times_asked"], 2);
    let other = listed(&stage, "brandnew").await.pop().expect("a file").0;
    assert!(stage.get(&other, &[]).await.reason().contains("review 2: "), "no number is two reviews'");
}

#[tokio::test]
async fn a_decision_that_was_written_and_told_to_nobody_is_in_force_after_the_restart() {
    let mut stage = Stage::new().await;
    let files = listed(&stage, "widgets").await;
    let young = &files[1].0;
    assert_eq!(stage.get(young, &[]).await.status, 451);
    stage.restart_to_die_at(Some("gate-decided")).await;
    let (status, said) = stage.verb(None, &["reject", "1", "--reason", "it calls home"]);
    assert!(status == 1 && !said.contains("is rejected"), "nobody was told that it is done: {said}");
    stage.is_dead();
    stage.restart().await;
    assert!(is_rejected(&stage.get(young, &[]).await, "review 1: it calls home"));
    // Ahead of anybody's asking.
    let old = &files[0].0;
    assert_eq!(stage.get(old, &[]).await.status, 200);
    stage.restart_to_die_at(Some("gate-decided")).await;
    let (status, _) = stage.verb(None, &["reject", "widgets==1.0.0", "--reason", "a worm"]);
    assert_eq!(status, 1);
    stage.is_dead();
    stage.restart().await;
    assert!(is_rejected(&stage.get(old, &[]).await, "review 2: a worm"));
    let (status, said) = stage.verb(None, &["reject", "widgets==1.0.0", "--reason", "a worm"]);
    assert!(status == 1 && said.contains("review 2 is rejected"), "asked once more, it is done already: {said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_down_as_ours_is_ours_though_nobody_was_given_it() {
    let mut stage = Stage::new().await;
    stage.restart_to_die_at(Some("gate-kept")).await;
    stage.ask_and_see_it_die("/simple/acme-unlisted/");
    stage.private.world().remove("acme-unlisted", Sim::now()).expect("there");
    stage.pypi.world().upload("acme-unlisted", "9.0", "mine now", "mallory", Sim::now()).expect("free");
    stage.restart().await;
    assert_eq!(stage.get("/simple/acme-unlisted/", &[JSON]).await.status, 451);
    assert!(!stage.pypi.log().mentions("acme-unlisted"));
}

#[tokio::test]
async fn a_version_is_rejected_before_anybody_asks_for_it_however_it_is_spelt() {
    let stage = Stage::new().await;
    let (status, said) = stage.verb(None, &["reject", "Brand_New==1", "--reason", "x"]);
    assert!(status == 0 && said.contains("review 1 (brand-new==1) is rejected"), "{said}");
    assert_eq!(stage.verb(None, &["reject", "widgets==1.0.0", "--reason", "see CVE-2026-1"]).0, 0);
    let files = listed(&stage, "widgets").await;
    assert!(is_rejected(&stage.get(&files[0].0, &[]).await, "review 2: see CVE-2026-1"));
    let shown = stage.verb(None, &["show", "2"]).1;
    assert!(shown.contains("nobody has asked for it yet") && shown.contains("see CVE-2026-1"), "{shown}");
    for (what, status, words) in [
        ("widgets", 2, "NAME==VERSION"),
        ("widgets==latest", 1, "no version as installers compare them"),
        ("acme-billing==1.0", 1, "internal by"),
        ("widgets==1", 1, "review 2 is rejected"),
    ] {
        let (ended, said) = stage.verb(None, &["reject", what, "--reason", "x"]);
        assert!(ended == status && said.contains(words), "{what}: {ended} {said}");
    }
}

/// A file system of its own below a directory, of a megabyte, until it is dropped.
pub(super) struct Small(PathBuf);

impl Small {
    pub(super) fn on(dir: &Path) -> Self {
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"]).arg(dir).status();
        assert!(mount.expect("mount starts").success());
        Self(dir.to_owned())
    }

    /// Nothing more fits.
    pub(super) fn fill(&self) {
        let (mut file, block) = (std::fs::File::create(self.0.join("filler")).expect("made"), [0; 512]);
        while std::io::Write::write_all(&mut file, &block).is_ok() {}
    }

    pub(super) fn free(&self) {
        std::fs::remove_file(self.0.join("filler")).expect("there");
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        // It goes once the last program in it does.
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

#[tokio::test]
#[ignore = "needs root; tests/run provides it where it is root"]
async fn while_the_disk_of_the_reviews_is_full_nothing_is_decided_and_nothing_passes() {
    let mut stage = Stage::new().await;
    let state = stage.dir.path().join("gate");
    let path = listed(&stage, "widgets").await.pop().expect("a file").0;
    // The gate that has files open there is another's.
    stage.gate.kill().and_then(|()| stage.gate.wait()).expect("ended");
    let disk = Small::on(&state);
    stage.restart().await;
    assert!(stage.get(&path, &[]).await.reason().contains("review 1: "));
    disk.fill();
    let other = listed(&stage, "brandnew").await.pop().expect("a file").0;
    let refused = stage.get(&other, &[]).await;
    assert!(refused.status == 451 && !refused.reason().contains("review"), "held without one: {}", refused.reason());
    let (status, said) = stage.verb(None, &["reject", "1", "--reason", "it calls home"]);
    assert!(status == 1 && said.contains("is full; nothing was changed"), "{said}");
    assert!(stage.get(&path, &[]).await.reason().starts_with("held until"), "and nothing was decided");
    assert_eq!(stage.get("/simple/widgets/", &[JSON]).await.status, 200, "what needs no writing goes on");
    assert_eq!(stage.get(&stage.first("widgets").await, &[]).await.status, 200, "that it went out can wait");
    disk.free();
    assert_eq!(stage.verb(None, &["reject", "1", "--reason", "it calls home"]).0, 0);
    assert!(stage.get(&other, &[]).await.reason().contains("review 2: "), "no number was used up");
    stage.restart().await;
    assert!(is_rejected(&stage.get(&path, &[]).await, "review 1: it calls home"));
}
