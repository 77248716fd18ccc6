//! Lists of others: whose they are, how old, what is tampered with, and what of ours is in one.

mod replayed;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::TimeDelta;
use serde_json::json;

use super::export::shared;
use super::signing::Signer;
use super::*;
use crate::config::SharedSource;
use crate::gate::consensus::Consensus;
use crate::gate::consensus::tests::policy;
use crate::gate::exemption::{Exemptions, Rejected};
use crate::gate::malware::MalwareRecords;
use crate::gate::page::ProjectPage;
use crate::gate::policy::{Binding, Policy};
use crate::gate::prior::PriorUse;
use crate::gate::records::{UsedFile, UsedFiles};
use crate::gate::suspects::Suspects;
use crate::model::{CaseId, ProjectName, Suspect, Time, WatchId};

fn noon() -> Time {
    "2026-11-27T12:00:00Z".parse().expect("a time")
}

fn name(text: &str) -> ProjectName {
    text.parse().expect("valid")
}

fn release(project: &str, version: &str, digit: &str) -> SharedRelease {
    let sha256 = BTreeSet::from([digit.repeat(64)]);
    SharedRelease { project: name(project), version: version.to_owned(), sha256 }
}

/// So many days old.
fn list(days: i64) -> String {
    let releases = [release("widgets", "1.0", "a"), release("leftpad", "1.4.0", "b")];
    written("globex", noon() - TimeDelta::days(days), &releases).expect("JSON")
}

fn source(key: &str, list: PathBuf) -> SharedSource {
    SharedSource { name: "globex".to_owned(), list, key: key.to_owned() }
}

/// What becomes of this list with this signature, where the key of the first signer is expected.
fn said(list: &str, signature: &str) -> String {
    let source = source(&Signer::new(1).key(), PathBuf::new());
    match opened(&source, list.as_bytes(), signature.as_bytes(), noon()) {
        Ok(list) => format!("{} releases of {} projects, of {}", list.releases, list.projects(), list.made_at),
        Err(why) => why,
    }
}

/// Both, where the gate reads them.
fn lay(at: &Path, list: &str, signature: &str) {
    put(at, list.as_bytes(), signature.as_bytes()).expect("written");
}

#[test]
fn a_list_is_written_the_same_whatever_the_order_and_is_read_as_it_was() {
    let (one, other) = (release("widgets", "1.0", "a"), release("leftpad", "1.4.0", "b"));
    let text = written("globex", noon(), &[one.clone(), other.clone()]).expect("JSON");
    assert_eq!(text, written("globex", noon(), &[other, one]).expect("JSON"));
    let (a, b) = ("a".repeat(64), "b".repeat(64));
    let expected = format!(
        "{{\n\"format\": 1,\n\"organisation\": \"globex\",\n\"made_at\": \"2026-11-27T12:00:00Z\",\n\"releases\": [\n\
         {{\"project\":\"leftpad\",\"version\":\"1.4.0\",\"sha256\":[\"{b}\"]}},\n\
         {{\"project\":\"widgets\",\"version\":\"1.0\",\"sha256\":[\"{a}\"]}}\n]\n}}\n"
    );
    assert_eq!(text, expected);
    let good = "2 releases of 2 projects, of 2026-11-27 12:00:00 UTC";
    assert_eq!(said(&text, &Signer::new(1).sign(&text)), good);
    let none = written("globex", noon(), &[]).expect("JSON");
    assert!(said(&none, &Signer::new(1).sign(&none)).starts_with("0 releases"), "{none}");
}

/// Made by minisign 0.11 itself: see tests/fixtures/README.md.
#[test]
fn what_minisign_signed_is_read() {
    const LIST: &[u8] = include_bytes!("../../../tests/fixtures/gate/globex.json");
    const SIGNATURE: &[u8] = include_bytes!("../../../tests/fixtures/gate/globex.json.minisig");
    const KEY: &str = include_str!("../../../tests/fixtures/gate/globex.pub");
    let key = KEY.lines().nth(1).expect("two lines");
    let list = opened(&source(key, PathBuf::new()), LIST, SIGNATURE, noon()).expect("good");
    assert!(list.names(&name("widgets"), &"a".repeat(64)));
    let longer = [LIST, b" "].concat();
    assert!(opened(&source(key, PathBuf::new()), &longer, SIGNATURE, noon()).is_err());
}

