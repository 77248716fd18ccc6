//! What the feeds make of a server's behaviour: cut, slow, huge, throttling, redirecting, or simply well.
//!
//! The server is a script of raw answers on loopback, since a correct HTTP library would not send most of them.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use namewarden::clock::Clock;
use namewarden::gate::GateIndex;
use namewarden::model::{ProjectName, Serial};
use namewarden::registry::pypi::changelog;
use namewarden::registry::pypi::changelog::{ChangelogError, GoneSign};
use namewarden::registry::pypi::{Fetched, Pypi};
use namewarden::registry::pypi::{index, rss};
use namewarden::upstream::{Egress, FetchError, HttpClient, Retry};

/// Answers one scripted response per connection and remembers the requests.
struct Server {
    base: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(answers: Vec<Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&requests);
        std::thread::spawn(move || {
            for answer in answers {
                let (mut stream, _) = listener.accept().expect("a connection");
                let request = read_request(&mut stream);
                log.lock().expect("no panic").push(request);
                // The client may hang up early when it has seen enough.
                let _ = stream.write_all(&answer);
            }
        });
        Self { base, requests }
    }

    fn pypi(&self, clock: &Clock) -> Pypi {
        Pypi::new(&self.base, client(None, Duration::from_secs(5)), clock.clone()).expect("a loopback address")
    }

    fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("no panic").clone()
    }
}

/// Head and body of one request; the body's length is announced.
fn read_request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4_096];
    loop {
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
            if body.len() >= length.parse::<usize>().expect("a length") {
                return String::from_utf8(bytes).expect("text");
            }
        }
        let read = stream.read(&mut chunk).expect("a request");
        bytes.extend_from_slice(&chunk[..read]);
    }
}

fn client(proxy: Option<&str>, timeout: Duration) -> HttpClient {
    let egress = Egress { contact: "sec@acme.example", proxy, ca_file: None, timeout };
    HttpClient::new(&egress).expect("a client")
}

