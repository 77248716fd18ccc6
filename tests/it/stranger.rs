//! A stranger at PyPI looks for the order and the rhythm in which an owner does not hear.

use chrono::TimeDelta;
use namewarden::cases;
use namewarden::cases::Learned;
use namewarden::model::command::Decision;
use namewarden::model::finding::WouldPipTake;
use namewarden::model::health::HealthIssue;
use namewarden::model::notice::NoticeEvent::{Ended, Registered, Worsened};
use namewarden::model::release::{Files, Reach, Reaches};
use namewarden::model::timeline::Person;
use namewarden::model::{Actor, CaseRef, Channel, Event, Facts, FindingState, OwnerId, Releases, Serial};
use namewarden::store::{NoticeBody, NoticeRow};
use namewarden::watchlist::routes::Routes;

use crate::bench::{Bench, held_by, release};

const NOWHERE: Files = Files { fresh: Reaches::all(Reach::Nowhere), yanked: Reaches::all(Reach::Nowhere) };
const SOMEWHERE: Files = Files { fresh: Reaches::all(Reach::Somewhere), yanked: Reaches::all(Reach::Nowhere) };

/// PyPI's page: held by this user, with these releases, as far as this serial.
fn page(user: &str, releases: &[(&str, Files)], serial: Serial) -> Learned {
    let shown = releases.iter().map(|(version, files)| ((*version).to_owned(), *files));
    let releases = Releases::shown(shown, Some(serial));
    let facts = Facts { users: vec![user.to_owned()], releases, ..Facts::default() };
    Learned::Facts { facts: Box::new(facts), serial: Some(serial) }
}

async fn judge(bench: &Bench, name: &str, decision: Decision) {
    let (key, now) = (bench.findings(name).await[0].key.clone(), bench.now);
    let ruling =
        cases::Ruling { decision, who: Person { actor: Actor::default(), declared: "ann".to_owned() }, note: None };
    let judged = bench.store.write(move |tx| cases::judge_each(tx, &[CaseRef(key.0.clone())], &ruling, now)).await;
    assert!(judged.expect("the store works").iter().all(|ruled| ruled.case.is_some()));
}

async fn is_asked(bench: &Bench, name: &str) -> bool {
    let (name, now) = (name.to_owned(), bench.now);
    let due = bench.store.read(move |tx| tx.facts().due(now, 100)).await.expect("reads");
    due.iter().any(|look| look.project.as_str() == name)
}

/// Registered, held by mallory, told, with a release that pip does not take.
async fn told_with(files: &[(&str, Files)]) -> Bench {
    let mut bench = Bench::new(&[]).await;
    let created = vec![bench.told("acme-billing", Event::Created)];
    bench.apply(created).await;
    bench.learn("acme-billing", page("mallory", files, bench.serial())).await;
    assert_eq!(bench.deliver().await.len(), 1);
    bench.pass(TimeDelta::minutes(30));
    bench
}

/// What it wakes is told as a page, however long the project has stood, whoever tells of the release.
#[tokio::test]
async fn a_project_that_stood_before_the_watch_and_gets_worse_is_told() {
    for by_look_up in [false, true] {
        let mut bench = Bench::new(&["acme-billing"]).await;
        bench.learn("acme-billing", page("mallory", &[("0.1", Files::INSTALLABLE)], bench.serial())).await;
        assert_eq!(bench.deliver().await.len(), 0, "the greeting has told it");
        bench.pass(TimeDelta::days(30));
        let event = if by_look_up { Event::Changed } else { release("99.0") };
        let released = vec![bench.told("acme-billing", event)];
        bench.apply(released).await;
        let both = [("0.1", Files::INSTALLABLE), ("99.0", Files::INSTALLABLE)];
        bench.learn("acme-billing", page("mallory", &both, bench.serial())).await;
        assert_eq!(bench.deliver().await.iter().map(|row| row.event).collect::<Vec<_>>(), [Worsened], "{by_look_up}");
        assert_eq!(bench.states("acme-billing").await, [FindingState::Open]);
    }
}

/// A file for no Python is uploaded first, and one for all of them to the same release when the page has been told.
#[tokio::test]
async fn a_file_added_to_a_known_release_is_told_when_pip_takes_it() {
    let mut bench = told_with(&[("99.0", NOWHERE)]).await;
    assert_eq!(bench.findings("acme-billing").await[0].facts.would_pip_take, WouldPipTake::No);
    let changed = vec![bench.told("acme-billing", Event::Changed)];
    bench.apply(changed).await;
    assert!(is_asked(&bench, "acme-billing").await);
    let queued = bench.learn("acme-billing", page("mallory", &[("99.0", Files::INSTALLABLE)], bench.serial())).await;
    assert_eq!(queued, 1);
}