#[test]
fn what_was_tampered_with_or_is_of_another_key_is_refused() {
    let (list, signer) = (list(1), Signer::new(1));
    let signature = signer.sign(&list);
    assert!(said(&list.replace("1.4.0", "1.4.1"), &signature).contains("does not fit"));
    assert!(said(&list, &signature.replace("file:list.json", "file:lisp.json")).contains("trusted comment"));
    assert!(said(&list, &signature.replace("untrusted comment: signature", "untrusted comment: x")).contains("2 rel"));
    assert!(said(&list, &Signer::new(2).sign(&list)).contains("of another key"));
    assert!(said(&list, &Signer::new(2).posing_as(&signer).sign(&list)).contains("does not fit"));
    assert!(said(&list, &signer.sign_as_before(&list)).contains("not prehashed"));
    for none in ["", "untrusted comment: x\n", &signature[..signature.len() - 20], "\u{7f}\n\u{7f}\n\u{7f}\n\u{7f}"] {
        assert!(said(&list, none).contains("none of minisign's"), "{none:?}: {}", said(&list, none));
    }
}

#[test]
fn what_is_signed_and_is_no_list_of_that_organisation_is_refused() {
    let signed = |text: &str| said(text, &Signer::new(1).sign(text));
    assert!(signed("{}").contains("format"));
    assert!(
        signed(&list(1).replace("\"format\": 1", "\"format\": 2")).contains("format 2, and this namewarden reads 1")
    );
    assert!(signed(&list(1).replace("globex", "initech")).contains("calls its organisation \"initech\""));
    assert!(signed(&list(1).replace("\"widgets\"", "\"wid gets\"")).contains("wid gets"));
    assert!(signed(&list(1).replace(&"a".repeat(64), &"A".repeat(64))).contains("no SHA-256 in lower case"));
    assert!(signed(&list(1).replace("leftpad", "leftpad\",\"stars\":\"many")).contains("2 releases"), "more is added");
    let made = |at: Time| signed(&written("globex", at, &[]).expect("JSON"));
    assert!(made(noon() + TimeDelta::minutes(59)).contains("0 releases"), "clocks differ");
    assert!(made(noon() + TimeDelta::minutes(61)).contains("is to come"));
    let huge = list(1) + &" ".repeat(64 << 20);
    assert!(signed(&huge).contains("longer than 65536 KB"));
}

#[test]
fn a_list_that_became_bad_leaves_the_one_of_before_in_force() {
    let dir = tempfile::tempdir().expect("a directory");
    let (at, signer) = (dir.path().join("globex.json"), Signer::new(1));
    let mut file = SharedListFile::at(source(&signer.key(), at.clone()));
    let mut look = || file.look(noon()).map(|list| list.map(|list| list.made_at)).map_err(|error| error.to_string());
    let said = look().expect_err("nothing is there");
    assert!(said.contains("globex.json cannot be used (No such file") && said.contains("gate share import"), "{said}");
    lay(&at, &list(5), &signer.sign(&list(5)));
    assert_eq!(look(), Ok(Some(noon() - TimeDelta::days(5))));
    assert_eq!(look(), Ok(None), "it is known");
    lay(&at, &list(3), &signer.sign(&list(3)));
    assert_eq!(look(), Ok(Some(noon() - TimeDelta::days(3))));
    for (list, signature, why) in [
        (list(4), signer.sign(&list(4)), "before one that was in force, of 2026-11-24"),
        (list(2), signer.sign(&list(3)), "does not fit"),
        (list(2), Signer::new(2).sign(&list(2)), "of another key"),
        (list(-1), signer.sign(&list(-1)), "is to come"),
        (" ".repeat((64 << 20) + 1), signer.sign(""), "longer than"),
        (list(2), " ".repeat(20_000), "longer than 16 KB"),
    ] {
        lay(&at, &list, &signature);
        assert_eq!(look(), Ok(None), "half of what comes is no fault yet");
        let said = look().expect_err(why);
        assert!(said.contains(why), "{said}");
        assert!(look().is_err(), "as long as it lies there");
    }
    std::fs::remove_file(signature_of(&at)).expect("removed");
    assert!(look().expect_err("unsigned").contains("its signature"));
    lay(&at, &list(1), &signer.sign(&list(1)));
    assert_eq!(look(), Ok(Some(noon() - TimeDelta::days(1))));
}

#[test]
fn whoever_puts_a_list_follows_no_link_and_others_can_read_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().expect("a directory");
    let (at, other) = (dir.path().join("globex.json"), dir.path().join("other"));
    std::fs::write(&other, "theirs").expect("written");
    for link in ["globex.json.new", "globex.json.minisig.new", "globex.json"] {
        std::os::unix::fs::symlink(&other, dir.path().join(link)).expect("made");
    }
    lay(&at, "list", "signature");
    assert_eq!(std::fs::read_to_string(&other).expect("reads"), "theirs");
    assert_eq!(std::fs::read_to_string(&at).expect("reads"), "list");
    let mode = std::fs::symlink_metadata(signature_of(&at)).expect("is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o644);
    assert!(put(&dir.path().join("nowhere/globex.json"), b"", b"").is_err());
}

