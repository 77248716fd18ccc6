//! Pages of a plan: what one was made of is good for the next, and never of what was.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::world::{World, ada};
use crate::claims::PlanPage;
use crate::model::Exposure;
use crate::model::claim::{Publicity, Terms};

/// The first page, made of what another was made of.
async fn page(world: &World, kept: Option<&PlanPage>) -> PlanPage {
    let ground = kept.map(|page| Arc::clone(&page.ground));
    let first = move |desk: &crate::claims::Desk, tx: &crate::store::Tx<'_>| {
        desk.plan_page(tx, &BTreeSet::new(), (ground.clone(), None), |_| Ok::<_, ()>((0, 0)), 10)
    };
    world.write(first).await.expect("a page")
}

#[tokio::test]
async fn a_page_is_made_of_what_is_kept_until_something_is_another() {
    let names = ["acme-a", "acme-b"].map(str::to_owned);
    let mut world = World::new(&names, Terms::default()).await;
    let mut last = page(&world, None).await;
    for step in 0..4 {
        let again = page(&world, Some(&last)).await;
        assert!(Arc::ptr_eq(&last.ground, &again.ground), "nothing is another: {step}");
        match step {
            0 => world.expose("acme-a", Exposure::Taken).await,
            1 => world.propose(&names[1..], &ada()).await,
            2 => world.set_terms(Terms { publicity: Publicity::Public, auto: false }),
            _ => world.settings.organization = Some("acme".to_owned()),
        }
        let (next, anew) = (page(&world, Some(&last)).await, page(&world, None).await);
        assert_eq!(next.planned, anew.planned, "{step}");
        assert!(!Arc::ptr_eq(&last.ground, &next.ground), "something is: {step}");
        last = next;
    }
}
