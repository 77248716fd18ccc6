//! One claim through every trouble: killed after each act, left without an answer. Every refusal is in `tests/clients/claims`.

use chrono::TimeDelta;

use super::world::{Answer, World, ada, bob, name};
use crate::model::claim::{ClaimState, Terms};
use crate::model::health::HealthIssue;
use crate::model::{Event, Exposure};

const NAME: &str = "acme-billing";

async fn let_go() -> World {
    let names = [NAME.to_owned()];
    let world = World::new(&names, Terms::default()).await;
    world.propose(&names, &ada()).await;
    world.approve(&names, &bob()).await;
    world.apply(&ada()).await;
    world
}

/// Until nothing moves for a day.
async fn settle(world: &mut World) {
    for _ in 0..30 {
        world.work_off().await;
        world.pass(TimeDelta::hours(1)).await;
    }
}

#[tokio::test]
async fn killed_after_any_act_it_ends_as_ours_with_the_same_package_sent_once() {
    for acts in 0..12 {
        let mut world = let_go().await;
        world.kill_after = Some(acts);
        world.work_off().await;
        world.kill_after = None;
        settle(&mut world).await;
        assert_eq!(world.state(NAME).await, ClaimState::Ours, "killed after {acts} acts");
        assert_eq!((world.published(), world.pypi.conflicts), (1, 0), "killed after {acts} acts");
        let trail = world.trail(NAME).await;
        let sealed: Vec<&str> = trail.iter().filter(|l| l.event == "begin").map(|l| l.detail.as_str()).collect();
        assert!(sealed.windows(2).all(|two| two[0] == two[1]), "{sealed:?}");
        assert!(world.pypi.most_in_a_day <= 1);
    }
}

#[tokio::test]
async fn without_an_answer_it_is_looked_at_before_anything_is_sent_again() {
    for (stored, sent) in [(true, 2), (false, 3)] {
        let mut world = let_go().await;
        world.pypi.answers.push_back(Answer::Lost { stored });
        world.work_off().await;
        assert_eq!(
            (world.state(NAME).await, world.pypi.asked),
            (ClaimState::Uncertain, 1),
            "a look is not believed yet"
        );
        world.pass(TimeDelta::minutes(10)).await;
        world.work_off().await;
        assert_eq!(world.pypi.asked, 1, "too early to be believed");
        settle(&mut world).await;
        assert_eq!((world.state(NAME).await, world.pypi.asked), (ClaimState::Ours, sent), "stored: {stored}");
    }
}

#[tokio::test]
async fn what_is_changed_after_the_approval_is_not_sent() {
    let mut world = let_go().await;
    world.settings.enabled = false;
    world.work_off().await;
    assert_eq!((world.state(NAME).await, world.pypi.asked), (ClaimState::Approved, 0));
    world.settings.enabled = true;
    let mut inventory = crate::model::Inventory::clone(&world.watchlist.inventory);
    inventory.watches.clear();
    world.watchlist = crate::watchlist::Watchlist::new(inventory, (*world.watchlist.routes).clone());
    world.work_off().await;
    assert_eq!((world.state(NAME).await, world.pypi.asked), (ClaimState::Abandoned, 0));
}

/// Whoever let a name go hears that it was not claimed, as long as anybody can take it.
#[tokio::test]
async fn a_claim_that_ends_with_its_name_open_is_told_until_somebody_plans_anew() {
    let open = async |world: &World| {
        let issue = HealthIssue::ClaimEnded { name: name(NAME) };
        world.write(move |_, tx| tx.health().open(&issue)).await.map(|case| case.detail)
    };
    let unversioned = |world: &World| {
        let mut inventory = crate::model::Inventory::clone(&world.watchlist.inventory);
        inventory.watches.values_mut().for_each(|watch| watch.latest_version = None);
        crate::watchlist::Watchlist::new(inventory, (*world.watchlist.routes).clone())
    };
    let mut world = let_go().await;
    let before = world.watchlist.clone();
    world.watchlist = unversioned(&world);
    world.work_off().await;
    let told = open(&world).await.expect("told");
    for part in ["acme-billing#1 was let go and is abandoned", "internal version", "claim propose acme-billing"] {
        assert!(told.contains(part), "{part} in {told}");
    }
    let closed = async |world: &World| world.write(|desk, tx| desk.tell_of_closed_names(tx)).await;
    assert!(!closed(&world).await, "it is open");
    world.watchlist = before;
    world.propose(&[NAME.to_owned()], &ada()).await;
    assert_eq!(open(&world).await, None, "somebody sees to it");
    // What a person stops is no news to anybody, and of what a stranger takes they hear by its case.
    world.reject(NAME, &bob()).await;
    assert_eq!(open(&world).await, None);
    let mut world = let_go().await;
    world.expose(NAME, Exposure::Taken).await;
    world.work_off().await;
    assert_eq!((world.state(NAME).await, open(&world).await), (ClaimState::Abandoned, None));
    // It is closed by itself where the name is open to nobody any more.
    let mut world = let_go().await;
    world.watchlist = unversioned(&world);
    world.work_off().await;
    world.expose(NAME, Exposure::Taken).await;
    assert!(open(&world).await.is_some() && closed(&world).await && open(&world).await.is_none());
}

