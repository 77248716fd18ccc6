//! Our upload client and servers that no correct HTTP library would make: what they send costs little, proves nothing, and
//! never gets the token elsewhere.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::LazyLock;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use namewarden::clock::Clock;
use namewarden::registry::pypi::upload::{Refused, Sent, UploadReply, Uploader};

use super::{TOKEN, accepted, login, unmoved, wheel};

/// What a server does with a connection.
type Manner = fn(&mut TcpStream);

/// Serves each connection in the same manner, and remembers what was said to it.
struct Server {
    base: String,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let heard = Arc::new(Mutex::new(Vec::new()));
        let log = heard.clone();
        std::thread::spawn(move || {
            while let Ok((mut stream, _)) = listener.accept() {
                let request = request(&mut stream);
                log.lock().expect("no panic").push(request);
                manner(&mut stream);
            }
        });
        Self { base, heard }
    }

    async fn upload(&self) -> UploadReply {
        let address = format!("{}/legacy/", self.base);
        let uploader = Uploader::new(&address, unmoved(Duration::from_millis(400)), Clock::System).expect("loopback");
        uploader.upload(&login(TOKEN), &wheel("acme-billing", "0.0.1")).await.reply
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().expect("no panic").clone()
    }
}

/// One request to the end of its form, or as far as it comes.
fn request(stream: &mut TcpStream) -> String {
    stream.set_read_timeout(Some(Duration::from_secs(1))).expect("a socket");
    let (mut bytes, mut chunk) = (Vec::new(), [0; 4096]);
    while !bytes.ends_with(b"--\r\n") {
        match stream.read(&mut chunk) {
            Ok(read) if read > 0 => bytes.extend_from_slice(&chunk[..read]),
            _ => break,
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Whoever has seen enough may hang up.
fn say(stream: &mut TcpStream, text: &[u8]) {
    let _ = stream.write_all(text);
}

fn whole(head: &str, body: &str) -> String {
    format!("HTTP/1.1 {head}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}

#[tokio::test]
async fn a_redirect_is_no_receipt_and_never_gets_the_token() {
    let elsewhere = Server::start(|stream| say(stream, whole("200 OK", "").as_bytes()));
    for status in
        ["301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"]
    {
        static TARGET: Mutex<String> = Mutex::new(String::new());
        static STATUS: Mutex<String> = Mutex::new(String::new());
        *TARGET.lock().expect("no panic") = elsewhere.base.clone();
        *STATUS.lock().expect("no panic") = status.to_owned();
        let server = Server::start(|stream| {
            let (status, target) = (STATUS.lock().expect("no panic").clone(), TARGET.lock().expect("no panic").clone());
            say(stream, whole(&format!("{status}\r\nlocation: {target}/legacy/"), "").as_bytes());
        });
        let reply = server.upload().await;
        assert!(matches!(reply, UploadReply::Refused { why: Refused::WrongAddress, .. }), "{status}: {reply:?}");
    }
    assert_eq!(elsewhere.heard(), Vec::<String>::new(), "nobody else was asked");
}

#[tokio::test]
async fn an_endless_body_is_left_after_its_beginning() {
    let server = Server::start(|stream| {
        say(stream, b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\n\r\n<html>");
        while stream.write_all(&[b'x'; 1 << 16]).is_ok() {}
    });
    let start = Instant::now();
    let reply = server.upload().await;
    assert!(matches!(&reply, UploadReply::NotUnderstood { status: 200, said } if said.len() < 1000), "{reply:?}");
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn a_gzip_bomb_is_opened_by_its_first_kilobytes() {
    static BOMB: LazyLock<Vec<u8>> = LazyLock::new(|| {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        (0..200).for_each(|_| gzip.write_all(&[b'<'; 1 << 20]).expect("in memory"));
        gzip.finish().expect("in memory")
    });
    // Before anybody waits for it: it takes seconds.
    LazyLock::force(&BOMB);
    let server = Server::start(|stream| {
        let head = format!("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n", BOMB.len());
        say(stream, &[head.as_bytes(), &BOMB].concat());
    });
    let reply = server.upload().await;
    assert!(matches!(&reply, UploadReply::NotUnderstood { status: 200, said } if said.len() < 1000), "{reply:?}");
}

#[tokio::test]
async fn floods_of_headers_and_of_interim_answers_end_unanswered() {
    let headers = Server::start(|stream| {
        say(stream, b"HTTP/1.1 200 OK\r\n");
        let line = format!("x-flood: {}\r\n", "y".repeat(1000));
        while stream.write_all(line.as_bytes()).is_ok() {}
    });
    let interim = Server::start(|stream| while stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").is_ok() {});
    for server in [headers, interim] {
        let reply = server.upload().await;
        assert!(matches!(reply, UploadReply::NoAnswer { sent: Sent::All, .. }) && reply.is_uncertain(), "{reply:?}");
    }
}

#[tokio::test]
async fn an_interim_answer_before_the_real_one_is_none() {
    let server = Server::start(|stream| {
        say(stream, b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n");
        say(stream, whole("200 OK", "").as_bytes());
    });
    assert_eq!(server.upload().await, accepted());
    let heard = server.heard().concat();
    assert!(!heard.to_lowercase().contains("expect:"), "we never wait to be told to go on");
    assert!(heard.contains("accept: application/json") || heard.contains("Accept: application/json"), "{heard}");
}

#[tokio::test]
async fn nonsense_and_silence_are_no_answers() {
    let manners: [Manner; 4] = [
        |stream| say(stream, b"SSH-2.0-OpenSSH_9.2\r\n"),
        |stream| say(stream, b"HTTP/1.1 200"),
        |_| {},
        |_| std::thread::sleep(Duration::from_secs(4)),
    ];
    for manner in manners {
        let server = Server::start(manner);
        let reply = server.upload().await;
        let UploadReply::NoAnswer { sent, why } = &reply else { panic!("{reply:?}") };
        assert_eq!(*sent, Sent::All);
        assert!(!why.contains("127.0.0.1") && !why.contains("pypi-") && why.len() < 300, "{why}");
        assert_eq!(server.heard().len(), 1, "asked once");
    }
}

#[tokio::test]
async fn a_server_that_says_our_token_back_is_not_quoted() {
    let server = Server::start(|stream| {
        let body = format!("{{\"code\":\"400 You sent {TOKEN} and __token__:{TOKEN}\"}}");
        say(stream, whole("400 Bad Request", &body).as_bytes());
    });
    let shown = format!("{:?}", server.upload().await);
    assert!(shown.contains("You sent") && !shown.contains("AgEI"), "{shown}");
}
