//! Every verb, run so that it ends in each way that it can: what `endings` and `replies` look at.

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::sync::LazyLock;

use clap::CommandFactory as _;
use namewarden::cli::Cli;
use namewarden::sim::{Fault, free_port};

use super::*;

/// Beside a daemon that has nothing to complain of.
const WELL: &[(&str, i32)] = &[
    ("status", 0),
    ("doctor", 0),
    ("init --dir fresh", 0),
    ("init --dir fresh", 1),
    ("check unrelated --inventory own.txt", 0),
    ("check acme-biling --inventory own.txt", 3),
    ("check acme --inventory none.txt", 1),
    ("scan --index clear.txt", 0),
    ("scan --index names.txt", 3),
    ("scan --index none.txt", 1),
    ("preview", 0),
    ("preview --budget 0", 3),
    ("preview --index none.txt", 1),
    ("rules", 0),
    ("rules > full", 1),
    ("inventory list", 0),
    ("inventory list --limit 1", 0),
    ("inventory list --owner nobody", 1),
    ("inventory lint", 0),
    ("inventory lint doubtful.toml --fail-on note", 3),
    ("inventory lint none.txt", 1),
    ("inventory import own.txt --no-preview", 0),
    ("inventory import famous.toml --budget 0", 3),
    ("inventory import none.txt", 1),
    ("inventory diff inventory.toml inventory.toml", 0),
    ("inventory diff inventory.toml own.txt", 3),
    ("inventory diff none.txt none.txt", 1),
    ("findings list", 0),
    ("findings list --limit 1", 0),
    ("findings list --owner nobody", 1),
    ("findings show nw-1 nw-2", 0),
    ("findings show nw-1 nothing", 1),
    ("findings ack nw-1 nw-2", 0),
    ("findings ack nothing nw-1", 1),
    ("findings snooze nw-1 --for 8h", 0),
    ("findings snooze nothing --for 1h", 1),
    ("findings resolve nw-1 --note moved", 0),
    ("findings resolve nothing", 1),
    ("findings reopen nw-1", 0),
    ("findings reopen nothing", 1),
    ("findings suppress nw-1", 0),
    ("findings suppress nothing", 1),
    ("claim build acme-billing --out built", 0),
    ("claim build nothing --out built", 1),
    ("report", 0),
    ("report --format csv --table reviews", 0),
    ("report --owner nobody", 1),
    ("report > full", 1),
    ("user list", 0),
    ("user add ada --role admin --generate", 0),
    ("user list > full", 1),
    ("user add ada --role admin --generate", 1),
    ("user role ada responder", 0),
    ("user role nobody viewer", 1),
    ("user password ada --generate", 0),
    ("user password ada", 1),
    ("user password nobody --no-password", 1),
    ("user link ada", 0),
    ("user link nobody", 1),
    ("token create ci --scope read --user ada", 0),
    ("token create ci --scope admin --user ada", 1),
    ("token list", 0),
    ("token list > full", 1),
    ("token revoke 1", 0),
    ("token revoke 1", 1),
    ("user remove ada", 0),
    ("user remove ada", 1),
    ("audit", 0),
    ("audit --since 7d --limit 1", 0),
    ("audit > full", 1),
    ("metrics", 0),
    ("metrics > full", 1),
    ("claim texts --out texts", 0),
    ("claim upload --once", 78),
    ("claim texts --out /dev/null/texts", 1),
    ("gate login ci-1", 0),
    ("gate login ci-1 > full", 1),
    ("gate setup pip", 0),
    ("gate setup poetry --write", 1),
    ("gate setup pipenv --write", 0),
    ("gate setup pipenv --write --gate https://other.example", 3),
    ("gate setup --check Pipfile", 0),
    ("test-alert", 0),
    ("test-alert --owner nobody", 1),
    ("config check", 0),
    ("config check > full", 1),
    ("inventory apply", 0),
    ("reload", 0),
    ("reconcile --dry-run", 0),
    ("reconcile", 0),
    ("reconcile > full", 1),
    ("cursor get", 0),
    ("cursor get > full", 1),
    ("store check", 0),
    ("store check > full", 1),
    ("store backup", 0),
    ("store backup ./mine.db", 0),
    ("store backup ./mine.db", 1),
    ("last-resort", 1),
    ("last-resort --unit namewarden-upload", 0),
    ("last-resort --config nobody.toml", 1),
    ("completions bash", 0),
    ("completions fish > full", 1),
    ("man", 0),
    ("man /dev/null/man1", 1),
];

/// How these end depends on who runs them: root is nobody in particular, and two persons agree to a claim.
const OF_PEOPLE: &[&str] = &[
    "claim plan",
    "claim propose acme-ledger",
    "claim approve acme-ledger",
    "claim reject acme-ledger",
    "claim retry acme-ledger",
    "claim abandon acme-ledger",
    "claim apply",
    "claim status",
    "claim request",
    "claim agree https://pypi.example/support/1",
];