#[test]
fn at_the_start_a_list_that_cannot_be_verified_is_an_error_at_once() {
    let dir = tempfile::tempdir().expect("a directory");
    let at = dir.path().join("globex.json");
    lay(&at, &list(1), &Signer::new(2).sign(&list(1)));
    let said = SharedListFile::at(source(&Signer::new(1).key(), at)).look(noon()).expect_err("bad").to_string();
    assert!(said.contains("the list of globex in ") && said.contains("of another key"), "{said}");
}

#[test]
fn an_older_list_is_refused_after_a_restart_as_well() {
    let dir = tempfile::tempdir().expect("a directory");
    let (at, signer, other) = (dir.path().join("globex.json"), Signer::new(1), Signer::new(2));
    lay(&at, &list(4), &signer.sign(&list(4)));
    let mut marks = SharedMarks::read(dir.path()).expect("none");
    assert_eq!(marks.of(&signer.key()), None);
    marks.set(&signer.key(), noon() - TimeDelta::days(3));
    marks.set(&other.key(), noon());
    marks.keep().expect("kept");
    let marks = SharedMarks::read(dir.path()).expect("kept");
    let source = source(&signer.key(), at);
    let mut file = SharedListFile::at(source.clone()).not_before(marks.of(&source.key));
    assert!(file.look(noon()).expect_err("older").to_string().contains("before one that was in force"));
    lay(&source.list, &list(3), &signer.sign(&list(3)));
    assert!(file.look(noon()).is_ok_and(|list| list.is_some()), "the same is no older");
    std::fs::write(dir.path().join("shared.json"), "half").expect("written");
    let said = SharedMarks::read(dir.path()).expect_err("broken").to_string();
    assert!(said.contains("shared.json cannot be read") && said.contains("remove it"), "{said}");
}

/// One file, 900 days old.
fn page(project: &str, digit: &str) -> ProjectPage {
    let at = (noon() - TimeDelta::days(900)).to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
    let filename = format!("{project}-1.0.tar.gz");
    let file = json!({"filename": filename, "url": "w", "hashes": {"sha256": digit.repeat(64)}, "upload-time": at});
    let page = json!({"name": project, "meta": {"api-version": "1.4"}, "files": [file]}).to_string();
    let base = url::Url::parse("https://index.example/simple/x/").expect("an address");
    ProjectPage::read(&name(project), &base, page.as_bytes()).expect("a page")
}

/// One kind has to speak, and these lists do.
fn asks(lists: &[(&str, &str)]) -> Policy {
    let mut shared = SharedLists::within(TimeDelta::days(30));
    for (name, text) in lists {
        shared.set((*name).to_owned(), SharedList::read(text.as_bytes(), noon()).expect("a list"));
    }
    policy(Consensus { needs: 1, shared, ..Consensus::default() })
}

fn is_given(policy: &Policy, page: &ProjectPage, now: Time) -> bool {
    policy.ruling(page, &page.files[0], now).is_admitted()
}

#[test]
fn a_young_list_speaks_for_the_files_in_it_and_for_nothing_else() {
    let of = asks(&[("globex", &list(1))]);
    assert!(is_given(&of, &page("widgets", "a"), noon()));
    assert!(!is_given(&of, &page("widgets", "c"), noon()), "other bytes of the same project");
    assert!(!is_given(&of, &page("widgits", "a"), noon()), "the same bytes under another name");
    assert!(!is_given(&of, &page("leftpad", "a"), noon()));
    assert!(is_given(&of, &page("widgets", "a"), noon() + TimeDelta::days(29)));
    let later = noon() + TimeDelta::days(29) + TimeDelta::seconds(1);
    assert!(!is_given(&of, &page("widgets", "a"), later), "stale data do not speak");
    let told = of.consensus.shared.silent(later).expect("old");
    assert!(told.contains("of globex, of 2026-11-26") && of.consensus.shared.silent(noon()).is_none(), "{told}");
    assert_eq!((of.consensus.shared.speaking(noon()), of.consensus.shared.speaking(later)), (1, 0));
}

#[test]
fn however_many_lists_name_a_file_they_are_one_kind() {
    let other = list(2).replace("globex", "initech");
    let mut of = asks(&[("globex", &list(1)), ("initech", &other)]);
    assert!(is_given(&of, &page("widgets", "a"), noon()));
    of.consensus.needs = 2;
    let ruling = of.ruling(&page("widgets", "a"), &page("widgets", "a").files[0], noon());
    let crate::gate::ruling::Ruling::Refuse(hold) = ruling else { panic!("held") };
    let said = crate::gate::refusal::sentence(&hold);
    assert_eq!(said, "old enough, and 1 of 2 kinds of evidence speak for it (shared lists); missing: prior use");
}

