//! The trials of five installers, as a table: the gate as their only index, in each state in which it may be, and the gate beside PyPI, as
//! people leave it. What they are asked for is resolved, or was locked before there were rules.

mod edge;

use std::path::Path;

use chrono::TimeDelta;
use namewarden::sim::{Fault, Sim};

use super::tool::{By, Tool, Wants};
use super::{INVENTORY, PRIVATE, Stage, index};
use edge::Edge;

const TABLE: &str = include_str!("trials.txt");

/// A name, how it is installed, and what is asked for (of a lock: its group).
type Trial = (&'static str, By, &'static [&'static str]);

/// What was resolved while nothing was held, and nobody knew that `nightly` would be ours.
const LOCKED: &Wants = &[
    ("ours", &["acme-billing"]),
    ("known", &["gizmos"]),
    ("held", &["widgets"]),
    ("new", &["brandnew"]),
    ("rejected", &["gadgets"]),
    ("malware", &["sprockets"]),
    ("internal", &["nightly"]),
];

/// PyPI has a higher version of each name of ours.
const RULED: [Trial; 12] = [
    ("confusion", By::Index, &["acme-billing", "acme-unlisted"]),
    ("planned", By::Index, &["acme-planned"]),
    ("what is newer is held, rejected or malware", By::Index, &["widgets", "gadgets", "sprockets"]),
    ("held, pinned", By::Index, &["widgets==1.1"]),
    ("new project", By::Index, &["brandnew"]),
    ("rejected, pinned", By::Index, &["gadgets==2.0"]),
    ("malware, pinned", By::Index, &["sprockets==2.0"]),
    ("held, locked", By::Lock, &["held"]),
    ("new project, locked", By::Lock, &["new"]),
    ("rejected, locked", By::Lock, &["rejected"]),
    ("malware, locked", By::Lock, &["malware"]),
    ("ours by now, locked", By::Lock, &["internal"]),
];
const DOWN: [Trial; 3] = [
    ("known", By::Index, &["gizmos", "widgets", "acme-billing"]),
    ("known, locked", By::Lock, &["known"]),
    ("not known", By::Index, &["cogs"]),
];
const PRIVATE_DOWN: [Trial; 3] = [
    ("ours", By::Index, &["acme-billing"]),
    ("ours, locked", By::Lock, &["ours"]),
    ("of PyPI", By::Index, &["gizmos"]),
];
/// Poetry asks again and again where a gate answers 503, for half a minute a trial: one of them shows what it makes of that.
const SOON_DONE: [Tool; 4] = [Tool::Pip, Tool::Uv, Tool::Pdm, Tool::Pipenv];
const UNDECIDED: [Trial; 2] = [("of PyPI", By::Index, &["gizmos"]), ("of PyPI, locked", By::Lock, &["known"])];

/// All that may ever be installed through the gate alone.
const GOOD: [&str; 6] =
    ["acme-billing 1.0", "acme-unlisted 2.0", "widgets 1.0", "gadgets 1.0", "sprockets 1.0", "gizmos 1.0"];

/// What installers may print of it, in the order in which the table says so.
const WORDS: [&str; 11] = [
    "held until",
    "a new project",
    "rejected by",
    "it calls home",
    "see https://watch.acme.example/gate/reviews/",
    "malware by MAL-2026-1",
    "internal by acme-planned",
    "internal by nightly",
    "PyPI does not answer",
    "the private index does not answer",
    "the records of malware cannot be read yet",
];

/// What one installer does of one trial: what it installed, and what it said.
fn outcome(tool: Tool, (_, by, wants): Trial, indexes: &[String], locks: &Path) -> String {
    let dir = tempfile::tempdir().expect("a directory");
    let group = match by {
        By::Index => "wanted",
        By::Lock => wants[0],
    };
    match by {
        By::Index => tool.project(dir.path(), &[("wanted", wants)], indexes),
        By::Lock => Tool::checked_out(&locks.join(tool.name()), dir.path()),
    }
    let ran = tool.install(dir.path(), by, group, indexes);
    let said = String::from_utf8_lossy(&[ran.stdout, ran.stderr].concat()).into_owned();
    let took: Vec<String> =
        Tool::installed(dir.path()).into_iter().map(|(name, version)| format!("{name} {version}")).collect();
    assert_eq!(ran.status.success(), !took.is_empty(), "{tool:?} {wants:?} {took:?}: {said}");
    let is_only = indexes.len() == 1;
    assert!(!is_only || took.iter().all(|one| GOOD.contains(&one.as_str())), "{tool:?} {wants:?}: {took:?}");
    // Terminals are narrow, and some break within words.
    let squeezed = |text: &str| text.split_whitespace().collect::<String>();
    let said = squeezed(&said);
    let told = WORDS.into_iter().filter(|words| said.contains(&squeezed(words)));
    let took = if took.is_empty() { "nothing".to_owned() } else { took.join(", ") };
    std::iter::once(took).chain(told.map(|words| format!("\"{words}\""))).collect::<Vec<_>>().join(" | ")
}

/// Lines of the table: these installers at once, each with one trial after the other.
fn tried(state: &str, trials: &[Trial], tools: &[Tool], indexes: &[String], locks: &Path) -> String {
    let of_tool = |tool: Tool| trials.iter().map(|trial| outcome(tool, *trial, indexes, locks)).collect::<Vec<_>>();
    let of_tools = std::thread::scope(|scope| {
        let tools: Vec<_> = tools.iter().map(|tool| (*tool, scope.spawn(move || of_tool(*tool)))).collect();
        tools.into_iter().map(|(tool, run)| (tool, run.join().expect("no panic"))).collect::<Vec<_>>()
    });
    let line = |at: usize, (tool, outcomes): &(Tool, Vec<String>)| {
        format!("{state}{} | {} | {}\n", trials[at].0, tool.name(), outcomes[at])
    };
    (0..trials.len()).flat_map(|at| of_tools.iter().map(move |one| line(at, one))).collect()
}

/// Each locks what there is.
fn locked(indexes: &[String]) -> tempfile::TempDir {
    let locks = tempfile::tempdir().expect("a directory");
    std::thread::scope(|scope| {
        for tool in Tool::ALL {
            let dir = locks.path().join(tool.name());
            scope.spawn(move || {
                std::fs::create_dir(&dir).expect("made");
                tool.project(&dir, LOCKED, indexes);
                tool.lock(&dir, LOCKED, indexes);
            });
        }
    });
    locks
}

impl Stage {
    /// One that holds nothing yet, before an index of our own that is behind this.
    async fn before_rules() -> (Self, Edge) {
        let own = index(PRIVATE).await;
        let edge = Edge::before(own.base_url());
        let root = format!("{}/simple/", edge.address());
        let keys = "mode = \"observe\"\ndashboard_url = \"https://watch.acme.example\"\n";
        let stage = Self::before(own, keys, Some(&root)).await;
        {
            let mut pypi = stage.pypi.world();
            for (name, versions) in [
                ("gadgets", &["1.0", "2.0"][..]),
                ("sprockets", &["1.0", "2.0"]),
                ("gizmos", &["1.0"]),
                ("cogs", &["1.0"]),
            ] {
                let at = Sim::now() - TimeDelta::days(90);
                pypi.upload(name, versions[0], "of use", "ada", at).expect("free");
                for version in &versions[1..] {
                    pypi.release(name, version, "of use", at).expect("there");
                }
            }
            for name in ["acme-unlisted", "acme-planned", "nightly"] {
                pypi.upload(name, "99.0", "mine", "mallory", Sim::now()).expect("free");
            }
        }
        (stage, edge)
    }

    /// From now on it goes by rules, decisions and records.
    async fn begin_to_rule(&mut self) {
        let inventory = INVENTORY.replace("\"acme-planned\"", "\"acme-planned\", \"nightly\"");
        std::fs::write(self.dir.path().join("inventory.toml"), inventory).expect("written");
        self.recorded("MAL-2026-1", "sprockets", "2.0");
        self.rewrite("mode = \"observe\"\n", "malware.records = \"osv\"\n");
        self.restart().await;
        let (status, said) = self.verb(None, &["reject", "gadgets==2.0", "--reason", "it calls home"]);
        assert_eq!(status, 0, "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the client venv; tests/run provides it"]
async fn where_the_gate_is_the_only_index_no_installer_takes_the_wrong_one() {
    let (mut stage, edge) = Stage::before_rules().await;
    let (only, both) = ([stage.index()], [stage.index(), format!("{}/simple/", stage.pypi.base_url())]);
    let locks = locked(&only);
    let locks = locks.path();
    stage.begin_to_rule().await;
    let head = "# The trial, the installer, what it installs, and which words it prints. `tests/clients/gate/trials.rs` makes it.\n";
    let mut table = head.to_owned() + &tried("", &RULED, &Tool::ALL, &only, locks);
    assert!(!stage.pypi.log().mentions("acme"), "whoever has the gate alone tells PyPI of no name of ours");
    for known in ["gizmos", "acme-billing"] {
        assert_eq!(stage.get(&stage.first(known).await, &[]).await.status, 200, "somebody had it");
    }
    stage.pypi.faults().start(Fault::Refused);
    stage.restart().await;
    table += &tried("PyPI is down: ", &DOWN, &Tool::ALL, &only, locks);
    stage.pypi.faults().stop(Fault::Refused);
    edge.breaks(true);
    stage.restart().await;
    table += &tried("the private index answers 502: ", &PRIVATE_DOWN, &SOON_DONE, &only, locks);
    edge.breaks(false);
    // Where they were, nobody knows which there are.
    std::fs::remove_dir_all(stage.dir.path().join("osv")).expect("there");
    stage.restart().await;
    table += &tried("no records of malware: ", &UNDECIDED, &SOON_DONE, &only, locks);
    assert!(!stage.pypi.log().mentions("acme"), "nor in any state");
    stage.recorded("MAL-2026-1", "sprockets", "2.0");
    stage.restart().await;
    table += &tried("PyPI beside the gate: ", &RULED[..2], &Tool::ALL, &both, locks);
    assert!(stage.pypi.log().mentions("acme"));
    assert_eq!(table, TABLE, "{table}");
}
