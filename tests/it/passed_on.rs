//! Projects that go from hand to hand: what a stranger left behind, what was settled of those who held it, what cannot be read.

use chrono::TimeDelta;
use namewarden::cases::{self, Learned, Ruling};
use namewarden::model::command::Decision;
use namewarden::model::finding::WouldPipTake;
use namewarden::model::notice::NoticeEvent;
use namewarden::model::release::Files;
use namewarden::model::timeline::Person;
use namewarden::model::{
    Actor, CaseRef, Channel, Event, Facts, FindingState, OwnerId, Releases, Serial, Sighting, Time,
};
use namewarden::watchlist::routes::Routes;

use crate::bench::{Bench, release};
use crate::world::INVENTORY;

/// An account that the inventory lists.
const OURS: &str = "acme-release-bot";

/// PyPI's page: who holds it, and what stands there.
fn page(bench: &Bench, users: &[&str], versions: &[(&str, Files)]) -> Learned {
    let shown = versions.iter().map(|(version, files)| ((*version).to_owned(), *files));
    let facts = Facts {
        users: users.iter().map(|user| (*user).to_owned()).collect(),
        releases: Releases::shown(shown, Some(bench.serial())),
        first_upload: Some(bench.now),
        ..Facts::default()
    };
    Learned::Facts { facts: Box::new(facts), serial: Some(bench.serial()) }
}

/// There is a page without a file, or none at all.
fn nothing(serial: Option<Serial>) -> Learned {
    let reason = "PyPI shows no file of it yet".to_owned();
    Learned::Trouble { reason, releases: Box::default(), uploaded: None, serial, wait: None }
}

async fn decide(bench: &Bench, project: &str, decision: Decision) {
    let who = Person { actor: Actor::default(), declared: "ann".to_owned() };
    let (ruling, case, now) = (Ruling { decision, who, note: None }, CaseRef(project.to_owned()), bench.now);
    bench.store.write(move |tx| cases::judge_each(tx, std::slice::from_ref(&case), &ruling, now)).await.expect("ruled");
}

/// Something of this kind was queued since.
async fn told_since(bench: &Bench, known: usize) -> Vec<NoticeEvent> {
    bench.events().await.split_off(known)
}

async fn happens(bench: &mut Bench, name: &str, event: Event) {
    let sighting = bench.told(name, event);
    bench.apply(vec![sighting]).await;
}

/// RSS tells the second registration, the index lists it, and the changelog comes last with what was before.
#[tokio::test]
async fn a_removal_in_the_second_of_the_next_registration_does_not_end_that() {
    for (indexed, release_first) in [(true, false), (true, true), (false, false)] {
        let mut bench = Bench::new(&[]).await;
        happens(&mut bench, "acme-billing", Event::Created).await;
        bench.pass(TimeDelta::minutes(20));
        let removed = bench.told("acme-billing", Event::Removed);
        let created = bench.told("acme-billing", Event::Created);
        let released = bench.told("acme-billing", release("99.0"));
        let rss = bench.rss("acme-billing", bench.now);
        bench.apply(vec![rss]).await;
        let index = bench.index("acme-billing", Event::Changed);
        if indexed {
            bench.apply(vec![index]).await;
        }
        if release_first {
            bench.apply(vec![removed, created, released]).await;
        } else {
            bench.apply_each(vec![removed, created, released]).await;
        }
        let states = bench.states("acme-billing").await;
        assert_eq!(states, [FindingState::Removed, FindingState::Open], "indexed: {indexed}, {release_first}");
        let told = bench.events().await;
        let ends = told.iter().filter(|kind| **kind == NoticeEvent::Ended).count();
        assert!(ends <= 1 || !indexed, "only the first has ended: {told:?}");
    }
}

