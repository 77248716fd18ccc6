//! Alerts beside a gate: who has what they warn of, and who waits for it.

use crate::dashboard::gate::FakeGate;
use crate::world::Setup;

#[tokio::test]
async fn an_alert_says_who_has_the_project_and_leaves_without_a_gate_that_does_not_answer() {
    let mut world = Setup::default().start().await;
    let gate = FakeGate::at(&world.dir().join("gate.sock"));
    world.reconfigure(&(world.config() + "[gate]\ncontrol_socket = \"gate.sock\"\n")).await;
    world.register("acme-biling", "mallory");
    let told = world.expect_mail("registered", "acme-biling").await;
    for words in [
        "received here by 2 clients since 2026-11-27 12:00 UTC: namewarden gate who acme-biling",
        "held, review 120, asked for by 1 client; 59 reviews are open of other versions",
    ] {
        assert!(told.text.contains(words), "{words}: {}", told.text);
    }
    // It was killed, and left its socket.
    drop(gate);
    world.register("acme-bilingg", "mallory");
    let told = world.expect_mail("registered", "acme-bilingg").await;
    assert!(told.text.contains("The gate did not answer"), "{}", told.text);
    world.finish().await;
}
