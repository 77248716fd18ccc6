//! An index that does not do its part: claims wait, nothing is spent, and somebody hears where, why and what to do.

use chrono::TimeDelta;

use super::world::{Answer, World, ada, bob, name};
use crate::claims::setback;
use crate::model::claim::{ClaimDecision, ClaimState, Site, Terms};
use crate::model::health::{HealthCase, HealthIssue};
use crate::registry::pypi::upload::{Refused, UploadReply};

const NAMES: [&str; 2] = ["acme-billing", "acme-ledger"];

async fn let_go() -> World {
    let names = NAMES.map(str::to_owned);
    let world = World::new(&names, Terms::default()).await;
    world.propose(&names, &ada()).await;
    world.approve(&names, &bob()).await;
    world.apply(&ada()).await;
    world
}

/// The case of this index, while it lasts.
async fn failing(world: &World, site: Site) -> Option<HealthCase> {
    world.write(|desk, tx| desk.tell_of_trouble(tx)).await;
    let case = world.write(move |_, tx| tx.health().open(&HealthIssue::UploadsFailing { site })).await;
    case.filter(|case| case.until.is_none())
}

/// So many minutes pass, and the uploader asks in each of them.
async fn wait(world: &mut World, minutes: i64) {
    for _ in 0..minutes {
        world.pass(TimeDelta::minutes(1)).await;
        world.work_off().await;
    }
}

#[tokio::test]
async fn a_dead_test_index_keeps_claims_is_asked_ever_more_seldom_and_somebody_hears() {
    let mut world = let_go().await;
    world.tries = false;
    world.work_off().await;
    wait(&mut world, 14).await;
    assert_eq!(failing(&world, Site::TestIndex).await, None, "it may be over by itself");
    wait(&mut world, 2).await;
    let case = failing(&world, Site::TestIndex).await.expect("a case");
    for part in ["https://test.example/legacy", "connection refused", "test_address", "claim retry acme-"] {
        assert!(case.detail.contains(part), "{part} in {}", case.detail);
    }
    wait(&mut world, 24 * 60).await;
    assert!(world.tried < 32, "asked {} times", world.tried);
    let trail = world.trail(NAMES[0]).await;
    assert_eq!(trail.iter().filter(|line| line.event == "hindered").count(), 1, "the same again is no news: {trail:?}");
    assert_eq!((world.state(NAMES[0]).await, world.slots_used().await), (ClaimState::Approved, 0));
    world.tries = true;
    wait(&mut world, 61).await;
    assert_eq!((world.published(), failing(&world, Site::TestIndex).await), (2, None), "it works again");
}

/// Of one answer that was lost, nobody knows whether the index still fails: nobody is told that it does before it was asked again.
#[tokio::test]
async fn an_index_that_nobody_asked_again_is_not_told_to_fail() {
    let names = [NAMES[0].to_owned()];
    let mut world = World::new(&names, Terms::default()).await;
    world.propose(&names, &ada()).await;
    world.approve(&names, &bob()).await;
    world.apply(&ada()).await;
    for _ in 0..2 {
        world.pypi.answers.push_back(Answer::Lost { stored: false });
    }
    world.work_off().await;
    world.pass(TimeDelta::minutes(16)).await;
    assert_eq!(failing(&world, Site::Index).await, None, "nobody has asked again");
    world.work_off().await;
    assert_eq!((world.state(NAMES[0]).await, world.pypi.asked), (ClaimState::Uncertain, 2), "asked again, in vain");
    assert!(failing(&world, Site::Index).await.is_some());
}

#[tokio::test]
async fn what_is_rehearsed_goes_on_while_the_test_index_is_dead() {
    let names = NAMES.map(str::to_owned);
    let mut world = World::new(&names, Terms::default()).await;
    world.propose(&names, &ada()).await;
    world.approve(&names[1..], &bob()).await;
    world.apply(&ada()).await;
    world.pypi.answers.push_back(Answer::Unsent);
    world.work_off().await;
    assert_eq!(world.state(NAMES[1]).await, ClaimState::Rehearsed);
    world.tries = false;
    world.approve(&names[..1], &bob()).await;
    world.apply(&ada()).await;
    wait(&mut world, 6).await;
    assert_eq!((world.state(NAMES[0]).await, world.state(NAMES[1]).await), (ClaimState::Approved, ClaimState::Ours));
}