#[tokio::test]
async fn what_a_stranger_left_in_a_project_of_ours_is_a_page_until_it_is_gone() {
    let mut bench = Bench::new(&[]).await;
    happens(&mut bench, "acme-billing", Event::Created).await;
    happens(&mut bench, "acme-billing", release("99.0")).await;
    bench.learn("acme-billing", page(&bench, &["mallory"], &[("99.0", Files::INSTALLABLE)])).await;
    bench.deliver().await;
    let known = bench.events().await.len();
    bench.pass(TimeDelta::hours(1));
    happens(&mut bench, "acme-billing", Event::RolesChanged { action: "accepted Owner".into() }).await;
    bench.learn("acme-billing", page(&bench, &[OURS], &[("99.0", Files::INSTALLABLE)])).await;
    let case = bench.findings("acme-billing").await.remove(0);
    let stands = (case.state, case.facts.ours, case.facts.would_pip_take);
    assert_eq!(stands, (FindingState::Open, Some(true), WouldPipTake::Yes), "its files are the stranger's");
    assert_eq!(told_since(&bench, known).await, [NoticeEvent::Worsened], "told, and not as an end");
    bench.deliver().await;
    bench.pass(TimeDelta::hours(1));
    // Ours on top of it takes nothing away.
    happens(&mut bench, "acme-billing", release("100.0")).await;
    let both = [("100.0", Files::INSTALLABLE), ("99.0", Files::INSTALLABLE)];
    bench.learn("acme-billing", page(&bench, &[OURS], &both)).await;
    assert_eq!(bench.states("acme-billing").await, [FindingState::Open]);
    happens(&mut bench, "acme-billing", Event::Withdrawn { version: "99.0".into() }).await;
    bench.learn("acme-billing", page(&bench, &[OURS], &[("100.0", Files::INSTALLABLE)])).await;
    assert_eq!(bench.states("acme-billing").await, [FindingState::Ours], "all of it is ours");
    assert_eq!(bench.events().await.last(), Some(&NoticeEvent::Ended));
}

#[tokio::test]
async fn what_is_ours_at_the_first_look_is_ours_with_all_its_releases() {
    let mut bench = Bench::new(&[]).await;
    happens(&mut bench, "acme-billing", Event::Created).await;
    happens(&mut bench, "acme-billing", release("99.0")).await;
    bench.learn("acme-billing", nothing(None)).await;
    bench.deliver().await;
    bench.learn("acme-billing", page(&bench, &[OURS], &[("99.0", Files::INSTALLABLE)])).await;
    assert_eq!(bench.states("acme-billing").await, [FindingState::Ours]);
}

/// Whoever is told of a project without a file has heard nothing of what it holds, whether they have answered or not.
#[tokio::test]
async fn the_first_release_is_told_to_whoever_has_a_page_that_says_not_known_yet() {
    for answer in ["acknowledged", "snoozed", "nothing"] {
        let mut bench = Bench::new(&[]).await;
        happens(&mut bench, "acme-ledger", Event::Created).await;
        bench.learn("acme-ledger", nothing(Some(bench.serial()))).await;
        bench.pass(TimeDelta::seconds(6));
        assert!(!bench.deliver().await.is_empty());
        match answer {
            "acknowledged" => decide(&bench, "acme-ledger", Decision::Acknowledge).await,
            "snoozed" => snooze(&bench, "acme-ledger").await,
            _ => {}
        }
        let known = bench.events().await.len();
        bench.pass(TimeDelta::seconds(30));
        happens(&mut bench, "acme-ledger", release("7.0")).await;
        assert_eq!(told_since(&bench, known).await, [NoticeEvent::Worsened], "{answer}");
        bench.pass(TimeDelta::seconds(6));
        assert_eq!(bench.deliver().await.len(), 1, "{answer}: at once, since the page left open what pip does");
        let case = bench.findings("acme-ledger").await.remove(0);
        assert_eq!(case.snoozed_until, None, "{answer}: what got worse is put off no more");
    }
}

