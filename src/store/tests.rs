//! The store through its own door: transactions, the outbox, the ledger, refusals.

use chrono::TimeDelta;

use super::*;
use crate::model::command::FindingFilter;
use crate::model::finding::Urgency;
use crate::model::notice::{EventRef, Lane, NoticeEvent, NoticeKey};
use crate::model::{
    Channel, Feed, FindingKey, OwnerId, ProjectName, Reached, Recipient, RegistrationId, Registry, Serial, Tier, Time,
    WatchId,
};

fn noon() -> Time {
    chrono::DateTime::from_timestamp(1_800_000_000, 0).expect("a time")
}

fn open() -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().expect("a directory");
    let store = Store::open(dir.path()).expect("opens");
    (dir, store)
}

fn name(text: &str) -> ProjectName {
    ProjectName::parse(text).expect("valid")
}

fn notice(key: &str) -> NewNotice {
    NewNotice {
        key: NoticeKey(key.to_owned()),
        owner: OwnerId("payments".to_owned()),
        channel: Channel::Email,
        event: NoticeEvent::Registered,
        lane: Lane::Page,
        tier: Tier::Page,
        due: noon(),
        body: NoticeBody::Proof,
    }
}

const MANY: Slots = Slots { free: 10, low: 10 };

fn project(name: &str) -> ProjectRow {
    ProjectRow {
        name: ProjectName::parse(name).expect("valid"),
        display: name.to_owned(),
        registration_id: RegistrationId::Second(noon().timestamp()),
        created: Some(noon().timestamp()),
        serial: Serial(7),
        listed: None,
        presence: Presence::Present,
        first_seen: noon(),
        listed_at: None,
    }
}

#[tokio::test]
async fn a_failed_transaction_leaves_no_trace() {
    let (_dir, store) = open();
    let failed = store
        .write(|tx| {
            tx.projects().put(&project("acme"))?;
            Err::<(), _>(StoreError::Closed)
        })
        .await;
    assert!(failed.is_err());
    assert_eq!(store.read(|tx| tx.projects().count()).await.expect("counts"), 0);
}

#[tokio::test]
async fn a_project_comes_back_as_it_went_in() {
    let (_dir, store) = open();
    let row = ProjectRow {
        registration_id: RegistrationId::Listed(Serial(41)),
        listed: Some(Serial(41)),
        ..project("Foo.Bar")
    };
    let wanted = row.clone();
    store.write(move |tx| tx.projects().put(&row)).await.expect("writes");
    let found = store.read(|tx| tx.projects().get(&ProjectName::parse("foo-bar").expect("valid"))).await;
    assert_eq!(found.expect("reads"), Some(wanted));
}

#[tokio::test]
async fn projects_come_page_by_page_in_the_order_of_their_names() {
    let (_dir, store) = open();
    let gone = ProjectRow { presence: Presence::Gone, ..project("acme-b") };
    let listed = ProjectRow { created: None, ..project("acme-c") };
    let rows = [project("acme-d"), listed, gone, project("acme-a")];
    store.write(move |tx| rows.iter().try_for_each(|row| tx.projects().put(row))).await.expect("writes");
    let page = |after: &'static str, limit| store.read(move |tx| tx.projects().after(Registry::Pypi, after, limit));
    let first = page("", 3).await.expect("reads");
    let seen: Vec<_> = first.iter().map(|p| (p.name.as_str(), p.created.is_some(), p.first_seen)).collect();
    assert_eq!(seen, [("acme-a", true, noon()), ("acme-b", true, noon()), ("acme-c", false, noon())]);
    let rest = page("acme-c", 3).await.expect("reads");
    assert_eq!(rest.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["acme-d"]);
    assert_eq!(page("acme-d", 3).await.expect("reads"), []);
}

