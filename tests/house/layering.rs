//! The architecture, as far as a program can check it: who imports whom, who may do what, and how long things get.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::source::{self, FACES, How, Named, Source, files, modules, root};

/// Imports run upwards in this table: a module imports what stands in a row above its own, never a peer.
const LAYERS: &[&[&str]] = &[
    &["model"],
    &["clock", "crowd", "failpoint", "logging"],
    &["config", "store", "upstream", "matcher", "messages"],
    // A control socket: the daemon has one, and the gate.
    &["registry", "socket"],
    // What people's files say: one reader for every verb.
    &["lists"],
    &["watchlist"],
    // The only code that creates findings and notices.
    &["cases"],
    // Channels carry them.
    &["reports"],
    &["delivery", "schedule", "replay", "claims", "access", "gate"],
    &["api"],
    &["daemon"],
    &["cli"],
    &["main"],
];

/// Those that may import less than their row says: judging and deciding are pure, and the simulator is a stranger.
const NARROW: &[(&str, &[&str])] = &[
    ("matcher", &["model"]),
    ("messages", &["model"]),
    ("sim", &["model"]),
    // What may publish is out of its reach by `BANS`.
    ("gate", &["model", "clock", "crowd", "failpoint", "config", "upstream", "registry", "socket"]),
];

/// The simulator is for the demo, for `sim` and for tests.
const MAY_IMPORT_SIM: &[&str] = &["cli"];

/// What only some files may name, and why.
const BANS: &[Ban] = &[
    Ban { what: &["rusqlite"], only: ENGINES, why: "an engine is known in its own folder; PostgreSQL comes beside it" },
    Ban { what: &["Client", "builder"], only: &["src/upstream/"], why: "every client has limits and a User-Agent" },
    Ban { what: &["Client", "new"], only: &["src/upstream/"], why: "every client has limits and a User-Agent" },
    Ban { what: &["ClientBuilder"], only: &["src/upstream/"], why: "every client has limits and a User-Agent" },
    Ban { what: &["reqwest", "get"], only: &["src/upstream/"], why: "every client has limits and a User-Agent" },
    // The demo asks for the temporary directory.
    Ban {
        what: &["std", "env"],
        only: &["src/config/", "src/cli/demo.rs", "src/cli/instance.rs"],
        why: "the environment is configuration",
    },
    Ban {
        what: &["upstream", "local"],
        only: &[
            "src/cli/client.rs",
            "src/cli/client/asking.rs",
            "src/cli/gate/ask.rs",
            "src/api/ask_gate.rs",
            "src/daemon/reviews.rs",
        ],
        why: "verbs ask the daemon by /api/v1 and a gate at its own socket, the daemon asks the gate, and nothing else is said on this machine",
    },
    Ban { what: &["Utc", "now"], only: CLOCKS, why: "tests move the clock" },
    Ban { what: &["Local", "now"], only: &[], why: "all times are UTC" },
    Ban { what: &["SystemTime", "now"], only: CLOCKS, why: "tests move the clock" },
    Ban { what: &["tokio", "spawn"], only: SPAWNERS, why: "a task that ends by itself has to end the process" },
    Ban { what: &["task", "spawn"], only: SPAWNERS, why: "a task that ends by itself has to end the process" },
    Ban { what: &["process", "exit"], only: &[], why: "exiting loses what is in flight" },
    Ban { what: &["namewarden_api"], only: &[], why: FACE },
    Ban { what: &["namewarden_base"], only: &[], why: FACE },
    Ban { what: &["namewarden_gate"], only: &[], why: FACE },
    Ban { what: &["namewarden_sim"], only: &[], why: FACE },
    Ban { what: &["namewarden_watch"], only: &[], why: FACE },
    Ban { what: &["upload_token"], only: UPLOADERS, why: "what may publish is in the hands of the uploader alone" },
    Ban { what: &["upload_client"], only: UPLOADERS, why: "what may publish is in the hands of the uploader alone" },
    Ban {
        what: &["upload", "Uploader"],
        only: UPLOADERS,
        why: "what may publish is in the hands of the uploader alone",
    },
];
/// The faces of packages may, which are none of these files.
const FACE: &str = "a module is `crate::NAME` wherever it is, so that LAYERS sees who imports it";
/// Where the token for uploads is read, what it is used by, and the verb that is the uploader.
const UPLOADERS: &[&str] =
    &["src/config/", "src/registry/", "src/claims/uploader/", "src/cli/claim/upload/", "src/cli/claim/upload.rs"];
/// The only folders that know an engine: the store's, and that of what the gate writes down, which may not import the store.
const ENGINES: &[&str] = &["src/store/sqlite/", GATES];
const GATES: &str = "src/gate/records/";
const CLOCKS: &[&str] = &["src/clock.rs", "src/sim/now.rs"];
const SPAWNERS: &[&str] = &["src/daemon/", "src/sim/"];