#[tokio::test]
async fn a_project_of_ours_that_changes_is_a_page_and_its_end_is_told() {
    let mut world = let_go().await;
    settle(&mut world).await;
    assert_eq!(world.state(NAME).await, ClaimState::Ours);
    assert!(world.pages().await.is_empty());
    let files = world.pypi.projects.remove(&name(NAME)).expect("a project");
    world.pass(TimeDelta::hours(24)).await;
    world.look().await;
    let pages = world.pages().await;
    assert!(pages.iter().any(|page| page.contains("claim-changed:acme-billing")), "{pages:?}");
    let (name_of, issue) = (name(NAME), HealthIssue::ClaimChanged { name: name(NAME) });
    let case = world.write(move |_, tx| tx.health().open(&issue)).await.expect("a case");
    assert!(case.detail.contains("anybody can take the name") && case.detail.contains("`namewarden claim propose"));
    world.pypi.projects.insert(name_of, files);
    assert!(!world.look().await, "its next look is tomorrow");
    world.pass(TimeDelta::hours(24)).await;
    assert!(world.look().await, "it is over");
    world.pass(TimeDelta::hours(24)).await;
    assert!(!world.look().await, "and told once");
}

/// A project that PyPI removes within minutes of its publication: no cache is to blame where the changelog told it.
#[tokio::test]
async fn what_the_changelog_tells_to_be_gone_is_open_at_once_and_no_more_said_once_somebody_plans_anew() {
    let mut world = let_go().await;
    world.work_off().await;
    assert_eq!(world.state(NAME).await, ClaimState::Ours);
    world.happens(NAME, Event::Created).await;
    world.happens(NAME, Event::RolesChanged { action: "add Owner acme-bot".to_owned() }).await;
    assert_eq!(world.exposure(NAME).await, Some(Exposure::Ours));
    world.pass(TimeDelta::minutes(1)).await;
    world.pypi.projects.remove(&name(NAME)).expect("a project");
    world.happens(NAME, Event::Removed).await;
    assert_eq!(world.exposure(NAME).await, Some(Exposure::Removed));
    let changed = async |world: &World| {
        let issue = HealthIssue::ClaimChanged { name: name(NAME) };
        world.write(move |_, tx| tx.health().open(&issue)).await.is_some_and(|case| case.until.is_none())
    };
    world.pass(TimeDelta::minutes(2)).await;
    assert!(world.look().await && changed(&world).await);
    world.propose(&[NAME.to_owned()], &ada()).await;
    assert!(!changed(&world).await, "somebody sees to it");
}

/// A page that lacks a file may be a cache's for a quarter of an hour, but not where the changelog tells that something was done with
/// the files when ours had arrived, or that the release is withdrawn.
#[tokio::test]
async fn what_the_changelog_tells_to_be_taken_away_counts_at_once() {
    for taken_away in [Event::Changed, Event::Withdrawn { version: "0.0.1".to_owned() }] {
        let mut world = let_go().await;
        world.work_off().await;
        let added = world.pypi.projects[&name(NAME)].len();
        world.happens(NAME, Event::Created).await;
        world.happens(NAME, Event::RolesChanged { action: "add Owner acme-bot".to_owned() }).await;
        for _ in 0..added {
            world.happens(NAME, Event::Changed).await;
        }
        let files = world.pypi.projects.get_mut(&name(NAME)).expect("a project");
        files.retain(|file, _| file.ends_with(".whl"));
        assert_eq!((added, files.len()), (2, 1));
        world.pass(TimeDelta::minutes(2)).await;
        assert!(!world.look().await && world.pages().await.is_empty(), "a cache may say so");
        world.pass(TimeDelta::minutes(1)).await;
        world.happens(NAME, taken_away.clone()).await;
        world.pass(TimeDelta::minutes(2)).await;
        world.look().await;
        let pages = world.pages().await;
        assert!(pages.iter().any(|page| page.contains("claim-changed:acme-billing")), "{taken_away:?}: {pages:?}");
    }
}

/// Nobody answered, and the changelog tells that a stranger made the project and that it is gone: it was never ours, and is sent again
/// before anybody else takes it.
#[tokio::test]
async fn what_a_stranger_had_while_nobody_answered_is_sent_again_as_soon_as_they_are_gone() {
    let mut world = let_go().await;
    world.pypi.answers.push_back(Answer::Lost { stored: false });
    world.work_off().await;
    world.pass(TimeDelta::minutes(1)).await;
    world.happens(NAME, Event::Created).await;
    world.happens(NAME, Event::RolesChanged { action: "add Owner mallory".to_owned() }).await;
    world.work_off().await;
    assert_eq!(
        (world.state(NAME).await, world.pypi.asked),
        (ClaimState::Uncertain, 1),
        "it stands, as far as is known"
    );
    world.pass(TimeDelta::seconds(30)).await;
    world.happens(NAME, Event::Removed).await;
    world.work_off().await;
    assert_eq!((world.state(NAME).await, world.published()), (ClaimState::Ours, 1));
}

#[tokio::test]
async fn an_uploader_that_does_not_come_is_missed_until_it_does() {
    let mut world = let_go().await;
    let missed = async |world: &World| world.write(|desk, tx| desk.miss_the_uploader(tx)).await;
    let open = async |world: &World| {
        world
            .write(|_, tx| tx.health().open(&HealthIssue::UploaderSilent))
            .await
            .is_some_and(|case| case.until.is_none())
    };
    assert!(!missed(&world).await, "it was let go just now");
    world.pass(TimeDelta::minutes(16)).await;
    assert!(missed(&world).await && open(&world).await);
    assert!(!missed(&world).await, "told once");
    world.work_off().await;
    missed(&world).await;
    assert!(!open(&world).await, "it asked for work");
    world.pass(TimeDelta::hours(2)).await;
    assert!(!missed(&world).await, "nothing waits for it");
}