/// Names that nobody can read have come.
const UNREADABLE: &[(&str, i32)] = &[
    ("status", 1),
    ("doctor", 1),
    ("health list", 0),
    ("health list --limit 1", 0),
    ("health list > full", 1),
    ("health ack nothing", 1),
    ("health ack unreadable:changelog", 0),
    ("health ack unreadable:index", 0),
];

/// The inventory lost half of its names.
const HELD: &[(&str, i32)] = &[("inventory apply", 3), ("reload", 3)];
/// The inventory is no TOML.
const BROKEN: &[(&str, i32)] = &[("inventory apply", 1), ("reload", 1), ("gate", 1)];

/// No gate runs.
const NO_GATE: &[(&str, i32)] = &[
    ("gate reviews", 1),
    ("gate show 1", 1),
    ("gate approve 1 --reason safe", 1),
    ("gate reject 1 --reason bad", 1),
    ("gate reopen 1 --reason mistake", 1),
    ("gate who acme-ledgers", 1),
    ("gate recalls", 1),
    ("gate --check", 0),
    ("gate records", 1),
    ("gate preview --received 1d", 1),
    ("gate learn --list", 1),
    ("gate share export --name acme", 1),
    ("gate share import names.txt", 1),
];

/// One runs, and holds something. Whoever runs it is no person to it.
const OF_GATE: &[(&str, i32)] = &[
    ("gate reviews", 0),
    ("gate show 1", 0),
    ("gate show 7", 1),
    ("gate approve 1 --reason safe", 1),
    ("gate reject 1 --reason bad", 0),
    ("gate reject 1 --reason bad", 1),
    ("gate reject acme-ledgers==9.9 --reason bad", 0),
    ("gate reopen 1 --reason mistake", 1),
    ("gate who acme-ledgers", 0),
    ("gate recalls", 0),
    ("gate preview --received 1d", 0),
    ("gate preview pins.txt", 3),
    ("gate learn --list", 0),
    ("gate learn pins.txt", 3),
    ("gate share export --name acme", 0),
];

/// The daemon is gone.
const ALONE: &[(&str, i32)] = &[
    ("status", 2),
    ("status --config none.toml", 3),
    ("findings list --all", 0),
    ("test-alert --owner sec", 0),
    ("store accept-loss", 0),
];

/// And so is the store.
const LOST: &[(&str, i32)] = &[("store accept-loss", 1), ("store accept-loss --yes", 0)];

/// Where it keeps files, and a port that is free.
const GATE: &str =
    "[gate]\nlisten = \"127.0.0.1:PORT\"\ncache = \"cache\"\nstate = \"gate\"\ncontrol_socket = \"gate.sock\"\n";

const CLAIM: &str = "[claim]\ncompany = \"Acme Corp\"\ncontact = \"python-packages@acme.example\"\n";

/// How one of them ended.
pub(super) struct Ran {
    pub(super) line: String,
    /// The verb, as `findings list`.
    pub(super) verb: String,
    pub(super) status: i32,
    pub(super) out: String,
    pub(super) err: String,
}

/// Every verb of the command line; asked for at each line that is run, and building a command line takes long.
pub(super) fn verbs() -> &'static BTreeSet<String> {
    static VERBS: LazyLock<BTreeSet<String>> = LazyLock::new(all_verbs);
    &VERBS
}

fn all_verbs() -> BTreeSet<String> {
    fn below(command: &clap::Command, above: &str, all: &mut BTreeSet<String>) {
        for verb in command.get_subcommands() {
            let path = format!("{above} {}", verb.get_name());
            match verb.has_subcommands() {
                true if verb.is_subcommand_required_set() => below(verb, &path, all),
                stands_alone => {
                    all.insert(path.trim_start().to_owned());
                    if stands_alone {
                        below(verb, &path, all);
                    }
                }
            }
        }
    }
    let mut all = BTreeSet::new();
    below(&Cli::command(), "", &mut all);
    all
}

/// Those that print JSON.
pub(super) fn with_json() -> BTreeSet<String> {
    let mut line = Cli::command();
    line.build();
    let is_json = |verb: &&String| {
        let found = verb.split(' ').fold(&line, |above, word| above.find_subcommand(word).expect("a verb"));
        let format = found.get_arguments().find(|argument| argument.get_id() == "format");
        format.is_some_and(|format| format.get_possible_values().iter().any(|value| value.get_name() == "json"))
    };
    verbs().iter().filter(is_json).cloned().collect()
}

