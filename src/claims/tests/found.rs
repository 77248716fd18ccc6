//! What a restored store does not know: our project is taken up, and what came and went is for people.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::world::{self, World, ada, bob};
use crate::claims::Find;
use crate::model::claim::{ClaimKey, ClaimState, Origin, Terms};
use crate::model::health::HealthIssue;
use crate::model::version::Pep440;
use crate::model::{Event, Exposure};
use crate::registry::pypi::upload::look::{Difference, Stand};

const NAME: &str = "acme-a";

/// The store of a moment before our package was published, by which it was approved and let go, or nothing of the kind; and then
/// feeds and look-ups tell of it.
async fn restored(is_let_go: bool, version: &str) -> World {
    let names = [NAME.to_owned()];
    let mut world = World::new(&names, Terms::default()).await;
    if is_let_go {
        world.propose(&names, &ada()).await;
        world.approve(&names, &bob()).await;
        world.apply(&ada()).await;
    }
    world.pass(TimeDelta::hours(1)).await;
    world.register(NAME, Some("acme-bot")).await;
    world.happens(NAME, Event::Released { version: version.to_owned() }).await;
    world.expose(NAME, Exposure::Ours).await;
    world
}

fn key() -> ClaimKey {
    ClaimKey { name: world::name(NAME), number: 1 }
}

impl World {
    async fn take_up(&self, stand: Stand) -> bool {
        let found = self.write(|desk, tx| desk.to_take_up(tx)).await;
        let expected = Find { name: world::name(NAME), version: Pep440::read("0.0.1").expect("a version") };
        if found != [expected.clone()] {
            return false;
        }
        let seal = world::seal(&key());
        self.write(move |desk, tx| desk.take_up(tx, &expected, &seal, &stand)).await
    }
}

fn other(missing: &[&str], foreign: &[&str]) -> Stand {
    let set = |files: &[&str]| files.iter().map(|file| (*file).to_owned()).collect::<BTreeSet<_>>();
    Stand::OursWithOtherFiles(Difference { missing: set(missing), foreign: set(foreign), ..Difference::default() })
}

#[tokio::test]
async fn our_project_is_taken_up_whatever_the_store_knew_and_sent_no_more() {
    for (is_let_go, withdrawn_first) in [(true, false), (true, true), (false, false)] {
        let mut world = restored(is_let_go, "0.0.1").await;
        let there = world::seal(&key()).files.into_iter().map(|file| (file.filename, file.sha256)).collect();
        world.pypi.projects.insert(world::name(NAME), there);
        if withdrawn_first {
            world.withdraw().await;
        }
        assert!(world.take_up(Stand::OursWithTheseFiles).await);
        let claim = world.claims_of(&world::name(NAME)).await.pop().expect("a claim");
        assert_eq!((claim.state, claim.exists, claim.missing().len()), (ClaimState::Ours, true, 0));
        assert_eq!(claim.origin == Origin::Found, withdrawn_first || !is_let_go, "a claim that goes on is that claim");
        assert_eq!(world.slots_used().await, 1, "the day's quota counts it");
        world.work_off().await;
        assert_eq!((world.pypi.asked, world.state(NAME).await), (0, ClaimState::Ours));
        assert!(!world.take_up(Stand::OursWithTheseFiles).await, "it is known by now");
        assert!(world.pages().await.iter().all(|page| !page.contains("claim-")), "nothing is wrong with it");
    }
}

#[tokio::test]
async fn half_of_our_package_holds_the_name_too() {
    let world = restored(true, "0.0.1").await;
    assert!(world.take_up(other(&["acme-a.tar.gz"], &[])).await);
    let claim = world.claims_of(&world::name(NAME)).await.pop().expect("a claim");
    assert_eq!((claim.state, claim.missing()), (ClaimState::Ours, vec!["acme-a.tar.gz"]));
}

#[tokio::test]
async fn what_is_not_our_package_or_not_ours_alone_is_no_claim_of_ours() {
    let strangers = Stand::SomebodyElses { holders: vec!["acme-bot".to_owned(), "eve".to_owned()] };
    let both = ["acme-a.whl", "acme-a.tar.gz"];
    for stand in
        [strangers, Stand::OursWithoutFile, other(&[], &["acme_a-0.0.1.zip"]), other(&both, &[]), Stand::Nothing]
    {
        let world = restored(true, "0.0.1").await;
        assert!(!world.take_up(stand.clone()).await, "{stand:?}");
        world.withdraw().await;
        assert_eq!(world.state(NAME).await, ClaimState::Abandoned, "{stand:?}");
    }
    assert!(!restored(true, "4.12.0").await.take_up(Stand::OursWithTheseFiles).await, "a colleague's, by its version");
}

#[tokio::test]
async fn what_came_and_went_unseen_is_sent_no_more_without_a_word() {
    let names = [NAME.to_owned()];
    let mut world = World::new(&names, Terms::default()).await;
    world.propose(&names, &ada()).await;
    world.approve(&names, &bob()).await;
    world.apply(&ada()).await;
    world.pass(TimeDelta::hours(1)).await;
    world.register(NAME, None).await;
    world.happens(NAME, Event::Removed).await;
    world.expose(NAME, Exposure::Removed).await;
    world.work_off().await;
    assert_eq!((world.state(NAME).await, world.pypi.asked), (ClaimState::Abandoned, 0));
    let ended = HealthIssue::ClaimEnded { name: world::name(NAME) };
    let case = world.write(move |_, tx| tx.health().open(&ended)).await.expect("a case");
    assert!(case.detail.contains("nobody saw whose it was"), "{case:?}");
    world.propose(&names, &ada()).await;
    world.approve(&names, &bob()).await;
    world.apply(&ada()).await;
    world.work_off().await;
    assert_eq!(world.state(NAME).await, ClaimState::Ours, "people have looked");
}