/// Published, withdrawn and published again, by the changelog and by pages, all within the ten minutes of the first alert.
#[tokio::test]
async fn a_page_is_answered_twice_at_most_whatever_a_stranger_publishes() {
    let mut bench = Bench::new(&[]).await;
    happens(&mut bench, "acme-ledger", Event::Created).await;
    bench.learn("acme-ledger", nothing(Some(bench.serial()))).await;
    bench.pass(TimeDelta::seconds(6));
    assert_eq!(bench.deliver().await.len(), 1);
    let mut told = 0;
    for round in 0..12 {
        for version in [format!("0.{round}"), format!("9{round}.1")] {
            happens(&mut bench, "acme-ledger", release(&version)).await;
            bench.learn("acme-ledger", page(&bench, &["mallory"], &[(&version, Files::INSTALLABLE)])).await;
            bench.pass(TimeDelta::seconds(6));
            told += bench.deliver().await.len();
            happens(&mut bench, "acme-ledger", Event::Withdrawn { version }).await;
            bench.pass(TimeDelta::seconds(6));
        }
    }
    assert_eq!(changes(&bench).await[..2], ["first release: 0.0", "new release: 90.1"]);
    assert_eq!(told, 2, "all that came after those waits, and goes out as one");
    bench.pass(TimeDelta::minutes(10));
    assert_eq!(bench.deliver().await.len(), 1);
}

/// Answered, opened again by a release, and then one that was made to win, beside another owner.
#[tokio::test]
async fn a_version_made_to_win_stands_among_what_changed() {
    let mut bench = Bench::new(&[]).await;
    happens(&mut bench, "acme-ledger", Event::Created).await;
    bench.learn("acme-ledger", nothing(Some(bench.serial()))).await;
    bench.pass(TimeDelta::seconds(6));
    bench.deliver().await;
    decide(&bench, "acme-ledger", Decision::Acknowledge).await;
    happens(&mut bench, "acme-ledger", release("0.1")).await;
    bench.learn("acme-ledger", page(&bench, &["mallory"], &[("0.1", Files::INSTALLABLE)])).await;
    bench.deliver().await;
    let known = bench.events().await.len();
    bench.pass(TimeDelta::seconds(8));
    happens(&mut bench, "acme-ledger", release("99.1")).await;
    happens(&mut bench, "acme-ledger", Event::RolesChanged { action: "add Owner eve".into() }).await;
    let both = [("99.1", Files::INSTALLABLE), ("0.1", Files::INSTALLABLE)];
    bench.learn("acme-ledger", page(&bench, &["eve"], &both)).await;
    bench.pass(TimeDelta::seconds(6));
    let told = bench.deliver().await;
    assert!(!told.is_empty(), "at once");
    assert_eq!(told_since(&bench, known).await.first(), Some(&NoticeEvent::Worsened));
    let said = changes(&bench).await.join("; ");
    assert!(said.contains("new release: 99.1"), "{said}");
}

/// What was told to have changed, oldest first.
async fn changes(bench: &Bench) -> Vec<String> {
    let events = bench.store.read(|tx| tx.tellings().queued_since(Time::UNIX_EPOCH)).await.expect("reads");
    events.into_iter().filter_map(|event| event.change).collect()
}

async fn snooze(bench: &Bench, project: &str) {
    let who = Person { actor: Actor::default(), declared: "ann".to_owned() };
    let snooze = cases::Snooze { until: bench.now + TimeDelta::hours(8), who, note: None };
    let (case, now) = (CaseRef(project.to_owned()), bench.now);
    bench
        .store
        .write(move |tx| cases::snooze_each(tx, std::slice::from_ref(&case), &snooze, now))
        .await
        .expect("snoozed");
}

/// Inviting another and leaving are two events, each of which leaves somebody. What is declared harmless is so of those who
/// held it then; what is merely closed opens with whoever comes.
#[tokio::test]
async fn what_was_settled_opens_when_nobody_is_left_of_those_who_held_it_then() {
    let (suppressed, open) = (FindingState::Suppressed, FindingState::Open);
    for (decision, states) in [(Decision::Suppress, [suppressed, open]), (Decision::Resolve, [open, open])] {
        let mut bench = Bench::new(&[]).await;
        let (files, uploaded) = ([("0.1", Files::INSTALLABLE)], bench.now);
        happens(&mut bench, "acme-billing", Event::Created).await;
        happens(&mut bench, "acme-billing", release("0.1")).await;
        bench.learn("acme-billing", page(&bench, &["friend"], &files)).await;
        bench.deliver().await;
        bench.pass(TimeDelta::hours(1));
        decide(&bench, "acme-billing", decision).await;
        for (users, state) in [&["friend", "mallory"][..], &["mallory"]].into_iter().zip(states) {
            bench.pass(TimeDelta::minutes(5));
            happens(&mut bench, "acme-billing", Event::RolesChanged { action: "add Owner mallory".into() }).await;
            let Learned::Facts { facts, serial } = page(&bench, users, &files) else { panic!("a page") };
            let facts = Box::new(Facts { first_upload: Some(uploaded), ..*facts });
            bench.learn("acme-billing", Learned::Facts { facts, serial }).await;
            assert_eq!(bench.states("acme-billing").await, [state], "{decision:?} {users:?}");
        }
    }
}

