//! No name of the inventory leaves this machine before it is public.

use namewarden::sim::{Endpoint, Fault};

use crate::world::{Setup, World};

#[tokio::test]
async fn a_name_that_is_not_public_is_never_asked_for() {
    let faults = vec![Fault::XmlrpcGone];
    let setup =
        Setup { faults, standing: vec!["corp-vault".to_owned(), "acmecorp-tools".to_owned()], ..Setup::default() };
    let mut world = setup.start().await;
    world.expect_mail("stood", "corp-vault").await;
    world.expect_unwell("changelog-gone").await;
    world.register("acme-billing", "mallory");
    world.expect_mail("registered", "acme-billing").await;
    // Near a watched name, and too little so for an alert: asking about it would only say which.
    world.register("acmecorp-things", "mallory");
    world.until("it is a case", async |w| !w.findings_of("acmecorp-things").await.is_empty()).await;
    world.watchdog_round().await;
    let log = world.sim.log();
    for private in ["acme-ledger", "corp-mail", "corp-search", "corp-print", "zeta-internal", "acmecorp"] {
        assert!(!log.mentions(private), "{private} was asked for");
    }
    assert!(log.mentions("/pypi/acme-billing/json") && log.mentions("/pypi/corp-vault/json"), "these are public");
    world.finish().await;
}

#[tokio::test]
async fn who_asks_says_who_they_are() {
    let world = World::new().await;
    let requests = world.sim.log().requests();
    assert!(requests.iter().any(|request| request.endpoint == Endpoint::Index));
    assert!(requests.iter().all(|request| request.user_agent.contains("ops@acme.example")), "{requests:?}");
    world.finish().await;
}
