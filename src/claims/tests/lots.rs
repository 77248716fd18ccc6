//! Claims are let go lot by lot, and no more of them than PyPI lets wait.

use chrono::TimeDelta;

use super::world::{World, ada, all, bob, name};
use crate::claims::{Applied, Applying, Lot, Unbuildable};
use crate::config::{Endpoint, Proof, TokenPlace};
use crate::model::claim::{ClaimState, Publicity, Terms};

fn names(many: usize) -> Vec<String> {
    (0..many).map(|n| format!("acme-part-{n}")).collect()
}

async fn approved(many: usize) -> World {
    let (names, world) = (names(many), World::new(&names(many), Terms::default()).await);
    world.propose(&names, &ada()).await;
    world.approve(&names, &bob()).await;
    world
}

/// Our account is known by an identity token.
fn by_identity(world: &mut World) {
    let proof = Proof::Identity(TokenPlace::Credential("pypi-identity".to_owned()));
    world.settings.upload.to = Some(Endpoint { address: "https://upload.example/legacy".to_owned(), proof });
}

async fn lot(world: &World, names: &[&str], after: Option<&str>, yes: bool) -> Applied {
    let names = names.iter().map(|name| (*name).to_owned()).collect();
    let lot = Lot { names, after: after.map(name), most: 2 };
    let applying = Applying { lot, yes, ..all(Unbuildable::new()) };
    world.write(move |desk, tx| desk.apply(tx, &applying, &ada())).await.0
}

fn said(applied: &Applied) -> Vec<String> {
    applied.lines.iter().map(|line| line.claim.name.to_string()).collect()
}

#[tokio::test]
async fn each_lot_is_let_go_by_itself_and_says_where_the_next_begins() {
    let world = approved(5).await;
    let first = lot(&world, &[], None, true).await;
    assert_eq!((said(&first), first.next.clone()), (names(2), Some(name("acme-part-1"))));
    let released = async |of: &str| world.claims_of(&name(of)).await[0].released.is_some();
    assert!(released("acme-part-1").await && !released("acme-part-2").await, "nobody waits for the others");
    let second = lot(&world, &[], Some("acme-part-1"), true).await;
    let last = lot(&world, &[], Some("acme-part-3"), true).await;
    assert_eq!((said(&second), said(&last), last.next), (names(4)[2..].to_vec(), names(5)[4..].to_vec(), None));
    for of in names(5) {
        assert!(released(&of).await, "{of}");
    }
}

/// Of what is asked for by name, too; and what has no claim is said once.
#[tokio::test]
async fn a_lot_of_names_has_its_pages_and_a_trial_changes_nothing() {
    let world = approved(5).await;
    let asked = ["acme-part-4", "acme-nobody", "Acme.Part.0", "acme-part-2"];
    let first = lot(&world, &asked, None, false).await;
    assert_eq!(
        (said(&first), first.unknown),
        (vec!["acme-part-0".to_owned(), "acme-part-2".to_owned()], vec!["acme-nobody".to_owned()])
    );
    let last = lot(&world, &asked, Some("acme-part-2"), false).await;
    assert_eq!((said(&last), last.unknown.len(), last.next), (vec!["acme-part-4".to_owned()], 0, None));
    assert!(world.claims_of(&name("acme-part-0")).await[0].released.is_none());
}

/// What keeps all of them is asked of all, not of each lot.
#[tokio::test]
async fn more_than_a_handful_is_as_many_whatever_the_lots() {
    let world = approved(11).await;
    let first = lot(&world, &[], None, true).await;
    assert!(!first.done && first.obstacles[0].contains("11 names"), "{first:?}");
}

#[tokio::test]
async fn of_names_that_need_a_pending_publisher_one_goes_at_a_time() {
    let mut world = approved(5).await;
    by_identity(&mut world);
    let plan = world.write(|desk, tx| desk.plan(tx)).await;
    for part in ["pending publisher", "no other name waits", "30 days", "does not reserve"] {
        assert!(plan.iter().all(|planned| planned.how.contains(part)), "{part}: {}", plan[0].how);
    }
    let applied = world.try_apply(&ada()).await;
    let stays = |applied: &Applied| applied.lines.iter().filter(|line| line.refused.is_some()).count();
    assert_eq!((applied.done, stays(&applied)), (true, 4));
    assert!(
        applied.lines[4].refused.as_ref().is_some_and(|why| why.contains("one new name goes at a time")),
        "{applied:?}"
    );
    assert_eq!(stays(&world.try_apply(&ada()).await), 4, "as long as the first waits");
    world.work_off().await;
    assert_eq!(world.published(), 1);
    assert_eq!(stays(&world.try_apply(&ada()).await), 3);
    // An organization has more of them, and one identity all the same.
    let mut world = approved(5).await;
    by_identity(&mut world);
    world.settings.organization = Some("acme".to_owned());
    assert_eq!(stays(&world.try_apply(&ada()).await), 4);
}

#[tokio::test]
async fn what_goes_by_itself_waits_for_its_pending_publisher_too_and_says_so() {
    let auto = Terms { publicity: Publicity::Unsaid, auto: true };
    let mut world = World::new(&names(4), auto).await;
    by_identity(&mut world);
    world.automatic().await;
    world.deliver().await;
    world.mind(TimeDelta::hours(25)).await;
    let states: Vec<ClaimState> = futures_util::future::join_all(names(4).iter().map(|of| world.state(of))).await;
    assert_eq!(states, [&[ClaimState::Approved], [ClaimState::Planned; 3].as_slice()].concat());
    let next = world.file(&name("acme-part-3")).await.next;
    assert!(next.starts_with("nothing for now: ") && next.contains("one new name goes at a time"), "{next}");
    world.work_off().await;
    world.mind(TimeDelta::minutes(10)).await;
    assert_eq!(world.state("acme-part-1").await, ClaimState::Approved);
}