/// A wheel for one platform: whether ours is among those that take it is not known, and unknown counts as yes.
#[tokio::test]
async fn a_release_that_some_installers_take_is_worse_than_one_that_none_does() {
    let mut bench = told_with(&[("0.1", Files::INSTALLABLE)]).await;
    let changed = vec![bench.told("acme-billing", Event::Changed)];
    bench.apply(changed).await;
    let some = [("0.1", Files::INSTALLABLE), ("99.0", SOMEWHERE)];
    assert_eq!(bench.learn("acme-billing", page("mallory", &some, bench.serial())).await, 1);
    assert_eq!(bench.findings("acme-billing").await[0].facts.would_pip_take, WouldPipTake::Unknown);
}

/// A release taken back makes nothing worse.
#[tokio::test]
async fn a_withdrawal_is_no_alarm() {
    let mut bench = told_with(&[("0.1", Files::INSTALLABLE)]).await;
    let withdrawn = vec![bench.told("acme-billing", Event::Withdrawn { version: "0.1".into() })];
    bench.apply(withdrawn).await;
    assert_eq!(bench.learn("acme-billing", page("mallory", &[], bench.serial())).await, 0);
    assert_eq!(bench.events().await, [Registered]);
}

/// Somebody dealt with what it was, not with what it has become: it is told, and reminded of.
#[tokio::test]
async fn what_a_person_has_settled_is_open_again_when_it_gets_worse() {
    for decision in [Decision::Acknowledge, Decision::Resolve] {
        let mut bench = told_with(&[("0.1", Files::INSTALLABLE)]).await;
        judge(&bench, "acme-billing", decision).await;
        let released = vec![bench.told("acme-billing", release("0.2"))];
        bench.apply(released).await;
        assert_eq!(bench.deliver().await.len(), 0, "no worse than it was");
        let released = vec![bench.told("acme-billing", release("99.0"))];
        bench.apply(released).await;
        bench.pass(TimeDelta::seconds(5));
        assert_eq!(bench.deliver().await.iter().map(|row| row.event).collect::<Vec<_>>(), [Worsened], "{decision:?}");
        assert_eq!(bench.states("acme-billing").await, [FindingState::Open]);
    }
}

#[tokio::test]
async fn what_was_resolved_and_changes_hands_is_told() {
    let mut bench = told_with(&[("0.1", Files::INSTALLABLE)]).await;
    judge(&bench, "acme-billing", Decision::Resolve).await;
    let roles = vec![bench.told("acme-billing", Event::RolesChanged { action: "add Owner eve".into() })];
    bench.apply(roles).await;
    assert!(is_asked(&bench, "acme-billing").await);
    bench.learn("acme-billing", held_by("eve", bench.serial())).await;
    assert_eq!(bench.deliver().await.len(), 1);
}

/// What comes back may be another's, or ours again: either way somebody has to look.
#[tokio::test]
async fn what_was_ours_and_comes_back_is_looked_up_before_it_is_told() {
    let mut bench = Bench::new(&["acme-billing"]).await;
    bench.learn("acme-billing", page("acme-release-bot", &[("1.0", Files::INSTALLABLE)], bench.serial())).await;
    assert_eq!(bench.states("acme-billing").await, [FindingState::Ours]);
    bench.pass(TimeDelta::hours(1));
    let gone = vec![bench.told("acme-billing", Event::Quarantined)];
    bench.apply(gone).await;
    let unlisted = vec![bench.index("acme-billing", Event::Unlisted)];
    bench.apply(unlisted).await;
    assert_eq!(bench.deliver().await.len(), 1, "ours is gone");
    bench.pass(TimeDelta::hours(1));
    let back = vec![bench.told("acme-billing", Event::QuarantineCleared)];
    bench.apply(back).await;
    assert!(is_asked(&bench, "acme-billing").await);
    assert_eq!(bench.deliver().await.len(), 0, "not before it was looked at");
    bench.learn("acme-billing", page("acme-release-bot", &[("1.0", Files::INSTALLABLE)], bench.serial())).await;
    bench.pass(TimeDelta::seconds(10));
    let told: Vec<_> = bench.deliver().await.iter().map(|row| row.event).collect();
    assert_eq!(told, [Ended], "ours as before, as whoever heard that it was gone is told");
    assert_eq!(bench.states("acme-billing").await, [FindingState::Ours]);
}

