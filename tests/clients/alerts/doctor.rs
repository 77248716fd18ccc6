//! `doctor` and `test-alert` on channels that are neither mail nor a hook: a PagerDuty on loopback, and a program.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use namewarden::sim::{Loader, Options, Order, Sim};
use serde_json::Value;

use super::http::Receiver;

const BINARY: &str = env!("CARGO_BIN_EXE_namewarden");
const KEY: &str = "R0123456789abcdef0123456789abcde";
/// As PagerDuty answers (Events API v2, "Response").
const TAKEN: (u16, &str) = (202, r#"{"status":"success","message":"Event processed","dedup_key":"x"}"#);
const BAD_KEY: (u16, &str) =
    (400, r#"{"status":"invalid event","message":"Event object is invalid","errors":["Invalid routing key"]}"#);
/// Keeps what it gets beside itself.
const KEEPS: &str = "#!/bin/sh\nset -eu\nenv > \"$(dirname \"$0\")/environment\"\ncat > \"$(dirname \"$0\")/input\"\n";

/// A PyPI, one owner who is told by PagerDuty and by a program alone, and a configuration of both.
struct Scene {
    _sim: Sim,
    dir: tempfile::TempDir,
}

/// Dropping it kills it.
struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Scene {
    async fn set(pagerduty: &str) -> Self {
        let sim = Sim::start(Loader::sample().world(Order::default()), Options::default()).await.expect("a free port");
        let configuration = format!(
            "contact = \"sec@acme.example\"\nstate_dir = \"state\"\ninventory = \"inventory.toml\"\n\
             [pypi]\nbase = \"{}\"\n[feeds]\nchangelog_every = \"200ms\"\nrss_every = \"200ms\"\n[control]\n\
             socket = \"control.sock\"\n[alert]\ndefault_owner = \"sec\"\n[alert.pagerduty.oncall]\n\
             routing_key_file = \"key\"\nurl = \"{pagerduty}\"\n[alert.exec.ticket]\nprogram = \"ticket\"\n",
            sim.base_url()
        );
        let scene = Self { _sim: sim, dir: tempfile::tempdir().expect("a directory") };
        scene.write("key", KEY, 0o600);
        scene.write("ticket", KEEPS, 0o700);
        let routes = "pagerduty = [\"oncall\"]\nexec = [\"ticket\"]\n";
        scene.write("inventory.toml", &format!("[owners.sec]\n{routes}names = [\"acme-billing==2.0\"]\n"), 0o600);
        scene.write("namewarden.toml", &configuration, 0o600);
        scene
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    /// A file that appears whole: a program that is being written cannot be started.
    fn write(&self, name: &str, text: &str, mode: u32) {
        let partial = self.path().join(format!("{name}.partial"));
        fs::write(&partial, text).expect("written");
        fs::set_permissions(&partial, fs::Permissions::from_mode(mode)).expect("a mode");
        fs::rename(partial, self.path().join(name)).expect("renamed");
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(BINARY);
        command.args(words).arg("--config").arg(self.path().join("namewarden.toml")).stdin(Stdio::null());
        command
    }

    /// Status and all that it says, in which no key ever is.
    async fn verb(&self, words: &[&str]) -> (Option<i32>, String) {
        let mut command = self.command(words);
        let output = tokio::task::spawn_blocking(move || command.output()).await.expect("runs").expect("starts");
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(!said.contains(KEY), "{words:?}: {said}");
        (output.status.code(), said)
    }

    /// A daemon that is well.
    async fn daemon(&self) -> Daemon {
        let run = self.command(&["run"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let (daemon, began) = (Daemon(run.expect("starts")), Instant::now());
        while self.verb(&["status"]).await.0 != Some(0) {
            assert!(began.elapsed() < Duration::from_secs(40), "it is never well: {:?}", self.verb(&["status"]).await);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        daemon
    }

    /// What the program was given since the last call.
    fn given(&self, name: &str) -> Option<String> {
        let (path, taken) = (self.path().join(name), fs::read_to_string(self.path().join(name)).ok());
        if taken.is_some() {
            fs::remove_file(path).expect("removed");
        }
        taken
    }
}

fn line<'a>(said: &'a str, start: &str) -> &'a str {
    said.lines().find(|line| line.contains(start)).unwrap_or_else(|| panic!("no {start:?} in {said}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_tries_pagerduty_and_a_program_and_sends_neither_anything() {
    let receiver = Receiver::answering(&[TAKEN]);
    let scene = Scene::set(&receiver.listen().await).await;
    let (status, said) = scene.verb(&["doctor"]).await;
    assert_eq!(status, Some(1), "no daemon: {said}");
    for channel in ["good   channel pagerduty:oncall", "good   channel exec:ticket"] {
        assert_eq!(line(&said, channel), channel);
    }
    // Whether something starts it is a matter of the machine.
    assert!(!line(&said, "last resort").contains("no channel but the console"), "{said}");
    assert!(line(&said, "  daemon: ").starts_with("WRONG"), "{said}");
    let asked: Vec<String> = receiver.taken().into_iter().map(|(request, _, _)| request).collect();
    assert_eq!(asked, ["HEAD /"], "the server, and no event");
    assert_eq!(scene.given("input"), None, "it was not started");
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_says_which_of_them_is_wrong() {
    let closed = format!("127.0.0.1:{}", namewarden::sim::free_port().expect("a port"));
    let scene = Scene::set(&format!("http://{closed}/v2/enqueue")).await;
    let (status, said) = scene.verb(&["doctor"]).await;
    assert_eq!(status, Some(1), "{said}");
    assert!(line(&said, "channel pagerduty:oncall").starts_with("WRONG"), "{said}");
    assert!(said.contains("refused") && said.contains("good   channel exec:ticket"), "{said}");
    for (spoil, why) in [(0o600, "chmod +x"), (0o777, "chmod o-w")] {
        scene.write("ticket", KEEPS, spoil);
        let (status, said) = scene.verb(&["doctor"]).await;
        assert!(status == Some(78) && said.contains(why) && said.contains("namewarden.toml:"), "{status:?}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn test_alert_reaches_pagerduty_and_a_program_with_a_daemon_and_without() {
    let receiver = Receiver::answering(&[TAKEN]);
    let scene = Scene::set(&receiver.listen().await).await;
    arrives(&scene, &receiver).await;
    let _daemon = scene.daemon().await;
    let (status, said) = scene.verb(&["doctor"]).await;
    // Whether something starts the last resort is a matter of the machine.
    let is_well = |line: &str| line.starts_with("good") || line.starts_with("NOTE   last resort: ");
    assert!(status == Some(0) && said.lines().all(is_well), "{said}");
    // The greetings of the daemon.
    receiver.taken();
    arrives(&scene, &receiver).await;
}

/// A test by both, each as its kind says it.
async fn arrives(scene: &Scene, receiver: &Receiver) {
    let (status, said) = scene.verb(&["test-alert"]).await;
    assert_eq!(status, Some(0), "{said}");
    for channel in ["sec by exec:ticket: delivered in ", "sec by pagerduty:oncall: delivered in "] {
        assert!(line(&said, channel).starts_with(channel), "{said}");
    }
    let events: Vec<Value> =
        receiver.taken().iter().filter_map(|(_, _, body)| serde_json::from_str(body).ok()).collect();
    let test = events.iter().find(|event| event["payload"]["summary"].as_str().is_some_and(|it| it.contains("test")));
    let test = test.unwrap_or_else(|| panic!("no test among {events:#?}"));
    assert_eq!(test["routing_key"], KEY);
    let environment = scene.given("environment").expect("it was started");
    assert!(environment.contains("NAMEWARDEN_EVENT=test\n") && environment.contains("NAMEWARDEN_OWNER=sec\n"));
    assert!(
        environment.contains("NAMEWARDEN_CHANNEL=exec:ticket\n") && !environment.contains("HOME="),
        "{environment}"
    );
    let input: Value = serde_json::from_str(&scene.given("input").expect("it read")).expect("JSON");
    assert!(input["type"].as_str().is_some_and(|kind| kind.ends_with("test")), "{input}");
}

/// A wrong key, a program that fails with words, and one that has no interpreter: each is said, and costs the other nothing.
#[tokio::test(flavor = "multi_thread")]
async fn test_alert_says_why_pagerduty_or_a_program_did_not_take_it() {
    let receiver = Receiver::answering(&[BAD_KEY]);
    let scene = Scene::set(&receiver.listen().await).await;
    let (status, said) = scene.verb(&["test-alert", "--wait", "2"]).await;
    assert_eq!(status, Some(1), "{said}");
    let refused = line(&said, "sec by pagerduty:oncall: ");
    assert!(refused.contains("Invalid routing key") && refused.contains("into its file"), "{refused}");
    assert!(line(&said, "sec by exec:ticket: ").contains("delivered in "), "{said}");
    let programs = [
        ("#!/bin/sh\necho the desk is closed >&2\nexit 1\n", "the desk is closed"),
        ("#!/nowhere/sh\n", "the program cannot be started"),
        ("#!/bin/sh\nexit 75\n", "75"),
    ];
    for (program, why) in programs {
        scene.write("ticket", program, 0o700);
        let (status, said) = scene.verb(&["test-alert", "--wait", "2"]).await;
        let failed = line(&said, "sec by exec:ticket: ");
        assert!(status == Some(1) && failed.contains(why) && !failed.contains("delivered in"), "{status:?}: {said}");
    }
}