#[test]
fn nothing_speaks_for_a_name_of_ours_or_for_what_is_known_to_be_bad() {
    let mut of = asks(&[("globex", &list(1))]);
    of.binding = Binding::of_watches(std::iter::once(WatchId::name(&name("widgets"))), BTreeSet::new());
    assert!(!is_given(&of, &page("widgets", "a"), noon()));
    let (page, moment) = (page("widgets", "a"), crate::gate::consensus::Moment { now: noon().into(), at: noon() });
    let file = crate::gate::ruling::AskedFile::of(&page, &page.files[0]);
    let votes = of.consensus.votes(&file, None, &of.malware, &of.binding, moment);
    assert!(votes.iter().all(|(speaks, _)| !speaks), "whatever a list says");
    let bad = Policy { malware: Arc::new(malware("widgets")), binding: Binding::default(), ..of };
    assert!(!is_given(&bad, &page, noon()));
}

fn malware(project: &str) -> MalwareRecords {
    let affected = json!([{"package": {"ecosystem": "PyPI", "name": project}}]);
    let record = json!({"id": "MAL-2026-7", "modified": "2026-11-01T00:00:00Z", "affected": affected});
    let mut records = MalwareRecords::default();
    records.add(record.to_string().as_bytes(), &BTreeSet::new()).expect("a record");
    records
}

/// Received by clients so many days ago.
fn used(project: &str, version: &str, days: &[i64]) -> UsedFile {
    let firsts = days.iter().map(|days| noon() - TimeDelta::days(*days)).collect();
    UsedFile { project: project.to_owned(), version: Some(version.to_owned()), sha256: "a".repeat(64), firsts }
}

/// Of these files, the releases that may be shared.
fn exported(policy: &Policy, quarantined: &[&str], files: Vec<UsedFile>) -> Vec<String> {
    let quarantined = quarantined.iter().map(|text| name(text)).collect();
    let ours = |of: &ProjectName| policy.binding.of(of).is_some() || of.as_str() == "had-by-the-private-index";
    let releases = shared(&UsedFiles { files, quarantined, ..UsedFiles::default() }, policy, ours, noon()).releases;
    releases.iter().map(|of| format!("{}=={} {}", of.project, of.version, of.sha256.len())).collect()
}

#[test]
fn what_is_shared_is_what_enough_clients_used_for_long_enough() {
    let prior = PriorUse { clients: 2, used_for: TimeDelta::days(7), persons: 1, of: Arc::default() };
    let of = policy(Consensus { prior, ..Consensus::default() });
    let mut wheel = used("widgets", "1.0", &[30, 8]);
    wheel.sha256 = "b".repeat(64);
    let mut undated = used("widgets", "1.1", &[30, 8]);
    undated.version = None;
    let files = vec![
        used("widgets", "1.0", &[30, 7]),
        wheel,
        undated,
        used("widgets", "2.0", &[30, 6]),
        used("widgets", "3.0", &[30]),
        used("widgets", "4.0", &[]),
        used("leftpad", "1.4.0", &[9, 9, 1]),
    ];
    assert_eq!(exported(&of, &[], files), ["leftpad==1.4.0 1", "widgets==1.0 2"]);
}

#[test]
fn nothing_of_ours_and_nothing_that_is_suspected_is_shared() {
    let mut exemptions = Exemptions::default();
    let no = Rejected { review: 4, by: "ada".to_owned(), reason: "no".to_owned() };
    exemptions.reject(&name("rejected"), "1.0", std::iter::empty(), &no);
    let finding = |is_page| Suspect { finding: CaseId(417), is_page };
    let suspects = BTreeMap::from([(name("looks-alike"), finding(false)), (name("pages"), finding(true))]);
    let of = Policy {
        binding: Binding::of_watches(std::iter::once(WatchId::name(&name("acme-billing"))), BTreeSet::new()),
        malware: Arc::new(malware("bad")),
        exemptions: Arc::new(exemptions),
        suspects: Arc::new(Suspects::new(suspects)),
        ..policy(Consensus::default())
    };
    let all = [
        "acme-billing",
        "acme_billing",
        "had-by-the-private-index",
        "bad",
        "rejected",
        "looks-alike",
        "pages",
        "quarantined",
        "widgets",
    ];
    let files = all.iter().map(|project| used(project, "1.0", &[30, 30])).collect();
    assert_eq!(exported(&of, &["quarantined"], files), ["widgets==1.0 1"]);
}
