//! Who may do what: a member of the group, a stranger, root, and a machine where no daemon has ever run.

use std::collections::BTreeSet;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;

use super::*;

/// Numbers that no list of users has.
pub(super) const DAEMON: u32 = 4_070_001;
pub(super) const GROUP: u32 = 4_070_002;
pub(super) const MEMBER: u32 = 4_070_003;
pub(super) const STRANGER: u32 = 4_070_004;

const SECRET: &str = "http://127.0.0.1:9/services/SECRET";

/// A scene as README.md installs it: the configuration is for the group, the credentials for the daemon alone.
pub(super) async fn installed() -> Scene {
    let scene = Scene::new().await;
    let configuration = scene.configuration().replace("control.sock", "run/control.sock");
    scene.write("namewarden.toml", &format!("{configuration}[alert.slack.ops]\nurl_credential = \"slack\"\n"));
    for dir in ["credentials", "run", "state", "loaded"] {
        std::fs::create_dir(scene.path().join(dir)).expect("made");
    }
    scene.write("credentials/slack", SECRET);
    scene.write("loaded/slack", SECRET);
    let owned: [(&str, u32, u32, u32); 9] = [
        ("", 0, 0, 0o755),
        ("namewarden.toml", 0, GROUP, 0o640),
        ("inventory.toml", 0, GROUP, 0o640),
        ("credentials/slack", 0, 0, 0o600),
        ("credentials", 0, 0, 0o700),
        ("loaded/slack", DAEMON, GROUP, 0o400),
        ("loaded", DAEMON, GROUP, 0o500),
        ("run", DAEMON, GROUP, 0o750),
        ("state", DAEMON, GROUP, 0o700),
    ];
    for (name, uid, gid, mode) in owned {
        let path = scene.path().join(name);
        chown(&path, Some(uid), Some(gid)).expect("root may");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("root may");
    }
    scene
}

/// Runs a verb as this user of this group, and of no other.
pub(super) async fn verb_of(scene: &Scene, uid: u32, gid: u32, words: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(NAMEWARDEN);
    command.args(words).arg("--config").arg(scene.path().join("namewarden.toml")).current_dir("/");
    command.uid(uid).gid(gid).env_remove("CREDENTIALS_DIRECTORY");
    let output = tokio::task::spawn_blocking(move || command.output()).await.expect("runs").expect("starts");
    let said = text(&output.stdout) + &text(&output.stderr);
    assert!(!said.contains("SECRET"), "{words:?} shows a secret:\n{said}");
    (output.status.code(), said)
}

pub(super) async fn daemon_of(scene: &Scene) -> Daemon {
    daemon_with(scene, &[]).await
}

/// The same, with more options.
pub(super) async fn daemon_with(scene: &Scene, more: &[&str]) -> Daemon {
    let mut command = Command::new(NAMEWARDEN);
    command.uid(DAEMON).gid(GROUP);
    begun(scene, command, more).await
}

/// The same on a machine whose list of users has these, each with a number and a shell: claims take persons, and those have names.
/// The list of this machine stays as it is, since the daemon sees another in its place.
pub(super) async fn daemon_among(scene: &Scene, users: &[(&str, u32)], more: &[&str]) -> Daemon {
    let own = std::fs::read_to_string("/etc/passwd").expect("reads");
    let others: String = users.iter().map(|(name, uid)| format!("{name}:x:{uid}:{GROUP}::/:/bin/sh\n")).collect();
    scene.write("passwd", &(own + &others));
    let mut command = Command::new("unshare");
    command.args(["--mount", "--propagation", "private", "sh", "-ec"]);
    command
        .arg("mount --bind \"$1\" /etc/passwd; shift; exec setpriv \"$@\"")
        .arg("sh")
        .arg(scene.path().join("passwd"));
    command
        .args([format!("--reuid={DAEMON}"), format!("--regid={GROUP}"), "--clear-groups".to_owned()])
        .arg(NAMEWARDEN);
    begun(scene, command, more).await
}