#[tokio::test]
async fn a_dead_index_costs_no_project_of_the_day_and_a_retry_asks_at_once() {
    let mut world = let_go().await;
    world.pypi.answers.extend((0..100).map(|_| Answer::Unsent));
    world.work_off().await;
    assert_eq!(world.pypi.asked, 1, "the other waits, too");
    wait(&mut world, 16).await;
    let case = failing(&world, Site::Index).await.expect("a case");
    for part in ["https://upload.example/legacy", "connection refused", "proxy", "claim retry acme-"] {
        assert!(case.detail.contains(part), "{part} in {}", case.detail);
    }
    wait(&mut world, 12 * 60).await;
    assert_eq!(world.slots_used().await, 0, "PyPI saw none of them");
    assert!(world.pypi.asked < 20, "asked {} times", world.pypi.asked);
    world.pypi.answers.clear();
    world.decide(&[NAMES[0].to_owned()], ClaimDecision::Retry, &ada()).await;
    world.work_off().await;
    assert_eq!((world.published(), failing(&world, Site::Index).await), (2, None));
}

/// Whoever lets another name go hears what keeps it at the end of its way, and where there is no uploader, that.
#[tokio::test]
async fn what_is_to_be_let_go_says_what_keeps_it_further_on() {
    let names = NAMES.map(str::to_owned);
    let mut world = World::new(&names, Terms::default()).await;
    world.propose(&names, &ada()).await;
    world.approve(&names[..1], &bob()).await;
    let first = world.try_apply(&ada()).await;
    assert!(first.lines[0].says.contains("no uploader has asked for work yet"), "{first:?}");
    let closed = UploadReply::Refused { why: Refused::RegistrationClosed, said: "403 closed".to_owned() };
    world.pypi.answers.push_back(Answer::Refused(setback(&closed).expect("a setback")));
    world.work_off().await;
    world.approve(&names[1..], &bob()).await;
    let second = world.try_apply(&ada()).await;
    let line = second.lines.iter().find(|line| line.claim.name == name(NAMES[1])).expect("a line");
    assert_eq!(line.state, ClaimState::Approved);
    for part in ["in its way for now: the index has taken nothing", "asked again at"] {
        assert!(line.says.contains(part), "{part} in {}", line.says);
    }
}

#[tokio::test]
async fn answers_that_never_come_and_a_registry_that_is_closed_are_heard_of_too() {
    let closed = |why| setback(&UploadReply::Refused { why, said: "403 closed".to_owned() }).expect("a setback");
    let closed = [Refused::ReadOnly, Refused::UploadsClosed, Refused::RegistrationClosed].map(closed);
    let answers = closed.map(Answer::Refused);
    for answer in answers.into_iter().chain([Answer::Lost { stored: false }]) {
        let mut world = let_go().await;
        world.pypi.answers.extend((0..100).map(|_| answer.clone()));
        wait(&mut world, 16).await;
        let case = failing(&world, Site::Index).await;
        assert!(case.is_some_and(|case| !case.detail.is_empty()), "{answer:?}");
        world.pypi.answers.clear();
        // What may have arrived may have been counted.
        world.pass(TimeDelta::hours(if matches!(answer, Answer::Lost { .. }) { 25 } else { 0 })).await;
        wait(&mut world, 130).await;
        assert_eq!((world.published(), failing(&world, Site::Index).await), (2, None), "{answer:?}");
    }
}

#[tokio::test]
async fn nobody_hears_of_an_index_that_nothing_waits_for() {
    let mut world = let_go().await;
    world.tries = false;
    wait(&mut world, 20).await;
    assert!(failing(&world, Site::TestIndex).await.is_some());
    world.decide(&NAMES.map(str::to_owned), ClaimDecision::Abandon, &ada()).await;
    assert_eq!(failing(&world, Site::TestIndex).await, None);
    assert_eq!(world.state(name(NAMES[0]).as_str()).await, ClaimState::Abandoned);
}
