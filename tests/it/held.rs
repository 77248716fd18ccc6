//! What is held for life is looked at every day, and at once when a feed tells of something; a look that got no answer is none.

use std::collections::BTreeSet;

use namewarden::cases::{Acknowledged, Looked, acknowledge};
use namewarden::model::claim::{Claim, ClaimKey, ClaimPolicy, ClaimState, Origin, Party, Seal, SealedFile};
use namewarden::model::{Exposure, ProjectName};
use namewarden::sim::Fault;
use namewarden::sim::world::files_of;
use namewarden::store::ClaimLine;
use sha2::{Digest as _, Sha256};

use crate::world::World;

const NAME: &str = "acme-billing";

/// A claim that ended as ours with these files, which were sent long ago.
async fn held(world: &World, files: Vec<SealedFile>) {
    let (key, now) = (ClaimKey { name: ProjectName::parse(NAME).expect("valid"), number: 1 }, world.clock.now());
    let taken: BTreeSet<String> = files.iter().map(|file| file.filename.clone()).collect();
    let seal = Some(Seal { version: "4.12.0".to_owned(), files });
    let planned = Claim::planned(key, Origin::Person, chrono::TimeDelta::hours(24), Party::Daemon, now);
    let claim = Claim { state: ClaimState::Ours, exists: true, seal, taken, ..planned };
    let (event, state, detail) = ("looked".to_owned(), "ours".to_owned(), String::new());
    let line = ClaimLine { at: now, by: Party::Daemon, event, state, detail };
    world.engine().store.write(move |tx| tx.claims().put(&claim, &line)).await.expect("stored");
}

async fn claim(world: &World) -> Claim {
    let name = ProjectName::parse(NAME).expect("valid");
    let last = world.engine().store.read(move |tx| tx.claims().last_of(&name)).await.expect("reads");
    last.expect("a claim")
}

/// A world in which our project stands as it was published, and was looked at.
async fn published() -> World {
    let mut world = World::new().await;
    world.upload(NAME, "4.12.0", "acme-release-bot");
    world.until("it is ours", async |w| w.exposure(NAME).await == Some(Exposure::Ours)).await;
    let name = ProjectName::parse(NAME).expect("valid");
    let release = world.sim.world().release_of(&name, "4.12.0").expect("a release");
    let sealed = files_of(&name, &release).into_iter().map(|file| SealedFile {
        filename: file.filename.clone(),
        sha256: Sha256::digest(&file.bytes).iter().map(|byte| format!("{byte:02x}")).collect(),
        size: file.bytes.len() as u64,
    });
    held(&world, sealed.collect()).await;
    world.engine().to_claim.notify_one();
    world.until("it was looked at", async |w| !claim(w).await.described.is_empty()).await;
    assert!(world.unwell().await.is_empty());
    world
}

/// The page of what was done, which says this, before a day has passed.
async fn told_at_once(act: impl FnOnce(&World), says: &str) {
    let mut world = published().await;
    act(&world);
    let told = world.expect_unwell("claim-changed:acme-billing").await;
    assert!(told.subject.starts_with("[page]") && told.text.contains(says), "{says}: {}", told.text);
    let look_at = claim(&world).await.look_at.expect("looked at again");
    assert!(look_at - world.clock.now() <= chrono::TimeDelta::minutes(15), "the page may be behind: again soon");
    world.stop().await;
}

#[tokio::test]
async fn what_happens_to_a_project_of_ours_is_looked_at_and_told_at_once() {
    let files = "with what was not sent: acme_billing-4.13.0";
    told_at_once(|world| world.upload(NAME, "4.13.0", "acme-release-bot"), files).await;
    told_at_once(|world| _ = world.act(|sim, now| sim.change_owner(NAME, "mallory", now)), "held by mallory").await;
    told_at_once(|world| world.remove(NAME), "not there").await;
    told_at_once(|world| _ = world.act(|sim, now| sim.quarantine(NAME, now)), "in quarantine").await;
    told_at_once(|world| _ = world.act(|sim, now| sim.remove_release(NAME, "4.12.0", now)), "without any file").await;
}

#[tokio::test]
async fn a_page_that_says_something_else_without_a_new_file_is_told_within_the_day_and_accepted_by_a_person() {
    let mut world = published().await;
    world.act(|sim, _| sim.describe(NAME, "4.12.0", "now with a miner"));
    world.hours_pass(25);
    world.engine().to_claim.notify_one();
    let told = world.expect_unwell("claim-changed:acme-billing").await;
    assert!(told.text.contains("described otherwise") && told.text.contains("description"), "{}", told.text);
    assert!(told.text.contains("health ack claim-changed:acme-billing"), "{}", told.text);
    let (watchlist, now) = (world.engine().watchlist(), world.clock.now());
    let issue = namewarden::model::health::HealthIssue::ClaimChanged { name: ProjectName::parse(NAME).expect("valid") };
    let by = Party::User { uid: Some(1001), user: Some("ada".to_owned()) };
    let looked = Looked { who: "ada".to_owned(), by, policy: ClaimPolicy::default(), note: Some("we did".to_owned()) };
    let ack = move |tx: &namewarden::store::Tx<'_>| acknowledge(tx, &watchlist, &issue, &looked, now);
    assert_eq!(world.engine().store.write(ack).await.expect("writes"), Acknowledged::Closed);
    world.engine().ring();
    world.expect_well("claim-changed:acme-billing").await;
    let before = claim(&world).await.look_at;
    world.hours_pass(25);
    world.engine().to_claim.notify_one();
    world.until("it was looked at again", async |w| claim(w).await.look_at != before).await;
    assert!(world.unwell().await.is_empty(), "a person has found it right");
    world.finish().await;
}

#[tokio::test]
async fn a_look_without_an_answer_is_made_again_within_the_hour() {
    let mut world = World::new().await;
    world.upload(NAME, "4.12.0", "acme-release-bot");
    world.until("it is ours", async |w| w.exposure(NAME).await == Some(Exposure::Ours)).await;
    world.start(Fault::JsonError);
    let filename = "acme_billing-0.0.1-py3-none-any.whl".to_owned();
    held(&world, vec![SealedFile { filename, sha256: "0".repeat(64), size: 1 }]).await;
    world.engine().to_claim.notify_one();
    world.until("it was looked at in vain", async |w| claim(w).await.look_at.is_some()).await;
    assert!(!world.unwell().await.iter().any(|issue| issue.starts_with("claim-changed")), "nobody knows");
    world.end(Fault::JsonError);
    world.minutes_pass(16);
    world.engine().to_claim.notify_one();
    let told = world.expect_unwell("claim-changed:acme-billing").await;
    assert!(told.subject.starts_with("[page]"), "{}", told.subject);
    world.finish().await;
}
