//! Pages as they come, what is decided of them, and what goes out.

mod decided;
mod forms;
mod time;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use chrono::{TimeDelta, TimeZone as _, Utc};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::consensus::Consensus;
use super::form::Form;
use super::listing::Listing;
use super::page::{PageError, ProjectPage, Uploaded};
use super::policy::{AgeRules, Binding, Mode, Modes, Policy};
use super::refusal::{Refusal, kind};
use super::review::HeldRequest;
use super::ruling::{Cause, Hold, Origin, Ruling};
use super::suspects::Suspects;
use crate::config::source::Source;
use crate::model::{CaseId, OwnerId, ProjectName, Requester, Suspect, Time};
use crate::watchlist::from_source;

fn name(text: &str) -> ProjectName {
    ProjectName::parse(text).expect("valid")
}

fn noon() -> Time {
    Utc.with_ymd_and_hms(2026, 11, 23, 12, 0, 0).single().expect("a time")
}

fn base() -> url::Url {
    url::Url::parse("https://index.example/simple/widgets/").expect("an address")
}

/// A file of widgets, so many hours old.
fn file(version: &str, hours: i64) -> Value {
    let uploaded = (noon() - TimeDelta::hours(hours)).format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string();
    json!({
        "filename": format!("widgets-{version}.tar.gz"),
        "url": format!("../../packages/widgets-{version}.tar.gz"),
        "hashes": {"sha256": "ab".repeat(32)},
        "upload-time": uploaded, "size": 3, "yanked": false, "requires-python": ">=3.9", "later-key": {"x": [1]},
        "core-metadata": {"sha256": "cd".repeat(32)}, "provenance": "https://index.example/integrity/1",
    })
}

fn page_of(files: Vec<Value>) -> Value {
    json!({"name": "Widgets", "meta": {"api-version": "1.4", "_last-serial": 7}, "files": files, "versions": ["9"],
           "project-status": {"status": "active"}, "namespaces": null})
}

fn read(page: &Value) -> ProjectPage {
    ProjectPage::read(&name("widgets"), &base(), page.to_string().as_bytes()).expect("a page")
}

fn policy(mode: Mode) -> Policy {
    let age =
        AgeRules { modes: Modes::all(mode), file: TimeDelta::days(7), project: TimeDelta::days(30), freeze: None };
    Policy {
        binding: Binding::default(),
        age,
        consensus: Consensus::default(),
        malware: Arc::default(),
        exemptions: Arc::default(),
        suspects: Arc::default(),
    }
}

fn rulings(policy: &Policy, page: &ProjectPage, now: Time) -> Vec<Ruling> {
    page.files.iter().map(|file| policy.ruling(page, file, now)).collect()
}

#[test]
fn every_key_goes_out_as_it_came_but_addresses_and_versions() {
    let came = page_of(vec![file("1.0", 24 * 90), file("1.1", 24 * 60)]);
    let page = read(&came);
    let out = Listing::new(&page, &policy(Mode::Enforce).on(&page, Origin::Pypi, noon()))
        .body(Form::Json, "https://gate.example");
    let out: Value = serde_json::from_str(&out).expect("JSON");
    let mut wanted = came.clone();
    wanted["versions"] = json!(["1.0", "1.1"]);
    for (at, version) in ["1.0", "1.1"].iter().enumerate() {
        wanted["files"][at]["url"] = json!(format!("https://gate.example/files/widgets/widgets-{version}.tar.gz"));
    }
    assert_eq!(out, wanted);
    assert_eq!(page.files[0].url.as_str(), "https://index.example/packages/widgets-1.0.tar.gz", "for us alone");
}

