//! What whoever tells of a case hears of its project.

use super::world::{HELD, World};
use crate::model::ProjectName;
use crate::model::at_gate::{HeldAtGate, ProjectAtGate};

#[test]
fn who_waits_for_a_project_and_who_has_it_is_known_of_that_one_alone() {
    World::run(async |world| {
        let asked = ["widget", "widgets"].map(|name| ProjectName::parse(name).expect("valid"));
        let known = async || world.gate.known(asked.to_vec()).await.expect("the desk stands");
        let nothing = known().await;
        assert!(
            nothing.iter().all(|of| of.held.is_none() && of.received.is_some_and(|by| by.clients == 0)),
            "{nothing:?}"
        );
        let old = world.ask("GET", "/files/widgets/widgets-1-py3-none-any.whl", &[]).await;
        assert_eq!((old.status.as_u16(), world.ask("GET", HELD, &[]).await.status.as_u16()), (200, 451));
        let told = known().await;
        assert_eq!(told[0], nothing[0], "another name that stands in this one");
        let ProjectAtGate { held, received } = &told[1];
        let review = HeldAtGate { review: 1, clients: 1, more_clients: false, given_out: false, more: 0 };
        assert_eq!(held.as_ref(), Some(&review));
        assert!(received.is_some_and(|by| by.clients == 1 && by.since == Some(world.clock.now())), "{received:?}");
    });
}