/// Removed and registered again while the changelog was away: the index has listed the younger one by the time at which
/// the changelog tells of both.
#[tokio::test]
async fn a_registration_that_the_index_saw_before_the_changelog_told_it_is_a_case_of_its_own() {
    let mut bench = Bench::new(&["zeta-internal-tool"]).await;
    bench.pass(TimeDelta::hours(3));
    let removed = bench.told("zeta-internal-tool", Event::Removed);
    bench.pass(TimeDelta::minutes(1));
    let created = bench.told("zeta-internal-tool", Event::Created);
    bench.pass(TimeDelta::minutes(5));
    let changed = vec![bench.index("zeta-internal-tool", Event::Changed)];
    bench.apply(changed).await;
    bench.apply(vec![removed.clone(), created.clone()]).await;
    let (mut first, mut again) = (bench.events().await, Vec::new());
    bench.apply(vec![removed, created]).await;
    again.extend(bench.events().await);
    first.sort();
    again.sort();
    assert_eq!(first, [Registered, Ended], "the greeting had told of the earlier one");
    assert_eq!(again, first, "the same again is nothing");
    let released = vec![bench.told("zeta-internal-tool", release("99.0"))];
    bench.apply(released).await;
    assert_eq!(bench.states("zeta-internal-tool").await.iter().filter(|s| **s == FindingState::Open).count(), 1);
}

/// An index lists a name again before anybody tells that this is another registration, and its page is read meanwhile.
#[tokio::test]
async fn the_page_of_a_registration_is_no_fact_of_the_one_before_it() {
    let by = |user: &str, version: &str, uploaded, serial| match page(user, &[(version, Files::INSTALLABLE)], serial) {
        Learned::Facts { facts, serial } => {
            Learned::Facts { facts: Box::new(Facts { first_upload: Some(uploaded), ..*facts }), serial }
        }
        trouble @ Learned::Trouble { .. } => trouble,
    };
    let mut bench = Bench::new(&[]).await;
    let created = vec![bench.told("acme-billing", Event::Created)];
    bench.apply(created).await;
    bench.learn("acme-billing", by("s2", "9", bench.now, bench.serial())).await;
    bench.pass(TimeDelta::seconds(20));
    let removed = vec![bench.told("acme-billing", Event::Removed)];
    bench.apply(removed).await;
    let own = bench.findings("acme-billing").await[0].facts.clone();
    assert_eq!(own.users, ["s2"]);
    bench.pass(TimeDelta::seconds(20));
    let again = bench.told("acme-billing", Event::Created);
    let listed = vec![bench.index("acme-billing", Event::Relisted)];
    bench.apply(listed).await;
    assert_eq!(bench.states("acme-billing").await, [FindingState::Open], "nobody has told that it is another");
    bench.learn("acme-billing", by("s3", "77", bench.now, bench.serial())).await;
    bench.pass(TimeDelta::seconds(1));
    bench.apply(vec![again]).await;
    let findings = bench.findings("acme-billing").await;
    assert_eq!(bench.states("acme-billing").await, [FindingState::Removed, FindingState::Open]);
    let old = &findings[0].facts;
    assert!(old.users.is_empty() && !old.releases.contains("77") && old.first_upload.is_none(), "{old:?}");
    assert!(old.released && old.trouble.is_some(), "{old:?}");
}

/// The old page of a project that was ours, without a serial that is known or a date: it may not call off an alert.
#[tokio::test]
async fn an_undated_page_that_names_us_calls_no_alert_off() {
    let bench = Bench::new(&[]).await;
    bench.apply(vec![bench.rss("acme-billing", bench.now)]).await;
    bench.learn("acme-billing", held_by("acme-release-bot", Serial(7))).await;
    assert_eq!(bench.states("acme-billing").await, [FindingState::Open]);
    assert_eq!(bench.deliver().await.len(), 1);
}

/// Reported, removed, settled, registered again, and only the index to tell of it: it does not say by whom.
#[tokio::test]
async fn what_was_settled_and_is_listed_again_is_told() {
    for decision in [Decision::Resolve, Decision::Suppress] {
        let mut bench = told_with(&[("0.1", Files::INSTALLABLE)]).await;
        let gone = vec![bench.index("acme-billing", Event::Unlisted)];
        bench.apply(gone).await;
        judge(&bench, "acme-billing", decision).await;
        bench.pass(TimeDelta::hours(1));
        bench.told("acme-billing", Event::Changed);
        let listed = vec![bench.index("acme-billing", Event::Relisted)];
        bench.apply(listed).await;
        bench.pass(TimeDelta::seconds(5));
        assert_eq!(bench.deliver().await.iter().map(|row| row.event).collect::<Vec<_>>(), [Worsened], "{decision:?}");
    }
}

