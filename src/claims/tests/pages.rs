//! Pages of a plan: what one was made of is good for the next, and never of what was.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::world::{World, ada};
use crate::claims::{KeptGround, PlanPage};
use crate::model::Exposure;
use crate::model::claim::{Publicity, Terms};

/// The first page, of what is kept where that is of this moment.
async fn page(world: &World, kept: &KeptGround) -> PlanPage {
    let kept = kept.clone();
    let first = move |desk: &crate::claims::Desk, tx: &crate::store::Tx<'_>| {
        desk.plan_page(tx, &BTreeSet::new(), (&kept, None), |_| Ok::<_, ()>((0, 0)), 10)
    };
    world.write(first).await.expect("a page")
}

#[tokio::test]
async fn a_page_is_made_of_what_is_kept_until_something_is_another() {
    let names = ["acme-a", "acme-b"].map(str::to_owned);
    let mut world = World::new(&names, Terms::default()).await;
    let kept = KeptGround::default();
    let mut last = page(&world, &kept).await;
    for step in 0..4 {
        let again = page(&world, &kept).await;
        assert!(Arc::ptr_eq(&last.order, &again.order), "nothing is another: {step}");
        match step {
            0 => world.expose("acme-a", Exposure::Taken).await,
            1 => world.propose(&names[1..], &ada()).await,
            2 => world.set_terms(Terms { publicity: Publicity::Public, auto: false }),
            _ => world.settings.organization = Some("acme".to_owned()),
        }
        let (next, anew) = (page(&world, &kept).await, page(&world, &KeptGround::default()).await);
        assert_eq!(next.planned, anew.planned, "{step}");
        assert!(!Arc::ptr_eq(&last.order, &next.order), "something is: {step}");
        last = next;
    }
}