/// How it came to be declared harmless.
#[derive(Clone, Copy, Debug)]
enum Harmless {
    /// By the inventory, which said so from the start.
    FromTheStart,
    /// By the inventory, once somebody had looked who holds it, and before.
    Later { known: bool },
    /// By a person, before anybody had.
    Unseen,
}

async fn harmless(how: Harmless, page: impl Fn(&Bench) -> Learned) -> Bench {
    let suppress = "[[suppress]]\nproject = \"acme-billing\"\nreason = \"a friend's\"\n";
    let inventory = format!("{INVENTORY}\n{suppress}");
    if matches!(how, Harmless::FromTheStart) {
        let routes = Routes { default_owner: OwnerId("security".into()), channels: [Channel::Email].into() };
        return Bench::with(&inventory, routes, &["acme-billing"]).await;
    }
    let mut bench = Bench::new(&[]).await;
    happens(&mut bench, "acme-billing", Event::Created).await;
    happens(&mut bench, "acme-billing", release("0.1")).await;
    match how {
        Harmless::Later { known } => {
            if known {
                bench.learn("acme-billing", page(&bench)).await;
            }
            bench.follow(&inventory).await;
        }
        Harmless::FromTheStart | Harmless::Unseen => decide(&bench, "acme-billing", Decision::Suppress).await,
    }
    bench
}

/// Whoever said so, and whether anybody knew by then who holds it: it was said of those who were first known to.
#[tokio::test]
async fn what_was_declared_harmless_opens_when_nobody_is_left_of_those_who_were_known_first() {
    let ways: [&[&[&str]]; 4] = [
        &[&["friend", "mallory"], &["mallory"]],
        &[&["friend", "eve"], &["friend"], &["mallory", "friend"], &["mallory", "eve"]],
        &[&["mallory"]],
        &[&["friend", "mallory"], &["Friend"], &["friend", "mallory"], &["friend"]],
    ];
    let all =
        [Harmless::FromTheStart, Harmless::Later { known: true }, Harmless::Later { known: false }, Harmless::Unseen];
    for (how, way) in all.into_iter().flat_map(|how| ways.map(|way| (how, way))) {
        let (uploaded, files) = ("2026-11-20T12:00:00Z".parse().expect("a time"), [("0.1", Files::INSTALLABLE)]);
        let shown = |bench: &Bench, users: &[&str]| match page(bench, users, &files) {
            Learned::Facts { facts, serial } => {
                Learned::Facts { facts: Box::new(Facts { first_upload: Some(uploaded), ..*facts }), serial }
            }
            trouble @ Learned::Trouble { .. } => trouble,
        };
        let mut bench = harmless(how, |bench| shown(bench, &["friend"])).await;
        bench.learn("acme-billing", shown(&bench, &["friend"])).await;
        for users in way {
            assert_eq!(bench.states("acme-billing").await, [FindingState::Suppressed], "{how:?} {way:?} {users:?}");
            bench.pass(TimeDelta::minutes(5));
            happens(&mut bench, "acme-billing", Event::RolesChanged { action: "add Owner mallory".into() }).await;
            bench.learn("acme-billing", shown(&bench, users)).await;
        }
        let gone = way.last().is_some_and(|left| !left.iter().any(|user| user.eq_ignore_ascii_case("friend")));
        let state = if gone { FindingState::Open } else { FindingState::Suppressed };
        assert_eq!(bench.states("acme-billing").await, [state], "{how:?} {way:?}");
    }
}

