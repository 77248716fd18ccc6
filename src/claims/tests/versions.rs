//! PyPI takes no file name twice: what a stranger, or we ourselves, had there before is passed over; and nothing is built before
//! its turn.

use chrono::TimeDelta;

use super::world::{self, World, ada, bob};
use crate::model::claim::{ClaimState, Terms, Work};
use crate::model::{Event, Exposure};
use crate::registry::pypi::upload::{Refused, UploadReply};

const NAME: &str = "acme-a";

async fn let_go() -> World {
    let names = [NAME.to_owned()];
    let world = World::new(&names, Terms::default()).await;
    world.propose(&names, &ada()).await;
    world.approve(&names, &bob()).await;
    world.apply(&ada()).await;
    world
}

/// What the uploader would be told not to use, with what it would do.
async fn used(world: &World) -> (&'static str, Vec<String>) {
    match world.write(|desk, tx| desk.work(tx)).await {
        Work::Rehearse { used, .. } => ("rehearse", used),
        Work::Upload { used, .. } => ("upload", used),
        Work::Rest { why, .. } => panic!("rests: {why}"),
    }
}

#[tokio::test]
async fn the_versions_that_a_stranger_left_behind_are_passed_over() {
    let mut world = let_go().await;
    assert_eq!(used(&world).await, ("rehearse", vec![]));
    world.pass(TimeDelta::hours(1)).await;
    world.register(NAME, Some("mallory")).await;
    for version in ["0.0.1", "0.0.2", "99.0"] {
        world.happens(NAME, Event::Released { version: version.to_owned() }).await;
    }
    world.expose(NAME, Exposure::Taken).await;
    world.withdraw().await;
    world.happens(NAME, Event::Removed).await;
    world.expose(NAME, Exposure::Removed).await;
    world.pass(TimeDelta::hours(1)).await;
    world.automatic().await;
    world.automatic().await;
    assert_eq!(world.states().await, [("acme-a#2".to_owned(), "approved")], "claimed back");
    let told = ["0.0.1", "0.0.2"].map(str::to_owned).to_vec();
    assert_eq!(used(&world).await, ("rehearse", told), "99.0 is none that a package of ours could have");
}

#[tokio::test]
async fn what_pypi_said_to_have_had_is_passed_over_the_next_time() {
    let mut world = let_go().await;
    let refused = UploadReply::Refused { why: Refused::FileNameUsed, said: "400 no".to_owned() };
    let setback = crate::claims::setback(&refused).expect("a refusal");
    assert!(setback.remedy.contains("plan it anew"), "{}", setback.remedy);
    world.pypi.answers.push_back(world::Answer::Refused(setback));
    world.work_off().await;
    assert_eq!(world.state(NAME).await, ClaimState::Refused);
    let names = [NAME.to_owned()];
    world.propose(&names, &ada()).await;
    world.approve(&names, &bob()).await;
    world.apply(&ada()).await;
    assert_eq!(used(&world).await, ("rehearse", vec!["0.0.1".to_owned()]));
}

#[tokio::test]
async fn what_a_claim_has_sent_itself_is_its_own() {
    let mut world = let_go().await;
    world.kill_after = Some(4);
    world.work_off().await;
    world.kill_after = None;
    world.register(NAME, Some("acme-bot")).await;
    world.happens(NAME, Event::Released { version: "0.0.1".to_owned() }).await;
    world.pass(TimeDelta::hours(1)).await;
    world.withdraw().await;
    world.look().await;
    assert_eq!(world.state(NAME).await, ClaimState::Partial);
    assert_eq!(used(&world).await, ("upload", vec![]), "the other half has the version of the first");
}

#[tokio::test]
async fn nothing_is_built_or_tried_before_its_turn() {
    let names = ["acme-a", "acme-b", "acme-c", "acme-d", "acme-e"].map(str::to_owned);
    let mut world = World::new(&names, Terms::default()).await;
    world.propose(&names, &ada()).await;
    world.approve(&names, &bob()).await;
    world.apply(&ada()).await;
    world.work_off().await;
    assert_eq!((world.published(), world.tried), (3, 3), "two wait for tomorrow, and no index has heard of them");
    let next = world.file(&world::name("acme-d")).await.next;
    assert!(next.contains("the day's new projects are used up; its turn comes at"), "{next}");
    let rests = world.write(|desk, tx| desk.work(tx)).await;
    assert!(
        matches!(&rests, Work::Rest { why, .. } if why.contains("2 more wait") || why.contains("1 more wait")),
        "{rests:?}"
    );
    world.pass(TimeDelta::hours(25)).await;
    world.work_off().await;
    assert_eq!((world.published(), world.tried), (5, 5));
}

/// What PyPI takes from everybody is kept to until its agreement is recorded, whatever the configuration says.
#[tokio::test]
async fn more_a_day_than_pypi_takes_needs_its_agreement() {
    let names: Vec<String> = (0..9).map(|n| format!("acme-part-{n}")).collect();
    let mut world = World::new(&names, Terms::default()).await;
    world.settings.upload.per_day = 50;
    world.propose(&names, &ada()).await;
    world.approve(&names, &bob()).await;
    world.apply(&ada()).await;
    world.work_off().await;
    assert_eq!((world.published(), world.pypi.most_in_a_day), (4, 4));
    world.agreement("pypi/support#1").await;
    world.work_off().await;
    assert_eq!(world.published(), 9);
}