fn answer(head: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let head = format!("HTTP/1.1 {head}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// Announces the whole body and sends half of it.
fn cut(head: &str, body: &[u8]) -> Vec<u8> {
    let whole = answer(head, body);
    whole[..whole.len() - body.len() / 2].to_vec()
}

fn gzipped(body: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(body).expect("in memory");
    encoder.finish().expect("in memory")
}

fn clock() -> Clock {
    Clock::manual("2026-08-21T17:00:00Z".parse().expect("a time"))
}

const RSS: &[u8] = include_bytes!("../fixtures/rss-packages.xml");
const INDEX: &[u8] = include_bytes!("../fixtures/index.json");
const CHANGELOG: &[u8] = include_bytes!("../fixtures/changelog-page.xml");

/// Polls RSS once against one answer, which must fail.
async fn rss_failure(answer: Vec<u8>) -> FetchError {
    let server = Server::start(vec![answer]);
    match rss::poll(&server.pypi(&clock()), None).await {
        Err(rss::RssError::Fetch(error)) => error,
        other => panic!("not a failed fetch: {other:?}"),
    }
}

#[tokio::test]
async fn rss_is_asked_with_its_etag_and_may_be_unchanged() {
    let server =
        Server::start(vec![answer("200 OK\r\netag: \"v1\"", RSS), answer("304 Not Modified\r\netag: \"v1\"", "")]);
    let pypi = server.pypi(&clock());
    let rss::RssPoll::News(news) = rss::poll(&pypi, None).await.expect("news") else { panic!("unchanged") };
    assert_eq!((news.sightings.len(), news.etag.as_deref()), (3, Some("\"v1\"")));
    assert_eq!(rss::poll(&pypi, news.etag.as_deref()).await.expect("an answer"), rss::RssPoll::Unchanged);
    let requests = server.requests();
    assert!(requests[0].starts_with("GET /rss/packages.xml HTTP/1.1\r\n"), "{}", requests[0]);
    let agent = format!("user-agent: namewarden/{} (sec@acme.example)\r\n", env!("CARGO_PKG_VERSION"));
    assert!(requests[0].contains(&agent), "{}", requests[0]);
    assert!(!requests[0].contains("if-none-match") && requests[1].contains("if-none-match: \"v1\"\r\n"));
}

#[tokio::test]
async fn a_body_that_breaks_off_is_a_failure() {
    let chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n10\r\n0123456789abcdef\r\n".to_vec();
    let packed = gzipped(RSS);
    let half = &packed[..packed.len() / 2];
    for broken in
        [cut("200 OK", RSS), chunked, answer("200 OK\r\ncontent-encoding: gzip", half), b"HTTP/1.1 200".to_vec()]
    {
        let error = rss_failure(broken).await;
        assert!(matches!(error, FetchError::Broken(_)), "{error}");
        assert_eq!(error.retry(), Retry::Backoff);
    }
}

#[tokio::test]
async fn a_compressed_body_is_read() {
    let server = Server::start(vec![answer("200 OK\r\ncontent-encoding: gzip", gzipped(RSS))]);
    let poll = rss::poll(&server.pypi(&clock()), None).await.expect("news");
    assert!(matches!(poll, rss::RssPoll::News(news) if news.sightings.len() == 3));
}

#[tokio::test]
async fn statuses_are_sorted() {
    for (status, expected) in [
        ("404 Not Found", "not found (HTTP 404)"),
        ("410 Gone", "gone for good (HTTP 410)"),
        ("403 Forbidden", "the server refused the request (HTTP 403)"),
        ("503 Service Unavailable", "the server failed (HTTP 503)"),
        ("204 No Content", "the server refused the request (HTTP 204)"),
    ] {
        assert_eq!(rss_failure(answer(status, "<html>")).await.to_string(), expected);
    }
}

#[tokio::test]
async fn too_much_is_abandoned() {
    let announced = b"HTTP/1.1 200 OK\r\ncontent-length: 200000000\r\n\r\n".to_vec();
    let mut chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    for _ in 0..9 {
        chunked.extend_from_slice(b"f4240\r\n");
        chunked.resize(chunked.len() + 1_000_000, b' ');
        chunked.extend_from_slice(b"\r\n");
    }
    let bomb = answer("200 OK\r\ncontent-encoding: gzip", gzipped(&vec![b' '; 20_000_000]));
    assert!(bomb.len() < 200_000);
    for huge in [announced, chunked, bomb] {
        let error = rss_failure(huge).await;
        assert_eq!(error.to_string(), "the answer is larger than 8 MB and was abandoned");
    }
}

#[tokio::test]
async fn a_server_that_does_not_answer_runs_into_the_limit() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let pypi = Pypi::new(&base, client(None, Duration::from_millis(200)), clock()).expect("an address");
    let error = pypi.rss(None).await.expect_err("no answer");
    assert!(matches!(error, FetchError::TimedOut), "{error}");
    drop(listener);
    let error = pypi.rss(None).await.expect_err("nobody there");
    assert!(matches!(error, FetchError::Unreachable(_)), "{error}");
    assert!(error.to_string().to_lowercase().contains("connection refused"), "{error}");
}

#[tokio::test]
async fn a_redirect_is_followed_at_home_only() {
    let elsewhere = Server::start(vec![answer("200 OK", RSS)]);
    let away = format!("302 Found\r\nlocation: {}/rss/packages.xml", elsewhere.base);
    let error = rss_failure(answer(&away, "")).await;
    assert!(matches!(error, FetchError::Elsewhere { status: 302 }), "{error}");
    assert_eq!(elsewhere.requests(), Vec::<String>::new());

    let home =
        Server::start(vec![answer("301 Moved Permanently\r\nlocation: /rss/other.xml", ""), answer("200 OK", RSS)]);
    assert!(matches!(home.pypi(&clock()).rss(None).await, Ok(Fetched::Fresh { .. })));
    assert!(home.requests()[1].starts_with("GET /rss/other.xml "));
}

/// What an index names is checked by its digest, which is of the bytes as they are stored.
#[tokio::test]
async fn a_file_of_an_index_comes_as_it_is_and_from_nowhere_in_this_machine() {
    let packed = gzipped(b"an archive");
    let elsewhere = Server::start(vec![answer("200 OK", "a secret")]);
    let server = Server::start(vec![
        answer("200 OK\r\ncontent-encoding: gzip", &packed),
        answer(&format!("302 Found\r\nlocation: {}/secret", elsewhere.base), ""),
        answer("200 OK", "more than its page says"),
    ]);
    let index = |base: &str| {
        let egress =
            Egress { contact: "sec@acme.example", proxy: None, ca_file: None, timeout: Duration::from_secs(5) };
        let files = HttpClient::of_files(&egress).expect("a client");
        let root = format!("{base}/simple/").parse().expect("an address");
        GateIndex::new(root, (client(None, Duration::from_secs(5)), files), None)
    };
    let address = format!("{}/files/widgets-1.0.tar.gz", server.base).parse().expect("an address");
    let own = index(&server.base);
    assert_eq!(own.file_in_memory(&address, 1000).await.expect("there"), packed);
    let asked = server.requests()[0].to_lowercase();
    assert!(asked.contains("accept-encoding: identity\r\n"), "{asked}");
    let led_away = own.file_in_memory(&address, 1000).await.expect_err("clear text to another");
    assert!(matches!(led_away, FetchError::Elsewhere { status: 302 }), "{led_away}");
    let endless = own.file_in_memory(&address, 10).await.expect_err("too large");
    assert!(matches!(endless, FetchError::TooLarge { limit: 10 }), "{endless}");
    let named = index("https://index.example").file_in_memory(&address, 1000).await.expect_err("of this machine");
    assert!(matches!(named, FetchError::Garbled(_)) && elsewhere.requests().is_empty(), "{named}");
    assert_eq!(server.requests().len(), 3);
}

/// A page that a GET finds at the other address says nothing about what was posted.
#[tokio::test]
async fn what_is_posted_stays_a_post_or_goes_nowhere() {
    for status in ["301 Moved Permanently", "302 Found", "303 See Other"] {
        let server =
            Server::start(vec![answer(&format!("{status}\r\nlocation: /other"), ""), answer("200 OK", CHANGELOG)]);
        let error = server.pypi(&clock()).xmlrpc("<methodCall/>".to_owned()).await.expect_err("not followed");
        assert!(matches!(error, FetchError::Elsewhere { .. }), "{error}");
        assert_eq!(server.requests().len(), 1);
    }
    let server =
        Server::start(vec![answer("308 Permanent Redirect\r\nlocation: /other", ""), answer("200 OK", CHANGELOG)]);
    server.pypi(&clock()).xmlrpc("<methodCall/>".to_owned()).await.expect("followed");
    assert!(server.requests()[1].starts_with("POST /other "));
}

#[tokio::test]
async fn what_the_server_asks_for_is_obeyed() {
    let clock = clock();
    let server = Server::start(vec![answer("429 Too Many Requests\r\nretry-after: 30", ""), answer("200 OK", RSS)]);
    let pypi = server.pypi(&clock);
    for _ in 0..2 {
        let error = pypi.rss(None).await.expect_err("throttled");
        assert_eq!(error.retry(), Retry::After(Duration::from_secs(30)));
    }
    assert_eq!(server.requests().len(), 1, "nothing may be sent before the time");
    clock.advance(chrono::TimeDelta::seconds(30));
    assert!(pypi.rss(None).await.is_ok());
}

#[tokio::test]
async fn a_page_of_the_changelog_is_asked_for_as_xml_rpc_wants_it() {
    let server = Server::start(vec![answer("200 OK\r\ncontent-type: text/xml", CHANGELOG)]);
    let page = changelog::after(&server.pypi(&clock()), Serial(41_234_566)).await.expect("a page");
    assert_eq!((page.events, page.sightings.len(), page.last), (5, 5, Some(Serial(41_234_573))));
    let request = &server.requests()[0];
    assert!(
        request.starts_with("POST /pypi HTTP/1.1\r\n") && request.contains("content-type: text/xml\r\n"),
        "{request}"
    );
    assert!(request.ends_with("<param><value><int>41234566</int></value></param></params></methodCall>"), "{request}");
}

#[tokio::test]
async fn a_used_up_quota_stops_the_next_call() {
    let clock = clock();
    let head = "200 OK\r\nratelimit: \"xmlrpc.client\";r=0;t=42";
    let server = Server::start(vec![answer(head, CHANGELOG), answer("200 OK", CHANGELOG)]);
    let pypi = server.pypi(&clock);
    changelog::after(&pypi, Serial(41_234_566)).await.expect("the last one allowed");
    let error = changelog::after(&pypi, Serial(41_234_566)).await.expect_err("held");
    assert!(matches!(error, ChangelogError::Throttled { after } if after == Duration::from_secs(42)), "{error}");
    clock.advance(chrono::TimeDelta::seconds(42));
    assert!(changelog::after(&pypi, Serial(41_234_566)).await.is_ok());
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn a_throttling_fault_holds_the_next_call_too() {
    let fault = "<methodResponse><fault><value><struct><member><name>faultCode</name><value><int>-32500</int></value></member>\
        <member><name>faultString</name><value><string>HTTPTooManyRequests: The action could not be performed because \
        there were too many requests by the client. Limit may reset in 17 seconds.</string></value></member></struct></value>\
        </fault></methodResponse>";
    let server = Server::start(vec![answer("200 OK", fault)]);
    let pypi = server.pypi(&clock());
    for _ in 0..2 {
        let error = changelog::after(&pypi, Serial(41_234_566)).await.expect_err("throttled");
        assert!(matches!(error, ChangelogError::Throttled { after } if after == Duration::from_secs(17)), "{error}");
    }
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn an_empty_page_is_believed_only_of_a_server_that_reached_the_cursor() {
    let empty =
        "<methodResponse><params><param><value><array><data></data></array></value></param></params></methodResponse>";
    let last = "<methodResponse><params><param><value><int>100</int></value></param></params></methodResponse>";
    let script = || Server::start(vec![answer("200 OK", empty), answer("200 OK", last)]);
    let page = changelog::after(&script().pypi(&clock()), Serial(100)).await.expect("nothing new");
    assert_eq!((page.events, page.last), (0, None));
    let error = changelog::after(&script().pypi(&clock()), Serial(101)).await.expect_err("it lost its end");
    assert!(matches!(error, ChangelogError::WentBack { after: Serial(101), got: Serial(100) }), "{error}");
}

#[tokio::test]
async fn a_missing_endpoint_is_a_sign_of_retirement_and_a_failing_one_is_not() {
    for (status, gone) in [("404 Not Found", true), ("410 Gone", true), ("500 Oh", false), ("403 Forbidden", false)] {
        let server = Server::start(vec![answer(status, "<html>")]);
        let error = changelog::after(&server.pypi(&clock()), Serial(1)).await.expect_err(status);
        assert_eq!(matches!(error, ChangelogError::Gone(GoneSign::Status(_))), gone, "{status}: {error}");
    }
}

#[tokio::test]
async fn the_index_is_spooled_and_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let spool = folder.path().join("index.json");
    let server = Server::start(vec![
        answer("200 OK\r\netag: \"i1\"", INDEX),
        answer("304 Not Modified", ""),
        cut("200 OK\r\netag: \"i2\"", INDEX),
    ]);
    let pypi = server.pypi(&clock());
    let poll = index::fetch(&pypi, None, &spool).await.expect("a body");
    let index::IndexPoll::Body { etag, bytes, .. } = poll else { panic!("{poll:?}") };
    assert_eq!((etag.as_deref(), bytes), (Some("\"i1\""), INDEX.len() as u64));
    let listing = index::read(&spool).expect("a whole index");
    assert_eq!((listing.len(), listing.serial), (4, Serial(41_234_570)));
    assert_eq!(index::fetch(&pypi, Some("\"i1\""), &spool).await.expect("an answer"), index::IndexPoll::Unchanged);
    assert!(index::fetch(&pypi, Some("\"i1\""), &spool).await.is_err(), "cut");
    let request = &server.requests()[1];
    assert!(request.contains("accept: application/vnd.pypi.simple.v1+json\r\n"), "{request}");
    assert!(request.contains("if-none-match: \"i1\"\r\n"), "{request}");
}

#[tokio::test]
async fn a_spool_that_cannot_be_written_is_its_own_failure() {
    let server = Server::start(vec![answer("200 OK", INDEX)]);
    let nowhere = std::path::Path::new("/nonexistent/index.json");
    let error = index::fetch(&server.pypi(&clock()), None, nowhere).await.expect_err("no folder");
    assert!(matches!(error, index::IndexError::Fetch(FetchError::Spool(_))), "{error}");
}

#[tokio::test]
async fn a_project_is_looked_up_by_its_normalized_name() {
    let page = r#"{"info":{"summary":"x"},"ownership":{"organization":"acme","roles":[]},"releases":{}}"#;
    let server = Server::start(vec![answer("200 OK", page), answer("404 Not Found", r#"{"message": "Not Found"}"#)]);
    let pypi = server.pypi(&clock());
    let name = ProjectName::parse("Acme_Billing").expect("valid");
    assert_eq!(pypi.project(&name).await.expect("a page").organization.as_deref(), Some("acme"));
    assert!(matches!(pypi.simple(&name).await, Err(FetchError::NotFound)));
    assert!(server.requests()[0].starts_with("GET /pypi/acme-billing/json "));
    assert!(server.requests()[1].starts_with("GET /simple/acme-billing/ "));
}

#[tokio::test]
async fn a_configured_proxy_carries_the_request() {
    let proxy = Server::start(vec![answer("200 OK", RSS)]);
    let authority = proxy.base.strip_prefix("http://").expect("http");
    let address = format!("http://user:hunter2@{authority}");
    let pypi =
        Pypi::new("http://127.0.0.1:9", client(Some(&address), Duration::from_secs(5)), clock()).expect("an address");
    pypi.rss(None).await.expect("through the proxy");
    let request = &proxy.requests()[0];
    assert!(request.starts_with("GET http://127.0.0.1:9/rss/packages.xml HTTP/1.1\r\n"), "{request}");
    assert!(request.to_lowercase().contains("proxy-authorization: basic "), "{request}");
    assert!(!format!("{pypi:?}").contains("hunter2"));
}