#[tokio::test]
async fn a_notice_is_stored_once_leased_once_and_survives_the_lease() {
    let (_dir, store) = open();
    let stored =
        store.write(|tx| Ok((tx.notices().add(&notice("k1"), noon())?, tx.notices().add(&notice("k1"), noon())?)));
    let (first, again) = stored.await.expect("writes");
    assert!(first.is_some() && again.is_none());
    let lease =
        |now: Time| store.write(move |tx| tx.notices().lease(&Channel::Email, now, now + TimeDelta::seconds(60), MANY));
    let first = lease(noon()).await.expect("leases");
    assert_eq!((first.len(), first[0].attempts), (1, 1));
    assert_eq!(lease(noon()).await.expect("leases").len(), 0, "it is leased");
    let again = lease(noon() + TimeDelta::seconds(61)).await.expect("leases");
    assert_eq!((again.len(), &again[0].key, again[0].attempts), (1, &first[0].key, 2), "the lease ran out");
    let id = again[0].id;
    store.write(move |tx| tx.notices().settle(id, NoticeState::Delivered, None, noon())).await.expect("settles");
    assert_eq!(lease(noon() + TimeDelta::days(1)).await.expect("leases").len(), 0);
}

#[tokio::test]
async fn adjoining_spans_merge_and_holes_stay() {
    let (_dir, store) = open();
    let span = |start: u64, end: u64, minute: i64| Span {
        feed: Feed::Changelog,
        grade: Grade::EveryEvent,
        serials: Some((Serial(start), Serial(end))),
        from: noon() + TimeDelta::minutes(minute),
        to: noon() + TimeDelta::minutes(minute + 1),
    };
    let spans = [span(10, 20, 0), span(20, 35, 1), span(50, 60, 2)];
    store.write(move |tx| spans.iter().try_for_each(|s| tx.coverage().extend(s))).await.expect("writes");
    let ledger = store.read(|tx| tx.coverage().all(Registry::Pypi)).await.expect("reads");
    let serials: Vec<_> = ledger.iter().filter_map(|s| s.serials).collect();
    assert_eq!(serials, [(Serial(10), Serial(35)), (Serial(50), Serial(60))]);
}

#[tokio::test]
async fn the_baseline_keeps_its_time_whatever_passes_follow() {
    let (_dir, store) = open();
    let pass = |start: u64, end: u64, from: Time, to: Time| Span {
        feed: Feed::Index,
        grade: Grade::SurvivorsOnly,
        serials: Some((Serial(start), Serial(end))),
        from,
        to,
    };
    let later = |minute: i64| noon() + TimeDelta::minutes(minute);
    assert_eq!(store.read(|tx| tx.coverage().baseline(Registry::Pypi)).await.expect("reads"), None);
    let passes =
        [pass(0, 100, Time::UNIX_EPOCH, noon()), pass(100, 100, noon(), later(5)), pass(100, 140, later(5), later(10))];
    store.write(move |tx| passes.iter().try_for_each(|span| tx.coverage().extend(span))).await.expect("writes");
    assert_eq!(store.read(|tx| tx.coverage().baseline(Registry::Pypi)).await.expect("reads"), Some(noon()));
}

#[tokio::test]
async fn a_second_process_is_refused_and_a_backup_opens() {
    let (dir, store) = open();
    assert!(matches!(Store::open(dir.path()), Err(StoreError::Lock(LockError::Held { .. }))));
    store.write(|tx| tx.projects().put(&project("acme"))).await.expect("writes");
    let copy = tempfile::tempdir().expect("a directory");
    store.backup(copy.path().to_owned(), "namewarden.db".to_owned()).await.expect("backs up");
    let restored = Store::open(copy.path()).expect("opens");
    assert_eq!(restored.read(|tx| tx.projects().count()).await.expect("counts"), 1);
    assert_eq!(restored.check().await.expect("checks"), Vec::<String>::new());
}

#[tokio::test]
async fn a_damaged_file_is_refused_by_name() {
    let dir = tempfile::tempdir().expect("a directory");
    std::fs::write(dir.path().join("namewarden.db"), vec![7_u8; 8192]).expect("writes");
    let refused = Store::open(dir.path()).expect_err("damaged");
    assert!(matches!(refused, StoreError::Corrupt { .. }), "{refused}");
}