/// A project of ours that stands, known by its page.
async fn ours() -> Bench {
    let mut bench = Bench::new(&[]).await;
    happens(&mut bench, "acme-billing", Event::Created).await;
    happens(&mut bench, "acme-billing", release("4.12.0")).await;
    bench.learn("acme-billing", page(&bench, &[OURS], &[("4.12.0", Files::INSTALLABLE)])).await;
    assert_eq!(bench.states("acme-billing").await, [FindingState::Ours]);
    bench.pass(TimeDelta::days(3));
    bench
}

/// The index alone tells that something changed, at the next serial.
async fn changed(bench: &mut Bench) {
    let sighting = bench.told("acme-billing", Event::Changed);
    bench.apply(vec![Sighting { at: None, feed: namewarden::model::Feed::Index, ..sighting }]).await;
}

#[tokio::test]
async fn a_project_of_ours_whose_page_shows_nothing_any_more_is_a_page() {
    let mut bench = ours().await;
    changed(&mut bench).await;
    bench.learn("acme-billing", nothing(Some(bench.serial()))).await;
    assert_eq!(bench.states("acme-billing").await, [FindingState::Open]);
    // An older page says nothing.
    let mut bench = ours().await;
    let before = bench.serial();
    changed(&mut bench).await;
    bench.learn("acme-billing", nothing(Some(before))).await;
    assert_eq!(bench.states("acme-billing").await, [FindingState::Ours]);
}

#[tokio::test]
async fn a_project_of_ours_that_changed_and_cannot_be_read_is_doubted_after_a_while() {
    let mut bench = ours().await;
    changed(&mut bench).await;
    bench.learn("acme-billing", nothing(None)).await;
    for (minutes, state) in [(10, FindingState::Ours), (6, FindingState::Open)] {
        bench.pass(TimeDelta::minutes(minutes));
        bench.learn("acme-billing", nothing(None)).await;
        assert_eq!(bench.states("acme-billing").await, [state], "after {minutes} minutes more");
    }
    // What nothing happened to is not doubted, however long it cannot be read.
    let mut calm = ours().await;
    for _ in 0..3 {
        calm.learn("acme-billing", nothing(None)).await;
        calm.pass(TimeDelta::hours(1));
    }
    assert_eq!(calm.states("acme-billing").await, [FindingState::Ours]);
}

/// The page that comes is that of whoever has the name since.
#[tokio::test]
async fn a_look_up_that_comes_after_the_end_changes_nothing() {
    let mut bench = Bench::new(&[]).await;
    happens(&mut bench, "acme-billing", Event::Created).await;
    bench.learn("acme-billing", page(&bench, &["a"], &[("0.1", Files::INSTALLABLE)])).await;
    bench.deliver().await;
    bench.pass(TimeDelta::minutes(1));
    happens(&mut bench, "acme-billing", Event::Removed).await;
    bench.pass(TimeDelta::seconds(1));
    happens(&mut bench, "acme-billing", Event::Created).await;
    bench.deliver().await;
    let old = bench.findings("acme-billing").await.remove(0);
    let known = bench.events().await.len();
    let (watchlist, now, key) = (bench.watchlist.clone(), bench.now, old.key.clone());
    let learned = page(&bench, &["b"], &[("99.0", Files::INSTALLABLE)]);
    bench.store.write(move |tx| cases::apply_facts(tx, &watchlist, &key, &learned, now)).await.expect("applied");
    assert_eq!(told_since(&bench, known).await, []);
    assert_eq!(bench.findings("acme-billing").await.remove(0), old);
    let due = bench.store.read(|tx| tx.facts().due(Time::MAX_UTC, 10)).await.expect("reads");
    assert!(due.iter().all(|look| look.key != old.key), "nor is it asked for again");
}

/// One project is one page, whatever was settled of the earlier one.
#[tokio::test]
async fn a_registration_takes_over_from_what_was_settled_of_an_earlier_one() {
    for decision in [Decision::Suppress, Decision::Resolve] {
        let mut bench = Bench::new(&[]).await;
        happens(&mut bench, "acme-billing", Event::Created).await;
        bench.learn("acme-billing", page(&bench, &["friend"], &[("0.1", Files::INSTALLABLE)])).await;
        bench.deliver().await;
        decide(&bench, "acme-billing", decision).await;
        bench.pass(TimeDelta::hours(1));
        let rss = bench.rss("acme-billing", bench.now);
        bench.apply(vec![rss]).await;
        bench.learn("acme-billing", page(&bench, &["mallory"], &[("99.0", Files::INSTALLABLE)])).await;
        assert_eq!(bench.states("acme-billing").await, [FindingState::Removed, FindingState::Open], "{decision:?}");
    }
}

