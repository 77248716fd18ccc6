//! What verbs say of a daemon that does not answer: which socket, how long they waited, and what helps.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};

use super::*;

/// What is at the socket instead of a daemon.
#[derive(Clone, Copy)]
enum Stand {
    /// Takes what is asked, and says nothing.
    Mute,
    /// Says this, and holds the line.
    Stuck(&'static str),
    /// Says this, and hangs up.
    Gone(&'static str),
}

/// A configuration, and a process that is none of ours at its socket.
fn place(stand: Stand) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a directory");
    let configuration = "contact = \"sec@acme.example\"\nstate_dir = \"state\"\ninventory = \"inventory.toml\"\n\
                         [pypi]\nbase = \"http://127.0.0.1:9\"\n[alert]\ndefault_owner = \"sec\"\n[alert.email]\n\
                         host = \"127.0.0.1\"\nport = 9\ntls = \"none\"\nfrom = \"nw@acme.example\"\n[control]\n\
                         socket = \"control.sock\"\n";
    std::fs::write(dir.path().join("namewarden.toml"), configuration).expect("written");
    std::fs::write(dir.path().join("inventory.toml"), INVENTORY).expect("written");
    let listener = UnixListener::bind(dir.path().join("control.sock")).expect("free");
    std::thread::spawn(move || {
        let mut held = Vec::new();
        for stream in listener.incoming().flatten() {
            held.extend(stand.answer(stream));
        }
    });
    dir
}

impl Stand {
    /// Gives the line back that has to be held.
    fn answer(self, mut stream: UnixStream) -> Option<UnixStream> {
        let mut say = |text: &str| {
            // Whoever only looked whether somebody is there has gone.
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(text.as_bytes());
        };
        match self {
            Self::Mute => {}
            Self::Stuck(text) => say(text),
            Self::Gone(text) => {
                say(text);
                return None;
            }
        }
        Some(stream)
    }
}

fn verb(dir: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(NAMEWARDEN);
    command.args(words).arg("--config").arg(dir.join("namewarden.toml"));
    command
}

/// All at once; the status and everything said by each.
fn said(dir: &Path, verbs: &[&[&str]]) -> Vec<(Option<i32>, String)> {
    let start = |words: &&[&str]| verb(dir, words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let children: Vec<Child> = verbs.iter().map(|words| start(words).expect("starts")).collect();
    let ended = children.into_iter().map(|child| child.wait_with_output().expect("ends"));
    ended.map(|output| (output.status.code(), text(&output.stdout) + &text(&output.stderr))).collect()
}

const LOOKS: [&[&str]; 8] = [
    &["status"],
    &["findings", "list"],
    &["findings", "show", "nw-1"],
    &["health", "list"],
    &["inventory", "list"],
    &["cursor", "get"],
    &["preview"],
    &["doctor"],
];

#[test]
fn whoever_hangs_is_named_with_its_socket_and_a_remedy_in_the_time_of_a_look() {
    let half = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{\"version\"";
    for stand in [Stand::Mute, Stand::Stuck(""), Stand::Stuck("HTTP/1.1 200 OK\r\n"), Stand::Stuck(half)] {
        let (dir, began) = (place(stand), Instant::now());
        for (words, (status, said)) in LOOKS.iter().zip(said(dir.path(), &LOOKS)) {
            assert_eq!(status, Some(if words[0] == "status" { 2 } else { 1 }), "{words:?}: {said}");
            let socket = dir.path().join("control.sock").display().to_string();
            let waited = format!("{socket} (process {}) does not answer within 10 s: ", std::process::id());
            assert!(said.contains(&waited), "{words:?}: {said}");
            let remedy = format!("namewarden run --config {}/namewarden.toml` starts it again", dir.path().display());
            assert!(said.contains(&remedy), "{words:?}: {said}");
        }
        assert!(began.elapsed() < Duration::from_secs(45), "a look took {:?}", began.elapsed());
    }
}

#[test]
fn what_is_no_answer_of_a_daemon_is_said_at_once() {
    let length = |n: usize| format!("HTTP/1.1 200 OK\r\ncontent-length: {n}\r\n\r\n");
    let kinds = [
        (Stand::Gone(""), 2, "no answer of a daemon"),
        (Stand::Gone("SSH-2.0-OpenSSH_9.2\r\n"), 2, "no answer of a daemon"),
        (Stand::Gone(Box::leak((length(900) + "{\"version\"").into_boxed_str())), 2, "no answer of a daemon"),
        (Stand::Gone(Box::leak((length(5) + "hello").into_boxed_str())), 3, "it is no JSON"),
        (Stand::Gone(Box::leak((length(2) + "{}").into_boxed_str())), 3, "another version"),
        (Stand::Gone("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"), 3, "HTTP 404"),
    ];
    for (stand, status, wanted) in kinds {
        let (dir, began) = (place(stand), Instant::now());
        for (words, (ended, said)) in LOOKS.iter().zip(said(dir.path(), &LOOKS)) {
            assert_eq!(ended, Some(if words[0] == "status" { status } else { 1 }), "{words:?}: {said}");
            assert!(said.contains(wanted), "{words:?}: {wanted:?} is not in {said}");
        }
        assert!(began.elapsed() < Duration::from_secs(30), "{wanted}");
    }
}

/// What may take long says so soon, but for whoever wants to hear nothing.
#[test]
fn who_waits_for_long_is_told_so() {
    let dir = place(Stand::Mute);
    for words in [&["reload"][..], &["store", "backup"], &["store", "check"], &["findings", "ack", "nw-1"]] {
        let mut child = verb(dir.path(), words).stderr(Stdio::piped()).spawn().expect("starts");
        let mut first = String::new();
        BufReader::new(child.stderr.take().expect("piped")).read_line(&mut first).expect("text");
        let socket = dir.path().join("control.sock");
        assert!(
            first.contains(&format!("the daemon at {} has not answered yet", socket.display())),
            "{words:?}: {first}"
        );
        child.kill().expect("is ours");
        child.wait().expect("is ours");
    }
}

/// It waits for what may pass: that is no daemon which does not run, and none that is well.
#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_that_waits_for_its_store_at_the_start_says_what_for() {
    let scene = Scene::new().await;
    let daemon = scene.daemon().await;
    scene.eventually(&["status"], "OK - well").await;
    drop(daemon);
    std::fs::remove_file(scene.path().join("control.sock")).expect("what the killed one left");
    let theirs = rusqlite::Connection::open(scene.path().join("state/namewarden.db")).expect("opens");
    theirs.pragma_update(None, "locking_mode", "EXCLUSIVE").expect("sets");
    theirs.execute_batch("BEGIN EXCLUSIVE").expect("locks");
    let _daemon = scene.daemon().await;
    let said = scene.said(&["status"], 2).await;
    assert!(said.contains("CRITICAL") && said.contains("waits for its store") && said.contains("is locked"), "{said}");
    let said = scene.said(&["doctor"], 1).await;
    assert!(said.contains("daemon: ") && said.contains("waits for its store"), "{said}");
    drop(theirs);
    scene.eventually(&["status"], "OK - well").await;
}

/// The mail of a page says what to answer with, and that works while the configuration is being mended.
#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_is_asked_past_a_configuration_that_broke() {
    let scene = Scene::new().await;
    let daemon = scene.daemon().await;
    scene.eventually(&["status"], "OK - well").await;
    scene.sim.world().upload("acme-billing", "3.0", "mine now", "mallory", Sim::now()).expect("free");
    scene.eventually(&["findings", "list"], "nw-1 ").await;
    scene.write("namewarden.toml", &scene.configuration().replace("[alert]\n", "[alert]\nescalate_after = \"soon\"\n"));
    let acked = scene.verb(&["findings", "ack", "nw-1"]).await;
    let said = text(&acked.stderr);
    assert_eq!(
        (acked.status.code(), text(&acked.stdout).as_str()),
        (Some(0), "nw-1 acme-billing is now acknowledged\n")
    );
    assert!(said.contains("the configuration is broken") && said.contains("escalate_after"), "{said}");
    scene.said(&["config", "check"], 78).await;
    scene.said(&["store", "accept-loss"], 78).await;
    drop(daemon);
    let alone = scene.verb(&["findings", "list"]).await;
    assert_eq!(alone.status.code(), Some(78), "no store is opened by what is left of a configuration");
    assert!(text(&alone.stderr).contains("escalate_after"), "{}", text(&alone.stderr));
}

/// What killed the daemon must not silence who says so.
#[tokio::test(flavor = "multi_thread")]
async fn the_last_resort_tells_by_what_stands_of_configuration_and_inventory() {
    let scene = Scene::new().await;
    scene.write("inventory.toml", &format!("{INVENTORY}[[brand]]\nword = \"acmecorp\"\nonwer = \"sec\"\n"));
    scene.said(&["last-resort"], 0).await;
    scene.mailed("").await;
    let broken =
        scene.configuration().replace("[alert]\n", "[alert]\nescalate_after = \"soon\"\n[alrt]\nx = 1\n[alert]\n");
    scene.write("namewarden.toml", &broken.replacen("[alert]\nescalate", "[alert.console]\nescalate", 1));
    scene.said(&["last-resort"], 0).await;
    assert_eq!(scene.mail.mails().len(), 2, "once for each");
    scene
        .write("namewarden.toml", &scene.configuration().replace("[alert]\n", "stray\n[alert]\nescalate_after = 5m\n"));
    scene.said(&["last-resort"], 0).await;
    assert_eq!(scene.mail.mails().len(), 3, "of what is no TOML the rest is");
    std::fs::remove_file(scene.path().join("inventory.toml")).expect("was there");
    scene.write("namewarden.toml", &scene.configuration().replace("\"sec@acme", "\"ops@acme"));
    scene.said(&["last-resort"], 0).await;
    let last = scene.mail.mails().pop().expect("a mail");
    assert_eq!(last.to, ["ops@acme.example"], "who answers for the watch, where nobody else is known");
    scene.write("namewarden.toml", "contact = ");
    let gone = scene.verb(&["last-resort"]).await;
    assert_eq!(gone.status.code(), Some(78), "nothing stands of it");
}
