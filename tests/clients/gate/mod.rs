//! The gate as a process, between installers and two simulated indexes: PyPI and the company's own.

mod agree;
mod decided;
mod downloads;
mod ends;
mod evidence;
mod installers;
mod kills;
mod logins;
mod merged;
mod preview;
mod recalled;
mod records;
mod reported;
mod setup;
mod shared;
mod spoken;
mod told;
mod tool;
mod trials;
mod trouble;
mod with_run;

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use namewarden::model::Serial;
use namewarden::sim::{Options, Order, Sim, World, free_port};

use crate::sim::wire::{Answer, get_with};

const JSON: (&str, &str) = ("accept", "application/vnd.pypi.simple.v1+json");

/// Both indexes, and the gate in front of them.
struct Stage {
    pypi: Sim,
    /// The company's own.
    private: Sim,
    dir: tempfile::TempDir,
    port: u16,
    gate: Child,
}

impl Drop for Stage {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.gate.kill();
        let _ = self.gate.wait();
    }
}

/// An index with these releases: project, version, days ago.
async fn index(releases: &[(&str, &str, i64)]) -> Sim {
    let mut world = World::empty(Order::default(), Serial(100));
    for (name, version, days) in releases {
        let at = Sim::now() - TimeDelta::days(*days);
        let known = world.project(&namewarden::model::ProjectName::parse(name).expect("valid")).is_some();
        match known {
            false => world.upload(name, version, "of use", "mallory", at).map(drop).expect("free"),
            true => world.release(name, version, "of use", at).map(drop).expect("there"),
        }
    }
    Sim::start(world, Options::default()).await.expect("a free port")
}

/// What PyPI has: something old and its newest release, something new, and a stranger under the company's names.
const PYPI: &[(&str, &str, i64)] = &[
    ("widgets", "1.0", 90),
    ("widgets", "1.1", 2),
    ("brandnew", "1.0", 3),
    ("acme-billing", "99.0", 90),
    ("acme-int-tools", "5.0", 90),
];
const PRIVATE: &[(&str, &str, i64)] = &[("acme-billing", "1.0", 0), ("acme-unlisted", "2.0", 0)];
const INVENTORY: &str = "[owners.sec]\nemail = [\"sec@acme.example\"]\nnames = [\"acme-billing\", \"acme-planned\"]\n\
                         [[prefix]]\ntext = \"acme-int-*\"\nowner = \"sec\"\nexclusive = true\n";

impl Stage {
    async fn new() -> Self {
        Self::with("", true).await
    }

    /// `more`: keys of `[gate]`. `private`: is there an index of the company's own?
    async fn with(more: &str, private: bool) -> Self {
        let own = index(PRIVATE).await;
        let root = private.then(|| format!("{}/simple/", own.base_url()));
        Self::before(own, more, root.as_deref()).await
    }

    /// `root`: where the company's index is, be it the simulated one or another.
    async fn before(own: Sim, more: &str, root: Option<&str>) -> Self {
        let pypi = index(PYPI).await;
        let (dir, port) = (tempfile::tempdir().expect("a directory"), free_port().expect("a port"));
        let section = root.map(|root| format!("[gate.private]\nindex = \"{root}\"\n")).unwrap_or_default();
        let text = format!(
            "contact = \"sec@acme.example\"\ninventory = \"inventory.toml\"\n[pypi]\nbase = \"{}\"\n[http]\ntimeout = \"3s\"\n\
             [alert]\ndefault_owner = \"sec\"\n[alert.email]\nhost = \"127.0.0.1\"\nfrom = \"namewarden@acme.example\"\n\
             [gate]\nlisten = \"127.0.0.1:{port}\"\ncache = \"{}\"\nstate = \"gate\"\n\
             control_socket = \"gate.sock\"\n{more}{section}",
            pypi.base_url(),
            dir.path().join("cache").display()
        );
        std::fs::write(dir.path().join("namewarden.toml"), text).expect("written");
        std::fs::write(dir.path().join("inventory.toml"), INVENTORY).expect("written");
        let gate = started(dir.path(), port, None).await;
        Self { pypi, private: own, dir, port, gate }
    }

    fn index(&self) -> String {
        format!("http://127.0.0.1:{}/simple/", self.port)
    }

    async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        get_with(&format!("http://127.0.0.1:{}", self.port), path, headers).await
    }

    /// Starts it again with another key of `[gate]`.
    async fn restart_with(&mut self, key: &str) {
        self.rewrite("[gate]\n", &format!("[gate]\n{key}\n"));
        self.restart().await;
    }

    /// From its next start on.
    fn rewrite(&self, before: &str, after: &str) {
        let config = self.dir.path().join("namewarden.toml");
        let text = std::fs::read_to_string(&config).expect("reads");
        std::fs::write(&config, text.replace(before, after)).expect("written");
    }

    /// Kills it where it stands, and starts it again.
    async fn restart(&mut self) {
        self.restart_to_die_at(None).await;
    }

    /// The same; the new one dies at this step.
    async fn restart_to_die_at(&mut self, step: Option<&str>) {
        // It may be dead.
        let _ = self.gate.kill();
        self.gate.wait().expect("ended");
        self.gate = started(self.dir.path(), self.port, step).await;
    }
}

/// The program, on a machine whose list of users has those that decide here, where root runs the tests: a person has a name.
fn among_users(dir: &Path) -> Command {
    let namewarden = env!("CARGO_BIN_EXE_namewarden");
    if std::fs::metadata(dir).expect("is there").uid() != 0 {
        return Command::new(namewarden);
    }
    let own = std::fs::read_to_string("/etc/passwd").expect("reads");
    let line = |(name, uid): (&str, u32)| format!("{name}:x:{uid}:{uid}::/:/bin/sh\n");
    let users = own + &decided::USERS.map(line).concat();
    std::fs::write(dir.join("passwd"), users).expect("written");
    let mut command = Command::new("unshare");
    command.args(["--mount", "--propagation", "private", "sh", "-ec"]);
    command
        .arg("mount --bind \"$1\" /etc/passwd; shift; exec \"$@\"")
        .arg("sh")
        .arg(dir.join("passwd"))
        .arg(namewarden);
    command
}

/// One that dies at this step, where one is named.
async fn started(dir: &Path, port: u16, step: Option<&str>) -> Child {
    let mut command = among_users(dir);
    command.args(["gate", "--config"]).arg(dir.join("namewarden.toml")).stderr(Stdio::inherit());
    if let Some(step) = step {
        command.args(["--crash-at", step]);
    }
    let gate = command.spawn().expect("starts");
    let began = Instant::now();
    while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
        assert!(began.elapsed() < Duration::from_secs(20), "the gate never listened");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    gate
}