#[tokio::test]
async fn a_recipients_fate_outlives_a_restart_and_belongs_to_its_notice_and_owner() {
    let (dir, store) = open();
    let (key, owner) = (NoticeKey("k".into()), OwnerId("payments".into()));
    let fates = [Recipient::accepted("anna@x.example"), Recipient::refused("ben@x.example", "550")];
    let (k, o, news) = (key.clone(), owner.clone(), fates.clone());
    let settle = move |tx: &Tx<'_>| {
        news.iter().try_for_each(|one| tx.recipients().settle(&k, &o, &Channel::Email, one, noon()))?;
        tx.recipients().settle(&k, &o, &Channel::Email, &Recipient::refused("anna@x.example", "late"), noon())
    };
    store.write(settle).await.expect("stored");
    drop(store);
    let store = Store::open(dir.path()).expect("opens again");
    let found = store.read(move |tx| tx.recipients().of(&key, &owner, &Channel::Email)).await.expect("read");
    assert_eq!(found, fates, "the first word stands");
    let another = |tx: &Tx<'_>| tx.recipients().of(&NoticeKey("k".into()), &OwnerId("ops".into()), &Channel::Email);
    assert_eq!(store.read(another).await.expect("read"), []);
    let gone = store.write(|tx| tx.retire(noon() + TimeDelta::days(181))).await.expect("retired");
    assert_eq!(gone, 0, "ben refused last, and hears of nothing");
}

/// Statements about one case, its project and its notice.
fn of_one(tx: &Tx<'_>, key: &FindingKey) -> Result<(), StoreError> {
    let acme = ProjectName::parse("acme").expect("valid");
    tx.findings().list(&FindingFilter::default())?;
    tx.findings().get(key)?;
    tx.findings().timeline(key, 5)?;
    tx.findings().lines(key)?;
    tx.findings().lines_of_releases(key)?;
    tx.findings().is_answered_since(key, noon())?;
    tx.findings().of_project(&acme)?;
    tx.findings().mark_reminded(key, noon())?;
    tx.findings().count(Tier::Page, crate::model::FindingState::Open)?;
    tx.findings().unacknowledged_since(Tier::Page, noon(), noon())?;
    tx.findings().longest_open(Tier::Page)?;
    tx.findings().worked_on(Tier::Page)?;
    tx.findings().merely_stands(key)?;
    tx.facts().first_looks_wait(&OwnerId("payments".into()))?;
    tx.tellings().gathering(&OwnerId("payments".into()))?;
    tx.tellings().gathered(&OwnerId("payments".into()), noon())?;
    tx.health().over_since(noon())?;
    tx.tellings().audience(key)?;
    tx.tellings().is_told_over(key)?;
    tx.tellings().last_kind(key)?;
    tx.notices().lease(&Channel::Email, noon(), noon(), MANY)?;
    tx.notices().lease_to_try(&Channel::Email, noon(), noon())?;
    tx.notices().is_outranked(7, noon())?;
    tx.notices().give_back(7, noon())?;
    tx.notices().free_leases()?;
    tx.notices().recent(noon())?;
    tx.notices().settle(7, NoticeState::Delivered, None, noon())?;
    tx.notices().postpone(7, noon(), "later")?;
    tx.notices().failed(7, Reached::Nobody)?;
    tx.notices().overtaken(&Channel::Email, noon())?;
    tx.tellings().is_told(&OwnerId("payments".into()), key)?;
    tx.sightings().of(&acme)?;
    tx.sightings().lower_serials(Registry::Pypi, Serial(7))?;
    tx.projects().lower_serials(Registry::Pypi, Serial(7))?;
    tx.facts().forget_serials(Registry::Pypi, Serial(7), noon())?;
    tx.projects().get(&acme)?;
    Ok(())
}

/// What waits for look-ups.
fn waiting_for_one(tx: &Tx<'_>, key: &FindingKey, owner: &OwnerId) -> Result<(), StoreError> {
    tx.tellings().hasten(key, noon(), noon())?;
    tx.tellings().hasten_alone(key, noon(), noon())?;
    tx.tellings().pages_wait(owner, noon())?;
    tx.tellings().believed(key)?;
    tx.tellings().hasten_pages(owner, noon(), noon())
}

/// What is known of other cases around one.
fn around_one(tx: &Tx<'_>, key: &FindingKey) -> Result<(), StoreError> {
    let (project, watch) = (name("acme-biling"), WatchId::name(&name("acme-billing")));
    let one = LookAlike { key, project: &project, watch: &watch, moment: noon() };
    tx.findings().of_families()?;
    tx.findings().snooze(key, noon())?;
    tx.surroundings().file(&one)?;
    tx.surroundings().company(&one, TimeDelta::hours(1))?;
    tx.surroundings().alone(&one, TimeDelta::hours(1))?;
    tx.surroundings().accompany(key, &watch, noon())?;
    tx.surroundings().hold("user/mallory", key, &project)?;
    tx.surroundings().also_held("user/mallory", &project)?;
    tx.surroundings().alone_held("user/mallory", &project)?;
    tx.surroundings().share(key, noon())
}

