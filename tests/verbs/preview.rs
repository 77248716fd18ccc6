//! `preview`: over a running daemon, over the store alone, over nothing.

use serde_json::Value;

use super::{INVENTORY, Scene, text};

impl Scene {
    async fn preview(&self, words: &[&str]) -> Value {
        let words = [["preview", "--format", "json"].as_slice(), words].concat();
        serde_json::from_str(&self.said(&words, 0).await).expect("one object")
    }

    fn file(&self, name: &str) -> String {
        self.path().join(name).to_str().expect("text").to_owned()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_known_stream_is_replayed_through_the_daemon_and_over_the_store() {
    let scene = Scene::new().await;
    let daemon = scene.daemon().await;
    scene.eventually(&["status"], "2 exposed").await;
    scene.sim.world().upload("acme-billing", "3.0", "mine now", "mallory", namewarden::sim::Sim::now()).expect("free");
    scene.eventually(&["findings", "list"], "acme-billing ~ acme-billing (exact)").await;
    let all = scene.preview(&[]).await;
    let known: u64 = serde_json::from_str::<Value>(&text(&scene.verb(&["status", "--format", "json"]).await.stdout))
        .expect("one object")["projects"]
        .as_u64()
        .expect("a number");
    assert_eq!(all["names"].as_u64(), Some(known));
    assert!(all["before_installation"].as_u64() > Some(0), "{all}");
    let week = &all["weeks"].as_array().expect("a list").last().expect("this week");
    assert_eq!((&week["registrations"], &week["page"]), (&1.into(), &1.into()), "{all}");
    drop(daemon);
    let today = namewarden::sim::Sim::now().format("%F").to_string();
    let since = scene.preview(&["--since", &today]).await;
    assert_eq!((&since["names"], &since["before_installation"]), (&1.into(), &0.into()), "{since}");
    assert_eq!(scene.preview(&["--until", "2000-01-01"]).await["names"], 0);
    scene.write("proposed.toml", &INVENTORY.replace("\"acme-ledger\"", "\"acme-ledger\", \"requests\""));
    let new = scene.preview(&["--inventory", &scene.file("proposed.toml"), "--new"]).await;
    assert_eq!((&new["names"], &new["tiers"]["page"]), (&known.into(), &1.into()), "{new}");
    assert_eq!(new["by_watch"][0]["of"], "requests");
    let shown = scene.said(&["preview", "--budget", "0"], 3).await;
    assert!(shown.contains("by week: registrations, page, alert, digest"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_daemon_and_store_there_is_only_an_index() {
    let scene = Scene::new().await;
    let refused = scene.verb(&["preview"]).await;
    assert_eq!(refused.status.code(), Some(1), "{}", text(&refused.stderr));
    assert!(text(&refused.stderr).contains("or name an index: --index FILE|URL"), "{}", text(&refused.stderr));
    assert!(!scene.path().join("state").exists(), "asking made a store");
}

#[tokio::test(flavor = "multi_thread")]
async fn days_are_checked_before_anything_is_asked() {
    let scene = Scene::new().await;
    for (words, wanted) in [
        (["--since", "yesterday", "--until", "2026-11-01"], "it is no day; write it like 2026-11-01"),
        (["--since", "2026-11-01", "--index", "names.txt"], "cannot be used with"),
        (["--since", "2026-11-02", "--until", "2026-11-01"], "leaves no day"),
    ] {
        let refused = scene.verb(&[["preview"].as_slice(), &words].concat()).await;
        assert_eq!(refused.status.code(), Some(2), "{words:?}");
        assert!(text(&refused.stderr).contains(wanted), "{words:?}: {}", text(&refused.stderr));
    }
}
