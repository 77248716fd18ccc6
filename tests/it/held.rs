//! What is held for life is looked at every day, and a look that got no answer is none.

use std::collections::BTreeSet;

use namewarden::model::claim::{Claim, ClaimKey, ClaimState, Origin, Party, Seal, SealedFile};
use namewarden::model::{Exposure, ProjectName};
use namewarden::sim::Fault;
use namewarden::store::ClaimLine;

use crate::world::World;

/// A claim that ended as ours, with a file that PyPI does not have any more.
async fn held(world: &World, project: &str) {
    let (key, now) = (ClaimKey { name: ProjectName::parse(project).expect("valid"), number: 1 }, world.clock.now());
    let filename = "acme_billing-0.0.1-py3-none-any.whl".to_owned();
    let file = SealedFile { filename: filename.clone(), sha256: "0".repeat(64), size: 1 };
    let seal = Some(Seal { version: "0.0.1".to_owned(), files: vec![file] });
    let planned = Claim::planned(key, Origin::Person, chrono::TimeDelta::hours(24), Party::Daemon, now);
    let claim = Claim { state: ClaimState::Ours, exists: true, seal, taken: BTreeSet::from([filename]), ..planned };
    let (event, state, detail) = ("looked".to_owned(), "ours".to_owned(), String::new());
    let line = ClaimLine { at: now, by: Party::Daemon, event, state, detail };
    world.engine().store.write(move |tx| tx.claims().put(&claim, &line)).await.expect("stored");
}

async fn last_look(world: &World) -> Option<namewarden::model::Time> {
    world.engine().store.read(|tx| tx.cursors().get("claim-life")).await.expect("reads")
}

#[tokio::test]
async fn a_look_without_an_answer_is_made_again_within_the_hour() {
    let mut world = World::new().await;
    world.upload("acme-billing", "4.12.0", "acme-release-bot");
    world.until("it is ours", async |w| w.exposure("acme-billing").await == Some(Exposure::Ours)).await;
    world.until("nothing was to be looked at", async |w| last_look(w).await.is_some()).await;
    held(&world, "acme-billing").await;
    let before = last_look(&world).await;
    world.start(Fault::JsonError);
    world.hours_pass(25);
    world.engine().to_claim.notify_one();
    world.until("it was looked at in vain", async |w| last_look(w).await != before).await;
    assert!(!world.unwell().await.iter().any(|issue| issue.starts_with("claim-changed")), "nobody knows");
    world.end(Fault::JsonError);
    world.minutes_pass(16);
    world.engine().to_claim.notify_one();
    let told = world.expect_unwell("claim-changed:acme-billing").await;
    assert!(told.subject.starts_with("[page]"), "{}", told.subject);
    world.finish().await;
}
