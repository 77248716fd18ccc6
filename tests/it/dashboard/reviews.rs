//! The gate's reviews on pages and by the API: what is shown, who decides, and what becomes of it when no gate answers.

use namewarden::model::Role;
use serde_json::{Value, json};

use super::gate::FakeGate;
use super::{empty, page};

async fn gated(world: &crate::world::World) -> FakeGate {
    let gate = FakeGate::at(&world.dir().join("gate.sock"));
    let config = world.config() + "[gate]\ncontrol_socket = \"gate.sock\"\n";
    world.reconfigure(&config).await;
    gate
}

#[tokio::test]
async fn reviews_are_listed_searched_and_shown_whole_and_strangers_break_nothing() {
    let world = empty().await;
    let _gate = gated(&world).await;
    let viewer = world.signed_in(Role::Viewer).await;
    assert!(page(&viewer, "/").await.contains("<b>120</b> <span>installs wait for a review</span>"));
    let first = page(&viewer, "/gate/reviews").await;
    assert!(first.contains("review 120<") && first.contains("review 71<") && !first.contains("review 70<"), "{first}");
    let next = first.split("rel=\"next\"").next().and_then(|text| text.rsplit("href=\"").next()).expect("a next page");
    let next = next.trim_end_matches("\" ").replace("&amp;", "&").replace("&#38;", "&");
    let second = page(&viewer, &next).await;
    assert!(second.contains("review 70<") && !second.contains("review 71<"), "{next}");
    let found = page(&viewer, "/gate/reviews?search=Acme_Biling").await;
    assert!(found.contains("review 120<") && !found.contains("review 119<"));
    assert!(first.contains("asked for 3 times, by ci-1 at 10.0.0.7"), "{first}");
    let one = page(&viewer, "/gate/reviews/17").await;
    for words in [
        "<bdi>acme-biling==1.0",
        "ci-1 at 10.0.0.7",
        "pip, in a build by what it says",
        "is NOT: as when somebody else publishes",
        "it is younger than that",
        "prior use: yes",
        "one for the file: nothing speaks for this file",
        "does NOT hold the project, as the index says",
        "cp312-cp312-linux_x86_64",
        "901 files, 900 new, 0 changed, 0 gone",
        "is read at each start of Python",
        "and 3 more of the kind",
        "new dependencies: <code>evil-core",
        "7 files of it nobody looked into",
        "ANOTHER than before",
        "120000 downloads by the list of 2026-11-01",
        "nw-3",
        "/gate/reviews/5",
    ] {
        assert!(one.contains(words), "{words}: {one}");
    }
    assert!(one.contains("takes the role approver") && !one.contains("name=\"act\""), "a viewer decides nothing");
    assert!(!one.contains("<script>window") && !one.contains("<b>eve"));
    assert!(!one.contains("<img") && !one.contains("x-1.0.tar.gz<script>") && !one.contains('\u{202e}'));
    assert_eq!(viewer.get("/gate/reviews/99").await.status(), 404);
    assert_eq!(viewer.get("/gate/reviews/..%2f").await.status(), 404);
    world.finish().await;
}