/// The same for a suppression of the inventory: it was written for who held the name before.
#[tokio::test]
async fn a_suppression_does_not_outlive_what_it_was_written_for() {
    let inventory = r#"
[owners.security]
email = ["security@acme.example"]
names = ["acme-billing==4.12.0"]

[[suppress]]
project = "acme-billing"
reason = "an old project of a partner"
"#;
    let routes = Routes { default_owner: OwnerId("security".into()), channels: [Channel::Email].into() };
    let mut bench = Bench::with(inventory, routes, &["acme-billing"]).await;
    assert_eq!(bench.states("acme-billing").await, [FindingState::Suppressed]);
    bench.deliver().await;
    let gone = vec![bench.index("acme-billing", Event::Unlisted)];
    bench.apply(gone).await;
    bench.told("acme-billing", Event::Changed);
    let listed = vec![bench.index("acme-billing", Event::Relisted)];
    bench.apply(listed).await;
    bench.pass(TimeDelta::seconds(5));
    assert_eq!(bench.deliver().await.len(), 1);
    assert_eq!(bench.states("acme-billing").await, [FindingState::Open]);
}

const TWO: &str = r#"
[owners.payments]
email = ["payments@acme.example"]

[owners.security]
email = ["security@acme.example"]

[[prefix]]
text = "zeta-internal-*"
owner = "security"
exclusive = true

[[prefix]]
text = "quux-internal-*"
owner = "payments"
exclusive = true
"#;

/// A thousand names under one owner's prefix, of which a mail is under way, keep no other owner's page waiting.
#[tokio::test]
async fn what_waits_for_one_owner_hides_nothing_of_another() {
    let routes = Routes { default_owner: OwnerId("security".into()), channels: [Channel::Email].into() };
    let mut bench = Bench::with(TWO, routes, &[]).await;
    bench.deliver().await;
    let names: Vec<String> = (0..1_300).map(|n| format!("zeta-internal-{n}")).collect();
    let created = names.iter().map(|name| bench.told(name, Event::Created)).collect();
    bench.apply(created).await;
    bench.pass(TimeDelta::seconds(5));
    assert_eq!(bench.take(&Channel::Email).await.len(), 1, "under way for minutes");
    let other = vec![bench.told("quux-internal-tool", Event::Created)];
    bench.apply(other).await;
    bench.pass(TimeDelta::seconds(5));
    let taken = bench.take(&Channel::Email).await;
    assert_eq!(taken.iter().map(|row| row.owner.0.as_str()).collect::<Vec<_>>(), ["payments"]);
}

/// What was handed over goes back when the channel is there again, and is told by it.
#[tokio::test]
async fn a_channel_that_goes_and_comes_back_loses_nothing() {
    let inventory = r#"
[owners.payments]
slack = ["pay"]
names = ["quux-ledger==1.8.3"]

[owners.security]
email = ["security@acme.example"]
"#;
    let routes = |slack: &[&str]| {
        let slack = slack.iter().map(|name| Channel::Slack((*name).to_owned()));
        Routes {
            default_owner: OwnerId("security".into()),
            channels: [Channel::Email].into_iter().chain(slack).collect(),
        }
    };
    let mut bench = Bench::with(inventory, routes(&["pay"]), &[]).await;
    let created = vec![bench.told("quux-ledger", Event::Created)];
    bench.apply(created).await;
    for slack in [&[][..], &["pay"]] {
        let inventory = namewarden::model::Inventory::clone(&bench.watchlist.inventory);
        bench.watchlist = namewarden::watchlist::Watchlist::new(inventory, routes(slack));
        let (watchlist, now) = (bench.watchlist.clone(), bench.now);
        bench.store.write(move |tx| cases::hand_over(tx, &watchlist, now)).await.expect("the store works");
    }
    bench.pass(TimeDelta::seconds(5));
    let told = bench.take(&Channel::Slack("pay".to_owned())).await;
    assert_eq!(told.iter().filter(|row| row.event == Registered).count(), 1);
}

