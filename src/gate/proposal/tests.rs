//! What a proposal changes and what it leaves, and that it tells nothing of the files that it names.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use super::*;
use crate::config::SharedSource;
use crate::gate::consensus::tests::policy as in_force;
use crate::model::ProjectName;

fn noon() -> Time {
    "2026-11-27T12:00:00Z".parse().expect("a time")
}

fn proposed() -> ProposedPolicy {
    let ages = ProposedAges { file: 86_400, project: 2 * 86_400, freeze: Some(noon()) };
    let modes = Modes { file_age: Mode::Observe, project_age: Mode::Advise, findings: Mode::Enforce };
    let (consensus, malware) = (ConsensusSettings::default(), MalwareSettings::default());
    ProposedPolicy { ages, modes, consensus, malware }
}

fn read(of: &ProposedPolicy) -> ReadProposal {
    ReadProposal::of(of, &MalwareSettings::default(), Ok(ProjectUses::new()), noon())
}

fn record(dir: &Path, name: &str) {
    let affected = serde_json::json!([{"package": {"ecosystem": "PyPI", "name": name}}]);
    let record = serde_json::json!({"id": "MAL-2026-1", "modified": "2026-11-01T00:00:00Z", "affected": affected});
    fs::write(dir.join("MAL-2026-1.json"), record.to_string()).expect("written");
}

#[test]
fn a_rule_that_makes_no_sense_is_one_of_a_hundred_years() {
    for (seconds, days) in [(i64::MAX, 36_500), (i64::MIN, 0), (86_400, 1)] {
        let rules = AgeRules::from(ProposedAges { file: seconds, project: seconds, freeze: None });
        assert_eq!((rules.file, rules.project), (TimeDelta::days(days), TimeDelta::days(days)));
        assert!(Time::MAX_UTC.checked_sub_signed(rules.file).is_some());
    }
    assert_eq!((length(Duration::MAX), length(Duration::from_hours(24))), (LONGEST, TimeDelta::days(1)));
}

#[test]
fn ages_modes_and_evidence_are_those_proposed_and_what_persons_decided_is_that_of_now() {
    let mut now = in_force(Consensus::default());
    now.consensus.prior.persons = 2;
    let mut of = proposed();
    (of.consensus.needs, of.consensus.mode, of.consensus.clients) = (1, Mode::Advise, 5);
    let policy = read(&of).over(&now);
    assert_eq!((policy.age.file, policy.age.project), (TimeDelta::days(1), TimeDelta::days(2)));
    assert_eq!((policy.age.modes, policy.age.freeze), (of.modes, Some(noon())));
    assert_eq!((policy.consensus.needs, policy.consensus.mode), (1, Mode::Advise));
    assert_eq!((policy.consensus.prior.clients, policy.consensus.prior.persons), (5, 2));
    assert!(Arc::ptr_eq(&policy.exemptions, &now.exemptions) && Arc::ptr_eq(&policy.malware, &now.malware));
}

#[test]
fn records_are_those_that_lie_where_the_proposal_says_and_those_in_force_where_it_says_the_same() {
    let dir = tempfile::tempdir().expect("a directory");
    record(dir.path(), "widgets");
    let (now, mut of) = (in_force(Consensus::default()), proposed());
    of.malware = MalwareSettings { records: Some(dir.path().to_owned()), except: BTreeSet::new() };
    let name: ProjectName = "widgets".parse().expect("valid");
    let denied = |of: &ProposedPolicy| read(of).over(&now).malware.of(&name, Some("1.0")).map(str::to_owned);
    assert_eq!(denied(&of).as_deref(), Some("MAL-2026-1"));
    of.malware.except.insert("MAL-2026-1".to_owned());
    let excepted = read(&of);
    assert_eq!(denied(&of), None);
    assert!(excepted.unread[0].ends_with("cannot be used; the gate's log says why"), "{:?}", excepted.unread);
    let same = ReadProposal::of(&of, &of.malware.clone(), Ok(ProjectUses::new()), noon());
    assert!(same.unread.is_empty() && Arc::ptr_eq(&same.over(&now).malware, &now.malware));
}

