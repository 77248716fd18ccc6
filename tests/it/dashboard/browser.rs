//! The dashboard in Debian's Chromium, driven by Playwright: tests/browser/dashboard.mjs.

use std::io::Write as _;
use std::process::{Command, Stdio};

use namewarden::model::Role;
use serde_json::{Map, Value, json};

use super::stage::Stage;
use crate::world::World;

async fn person(world: &World, role: Role) -> Value {
    let cookie = world.signed_in(role).await.cookie.expect("signed in");
    json!({ "name": role.as_str(), "cookie": cookie })
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a browser: NAMEWARDEN_TEST_BROWSER, which tests/run provides"]
async fn people_find_their_way_in_a_browser() {
    let mut stage = Stage::set().await;
    let mut pages: Map<String, Value> =
        stage.pages().into_iter().map(|(name, path)| (name.to_owned(), Value::from(path))).collect();
    pages.insert("answer".to_owned(), Value::from(stage.link("acme-leger", "payments").await));
    let world = json!({
        "url": stage.world.browser().await.base,
        "responder": person(&stage.world, Role::Responder).await,
        "approver": person(&stage.world, Role::Approver).await,
        "find": ["torchtritn", "acme-biling"],
        "claim": ["corp-mail", "corp-search"],
        "pages": pages,
        "links": { "scripted": stage.link("acmecorp-sdk", "security").await, "plain": stage.link("corp-valut", "security").await },
        // Pages of which the status is no success, on purpose.
        "expected": [],
    });
    let done = tokio::task::spawn_blocking(move || drive(&world.to_string())).await.expect("run");
    assert!(done, "see above");
    stage.end().await;
}

fn drive(world: &str) -> bool {
    let mut node = Command::new("node");
    node.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/browser/dashboard.mjs")).stdin(Stdio::piped());
    let mut running = node.spawn().expect("node is there");
    running.stdin.take().expect("piped").write_all(world.as_bytes()).expect("written");
    running.wait().expect("ended").success()
}