async fn told_by(bench: &mut Bench, actions: &[&str]) {
    for action in actions {
        happens(bench, "acme-billing", Event::RolesChanged { action: (*action).to_owned() }).await;
    }
}

/// A stranger's release, and then the project is ours, before any page could be read.
async fn came_to_us_unseen(changelog: bool) -> Bench {
    let mut bench = Bench::new(&[]).await;
    if changelog {
        happens(&mut bench, "acme-billing", Event::Created).await;
        told_by(&mut bench, &["add Owner mallory"]).await;
        happens(&mut bench, "acme-billing", release("99.0")).await;
        told_by(&mut bench, &["add Owner acme-release-bot", "remove Owner mallory"]).await;
    } else {
        let rss = bench.rss("acme-billing", bench.now);
        bench.apply(vec![rss]).await;
        bench.learn("acme-billing", nothing(None)).await;
        bench.pass(TimeDelta::seconds(6));
        assert!(!bench.deliver().await.is_empty(), "nobody could say who holds it");
    }
    bench
}

#[tokio::test]
async fn what_came_to_us_before_anybody_looked_is_not_ours_for_that() {
    for changelog in [true, false] {
        let bench = came_to_us_unseen(changelog).await;
        bench.learn("acme-billing", page(&bench, &[OURS], &[("99.0", Files::INSTALLABLE)])).await;
        let case = bench.findings("acme-billing").await.remove(0);
        assert_eq!((case.state, case.facts.ours), (FindingState::Open, Some(true)), "{changelog}");
        assert!(!bench.events().await.contains(&NoticeEvent::Ended), "{changelog}");
    }
}

/// A page may come before the changelog has told what it shows.
#[tokio::test]
async fn what_the_changelog_tells_after_the_page_is_counted_too() {
    let mut bench = Bench::new(&[]).await;
    happens(&mut bench, "acme-billing", Event::Created).await;
    let said: Vec<Sighting> = ["add Owner mallory", "release", "add Owner acme-release-bot", "remove Owner mallory"]
        .into_iter()
        .map(|action| match action {
            "release" => bench.told("acme-billing", release("99.0")),
            action => bench.told("acme-billing", Event::RolesChanged { action: action.to_owned() }),
        })
        .collect();
    bench.learn("acme-billing", page(&bench, &[OURS], &[("99.0", Files::INSTALLABLE)])).await;
    assert_eq!(bench.states("acme-billing").await, [FindingState::Ours], "and nobody has heard a word");
    bench.apply(said).await;
    bench.pass(TimeDelta::minutes(1));
    let now = bench.now;
    let due = bench.store.read(move |tx| tx.facts().due(now, 10)).await.expect("reads");
    assert_eq!(due.len(), 1, "its page is asked for again, although it was new enough");
    bench.learn("acme-billing", page(&bench, &[OURS], &[("99.0", Files::INSTALLABLE)])).await;
    assert_eq!(bench.states("acme-billing").await, [FindingState::Open]);
    assert!(!bench.deliver().await.is_empty());
}

fn theirs(releases: &Releases) -> Vec<String> {
    releases.by_others().versions().map(str::to_owned).collect()
}

/// Whoever is told what to delete must not be told of what they made themselves.
#[tokio::test]
async fn what_we_made_before_a_stranger_came_and_went_stays_ours() {
    for changelog in [true, false] {
        let mut bench = ours().await;
        let (old, new) = (("4.12.0", Files::INSTALLABLE), ("99.0", Files::INSTALLABLE));
        if changelog {
            told_by(&mut bench, &["add Owner mallory", "remove Owner acme-release-bot"]).await;
            happens(&mut bench, "acme-billing", release("99.0")).await;
        } else {
            changed(&mut bench).await;
        }
        bench.learn("acme-billing", page(&bench, &["mallory"], &[new, old])).await;
        assert_eq!(bench.states("acme-billing").await, [FindingState::Open]);
        if changelog {
            told_by(&mut bench, &["add Owner acme-release-bot", "remove Owner mallory"]).await;
        } else {
            changed(&mut bench).await;
        }
        bench.learn("acme-billing", page(&bench, &[OURS], &[new, old])).await;
        let case = bench.findings("acme-billing").await.remove(0);
        assert_eq!(
            (case.state, theirs(&case.facts.releases)),
            (FindingState::Open, vec!["99.0".into()]),
            "{changelog}"
        );
    }
}

