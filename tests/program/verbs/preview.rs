//! `preview` and the preview of an import: over a running daemon, over the store alone, over an index, over nothing.

use serde_json::Value;

use super::{INVENTORY, Scene, text};

impl Scene {
    async fn preview(&self, words: &[&str]) -> Value {
        let words = [["preview", "--format", "json"].as_slice(), words].concat();
        serde_json::from_str(&self.said(&words, 0).await).expect("one object")
    }

    /// What an import says on standard error, when it ended with this status and its TOML is good.
    async fn imported(&self, words: &[&str], status: i32) -> String {
        let output = self.verb(&[["inventory", "import"].as_slice(), words].concat()).await;
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(status), "{words:?}\n{out}\n{err}");
        toml::from_str::<toml::Table>(&out).unwrap_or_else(|error| panic!("{error}\n{out}"));
        err
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
    assert_eq!(new["by_watch"][0]["watch"], "requests");
    let shown = scene.said(&["preview", "--budget", "0"], 3).await;
    assert!(shown.contains("by week: registrations, page, alert, digest"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_shows_what_is_new_before_it_goes_live() {
    let scene = Scene::new().await;
    let _daemon = scene.daemon().await;
    scene.eventually(&["status"], "2 exposed").await;
    scene.write("new.csv", "name,kind,watch\nacme-ledger,,\nrequests,,\nflask,listed,acme-ledger\n");
    let said = scene.imported(&[&scene.file("new.csv")], 0).await;
    assert!(said.contains("preview: what 2 new watches and look-alikes would have alerted"), "{said}");
    assert!(said.contains("  page         1\n") && said.contains("noisiest watches"), "{said}");
    let said = scene.imported(&[&scene.file("new.csv"), "--budget", "1"], 3).await;
    assert!(said.contains("over budget"), "{said}");
    let said = scene.imported(&[&scene.file("inventory.toml")], 0).await;
    assert!(said.ends_with("preview: no watch of it is new\n"), "{said}");
    let said = scene.imported(&[&scene.file("new.csv"), "--no-preview"], 0).await;
    assert!(!said.contains("preview"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_daemon_and_store_an_import_needs_an_index_for_its_preview() {
    let scene = Scene::new().await;
    scene.write("new.txt", "acme-ledger\ncorp-vault\n");
    scene.write("index.txt", "acme-ledgers\ncorp-vault\ncorp-vautl\nunrelated\n");
    let new = scene.file("new.txt");
    let said = scene.imported(&[&new], 0).await;
    let line = said.lines().last().unwrap_or_default();
    assert!(line.starts_with("no preview was made: no daemon listens on "), "{said}");
    assert!(line.ends_with("or name an index: --index FILE|URL"), "{said}");
    let refused = scene.verb(&["preview"]).await;
    assert_eq!(refused.status.code(), Some(1), "{}", text(&refused.stderr));
    assert!(!scene.path().join("state").exists(), "asking made a store");
    let said = scene.imported(&[&new, "--index", &scene.file("index.txt")], 0).await;
    assert!(said.contains("what 1 new watch or look-alike") && said.contains("corp-vault"), "{said}");
    assert!(!said.contains("by week") && !said.contains("  acme-ledger "), "{said}");
    scene.imported(&[&new, "--index", &scene.file("nothing.txt")], 1).await;
    scene.imported(&[&new, "--budget", "9"], 1).await;
    std::fs::remove_file(scene.path().join("inventory.toml")).expect("it was there");
    let said = scene.imported(&[&new, "--index", &scene.file("index.txt")], 0).await;
    assert!(said.contains("what 2 new watches and look-alikes"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_leaves_out_what_stands_on_pypi_by_the_baseline() {
    let scene = Scene::new().await;
    let daemon = scene.daemon().await;
    scene.eventually(&["status"], "2 exposed").await;
    scene.write("freeze.txt", "requests==2.31.0\nFlask==3.0\nzyxco-new==2.0\n");
    let freeze = scene.file("freeze.txt");
    let left_out = "left out, as they stand on PyPI (2): Flask, requests\n";
    assert!(scene.imported(&[&freeze], 0).await.starts_with(left_out));
    drop(daemon);
    let said = scene.imported(&[&freeze, "--no-preview"], 0).await;
    assert!(said.starts_with(left_out), "over the store: {said}");
    let said = scene.imported(&[&freeze, "--no-preview", "--include-public"], 0).await;
    assert!(!said.contains("left out"), "{said}");
    let locked = |name: &str, index: &str| {
        format!("[[package]]\nname = \"{name}\"\nversion = \"1.0\"\nsource = {{ registry = \"{index}/simple\" }}\n")
    };
    let watched = locked("mirrored", scene.sim.base_url());
    scene.write(
        "uv.lock",
        &format!("version = 1\nrequires-python = \">=3.9\"\n{watched}{}", locked("zyxco-a", "https://i.example")),
    );
    let said = scene.imported(&[&scene.file("uv.lock"), "--no-preview"], 0).await;
    assert!(said.starts_with("left out, as resolved from PyPI (1): mirrored\n"), "{said}");
    let locks = std::fs::read_to_string(scene.file("uv.lock")).expect("written");
    scene.write("uv.lock", &locks.replace("mirrored", "zyxco-mirrored"));
    let said = scene.imported(&[&scene.file("uv.lock"), "--no-preview"], 0).await;
    assert!(said.starts_with("WARNING: on PyPI, or resolved from there, and called as yours are"), "{said}");
    scene.write("index.txt", "zyxco-taken\nflask\n");
    scene.write("more.txt", "requests==2.31.0\nzyxco-new==2.0\nzyxco-taken==1.0\n");
    let said = scene.imported(&[&scene.file("more.txt"), "--index", &scene.file("index.txt")], 0).await;
    assert!(
        said.contains("called as yours are: kept, so look whose each is (1): zyxco-taken")
            && !said.contains("left out"),
        "{said}"
    );
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
