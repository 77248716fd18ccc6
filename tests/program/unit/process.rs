//! The daemon as a process of its own, with the other ends of its pipes and of systemd's socket in the test's hands.

use std::io::{PipeReader, Write as _, pipe};
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use namewarden::sim::sink::HttpSink;
use namewarden::sim::{Loader, Options, Order, Sim};
use tempfile::TempDir;

use super::BINARY;

const TARGET: &str = "acme-billing";
/// What a fresh pipe holds (pipe(7)).
const PIPE: usize = 64 * 1024;
const SOON: Duration = Duration::from_secs(30);

/// A PyPI, a Slack, and a directory with a configuration for both.
struct Scene {
    sim: Sim,
    slack: HttpSink,
    dir: TempDir,
}

impl Scene {
    async fn set(more: &str) -> Self {
        let mut loader = Loader::sample();
        loader.leave_out([TARGET]);
        let sim = Sim::start(loader.world(Order::default()), Options::default()).await.expect("a free port");
        let slack = HttpSink::start(0).await.expect("a free port");
        let scene = Self { sim, slack, dir: tempfile::tempdir().expect("a directory") };
        let inventory =
            format!("[owners.sec]\nname = \"Security\"\nslack = [\"team\"]\nnames = [\"{TARGET}==4.12.0\"]\n");
        scene.write("inventory.toml", &inventory);
        scene.write("slack-url", &format!("{}/services/T0/B0/x", scene.slack.base_url()));
        let configuration = format!(
            "contact = \"sec@acme.example\"\nstate_dir = \"state\"\ninventory = \"inventory.toml\"\n\
             [pypi]\nbase = \"{}\"\n[feeds]\nchangelog_every = \"200ms\"\nrss_every = \"200ms\"\n\
             [control]\nsocket = \"control.sock\"\n[alert]\ndefault_owner = \"sec\"\n{more}\
             [alert.slack.team]\nurl_file = \"slack-url\"\n",
            scene.sim.base_url()
        );
        scene.write("namewarden.toml", &configuration);
        scene
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn write(&self, name: &str, text: &str) {
        use std::os::unix::fs::PermissionsExt as _;
        let path = self.path().join(name);
        std::fs::write(&path, text).expect("written");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("ours");
    }

    fn verb(&self, words: &[&str]) -> Command {
        let mut command = Command::new(BINARY);
        command.args(words).arg("--config").arg(self.path().join("namewarden.toml"));
        for variable in ["JOURNAL_STREAM", "NOTIFY_SOCKET", "WATCHDOG_USEC", "STATE_DIRECTORY", "CREDENTIALS_DIRECTORY"]
        {
            command.env_remove(variable);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// Waits for a message that holds this text.
    async fn told(&self, text: &str) {
        let holds = |post: &namewarden::sim::sink::Post| String::from_utf8_lossy(&post.body).contains(text);
        until(text, || self.slack.posts().iter().any(holds)).await;
    }

    /// The watch begins, a stranger registers the name, the owner is told, `status` answers, and SIGTERM ends it well.
    async fn watches_until_it_is_stopped(&self, mut run: Command) {
        let mut daemon = Daemon(run.spawn().expect("starts"));
        self.told("canary").await;
        self.sim.world().upload(TARGET, "9.0.0", "", "mallory", Sim::now()).expect("free");
        // Slack gets the name as code, and the sentence behind it.
        self.told(&format!("\"text\":\"{TARGET}\"")).await;
        self.told(" was registered on PyPI").await;
        let mut status = self.verb(&["status"]);
        let status = tokio::task::spawn_blocking(move || status.status()).await.expect("runs").expect("starts");
        assert_eq!(status.code(), Some(0), "status answers");
        daemon.signal("TERM");
        assert_eq!(daemon.ended().await.code(), Some(0), "SIGTERM ends it");
    }
}

/// Dropping it kills it.
struct Daemon(Child);

impl Daemon {
    fn signal(&self, name: &str) {
        let sent = Command::new("sh").arg("-c").arg(format!("kill -{name} {}", self.0.id())).status();
        assert!(sent.expect("sh runs").success(), "the process stands to be signalled");
    }

    async fn ended(&mut self) -> ExitStatus {
        until("the end", || self.0.try_wait().expect("a child").is_some()).await;
        self.0.wait().expect("a child")
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may be gone already; then there is nothing to kill.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < SOON, "not within {SOON:?}: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A pipe that takes not one byte more, while its reader lives.
fn full() -> (PipeReader, Stdio) {
    let (reader, mut writer) = pipe().expect("a pipe");
    writer.write_all(&[b'.'; PIPE]).expect("it has room for so much");
    (reader, writer.into())
}

/// A pipe whose reader has gone.
fn closed() -> Stdio {
    let (reader, writer) = pipe().expect("a pipe");
    drop(reader);
    writer.into()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standard_error_that_nobody_reads_stops_nothing() {
    let scene = Scene::set("").await;
    let (_reader, stderr) = full();
    let mut run = scene.verb(&["run"]);
    run.stderr(stderr);
    scene.watches_until_it_is_stopped(run).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standard_error_that_is_closed_ends_nothing() {
    let scene = Scene::set("").await;
    let mut run = scene.verb(&["run"]);
    run.stderr(closed());
    scene.watches_until_it_is_stopped(run).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_console_that_nobody_reads_holds_up_no_other_channel() {
    for closed_too in [false, true] {
        let scene = Scene::set("console = true\n").await;
        let (_reader, stdout) = full();
        let mut run = scene.verb(&["run"]);
        run.stdout(if closed_too { closed() } else { stdout });
        scene.watches_until_it_is_stopped(run).await;
    }
}

#[test]
fn a_reader_that_goes_away_changes_no_exit_status() {
    let dir = tempfile::tempdir().expect("a directory");
    let names: String = (0..40).map(|n| format!("{TARGET}-x{n}\n")).collect();
    std::fs::write(dir.path().join("names"), format!("{TARGET}==1.0\n{names}")).expect("written");
    std::fs::write(dir.path().join("index"), format!("{TARGET}\nnumpy\n")).expect("written");
    let status = |words: &[&str]| {
        let mut verb = Command::new(BINARY);
        verb.args(words).current_dir(dir.path()).stdin(Stdio::null()).stdout(closed()).stderr(closed());
        verb.status().expect("starts").code()
    };
    assert_eq!(status(&["scan", "--index", "index", "--inventory", "names"]), Some(3));
    assert_eq!(status(&["check", TARGET, "--inventory", "names"]), Some(3));
    assert_eq!(status(&["inventory", "import", "--no-preview", "names"]), Some(0));
    assert_eq!(status(&["inventory", "lint", "--fail-on", "note", "names"]), Some(3));
    assert_eq!(status(&["config", "check", "--config", "/nonexistent.toml"]), Some(78));
    assert_eq!(status(&["--help"]), Some(0));
    assert_eq!(status(&["no-such-verb"]), Some(2));
}

/// systemd's end of the socket.
struct Manager(UnixDatagram);

impl Manager {
    fn listen(at: &Path) -> Self {
        let socket = UnixDatagram::bind(at).expect("a path");
        socket.set_read_timeout(Some(SOON)).expect("a limit");
        Self(socket)
    }

    /// The next message that is not of the regular ones, line by line.
    fn next(&self) -> Vec<String> {
        loop {
            let message = self.receive();
            if !message.iter().all(|line| line == "WATCHDOG=1" || line.starts_with("STATUS=")) {
                return message;
            }
        }
    }

    fn receive(&self) -> Vec<String> {
        let mut message = [0; 8192];
        let size = self.0.recv(&mut message).expect("a message in time");
        String::from_utf8_lossy(&message[..size]).lines().map(str::to_owned).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn systemd_is_told_ready_watchdog_reloading_and_stopping() {
    let scene = Scene::set("").await;
    let at = scene.path().join("notify");
    let manager = Manager::listen(&at);
    let mut run = scene.verb(&["run"]);
    run.env("NOTIFY_SOCKET", &at).env("WATCHDOG_USEC", "1500000").env_remove("WATCHDOG_PID");
    let mut daemon = Daemon(run.spawn().expect("starts"));
    let manager = tokio::task::spawn_blocking(move || {
        assert_eq!(manager.next(), ["READY=1"]);
        manager
    });
    let manager = manager.await.expect("told");
    scene.told("canary").await;
    let manager = tokio::task::spawn_blocking(move || {
        let (began, mut fed, mut said) = (Instant::now(), 0, String::new());
        while began.elapsed() < Duration::from_secs(3) {
            for line in manager.receive() {
                fed += usize::from(line == "WATCHDOG=1");
                said = line.strip_prefix("STATUS=").map_or(said, str::to_owned);
            }
        }
        assert!(fed >= 3, "fed {fed} times in two of its periods");
        assert!(said.contains("every event") && said.ends_with("open: 0 pages, 0 alerts, 0 health cases"), "{said}");
        manager
    });
    let manager = manager.await.expect("told");
    daemon.signal("HUP");
    let manager = tokio::task::spawn_blocking(move || {
        let reloading = manager.next();
        assert_eq!(reloading[0], "RELOADING=1");
        let since = reloading[1].strip_prefix("MONOTONIC_USEC=").and_then(|text| text.parse::<u64>().ok());
        assert!(since.is_some_and(|since| since > 0), "{reloading:?}");
        assert_eq!(manager.next(), ["READY=1"]);
        manager
    });
    let manager = manager.await.expect("told");
    daemon.signal("TERM");
    tokio::task::spawn_blocking(move || assert_eq!(manager.next(), ["STOPPING=1"])).await.expect("told");
    assert_eq!(daemon.ended().await.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn reload_says_whether_it_took() {
    let scene = Scene::set("").await;
    let reload = async || {
        let mut verb = scene.verb(&["reload"]);
        verb.stdout(Stdio::piped()).stderr(Stdio::piped());
        let output = tokio::task::spawn_blocking(move || verb.output()).await.expect("runs").expect("starts");
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        (output.status.code(), said)
    };
    let names = |names: &str| {
        scene.write(
            "inventory.toml",
            &format!("[owners.sec]\nname = \"Security\"\nslack = [\"team\"]\nnames = [{names}]\n"),
        );
    };
    let (status, said) = reload().await;
    assert!(status == Some(1) && said.contains("no daemon"), "{status:?}: {said}");
    let _daemon = Daemon(scene.verb(&["run"]).spawn().expect("starts"));
    scene.told("canary").await;
    let unchanged = "the configuration is unchanged\nthe inventory is unchanged\n";
    assert_eq!(reload().await, (Some(0), unchanged.to_owned()));
    names("\"acme-billing==4.12.0\", \"acme-ledger==1.0\"");
    let (status, said) = reload().await;
    assert!(status == Some(0) && said.contains("1 watch"), "{status:?}: {said}");
    names("\"acme-other==1.0\"");
    let (status, said) = reload().await;
    assert!(status == Some(3) && said.contains("inventory apply --force"), "{status:?}: {said}");
    names("nonsense");
    let (status, said) = reload().await;
    assert!(status == Some(1) && said.contains("stays in force"), "{status:?}: {said}");
}

/// The program itself: a signal has both files read, a channel comes and goes, what is broken stays out, and `config check`
/// says beforehand what `reload` does.
#[tokio::test(flavor = "multi_thread")]
async fn a_signal_has_the_configuration_read_too() {
    let scene = Scene::set("").await;
    let verb = async |words: &[&str]| {
        let mut verb = scene.verb(words);
        verb.stdout(Stdio::piped()).stderr(Stdio::piped());
        let output = tokio::task::spawn_blocking(move || verb.output()).await.expect("runs").expect("starts");
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        (output.status.code(), said)
    };
    let main = std::fs::read_to_string(scene.path().join("namewarden.toml")).expect("reads");
    let routes = |slack: &str| {
        let inventory = format!("[owners.sec]\nslack = [{slack}]\nnames = [\"{TARGET}==4.12.0\"]\n");
        scene.write("inventory.toml", &inventory);
    };
    let daemon = Daemon(scene.verb(&["run"]).spawn().expect("starts"));
    scene.told("canary").await;
    // A second channel, in a drop-in, and the owner who is told by it.
    scene.write("slack-url-2", &format!("{}/services/T0/B0/second", scene.slack.base_url()));
    std::fs::create_dir(scene.path().join("namewarden.d")).expect("made");
    scene.write("namewarden.d/10-second.toml", "[alert.slack.second]\nurl_file = \"slack-url-2\"\n");
    routes("\"team\", \"second\"");
    let (status, said) = verb(&["config", "check"]).await;
    assert!(status == Some(0) && said.contains("a reload       started  slack:second"), "{status:?}: {said}");
    daemon.signal("HUP");
    let second = |post: &namewarden::sim::sink::Post| post.path.ends_with("second");
    until("it is in force", || {
        let doctor = scene.verb(&["test-alert", "--wait", "1"]).status();
        doctor.is_ok() && scene.slack.posts().iter().any(second)
    })
    .await;
    let (status, said) = verb(&["config", "check"]).await;
    assert!(status == Some(0) && said.contains("a reload       nothing changes"), "{status:?}: {said}");
    // What asks for a restart, beside what can change.
    scene.write("namewarden.toml", &main.replace("sec@acme", "other@acme").replace("\"200ms\"", "\"300ms\""));
    let (status, said) = verb(&["reload"]).await;
    assert_eq!(status, Some(3), "{said}");
    assert!(said.contains("changed  feeds.changelog_every, feeds.rss_every") && said.contains("  contact: "), "{said}");
    assert!(!said.contains("services"), "nothing secret: {said}");
    let (status, said) = verb(&["status"]).await;
    assert!(status == Some(1) && said.contains("asks for a restart: contact"), "{status:?}: {said}");
    // What is broken is refused by the daemon, which tells of it, and answers as before.
    scene.write("namewarden.d/20-broken.toml", "nonsense = [");
    let (status, said) = verb(&["reload"]).await;
    assert!(status == Some(1) && said.contains("20-broken.toml:1:13"), "{status:?}: {said}");
    assert!(said.contains("the last good configuration stays in force"), "{said}");
    scene.told("configuration-broken").await;
    let (status, said) = verb(&["status"]).await;
    assert!(status == Some(1) && said.starts_with("NAMEWARDEN WARNING"), "{status:?}: {said}");
    // The drop-in is deleted, and the owner who was told by it is not.
    scene.write("namewarden.toml", &main);
    std::fs::remove_dir_all(scene.path().join("namewarden.d")).expect("removed");
    let (status, said) = verb(&["reload"]).await;
    assert!(status == Some(1) && said.contains("second"), "somebody is told by it: {status:?}: {said}");
    routes("\"team\"");
    let (status, said) = verb(&["reload"]).await;
    assert!(status == Some(0) && said.contains("ended    slack:second"), "{status:?}: {said}");
}