/// Given away, published in, and given back between two pages that both show us.
#[tokio::test]
async fn what_others_made_between_two_pages_that_show_us_is_theirs() {
    let mut bench = ours().await;
    told_by(&mut bench, &["add Owner mallory", "remove Owner acme-release-bot"]).await;
    happens(&mut bench, "acme-billing", release("99.0")).await;
    told_by(&mut bench, &["add Owner acme-release-bot", "remove Owner mallory"]).await;
    let both = [("99.0", Files::INSTALLABLE), ("4.12.0", Files::INSTALLABLE)];
    bench.learn("acme-billing", page(&bench, &[OURS], &both)).await;
    let case = bench.findings("acme-billing").await.remove(0);
    assert_eq!((case.state, theirs(&case.facts.releases)), (FindingState::Open, vec!["99.0".into()]));
    assert_eq!(bench.events().await.last(), Some(&NoticeEvent::Worsened));
}

/// The history of a project that is yanked and taken back for hours is folded, and still says who held it when something was made.
#[tokio::test]
async fn what_others_made_is_theirs_however_often_it_is_yanked() {
    let mut bench = ours().await;
    told_by(&mut bench, &["add Owner mallory", "remove Owner acme-release-bot"]).await;
    let yanks = async |bench: &mut Bench| {
        for _ in 0..200 {
            happens(bench, "acme-billing", Event::Withdrawn { version: "99.0".into() }).await;
            happens(bench, "acme-billing", release("99.0")).await;
        }
    };
    happens(&mut bench, "acme-billing", release("99.0")).await;
    yanks(&mut bench).await;
    told_by(&mut bench, &["add Owner acme-release-bot", "remove Owner mallory"]).await;
    yanks(&mut bench).await;
    let both = [("99.0", Files::INSTALLABLE), ("4.12.0", Files::INSTALLABLE)];
    bench.learn("acme-billing", page(&bench, &[OURS], &both)).await;
    let case = bench.findings("acme-billing").await.remove(0);
    assert_eq!((case.state, theirs(&case.facts.releases)), (FindingState::Open, vec!["99.0".into()]));
    let lines = bench.store.read(move |tx| tx.findings().lines(&case.key)).await.expect("reads");
    assert!(lines < 320, "{lines} lines");
}

/// A release of our own is no news to anybody, also where nothing but the index tells that something changed.
#[tokio::test]
async fn what_we_release_ourselves_is_ours_without_a_changelog() {
    let mut bench = ours().await;
    changed(&mut bench).await;
    let known = bench.events().await.len();
    let both = [("4.13.0", Files::INSTALLABLE), ("4.12.0", Files::INSTALLABLE)];
    bench.learn("acme-billing", page(&bench, &[OURS], &both)).await;
    assert_eq!(bench.states("acme-billing").await, [FindingState::Ours]);
    assert_eq!(told_since(&bench, known).await, []);
}

/// A page that showed files and shows none any more: whoever is on it hears of the next release.
#[tokio::test]
async fn what_was_emptied_is_told_when_it_publishes_again() {
    let mut bench = Bench::new(&[]).await;
    happens(&mut bench, "acme-billing", Event::Created).await;
    happens(&mut bench, "acme-billing", release("99.0")).await;
    bench.learn("acme-billing", page(&bench, &["mallory"], &[("99.0", Files::INSTALLABLE)])).await;
    bench.deliver().await;
    decide(&bench, "acme-billing", Decision::Acknowledge).await;
    bench.pass(TimeDelta::hours(1));
    changed(&mut bench).await;
    bench.learn("acme-billing", nothing(Some(bench.serial()))).await;
    let case = bench.findings("acme-billing").await.remove(0);
    assert!(case.facts.trouble.is_some_and(|trouble| trouble.contains("any more")));
    assert!(case.facts.releases.is_empty());
    let known = bench.events().await.len();
    bench.pass(TimeDelta::minutes(5));
    changed(&mut bench).await;
    bench.learn("acme-billing", page(&bench, &["mallory"], &[("100.0", Files::INSTALLABLE)])).await;
    assert_eq!(told_since(&bench, known).await, [NoticeEvent::Worsened]);
    assert_eq!(bench.states("acme-billing").await, [FindingState::Open]);
}

