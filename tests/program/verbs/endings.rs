//! The exit statuses of `docs/exit-status.md`, each seen.

use std::collections::{BTreeMap, BTreeSet};

use namewarden::cli::endings::ENDINGS;

use super::trial::{trial, verbs};
use super::*;

/// What needs more of a world than there is here, an uploader with its token: tests/clients/claims/once.rs sees them. What takes a
/// person who does not run the gate: tests/clients/gate/decided.rs sees it. A list that is signed: tests/clients/gate/shared.rs. Records of
/// malware: tests/clients/gate/records.rs.
const NOT_HERE: &[(&str, i32)] = &[
    ("claim upload", 0),
    ("claim upload", 1),
    ("claim upload", 75),
    ("gate approve", 0),
    ("gate reopen", 0),
    ("gate share import", 0),
    ("gate records", 0),
    ("gate records", 3),
];

/// Wrong usage of every verb, and a configuration that is not there for each that reads one.
async fn usage_and_configuration(scene: &Scene, lines: &BTreeMap<String, String>) -> Vec<(String, i32)> {
    let mut seen = Vec::new();
    for verb in verbs().clone() {
        let words = |line: &str, more: &[&str]| {
            let mut command = Command::new(NAMEWARDEN);
            command.args(line.split(' ')).args(more).current_dir(scene.path()).stdin(Stdio::null());
            command.output().expect("starts").status.code().expect("an exit status")
        };
        seen.push((verb.clone(), words(&verb, &["--no-such-option"])));
        let line = lines.get(&verb).cloned().unwrap_or_else(|| verb.clone());
        let told = ENDINGS.iter().find(|(of, _)| *of == verb).expect("in the table").1;
        if told.iter().any(|(status, _)| *status == 78) {
            seen.push((verb, words(&line, &["--config", "missing.toml"])));
        }
    }
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn every_verb_ends_in_each_way_that_the_page_says_and_in_no_other() {
    let trial = trial(false).await;
    let mut seen: BTreeMap<String, BTreeSet<i32>> = BTreeMap::new();
    for ran in &trial.ran {
        seen.entry(ran.verb.clone()).or_default().insert(ran.status);
    }
    let plain = trial.ran.iter().filter(|ran| !ran.line.contains('>') && !ran.line.contains("--config"));
    let lines: BTreeMap<String, String> = plain.map(|ran| (ran.verb.clone(), ran.line.clone())).collect();
    for (verb, status) in usage_and_configuration(&trial.scene, &lines).await {
        seen.entry(verb).or_default().insert(status);
    }
    for (verb, status) in NOT_HERE {
        seen.entry((*verb).to_owned()).or_default().insert(*status);
    }
    for (verb, endings) in ENDINGS {
        let told: BTreeSet<i32> = endings.iter().map(|(status, _)| i32::from(*status)).collect();
        let seen = &seen[*verb];
        // Two persons agree to a claim, and this is one.
        let whole = ["claim build", "claim texts", "claim upload"].contains(verb);
        let all = verb.starts_with("claim ") && !whole && told.is_superset(seen);
        assert!(all || *seen == told, "{verb} ends with {seen:?}, and says {told:?}");
    }
}
