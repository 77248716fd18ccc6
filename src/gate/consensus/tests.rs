//! Evidence beside age: who speaks for what, when, and how modes go together.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::gate::exemption::Exemptions;
use crate::gate::page::{ProjectPage, Uploaded};
use crate::gate::policy::{AgeRules, Binding, Policy};
use crate::gate::refusal::sentence;
use crate::gate::ruling::Ruling;

fn noon() -> Time {
    "2026-11-27T12:00:00Z".parse().expect("a time")
}

fn name(text: &str) -> ProjectName {
    text.parse().expect("valid")
}

/// One file, so many days old.
fn page(days: i64) -> ProjectPage {
    let at = (noon() - TimeDelta::days(days)).to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
    let file =
        json!({"filename": "widgets-1.0.tar.gz", "url": "w", "hashes": {"sha256": "ab".repeat(32)}, "upload-time": at});
    let page = json!({"name": "widgets", "meta": {"api-version": "1.4"}, "files": [file]}).to_string();
    let base = url::Url::parse("https://index.example/simple/widgets/").expect("an address");
    ProjectPage::read(&name("widgets"), &base, page.as_bytes()).expect("a page")
}

fn policy(consensus: Consensus) -> Policy {
    let age = AgeRules { mode: Mode::Enforce, file: TimeDelta::days(7), project: TimeDelta::days(30), freeze: None };
    Policy { binding: Binding::default(), age, consensus, malware: Arc::default(), exemptions: Arc::default() }
}

fn asks(needs: usize) -> Consensus {
    Consensus { needs, ..Consensus::default() }
}

fn used(days: i64) -> Consensus {
    let used = HashMap::from([(name("widgets"), noon() + TimeDelta::days(days))]);
    Consensus { used: Arc::new(used), ..asks(1) }
}

fn ruling(policy: &Policy, page: &ProjectPage) -> Ruling {
    policy.ruling(page, &page.files[0], noon())
}

fn said(policy: &Policy, page: &ProjectPage) -> String {
    match ruling(policy, page) {
        Ruling::Refuse(hold) => sentence(&hold),
        other => format!("{other:?}"),
    }
}

#[test]
fn age_alone_admits_nothing_that_nobody_here_used() {
    let page = page(900);
    assert_eq!(ruling(&policy(asks(0)), &page), Ruling::Admit);
    assert_eq!(said(&policy(asks(1)), &page), "old enough, and new here: nothing else speaks for it");
    assert_eq!(ruling(&policy(used(0)), &page), Ruling::Admit);
    assert_eq!(
        said(&policy(used(2)), &page),
        "held until 2026-11-29 12:00 UTC: old enough, and new here: nothing else speaks for it",
        "it was used, and not for long enough"
    );
    let two = Consensus { needs: 2, ..used(0) };
    assert_eq!(said(&policy(two), &page), "old enough, and 1 of 2 kinds of evidence speak for it (prior use)");
}

#[test]
fn a_person_vouches_for_a_project_and_nobody_for_another() {
    let mut exemptions = Exemptions::default();
    exemptions.learn(name("widgets"), noon());
    let policy = Policy { exemptions: Arc::new(exemptions), ..policy(asks(1)) };
    assert_eq!(ruling(&policy, &page(900)), Ruling::Admit);
    assert!(said(&policy, &page(1)).contains("a new project"), "age holds all the same");
}

