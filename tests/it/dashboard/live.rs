//! A page hears that something has changed, and hears no more once its session is over.

use std::time::{Duration, Instant};

use namewarden::model::Role;
use reqwest::Response;

use super::empty;

/// What the stream says next, until it says this.
async fn until(stream: &mut Response, word: &str) -> String {
    let heard = async {
        let mut text = String::new();
        while !text.contains(word) {
            let Some(part) = stream.chunk().await.expect("read") else { return format!("{text}(the end)") };
            text += &String::from_utf8_lossy(&part);
        }
        text
    };
    tokio::time::timeout(Duration::from_secs(20), heard).await.unwrap_or_else(|_| panic!("{word} was not heard"))
}

#[tokio::test]
async fn a_stream_tells_of_changes_and_ends_with_the_session() {
    let mut world = empty().await;
    let viewer = world.signed_in(Role::Viewer).await;
    let mut stream = viewer.get("/live?from=0").await;
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    assert_eq!(stream.headers()["x-accel-buffering"], "no", "a proxy passes it on at once");
    until(&mut stream, "event: changed").await;
    world.create("acme-biling", "mallory");
    world.expect_mail("registered", "acme-biling").await;
    until(&mut stream, "event: changed").await;
    let out = viewer.post("/logout", "").await;
    assert_eq!(out.status(), 303);
    let end = until(&mut stream, "event: bye").await;
    assert!(end.contains("event: bye"), "{end}");
    assert_eq!(stream.chunk().await.expect("read"), None, "it ends");
    world.finish().await;
}

#[tokio::test]
async fn an_account_has_eight_windows_and_the_ninth_comes_back_later() {
    let world = empty().await;
    let viewer = world.signed_in(Role::Viewer).await;
    let mut streams = Vec::new();
    for _ in 0..8 {
        let mut stream = viewer.get("/live?from=0").await;
        assert!(until(&mut stream, "event: changed").await.starts_with("retry: 5000\n"));
        streams.push(stream);
    }
    let ninth = viewer.get("/live?from=0").await;
    assert_eq!(
        (ninth.status().as_u16(), &ninth.headers()["content-type"]),
        (200, &"text/event-stream".parse().expect("a value"))
    );
    let said = ninth.text().await.expect("it ends");
    assert!(said.starts_with("retry: 30000\nevent: changed\n"), "it hears what there is: {said}");
    let mut other = world.signed_in(Role::Responder).await.get("/live?from=0").await;
    until(&mut other, "retry: 5000").await;
    drop((streams, other));
    world.finish().await;
}

/// Each makes every window ask for all of its page.
#[tokio::test]
async fn changes_are_told_with_a_pause_between_them() {
    let world = empty().await;
    let viewer = world.signed_in(Role::Viewer).await;
    let mut stream = viewer.get("/live?from=0").await;
    until(&mut stream, "event: changed").await;
    let told = Instant::now();
    world.signed_in(Role::Responder).await;
    until(&mut stream, "event: changed").await;
    assert!(told.elapsed() > Duration::from_secs(4), "{:?}", told.elapsed());
    drop(stream);
    world.finish().await;
}