fn facts_of_one(tx: &Tx<'_>, key: &FindingKey) -> Result<(), StoreError> {
    tx.facts().want(key, Serial(7))?;
    tx.facts().schedule(key, Urgency::Exact, noon())?;
    tx.facts().due(noon(), 5)?;
    tx.facts().due_look_alike(noon())?;
    tx.facts().look_alikes_waiting(5)?;
    tx.facts().is_due(key, noon())?;
    tx.facts().learned(key, Some(Serial(7)), None, noon())?;
    tx.facts().in_vain(key, None, noon())?;
    Ok(())
}

fn at_a_glance(tx: &Tx<'_>) -> Result<(), StoreError> {
    tx.findings().suspects(10)?;
    tx.findings().suspects(0)?;
    tx.findings().unanswered(None)?;
    tx.findings().unanswered(Some(&OwnerId("payments".into())))?;
    tx.findings().by_day(20_000)?;
    tx.findings().total(&FindingFilter::default())?;
    tx.findings().rules()?;
    tx.reported().hours(noon(), noon())?;
    tx.reported().registrations_by_hour(noon(), noon())?;
    tx.watches().standing(None)?;
    tx.watches().standing_so("exposed", None)?;
    tx.watches().standing_so("exposed", Some(&OwnerId("payments".into())))?;
    tx.watches().exposures()?;
    tx.projects().each_registered(Registry::Pypi, 0, |_, _| Ok(()))?;
    tx.users().behind("", 1)?;
    tx.tokens().behind(0, 1)?;
    tx.plans()?;
    tx.commits().map(drop)
}

/// A message that a mail server and a hook refused.
fn refused_one(tx: &Tx<'_>) -> Result<(), StoreError> {
    for channel in [Channel::Email, Channel::Console] {
        let row = tx.notices().add(&NewNotice { channel, ..notice("refused") }, noon())?.expect("a row");
        tx.notices().settle(row, NoticeState::GivenUp, Some("550"), noon())?;
    }
    tx.notices().last_refusals().map(drop)
}

fn reported(tx: &Tx<'_>, owner: Option<&OwnerId>) -> Result<(), StoreError> {
    let period = (noon(), noon());
    tx.findings().open_counts(owner)?;
    tx.findings().ours()?;
    tx.findings().open_since(owner, Tier::Page)?;
    tx.reported().seen(owner, period, TimeDelta::days(1))?;
    tx.reported().settled(owner, period)?;
    tx.reported().answers(owner, period)?;
    tx.reported().open(owner, (Tier::Page, crate::model::FindingState::Open), 5, |_| ())?;
    tx.reported().settled_cases(owner, period, Tier::Page, 5, |_| ())?;
    tx.reported().open_of(&WatchId::name(&name("acme")))?;
    tx.reported().changed_from(&WatchId::name(&name("acme")), period)?;
    tx.watches().after(owner, "exposed", &WatchId::name(&name("acme")), 5)?;
    tx.watches().detailed_after(owner, "exposed", &WatchId::name(&name("acme")), 5)?;
    tx.watches().give(&WatchId::name(&name("acme")), &OwnerId("payments".into()))?;
    tx.watches().standing(owner)?;
    tx.watches().open_to_others(owner)?;
    tx.watches().added(owner, period)?;
    tx.watches().first(owner, "exposed", 5).map(drop)
}

fn held(tx: &Tx<'_>, channel: &Channel) -> Result<(), StoreError> {
    tx.holds().put(channel, &Hold { until: noon(), failures: 1, asked: false })?;
    tx.holds().get(channel)?;
    tx.holds().is_page_untried(channel)?;
    tx.holds().clear(channel)
}

