//! Indexes that are down or lie, a cache that somebody changed, and a gate that is killed.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use namewarden::clock::Clock;
use namewarden::gate::{GateIndex, PageShelf, Pages};
use namewarden::model::ProjectName;
use namewarden::registry::pypi::ProjectStatus;
use namewarden::sim::{Fault, Sim};
use namewarden::upstream::{Egress, HttpClient};

use super::{INVENTORY, JSON, Stage};

/// Files of the cache.
fn kept(stage: &Stage) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(stage.dir.path().join("cache")).expect("a cache");
    entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_file()).collect()
}

async fn file(stage: &Stage, name: &str) -> String {
    let page = stage.get(&format!("/simple/{name}/"), &[JSON]).await;
    let page: serde_json::Value = serde_json::from_str(&page.text()).expect("JSON");
    let url = page["files"][0]["url"].as_str().expect("an address");
    url.split_once("/files").map(|(_, path)| format!("/files{path}")).expect("below the gate")
}

#[tokio::test]
async fn a_cached_file_that_was_changed_is_never_given_out() {
    let mut stage = Stage::new().await;
    let path = file(&stage, "widgets").await;
    let whole = stage.get(&path, &[]).await;
    assert_eq!(whole.status, 200);
    for restarts in [false, true] {
        for file in kept(&stage) {
            let mut file = std::fs::OpenOptions::new().append(true).open(file).expect("opens");
            file.write_all(b"more").expect("written");
        }
        if restarts {
            stage.restart().await;
        }
        let again = stage.get(&path, &[]).await;
        assert_eq!((again.status, again.body == whole.body), (200, true), "fetched anew");
    }
    for file in kept(&stage) {
        std::fs::write(file, b"short").expect("written");
    }
    assert!(stage.get(&path, &[]).await.body == whole.body);
}

/// What the system itself says of a device that is always full.
#[tokio::test]
async fn a_full_disk_serves_without_the_cache() {
    let mut stage = Stage::new().await;
    let path = file(&stage, "widgets").await;
    let whole = stage.get(&path, &[]).await;
    let [cached] = kept(&stage).try_into().expect("one file");
    stage.restart().await;
    assert_eq!(kept(&stage), std::slice::from_ref(&cached), "there from before");
    std::fs::remove_file(&cached).expect("removed");
    let unfinished = format!("{}.0.part", cached.display());
    std::os::unix::fs::symlink("/dev/full", unfinished).expect("made");
    let answer = stage.get(&path, &[]).await;
    assert_eq!((answer.status, answer.body == whole.body), (200, true), "{}", answer.reason());
    assert!(kept(&stage).is_empty(), "nothing is left of it");
    let part = stage.get(&path, &[("range", "bytes=2-4")]).await;
    assert_eq!((part.status, &part.body), (206, &whole.body[2..5].to_vec()));
    assert_eq!(kept(&stage).len(), 1, "there is room again");
}

