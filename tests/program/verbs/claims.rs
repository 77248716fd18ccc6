//! `namewarden claim`: the plan, the two persons, and what keeps a name here.

use std::fs;

use serde_json::{Value, json};

use super::access::{DAEMON, GROUP, MEMBER, daemon_among, installed, verb_of};
use super::*;

/// Another member of the group.
const SECOND: u32 = 4_070_005;
/// Both have names where the daemon runs.
const PERSONS: [(&str, u32); 2] = [("ann", MEMBER), ("ben", SECOND)];

const CLAIM: &str = "[claim]\ncompany = \"Acme Corp\"\ncontact = \"python-packages@acme.example\"\n";

impl Scene {
    fn configure(&self, more: &str) {
        let path = self.path().join("namewarden.toml");
        let text = fs::read_to_string(&path).expect("written");
        fs::write(path, text + more).expect("writable");
    }

    fn refused(output: &Output) -> String {
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stdout));
        text(&output.stderr)
    }
}

fn lines(of: &str) -> Vec<Value> {
    of.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_plan_is_read_with_a_daemon_and_without_one_and_fits_a_terminal() {
    let scene = Scene::new().await;
    scene.configure(CLAIM);
    let daemon = scene.daemon().await;
    scene.eventually(&["status"], "2 exposed").await;
    let beside = scene.said(&["claim", "plan", "--format", "json"], 0).await;
    drop(daemon);
    let alone = scene.said(&["claim", "plan", "--format", "json"], 0).await;
    let without_turns = |of: &str| -> Vec<Value> {
        let drop_turn = |mut line: Value| {
            line["turn"] = line["turn"].is_null().into();
            line
        };
        lines(of).into_iter().map(drop_turn).collect()
    };
    assert_eq!(without_turns(&beside), without_turns(&alone));
    let [billing, ledger] = lines(&alone).try_into().expect("two names");
    assert_eq!((&billing["name"], &billing["protection"]), (&json!("acme-billing"), &json!("publish")));
    assert!(billing["turn"].is_string() && billing["unfit"].is_null(), "{billing}");
    assert!(ledger["unfit"].as_str().is_some_and(|why| why.contains("latest_version")), "{ledger}");
    let shown = scene.said(&["claim", "plan"], 0).await;
    assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
    assert!(shown.contains("acme-billing") && shown.contains("turn"), "{shown}");
    // In pages, and by name in any spelling.
    let first = lines(&scene.said(&["claim", "plan", "--limit", "1", "--format", "json"], 0).await);
    let next = first[1]["next"].as_str().expect("a cursor");
    let rest = lines(&scene.said(&["claim", "plan", "--after", next, "--format", "json"], 0).await);
    assert_eq!((&first[0]["name"], &rest[0]["name"]), (&billing["name"], &ledger["name"]));
    assert!(scene.said(&["claim", "plan", "ACME.Ledger"], 0).await.starts_with("acme-ledger"));
    let stranger = Scene::refused(&scene.verb(&["claim", "plan", "requests"]).await);
    assert!(stranger.contains("requests is no name of the inventory"), "{stranger}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_person_nothing_is_planned_or_agreed_to() {
    let scene = Scene::new().await;
    scene.configure(CLAIM);
    let _daemon = scene.daemon().await;
    scene.eventually(&["status"], "2 exposed").await;
    // Whoever runs these tests runs the daemon, too: root, or the daemon's own user.
    for words in [["claim", "propose", "acme-billing"], ["claim", "agree", "pypi/support#1"]] {
        let said = Scene::refused(&scene.verb(&words).await);
        assert!(said.contains("ask as yourself"), "{words:?}: {said}");
    }
    assert_eq!(scene.said(&["claim", "status"], 0).await, "no claims\n");
    let said = Scene::refused(&scene.verb(&["claim", "approve", "acme-billing", "acme-ledger"]).await);
    assert!(said.contains("there is no claim of acme-billing: `") && said.contains("propose acme-billing"), "{said}");
    assert!(said.lines().nth(1).is_some_and(|line| line.contains("there is no claim of acme-ledger")), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_names_are_refused_one_by_one_with_what_to_do() {
    let scene = Scene::new().await;
    scene.write(
        "inventory.toml",
        "[owners.sec]\nemail = [\"sec@acme.example\"]\nnames = [\"acme-billing==2.0\", \"acme-*\", \"brand:acmecorp\"]\n\
         [[name]]\nname = \"acme-secret\"\nowner = \"sec\"\nconfidential = true\n\
         [[name]]\nname = \"corp-vault\"\nowner = \"sec\"\nlatest_version = \"1\"\n\
         [[prefix]]\ntext = \"corp-\"\nowner = \"sec\"\nconfidential = true\n\
         [[listed]]\nwatch = \"acme-billing\"\nnames = [\"acme-biling\"]\n",
    );
    scene.configure(CLAIM);
    let _daemon = scene.daemon().await;
    scene.eventually(&["status"], "3 exposed").await;
    let long = "x".repeat(70_000 / 2);
    let asked = [
        ("acme-*", "is a prefix"),
        ("brand:acmecorp", "is a brand word"),
        ("acme-biling", "look-alike"),
        ("acme-secret", "is confidential"),
        ("corp-vault", "is confidential"),
        ("acme-stranger", "is no name of the inventory"),
        ("\u{1b}[31macme", "write a name of the inventory"),
        ("", "write a name of the inventory"),
        (&long, "(35000 characters)"),
    ];
    let names: Vec<&str> = asked.iter().map(|(name, _)| *name).collect();
    let words: Vec<&str> = ["claim", "propose"].into_iter().chain(names).collect();
    let said = Scene::refused(&scene.verb(&words).await);
    for (line, (name, why)) in said.lines().zip(asked) {
        assert!(line.contains(why) && line.len() < 600, "{name:?}: {line}");
    }
    assert!(!said.contains('\u{1b}') && said.lines().count() == asked.len(), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn apply_says_all_that_is_in_the_way_and_the_mail_tells_nothing_that_may_not_be_told() {
    let scene = Scene::new().await;
    let _daemon = scene.daemon().await;
    scene.eventually(&["status"], "2 exposed").await;
    let said = scene.said(&["claim", "apply"], 3).await;
    let plain = said.split_whitespace().collect::<Vec<_>>().join(" ");
    for key in ["[claim] enabled = true", "[claim.upload] address", "[claim] company", "[registrants]"] {
        assert!(plain.contains(key), "{key}: {said}");
    }
    // A command is as long as the path of its configuration.
    assert!(said.lines().all(|line| line.chars().count() <= 80 || line.contains("--config")), "{said}");
    assert!(said.contains("nothing was done"), "{said}");
    let applied = scene.verb(&["claim", "apply", "--yes", "acme-billing", "--format", "json"]).await;
    assert_eq!(applied.status.code(), Some(3));
    let applied = &lines(&text(&applied.stdout))[0];
    assert_eq!((&applied["done"], &applied["unknown"]), (&json!(false), &json!(["acme-billing"])));
    let mail = Scene::refused(&scene.verb(&["claim", "request"]).await);
    assert!(mail.contains("claim.company is missing"), "{mail}");
    scene.configure("[claim]\ncompany = \"Acme Corp\"\n");
    scene.said(&["reload"], 0).await;
    let mail = Scene::refused(&scene.verb(&["claim", "request"]).await);
    assert!(mail.contains("public_ok = true"), "{mail}");
}

/// Makes a member of the group say something, and says how it ended.
async fn by(scene: &Scene, uid: u32, words: &[&str]) -> (Option<i32>, String) {
    let claim: Vec<&str> = std::iter::once("claim").chain(words.iter().copied()).collect();
    verb_of(scene, uid, GROUP, &claim).await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs root and a mount namespace; tests/run provides them where the machine does"]
async fn two_persons_are_two_users_and_neither_root_nor_the_daemon() {
    let scene = installed().await;
    scene.configure(&format!(
        "{CLAIM}enabled = true\n[claim.upload]\naddress = \"{}/legacy/\"\ntoken_credential = \"pypi\"\n",
        scene.sim.base_url().to_string().trim_end_matches('/')
    ));
    let inventory = fs::read_to_string(scene.path().join("inventory.toml")).expect("written");
    fs::write(scene.path().join("inventory.toml"), format!("[registrants]\nusers = [\"acme-bot\"]\n{inventory}"))
        .expect("root may");
    let _daemon = daemon_among(&scene, &PERSONS, &[]).await;
    let refused = |(status, said): (Option<i32>, String), why: &str| {
        assert!(status == Some(1) && said.contains(why), "{status:?}: {said}");
    };
    refused(by(&scene, 0, &["propose", "acme-billing"]).await, "root is nobody in particular");
    refused(by(&scene, DAEMON, &["propose", "acme-billing"]).await, "the service's own user");
    let (status, said) = by(&scene, MEMBER, &["propose", "Acme_Billing"]).await;
    assert_eq!((status, said.trim()), (Some(0), "acme-billing#1 is now planned"));
    refused(by(&scene, MEMBER, &["propose", "acme-billing"]).await, "acme-billing#1 is planned already");
    for (uid, why) in [(MEMBER, "another person has to approve"), (0, "root"), (DAEMON, "the service's own user")] {
        refused(by(&scene, uid, &["approve", "acme-billing"]).await, why);
    }
    let (status, said) = by(&scene, SECOND, &["approve", "acme-billing", "--note", "agreed"]).await;
    assert_eq!((status, said.trim()), (Some(0), "acme-billing#1 is now approved"));
    let (status, said) = by(&scene, MEMBER, &["apply"]).await;
    assert!(status == Some(0) && said.contains("would be rehearsed, and published on"), "{status:?}: {said}");
    let (_, before) = by(&scene, MEMBER, &["status", "acme-billing", "--format", "json"]).await;
    assert!(lines(&before)[0]["released"].is_null(), "a dry run lets nothing go: {before}");
    for (uid, why) in [(0, "root is nobody in particular"), (DAEMON, "the service's own user")] {
        refused(by(&scene, uid, &["retry", "acme-billing"]).await, why);
        let (status, said) = by(&scene, uid, &["apply", "--yes"]).await;
        assert!(status == Some(3) && said.contains(why), "{status:?}: {said}");
    }
    let (status, said) = by(&scene, MEMBER, &["apply", "--yes"]).await;
    assert!(status == Some(0) && said.contains("is rehearsed, and published on"), "{status:?}: {said}");
    let (_, after) = by(&scene, MEMBER, &["status", "acme-billing", "--format", "json"]).await;
    let claim = &lines(&after)[0];
    let uids = ["planned", "approved", "released"].map(|step| claim[step]["by"]["uid"].clone());
    assert_eq!(uids, [MEMBER, SECOND, MEMBER].map(|uid| json!(uid)));
    let (_, shown) = by(&scene, MEMBER, &["status", "acme-billing"]).await;
    assert!(shown.lines().all(|line| line.chars().count() <= 80 || line.contains("--config")), "{shown}");
    assert!(shown.contains(&format!("approve by ben (uid {SECOND})")), "{shown}");
    let (status, said) = by(&scene, SECOND, &["abandon", "acme-billing", "--note", "`rm -rf` \u{202e}no"]).await;
    assert_eq!((status, said.trim()), (Some(0), "acme-billing#1 is now abandoned"));
    let (_, shown) = by(&scene, MEMBER, &["status", "acme-billing"]).await;
    assert!(shown.contains("'rm -rf' \\u{202e}no") && !shown.contains('\u{202e}'), "{shown}");
}

/// Each decision is committed, and the daemon dies before anybody hears of it: it stands, once, and whoever asks again is told.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs root and a mount namespace; tests/run provides them where the machine does"]
async fn a_decision_that_the_daemon_did_not_live_to_answer_stands_and_is_not_taken_twice() {
    let scene = installed().await;
    let pypi = scene.sim.base_url().to_string();
    let address = pypi.trim_end_matches('/');
    let upload = format!("[claim.upload]\naddress = \"{address}/legacy/\"\ntoken_credential = \"pypi\"\n");
    scene.configure(&format!("{CLAIM}enabled = true\n{upload}"));
    let inventory = fs::read_to_string(scene.path().join("inventory.toml")).expect("written");
    fs::write(scene.path().join("inventory.toml"), format!("[registrants]\nusers = [\"acme-bot\"]\n{inventory}"))
        .expect("root may");
    let decisions: [(u32, &[&str], &str, &str); 4] = [
        (MEMBER, &["propose", "acme-billing"], "planned", "acme-billing#1 is planned already"),
        (SECOND, &["approve", "acme-billing"], "approved", "acme-billing#1 is approved"),
        (MEMBER, &["apply", "--yes"], "approved", "was let go before, by"),
        (SECOND, &["abandon", "acme-billing"], "abandoned", "acme-billing#1 is abandoned"),
    ];
    for (uid, words, state, again) in decisions {
        let mut daemon = daemon_among(&scene, &PERSONS, &["--crash-at", "claim-ruled"]).await;
        let (status, said) = by(&scene, uid, words).await;
        assert_ne!(status, Some(0), "{words:?}: {said}");
        assert!(!daemon.0.wait().expect("it ended").success(), "{words:?}");
        let _daemon = daemon_among(&scene, &PERSONS, &[]).await;
        let (_, shown) = by(&scene, MEMBER, &["status", "acme-billing", "--format", "json"]).await;
        assert_eq!(lines(&shown)[0]["state"], state, "{words:?}: {shown}");
        let (_, said) = by(&scene, uid, words).await;
        assert!(said.contains(again), "{words:?}: {said}");
    }
    let _daemon = daemon_among(&scene, &PERSONS, &[]).await;
    let (_, shown) = by(&scene, MEMBER, &["status", "acme-billing", "--format", "json"]).await;
    let trail = lines(&shown)[0]["trail"].as_array().expect("a trail").clone();
    let events: Vec<&str> = trail.iter().filter_map(|line| line["event"].as_str()).collect();
    assert_eq!(events, ["plan", "approve", "release", "abandon"]);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs root and a mount namespace; tests/run provides them where the machine does"]
async fn a_package_that_cannot_be_made_is_not_approved_and_the_place_is_named() {
    let scene = installed().await;
    fs::create_dir(scene.path().join("texts")).expect("made");
    scene.write("texts/module.py", "# {{ compny }}\nraise ImportError\n");
    scene.configure(&format!("{CLAIM}templates = \"texts\"\n"));
    let _daemon = daemon_among(&scene, &PERSONS, &[]).await;
    assert_eq!(by(&scene, MEMBER, &["propose", "acme-billing"]).await.0, Some(0));
    let (status, said) = by(&scene, SECOND, &["approve", "acme-billing"]).await;
    assert!(status == Some(1) && said.contains("its package cannot be made") && said.contains("module.py:1"), "{said}");
    fs::remove_file(scene.path().join("texts/module.py")).expect("root may");
    assert_eq!(by(&scene, SECOND, &["approve", "acme-billing"]).await.0, Some(0), "mended");
}