#[tokio::test]
async fn every_domain_statement_runs() {
    let (_dir, store) = open();
    store
        .write(|tx| {
            let key = FindingKey("acme@1".into());
            of_one(tx, &key).and_then(|()| refused_one(tx))?;
            tx.findings().to_escalate(noon(), noon())?;
            tx.findings().counts()?;
            tx.notices().outboxes(noon(), noon())?;
            tx.notices().next_due(&Channel::Console)?;
            let (owner, channel) = (OwnerId("x".into()), Channel::Email);
            tx.notices().made_since(&owner, &channel, Lane::Alert, noon())?;
            tx.notices().is_under_way(&owner, &channel, "alert", noon())?;
            tx.notices().under_way(&channel, noon())?;
            tx.notices().reopen(&notice("none"))?;
            tx.notices().waiting(noon())?;
            tx.notices().hasten(&channel, noon())?;
            tx.notices().hasten_tried(&channel, false, noon())?;
            tx.notices().ask(1)?;
            tx.recipients().forget_refusals(&channel)?;
            facts_of_one(tx, &key)?;
            around_one(tx, &key)?;
            waiting_for_one(tx, &key, &owner)?;
            tx.tellings().due(&channel, noon(), 5)?;
            tx.tellings().waiting(&owner, &channel, &key)?;
            tx.tellings().waiting_of(&key)?;
            tx.tellings().is_untold(&key)?;
            tx.tellings().is_carried(&owner, &channel, &key)?;
            tx.tellings().release_scheduled(noon())?;
            tx.tellings().put_back(1)?;
            tx.tellings().routes()?;
            tx.tellings().of_route(&owner, &channel)?;
            tx.tellings().events(&[EventRef { finding: key.clone(), number: 1 }])?;
            tx.tellings().queued_since(noon())?;
            tx.tellings().worst(&key)?;
            tx.tellings().last_worsened(&key)?;
            tx.tellings().next_due(&channel)?;
            tx.tellings().overdue_pages(noon())?;
            tx.tellings().fates(&key)?;
            tx.tellings().drop_waiting(&key, noon())?;
            held(tx, &channel)?;
            tx.sightings().count(Feed::Rss, "created", 3, noon())?;
            tx.sightings().totals(noon())?;
            reported(tx, None)?;
            reported(tx, Some(&owner))?;
            tx.reported().exposure_changes((noon(), noon()), None, 5)?;
            tx.reported().registrations(noon(), noon())?;
            tx.health().all_open()?;
            tx.watches().all()?;
            tx.watches().changes(&WatchId::name(&name("acme")), 5)?;
            tx.projects().each_known(Registry::Pypi, |_, _, _| Ok(()))?;
            tx.projects().after(Registry::Pypi, "acme", 5)?;
            tx.coverage().baseline(Registry::Pypi)?;
            answers::of_one(tx)?;
            at_a_glance(tx)?;
            claims::of_one(tx)?;
            tx.retire(noon())
        })
        .await
        .expect("all statements are valid");
    plans::check();
}

mod aging;
mod answers;
mod claims;
mod damage;
mod learned;
mod numbers;
mod outbox;
mod plans;
mod readers;
mod repeated;
mod trouble;

#[tokio::test]
async fn the_audit_trail_is_neither_changed_nor_shortened() {
    let (dir, store) = open();
    let line = |action: &str| AuditLine {
        at: noon(),
        by: crate::model::Actor::default(),
        action: action.to_owned(),
        outcome: "done".to_owned(),
        detail: String::new(),
    };
    let (one, two) = (line("judge"), line("sign-in"));
    store.write(move |tx| tx.audit().add(&one).and_then(|()| tx.audit().add(&two))).await.expect("stored");
    let lines = store.read(|tx| tx.audit().since(noon(), 0, 10)).await.expect("read");
    assert_eq!(lines.iter().map(|line| line.line.action.as_str()).collect::<Vec<_>>(), ["judge", "sign-in"]);
    let (late, rest) = (noon() + TimeDelta::seconds(1), lines[0].id);
    assert_eq!(store.read(move |tx| tx.audit().since(late, 0, 10)).await.expect("read"), []);
    assert_eq!(store.read(move |tx| tx.audit().since(noon(), rest, 10)).await.expect("read").len(), 1);
    let retired = store.write(|tx| tx.retire(noon() + TimeDelta::days(10_000))).await.expect("retired");
    assert_eq!((retired, store.read(|tx| tx.audit().since(noon(), 0, 10)).await.expect("read").len()), (0, 2));
    drop(store);
    let conn = rusqlite::Connection::open(dir.path().join("namewarden.db")).expect("opens");
    for attempt in ["DELETE FROM audit", "UPDATE audit SET outcome = 'x'", "UPDATE audit SET who = 'x' WHERE id = 1"] {
        let refused = conn.execute(attempt, []).expect_err("refused").to_string();
        assert!(refused.contains("the audit trail is never"), "{attempt}: {refused}");
    }
}