/// Runs the daemon by this command, until it has a baseline.
async fn begun(scene: &Scene, mut command: Command, more: &[&str]) -> Daemon {
    command.arg("run").args(more).arg("--config").arg(scene.path().join("namewarden.toml")).stderr(Stdio::null());
    command.env("CREDENTIALS_DIRECTORY", scene.path().join("loaded"));
    let daemon = Daemon(command.spawn().expect("starts"));
    let began = Instant::now();
    while !verb_of(scene, MEMBER, GROUP, &["status"]).await.1.contains("2 exposed") {
        assert!(began.elapsed() < Duration::from_secs(60), "the daemon never had a baseline");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    daemon
}

/// Where the daemon may write nothing, and the member may.
async fn a_copy_goes_where_the_member_may_write(scene: &Scene) {
    let own = tempfile::tempdir().expect("a directory");
    chown(own.path(), Some(MEMBER), Some(GROUP)).expect("root may");
    let copy = own.path().join("copy.db");
    let (status, said) = verb_of(scene, MEMBER, GROUP, &["store", "backup", copy.to_str().expect("text")]).await;
    assert_eq!(status, Some(0), "{said}");
    let meta = std::fs::metadata(&copy).expect("a copy");
    assert_eq!((meta.uid(), meta.mode() & 0o777), (MEMBER, 0o600));
    assert!(std::fs::read(&copy).expect("root may").starts_with(b"SQLite format 3\0"));
    assert_eq!(everything(own.path()).len(), 1, "nothing else is left");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs root; tests/run provides it where it is root"]
async fn a_member_of_the_group_uses_every_verb_and_reads_no_secret() {
    let scene = installed().await;
    let daemon = daemon_of(&scene).await;
    scene.sim.world().upload("acme-billing", "3.0", "mine now", "mallory", Sim::now()).expect("free");
    let began = Instant::now();
    while !verb_of(&scene, MEMBER, GROUP, &["findings", "list"]).await.1.contains("nw-1") {
        assert!(began.elapsed() < Duration::from_secs(60), "no case was opened");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let (status, said) = verb_of(&scene, MEMBER, GROUP, &["last-resort"]).await;
    assert!(status == Some(1) && said.contains("closed to this user: root reads it"), "{status:?}: {said}");
    let verbs: [&[&str]; 18] = [
        &["config", "check"],
        &["findings", "show", "nw-1"],
        &["findings", "ack", "nw-1"],
        &["findings", "list", "--owner", "sec"],
        &["health", "list"],
        &["inventory", "list"],
        &["inventory", "lint", "--fail-on", "error"],
        &["inventory", "apply"],
        &["check", "acme-hr"],
        &["preview"],
        &["reload"],
        &["reconcile", "--dry-run"],
        &["cursor", "get"],
        &["store", "check"],
        &["store", "backup", "of-the-group.db"],
        &["rules"],
        &["test-alert", "--owner", "sec"],
        &["status", "--format", "json"],
    ];
    for words in verbs {
        let (status, said) = verb_of(&scene, MEMBER, GROUP, words).await;
        // A finding or an undelivered message is no refusal.
        assert!(matches!(status, Some(0..=3)), "{words:?}: {status:?}\n{said}");
        assert!(!said.contains("ermission denied") && !said.contains("is closed to this user;"), "{words:?}:\n{said}");
    }
    a_copy_goes_where_the_member_may_write(&scene).await;
    let (status, said) = verb_of(&scene, MEMBER, GROUP, &["config", "check"]).await;
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains("credentials/slack: closed to this user, as it should be"), "{said}");
    let (_, said) = verb_of(&scene, MEMBER, GROUP, &["doctor"]).await;
    assert!(said.contains("good   channel email"), "{said}");
    assert!(said.contains("WRONG  channel slack:ops: "), "the daemon tried port 9 with what it has read:\n{said}");
    drop(daemon);
    let (status, said) = verb_of(&scene, MEMBER, GROUP, &["doctor"]).await;
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("WRONG  daemon: the daemon that had") && said.contains("namewarden run --config "), "{said}");
    std::fs::remove_file(scene.path().join("run/control.sock")).expect("removed");
    for words in [&["findings", "list"][..], &["doctor"], &["reload"], &["findings", "ack", "nw-1"]] {
        let (_, said) = verb_of(&scene, MEMBER, GROUP, words).await;
        assert!(
            said.contains("no daemon is running") && said.contains("namewarden run --config "),
            "{words:?}:\n{said}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs root; tests/run provides it where it is root"]
async fn whoever_is_in_no_group_is_told_which() {
    let scene = installed().await;
    let _daemon = daemon_of(&scene).await;
    for words in [&["status"][..], &["doctor"], &["config", "check"], &["findings", "ack", "nw-1"]] {
        let (status, said) = verb_of(&scene, STRANGER, STRANGER, words).await;
        assert!(matches!(status, Some(1 | 2 | 3 | 78)), "{words:?}: {status:?}\n{said}");
        let remedy = format!("it is for the group {GROUP}: sudo usermod -aG {GROUP} {STRANGER}, and log in again");
        assert!(
            said.contains(&format!("namewarden.toml is closed to the user {STRANGER};")) && said.contains(&remedy),
            "{words:?}:\n{said}"
        );
        assert!(!said.contains("namewarden init"), "{words:?}:\n{said}");
    }
    // Where the configuration is for everybody, the socket is not.
    let open = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(scene.path().join("namewarden.toml"), open.clone()).expect("root may");
    std::fs::set_permissions(scene.path().join("inventory.toml"), open).expect("root may");
    for words in [&["status"][..], &["doctor"], &["findings", "list"]] {
        let (_, said) = verb_of(&scene, STRANGER, STRANGER, words).await;
        assert!(said.contains("control.sock is closed to this user; it is for the group"), "{words:?}:\n{said}");
    }
}

/// What the daemon is refused is told to somebody else.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs root; tests/run provides it where it is root"]
async fn what_is_closed_to_the_daemon_names_the_daemon_and_opens_with_what_is_said() {
    let scene = installed().await;
    let daemon = daemon_of(&scene).await;
    let closed = scene.path().join("namewarden.toml");
    let shut = |mode| std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(mode)).expect("root may");
    shut(0o600);
    let (status, said) = verb_of(&scene, 0, 0, &["reload"]).await;
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains(&format!("is closed to the user {DAEMON}; ")), "{said}");
    assert!(said.contains(&format!("chgrp {GROUP} ")) || said.contains("chgrp namewarden "), "{said}");
    shut(0o640);
    assert_eq!(verb_of(&scene, 0, 0, &["reload"]).await.0, Some(0));
    drop(daemon);
    let state = scene.path().join("state");
    std::fs::remove_dir_all(&state).expect("removed");
    std::fs::create_dir(&state).expect("made");
    chown(&state, Some(DAEMON), Some(GROUP)).expect("root may");
    std::fs::set_permissions(&state, std::fs::Permissions::from_mode(0o500)).expect("root may");
    let mut command = Command::new(NAMEWARDEN);
    command.arg("run").arg("--config").arg(&closed).uid(DAEMON).gid(GROUP);
    command.env("CREDENTIALS_DIRECTORY", scene.path().join("loaded"));
    let output = tokio::task::spawn_blocking(move || command.output()).await.expect("runs").expect("starts");
    let said = text(&output.stderr);
    assert!(said.contains(&format!("chmod u+rwx {}", state.display())), "{said}");
}

/// Everything below a directory.
fn everything(dir: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(dir).expect("lists").flatten() {
        found.insert(entry.path().display().to_string());
        if entry.path().is_dir() {
            found.extend(everything(&entry.path()));
        }
    }
    found
}

/// The first `status` of root's must not make a state directory that the daemon's user cannot use.
#[tokio::test(flavor = "multi_thread")]
async fn no_verb_makes_a_store_or_anything_else_where_no_daemon_has_run() {
    let scene = Scene::new().await;
    let before = everything(scene.path());
    let verbs: [&[&str]; 20] = [
        &["status"],
        &["doctor"],
        &["config", "check"],
        &["findings", "list"],
        &["findings", "show", "nw-1"],
        &["findings", "ack", "nw-1"],
        &["health", "list"],
        &["health", "ack", "unreadable:rss"],
        &["inventory", "list"],
        &["inventory", "lint"],
        &["inventory", "apply"],
        &["check", "acme-hr"],
        &["preview"],
        &["reload"],
        &["reconcile", "--dry-run"],
        &["cursor", "get"],
        &["cursor", "set", "7"],
        &["store", "check"],
        &["store", "backup"],
        &["store", "accept-loss", "--yes"],
    ];
    for words in verbs {
        scene.verb(words).await;
        assert_eq!(everything(scene.path()), before, "{words:?}");
    }
}