#[tokio::test]
async fn an_approver_decides_as_their_account_and_nobody_says_for_whom() {
    let world = empty().await;
    let gate = gated(&world).await;
    let responder = world.signed_in(Role::Responder).await;
    assert_eq!(responder.post("/gate/reviews/17/decide", "act=approve&reason=x").await.status(), 403);
    let approver = world.signed_in(Role::Approver).await;
    let form = page(&approver, "/gate/reviews/17").await;
    assert!(form.contains("name=\"files\" value=\"0123456789abcdef\"") && form.contains("value=\"approve\""), "{form}");
    let sent = "act=approve&reason=it+is+needed&files=0123456789abcdef&days=30&on_behalf=root&name=root";
    let done = approver.post("/gate/reviews/17/decide", sent).await;
    assert!(done.status().is_success() || done.status().is_redirection(), "{}", done.status());
    let heard = gate.heard.lock().expect("whole").pop().expect("it was asked");
    assert_eq!((heard["id"].as_i64(), heard["decision"]["act"].as_str()), (Some(17), Some("approve")));
    assert_eq!(heard["decision"]["files_key"], "0123456789abcdef");
    assert!(heard["decision"]["until"].is_string());
    let spoken = &heard["on_behalf"];
    assert!(spoken["name"].as_str().is_some_and(|name| name != "root") && spoken["uid"] != json!(0), "{spoken}");
    let unknown = approver.post("/gate/reviews/17/decide", "act=burn&reason=x").await;
    assert_eq!(unknown.status(), 400);
    assert!(gate.heard.lock().expect("whole").is_empty());
    // What the gate does not take is said on the page, and nothing breaks.
    let refused = approver.post("/gate/reviews/17/decide", "act=approve&reason=refuse").await;
    assert!(refused.status().is_success() || refused.status().is_redirection(), "{}", refused.status());
    let trail =
        world.engine().store.read(|tx| tx.audit().since(chrono::DateTime::UNIX_EPOCH, 0, 50)).await.expect("reads");
    let decided: Vec<&str> =
        trail.iter().filter(|line| line.line.action == "gate-decide").map(|line| &*line.line.outcome).collect();
    assert_eq!(decided.len(), 2, "{decided:?}");
    assert!(decided[1].contains("other files by now"), "{decided:?}");
    world.finish().await;
}

#[tokio::test]
async fn without_a_gate_the_pages_say_so_and_nothing_else_breaks() {
    let world = empty().await;
    let approver = world.signed_in(Role::Approver).await;
    let list = page(&approver, "/gate/reviews").await;
    assert!(list.contains("does not answer") && list.contains("systemctl status namewarden-gate"), "{list}");
    assert!(!page(&approver, "/").await.contains("wait for a review"));
    assert_eq!(approver.get("/gate/reviews/17").await.status(), 503);
    let standing: Value = approver.get("/api/v1/gate").await.json().await.expect("JSON");
    assert_eq!((standing["running"].as_bool(), standing["open"].as_u64()), (Some(false), Some(0)), "{standing}");
    let sent = approver.post("/gate/reviews/17/decide", "act=approve&reason=x").await;
    assert!(sent.status().is_success() || sent.status().is_redirection(), "{}", sent.status());
    world.finish().await;
}

#[tokio::test]
async fn the_api_has_the_same_in_pages() {
    let world = empty().await;
    let _gate = gated(&world).await;
    let viewer = world.signed_in(Role::Viewer).await;
    let get = async |path: &str| viewer.get(path).await.json::<Value>().await.expect("JSON");
    let (mut seen, mut path) = (Vec::new(), "/api/v1/gate/reviews?limit=50&search=leftpad".to_owned());
    loop {
        let page = get(&path).await;
        seen.extend(page["items"].as_array().expect("items").iter().filter_map(|review| review["id"].as_i64()));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/v1/gate/reviews?limit=50&search=leftpad&after={next}");
    }
    assert_eq!(seen, (1..=120).rev().filter(|id| id % 2 == 1).collect::<Vec<i64>>(), "each once, in order");
    let one = get("/api/v1/gate/reviews/17").await;
    let asker = &one["askers"][0];
    assert_eq!(
        (one["id"].as_i64(), asker["tool"].as_str(), asker["is_ci"].as_bool()),
        (Some(17), Some("pip"), Some(true))
    );
    for who in [asker, &one["asked_by"][0]] {
        assert_eq!((&who["peer"], &who["user"], &who["host"]), (&"ci-1".into(), &"ci-1".into(), &"10.0.0.7".into()));
    }
    assert_eq!(one["peers"], serde_json::json!(["ci-1"]));
    assert!(one["resembles"].as_array().is_some_and(|of| of.iter().any(|of| of["watch"] == "acme-billing")), "{one}");
    assert_eq!(get("/api/v1/gate/reviews/99").await["type"], "urn:namewarden:problem:no-such-review");
    assert_eq!(get("/api/v1/gate/reviews?after=x").await["type"], "urn:namewarden:problem:bad-cursor");
    world.finish().await;
}
