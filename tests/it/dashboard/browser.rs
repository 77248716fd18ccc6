//! The dashboard in Debian's Chromium, driven by Playwright: tests/browser/dashboard.mjs.

use std::io::Write as _;
use std::process::{Command, Stdio};

use namewarden::access::password;
use namewarden::model::{Role, UserName};
use namewarden::store::User;
use serde_json::{Map, Value, json};

use super::stage::Stage;
use crate::world::World;

const PASSWORD: &str = "correct horse battery";

/// Signed in, and able to sign in anew.
async fn person(world: &World, role: Role) -> Value {
    let cookie = world.signed_in(role).await.cookie.expect("signed in");
    let (name, hash) = (role.as_str(), password::hashed(PASSWORD).expect("hashed"));
    let known: UserName = name.parse().expect("a name");
    let give = move |tx: &namewarden::store::Tx<'_>| {
        let user = tx.users().get(&known)?.expect("an account");
        tx.users().put(&User { password: Some(hash.clone()), ..user })
    };
    world.engine().store.write(give).await.expect("stored");
    json!({ "name": name, "cookie": cookie, "password": PASSWORD })
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
        "several": {
            "scripted": { "search": "acmecorp-", "names": ["acmecorp-utils", "acmecorp-long"] },
            "plain": { "search": "acme-feature", "names": ["acme-feature", "acme-features-dev"] },
        },
        "links": { "scripted": stage.link("acmecorp-sdk", "security").await, "plain": stage.link("corp-valut", "security").await },
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