/// The verb that a line begins with.
pub(super) fn verb_of(line: &str) -> String {
    let words: Vec<&str> = line.split(' ').collect();
    let known = verbs();
    let first = |number: usize| words.get(..number).map(|first| first.join(" ")).filter(|first| known.contains(first));
    first(3).or_else(|| first(2)).unwrap_or_else(|| words[0].to_owned())
}

/// A scene, and what was run in it.
pub(super) struct Trial {
    pub(super) scene: Scene,
    json: bool,
    pub(super) ran: Vec<Ran>,
}

impl Trial {
    /// Two cases, their facts known, and files for all that can be named on a command line.
    pub(super) async fn prepared(json: bool) -> (Self, Daemon) {
        let scene = Scene::new().await;
        scene.write(
            "namewarden.toml",
            &(scene.configuration() + &GATE.replace("PORT", &free_port().expect("a port").to_string()) + CLAIM),
        );
        let port = format!("port = {}", scene.mail.address().port());
        scene.write("nobody.toml", &scene.configuration().replace(&port, "port = 9"));
        scene.write("own.txt", "acme-billing\n");
        scene.write("pins.txt", &format!("acme-ledgers==3.0 --hash=sha256:{}\n", "ab".repeat(32)));
        scene.write("clear.txt", "unrelated\nelsewhere\n");
        scene.write("names.txt", "acme-billing\nacme-biling\nunrelated\n");
        scene.write("doubtful.toml", "names = [\"acme-billing\", \"acme_billing\"]\n");
        scene.write("famous.toml", "names = [\"requests\"]\n");
        let daemon = scene.daemon().await;
        scene.eventually(&["status"], "2 exposed").await;
        for name in ["acme-billing", "acme-ledgers"] {
            scene.sim.world().upload(name, "3.0", "mine now", "mallory", Sim::now()).expect("free");
            scene.eventually(&["findings", "list"], &format!("{name} ~ ")).await;
            scene.eventually(&["findings", "show", name], "delivered (registered)").await;
        }
        scene.eventually(&["status"], "OK").await;
        (Self { scene, json, ran: Vec::new() }, daemon)
    }

    /// Runs a line in the directory of the configuration; `> full` gives it an output that takes nothing.
    pub(super) async fn run(&mut self, line: &str) -> i32 {
        let verb = verb_of(line);
        let (words, full) = line.strip_suffix(" > full").map_or((line, false), |words| (words, true));
        let mut command = Command::new(NAMEWARDEN);
        command.args(words.split(' ')).current_dir(self.scene.path()).env("USER", "ada").env_remove("SUDO_USER");
        if !words.contains("--config") {
            command.args(["--config", "namewarden.toml"]);
        }
        if self.json && with_json().contains(&verb) {
            command.args(["--format", "json"]);
        }
        let output = tokio::task::spawn_blocking(move || {
            if full {
                command.stdout(OpenOptions::new().write(true).open("/dev/full").expect("Linux"));
            }
            command.stdin(Stdio::null()).stderr(Stdio::piped());
            if !full {
                command.stdout(Stdio::piped());
            }
            command.spawn().and_then(Child::wait_with_output)
        });
        let output = output.await.expect("runs").expect("starts");
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        let status = output.status.code().expect("an exit status");
        self.ran.push(Ran { line: line.to_owned(), verb, status, out, err });
        status
    }

    async fn all(&mut self, lines: &[(&str, i32)]) {
        // What is asked for in another form has no JSON.
        let json = self.json;
        for (line, wanted) in lines.iter().filter(|(line, _)| !(json && line.contains("--format"))) {
            let status = self.run(line).await;
            let ran = self.ran.last().expect("it ran");
            assert_eq!(status, *wanted, "{line}\n{}\n{}", ran.out, ran.err);
        }
    }

    fn keep(&mut self, line: &str, status: i32, out: String) {
        self.ran.push(Ran { line: line.to_owned(), verb: verb_of(line), status, out, err: String::new() });
    }

    /// The daemon, until it is told to stop.
    async fn stopped(&mut self) {
        std::fs::remove_file(self.scene.path().join("control.sock")).expect("what the one that was killed left");
        let mut daemon = self.scene.daemon().await;
        signal("TERM", &daemon.0);
        let status = tokio::task::spawn_blocking(move || daemon.0.wait()).await.expect("runs").expect("ends");
        self.keep("run", status.code().expect("no death by a signal"), String::new());
    }

