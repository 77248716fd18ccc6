//! Lists that organisations share: ours, of what clients used, and that of another, which lets through what nobody here used.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use blake2::{Blake2b512, Digest as _};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};

use super::{JSON, Stage};

const ID: [u8; 8] = [7; 8];

/// Whoever signs for globex.
fn globex() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("32 bytes")
}

fn key() -> String {
    STANDARD.encode([b"Ed", &ID[..], globex().public_key().as_ref()].concat())
}

/// As minisign signs.
fn signature(list: &str) -> String {
    let (key, comment) = (globex(), "timestamp:1764400000\tfile:globex.json\thashed");
    let signature = key.sign(&Blake2b512::digest(list.as_bytes()));
    let whole = STANDARD.encode(key.sign(&[signature.as_ref(), comment.as_bytes()].concat()));
    let line = STANDARD.encode([b"ED", &ID[..], signature.as_ref()].concat());
    format!("untrusted comment: x\n{line}\ntrusted comment: {comment}\n{whole}\n")
}

impl Stage {
    /// The list of globex of this day, as it came: it names these files.
    fn brought(&self, day: &str, files: &[(&str, &str)]) -> String {
        let rows: Vec<String> = files
            .iter()
            .map(|(project, sha256)| {
                format!("{{\"project\": \"{project}\", \"version\": \"1.0\", \"sha256\": [\"{sha256}\"]}}")
            })
            .collect();
        let list = format!(
            "{{\"format\": 1, \"organisation\": \"globex\", \"made_at\": \"{day}\", \"releases\": [{}]}}",
            rows.join(", ")
        );
        self.laid("new.json.minisig", &signature(&list));
        self.laid("new.json", &list)
    }

    async fn digest(&self, name: &str) -> String {
        let page = self.get(&format!("/simple/{name}/"), &[JSON]).await.json();
        page["files"][0]["hashes"]["sha256"].as_str().expect("a digest").to_owned()
    }
}

fn days_ago(days: i64) -> String {
    (namewarden::sim::Sim::now() - chrono::TimeDelta::days(days)).to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_organisation_trusts_speaks_for_what_nobody_here_used() {
    let mut stage = Stage::new().await;
    let (path, sha256) = (stage.first("widgets").await, stage.digest("widgets").await);
    let config = stage.dir.path().join("namewarden.toml");
    let text = std::fs::read_to_string(&config).expect("reads");
    let entry = format!("{{ name = \"globex\", list = \"globex.json\", key = \"{}\" }}", key());
    let keys = format!("[gate]\nconsensus.needs = 1\nconsensus.shared = [{entry}]\n");
    std::fs::write(&config, text.replace("[gate]\n", &keys)).expect("written");

    let list = stage.brought(&days_ago(2), &[("widgets", &sha256), ("acme-billing", &sha256)]);
    let (status, said) = stage.verb(None, &["share", "import", "--check", &list]);
    assert!(status == 0 && said.contains("globex: 2 releases of 2 projects, made ") && said.contains("good"), "{said}");
    assert!(!stage.dir.path().join("globex.json").exists());
    let (_, said) = stage.verb(None, &["share", "import", &list]);
    assert!(said.contains("put at ") && stage.dir.path().join("globex.json.minisig").exists(), "{said}");
    stage.restart().await;
    stage.open_to_all();
    assert!(stage.is_open(&path).await, "somebody else uses it");
    assert_eq!(stage.get(&stage.first("brandnew").await, &[]).await.status, 451, "it is too young, and in no list");

    let older = stage.brought(&days_ago(3), &[("widgets", &sha256)]);
    let (status, said) = stage.verb(None, &["share", "import", &older]);
    assert!(status == 1 && said.contains("after this one") && said.contains("ask them for a newer one"), "{said}");
    stage.laid("new.json.minisig", &signature("another"));
    let (status, said) = stage.verb(None, &["share", "import", &older]);
    assert!(status == 1 && said.contains("is not taken: as that of globex, its signature does not fit"), "{said}");

    std::fs::write(stage.dir.path().join("globex.json"), "{}").expect("written");
    stage.restart().await;
    let told = stage.troubles().await.remove("shared-unread").expect("told");
    assert!(told.contains("speaks for nothing") && told.contains("the list of globex in "), "{told}");
    assert!(!stage.is_open(&path).await && told.contains("does not fit"), "{told}");
    let old = stage.brought(&days_ago(31), &[("widgets", &sha256)]);
    std::fs::remove_file(stage.dir.path().join("globex.json")).expect("removed");
    assert_eq!(stage.verb(None, &["share", "import", &old]).0, 0);
    stage.restart().await;
    let told = stage.troubles().await.remove("shared-unread").expect("told");
    assert!(told.contains("before one that was in force"), "over restarts: {told}");
    std::fs::remove_file(stage.dir.path().join("gate/shared.json")).expect("it is there");
    stage.restart().await;
    assert!(!stage.is_open(&path).await, "what is old does not speak");
}

/// Whoever received something did so eight days earlier, and so did another.
const EARLIER: &str = "import sqlite3,sys\nc=sqlite3.connect(sys.argv[1],isolation_level=None)\n\
c.execute(\"INSERT INTO peers (user, host) VALUES ('', '10.0.0.9')\")\n\
c.execute('UPDATE deliveries SET used = used - 8 * 86400000000')\n\
c.execute(\"INSERT INTO deliveries (file, day, peer, first, last, times, admitted, used) SELECT file, day, (SELECT id FROM peers \
WHERE host = '10.0.0.9'), first, last, times, admitted, used FROM deliveries\")";

impl Stage {
    fn exported(&self) -> Value {
        let (status, said) = self.verb(None, &["share", "export", "--name", "acme"]);
        assert_eq!(status, 0, "{said}");
        let (list, hint) = said.split_once("\n}\n").expect("a list");
        assert!(hint.contains("minisign -S"), "{hint}");
        serde_json::from_str(&format!("{list}\n}}")).expect("JSON")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_clients_used_whole_is_in_the_list_for_others_and_nothing_of_ours_is() {
    let mut stage = Stage::new().await;
    let (ours, path, sha256) =
        (stage.first("acme-billing").await, stage.first("widgets").await, stage.digest("widgets").await);
    assert_eq!(stage.get(&path, &[("range", "bytes=0-9")]).await.status, 206);
    assert!(stage.is_open(&ours).await && stage.is_open(&path).await);
    assert_eq!(stage.verb(None, &["who", "widgets"]).0, 0, "what went out is written by then");
    assert_eq!(stage.exported()["releases"], json!([]), "a moment ago, and by one client");
    stage.gate.kill().and_then(|()| stage.gate.wait()).expect("ended");
    let log = stage.dir.path().join("gate/deliveries.db");
    let earlier = std::process::Command::new("python3").args(["-c", EARLIER]).arg(log).status();
    assert!(earlier.expect("runs").success());
    stage.restart().await;
    let list = stage.exported();
    assert_eq!((&list["format"], &list["organisation"]), (&json!(1), &json!("acme")));
    let release = json!({"project": "widgets", "version": "1.0", "sha256": [sha256]});
    assert_eq!(list["releases"], json!([release]), "neither what is ours nor who has it");
    assert_eq!(stage.verb(None, &["learn", "--forget", "widgets"]).0, 0);
    assert_eq!(stage.exported()["releases"], json!([]), "what is used no more is shared no more");
    let (status, said) = stage.verb(None, &["share", "export", "--name", " "]);
    assert!(status == 2 && said.contains("one short line"), "{said}");
}
