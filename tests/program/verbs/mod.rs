//! The verbs against a running daemon and without one: the real binary, a simulated PyPI, real sockets.

mod access;
mod claims;
mod demo;
mod endings;
mod manners;
mod output;
mod preview;
mod reload;
mod replies;
mod silence;
mod status;
mod test_alert;
mod trial;

use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use namewarden::sim::sink::SmtpSink;
use namewarden::sim::{Loader, Options, Order, Sim};

const NAMEWARDEN: &str = env!("CARGO_BIN_EXE_namewarden");

/// A PyPI, a mail server, and a directory with a configuration for both.
struct Scene {
    sim: Sim,
    mail: SmtpSink,
    dir: tempfile::TempDir,
}

impl Scene {
    async fn new() -> Self {
        let mut loader = Loader::sample();
        loader.leave_out(["acme-billing"]);
        let sim = Sim::start(loader.world(Order::default()), Options::default()).await.expect("a free port");
        let mail = SmtpSink::start(0).await.expect("a free port");
        let dir = tempfile::tempdir().expect("a directory");
        let scene = Self { sim, mail, dir };
        scene.write("inventory.toml", INVENTORY);
        scene.write("namewarden.toml", &scene.configuration());
        scene
    }

    fn configuration(&self) -> String {
        format!(
            "contact = \"sec@acme.example\"\nstate_dir = \"state\"\ninventory = \"inventory.toml\"\n\
             [pypi]\nbase = \"{}\"\n[feeds]\nchangelog_every = \"200ms\"\nrss_every = \"200ms\"\n\
             [alert]\ndefault_owner = \"sec\"\n[alert.email]\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\n\
             from = \"namewarden@acme.example\"\n[control]\nsocket = \"control.sock\"\n",
            self.sim.base_url(),
            self.mail.address().port()
        )
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.dir.path().join(name), text).expect("written");
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Runs a verb off the runtime, which has to serve PyPI meanwhile.
    async fn verb(&self, words: &[&str]) -> Output {
        let mut command = Command::new(NAMEWARDEN);
        command
            .args(words)
            .arg("--config")
            .arg(self.path().join("namewarden.toml"))
            .env("USER", "ada")
            .env_remove("SUDO_USER");
        tokio::task::spawn_blocking(move || command.output()).await.expect("runs").expect("starts")
    }