#[test]
fn a_page_that_is_none_is_refused_whole_and_a_file_that_cannot_be_checked_is_left_out() {
    let of = |text: &str| ProjectPage::read(&name("widgets"), &base(), text.as_bytes());
    assert!(matches!(of("<html>"), Err(PageError::Json(_))));
    assert!(matches!(of(r#"{"name": "widgets"}"#), Err(PageError::Json(_))));
    assert!(matches!(of(r#"{"name": "gadgets", "files": []}"#), Err(PageError::OfAnother(_))));
    let mut other = file("1.0", 1);
    other["hashes"]["sha256"] = json!("ef".repeat(32));
    let twice = page_of(vec![file("1.0", 1), other]).to_string();
    assert!(matches!(of(&twice), Err(PageError::Contradiction(_))));
    assert_eq!(read(&page_of(vec![file("1.0", 1), file("1.0", 1)])).files.len(), 1, "the same is one");
    for (key, bad) in [
        ("hashes", json!({"md5": "x"})),
        ("url", json!("ftp://x/y")),
        ("filename", json!("../../etc/passwd")),
        ("requires-python", json!("x".repeat(40_000))),
    ] {
        let mut file = file("2.0", 1);
        file[key] = bad;
        let page = read(&page_of(vec![file]));
        assert_eq!((page.files.len(), page.left_out.len()), (0, 1), "{key}");
    }
}

#[test]
fn names_of_ours_are_bound_in_every_spelling_and_what_is_public_is_not() {
    let inventory = "[owners.sec]\nemail = [\"sec@acme.example\"]\nnames = [\"acme-billing\", \"acme-pub-*\"]\n\
                     [[prefix]]\ntext = \"acme-int-*\"\nexclusive = true\nowner = \"sec\"\n";
    let source = Source::new(Path::new("inventory.toml"), inventory.to_owned());
    let inventory = from_source(source, &OwnerId("sec".to_owned())).expect("an inventory");
    let binding = Binding::new(&inventory, BTreeSet::from([name("acme-int-public")]));
    let bound = |text: &str| binding.of(&name(text)).map(|bound| (bound.watch.label(), bound.respelt));
    assert_eq!(bound("Acme_Billing"), Some(("acme-billing".to_owned(), false)), "one name (PEP 503)");
    assert_eq!(bound("acme-bi11ing"), Some(("acme-billing".to_owned(), true)), "PyPI lets nobody have both");
    assert_eq!(bound("acmebilling"), Some(("acme-billing".to_owned(), true)));
    assert_eq!(bound("acme-int-x"), Some(("acme-int-*".to_owned(), false)));
    assert_eq!([bound("acme-pub-x"), bound("acme-interest"), bound("requests")], [None, None, None]);
    assert!(binding.of(&name("acme-int-public")).is_none());
}

#[test]
fn the_younger_of_project_and_file_tells_and_says_until_when() {
    let page = read(&page_of(vec![file("1.0", 24 * 40), file("1.1", 24 * 6)]));
    let [old, young] = &rulings(&policy(Mode::Enforce), &page, noon())[..] else { panic!("two") };
    assert_eq!(*old, Ruling::Admit);
    let Ruling::Refuse(held) = young else { panic!("{young:?}") };
    assert_eq!(
        (&held.cause, held.until),
        (&Cause::YoungFile(noon() - TimeDelta::days(6)), Some(noon() + TimeDelta::days(1)))
    );
    let page = read(&page_of(vec![file("1.0", 24 * 10)]));
    let Ruling::Refuse(held) = &rulings(&policy(Mode::Enforce), &page, noon())[0] else { panic!("held") };
    assert_eq!(
        (&held.cause, held.until),
        (&Cause::YoungProject(noon() - TimeDelta::days(10)), Some(noon() + TimeDelta::days(20)))
    );
    assert!(rulings(&policy(Mode::Observe), &page, noon())[0].is_admitted());
}

#[test]
fn a_time_that_is_missing_broken_or_to_come_is_held() {
    for time in [Value::Null, json!("yesterday"), json!(7), json!("2026-11-23T12:00:01Z")] {
        let mut undated = file("1.1", 24 * 90);
        undated["upload-time"] = time.clone();
        let page = read(&page_of(vec![file("1.0", 24 * 90), undated]));
        let ruling = &rulings(&policy(Mode::Enforce), &page, noon())[1];
        assert!(matches!(ruling, Ruling::Refuse(held) if held.cause == Cause::Undated), "{time}: {ruling:?}");
    }
}

#[test]
fn quarantine_and_freeze_hold_what_is_old() {
    let mut page = page_of(vec![file("1.0", 24 * 90)]);
    page["project-status"]["status"] = json!("quarantined");
    let observed = rulings(&policy(Mode::Observe), &read(&page), noon());
    assert!(matches!(&observed[0], Ruling::Refuse(held) if held.cause == Cause::Quarantined), "in every mode");
    let mut frozen = policy(Mode::Enforce);
    frozen.age.freeze = Some(noon() - TimeDelta::days(100));
    let ruling = &rulings(&frozen, &read(&page_of(vec![file("1.0", 24 * 90)])), noon())[0];
    assert!(matches!(ruling, Ruling::Refuse(held) if matches!(held.cause, Cause::Frozen(_)) && held.until.is_none()));
}

#[test]
fn a_freeze_is_in_force_where_ages_are_only_observed() {
    let mut undated = file("1.2", 24 * 90);
    undated["upload-time"] = Value::Null;
    let page = read(&page_of(vec![file("1.0", 24 * 90), file("1.1", 24 * 5), undated]));
    let mut observed = policy(Mode::Observe);
    let words = |policy: &Policy| {
        let word = |ruling: &Ruling| match ruling {
            Ruling::Admit => "admitted".to_owned(),
            Ruling::Noted(held) => format!("noted {:?}", std::mem::discriminant(&held.cause)),
            Ruling::Advised(held) => format!("advised {:?}", std::mem::discriminant(&held.cause)),
            Ruling::Refuse(held) => format!("refused {:?}", std::mem::discriminant(&held.cause)),
            Ruling::Approved(_) => "approved".to_owned(),
        };
        rulings(policy, &page, noon()).iter().map(word).collect::<Vec<_>>()
    };
    let (frozen, undated) = (Cause::Frozen(noon()), Cause::Undated);
    let (frozen, undated) = (std::mem::discriminant(&frozen), std::mem::discriminant(&undated));
    assert!(words(&observed).iter().all(|word| !word.starts_with("refused")), "{:?}", words(&observed));
    observed.age.freeze = Some(noon() - TimeDelta::days(30));
    let wanted = ["admitted".to_owned(), format!("refused {frozen:?}"), format!("refused {undated:?}")];
    // The page says nothing of when its project began any more, so the first is as old as itself.
    assert_eq!(words(&observed), wanted);
}

/// Of the rules that object the strictest tells, whatever the others would say.
#[test]
fn each_age_and_a_finding_have_a_mode_of_their_own() {
    let (young, old, new) = (file("1.1", 24 * 5), file("1.0", 24 * 900), file("1.0", 24 * 20));
    let pages = [page_of(vec![old.clone(), young.clone()]), page_of(vec![new.clone(), young]), page_of(vec![new])];
    let pages = pages.map(|page| read(&page));
    let told = |file_age: Mode, project_age: Mode, finding: Option<Mode>| {
        let mut policy = policy(Mode::Enforce);
        policy.age.modes = Modes { file_age, project_age, findings: finding.unwrap_or(Mode::Enforce) };
        if finding.is_some() {
            let suspect = Suspect { finding: CaseId(417), is_page: false };
            policy.suspects = Arc::new(Suspects::new(BTreeMap::from([(name("widgets"), suspect)])));
        }
        let word = |page: &ProjectPage| {
            let (how, held) = match rulings(&policy, page, noon()).pop().expect("a file") {
                Ruling::Refuse(held) => ("refused", held),
                Ruling::Advised(held) => ("advised", held),
                Ruling::Noted(held) => ("noted", held),
                Ruling::Admit | Ruling::Approved(_) => return "admitted".to_owned(),
            };
            format!("{how} {}", kind(&held.cause).0)
        };
        pages.iter().map(word).collect::<Vec<_>>().join(", ")
    };
    let (enforce, advise, observe) = (Mode::Enforce, Mode::Advise, Mode::Observe);
    for (file_age, project_age, finding, wanted) in [
        (enforce, enforce, None, "refused young-file, refused young-project, refused young-project"),
        (enforce, observe, None, "refused young-file, refused young-file, noted young-project"),
        (enforce, advise, None, "refused young-file, refused young-file, advised young-project"),
        (advise, observe, None, "advised young-file, advised young-file, noted young-project"),
        (observe, advise, None, "noted young-file, advised young-project, advised young-project"),
        (observe, enforce, None, "noted young-file, refused young-project, refused young-project"),
        (enforce, observe, Some(advise), "refused young-file, refused young-file, advised suspected"),
        (observe, observe, Some(observe), "noted suspected, noted suspected, noted suspected"),
        (advise, enforce, Some(observe), "advised young-file, refused young-project, refused young-project"),
    ] {
        assert_eq!(told(file_age, project_age, finding), wanted, "{file_age:?} {project_age:?} {finding:?}");
    }
}

#[test]
fn an_open_finding_is_held_however_old_and_weakens_no_freeze() {
    let page = read(&page_of(vec![file("1.0", 24 * 900), file("1.1", 24 * 5)]));
    let with = |mode: Mode, freeze: Option<Time>| {
        let mut policy = policy(mode);
        policy.age.freeze = freeze;
        policy.suspects = Arc::new(Suspects::new(BTreeMap::from([(
            name("widgets"),
            Suspect { finding: CaseId(417), is_page: false },
        )])));
        rulings(&policy, &page, noon())
    };
    let suspected = |held: &Hold| held.cause == Cause::Suspected(CaseId(417)) && held.ends().is_none();
    let enforced = with(Mode::Enforce, None);
    assert!(enforced.iter().all(|ruling| matches!(ruling, Ruling::Refuse(held) if suspected(held))), "{enforced:?}");
    let observed = with(Mode::Observe, Some(noon() - TimeDelta::days(30)));
    assert!(matches!(&observed[0], Ruling::Noted(held) if suspected(held)), "{observed:?}");
    assert!(matches!(&observed[1], Ruling::Refuse(held) if matches!(held.cause, Cause::Frozen(_))), "{observed:?}");
    let phrase = Refusal::of(&name("widgets"), None, &Hold::for_good(Cause::Suspected(CaseId(417)))).phrase();
    assert_eq!(phrase, "it may imitate a name of ours, see finding nw-417");
}

#[test]
fn what_is_held_is_listed_as_yanked_and_as_it_is_where_nothing_else_is_there() {
    let listed = |files| {
        let page = read(&page_of(files));
        let listing = Listing::new(&page, &policy(Mode::Enforce).on(&page, Origin::Pypi, noon()));
        let json: Value = serde_json::from_str(&listing.body(Form::Json, "")).expect("JSON");
        (
            json["files"].as_array().expect("files").iter().map(|file| file["yanked"].clone()).collect::<Vec<_>>(),
            listing.term.left(noon().into()),
        )
    };
    let (yanked, changes) = listed(vec![file("1.0", 24 * 40), file("1.1", 24 * 6)]);
    assert_eq!(yanked[0], json!(false));
    let why = yanked[1].as_str().expect("a reason");
    assert!(why == "held until 2026-11-24 12:00 UTC: uploaded 2026-11-17 12:00 UTC", "{why}");
    assert_eq!(changes, Some(TimeDelta::days(1)));
    assert_eq!(listed(vec![file("1.0", 2), file("1.1", 1)]).0, [json!(false), json!(false)]);
    let yanked = |mut file: Value, why: Value| {
        file["yanked"] = why;
        file
    };
    let all_old_are_yanked = vec![yanked(file("1.0", 24 * 40), json!("CVE-2026-1")), file("1.1", 24 * 6)];
    assert_eq!(listed(all_old_are_yanked).0, [json!("CVE-2026-1"), json!(false)], "who asks for the fix reads why");
}

#[test]
fn each_version_is_listed_once_however_its_files_stand() {
    let wheel = |version: &str| {
        let mut wheel = file(version, 24 * 90);
        wheel["filename"] = json!(format!("widgets-{version}-py3-none-any.whl"));
        wheel
    };
    let page = read(&page_of(vec![file("1.0", 24 * 90), file("1.1", 24 * 90), wheel("1.0"), wheel("1.1")]));
    let listing = Listing::new(&page, &policy(Mode::Enforce).on(&page, Origin::Pypi, noon()));
    let json: Value = serde_json::from_str(&listing.body(Form::Json, "")).expect("JSON");
    assert_eq!((&json["versions"], json["files"].as_array().map(Vec::len)), (&json!(["1.0", "1.1"]), Some(4)));
}

#[test]
fn a_version_in_two_spellings_is_one_review() {
    let page = read(&page_of(vec![file("1.0", 1), file("1.0.0", 1), file("1.1", 1)]));
    let request =
        |at: usize| HeldRequest::of(&page, &page.files[at], Requester::of_word("10.0.0.1"), noon()).expect("held");
    let (short, long) = (request(0), request(1));
    assert_eq!((&short.version, short.files.len()), (&"1.0".to_owned(), 2));
    assert_eq!((&long.version, long.files_key), (&short.version, short.files_key));
    assert_eq!(request(2).files.len(), 1);
}

#[test]
fn html_says_the_same_and_escapes_what_strangers_write() {
    let mut hostile = file("1.0", 24 * 90);
    hostile["requires-python"] = json!(">=3\"><script>alert(1)</script>");
    hostile["yanked"] = json!("a \"reason\" <b>");
    let page = read(&page_of(vec![file("0.9", 24 * 90), hostile, file("1.1", 1)]));
    let html = Listing::new(&page, &policy(Mode::Enforce).on(&page, Origin::Pypi, noon()))
        .body(Form::Html, "https://gate.example");
    assert!(!html.contains("<script>") && !html.contains("<b>"), "{html}");
    assert!(html.contains("/files/widgets/widgets-1.1.tar.gz#sha256=abab"), "{html}");
    assert_eq!(html.matches("data-core-metadata=\"sha256=cdcd").count(), 3);
    assert_eq!(html.matches("data-yanked=").count(), 2);
}

#[test]
fn a_refusal_fits_a_status_line_whatever_the_file_is_called() {
    let page = read(&page_of(vec![file("1.0", 1)]));
    let Ruling::Refuse(held) = &rulings(&policy(Mode::Enforce), &page, noon())[0] else { panic!("held") };
    let long = format!("é\r\nset-cookie: x{}", "y".repeat(300));
    for filename in [None, Some("widgets-1.0.tar.gz"), Some(&*long)] {
        let phrase = Refusal::of(&name("widgets"), filename, held).phrase();
        assert!(phrase.len() <= 100 && phrase.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{phrase}");
    }
}

fn uploads() -> impl Strategy<Value = Vec<Option<i64>>> {
    prop::collection::vec(prop::option::weighted(0.9, -200_i64..2000), 1..6)
}

proptest! {
    /// Nothing is given out that is young, undated or behind the freeze, and what is given out once stays so.
    #[test]
    fn what_is_admitted_is_old_and_stays_admitted(hours in uploads(), freeze in prop::option::of(0_i64..2000), later in 0_i64..5000) {
        let files = hours.iter().enumerate().map(|(at, hours)| {
            let mut file = file(&format!("{at}.0"), hours.unwrap_or_default());
            if hours.is_none() { file["upload-time"] = Value::Null; }
            file
        });
        let page = read(&page_of(files.collect()));
        let mut policy = policy(Mode::Enforce);
        policy.age.freeze = freeze.map(|hours| noon() - TimeDelta::hours(hours));
        for (file, ruling) in page.files.iter().zip(rulings(&policy, &page, noon())) {
            let then = policy.ruling(&page, file, noon() + TimeDelta::hours(later));
            match (ruling, file.uploaded) {
                (Ruling::Admit, Uploaded::At(time)) => {
                    prop_assert!(noon() - time >= TimeDelta::days(7));
                    prop_assert!(policy.age.freeze.is_none_or(|freeze| time <= freeze));
                    prop_assert!(then.is_admitted());
                }
                (Ruling::Admit, undated) => prop_assert!(false, "{undated:?} was admitted"),
                (Ruling::Refuse(held), _) => {
                    let is_over = held.until.is_some_and(|until| until <= noon() + TimeDelta::hours(later));
                    prop_assert!(then.is_admitted() <= (is_over || held.cause == Cause::Undated));
                }
                (Ruling::Noted(_) | Ruling::Advised(_) | Ruling::Approved(_), _) => {
                    prop_assert!(false, "nobody agreed, and nothing is only noted");
                }
            }
        }
    }
}
