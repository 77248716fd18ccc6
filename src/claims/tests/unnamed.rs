//! A PyPI that says of no project whose it is, as XML-RPC is retired and a page has no owners: no claim waits for ever.

use chrono::TimeDelta;

use super::world::{self, Answer, World, ada, bob};
use crate::model::claim::{ClaimState, Terms};
use crate::model::{Exposure, claim::Seen};
use crate::registry::pypi::upload::look::{Difference, Stand};

const NAME: &str = "acme-a";

async fn let_go() -> World {
    let names = [NAME.to_owned()];
    let mut world = World::new(&names, Terms::default()).await;
    world.propose(&names, &ada()).await;
    world.approve(&names, &bob()).await;
    world.apply(&ada()).await;
    world.pypi.names_nobody = true;
    world
}

#[tokio::test]
async fn what_pypi_took_and_shows_is_ours_whoever_is_named() {
    let mut world = let_go().await;
    world.work_off().await;
    assert_eq!((world.state(NAME).await, world.pypi.asked), (ClaimState::Ours, 2));
}

#[tokio::test]
async fn what_nobody_answered_is_sent_once_more_and_the_answer_tells_whose_it_is() {
    for (stored, theirs, end) in [(true, false, ClaimState::Ours), (false, true, ClaimState::Refused)] {
        let mut world = let_go().await;
        world.pypi.answers.push_back(Answer::Lost { stored });
        world.work_off().await;
        if theirs {
            world.pypi.strangers.insert(world::name(NAME));
            world.expose(NAME, Exposure::Taken).await;
        }
        assert_eq!((world.state(NAME).await, world.pypi.asked), (ClaimState::Uncertain, 1));
        world.pass(TimeDelta::minutes(10)).await;
        world.work_off().await;
        assert_eq!(world.pypi.asked, 1, "too early to be believed");
        world.pass(TimeDelta::minutes(6)).await;
        world.look().await;
        assert_eq!(world.state(NAME).await, ClaimState::Partial);
        let next = world.file(&world::name(NAME)).await.next;
        assert!(next.contains("PyPI does not say whose the project is"), "{next}");
        world.work_off().await;
        assert_eq!((world.state(NAME).await, world.pypi.conflicts), (end, 0), "stored: {stored}");
        assert!(world.pypi.asked <= 3, "{}", world.pypi.asked);
    }
}

#[tokio::test]
async fn files_that_are_not_ours_are_a_strangers() {
    let mut world = let_go().await;
    world.pypi.answers.push_back(Answer::Lost { stored: false });
    world.work_off().await;
    world.pass(TimeDelta::minutes(16)).await;
    let foreign = ["acme_a-99.0.tar.gz".to_owned()].into();
    let stand = Stand::HeldByUnknown(Difference { foreign, ..Difference::default() });
    world.looks_like(NAME, stand).await;
    let claim = world.claims_of(&world::name(NAME)).await.pop().expect("a claim");
    assert!(matches!((claim.state, &claim.seen), (ClaimState::Refused, Some(Seen::Foreign { .. }))), "{claim:?}");
}