#[test]
fn what_cannot_be_used_is_said_and_nothing_of_what_is_in_it() {
    let dir = tempfile::tempdir().expect("a directory");
    let secret = dir.path().join("private-index");
    fs::write(&secret, "{\"last_update\": \"ada:hunter2\", \"rows\": [{\"project\": 7}]}").expect("written");
    let mut of = proposed();
    of.consensus.needs = 2;
    (of.consensus.downloads, of.consensus.trusted_root) = (Some(secret.clone()), Some(secret));
    of.consensus.dependents = Some(PathBuf::from("/dev/zero"));
    of.malware.records = Some(dir.path().join("nowhere"));
    let unread = ReadProposal::of(&of, &MalwareSettings::default(), Err("no uses".to_owned()), noon()).unread;
    for words in [
        "no uses",
        "private-index cannot be used; the gate's log says why",
        "dependents /dev/zero cannot be used; the gate's log says why",
        "nowhere cannot be used; the gate's log says why",
    ] {
        assert!(unread.iter().any(|why| why.contains(words)), "{words}: {unread:?}");
    }
    assert!(unread.len() == 5 && !unread.join(" ").contains("hunter2"), "{unread:?}");
}

/// Or whoever asks learns which files there are that the gate's user alone sees.
#[test]
fn why_a_file_cannot_be_read_is_told_in_the_same_words_whatever_it_is_and_a_pipe_is_waited_for_by_nobody() {
    let dir = tempfile::tempdir().expect("a directory");
    let at = |name: &str| dir.path().join(name);
    fs::write(at("file"), "{").expect("written");
    fs::create_dir(at("folder")).expect("made");
    assert!(std::process::Command::new("mkfifo").arg(at("pipe")).status().expect("runs").success());
    for name in ["nowhere", "file", "file/below", "folder", "pipe"] {
        let mut of = proposed();
        of.consensus.needs = 1;
        let consensus = &mut of.consensus;
        for path in [&mut consensus.downloads, &mut consensus.dependents, &mut consensus.trusted_root] {
            *path = Some(at(name));
        }
        let source = SharedSource { name: "acme".to_owned(), list: at(name), key: String::new() };
        of.consensus.shared = vec![source];
        of.malware.records = Some(at(name));
        let unread = read(&of).unread;
        let shown = at(name).display().to_string();
        let ends =
            unread.iter().filter(|why| why.ends_with(&format!("{shown} cannot be used; the gate's log says why")));
        assert_eq!((ends.count(), unread.len()), (5, 5), "{unread:?}");
    }
}

#[tokio::test]
async fn what_takes_long_to_be_read_is_said_and_keeps_nobody_from_what_is_known() {
    let mut proposals = Proposals::default();
    let known = proposals.read(proposed(), Ok(ProjectUses::new()), noon()).await.expect("read").key;
    let turn = Arc::clone(&proposals.turn).acquire_owned().await.expect("open");
    proposals.patience = Duration::ZERO;
    let late = proposals.read(proposed(), Ok(ProjectUses::new()), noon()).await;
    let said = late.expect_err("another is being read").to_string();
    assert!(said.contains("within 8 s") && said.contains("preview again"), "{said}");
    assert!(proposals.of(&known).await.is_some());
    drop(turn);
    proposals.patience = PATIENCE;
    assert_eq!(proposals.read(proposed(), Ok(ProjectUses::new()), noon()).await.expect("read").key, known);
}

#[tokio::test]
async fn the_last_ones_are_known_by_their_keys_and_the_same_has_the_same() {
    let proposals = Proposals::default();
    let mut keys = Vec::new();
    for days in [1, 2, 3, 1, 4] {
        let mut of = proposed();
        of.ages.file = days * 86_400;
        let told = proposals.read(of, Ok(ProjectUses::new()), noon()).await.expect("it goes on");
        keys.push(told.key);
    }
    assert_eq!(keys[0], keys[3]);
    let mut known = Vec::new();
    for key in &keys {
        known.push(proposals.of(key).await.is_some());
    }
    assert_eq!(known, [true, false, true, true, true], "the second had to make room");
}
