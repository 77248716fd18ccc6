//! What programs read, from the real binary and over the real socket, against the schemas in `docs/api/v1`, by a validator
//! that is not ours (fastjsonschema). Which verb prints what is read from `docs/json.md`, and which command is answered by
//! what from `docs/api/v1/command.json`: where they and the program differ, one of them is wrong.

mod socket;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;

use serde_json::{Value, json};

use super::trial::{Ran, trial, verbs, with_json};
use super::*;

const PAGE: &str = include_str!("../../../docs/json.md");

/// What stands between backticks.
fn spans(text: &str) -> impl Iterator<Item = String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned)
}

/// The schemas of `a.json`, `b.json`.
fn schemas(text: &str) -> Vec<String> {
    spans(text).filter_map(|span| span.strip_suffix(".json").map(str::to_owned)).collect()
}

/// The schemas of each verb, by the page.
fn promised() -> BTreeMap<String, Vec<String>> {
    let rows = PAGE.lines().filter(|line| line.starts_with("| `"));
    let cells = rows.map(|row| row.trim_matches('|').split_once('|').expect("two cells"));
    cells.flat_map(|(named, printed)| spans(named).map(move |verb| (verb, schemas(printed)))).collect()
}

/// One thing that was printed or answered, and what it may be.
struct Said {
    by: String,
    schemas: Vec<String>,
    value: Value,
}

/// Asks the validator; gives which schema each of them is of. `None`, with the reason, where it is of none.
fn judged(said: &[Said]) -> Vec<Result<String, String>> {
    let python = python().join("bin/python");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/program/verbs/replies/validate.py");
    let schemas = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/api/v1");
    let mut command = Command::new(python);
    command.arg(script).arg(schemas).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut validator = command.spawn().expect("the environment of the clients");
    let all: Vec<Value> = said.iter().map(|said| json!({"schemas": said.schemas, "value": said.value})).collect();
    let mut input = validator.stdin.take().expect("piped");
    let all = serde_json::to_vec(&all).expect("plain");
    let writer = std::thread::spawn(move || input.write_all(&all));
    let output = validator.wait_with_output().expect("ends");
    writer.join().expect("writes").expect("written");
    let verdicts: Vec<[Option<String>; 2]> = serde_json::from_slice(&output.stdout).expect("JSON");
    verdicts.into_iter().map(|[is, why]| is.ok_or_else(|| why.unwrap_or_default())).collect()
}

#[expect(clippy::disallowed_methods, reason = "tests/run says where its Python is")]
fn python() -> std::path::PathBuf {
    std::env::var_os("NAMEWARDEN_TEST_VENV").expect("NAMEWARDEN_TEST_VENV names the client venv").into()
}

/// Every one is of a schema that it may be of, and each of these was seen.
fn all_are_as_promised(said: &[Said]) {
    let judged = judged(said);
    let wrong = said.iter().zip(&judged).filter_map(|(said, is)| Some((said, is.as_ref().err()?)));
    let wrong: Vec<String> = wrong.map(|(said, why)| format!("{}: {why}\n  {}", said.by, said.value)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let seen: BTreeSet<(&str, &str)> =
        said.iter().zip(&judged).filter_map(|(said, is)| Some((said.by.as_str(), is.as_deref().ok()?))).collect();
    for said in said {
        for schema in &said.schemas {
            assert!(seen.contains(&(said.by.as_str(), schema.as_str())), "{}: no {schema}.json was seen", said.by);
        }
    }
}

/// Every line of its output, and the problem that it ended with.
fn printed(ran: &Ran, promised: &BTreeMap<String, Vec<String>>) -> Vec<Said> {
    let line = |line: &str| -> Value {
        serde_json::from_str(line).unwrap_or_else(|error| panic!("{}: {error}\n{line}", ran.line))
    };
    let said = |schemas: &[String], by: String, text| Said { by, schemas: schemas.to_vec(), value: line(text) };
    let problem = ran.err.lines().filter(|line| line.starts_with('{'));
    let problems = problem.map(|text| said(&["problem".to_owned()], format!("{} (problem)", ran.line), text));
    let lines = ran.out.lines().map(|text| said(&promised[&ran.verb], ran.verb.clone(), text));
    lines.chain(problems).collect()
}

#[test]
fn every_verb_has_its_line_on_the_page_and_every_schema_its_place() {
    let promised = promised();
    let told: BTreeSet<String> = promised.keys().cloned().collect();
    assert_eq!(with_json(), told, "verbs with --format json, and the table of docs/json.md");
    let without = PAGE.split("\n\n").find(|part| part.contains(" have no JSON")).expect("it says which have none");
    let without: BTreeSet<String> = spans(without).collect();
    let all: BTreeSet<String> = told.union(&without).cloned().collect();
    assert_eq!(*verbs(), all, "every verb prints JSON, or docs/json.md says why not");
    let of_commands = socket::answers().into_values().collect::<BTreeSet<String>>();
    let of_page: BTreeSet<String> =
        spans(PAGE).filter_map(|span| span.strip_suffix(".json").map(str::to_owned)).collect();
    let named: BTreeSet<&String> = of_commands.iter().chain(&of_page).collect();
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/api/v1")).expect("there") {
        let file = entry.expect("an entry").file_name().to_string_lossy().replace(".json", "");
        assert!(named.contains(&file), "nothing says where {file}.json is used");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the client venv; tests/run provides it"]
async fn what_every_verb_prints_is_of_its_schema() {
    let (trial, promised) = (trial(true).await, promised());
    let ran: Vec<&Ran> = trial.ran.iter().filter(|ran| promised.contains_key(&ran.verb)).collect();
    let seen: BTreeSet<String> = ran.iter().map(|ran| ran.verb.clone()).collect();
    assert_eq!(seen, promised.keys().cloned().collect(), "each was run");
    for ran in &ran {
        let is_told =
            ran.status == 0 || ran.status == 3 || ["status", "doctor", "last-resort"].contains(&ran.verb.as_str());
        assert!(
            is_told || ran.err.lines().last().is_some_and(|last| last.starts_with('{')),
            "{}: {}",
            ran.line,
            ran.err
        );
    }
    let said: Vec<Said> = ran.into_iter().flat_map(|ran| printed(ran, &promised)).collect();
    all_are_as_promised(&said);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the client venv; tests/run provides it"]
async fn what_the_socket_answers_is_of_its_schema() {
    all_are_as_promised(&socket::answered().await);
}
