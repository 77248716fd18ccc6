//! A gate that `run` starts: what it is handed, how it ends with the daemon, and how it comes back.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use namewarden::sim::sink::SmtpSink;
use namewarden::sim::{Sim, free_port};

use super::{INVENTORY, PRIVATE, PYPI, index};
use crate::crash::letter::Letter;
use crate::crash::program::Program;
use crate::crash::wait_for;
use crate::sim::wire::get_with;

const PATIENCE: Duration = Duration::from_secs(60);

/// A daemon's world, and the port of the gate that belongs to it.
struct House {
    _pypi: Sim,
    _private: Sim,
    mail: SmtpSink,
    dir: tempfile::TempDir,
    port: u16,
}

impl House {
    async fn new() -> Self {
        let (pypi, private) = (index(PYPI).await, index(PRIVATE).await);
        let mail = SmtpSink::start(0).await.expect("a port");
        let (dir, port) = (tempfile::tempdir().expect("a directory"), free_port().expect("a port"));
        let text = format!(
            "contact = \"sec@acme.example\"\ninventory = \"inventory.toml\"\nstate_dir = \"state\"\n[pypi]\nbase = \"{}\"\n\
             [alert]\ndefault_owner = \"sec\"\ncanary = false\n\
             [alert.email]\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nfrom = \"namewarden@acme.example\"\n\
             [control]\nsocket = \"control.sock\"\n[gate]\nwith_run = true\nlisten = \"127.0.0.1:{port}\"\ncache = \"cache\"\n\
             state = \"gate\"\ncontrol_socket = \"gate.sock\"\n[gate.private]\nindex = \"{}/simple/\"\n",
            pypi.base_url(),
            mail.address().port(),
            private.base_url(),
        );
        fs::write(dir.path().join("namewarden.toml"), text).expect("written");
        fs::write(dir.path().join("inventory.toml"), INVENTORY).expect("written");
        Self { _pypi: pypi, _private: private, mail, dir, port }
    }

    fn config(&self) -> PathBuf {
        self.dir.path().join("namewarden.toml")
    }

    fn listens(&self) -> bool {
        std::net::TcpStream::connect(("127.0.0.1", self.port)).is_ok()
    }

    /// The gate of this daemon, once it listens.
    async fn gate_of(&self, daemon: &Program) -> u32 {
        let gate = || self.listens().then(|| child_of(daemon.pid())).flatten();
        wait_for("the gate", PATIENCE, gate).await
    }

    async fn is_gone(&self, gate: u32) {
        let gone = || (!Path::new(&format!("/proc/{gate}/fd/0")).exists() && !self.listens()).then_some(());
        wait_for("the end of the gate", PATIENCE, gone).await;
    }
}

/// The one process that this one has started.
fn child_of(pid: u32) -> Option<u32> {
    let of_it = format!("PPid:\t{pid}\n");
    let is_its =
        |other: &u32| fs::read_to_string(format!("/proc/{other}/status")).is_ok_and(|status| status.contains(&of_it));
    let all = fs::read_dir("/proc").ok()?.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    all.into_iter().find(is_its)
}

fn kill(pid: u32) {
    let killed = Command::new("kill").args(["-KILL", &pid.to_string()]).status();
    assert!(killed.expect("runs").success(), "it was there");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gate_that_run_starts_has_nothing_of_it_and_lives_as_long() {
    let house = House::new().await;
    let daemon = Program::start(&house.config(), None);
    let gate = house.gate_of(&daemon).await;
    let page = get_with(&format!("http://127.0.0.1:{}", house.port), "/simple/acme-billing/", &[]).await;
    assert!(page.status == 200 && !page.text().contains("99.0"), "{}", page.text());
    let environment = fs::read(format!("/proc/{gate}/environ")).expect("ours");
    let environment = String::from_utf8_lossy(&environment).into_owned();
    let handed_on = environment.split('\0').filter(|line| !line.is_empty() && *line != "NO_COLOR=1");
    assert_eq!(handed_on.collect::<Vec<_>>(), ["LANG=C.UTF-8"], "the daemon has more, PATH for one");
    kill(gate);
    let another = wait_for("another gate", PATIENCE, || child_of(daemon.pid()).filter(|now| *now != gate)).await;
    assert_eq!(house.gate_of(&daemon).await, another);
    daemon.kill();
    house.is_gone(another).await;
    let daemon = Program::start(&house.config(), None);
    let last = house.gate_of(&daemon).await;
    daemon.stop().await;
    house.is_gone(last).await;
}

/// It parses, and no gate starts with it.
#[tokio::test(flavor = "multi_thread")]
async fn a_reload_ends_no_gate_for_one_that_would_not_start() {
    let house = House::new().await;
    let daemon = Program::start(&house.config(), None);
    let gate = house.gate_of(&daemon).await;
    let reload = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_namewarden"));
        let output = command.args(["reload", "--config"]).arg(house.config()).output().expect("starts");
        let said = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8_lossy(&said).into_owned())
    };
    let good = fs::read_to_string(house.config()).expect("reads");
    fs::write(house.config(), good.replace("[gate]\n", "[gate]\nmalware.records = \"no-such.zip\"\n"))
        .expect("written");
    let (status, said) = reload();
    assert!(status == Some(1) && said.contains("no-such.zip cannot be read"), "{status:?}: {said}");
    assert!(said.contains("the gate would not start with it") && said.contains("stays in force"), "{said}");
    assert!(child_of(daemon.pid()) == Some(gate) && house.listens(), "it goes on");
    fs::write(house.config(), good.replace("[gate]\n", "[gate]\nfile_age = \"9d\"\n")).expect("written");
    let (status, said) = reload();
    assert!(status == Some(0) && said.contains("gate.file_age"), "{status:?}: {said}");
    let another = wait_for("another gate", PATIENCE, || child_of(daemon.pid()).filter(|now| *now != gate)).await;
    assert_eq!(house.gate_of(&daemon).await, another);
    daemon.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gate_that_cannot_run_is_told_and_is_there_once_it_can() {
    let house = House::new().await;
    let in_its_place = TcpListener::bind(("127.0.0.1", house.port)).expect("free");
    let mut daemon = Program::start(&house.config(), None);
    daemon.says("has ended with exit status: 1, and nothing is installed through it", 2, PATIENCE).await;
    daemon.says("cannot listen at", 1, PATIENCE).await;
    let words = |letter: &Letter| letter.text.split_whitespace().collect::<Vec<_>>().join(" ");
    let letters = || house.mail.mails().iter().map(Letter::of).map(|letter| words(&letter)).collect::<Vec<_>>();
    let told = |text: &String| text.contains("starts has ended with exit status: 1");
    wait_for("the mail", PATIENCE, || letters().into_iter().find(told)).await;
    drop(in_its_place);
    house.gate_of(&daemon).await;
    daemon.stop().await;
}
