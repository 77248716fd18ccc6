//! What is ours and is not as we left it: `claim status`, `claim plan` and the exposure say so, whatever the feeds tell.

use chrono::TimeDelta;

use super::world::{World, ada, bob, name, user};
use crate::cases::Acknowledged;
use crate::claims::plan::{Planned, Protection};
use crate::claims::{Applying, KeptGround, Lot, Unbuildable};
use crate::model::Exposure;
use crate::model::claim::{Astray, ClaimDecision, ClaimState, Terms};
use crate::model::health::HealthIssue;

const NAME: &str = "acme-billing";

async fn ours() -> World {
    let names = [NAME.to_owned()];
    let mut world = World::new(&names, Terms::default()).await;
    world.propose(&names, &ada()).await;
    world.approve(&names, &bob()).await;
    world.apply(&ada()).await;
    for _ in 0..3 {
        world.work_off().await;
        world.pass(TimeDelta::hours(1)).await;
    }
    assert_eq!(world.state(NAME).await, ClaimState::Ours);
    world
}

impl World {
    async fn astray(&self) -> Option<Astray> {
        let name = name(NAME);
        self.write(move |_, tx| tx.claims().last_of(&name)).await.and_then(|claim| claim.astray())
    }

    async fn next(&self) -> String {
        self.file(&name(NAME)).await.next
    }

    async fn planned(&self) -> Planned {
        self.write(|desk, tx| desk.plan(tx)).await.remove(0)
    }

    async fn look_tomorrow(&mut self) {
        self.pass(TimeDelta::hours(25)).await;
        self.look().await;
    }

    async fn ack(&self, by: &crate::model::claim::Party) -> Acknowledged {
        self.acknowledge(HealthIssue::ClaimChanged { name: name(NAME) }, by).await
    }
}

fn says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[tokio::test]
async fn a_project_of_ours_in_a_strangers_hands_reads_so_everywhere_until_it_is_ours_again() {
    let mut world = ours().await;
    assert_eq!((world.astray().await, world.exposure(NAME).await), (None, Some(Exposure::Ours)));
    world.pypi.strangers.insert(name(NAME));
    world.look_tomorrow().await;
    let astray = world.astray().await.expect("astray");
    assert_eq!((astray.foreign, astray.accepted, astray.since), (true, false, world.now));
    says(&astray.says(), &["held by mallory since 2026-11-21"]);
    assert_eq!(world.exposure(NAME).await, Some(Exposure::Taken));
    says(&world.next().await, &["ask PyPI's administrators", "`namewarden health ack claim-changed:acme-billing`"]);
    let planned = world.planned().await;
    assert_eq!((planned.protection, planned.astray.as_ref()), (Protection::Case, Some(&astray)));
    says(&planned.why, &["we published it, and it is held by mallory since 2026-11-21"]);
    says(&planned.how, &["[registrants]", "from your own index alone"]);
    world.look_tomorrow().await;
    assert_eq!(world.astray().await.expect("still").since, astray.since, "since then, and not since the last look");
    world.pypi.strangers.clear();
    world.look_tomorrow().await;
    assert_eq!((world.astray().await, world.exposure(NAME).await), (None, Some(Exposure::Ours)));
    assert_eq!(world.planned().await.protection, Protection::None);
    let trail = world.trail(NAME).await;
    assert_eq!(trail.iter().rev().take(2).map(|line| line.event.as_str()).collect::<Vec<_>>(), ["restored", "changed"]);
}

/// Who holds it is no matter of opinion: what a person found right wakes nobody, and is not called ours.
#[tokio::test]
async fn what_a_person_found_right_is_still_said_as_it_is_and_nobody_else_can_say_so() {
    let mut world = ours().await;
    world.pypi.strangers.insert(name(NAME));
    world.look_tomorrow().await;
    for nobody in [user(0, "root"), user(997, "namewarden-claim"), user(super::world::SERVICE, "namewarden")] {
        assert!(matches!(world.ack(&nobody).await, Acknowledged::Refused(_)), "{nobody}");
    }
    assert!(!world.astray().await.expect("astray").accepted);
    assert_eq!(world.ack(&bob()).await, Acknowledged::Closed);
    let trail = world.trail(NAME).await;
    assert!(trail.last().is_some_and(|line| line.by == bob() && line.event == "accepted"), "{trail:#?}");
    world.look_tomorrow().await;
    let astray = world.astray().await.expect("astray");
    assert!(astray.foreign && astray.accepted);
    says(&astray.says(), &["held by mallory", "which somebody found right"]);
    assert_eq!(
        (world.exposure(NAME).await, world.planned().await.protection),
        (Some(Exposure::Taken), Protection::Case)
    );
    says(&world.next().await, &["[registrants]"]);
    let pages = world.pages().await.len();
    world.look_tomorrow().await;
    assert_eq!(world.pages().await.len(), pages, "nobody is woken again");
}

