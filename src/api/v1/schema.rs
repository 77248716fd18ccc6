//! The schemas in `docs/api/v1`: each is what its type says, and nothing that was promised is taken back.
//!
//! `DOCS=write cargo test -p namewarden-api --lib api::v1::schema` writes them, and refuses what breaks a promise. Until a first release a
//! promise is taken back by removing its file.

mod openapi;
mod promise;

use std::fs;
use std::path::{Path, PathBuf};

use promise::{Direction, broken};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::Value;

use super::*;
use crate::gate::{ForeseenRelease, GateReceipt, LearnedRelease, Review};
use crate::model::recall::Recall;

/// One of the files.
struct Subject {
    file: &'static str,
    direction: Direction,
    schema: fn(SchemaGenerator) -> schemars::Schema,
    /// The same as a part of another.
    part: fn(&mut SchemaGenerator) -> schemars::Schema,
}

const fn answer<T: JsonSchema>(file: &'static str) -> Subject {
    Subject {
        file,
        direction: Direction::Read,
        schema: SchemaGenerator::into_root_schema_for::<T>,
        part: SchemaGenerator::subschema_for::<T>,
    }
}

/// What is printed or answered, and what is asked.
const SUBJECTS: &[Subject] = &[
    answer::<Account>("account"),
    answer::<ApiToken>("api-token"),
    answer::<AuditEntry>("audit-entry"),
    answer::<SignInLink>("sign-in-link"),
    answer::<Arrival>("arrival"),
    answer::<Backup>("backup"),
    answer::<CaseFile>("case"),
    answer::<Claim>("claim"),
    answer::<ClaimAgreement>("claim-agreement"),
    answer::<ClaimsApplied>("claims-applied"),
    answer::<PlannedName>("claim-planned"),
    answer::<ClaimRequest>("claim-request"),
    answer::<ClaimRuled>("claim-ruled"),
    answer::<ConfigCheck>("config-check"),
    answer::<Coverage>("coverage"),
    answer::<Cursor>("cursor"),
    answer::<Delivery>("delivery"),
    answer::<Diagnosis>("diagnosis"),
    answer::<Difference>("difference"),
    answer::<ReviewDossier>("dossier"),
    answer::<Finding>("finding"),
    answer::<ForeseenRelease>("foreseen"),
    answer::<GateStanding>("gate-standing"),
    answer::<Glance>("glance"),
    answer::<Initialized>("initialized"),
    answer::<Judged>("judged"),
    answer::<LearnedRelease>("learned"),
    answer::<Lint>("lint"),
    answer::<Loss>("loss"),
    answer::<Metrics>("metrics"),
    answer::<Next>("next"),
    answer::<NoStatus>("no-status"),
    answer::<Notice>("notice"),
    answer::<Package>("package"),
    answer::<PackageText>("package-text"),
    answer::<Page<Value>>("page"),
    answer::<Pass>("pass"),
    answer::<Preview>("preview"),
    answer::<Probed>("probed"),
    answer::<Problem>("problem"),
    answer::<Project>("project"),
    answer::<Proposed>("proposed"),
    answer::<GateReceipt>("receipt"),
    answer::<Recall>("recall"),
    answer::<Reload>("reload"),
    answer::<Report>("report"),
    answer::<ReportFile>("report-file"),
    answer::<Reread>("reread"),
    answer::<Reported>("reported"),
    answer::<Review>("review"),
    answer::<Rule>("rule"),
    answer::<Ruled>("ruled"),
    answer::<Simulator>("simulator"),
    answer::<Status>("status"),
    answer::<StoreCheck>("store-check"),
    answer::<Unwell>("unwell"),
    answer::<Watch>("watch"),
    answer::<Work>("work"),
    Subject {
        file: "command",
        direction: Direction::Written,
        schema: SchemaGenerator::into_root_schema_for::<Command>,
        part: SchemaGenerator::subschema_for::<Command>,
    },
];

fn directory() -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/api/v1")).to_owned()
}

/// As the type says now; draft 7, which every validator knows.
fn schema(subject: &Subject) -> Value {
    let settings = SchemaSettings::draft07();
    let settings = match subject.direction {
        Direction::Read => settings.for_serialize(),
        Direction::Written => settings.for_deserialize(),
    };
    (subject.schema)(settings.into_generator()).to_value()
}

fn recorded(subject: &Subject) -> Option<Value> {
    let text = fs::read_to_string(directory().join(subject.file).with_extension("json")).ok()?;
    Some(serde_json::from_str(&text).expect("a schema is JSON"))
}

#[expect(clippy::disallowed_methods, reason = "asked by whoever runs the test")]
fn is_to_be_written() -> bool {
    std::env::var_os("DOCS").is_some()
}

#[test]
fn nothing_that_was_promised_is_taken_back() {
    for subject in SUBJECTS {
        let breaks = recorded(subject).map(|old| broken(&old, &schema(subject), subject.direction)).unwrap_or_default();
        assert!(breaks.is_empty(), "{} breaks version 1:\n  {}", subject.file, breaks.join("\n  "));
    }
}

#[test]
fn each_schema_is_what_its_type_says() {
    nothing_that_was_promised_is_taken_back();
    for subject in SUBJECTS {
        let (now, path) = (schema(subject), directory().join(subject.file).with_extension("json"));
        if is_to_be_written() {
            fs::write(&path, serde_json::to_string_pretty(&now).expect("plain") + "\n").expect("writable");
        }
        let why = "the type and its schema differ: DOCS=write cargo test -p namewarden-api --lib api::v1::schema";
        assert!(recorded(subject).as_ref() == Some(&now), "docs/api/v1/{}.json: {why}", subject.file);
    }
}

#[test]
fn every_file_has_a_type() {
    let files = fs::read_dir(directory()).expect("there").map(|entry| entry.expect("an entry").file_name());
    let files = files.map(|name| name.to_string_lossy().replace(".json", ""));
    let mut files: Vec<String> = files.filter(|name| name != "openapi").collect();
    let mut subjects: Vec<String> = SUBJECTS.iter().map(|subject| subject.file.to_owned()).collect();
    files.sort();
    subjects.sort();
    assert_eq!(files, subjects);
}
