//! A real provider, npm's, and Debian's Chromium: tests/browser/signin.mjs.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};

use serde_json::json;

use super::provider::{CLIENT, SECRET};
use super::{NAME, Stage};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a browser: NAMEWARDEN_TEST_BROWSER, which tests/run provides"]
async fn people_sign_in_at_a_real_provider_in_a_browser() {
    let (mut running, mut lines) = tokio::task::spawn_blocking(begun).await.expect("run");
    // The provider has things to say before.
    let issuer = lines.by_ref().find(|line| line.starts_with("http://")).expect("the provider listens");
    let stage = Stage::prepared().await;
    stage.trusts(&issuer, "").await;
    let told = json!({ "url": stage.base, "client": CLIENT, "secret": SECRET, "name": NAME });
    writeln!(running.stdin.take().expect("piped"), "{told}").expect("written");
    let done = tokio::task::spawn_blocking(move || {
        lines.for_each(|line| println!("{line}"));
        running.wait().expect("ended").success()
    });
    assert!(done.await.expect("run"), "see above");
    stage.world.finish().await;
}

fn begun() -> (Child, impl Iterator<Item = String>) {
    let mut node = Command::new("node");
    node.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/browser/signin.mjs"));
    let mut running = node.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("node is there");
    let lines = BufReader::new(running.stdout.take().expect("piped")).lines();
    (running, lines.map_while(Result::ok))
}
