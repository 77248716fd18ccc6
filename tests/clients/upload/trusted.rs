//! Trusted publishing: an identity token for an upload token, with the rules of pending publishers.

use std::time::Duration;

use namewarden::clock::Clock;
use namewarden::config::Secret;
use namewarden::model::Time;
use namewarden::registry::pypi::upload::exchange::{Exchange, Exchanged, NotMinted};
use namewarden::registry::pypi::upload::{Login, Refused, UploadReply};
use namewarden::sim::world::Pending;
use namewarden::sim::{Fault, Sim};
use serde_json::json;

use crate::sim::wire::get;

use super::{accepted, day, name, sdist, sim, unmoved, uploader, wheel};

fn exchange(sim: &Sim, now: Time) -> Exchange {
    Exchange::new(sim.base_url(), unmoved(Duration::from_secs(5)), Clock::manual(now)).expect("a loopback address")
}

async fn mint(sim: &Sim, subject: &str, now: Time) -> Exchanged {
    let identity = Secret::new(&sim.identity_token(subject));
    exchange(sim, now).mint(&identity).await
}

fn refusal(exchanged: Exchanged) -> NotMinted {
    match exchanged {
        Exchanged::Refused { why, .. } => why,
        other => panic!("{other:?}"),
    }
}

/// What a CI system asks before it makes an identity token.
async fn audience(sim: &Sim) -> (u16, serde_json::Value) {
    let said = get(sim.base_url(), "/_/oidc/audience").await;
    (said.status, said.json())
}

fn register(sim: &Sim, display: &str, user: &str, number: i64) {
    let (subject, display, user) = (format!("repo:{display}"), display.to_owned(), user.to_owned());
    let pending = Pending { subject, display, user, organization: None, registered: day(number) };
    sim.world().register_publisher(pending).expect("room");
}

#[tokio::test]
async fn a_pending_publisher_creates_the_project_and_its_token_lives_a_quarter_of_an_hour() {
    let sim = sim().await;
    assert_eq!(audience(&sim).await, (200, json!({"audience": "pypi"})));
    register(&sim, "acme-billing", "acme-bot", 1);
    let Exchanged::Minted { token, expires } = mint(&sim, "repo:acme-billing", day(1)).await else {
        panic!("not minted")
    };
    assert_eq!((expires - day(1)).num_seconds(), 900);
    assert_eq!(sim.world().journal().last().expect("entries").action, "add Owner acme-bot", "before any upload");
    let file = wheel("acme-billing", "0.0.1");
    let login = Login::token(token);
    let answered = uploader(sim.base_url()).upload(&login, &file).await;
    assert_eq!((answered.reply, answered.limits), (accepted(), Vec::new()), "no slot of the day was needed");
    let elsewhere = uploader(sim.base_url()).upload(&login, &wheel("acme-ledger", "0.0.1")).await.reply;
    assert!(matches!(elsewhere, UploadReply::Refused { why: Refused::PublisherMismatch, .. }), "{elsewhere:?}");
    sim.hold_clock(day(1) + chrono::TimeDelta::seconds(900));
    let late = uploader(sim.base_url()).upload(&login, &sdist("acme-billing", "0.0.1")).await.reply;
    assert!(matches!(late, UploadReply::Refused { why: Refused::TokenInvalid, .. }), "{late:?}");
    assert!(matches!(mint(&sim, "repo:acme-billing", day(1)).await, Exchanged::Minted { .. }), "a fresh one serves");
}

#[tokio::test]
async fn each_refusal_of_an_exchange_is_its_own() {
    let sim = sim().await;
    let ask = exchange(&sim, day(1));
    assert_eq!(refusal(ask.mint(&Secret::new("no.token.atall")).await), NotMinted::InvalidPayload);
    assert_eq!(refusal(mint(&sim, "repo:nobody", day(1)).await), NotMinted::InvalidPublisher);
    let identity = Secret::new(&sim.identity_token("repo:acme"));
    let altered = Secret::new(&format!("{}x", identity.expose()));
    assert_eq!(refusal(ask.mint(&altered).await), NotMinted::InvalidToken);
    register(&sim, "acme", "acme-bot", 1);
    assert!(matches!(ask.mint(&identity).await, Exchanged::Minted { .. }));
    assert_eq!(refusal(ask.mint(&identity).await), NotMinted::Reused);
    sim.faults().start(Fault::OidcClosed);
    assert_eq!(refusal(mint(&sim, "repo:acme", day(1)).await), NotMinted::NotEnabled);
    assert_eq!(audience(&sim).await.0, 403);
}

#[tokio::test]
async fn pending_publishers_reserve_nothing_and_end() {
    let sim = sim().await;
    register(&sim, "acme-billing", "acme-bot", 1);
    sim.world().create("acme-bi11ing", "mallory", day(1)).expect("free");
    assert_eq!(refusal(mint(&sim, "repo:acme-billing", day(1)).await), NotMinted::InvalidPublisher, "it is gone");
    register(&sim, "acme-ledger", "acme-bot", 1);
    sim.world().prohibit("acme-ledger", day(1)).expect("a name");
    let why = refusal(mint(&sim, "repo:acme-ledger", day(1)).await);
    assert_eq!(why, NotMinted::Name(Refused::NameProhibited));
    register(&sim, "acme-search", "acme-bot", 1);
    sim.hold_clock(day(31));
    assert_eq!(refusal(mint(&sim, "repo:acme-search", day(31)).await), NotMinted::InvalidPublisher, "after 30 days");
    assert!(sim.world().project(&name("acme-search")).is_none());
}