/// A file that is missing, found right: nothing is left to do, and it is ours.
#[tokio::test]
async fn what_is_still_in_our_hands_and_found_right_is_ours() {
    let mut world = ours().await;
    world.pypi.projects.get_mut(&name(NAME)).expect("there").retain(|file, _| file.ends_with(".whl"));
    world.look_tomorrow().await;
    let astray = world.astray().await.expect("astray");
    assert!(!astray.foreign, "{astray:?}");
    assert_eq!(world.planned().await.protection, Protection::Case);
    assert_eq!(world.ack(&ada()).await, Acknowledged::Closed);
    assert_eq!(
        (world.planned().await.protection, world.exposure(NAME).await),
        (Protection::None, Some(Exposure::Ours))
    );
}

#[tokio::test]
async fn of_what_is_ours_nothing_is_retried_let_go_or_planned_anew() {
    let world = ours().await;
    for decision in [ClaimDecision::Retry, ClaimDecision::Approve, ClaimDecision::Abandon, ClaimDecision::Reject] {
        let refused = world.decide(&[NAME.to_owned()], decision, &bob()).await.remove(0).refused.expect("refused");
        says(&refused, &["acme-billing#1 is ours", "`namewarden claim status acme-billing`"]);
        assert!(!refused.contains("propose"), "{refused}");
    }
    assert!(world.try_apply(&bob()).await.lines.is_empty());
}

/// Whoever asks twice has what they want.
#[tokio::test]
async fn what_is_published_is_said_to_be_and_stands_in_nobodys_way() {
    let world = ours().await;
    let lot = Lot { names: vec!["Acme.Billing".to_owned(), "acme-nobody".to_owned()], after: None, most: 5 };
    let asking = Applying { lot, yes: true, unbuildable: Unbuildable::new(), kept: (None, KeptGround::default()) };
    let applied = world.write(move |desk, tx| desk.apply(tx, &asking, &bob())).await.0;
    assert_eq!(applied.unknown, ["acme-nobody"]);
    let [line] = &applied.lines[..] else { panic!("{applied:?}") };
    assert_eq!((line.state, &line.refused), (ClaimState::Ours, &None));
    says(&line.says, &["was published", "PyPI is looked at every day"]);
}

#[tokio::test]
async fn a_name_that_somebody_holds_is_not_to_be_proposed_anew() {
    let names = [NAME.to_owned()];
    let world = World::new(&names, Terms::default()).await;
    world.propose(&names, &ada()).await;
    world.decide(&names, ClaimDecision::Abandon, &bob()).await;
    says(&world.next().await, &["`namewarden claim propose acme-billing`"]);
    world.expose(NAME, Exposure::Taken).await;
    says(&world.next().await, &["somebody else holds the name", "`namewarden findings list`"]);
}

#[tokio::test]
async fn what_was_let_go_before_says_so_and_by_whom() {
    let names = [NAME.to_owned(), "acme-tax".to_owned()];
    let world = World::new(&names, Terms::default()).await;
    world.propose(&names, &ada()).await;
    world.approve(&names[..1], &bob()).await;
    let first = world.try_apply(&ada()).await;
    assert!(first.lines[0].released.is_none() && first.lines[0].says.contains("is rehearsed, and published"));
    world.approve(&names[1..], &bob()).await;
    let again = world.try_apply(&bob()).await;
    says(
        &again.lines[0].says,
        &["was let go before, by ada", "on 2026-11-20 12:00 UTC", "the uploader builds and tries"],
    );
    assert!(again.lines[1].released.is_none(), "{again:?}");
    let trail = world.trail(NAME).await;
    assert_eq!(trail.iter().filter(|line| line.event == "release").count(), 1);
}