    /// A gate that listens and holds something, until it is told to stop.
    async fn gated(&mut self) {
        let mut command = Command::new(NAMEWARDEN);
        command.args(["gate", "--config", "namewarden.toml"]).current_dir(self.scene.path()).stderr(Stdio::piped());
        let mut gate = Daemon(command.spawn().expect("starts"));
        let log = BufReader::new(gate.0.stderr.take().expect("piped")).lines();
        let mut log = log.map(|line| line.expect("text"));
        let listens = log.find(|line| line.contains("clients use http://")).expect("it says so");
        let (_, address) = listens.split_once("clients use http://").expect("it does");
        let reading = std::thread::spawn(move || log.count());
        let host = address.split('/').next().expect("a host").to_owned();
        ask_for_what_is_held(&host);
        self.all(OF_GATE).await;
        signal("TERM", &gate.0);
        let status = gate.0.wait().expect("ends").code().expect("no death by a signal");
        reading.join().expect("it was read");
        self.keep("gate", status, String::new());
    }

    /// A simulator at which something arrives, until Ctrl-C.
    fn simulated(&mut self) {
        let mut command = Command::new(NAMEWARDEN);
        command.args(["sim", "--smtp", "0", "--webhook", "0", "--format", "json"]).stdout(Stdio::piped());
        let mut sim = Daemon(command.spawn().expect("starts"));
        let mut lines = BufReader::new(sim.0.stdout.take().expect("piped")).lines();
        let mut line = || lines.next().expect("a line").expect("text");
        let place = line();
        let place_json: serde_json::Value = serde_json::from_str(&place).expect("one object");
        let webhooks = place_json["webhooks"].as_str().expect("an address").trim_start_matches("http://");
        let (host, _) = webhooks.split_once('/').unwrap_or((webhooks, ""));
        let mut stream = TcpStream::connect(host).expect("it listens");
        write!(stream, "POST /hook HTTP/1.1\r\nhost: {host}\r\ncontent-length: 2\r\n\r\n{{}}").expect("written");
        let arrival = line();
        signal("INT", &sim.0);
        let status = sim.0.wait().expect("ends").code().expect("no death by a signal");
        self.keep("sim", status, format!("{place}\n{arrival}\n"));
    }
}

/// What a stranger registered a moment ago, which nobody gets.
fn ask_for_what_is_held(host: &str) {
    let get = |path: &str| {
        let mut stream = TcpStream::connect(host).expect("it listens");
        write!(stream, "GET {path} HTTP/1.0\r\nhost: {host}\r\naccept: application/vnd.pypi.simple.v1+json\r\n\r\n")
            .expect("written");
        let mut answer = String::new();
        std::io::Read::read_to_string(&mut stream, &mut answer).expect("an answer");
        answer
    };
    let page = get("/simple/acme-ledgers/");
    let (_, file) = page.split_once("/files/").expect("a file");
    let refused = get(&format!("/files/{}", file.split('"').next().expect("its end")));
    assert!(refused.starts_with("HTTP/1.0 451") || refused.starts_with("HTTP/1.1 451"), "{refused}");
}

fn signal(name: &str, child: &Child) {
    let sent = Command::new("sh").arg("-c").arg(format!("kill -{name} {}", child.id())).status();
    assert!(sent.expect("sh runs").success(), "the process stands to be signalled");
}

/// Runs all of it, and stays with the scene.
pub(super) async fn trial(json: bool) -> Trial {
    let (mut trial, daemon) = Trial::prepared(json).await;
    trial.all(WELL).await;
    for line in OF_PEOPLE {
        trial.run(line).await;
    }
    let cursor = trial.scene.said(&["cursor", "get"], 0).await;
    trial.all(&[(&format!("cursor set {}", cursor.trim()), 0), ("cursor set 1 > full", 1)]).await;
    trial.all(&[("run", 1)]).await;
    trial.all(NO_GATE).await;
    trial.scene.unreadable().await;
    trial.all(UNREADABLE).await;
    trial.scene.write("inventory.toml", "[owners.sec]\nemail = [\"sec@acme.example\"]\nnames = [\"acme-tax\"]\n");
    trial.all(HELD).await;
    trial.scene.write("inventory.toml", "names = [");
    trial.all(BROKEN).await;
    trial.scene.write("inventory.toml", INVENTORY);
    trial.all(&[("reload", 0)]).await;
    drop(daemon);
    trial.all(ALONE).await;
    trial.stopped().await;
    trial.gated().await;
    tokio::task::block_in_place(|| trial.simulated());
    trial.all(&[("sim > full", 1), ("demo --once", 0), ("demo --once > full", 1)]).await;
    std::fs::remove_file(trial.scene.path().join("state/namewarden.db")).expect("a store");
    trial.all(LOST).await;
    trial
}

impl Scene {
    /// Names come that nobody can read, beside a creation.
    pub(super) async fn unreadable(&self) {
        self.sim.faults().start(Fault::Unreadable);
        self.sim.world().create("plain", "somebody", Sim::now()).expect("free");
        self.eventually(&["health", "list"], "unreadable:changelog").await;
        self.said(&["reconcile"], 0).await;
        self.eventually(&["health", "list"], "unreadable:index").await;
        self.sim.faults().stop(Fault::Unreadable);
    }
}
