//! Claims over a real store and a clock that is moved, against a PyPI of a few lines that counts as PyPI counts. A whole campaign
//! is in `tests/clients/claims`.

mod astray;
mod by_itself;
mod found;
mod lives;
mod lots;
mod own;
mod pages;
mod rules;
mod stands_still;
mod status;
mod storms;
mod unnamed;
mod versions;
mod who;
mod world;

use chrono::TimeDelta;
use world::{World, ada, bob};

use crate::model::Exposure;
use crate::model::claim::Terms;

#[tokio::test]
async fn more_than_a_handful_waits_for_pypis_agreement() {
    let names: Vec<String> = (0..11).map(|n| format!("acme-part-{n:02}")).collect();
    let mut world = World::new(&names, Terms::default()).await;
    world.propose(&names, &ada()).await;
    world.approve(&names, &bob()).await;
    let refused = world.try_apply(&ada()).await;
    assert!(!refused.done && refused.obstacles[0].contains("claim agree "), "{refused:?}");
    world.work_off().await;
    assert_eq!(world.published(), 0);
    world.agreement("pypi/support#1").await;
    assert!(world.try_apply(&ada()).await.done);
    world.work_off().await;
    assert_eq!(world.published(), 3);
}

#[tokio::test]
async fn a_rate_limit_stops_all_of_them_for_as_long_as_pypi_says() {
    let names = ["acme-a", "acme-b"].map(str::to_owned);
    let mut world = World::new(&names, Terms::default()).await;
    world.propose(&names, &ada()).await;
    world.approve(&names, &bob()).await;
    world.apply(&ada()).await;
    world.pypi.answers.push_back(world::Answer::RateLimited { seconds: 7200 });
    world.work_off().await;
    assert_eq!((world.pypi.asked, world.published()), (1, 0), "the first 429 stops it");
    world.pass(TimeDelta::minutes(119)).await;
    world.work_off().await;
    assert_eq!(world.pypi.asked, 1);
    world.pass(TimeDelta::minutes(2)).await;
    world.work_off().await;
    assert_eq!(world.published(), 2);
}

#[tokio::test]
async fn what_is_not_understood_stops_everything_and_is_a_page() {
    let names = ["acme-a", "acme-b"].map(str::to_owned);
    let mut world = World::new(&names, Terms::default()).await;
    world.propose(&names, &ada()).await;
    world.approve(&names, &bob()).await;
    world.apply(&ada()).await;
    world.pypi.answers.push_back(world::Answer::Strange);
    world.work_off().await;
    world.pass(TimeDelta::days(2)).await;
    world.work_off().await;
    assert_eq!((world.pypi.asked, world.published()), (1, 0));
    let pages = world.pages().await;
    assert!(pages.iter().any(|page| page.contains("claims-stopped")), "{pages:?}");
    let stopped = world.try_apply(&ada()).await;
    assert!(stopped.obstacles[0].contains("everything is stopped"), "{stopped:?}");
    // A look settles the one that was under way; a person lets it go on.
    world.retry("acme-a", &bob()).await;
    world.work_off().await;
    assert_eq!(world.published(), 2);
}

#[tokio::test]
async fn only_open_names_of_the_inventory_are_claimed() {
    let names = ["acme-a", "acmea", "acme-b", "acme-c"].map(str::to_owned);
    let world = World::new(&names, Terms::default()).await;
    world.expose("acme-b", Exposure::Ours).await;
    world.expose("acme-c", Exposure::Taken).await;
    let asked = ["acme-a", "acmea", "acme-b", "acme-c", "acme-stranger"].map(str::to_owned);
    let refused: Vec<Option<String>> =
        world.try_propose(&asked, &ada()).await.into_iter().map(|ruled| ruled.refused).collect();
    assert_eq!(refused[0], None);
    for (at, why) in
        [(1, "stands for it"), (2, "it is ours"), (3, "somebody holds it"), (4, "no name of the inventory")]
    {
        let said = refused[at].as_deref().unwrap_or_default();
        assert!(said.contains(why) || (at == 1 && said.contains("PyPI takes it for the same as acme-a")), "{said}");
    }
}
