//! Evidence beside age: who speaks for what, when, and how modes go together.

use std::collections::{BTreeSet, HashMap};

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::gate::counts::{CountedUse, Counts, CountsList};
use crate::gate::exemption::Exemptions;
use crate::gate::page::{ProjectPage, Uploaded};
use crate::gate::policy::{AgeRules, Binding, Modes, Policy};
use crate::gate::prior::ProjectUse;
use crate::gate::refusal::sentence;
use crate::gate::ruling::{Origin, Ruling};
use crate::model::ProjectName;

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

/// As a configuration has it that says nothing else.
pub(in crate::gate) fn policy(consensus: Consensus) -> Policy {
    let age = AgeRules {
        modes: Modes::all(Mode::Enforce),
        file: TimeDelta::days(7),
        project: TimeDelta::days(30),
        freeze: None,
    };
    let (malware, exemptions, suspects) = (Arc::default(), Arc::default(), Arc::default());
    Policy { binding: Binding::default(), age, consensus, malware, exemptions, suspects }
}

/// Two clients for a week, or one person.
fn asks(needs: usize) -> Consensus {
    let prior = PriorUse { clients: 2, used_for: TimeDelta::days(7), persons: 1, of: Arc::default() };
    Consensus { needs, prior, ..Consensus::default() }
}

/// First used so many days before noon by each client, and last so many.
fn used_on(firsts: &[i64], last: i64) -> Consensus {
    let at = |days: &i64| noon() - TimeDelta::days(*days);
    let uses = ProjectUse { firsts: firsts.iter().map(at).collect(), last: at(&last) };
    let mut asked = asks(1);
    asked.prior.of = Arc::new(HashMap::from([(name("widgets"), uses)]));
    asked
}

/// Prior use speaks so many days after noon.
fn used(days: i64) -> Consensus {
    used_on(&[30, 7 - days], 0)
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
}

/// A project that is taken over has all that was ever said for it, and a file that nobody knows.
#[test]
fn of_several_kinds_one_speaks_for_the_file_itself() {
    let (page, dir) = (page(900), tempfile::tempdir().expect("a directory"));
    let json = r#"{"last_update": "2026-11-01 07:00:00", "rows": [{"download_count": 5000, "project": "widgets"}]}"#;
    let mut known = Consensus { needs: 2, ..used(0) };
    known.popularity.set(counted(dir.path(), CountedUse::Downloads, json).expect("a list"), 5000);
    let listed = |name: &str| known.popularity.counted(&ProjectName::parse(name).expect("valid"));
    let (here, elsewhere) = (listed("widgets"), listed("nobody-lists-this"));
    assert_eq!((here.len(), here[0].of.as_str(), elsewhere[0].number), (1, "downloads", 0));
    assert!(here[0].number >= 5000, "{here:?}");
    assert_eq!(
        said(&policy(known.clone()), &page),
        "old enough, and nothing speaks for this file, and 2 of 2 kinds of evidence for its project (prior use, popularity)"
    );
    let through = |days: i64, consensus: &Consensus| {
        let records = MalwareRecords::none_through(Some(noon() - TimeDelta::days(days)));
        let consensus = Consensus { quiet_for: Some(TimeDelta::days(30)), ..consensus.clone() };
        Policy { malware: Arc::new(records), ..policy(consensus) }
    };
    assert!(said(&through(890, &known), &page).ends_with("(prior use, popularity); missing: silence of the records"));
    assert_eq!(ruling(&through(1, &known), &page), Ruling::Admit);
    let two = Consensus { needs: 2, ..asks(1) };
    assert!(
        said(&through(890, &two), &page)
            .ends_with("0 of 2 kinds of evidence speak for it; missing: prior use, silence of the records")
    );
    assert!(
        said(&through(1, &two), &page)
            .ends_with("1 of 2 kinds of evidence speak for it (silence of the records); missing: prior use")
    );
    let later = Consensus { needs: 2, ..used(2) };
    assert!(
        said(&policy(later.clone()), &page).starts_with("old enough, and 0 of 2"),
        "prior use to come will not be enough"
    );
    assert!(said(&through(1, &later), &page).starts_with("held until 2026-11-29 12:00 UTC: old enough, and 1 of 2"));
}

