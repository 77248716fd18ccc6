//! Servers that lead elsewhere: a request stays with whom it was made for, and what it carried is seen by nobody else.

use std::sync::Mutex;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::model::causes;
use crate::upstream::{Egress, FetchError, HttpClient};

/// A server on this machine, and what it was asked.
struct Leading {
    listener: TcpListener,
    asked: Mutex<Vec<String>>,
}

impl Leading {
    async fn new() -> Self {
        Self { listener: TcpListener::bind("127.0.0.1:0").await.expect("a port"), asked: Mutex::default() }
    }

    fn base(&self) -> String {
        format!("http://{}", self.listener.local_addr().expect("an address"))
    }

    /// Answers each request with this status, and leads where it says; without end.
    async fn answer(&self, reply: impl Fn(usize) -> (u16, String)) {
        loop {
            let (mut stream, _) = self.listener.accept().await.expect("somebody asks");
            let request = read(&mut stream).await;
            let (status, to) = reply(self.asked().len());
            self.asked.lock().expect("nobody panicked").push(request);
            let head =
                format!("HTTP/1.1 {status} x\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            // Who speaks TLS has hung up by then.
            let _ = stream.write_all(head.as_bytes()).await;
        }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("nobody panicked").clone()
    }
}

/// Head and body of a request.
async fn read(stream: &mut TcpStream) -> String {
    let (mut text, mut buffer) = (String::new(), [0; 4096]);
    loop {
        let read = stream.read(&mut buffer).await.expect("readable");
        text.push_str(&String::from_utf8_lossy(&buffer[..read]));
        // What begins otherwise is TLS.
        if read == 0 || !text.starts_with(['G', 'P']) {
            return text;
        }
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length =
            head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
        if body.len() >= length.unwrap_or(0) {
            return text;
        }
    }
}

fn egress<'a>() -> Egress<'a> {
    Egress { contact: "sec@acme.example", proxy: None, ca_file: None, timeout: Duration::from_secs(5) }
}

/// The status that comes of asking, while both answer.
async fn status(
    request: reqwest::RequestBuilder,
    here: impl Future<Output = ()>,
    there: impl Future<Output = ()>,
) -> Result<u16, FetchError> {
    tokio::select! {
        answer = request.send() => answer.map(|answer| answer.status().as_u16()).map_err(FetchError::sending),
        () = here => panic!("it answers without end"),
        () = there => panic!("it answers without end"),
    }
}

const OTHER: fn(usize) -> (u16, String) = |_| (200, String::new());

#[tokio::test]
async fn who_reads_is_led_within_one_origin_and_not_for_ever() {
    let (here, there) = (Leading::new().await, Leading::new().await);
    let http = HttpClient::new(&egress()).expect("a client");
    let (base, other) = (here.base(), there.base());
    let get = || http.get(&format!("{base}/simple/acme"));
    let slash = |asked: usize| if asked == 0 { (301, "/simple/acme/".to_owned()) } else { (200, String::new()) };
    assert_eq!(status(get(), here.answer(slash), there.answer(OTHER)).await.expect("an answer"), 200);
    assert!(here.asked()[1].starts_with("GET /simple/acme/ "), "{:?}", here.asked());
    let before = here.asked().len();
    let round = |_| (302, "/simple/acme".to_owned());
    assert_eq!(status(get(), here.answer(round), there.answer(OTHER)).await.expect("an answer"), 302);
    assert_eq!(here.asked().len() - before, 6, "five times");
    let away = |_| (302, format!("{other}/simple/acme"));
    assert_eq!(status(get(), here.answer(away), there.answer(OTHER)).await.expect("an answer"), 302);
    assert_eq!(there.asked(), [""; 0]);
}

#[tokio::test]
async fn a_message_is_led_on_only_as_what_it_is_and_to_nobody_else() {
    let (here, there) = (Leading::new().await, Leading::new().await);
    let http = HttpClient::new(&egress()).expect("a client");
    let (base, other) = (here.base(), there.base());
    let post = || http.post_to(&format!("{base}/services/T0/hunter2")).body("acme-billing was registered");
    for gone in [301, 302, 303] {
        let page = move |_| (gone, "/login".to_owned());
        assert_eq!(
            status(post(), here.answer(page), there.answer(OTHER)).await.expect("an answer"),
            gone,
            "no receipt"
        );
    }
    let before = here.asked().len();
    for kept in [307, 308] {
        let first = here.asked().len();
        let on = move |asked: usize| if asked == first { (kept, "/hook".to_owned()) } else { (200, String::new()) };
        assert_eq!(status(post(), here.answer(on), there.answer(OTHER)).await.expect("an answer"), 200, "{kept}");
        let away = |_| (kept, format!("{other}/hook"));
        assert_eq!(status(post(), here.answer(away), there.answer(OTHER)).await.expect("an answer"), kept);
    }
    let led =
        here.asked()[before..].iter().filter(|asked| asked.starts_with("POST /hook ")).cloned().collect::<Vec<_>>();
    assert!(led.len() == 2 && led.iter().all(|asked| asked.ends_with("acme-billing was registered")), "{led:?}");
    assert_eq!(there.asked(), [""; 0], "nobody else reads it");
}

#[tokio::test]
async fn what_carries_a_credential_is_not_led_at_all_and_files_only_over_tls() {
    let (here, there) = (Leading::new().await, Leading::new().await);
    let (unmoved, files) =
        (HttpClient::unmoved(&egress()).expect("a client"), HttpClient::of_files(&egress()).expect("a client"));
    let (base, other) = (here.base(), there.base());
    let on = |_| (307, "/again".to_owned());
    let asked =
        status(unmoved.get(&base).header("authorization", "Basic hunter2"), here.answer(on), there.answer(OTHER)).await;
    assert!(asked.is_ok_and(|status| status == 307) && here.asked().len() == 1);
    let clear = |_| (302, format!("{other}/file"));
    assert_eq!(status(files.get(&base), here.answer(clear), there.answer(OTHER)).await.expect("an answer"), 302);
    assert_eq!(there.asked(), [""; 0]);
    let tls = |_| (302, other.replace("http://", "https://"));
    let tried =
        status(files.get(&base).header("authorization", "Basic hunter2"), here.answer(tls), there.answer(OTHER)).await;
    assert!(tried.is_err(), "the other speaks no TLS");
    assert!(there.asked().iter().all(|asked| !asked.contains("hunter2")), "{:?}", there.asked());
}

/// The address of a webhook is a secret by itself.
#[tokio::test]
async fn no_error_and_no_client_shows_where_it_was_sent() {
    let closed = Leading::new().await.base();
    let proxied = Egress { proxy: Some("http://u:hunter2@127.0.0.1:1"), ..egress() };
    for http in [HttpClient::new(&egress()).expect("a client"), HttpClient::new(&proxied).expect("a client")] {
        for url in [format!("{closed}/services/hunter2?key=hunter2"), "http://u:hunter2@[::1]:1/".to_owned()] {
            let error = http
                .post_to(&url)
                .body("x")
                .send()
                .await
                .map(|_| ())
                .map_err(FetchError::sending)
                .expect_err("nobody is there");
            let shown = format!("{error} {error:?} {}", causes::chain(&error));
            assert!(!shown.contains("hunter2"), "{shown}");
        }
        assert!(!format!("{http:?}").contains("hunter2"), "{http:?}");
    }
}
