//! Signals to a gate that runs.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixDatagram;
use std::process::Command;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use super::{INVENTORY, JSON, PRIVATE, Stage, among_users, index};

/// Sooner than anything is read again by itself.
const AT_ONCE: Duration = Duration::from_secs(20);

impl Stage {
    fn signal(&self, which: &str) {
        let sent = Command::new("kill").args([which, &self.gate.id().to_string()]).status();
        assert!(sent.expect("runs").success(), "it is there");
    }
}

#[tokio::test]
async fn a_hangup_reads_the_inventory_again_and_ends_nothing() {
    let mut stage = Stage::new().await;
    assert_eq!(stage.get("/simple/widgets/", &[JSON]).await.status, 200);
    let began = Instant::now();
    let inventory = INVENTORY.replace("\"acme-planned\"", "\"acme-planned\", \"widgets\"");
    std::fs::write(stage.dir.path().join("inventory.toml"), inventory).expect("written");
    stage.signal("-HUP");
    while stage.get("/simple/widgets/", &[JSON]).await.status != 451 {
        assert!(began.elapsed() < AT_ONCE, "it is ours now");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(stage.gate.try_wait().expect("a child").is_none(), "and it runs");
}

/// A private index that has one page, says when it was asked for it, and gives it out once it may.
fn slow(may: Receiver<()>) -> (String, Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let root = format!("http://{}/simple/", listener.local_addr().expect("an address"));
    let (tell, asked) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            answer(stream.expect("a connection"), &tell, &may);
        }
    });
    (root, asked)
}

fn answer(mut stream: TcpStream, tell: &Sender<()>, may: &Receiver<()>) {
    let mut lines = BufReader::new(stream.try_clone().expect("another")).lines();
    let first = lines.next().and_then(Result::ok).unwrap_or_default();
    // To the end of the head.
    let _ = lines.map_while(Result::ok).find(String::is_empty);
    let page = "{\"meta\": {\"api-version\": \"1.4\"}, \"name\": \"acme-billing\", \"files\": []}";
    let head = "content-type: application/vnd.pypi.simple.v1+json\r\nconnection: close";
    if !first.contains("acme-billing") {
        let _ = write!(stream, "HTTP/1.1 404 Not Found\r\n{head}\r\ncontent-length: 0\r\n\r\n");
        return;
    }
    // Whoever listens may have ended.
    let _ = tell.send(());
    let _ = may.recv();
    let _ = write!(stream, "HTTP/1.1 200 OK\r\n{head}\r\ncontent-length: {}\r\n\r\n{page}", page.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_being_answered_goes_out_after_sigterm_and_nobody_new_comes_in() {
    let (let_go, may) = channel();
    let (root, asked) = slow(may);
    let mut stage = Stage::before(index(PRIVATE).await, "", Some(&root)).await;
    let mut waits = TcpStream::connect(("127.0.0.1", stage.port)).expect("it listens");
    write!(waits, "GET /simple/acme-billing/ HTTP/1.1\r\nhost: gate\r\naccept: {}\r\n\r\n", JSON.1).expect("sent");
    asked.recv_timeout(AT_ONCE).expect("the index is asked");
    stage.signal("-TERM");
    let began = Instant::now();
    while TcpStream::connect(("127.0.0.1", stage.port)).is_ok() {
        assert!(began.elapsed() < AT_ONCE, "it lets nobody new in");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(stage.gate.try_wait().expect("a child").is_none(), "somebody waits for an answer");
    let_go.send(()).expect("it waits");
    let mut answer = String::new();
    waits.read_to_string(&mut answer).expect("whole, and the connection is closed");
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains("\"acme-billing\""), "{answer}");
    assert!(stage.gate.wait().expect("ended").success(), "as it was asked to");
}

#[tokio::test(flavor = "multi_thread")]
async fn systemd_is_told_that_it_is_ready_well_and_about_to_end() {
    let mut stage = Stage::new().await;
    stage.gate.kill().and_then(|()| stage.gate.wait()).expect("ended");
    let socket = stage.dir.path().join("notify");
    let manager = UnixDatagram::bind(&socket).expect("bound");
    manager.set_read_timeout(Some(AT_ONCE)).expect("set");
    let mut command = among_users(stage.dir.path());
    command.args(["gate", "--config"]).arg(stage.dir.path().join("namewarden.toml"));
    stage.gate = command.env("NOTIFY_SOCKET", &socket).env("WATCHDOG_USEC", "300000").spawn().expect("starts");
    let told = || {
        let mut message = [0; 4096];
        let length = manager.recv(&mut message).expect("a message in time");
        String::from_utf8_lossy(&message[..length]).trim_end().to_owned()
    };
    assert_eq!(told(), "READY=1");
    assert!(TcpStream::connect(("127.0.0.1", stage.port)).is_ok(), "it listens by then");
    for _ in 0..3 {
        assert_eq!(
            (told(), told()),
            ("WATCHDOG=1".to_owned(), "STATUS=the gate answers, and nothing is wrong".to_owned())
        );
    }
    stage.signal("-TERM");
    let last =
        (0..20).map(|_| told()).find(|message| !message.starts_with("WATCHDOG=") && !message.starts_with("STATUS="));
    assert_eq!(last.as_deref(), Some("STOPPING=1"));
    assert!(stage.gate.wait().expect("ended").success());
}