/// As an operator brings it.
fn counted(dir: &std::path::Path, what: CountedUse, text: &str) -> Result<Arc<Counts>, String> {
    let path = dir.join(what.key());
    std::fs::write(&path, text).expect("written");
    let read = CountsList::at(what, path).look(noon()).map_err(|error| error.to_string())?;
    Ok(Arc::new(read.expect("not read before")))
}

#[test]
fn downloads_and_dependents_are_one_voice_and_either_gives_it() {
    let dir = tempfile::tempdir().expect("a directory");
    let downloads = "# last_update: 2026-11-01T00:00:00Z\nproject,download_count\nwidgets,5000\n";
    let dependents = "# last_update: 2026-11-01T00:00:00Z\nproject,dependents\nWidgets,70\n";
    let of = |downloads_least, dependents_least, needs| {
        let mut asked = Consensus { needs, quiet_for: Some(TimeDelta::days(3)), ..asks(1) };
        asked.popularity.set(counted(dir.path(), CountedUse::Downloads, downloads).expect("a list"), downloads_least);
        asked
            .popularity
            .set(counted(dir.path(), CountedUse::Dependents, dependents).expect("a list"), dependents_least);
        policy(asked)
    };
    assert_eq!(ruling(&of(5000, 71, 1), &page(900)), Ruling::Admit);
    assert_eq!(ruling(&of(5001, 70, 1), &page(900)), Ruling::Admit);
    assert!(said(&of(5001, 71, 1), &page(900)).contains("nothing else speaks"));
    assert!(said(&of(5000, 70, 2), &page(900)).contains("1 of 2 kinds of evidence for its project (popularity)"));
    // Who asked for the name when it was another's asks for it still.
    let young = |days| {
        let of = of(5001, 70, 1);
        said(&Policy { age: AgeRules { project: TimeDelta::zero(), ..of.age }, ..of }, &page(days))
    };
    assert!(young(391).contains("nothing else speaks"));
    assert_eq!(young(392), "Admit");
    let wrong = counted(dir.path(), CountedUse::Dependents, downloads).expect_err("other columns");
    assert!(wrong.contains("columns project and dependents, as [gate.consensus] dependents"), "{wrong}");
}

#[test]
fn a_person_vouches_for_a_project_and_nobody_for_another() {
    let mut exemptions = Exemptions::default();
    exemptions.vouch(name("widgets"), Some(1001), noon());
    let mut policy = Policy { exemptions: Arc::new(exemptions.clone()), ..policy(asks(1)) };
    assert_eq!(ruling(&policy, &page(900)), Ruling::Admit);
    assert!(said(&policy, &page(1)).contains("a new project"), "age holds all the same");
    policy.consensus.prior.persons = 2;
    assert!(said(&policy, &page(900)).contains("nothing else speaks"), "two have to agree");
    exemptions.vouch(name("widgets"), Some(1002), noon());
    policy.exemptions = Arc::new(exemptions);
    assert_eq!(ruling(&policy, &page(900)), Ruling::Admit);
}