    /// Its standard output, when it ended with this status.
    async fn said(&self, words: &[&str], status: i32) -> String {
        let output = self.verb(words).await;
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(status), "{words:?}\n{out}\n{err}");
        out
    }

    /// A daemon that answers.
    async fn daemon(&self) -> Daemon {
        self.daemon_by(&self.path().join("namewarden.toml")).await
    }

    async fn daemon_by(&self, configuration: &Path) -> Daemon {
        let mut command = Command::new(NAMEWARDEN);
        command.arg("run").arg("--config").arg(configuration).stderr(Stdio::null());
        let daemon = Daemon(command.spawn().expect("starts"));
        let began = Instant::now();
        while !self.path().join("control.sock").exists() {
            assert!(began.elapsed() < Duration::from_secs(60), "the daemon never opened its socket");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        daemon
    }

    /// Waits for a mail whose subject holds this.
    async fn mailed(&self, wanted: &str) {
        let subjects = || self.mail.mails().iter().filter_map(|mail| mail.header("Subject")).collect::<Vec<_>>();
        let began = Instant::now();
        while !subjects().iter().any(|subject| subject.contains(wanted)) {
            assert!(began.elapsed() < Duration::from_secs(60), "no mail says {wanted:?}: {:?}", subjects());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn eventually(&self, words: &[&str], wanted: &str) -> String {
        let began = Instant::now();
        loop {
            let out = text(&self.verb(words).await.stdout);
            if out.contains(wanted) {
                return out;
            }
            assert!(began.elapsed() < Duration::from_secs(60), "{words:?} never said {wanted:?}, but\n{out}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

const INVENTORY: &str = "[owners.sec]\nname = \"Security\"\nemail = [\"sec@acme.example\"]\nnames = [\"acme-billing==2.0\", \"acme-ledger\"]\n";

/// Ended with the test, whatever becomes of it.
struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finding_is_listed_shown_acknowledged_and_remembered_without_the_daemon() {
    let scene = Scene::new().await;
    let daemon = scene.daemon().await;
    scene.eventually(&["status"], "2 exposed").await;
    scene.sim.world().upload("acme-billing", "3.0", "mine now", "mallory", Sim::now()).expect("free");
    let listed = scene.eventually(&["findings", "list"], "acme-billing ~ acme-billing (exact)").await;
    assert!(listed.starts_with("nw-1     page   open"), "{listed}");
    let json = scene.said(&["findings", "list", "--format", "json"], 0).await;
    let key = serde_json::from_str::<serde_json::Value>(&json).expect("one object")["key"]
        .as_str()
        .expect("a key")
        .to_owned();
    scene.eventually(&["findings", "show", &key], "held by        mallory").await;
    scene.eventually(&["findings", "show", &key], "sec by email: delivered (registered)").await;
    let acked = scene.said(&["findings", "ack", &key, "--note", "on it"], 0).await;
    assert_eq!(acked, "nw-1 acme-billing is now acknowledged\n");
    drop(daemon);
    let shown = scene.said(&["findings", "show", &key], 0).await;
    assert!(shown.contains("acknowledged by ") && shown.contains("(uid ") && shown.contains("ada"), "{shown}");
    let status = scene.said(&["status"], 2).await;
    assert!(status.contains("no daemon is running"), "{status}");
    let test = scene.said(&["test-alert"], 0).await;
    assert!(test.contains("no daemon is running") && test.contains("sec by email: delivered in "), "{test}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_inventory_is_applied_held_and_forced() {
    let scene = Scene::new().await;
    let _daemon = scene.daemon().await;
    scene.eventually(&["status"], "2 exposed").await;
    scene.write("inventory.toml", &INVENTORY.replace("\"acme-ledger\"", "\"acme-ledger\", \"acme-tax\""));
    scene.eventually(&["inventory", "list"], "acme-tax").await;
    scene.write("inventory.toml", &INVENTORY.replace(", \"acme-ledger\"", ""));
    let held = scene.said(&["inventory", "apply"], 3).await;
    assert!(held.starts_with("held: it removes 2 of 3 watches"), "{held}");
    scene.said(&["inventory", "apply", "--force"], 0).await;
    let listed = scene.said(&["inventory", "list"], 0).await;
    assert!(listed.contains("acme-billing") && !listed.contains("acme-ledger"), "{listed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operators_repairs_work_on_a_running_daemon() {
    let scene = Scene::new().await;
    let _daemon = scene.daemon().await;
    scene.eventually(&["status"], "well").await;
    let serial: u64 = scene.said(&["cursor", "get"], 0).await.trim().parse().expect("a serial");
    let moved = scene.said(&["cursor", "set", &(serial - 5).to_string()], 0).await;
    assert!(moved.starts_with("moved from"), "{moved}");
    let pass = scene.said(&["reconcile", "--dry-run"], 0).await;
    assert!(pass.starts_with("compared with an index of ") && pass.ends_with("; nothing was applied\n"), "{pass}");
    assert_eq!(scene.said(&["store", "check"], 0).await, "the store is sound\n");
    scene.said(&["store", "backup", "copy.db"], 0).await;
    assert!(std::fs::metadata(scene.path().join("state/backups/copy.db")).expect("a copy").len() > 0);
    let path = |name: &str| scene.path().join(name).to_str().expect("text").to_owned();
    for name in ["copy.db", "..", ".hidden", &path("inventory.toml"), &path("nowhere/copy.db"), &path("state/backups")]
    {
        scene.said(&["store", "backup", name], 1).await;
    }
    scene.said(&["store", "backup", &path("mine.db")], 0).await;
    let sizes = ["mine.db", "state/backups/copy.db"].map(|name| std::fs::metadata(path(name)).expect("a copy").len());
    assert_eq!(sizes[0], sizes[1]);
    let left = std::fs::read_dir(scene.path()).expect("lists").flatten().map(|entry| entry.file_name());
    assert!(
        !left.map(|name| name.into_string().expect("text")).any(|name| name.contains("partial")),
        "something is left"
    );
    let doctor = scene.said(&["doctor"], 0).await;
    // Whether something starts the last resort is a matter of the machine.
    let is_well = |line: &str| line.starts_with("good") || line.starts_with("NOTE   last resort: ");
    assert!(doctor.lines().all(is_well), "{doctor}");
    let tested = scene.said(&["test-alert"], 0).await;
    assert!(tested.starts_with("sec by email: delivered in "), "{tested}");
    let subject = |mail: &namewarden::sim::sink::Mail| mail.header("Subject").unwrap_or_default();
    let arrived = async {
        while !scene.mail.mails().iter().any(|mail| subject(mail).contains("test")) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), arrived).await.expect("the test message arrives");
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_name_the_thing_and_the_remedy() {
    let scene = Scene::new().await;
    let daemon = scene.daemon().await;
    scene.eventually(&["status"], "well").await;
    let second = scene.verb(&["run"]).await;
    assert_eq!(second.status.code(), Some(1));
    assert!(text(&second.stderr).contains(&format!("in use by process {}", daemon.0.id())), "{}", text(&second.stderr));
    let unknown = scene.verb(&["findings", "show", "nothing@1"]).await;
    assert!(text(&unknown.stderr).contains("namewarden findings list"), "{}", text(&unknown.stderr));
    drop(daemon);
    scene.write("namewarden.toml", &scene.configuration().replace("rss_every", "rss_evry"));
    let typo = scene.verb(&["run"]).await;
    assert_eq!(typo.status.code(), Some(78));
    assert!(text(&typo.stderr).contains("rss_every"), "{}", text(&typo.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn verbs_need_no_credential_and_the_daemon_does() {
    let scene = Scene::new().await;
    let nothing = scene.verb(&["status"]).await;
    assert!(text(&nothing.stdout).contains("there is no store"), "{}", text(&nothing.stdout));
    assert!(!scene.path().join("state").exists(), "who only asks makes nothing");
    drop(scene.daemon().await);
    let configuration =
        format!("{}\n[alert.webhook.siem]\nurl_file = \"url\"\nsecret_file = \"key\"\n", scene.configuration());
    scene.write("namewarden.toml", &configuration);
    for verb in [["status"].as_slice(), &["findings", "list"], &["store", "check"], &["check", "acme-bill"]] {
        let output = scene.verb(verb).await;
        assert!([Some(0), Some(2), Some(3)].contains(&output.status.code()), "{verb:?}: {}", text(&output.stderr));
    }
    let run = scene.verb(&["run"]).await;
    assert_eq!(run.status.code(), Some(78));
    assert!(text(&run.stderr).contains("alert.webhook.siem.url"), "{}", text(&run.stderr));
}

/// By id, key and project in one line; said a second time; and one of them unknown.
#[tokio::test(flavor = "multi_thread")]
async fn cases_are_answered_by_any_name_several_at_once_and_twice() {
    let scene = Scene::new().await;
    let _daemon = scene.daemon().await;
    scene.eventually(&["status"], "2 exposed").await;
    for name in ["acme-billing", "acme-ledger"] {
        scene.sim.world().upload(name, "3.0", "mine now", "mallory", Sim::now()).expect("free");
        scene.eventually(&["findings", "list"], &format!("{name} ~ {name} (exact)")).await;
    }
    let acked = scene.said(&["findings", "ack", "NW-1", "Acme_Ledger"], 0).await;
    assert_eq!(acked, "nw-1 acme-billing is now acknowledged\nnw-2 acme-ledger is now acknowledged\n");
    let history = async || scene.said(&["findings", "show", "nw-1", "--format", "json"], 0).await;
    let before = history().await;
    let again = scene.said(&["findings", "ack", "acme-billing", "nw-2"], 0).await;
    assert_eq!(again, "nw-1 acme-billing is acknowledged already\nnw-2 acme-ledger is acknowledged already\n");
    assert_eq!(history().await, before, "nothing is written twice");
    let key = serde_json::from_str::<serde_json::Value>(&before).expect("one object")["finding"]["key"].to_string();
    let words = ["findings", "resolve", "no-such-case", key.trim_matches('"'), "not/a name", "nw-2"];
    let partly = scene.verb(&words).await;
    assert_eq!(partly.status.code(), Some(1));
    assert_eq!(text(&partly.stdout), "nw-1 acme-billing is now resolved\nnw-2 acme-ledger is now resolved\n");
    assert!(text(&partly.stderr).contains("no cases no-such-case, not/a name;"), "{}", text(&partly.stderr));
    let both = scene.verb(&["findings", "show", "nw-2", "no-such-case", "acme-billing", "nor-this"]).await;
    let (out, err) = (text(&both.stdout), text(&both.stderr));
    assert_eq!(both.status.code(), Some(1), "{err}");
    assert!(out.starts_with("nw-2 acme-ledger@") && out.contains("\n\nnw-1 acme-billing@"), "{out}");
    assert!(err.contains("no case no-such-case;") && err.contains("no case nor-this;"), "{err}");
    let json = scene.said(&["findings", "show", "nw-1", "nw-2", "--format", "json"], 0).await;
    assert_eq!(json.lines().filter(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()).count(), 2);
    let closed = scene.said(&["findings", "ack", "nw-1"], 0).await;
    assert_eq!(closed, "nw-1 acme-billing is resolved already\n");
    let none = "none of these is open; --all shows what is settled, over, or stood before the watch\n";
    assert_eq!(scene.said(&["findings", "list", "--owner", "sec"], 0).await, none);
    let nobody = scene.verb(&["findings", "list", "--owner", "secc"]).await;
    assert_eq!(nobody.status.code(), Some(1));
    assert!(text(&nobody.stderr).contains("did you mean \"sec\"?"), "{}", text(&nobody.stderr));
    let watches = scene.verb(&["inventory", "list", "--owner", "SEC"]).await;
    assert_eq!(watches.status.code(), Some(1));
    assert!(text(&watches.stderr).contains("no owner \"SEC\" in the inventory; did you mean \"sec\"?"));
    scene.said(&["inventory", "list", "--exposure", "takn"], 2).await;
}

/// What the first mail tells to run shows what the mail says was recorded.
#[tokio::test(flavor = "multi_thread")]
async fn the_command_of_the_first_mail_shows_what_it_promises() {
    let scene = Scene::new().await;
    scene.sim.world().upload("acme-billing", "0.1", "stood before", "mallory", Sim::now()).expect("free");
    let _daemon = scene.daemon().await;
    let greeting = async {
        loop {
            let mails = scene.mail.mails();
            let greeting = mails.iter().find(|mail| mail.header("Subject").unwrap_or_default().contains("watches"));
            if let Some(mail) = greeting {
                return mail.text();
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let mail = tokio::time::timeout(Duration::from_secs(60), greeting).await.expect("it arrives");
    let commands: Vec<&str> =
        mail.lines().filter_map(|line| line.trim().strip_prefix("namewarden findings list")).collect();
    let [options] = commands.as_slice() else { panic!("one command in\n{mail}") };
    // The watch is not the system's own, so the command names its configuration; so does `said`.
    let (options, config) = options.split_once(" --config ").expect("a command for this watch");
    assert!(config.ends_with("/namewarden.toml"), "{config}");
    let words: Vec<&str> = ["findings", "list"].into_iter().chain(options.split_whitespace()).collect();
    let listed = scene.said(&words, 0).await;
    assert!(listed.contains("pre-existing") && listed.contains("acme-billing ~ acme-billing"), "{words:?}\n{listed}");
    let shown = scene.said(&["findings", "show", "acme-billing"], 0).await;
    for part in
        ["nw-1 acme-billing@", "pip takes it?  ", "/project/acme-billing/", "(owner sec)", "told\n", "history\n"]
    {
        assert!(shown.contains(part), "{part:?} is missing in\n{shown}");
    }
}
