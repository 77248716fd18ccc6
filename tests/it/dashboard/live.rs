//! A page hears that something has changed, and hears no more once its session is over.

use std::time::Duration;

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
