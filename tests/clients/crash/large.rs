//! The large storm: all of PyPI, 2,000 registrations, 20 kills, a real mail server in its own process.
//!
//! `NAMEWARDEN_NAMES` is the list of names (as for `namewarden sim --names`), `NAMEWARDEN_TEST_VENV` a Python
//! environment with aiosmtpd; `tests/run --full` sets both. `NAMEWARDEN_SEED` repeats a run.

use std::collections::HashSet;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use namewarden::model::stdlib;
use namewarden::sim::sink::HttpSink;
use namewarden::sim::{Loader, Options, Order, Sim};

use super::inventory;
use super::letter::{Letter, Ring};
use super::place::{Place, Plan};
use super::storm::{Act, Dice, Fate, Storm};

const REGISTRATIONS: usize = 2_000;
const KILLS: u32 = 20;
const LENGTH: Duration = Duration::from_secs(200);
const FEEDS: &str = "changelog_every = \"1s\"\nrss_every = \"2s\"";

#[tokio::test(flavor = "multi_thread")]
#[ignore = "long: tests/run --full"]
async fn twenty_kills_over_all_of_pypi_lose_nothing() {
    let mut dice = Dice::thrown();
    let mut loader = Loader::read(&given("NAMEWARDEN_NAMES", "the list of names")).expect("a list of names");
    let acts = acts(&mut loader);
    let options = Options { xmlrpc_quota: 1_000_000, ..Options::default() };
    let sim = Sim::start(loader.world(Order::default()), options).await.expect("a free port");
    println!("{} projects stand, {} will be registered", sim.world().len(), acts.len());
    let mail = MailServer::start();
    let hook = HttpSink::start(0).await.expect("a port");
    let place = Place::new(&Plan {
        pypi: sim.base_url(),
        smtp_port: mail.port,
        hook: &hook.base_url(),
        feeds: FEEDS,
        inventory: &inventory::text(),
    });
    let storm = Storm {
        sim: &sim,
        place: &place,
        mails: || mail.letters(),
        rings: || hook.posts().iter().map(Ring::of).collect(),
        patience: Duration::from_secs(180),
    };
    storm.rage(&acts, LENGTH, KILLS, &mut dice).await;
}

#[expect(clippy::disallowed_methods, reason = "a test is told where things are")]
fn given(variable: &str, what: &str) -> PathBuf {
    std::env::var_os(variable).unwrap_or_else(|| panic!("set {variable} to {what}")).into()
}

/// Forty aimed at the inventory, the others real names held back from the list. Of both, ten are removed within
/// seconds, ten get no release, and ten are quarantined at once.
fn acts(loader: &mut Loader) -> Vec<Act> {
    let fate = |number: usize| match number {
        0..10 => Fate::Removed,
        10..20 => Fate::Empty,
        20..30 => Fate::Quarantined,
        _ => Fate::Stays,
    };
    let aimed: Vec<String> = inventory::names().collect();
    loader.leave_out(aimed.iter().map(String::as_str));
    let others = held_back(loader, REGISTRATIONS - aimed.len());
    let act = |aimed: bool| move |(number, name): (usize, String)| Act { name, fate: fate(number), aimed };
    let others: Vec<Act> = others.into_iter().enumerate().map(act(false)).collect();
    aimed.into_iter().enumerate().map(act(true)).chain(others).collect()
}

/// Takes so many names out of the list that PyPI would take. A few old pairs are too similar for its rules of today;
/// those are left out altogether.
fn held_back(loader: &mut Loader, count: usize) -> Vec<String> {
    let rows = loader.withhold(count + count / 4);
    let mut forms: HashSet<String> = loader.rows().iter().map(|row| row.name.ultranormal()).collect();
    let mut names = Vec::with_capacity(count);
    for row in rows {
        if names.len() < count && !stdlib::is_stdlib(&row.name) && forms.insert(row.name.ultranormal()) {
            names.push(row.name.to_string());
        }
    }
    assert_eq!(names.len(), count, "the list is long enough");
    names
}

/// aiosmtpd as a process. Dropping it ends it.
struct MailServer {
    process: Child,
    port: u16,
    letters: Arc<Mutex<Vec<Letter>>>,
}

impl MailServer {
    fn start() -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/crash/smtp_server.py");
        let mut command = Command::new(crate::python_program("python"));
        let mut process =
            command.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("Python starts");
        let mut lines = BufReader::new(process.stdout.take().expect("piped")).lines();
        let port = lines.next().expect("aiosmtpd is installed").expect("text").parse().expect("its port");
        let letters: Arc<Mutex<Vec<Letter>>> = Arc::default();
        let kept = Arc::clone(&letters);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let letter = serde_json::from_str(&line).expect("a mail with our headers");
                kept.lock().unwrap_or_else(PoisonError::into_inner).push(letter);
            }
        });
        Self { process, port, letters }
    }

    fn letters(&self) -> Vec<Letter> {
        self.letters.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