/// What waits on a channel that takes nothing goes out by one that is put beside it, and that a channel is sick by the others alone.
#[tokio::test]
async fn a_channel_that_comes_has_what_waits_elsewhere_and_no_word_of_its_own_sickness() {
    let pay = || Channel::Slack("pay".to_owned());
    let inventory = r#"
[owners.security]
email = ["security@acme.example"]
slack = ["pay"]
names = ["quux-ledger==1.8.3"]
"#;
    let routes = |with_slack: bool| Routes {
        default_owner: OwnerId("security".into()),
        channels: [Channel::Email].into_iter().chain(with_slack.then(pay)).collect(),
    };
    let mut bench = Bench::with(inventory, routes(false), &[]).await;
    bench.deliver().await;
    let (watchlist, now) = (bench.watchlist.clone(), bench.now);
    let raised = bench.store.write(move |tx| {
        for issue in [HealthIssue::GateUnwell, HealthIssue::Refused { channel: pay().to_string() }] {
            cases::raise_health(tx, &watchlist, &issue, "it is so", now)?;
        }
        Ok(())
    });
    raised.await.expect("the store works");
    for with_slack in [true, true] {
        let inventory = namewarden::model::Inventory::clone(&bench.watchlist.inventory);
        bench.watchlist = namewarden::watchlist::Watchlist::new(inventory, routes(with_slack));
        let (watchlist, now) = (bench.watchlist.clone(), bench.now);
        bench.store.write(move |tx| cases::rerouted(tx, &watchlist, &[], now)).await.expect("the store works");
    }
    let told = |rows: Vec<NoticeRow>| -> Vec<String> {
        let issue = |row: NoticeRow| if let NoticeBody::Health { issue, .. } = row.body { Some(issue) } else { None };
        rows.into_iter().filter_map(issue).collect()
    };
    assert_eq!(told(bench.deliver_by(&pay()).await), ["gate-unwell"]);
    assert_eq!(told(bench.deliver_by(&Channel::Email).await), ["gate-unwell", "refused:slack:pay"]);
}

/// The gate is told of what paged as long as nothing else has the name: whoever withdraws a project withdraws no copy of it.
#[tokio::test]
async fn what_paged_and_is_gone_stays_a_suspect_until_its_name_is_another_case() {
    let mut bench = Bench::new(&[]).await;
    let suspects = async |bench: &Bench| {
        let (all, more) = bench.store.read(|tx| tx.findings().suspects(10)).await.expect("reads");
        assert_eq!(more, 0);
        all.into_iter().map(|(project, suspect)| (project.to_string(), suspect.is_page)).collect::<Vec<_>>()
    };
    let name = "acme-billing";
    let created = vec![bench.told(name, Event::Created)];
    bench.apply(created).await;
    let first = suspects(&bench).await;
    assert_eq!(first, [(name.to_owned(), true)]);
    for gone in [Event::Quarantined, Event::Removed] {
        bench.pass(TimeDelta::minutes(1));
        let gone = vec![bench.told(name, gone)];
        bench.apply(gone).await;
        assert_eq!(suspects(&bench).await, first);
    }
    bench.pass(TimeDelta::minutes(1));
    let again = vec![bench.told(name, Event::Created)];
    bench.apply(again).await;
    let now = bench.now;
    let key = bench.findings(name).await.pop().expect("a case").key;
    let settled = bench.store.write(move |tx| {
        let ruling = cases::Ruling {
            decision: Decision::Resolve,
            who: Person { actor: Actor::default(), declared: "ann".to_owned() },
            note: None,
        };
        cases::judge_each(tx, &[CaseRef(key.0.clone())], &ruling, now).map(drop)
    });
    settled.await.expect("the store works");
    assert_eq!(suspects(&bench).await, [], "of the one before nobody has the name any more");
}

/// Whoever publishes look-alikes by the thousand frees none that was there before.
#[tokio::test]
async fn a_flood_pushes_out_no_suspect_that_is_older_and_is_counted() {
    let inventory = "[owners.security]\nemail = [\"security@acme.example\"]\nnames = [\"quux-one\", \"quux-two\", \"quux-three\"]\n";
    let routes = Routes { default_owner: OwnerId("security".into()), channels: [Channel::Email].into() };
    let mut bench = Bench::with(inventory, routes, &[]).await;
    for name in ["quux-one", "quux-two", "quux-three"] {
        let created = vec![bench.told(name, Event::Created)];
        bench.apply(created).await;
        bench.pass(TimeDelta::minutes(1));
    }
    let told = async |most: usize| {
        let (of, more) = bench.store.read(move |tx| tx.findings().suspects(most)).await.expect("reads");
        (of.into_keys().map(|project| project.to_string()).collect::<Vec<_>>(), more)
    };
    assert_eq!(told(2).await, (vec!["quux-one".to_owned(), "quux-two".to_owned()], 1));
    assert_eq!(told(3).await.1, 0);
    assert_eq!(told(0).await, (Vec::new(), 3));
}