/// The pure set has no effects: nothing to wait for, to read or to write.
const PURE: &[&str] = &["model", "matcher", "messages"];
const EFFECTS: &[&str] = &["tokio", "reqwest", "rusqlite", "lettre", "axum"];

const FUNCTION_LINES: usize = 60;
const FILE_CODE_LINES: usize = 250;

struct Ban {
    what: &'static [&'static str],
    only: &'static [&'static str],
    why: &'static str,
}

fn row(module: &str) -> Option<usize> {
    LAYERS.iter().position(|row| row.contains(&module))
}

/// The module of ours that a path leads into.
fn target(named: &Named) -> Option<&str> {
    let [first, second, ..] = named.segments.as_slice() else { return None };
    ["crate", "namewarden"].contains(&first.as_str()).then_some(second.as_str())
}

fn may_import(from: &str, to: &str) -> bool {
    if let Some((_, narrow)) = NARROW.iter().find(|(module, _)| *module == from) {
        return narrow.contains(&to);
    }
    if to == "sim" {
        return MAY_IMPORT_SIM.contains(&from);
    }
    match (row(from), row(to)) {
        (Some(from), Some(to)) => to < from,
        _ => false,
    }
}

/// Everything but tests, and but the faces of packages, which only list the modules.
pub(crate) fn product() -> Vec<&'static Source> {
    modules().iter().filter(|source| !source.test && !FACES.contains(&source.path.as_str())).collect()
}

fn none(offenders: BTreeSet<String>, rule: &str) {
    let list: Vec<String> = offenders.into_iter().collect();
    assert!(list.is_empty(), "{rule}:\n  {}", list.join("\n  "));
}

/// Imports against the order of the layers.
pub(crate) fn back_arrows() -> BTreeSet<String> {
    let mut offenders = BTreeSet::new();
    for source in product() {
        let from = source.top();
        for named in &source.names {
            let Some(to) = target(named).filter(|to| *to != from) else { continue };
            if !may_import(from, to) {
                offenders.insert(format!(
                    "{}:{} {from} imports {}",
                    source.path,
                    named.line,
                    named.segments.join("::")
                ));
            }
        }
    }
    offenders
}

#[test]
fn imports_run_one_way() {
    none(back_arrows(), "imports that run the wrong way (LAYERS in tests/house/layering.rs)");
}

#[test]
fn every_module_has_a_layer() {
    let placed: BTreeSet<String> = product().iter().map(|source| source.top().to_owned()).collect();
    let known: BTreeSet<String> = LAYERS.concat().into_iter().chain(["sim"]).map(str::to_owned).collect();
    assert_eq!(placed, known, "modules and LAYERS differ");
}

#[test]
fn every_file_is_part_of_a_module() {
    let reached: BTreeSet<String> = modules().iter().map(|source| source.path.clone()).collect();
    let there: BTreeSet<String> = files("src", ".rs").into_iter().collect();
    assert_eq!(there, reached, "files that no `mod` names");
}

#[test]
fn every_file_says_what_it_is() {
    let all = ["src", "tests", "benches"].map(|dir| files(dir, ".rs")).concat();
    assert!(all.len() > 100, "the sources were not found");
    let opens = |path: &String| fs::read_to_string(root().join(path)).expect("readable").starts_with("//! ");
    none(all.into_iter().filter(|path| !opens(path)).collect(), "files that do not open with `//! `");
}

#[test]
fn effects_stay_where_they_belong() {
    let mut offenders = BTreeSet::new();
    for source in product() {
        for named in &source.names {
            let banned = BANS.iter().filter(|ban| names(named, ban.what) && !is_in(&source.path, ban.only));
            offenders.extend(banned.map(|ban| offence(source, named, ban.why)));
        }
    }
    none(offenders, "effects out of place (BANS in tests/house/layering.rs)");
}

fn names(named: &Named, what: &[&str]) -> bool {
    named.segments.windows(what.len()).any(|window| window == what)
}

fn is_in(path: &str, places: &[&str]) -> bool {
    places.iter().any(|place| path.starts_with(place))
}

fn offence(source: &Source, named: &Named, why: &str) -> String {
    format!("{}:{} {}: {why}", source.path, named.line, named.segments.join("::"))
}