#[test]
fn downloads_speak_for_what_was_there_when_they_were_counted() {
    let dir = tempfile::tempdir().expect("a directory");
    let of = |text: &str| {
        let path = dir.path().join("downloads");
        std::fs::write(&path, text).expect("written");
        Downloads::read(&path).map(Arc::new)
    };
    let json = r#"{"last_update": "2026-11-01 07:00:00", "rows": [{"download_count": 5000, "project": "Widgets"}]}"#;
    let asks = |downloads: &Arc<Downloads>, least| {
        policy(Consensus { downloads: Some((Arc::clone(downloads), least)), ..asks(1) })
    };
    let listed = of(json).expect("a list");
    assert_eq!(ruling(&asks(&listed, 5000), &page(900)), Ruling::Admit);
    assert!(said(&asks(&listed, 5001), &page(900)).contains("nothing else speaks"));
    let young = Policy {
        age: AgeRules { file: TimeDelta::zero(), project: TimeDelta::zero(), ..policy(Consensus::default()).age },
        ..asks(&listed, 1)
    };
    assert!(said(&young, &page(20)).contains("nothing else speaks"), "whose downloads those were, nobody knows");
    assert_eq!(of("project,download_count\nwidgets,7\n").expect("a list").of(&name("widgets")), 7);
    for (bad, why) in [
        ("", "names no project"),
        ("a,b\n1,2\n", "missing field"),
        ("{\"rows\": []}", "last_update"),
        (r#"{"last_update": "soon", "rows": []}"#, "no time"),
    ] {
        let said = of(bad).expect_err("no list").to_string();
        assert!(said.contains(why) && said.contains("[gate.consensus] downloads"), "{bad}: {said}");
    }
}

#[test]
fn the_silence_of_records_speaks_as_far_as_they_reach() {
    let through = |days: i64| {
        let records = MalwareRecords::none_through(Some(noon() - TimeDelta::days(days)));
        Policy { malware: Arc::new(records), ..policy(Consensus { quiet_for: Some(TimeDelta::days(3)), ..asks(1) }) }
    };
    assert_eq!(ruling(&through(1), &page(40)), Ruling::Admit);
    assert_eq!(ruling(&through(37), &page(40)), Ruling::Admit);
    assert!(said(&through(38), &page(40)).contains("nothing else speaks"), "they are too old to know");
    let none = Policy { malware: Arc::default(), ..through(1) };
    assert!(said(&none, &page(40)).contains("nothing else speaks"));
}

#[test]
fn each_rule_has_a_mode_of_its_own_and_one_in_force_tells() {
    let modes = |age, consensus| {
        let mut policy = policy(Consensus { mode: consensus, ..asks(1) });
        policy.age.mode = age;
        policy
    };
    let kind = |ruling: Ruling| match ruling {
        Ruling::Refuse(Hold { cause: Cause::Unvouched { .. }, .. }) => "refused for evidence",
        Ruling::Refuse(_) => "refused for age",
        Ruling::Noted(Hold { cause: Cause::Unvouched { .. }, .. }) => "noted for evidence",
        Ruling::Noted(_) => "noted for age",
        Ruling::Admit | Ruling::Approved(_) => "admitted",
    };
    let (young, old) = (page(1), page(900));
    let table = [
        (Mode::Enforce, Mode::Enforce, "refused for age", "refused for evidence"),
        (Mode::Enforce, Mode::Observe, "refused for age", "noted for evidence"),
        (Mode::Observe, Mode::Enforce, "refused for evidence", "refused for evidence"),
        (Mode::Observe, Mode::Observe, "noted for age", "noted for evidence"),
    ];
    for (age, consensus, of_young, of_old) in table {
        let policy = modes(age, consensus);
        assert_eq!(
            (kind(ruling(&policy, &young)), kind(ruling(&policy, &old))),
            (of_young, of_old),
            "{age:?} {consensus:?}"
        );
    }
}

#[test]
fn a_record_denies_whatever_speaks_for_a_release_and_in_every_mode() {
    let mut exemptions = Exemptions::default();
    exemptions.approve(&name("widgets"), "ab".repeat(32), crate::gate::exemption::Approved { review: 1, until: None });
    exemptions.learn(name("widgets"), noon());
    let mut records = MalwareRecords::default();
    let record = json!({"id": "MAL-2026-7", "modified": "2026-11-01T00:00:00Z", "affected": [{"package": {"ecosystem": "PyPI", "name": "widgets"}}]});
    records.add(record.to_string().as_bytes(), &BTreeSet::new()).expect("a record");
    for mode in [Mode::Enforce, Mode::Observe] {
        let mut policy =
            Policy { malware: Arc::new(records.clone()), exemptions: Arc::new(exemptions.clone()), ..policy(used(0)) };
        (policy.age.mode, policy.consensus.mode) = (mode, mode);
        assert_eq!(said(&policy, &page(900)), "malware by MAL-2026-7, and never given out");
    }
}

proptest! {
    /// More evidence never holds what less let through, and asking for more never lets through what asking for less held.
    #[test]
    fn evidence_only_helps_and_needs_only_hold(
        days in 0_i64..60, used_at in proptest::option::of(-9_i64..9), quiet in proptest::option::of(0_i64..60), needs in 0_usize..4,
    ) {
        let page = page(days);
        let full = |used_at: Option<i64>, quiet: Option<i64>, needs| {
            let used = used_at.map_or_else(HashMap::new, |at| HashMap::from([(name("widgets"), noon() + TimeDelta::days(at))]));
            let consensus = Consensus { needs, used: Arc::new(used), quiet_for: Some(TimeDelta::days(3)), ..Consensus::default() };
            let records = MalwareRecords::none_through(quiet.map(|days| noon() - TimeDelta::days(days)));
            ruling(&Policy { malware: Arc::new(records), ..policy(consensus) }, &page).is_admitted()
        };
        let is_admitted = full(used_at, quiet, needs);
        prop_assert!(is_admitted <= full(used_at.or(Some(-1)), quiet, needs));
        prop_assert!(is_admitted <= full(used_at, Some(0), needs));
        prop_assert!(full(used_at, quiet, needs + 1) <= is_admitted);
        // Whenever it says that it ends by itself, it does then, and not before.
        let consensus = Consensus { needs, ..used_at.map_or_else(|| asks(needs), used) };
        if let Ruling::Refuse(Hold { until: Some(until), cause }) = policy(consensus.clone()).ruling(&page, &page.files[0], noon()) {
            let at = |time| policy(consensus.clone()).ruling(&page, &page.files[0], time);
            let same = matches!(at(until - TimeDelta::seconds(1)), Ruling::Refuse(Hold { cause: still, .. }) if still == cause);
            prop_assert!(same);
            let differs = !matches!(at(until), Ruling::Refuse(Hold { cause: still, .. }) if still == cause);
            prop_assert!(differs);
        }
    }
}

/// A time is none of them: what nobody dated is held for that, before anybody asks what speaks for it.
#[test]
fn what_nobody_dated_is_held_for_that() {
    let mut page = page(900);
    page.files[0].uploaded = Uploaded::Unsaid;
    assert!(said(&policy(used(0)), &page).contains("does not say when"));
}