#[test]
fn what_was_used_and_vouched_for_under_a_name_says_nothing_of_who_has_it_later() {
    // Used for a year, deleted 60 days ago, and registered by another 40 days ago.
    let of_another = page(40);
    assert_eq!(ruling(&policy(used_on(&[400, 390], 60)), &page(401)), Ruling::Admit);
    assert!(said(&policy(used_on(&[400, 390], 60)), &of_another).contains("nothing else speaks"));
    // Used since, its oldest files are gone.
    assert_eq!(ruling(&policy(used_on(&[400, 390], 39)), &of_another), Ruling::Admit);
    let mut exemptions = Exemptions::default();
    exemptions.vouch(name("widgets"), Some(1001), noon() - TimeDelta::days(60));
    let vouched =
        |page: &ProjectPage| said(&Policy { exemptions: Arc::new(exemptions.clone()), ..policy(asks(1)) }, page);
    assert_eq!(vouched(&page(61)), "Admit");
    assert!(vouched(&of_another).contains("nothing else speaks"));
    let mut undated = page(401);
    undated.first_upload = None;
    assert!(said(&policy(used(0)), &undated).contains("nothing else speaks"), "nobody knows since when it is there");
}

#[test]
fn downloads_speak_for_what_was_there_when_they_were_counted() {
    let dir = tempfile::tempdir().expect("a directory");
    let of = |text: &str| counted(dir.path(), CountedUse::Downloads, text);
    let json = r#"{"last_update": "2026-11-01 07:00:00", "rows": [{"download_count": 5000, "project": "Widgets"}]}"#;
    let asks = |downloads: &Arc<Counts>, least| {
        let mut asked = asks(1);
        asked.popularity.set(Arc::clone(downloads), least);
        policy(asked)
    };
    let listed = of(json).expect("a list");
    assert_eq!(ruling(&asks(&listed, 5000), &page(900)), Ruling::Admit);
    assert!(said(&asks(&listed, 5001), &page(900)).contains("nothing else speaks"));
    let young = Policy {
        age: AgeRules { file: TimeDelta::zero(), project: TimeDelta::zero(), ..policy(Consensus::default()).age },
        ..asks(&listed, 1)
    };
    for days in [20, 40, 56] {
        assert!(said(&young, &page(days)).contains("nothing else speaks"), "whose downloads those were, nobody knows");
    }
    assert_eq!(ruling(&young, &page(57)), Ruling::Admit);
    let listed = of("# last_update: 2026-11-27T12:59:00Z\r\nproject,download_count\nwidgets,7\n").expect("a list");
    assert_eq!(listed.of(&name("widgets")), 7);
    for (bad, why) in [
        ("", "first line does not say"),
        ("project,download_count\nwidgets,7\n", "first line does not say"),
        ("# last_update: 2026-11-01T00:00:00Z\nproject,download_count\n", "names no project"),
        ("# last_update: 2026-11-01T00:00:00Z\na,b\n1,2\n", "missing field"),
        ("# last_update: 2026-11-27T13:01:00Z\nproject,download_count\nwidgets,7\n", "is to come"),
        (
            r#"{"last_update": "2027-11-01 07:00:00", "rows": [{"download_count": 5, "project": "widgets"}]}"#,
            "is to come",
        ),
        ("{\"rows\": []}", "last_update"),
        (r#"{"last_update": "soon", "rows": []}"#, "no time"),
    ] {
        let said = of(bad).expect_err("no list");
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
        policy.age.modes = Modes::all(age);
        policy
    };
    let kind = |ruling: Ruling| match ruling {
        Ruling::Refuse(Hold { cause: Cause::Unvouched { .. }, .. }) => "refused for evidence",
        Ruling::Refuse(_) => "refused for age",
        Ruling::Noted(Hold { cause: Cause::Unvouched { .. }, .. }) => "noted for evidence",
        Ruling::Noted(_) => "noted for age",
        Ruling::Advised(Hold { cause: Cause::Unvouched { .. }, .. }) => "advised for evidence",
        Ruling::Advised(_) => "advised for age",
        Ruling::Admit | Ruling::Approved(_) => "admitted",
    };
    let (young, old) = (page(1), page(900));
    let table = [
        (Mode::Enforce, Mode::Enforce, "refused for age", "refused for evidence"),
        (Mode::Enforce, Mode::Observe, "refused for age", "noted for evidence"),
        (Mode::Observe, Mode::Enforce, "refused for evidence", "refused for evidence"),
        (Mode::Observe, Mode::Observe, "noted for age", "noted for evidence"),
        (Mode::Advise, Mode::Observe, "advised for age", "noted for evidence"),
        (Mode::Observe, Mode::Advise, "advised for evidence", "advised for evidence"),
        (Mode::Advise, Mode::Enforce, "refused for evidence", "refused for evidence"),
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
fn a_record_denies_what_the_private_index_has_of_others_and_nothing_of_a_name_that_is_bound() {
    let mut records = MalwareRecords::default();
    let record = json!({"id": "MAL-2026-7", "modified": "2026-11-01T00:00:00Z", "affected": [{"package": {"ecosystem": "PyPI", "name": "widgets"}}]});
    records.add(record.to_string().as_bytes(), &BTreeSet::new()).expect("a record");
    let mut of = Policy { malware: Arc::new(records), ..policy(asks(1)) };
    let young = page(0);
    let private = |of: &Policy| of.on(&young, Origin::Private, noon()).ruling(&young.files[0]);
    assert!(matches!(private(&of), Ruling::Refuse(Hold { cause: Cause::Malware(_), .. })));
    of.binding = Binding::of_watches(std::iter::once(crate::model::WatchId::name(&name("widgets"))), BTreeSet::new());
    assert_eq!(private(&of), Ruling::Admit);
    assert_eq!(private(&policy(asks(1))), Ruling::Admit, "and nothing else is asked of it");
}

#[test]
fn what_is_too_young_and_too_little_speaks_for_promises_no_day() {
    let young = page(20);
    assert_eq!(
        said(&policy(asks(1)), &young),
        "held until 2026-12-07 12:00 UTC, and then for want of evidence: a new project, its first file is of 2026-11-07 12:00 UTC"
    );
    assert!(said(&policy(used_on(&[19, 18], 0)), &young).starts_with("held until 2026-12-07 12:00 UTC: a new project"));
    assert!(
        said(&policy(used_on(&[19, -12], -12)), &young).starts_with("held until 2026-12-16 12:00 UTC: a new project")
    );
    let observed = Consensus { mode: Mode::Observe, ..asks(1) };
    assert!(said(&policy(observed), &young).starts_with("held until 2026-12-07 12:00 UTC: a new project"));
    // Records that come on as they did will have been silent by then.
    let quiet = Consensus { quiet_for: Some(TimeDelta::days(3)), ..asks(1) };
    let fresh = MalwareRecords::none_through(Some(noon() - TimeDelta::days(1)));
    let of = Policy { malware: Arc::new(fresh), ..policy(quiet.clone()) };
    assert!(said(&of, &young).starts_with("held until 2026-12-07 12:00 UTC: a new project"));
    let old = MalwareRecords::none_through(Some(noon() - TimeDelta::days(60)));
    let of = Policy { malware: Arc::new(old), ..policy(quiet) };
    assert!(said(&of, &young).contains("and then for want of evidence"));
}

#[test]
fn what_is_only_observed_to_be_young_is_not_called_old() {
    let mut of = policy(asks(1));
    of.age.modes = Modes::all(Mode::Observe);
    assert_eq!(said(&of, &page(1)), "new here: nothing else speaks for it");
    assert_eq!(said(&of, &page(900)), "old enough, and new here: nothing else speaks for it");
}

#[test]
fn a_record_denies_whatever_speaks_for_a_release_and_in_every_mode() {
    let mut exemptions = Exemptions::default();
    exemptions.approve(&name("widgets"), "ab".repeat(32), crate::gate::exemption::Approved { review: 1, until: None });
    exemptions.vouch(name("widgets"), Some(1001), noon());
    let mut records = MalwareRecords::default();
    let record = json!({"id": "MAL-2026-7", "modified": "2026-11-01T00:00:00Z", "affected": [{"package": {"ecosystem": "PyPI", "name": "widgets"}}]});
    records.add(record.to_string().as_bytes(), &BTreeSet::new()).expect("a record");
    for mode in [Mode::Enforce, Mode::Observe] {
        let mut policy =
            Policy { malware: Arc::new(records.clone()), exemptions: Arc::new(exemptions.clone()), ..policy(used(0)) };
        (policy.age.modes, policy.consensus.mode) = (Modes::all(mode), mode);
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
            let of = used_at.map_or_else(|| asks(needs), used);
            let consensus = Consensus { needs, quiet_for: Some(TimeDelta::days(3)), ..of };
            let records = MalwareRecords::none_through(quiet.map(|days| noon() - TimeDelta::days(days)));
            ruling(&Policy { malware: Arc::new(records), ..policy(consensus) }, &page).is_admitted()
        };
        let is_admitted = full(used_at, quiet, needs);
        prop_assert!(is_admitted <= full(used_at.or(Some(-1)), quiet, needs));
        prop_assert!(is_admitted <= full(used_at, Some(0), needs));
        prop_assert!(full(used_at, quiet, needs + 1) <= is_admitted);
        // Whenever it says that it ends by itself, it does then, and not before.
        let consensus = Consensus { needs, ..used_at.map_or_else(|| asks(needs), used) };
        if let Ruling::Refuse(hold @ Hold { until: Some(until), .. }) = policy(consensus.clone()).ruling(&page, &page.files[0], noon()) {
            let at = |time| policy(consensus.clone()).ruling(&page, &page.files[0], time);
            let is_same = |time| matches!(at(time), Ruling::Refuse(Hold { cause, .. }) if cause == hold.cause);
            prop_assert!(is_same(until - TimeDelta::seconds(1)) && !is_same(until));
            match hold.ends() {
                Some(end) => prop_assert!(at(end).is_admitted() && !at(end - TimeDelta::seconds(1)).is_admitted()),
                None => prop_assert!(!at(until).is_admitted() && sentence(&hold).contains("and then for want of evidence")),
            }
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Event {
    /// The clients receive what is admitted.
    Use,
    Vouch,
    /// Whoever has the name takes it away, and another registers it.
    Another,
    /// Files of the first days go.
    Prune,
    Pass(i64),
}

proptest! {
    /// However a name changes hands, nothing that came before the change lets through what came after.
    #[test]
    fn prior_use_is_of_whoever_has_the_name(
        events in proptest::collection::vec(proptest::prop_oneof![
            Just(Event::Use), Just(Event::Vouch), Just(Event::Another), Just(Event::Prune), (1_i64..60).prop_map(Event::Pass)
        ], 1..30),
    ) {
        let (mut now, mut born, mut handed) = (noon(), noon(), noon());
        let (mut uses, mut vouched): (Vec<Time>, Vec<Time>) = (Vec::new(), Vec::new());
        let mut prior = PriorUse { clients: 1, used_for: TimeDelta::days(7), persons: 1, of: Arc::default() };
        for event in events {
            match event {
                Event::Use => uses.push(now),
                Event::Vouch => vouched.push(now),
                Event::Another => (now, born, handed) = (now + TimeDelta::hours(1), now + TimeDelta::hours(1), now + TimeDelta::hours(1)),
                Event::Prune => born = now.min(born + TimeDelta::days(20)),
                Event::Pass(days) => now += TimeDelta::days(days),
            }
            let (first, last) = (uses.first().copied(), uses.last().copied());
            let of = first.zip(last).map(|(first, last)| (name("widgets"), ProjectUse { firsts: vec![first], last }));
            prior.of = Arc::new(of.into_iter().collect());
            let speaks = prior.since(&name("widgets"), Some(born), vouched.iter().copied()).is_some();
            let is_of_now = uses.iter().chain(&vouched).any(|at| *at >= handed);
            prop_assert!(speaks <= is_of_now, "{event:?} {born} {handed} {uses:?} {vouched:?}");
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