/// Tests of `layers/base` alone have a second registry and its feed: what goes by one of them elsewhere would be seen by no test.
#[test]
fn registries_and_feeds_are_told_apart_in_base_alone() {
    let base = fs::read_to_string(root().join("src/base_layer.rs")).expect("readable");
    let is_of_base = |source: &Source| base.contains(&format!("mod {};", source.top()));
    let (mut offenders, mut inside) = (BTreeSet::new(), 0);
    for source in modules() {
        let text = fs::read_to_string(root().join(&source.path)).expect("readable");
        let arms = text.lines().enumerate().filter(|(_, line)| line.contains("=>") && is_registry_or_feed(line));
        for (at, _) in arms {
            match is_of_base(source) {
                true => inside += 1,
                false => drop(offenders.insert(format!("{}:{}", source.path, at + 1))),
            }
        }
    }
    assert!(inside > 5, "only {inside} arms were recognised");
    none(offenders, "a `match` on a registry or a feed outside of base: give the value a method there");
}

fn is_registry_or_feed(line: &str) -> bool {
    let arm = line.trim_start().split("=>").next().unwrap_or_default();
    ["Registry::", "Feed::", "Some(Registry::", "Some(Feed::"].iter().any(|start| arm.starts_with(start))
}

#[test]
fn the_middle_is_pure() {
    let mut offenders = BTreeSet::new();
    for source in product().iter().filter(|source| PURE.contains(&source.top())) {
        for named in &source.names {
            let first = named.segments.first().map_or("", String::as_str);
            let reads_files = named.segments.starts_with(&["std".to_owned(), "fs".to_owned()]);
            if EFFECTS.contains(&first) || reads_files {
                offenders.insert(offence(source, named, "this module is pure"));
            }
        }
    }
    none(offenders, "effects in the pure middle");
}

#[test]
fn sql_is_written_in_the_store_only() {
    const SQL: &[&str] =
        &["SELECT ", "INSERT ", "UPDATE ", "DELETE FROM ", "CREATE ", "ALTER TABLE", "DROP ", "PRAGMA ", " WHERE "];
    let (mut offenders, mut inside) = (BTreeSet::new(), 0);
    for source in product() {
        for (line, text) in &source.strings {
            match SQL.iter().any(|word| text.contains(word)) {
                true if is_in(&source.path, &["src/store/", GATES]) => inside += 1,
                true => drop(offenders.insert(format!("{}:{line} {text:?}", source.path))),
                false => {}
            }
        }
    }
    assert!(inside > 20, "only {inside} statements were recognised in the store");
    none(offenders, "SQL outside of src/store and src/gate/records");
}

/// Nothing that is `pub` in the engine's folder speaks of the engine: its types end there, and so do its errors.
#[test]
fn no_type_of_the_engine_leaves_its_folder() {
    let (mut offenders, mut inside) = (BTreeSet::new(), 0);
    for source in product().iter().filter(|source| is_in(&source.path, ENGINES)) {
        let names = engines(source);
        inside += usize::from(names.len() > 1);
        let text = fs::read_to_string(root().join(&source.path)).expect("readable");
        for (line, words) in crate::surface::surface(&text) {
            let named = words.iter().filter(|word| names.contains(*word));
            offenders.extend(named.map(|word| format!("{}:{line} {word}", source.path)));
        }
    }
    assert!(inside > 3, "only {inside} files were seen to use rusqlite");
    none(offenders, "types of rusqlite in what is `pub`");
}

/// What a file calls the engine and what it imports of it.
fn engines(source: &Source) -> BTreeSet<String> {
    let imported = source.names.iter().filter(|named| named.segments[0] == "rusqlite");
    let called = imported.filter_map(|named| match &named.how {
        How::Imported { called } | How::PassedOn { called } => Some(called.clone()),
        How::Mentioned => None,
    });
    called.chain(["rusqlite".to_owned()]).collect()
}

/// A log is for people and for `journalctl`: fields have names and plain values, none is Rust's own `Debug` text.
#[test]
fn the_log_speaks_no_rust() {
    const MACROS: [&str; 5] = ["error!(", "warn!(", "info!(", "debug!(", "trace!("];
    let (mut offenders, mut seen) = (BTreeSet::new(), 0);
    for path in files("src", ".rs") {
        let text = fs::read_to_string(root().join(&path)).expect("readable");
        for (at, _) in text.match_indices("tracing::") {
            let rest = &text[at + "tracing::".len()..];
            let Some(name) = MACROS.iter().find(|name| rest.starts_with(**name)) else { continue };
            let call = &rest[name.len()..rest.find(");").unwrap_or(rest.len())];
            seen += 1;
            if is_debug(call) {
                offenders.insert(format!("{path}: {}", call.split_whitespace().collect::<Vec<_>>().join(" ")));
            }
        }
    }
    assert!(seen > 30, "only {seen} lines of the log were found");
    assert!(
        is_debug("?applied, \"x\"")
            && is_debug("a, b = ?c, \"x\"")
            && is_debug("\"{x:?}\"")
            && !is_debug("%a, \"why?\"")
    );
    none(offenders, "a log line with Rust's own text for a value: give its parts as fields, or `%value`");
}