async fn last_change(bench: &Bench) -> String {
    changes(bench).await.pop().expect("a change")
}

/// The end says what became of the stranger's files, and that a yank leaves them to whoever asks for them by `==`.
#[tokio::test]
async fn the_end_of_what_a_stranger_left_says_how() {
    let yanked = Files { fresh: Files::default().fresh, yanked: Files::INSTALLABLE.fresh };
    for (left, word) in [(vec![("99.0", yanked)], "yanked: 99.0"), (vec![("4.12.0", Files::INSTALLABLE)], "gone: 99.0")]
    {
        let bench = came_to_us_unseen(true).await;
        bench.learn("acme-billing", page(&bench, &[OURS], &[("99.0", Files::INSTALLABLE)])).await;
        bench.deliver().await;
        let mut bench = bench;
        bench.pass(TimeDelta::hours(1));
        happens(&mut bench, "acme-billing", Event::Withdrawn { version: "99.0".into() }).await;
        bench.learn("acme-billing", page(&bench, &[OURS], &left)).await;
        assert_eq!(bench.states("acme-billing").await, [FindingState::Ours]);
        let change = last_change(&bench).await;
        assert!(change.contains(word), "{change}");
    }
}

/// Nobody has read a page of it before, and nobody saw it registered.
#[tokio::test]
async fn what_is_not_known_to_be_the_first_release_is_not_called_so() {
    let mut bench = Bench::new(&["acme-billing"]).await;
    bench.deliver().await;
    bench.learn("acme-billing", nothing(None)).await;
    bench.pass(TimeDelta::hours(2));
    happens(&mut bench, "acme-billing", release("99.0")).await;
    assert_eq!(last_change(&bench).await, "new release: 99.0");
}

/// Roles changed, and its page is not read yet: nobody says that it is no threat.
#[tokio::test]
async fn a_project_of_ours_whose_roles_changed_is_not_said_to_be_harmless() {
    let mut bench = ours().await;
    told_by(&mut bench, &["add Owner mallory"]).await;
    let case = bench.findings("acme-billing").await.remove(0);
    assert_eq!(case.state, FindingState::Ours, "for two minutes");
    let trouble = case.facts.trouble.expect("it is not known whose it is");
    assert!(trouble.contains("roles changed (add Owner mallory)"), "{trouble}");
    bench.learn("acme-billing", page(&bench, &[OURS], &[("4.12.0", Files::INSTALLABLE)])).await;
    assert_eq!(bench.findings("acme-billing").await.remove(0).facts.trouble, None);
}

/// It is put off no further, and what somebody has to say is kept.
#[tokio::test]
async fn the_note_of_whoever_snoozes_what_is_acknowledged_is_kept() {
    let mut bench = Bench::new(&[]).await;
    happens(&mut bench, "acme-billing", Event::Created).await;
    bench.deliver().await;
    decide(&bench, "acme-billing", Decision::Acknowledge).await;
    let who = Person { actor: Actor::default(), declared: "ann".to_owned() };
    let snooze = cases::Snooze { until: bench.now + TimeDelta::hours(8), who, note: Some("on Monday".into()) };
    let (case, now) = (CaseRef("acme-billing".to_owned()), bench.now);
    let put_off =
        move |tx: &namewarden::store::Tx<'_>| cases::snooze_each(tx, std::slice::from_ref(&case), &snooze, now);
    bench.store.write(put_off).await.expect("snoozed");
    assert_eq!(bench.findings("acme-billing").await.remove(0).note.as_deref(), Some("on Monday"));
}