#[tokio::test]
async fn a_private_index_that_does_not_answer_stops_what_may_be_ours() {
    let stage = Stage::new().await;
    assert_eq!(stage.get("/simple/widgets/", &[JSON]).await.status, 200);
    stage.private.faults().start(Fault::Refused);
    for may_be_ours in ["brandnew", "acme-unlisted"] {
        let answer = stage.get(&format!("/simple/{may_be_ours}/"), &[JSON]).await;
        assert_eq!(answer.status, 503, "{may_be_ours}");
        assert_eq!(answer.header("retry-after"), Some("5"), "pip asks five times more before it says a word");
    }
    stage.private.faults().stop(Fault::Refused);
    // Nothing is kept of the failure.
    while stage.get("/simple/brandnew/", &[JSON]).await.status != 200 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn what_the_private_index_had_is_never_asked_of_pypi_whatever_it_says_later() {
    let stage = Stage::new().await;
    assert_eq!(stage.get("/simple/acme-unlisted/", &[JSON]).await.status, 200);
    assert_eq!(stage.get("/simple/brandnew/", &[JSON]).await.status, 200, "of PyPI");
    stage.private.world().remove("acme-unlisted", Sim::now()).expect("there");
    stage.pypi.world().upload("acme-unlisted", "9.0", "mine now", "mallory", Sim::now()).expect("free");
    // From now on somebody has it hand out PyPI's, too.
    for name in ["pip", "requests", "urllib3", "brandnew", "asked-at-once"] {
        stage.private.world().upload(name, "1.0", "a copy", "mirror", Sim::now()).expect("free");
    }
    // What was said of pip a moment ago binds nothing for good.
    let at_once = stage.get("/simple/asked-at-once/", &[JSON]).await;
    assert!(at_once.status == 503 && at_once.text().contains("a copy of PyPI"), "{}", at_once.text());
    let began = std::time::Instant::now();
    while stage.get("/simple/acme-unlisted/", &[JSON]).await.status == 200 {
        assert!(began.elapsed() < Duration::from_secs(90), "a removal is in force after a minute");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    assert_eq!(stage.get("/simple/acme-unlisted/", &[JSON]).await.status, 451);
    assert!(!stage.pypi.log().mentions("acme-unlisted"));
    // It was asked for a little later.
    let mut copied = stage.get("/simple/brandnew/", &[JSON]).await;
    while copied.status == 200 {
        assert!(began.elapsed() < Duration::from_secs(120), "so is what is new");
        tokio::time::sleep(Duration::from_millis(500)).await;
        copied = stage.get("/simple/brandnew/", &[JSON]).await;
    }
    assert!(copied.status == 503 && copied.text().contains("a copy of PyPI"), "{}", copied.text());
    let ours = std::fs::read_to_string(stage.dir.path().join("gate/ours")).expect("reads");
    assert!(ours.contains("had acme-unlisted") && !ours.contains("brandnew") && !ours.contains("at-once"), "{ours}");
}

/// It hides what its login may not see, or its address is another's: everything would be PyPI's.
#[tokio::test]
async fn a_private_index_that_has_nothing_of_ours_any_more_opens_nothing() {
    let mut stage = Stage::new().await;
    for name in ["acme-billing", "acme-unlisted"] {
        stage.private.world().remove(name, Sim::now()).expect("there");
    }
    stage.restart().await;
    assert_eq!(stage.get("/simple/brandnew/", &[JSON]).await.status, 200, "one that never had anything is new");
    stage.private.world().upload("acme-unlisted", "2.1", "ours", "alice", Sim::now()).expect("free");
    stage.restart().await;
    assert_eq!(stage.get("/simple/acme-unlisted/", &[JSON]).await.status, 200);
    stage.private.world().remove("acme-unlisted", Sim::now()).expect("there");
    stage.restart().await;
    let answer = stage.get("/simple/brandnew/", &[JSON]).await;
    assert!(answer.status == 503 && answer.text().contains("has nothing of what it had"), "{}", answer.text());
    stage.private.world().upload("acme-unlisted", "2.2", "ours", "alice", Sim::now()).expect("free");
    stage.restart().await;
    assert_eq!(stage.get("/simple/brandnew/", &[JSON]).await.status, 200, "it knows us again");
    let planned: Vec<String> = (0..300).map(|number| format!("\"aaa-{number}\"")).collect();
    let inventory = INVENTORY.replace("\"acme-planned\"", &format!("\"acme-planned\", {}", planned.join(", ")));
    std::fs::write(stage.dir.path().join("inventory.toml"), inventory).expect("written");
    stage.restart().await;
    assert_eq!(stage.get("/simple/brandnew/", &[JSON]).await.status, 200, "however many it never had");
}

#[tokio::test]
async fn an_index_that_takes_its_time_stops_nothing_that_was_seen() {
    let (clock, name) = (Clock::ahead(), ProjectName::parse("widgets").expect("valid"));
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let root = format!("http://{}/simple/", silent.local_addr().expect("an address")).parse().expect("an address");
    let egress = Egress { contact: "sec@acme.example", proxy: None, ca_file: None, timeout: Duration::from_secs(60) };
    let client = HttpClient::new(&egress).expect("a client");
    let _until_the_end = silent_after_one(silent);
    let dir = tempfile::tempdir().expect("a directory");
    let pages = Pages::new(GateIndex::new(root, (client.clone(), client), None), shelf(&dir), clock.clone());
    assert!(pages.get(&name).await.expect("there").is_there());
    clock.advance(TimeDelta::minutes(2));
    let began = std::time::Instant::now();
    assert!(pages.get(&name).await.expect("of before").is_there());
    assert!(began.elapsed() < Duration::from_secs(15), "pip has gone by then");
}

/// Answers the first request with the page of an old release, and never another.
fn silent_after_one(listener: std::net::TcpListener) -> std::thread::JoinHandle<()> {
    std::thread::spawn(move || {
        let (mut first, _) = listener.accept().expect("a connection");
        assert!(std::io::Read::read(&mut first, &mut [0; 4096]).expect("a request") > 0);
        let page = r#"{"meta": {"api-version": "1.1"}, "name": "widgets", "files": []}"#;
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", page.len());
        first.write_all(&[head.as_bytes(), page.as_bytes()].concat()).expect("sent");
        drop(first);
        let _unanswered = listener.accept();
        std::thread::park();
    })
}

#[tokio::test]
async fn what_was_ever_ours_is_ours_after_a_restart_on_half_an_inventory() {
    let mut stage = Stage::new().await;
    assert_eq!(stage.get("/simple/acme-unlisted/", &[JSON]).await.status, 200);
    let ours = ["acme-unlisted", "acme-planned", "acme-p1anned", "acme-int-tools", "acme-int-new"];
    stage.private.world().remove("acme-unlisted", Sim::now()).expect("there");
    for name in ["acme-unlisted", "acme-planned"] {
        stage.pypi.world().upload(name, "9.0", "mine now", "mallory", Sim::now()).expect("free");
    }
    let half = "[owners.sec]\nemail = [\"sec@acme.example\"]\nnames = [\"acme-billing\"]\n";
    std::fs::write(stage.dir.path().join("inventory.toml"), half).expect("written");
    // Twice: what was remembered is remembered again.
    for _ in 0..2 {
        stage.restart().await;
        for name in ours {
            assert_eq!(stage.get(&format!("/simple/{name}/"), &[JSON]).await.status, 451, "{name}");
            assert!(!stage.pypi.log().mentions(name), "{name} was asked of PyPI");
        }
    }
    assert_eq!(stage.get("/simple/widgets/", &[JSON]).await.status, 200);
}

/// Whoever does not know what was ours gives out nothing, and says where to look.
#[tokio::test]
async fn a_gate_whose_memory_is_damaged_does_not_start() {
    let mut stage = Stage::new().await;
    stage.gate.kill().and_then(|()| stage.gate.wait()).expect("ended");
    let file = stage.dir.path().join("gate/ours");
    let whole = std::fs::read_to_string(&file).expect("reads");
    assert!(whole.contains("\nname acme-billing\n") && whole.contains("\nprefix acme-int-\n"), "{whole}");
    let head = whole.lines().next().expect("a first line");
    let altered = whole.replace("name acme-billing", "nam# acme-billing");
    for (left, said) in [
        (altered, "gate/ours:2: \"nam# acme-billing\" is no name that was ours"),
        (format!("{head}\nname acme-billing\n"), "gate/ours:3: \"name acme-planned\" was here and is gone"),
        (String::new(), "gate/ours:2: \"name acme-billing\" was here and is gone"),
    ] {
        std::fs::write(&file, left).expect("written");
        let config = stage.dir.path().join("namewarden.toml");
        let gate = Command::new(env!("CARGO_BIN_EXE_namewarden")).args(["gate", "--config"]).arg(config).output();
        let gate = gate.expect("runs");
        let stderr = String::from_utf8_lossy(&gate.stderr);
        assert_eq!(gate.status.code(), Some(78), "{stderr}");
        assert!(stderr.contains(said), "{stderr}");
    }
    std::fs::copy(stage.dir.path().join("gate/ours.copy"), &file).expect("copied");
    stage.restart().await;
    assert_eq!(stage.get("/simple/acme-planned/", &[JSON]).await.status, 451, "ours again");
}

/// What is ours was seen when it was no copy of anything.
#[tokio::test]
async fn a_private_index_that_is_down_at_the_start_is_what_it_was_within_a_day() {
    let mut stage = Stage::new().await;
    assert_eq!(stage.get("/simple/acme-billing/", &[JSON]).await.status, 200);
    stage.private.faults().start(Fault::Refused);
    stage.restart().await;
    assert_eq!(stage.get("/simple/acme-billing/", &[JSON]).await.status, 200);
    assert_eq!(stage.get("/simple/acme-planned/", &[JSON]).await.status, 503, "nobody asked for it so far");
    assert_eq!(stage.get("/simple/widgets/", &[JSON]).await.status, 503, "it may be ours");
}

/// It was down when the gate started, so that nobody could look.
#[tokio::test]
async fn a_private_index_that_turns_out_to_be_a_copy_of_pypi_opens_nothing() {
    let mut stage = Stage::new().await;
    stage.private.faults().start(Fault::Refused);
    stage.restart().await;
    for name in ["pip", "requests", "urllib3"] {
        stage.private.world().upload(name, "1.0", "a copy", "mirror", Sim::now()).expect("free");
    }
    stage.private.faults().stop(Fault::Refused);
    let began = std::time::Instant::now();
    loop {
        let answer = stage.get("/simple/acme-unlisted/", &[JSON]).await;
        assert_eq!(answer.status, 503);
        if answer.text().contains("a copy of PyPI") {
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(20), "{}", answer.text());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// What a start ends with, where it does.
async fn ended(stage: &Stage) -> (Option<i32>, String) {
    let config = stage.dir.path().join("namewarden.toml");
    let mut gate = tokio::process::Command::new(env!("CARGO_BIN_EXE_namewarden"));
    // The indexes answer meanwhile.
    let gate = gate.args(["gate", "--config"]).arg(config).kill_on_drop(true).output();
    let gate = tokio::time::timeout(Duration::from_secs(60), gate).await.expect("it ends").expect("runs");
    (gate.status.code(), String::from_utf8_lossy(&gate.stderr).into_owned())
}

/// Somebody chose what it has, and nobody would choose all.
#[tokio::test]
async fn a_private_index_of_chosen_copies_is_no_mirror_where_that_is_said() {
    let mut stage = Stage::new().await;
    for name in ["pip", "requests", "urllib3"] {
        stage.private.world().upload(name, "1.0", "a copy", "mirror", Sim::now()).expect("free");
    }
    stage.gate.kill().and_then(|()| stage.gate.wait()).expect("ended");
    let (status, said) = ended(&stage).await;
    assert!(status == Some(78) && said.contains("copies = true"), "{said}");
    let config = stage.dir.path().join("namewarden.toml");
    let text = std::fs::read_to_string(&config).expect("reads");
    std::fs::write(&config, text + "copies = true\n").expect("written");
    stage.restart().await;
    for name in ["brandnew", "pip", "acme-unlisted"] {
        assert_eq!(stage.get(&format!("/simple/{name}/"), &[JSON]).await.status, 200, "{name}");
    }
    stage.gate.kill().and_then(|()| stage.gate.wait()).expect("ended");
    for name in ["sampleproject", "insecure-package", "pyjokes"] {
        stage.private.world().upload(name, "1.0", "a copy", "mirror", Sim::now()).expect("free");
    }
    let (status, said) = ended(&stage).await;
    assert!(status == Some(78) && said.contains("a mirror of PyPI"), "{said}");
}

#[tokio::test]
async fn a_file_is_fetched_to_its_end_though_whoever_asked_has_gone() {
    let stage = Stage::new().await;
    let path = file(&stage, "widgets").await;
    stage.pypi.faults().start(Fault::Latency);
    let asked = stage.get(&path, &[]);
    assert!(tokio::time::timeout(Duration::from_millis(250), asked).await.is_err(), "nobody waits so long");
    let began = std::time::Instant::now();
    while kept(&stage).iter().all(|kept| kept.extension().is_some()) {
        assert!(began.elapsed() < Duration::from_secs(20), "it never came");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn what_the_index_takes_back_is_gone_after_a_minute_and_what_is_down_is_served_for_a_day() {
    let stage = Stage::new().await;
    let (clock, name) = (Clock::ahead(), ProjectName::parse("widgets").expect("valid"));
    let egress = Egress { contact: "sec@acme.example", proxy: None, ca_file: None, timeout: Duration::from_secs(3) };
    let client = HttpClient::new(&egress).expect("a client");
    let root = format!("{}/simple/", stage.pypi.base_url()).parse().expect("an address");
    let index = GateIndex::new(root, (client.clone(), client), None);
    let mut pages = Pages::new(index.clone(), shelf(&stage.dir), clock.clone());
    assert_eq!(said(&pages, &name).await, Some(Some(ProjectStatus::Active)));
    stage.pypi.faults().start(Fault::Refused);
    clock.advance(TimeDelta::hours(23));
    assert_eq!(said(&pages, &name).await, Some(Some(ProjectStatus::Active)), "as it was seen last");
    pages = Pages::new(index.clone(), shelf(&stage.dir), clock.clone());
    assert_eq!(said(&pages, &name).await, Some(Some(ProjectStatus::Active)), "and also after a restart");
    clock.advance(TimeDelta::hours(2));
    assert_eq!(said(&pages, &name).await, None, "nobody knows any more");
    pages = Pages::new(index.clone(), shelf(&stage.dir), clock.clone());
    assert_eq!(said(&pages, &name).await, None, "nor after a restart");
    stage.pypi.faults().stop(Fault::Refused);
    while said(&pages, &name).await.is_none() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stage.pypi.world().quarantine("widgets", Sim::now()).expect("there");
    clock.advance(TimeDelta::seconds(61));
    assert_eq!(said(&pages, &name).await, Some(Some(ProjectStatus::Quarantined)));
    stage.pypi.world().remove("widgets", Sim::now()).expect("there");
    clock.advance(TimeDelta::seconds(61));
    assert_eq!(said(&pages, &name).await, Some(None), "gone is gone, whatever was seen before");
    stage.pypi.faults().start(Fault::Refused);
    pages = Pages::new(index, shelf(&stage.dir), clock.clone());
    assert_eq!(said(&pages, &name).await, None, "nobody has it on the disk any more");
}

/// Nobody waits for PyPI to install what the company has used for months.
#[tokio::test]
async fn a_gate_that_starts_while_pypi_is_down_gives_out_what_it_knew_and_nothing_else() {
    let mut stage = Stage::new().await;
    let path = file(&stage, "widgets").await;
    let (page, whole) = (stage.get("/simple/widgets/", &[JSON]).await, stage.get(&path, &[]).await);
    let young = stage.get("/simple/brandnew/", &[JSON]).await;
    assert_eq!((page.status, whole.status, young.status), (200, 200, 200));
    let held = file(&stage, "brandnew").await;
    stage.pypi.faults().start(Fault::Refused);
    stage.restart().await;
    let again = stage.get("/simple/widgets/", &[JSON]).await;
    assert_eq!((again.status, again.text()), (200, page.text()));
    assert_eq!(stage.get(&path, &[]).await.body, whole.body);
    assert_eq!(stage.get(&held, &[]).await.status, 451, "by the age of its file, which is known");
    assert_eq!(stage.get("/simple/gadgets/", &[JSON]).await.status, 503, "nobody asked for it before");
    for page in std::fs::read_dir(stage.dir.path().join("cache/pages")).expect("a directory") {
        std::fs::write(page.expect("a page").path(), "{").expect("damaged");
    }
    stage.restart().await;
    assert_eq!(stage.get("/simple/widgets/", &[JSON]).await.status, 503, "nobody knows any more");
    stage.pypi.faults().stop(Fault::Refused);
    let began = std::time::Instant::now();
    while stage.get("/simple/widgets/", &[JSON]).await.status != 200 {
        assert!(began.elapsed() < Duration::from_secs(20), "the index is there again");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// By the clock of this machine alone anything may have come.
#[tokio::test(flavor = "multi_thread")]
async fn a_gate_that_cannot_read_what_time_it_was_waits_for_pypi_and_tells() {
    let mut stage = Stage::new().await;
    assert_eq!(stage.get("/simple/widgets/", &[JSON]).await.status, 200);
    stage.gate.kill().and_then(|()| stage.gate.wait()).expect("ended");
    std::fs::write(stage.dir.path().join("gate/time.txt"), "half").expect("written");
    stage.pypi.faults().start(Fault::Refused);
    stage.restart().await;
    let page = stage.get("/simple/widgets/", &[JSON]).await;
    assert!(page.status == 503 && page.text().contains("PyPI has not said what time it is"), "{}", page.text());
    assert!(stage.troubles().await["time-unread"].contains("nothing of PyPI is given out until its index has said"));
    assert_eq!(stage.get("/simple/acme-billing/", &[JSON]).await.status, 200, "no age is asked of what is ours");
    stage.pypi.faults().stop(Fault::Refused);
    let began = std::time::Instant::now();
    while stage.get("/simple/widgets/", &[JSON]).await.status != 200 {
        assert!(began.elapsed() < Duration::from_secs(20), "the index is there again");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// What is on the disk may be lost while the gate runs, too.
#[tokio::test]
async fn a_page_that_the_disk_lost_is_asked_for_again_and_whole() {
    let stage = Stage::new().await;
    let name = ProjectName::parse("widgets").expect("valid");
    let egress = Egress { contact: "sec@acme.example", proxy: None, ca_file: None, timeout: Duration::from_secs(3) };
    let client = HttpClient::new(&egress).expect("a client");
    let root = format!("{}/simple/", stage.pypi.base_url()).parse().expect("an address");
    let index = GateIndex::new(root, (client.clone(), client), None);
    let asked = said(&Pages::new(index.clone(), shelf(&stage.dir), Clock::System), &name).await;
    assert_eq!(asked, Some(Some(ProjectStatus::Active)));
    let pages = Pages::new(index, shelf(&stage.dir), Clock::System);
    let known = pages.get(&name).await.expect("unchanged");
    std::fs::remove_dir_all(stage.dir.path().join("pages")).expect("removed");
    assert_eq!(pages.read(&name, &known).await.expect("asked again").page.name, name);
    assert_eq!(said(&pages, &name).await, Some(Some(ProjectStatus::Active)), "though the disk takes none");
}

fn shelf(dir: &tempfile::TempDir) -> Arc<PageShelf> {
    Arc::new(PageShelf::open(&dir.path().join("pages"), 1 << 20).expect("opened"))
}

/// The status of the project; `Some(None)`: there is none.
async fn said(pages: &Pages, name: &ProjectName) -> Option<Option<ProjectStatus>> {
    let known = pages.get(name).await.ok()?;
    if !known.is_there() {
        return Some(None);
    }
    Some(Some(pages.read(name, &known).await.ok()?.page.status.clone()))
}

/// It opens every seat there is, asks on each for something large, and reads nothing.
#[tokio::test(flavor = "multi_thread")]
async fn one_peer_that_reads_nothing_keeps_nobody_else_out() {
    let stage = Stage::new().await;
    let path = file(&stage, "widgets").await;
    let whole = stage.get(&path, &[]).await;
    let request = format!("GET {path} HTTP/1.1\r\nhost: gate\r\n\r\n").repeat(4);
    let mut held = Vec::new();
    for _ in 0..1024 {
        let Ok(mut stream) = tokio::net::TcpStream::connect(("127.0.0.1", stage.port)).await else { break };
        tokio::io::AsyncWriteExt::write_all(&mut stream, request.as_bytes()).await.expect("sent");
        held.push(stream);
    }
    assert_eq!(held.len(), 1024, "every seat is taken");
    // Another address of this machine stands for another peer.
    let began = std::time::Instant::now();
    let other = tokio::net::TcpSocket::new_v4().expect("a socket");
    other.bind("127.0.0.2:0".parse().expect("an address")).expect("bound");
    let mut other = other.connect(([127, 0, 0, 1], stage.port).into()).await.expect("connected");
    let one = format!("GET {path} HTTP/1.0\r\nhost: gate\r\n\r\n");
    tokio::io::AsyncWriteExt::write_all(&mut other, one.as_bytes()).await.expect("sent");
    let mut answer = Vec::new();
    let read = tokio::io::AsyncReadExt::read_to_end(&mut other, &mut answer);
    tokio::time::timeout(Duration::from_secs(60), read).await.expect("it has a seat").expect("answered");
    assert!(answer.ends_with(&whole.body), "after {:?}", began.elapsed());
}