/// `?value`, `field = ?value` or `{:?}`.
fn is_debug(call: &str) -> bool {
    let sigil = call.split(',').any(|part| {
        let part = part.trim();
        part.starts_with('?') || part.split_once('=').is_some_and(|(_, value)| value.trim().starts_with('?'))
    });
    sigil || call.contains(":?}")
}

#[test]
fn one_file_knows_the_public_addresses() {
    let hosts = [["pypi", ".org"].concat(), ["pythonhosted", ".org"].concat()];
    let text = |path: &String| fs::read(root().join(path)).unwrap_or_default();
    let knows = |path: &String| {
        let text = String::from_utf8_lossy(&text(path)).to_lowercase();
        hosts.iter().any(|host| text.contains(host))
    };
    let knowing: Vec<String> = files("", "").into_iter().filter(knows).collect();
    assert_eq!(knowing, ["src/registry/pypi/addresses.rs"]);
}

#[test]
fn functions_and_files_stay_readable() {
    let mut offenders = BTreeSet::new();
    for source in product() {
        let long = source.functions.iter().filter(|(_, _, lines)| *lines > FUNCTION_LINES);
        offenders.extend(long.map(|(name, line, lines)| format!("{}:{line} fn {name}: {lines} lines", source.path)));
        if source.code_lines > FILE_CODE_LINES {
            offenders.insert(format!("{}: {} lines of code", source.path, source.code_lines));
        }
    }
    none(
        offenders,
        &format!("longer than {FUNCTION_LINES} lines a function or {FILE_CODE_LINES} lines of code a file"),
    );
}

/// Ceilings of the median and of the 90th percentile. The figures: `cargo test --test house -- --nocapture whole`.
#[test]
fn the_whole_stays_readable() {
    let product = product();
    let files = product.iter().map(|source| source.code_lines).collect();
    let functions = product.iter().flat_map(|source| &source.functions).map(|(_, _, lines)| *lines).collect();
    let mut by_module = BTreeMap::<&str, usize>::new();
    for source in &product {
        *by_module.entry(source.top()).or_default() += source.code_lines;
    }
    println!("code lines by module: {by_module:?}, {} in all", by_module.values().sum::<usize>());
    for (what, lines, median, ninth) in [("files", files, 110, 180), ("functions", functions, 10, 30)] {
        let mut lines: Vec<usize> = lines;
        lines.sort_unstable();
        let at = |percent: usize| lines[(lines.len() - 1) * percent / 100];
        println!("{} {what}: p50 {}, p90 {}, longest {}", lines.len(), at(50), at(90), at(100));
        assert!(
            at(50) <= median && at(90) <= ninth,
            "{what} have grown: p50 {} of {median}, p90 {} of {ninth}",
            at(50),
            at(90)
        );
    }
}

/// The checks above are only as good as the reader: every way to name something, and what is left out.
#[test]
fn the_reader_reads_right() {
    let text = r##"//! A file.

use crate::store::{Store, sql::Row as R};
use super::super::daemon::*;

/// Documentation of `crate::cli`.
fn act(name: &str) -> R {
    // A comment.
    let now = chrono::Utc::now();
    format!("SELECT {}", crate::api::page(name))
}

mod inner {
    use super::sibling;
}

#[cfg(test)]
mod tests {
    use crate::cli::Cli;
}

#[cfg(any(test, feature = "testing"))]
mod samples;
"##;
    let module = ["messages".to_owned(), "slack".to_owned()];
    let (source, children) = source::parse("src/messages/mod.rs", text.to_owned(), module.to_vec(), false);
    let ours: Vec<String> = source
        .names
        .iter()
        .filter(|named| target(named).is_some())
        .map(|named| format!("{} {}", named.line, named.segments.join("::")))
        .collect();
    assert_eq!(
        ours,
        [
            "3 crate::store::Store",
            "3 crate::store::sql::Row",
            "4 crate::daemon",
            "10 crate::api",
            "10 crate::api::page",
            "14 crate::messages::slack::sibling",
        ]
    );
    assert!(source.names.iter().any(|named| names(named, &["Utc", "now"]) && named.line == 9));
    assert_eq!(source.strings, [(10, "SELECT {}".to_owned())]);
    assert_eq!(source.functions, [("act".to_owned(), 7, 5)]);
    assert_eq!(source.code_lines, 9);
    assert_eq!(children, [("samples".to_owned(), true)]);
    assert_eq!(source.top(), "messages");
    assert!(!may_import("messages", "store") && !may_import("store", "config") && !may_import("api", "daemon"));
    assert!(may_import("cli", "sim") && !may_import("daemon", "sim") && may_import("delivery", "cases"));
}
