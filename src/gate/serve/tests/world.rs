//! A gate in front of an index of which every answer can be had, with a clock that can be moved.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::HeaderMap as AskedHeaders;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use chrono::TimeDelta;
use reqwest::header::{DATE, ETAG, HeaderMap};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::sent::Sent;
use crate::clock::Clock;
use crate::gate::consensus::Consensus;
use crate::gate::malware::MalwareRecords;
use crate::gate::pages::{PageShelf, Pages};
use crate::gate::policy::{AgeRules, Binding, Mode, Modes, Policy};
use crate::gate::review::{ReviewAct, ReviewDecision};
use crate::gate::{
    AttestedBook, Clients, Closer, DeskRules, FileCache, Gate, GateClock, GateIndex, GateTroubles, Ledger, LedgerRules,
    Memory, NotaryWork, OpenedReviews, OpenedUses, ReviewDesk, Sources, listen,
};
use crate::model::hex::hex;
use crate::model::{Actor, Machine, Serial, Through, Time};
use crate::sim::{self, Sim};
use crate::upstream::{Egress, HttpClient};

/// So many bodies of the index are on their way at a time, at most.
const WIDTH: usize = 1000;
/// A file that is held at noon.
pub(super) const HELD: &str = "/files/widgets/widgets-3-py3-none-any.whl";

pub(super) fn noon() -> Time {
    "2026-11-27T12:00:00Z".parse().expect("a time")
}

pub(super) fn sha256(of: &[u8]) -> String {
    hex(&Sha256::digest(of))
}

/// A file of the index; its bytes are its name.
pub(super) struct Listed {
    version: usize,
    uploaded: Time,
    /// Its page says another digest.
    pub(super) replaced: bool,
}

impl Listed {
    pub(super) fn version(&self) -> usize {
        self.version
    }

    fn digest(&self, bytes: &[u8]) -> String {
        sha256(if self.replaced { b"others" } else { bytes })
    }
}

/// The index, with one project.
pub(super) struct Index {
    pub(super) files: Vec<Listed>,
    pub(super) quarantined: bool,
    pub(super) down: bool,
    /// By how much its clock is behind that of the gate.
    pub(super) behind: TimeDelta,
    pub(super) pages_asked: usize,
    /// By the name of a file: where its page says that its provenance is, and what is there (its status, and its text).
    pub(super) provenance: BTreeMap<String, (String, StatusCode, String)>,
    pub(super) provenance_asked: usize,
    /// By the name of a file, what is in it where that is not its name.
    pub(super) bytes: BTreeMap<String, Vec<u8>>,
    /// Those whose bytes were asked for.
    pub(super) files_asked: Vec<String>,
    /// How they are sent.
    pub(super) sent: Sent,
    /// Nothing comes of files, and of pages of projects that are called slow, while somebody else has all of it.
    pub(super) way: Arc<Semaphore>,
}

impl Index {
    fn bytes_of<'a>(&'a self, filename: &'a str) -> &'a [u8] {
        self.bytes.get(filename).map_or(filename.as_bytes(), Vec::as_slice)
    }

    fn page(&self) -> Value {
        let files = self.files.iter().map(|file| {
            let filename = format!("widgets-{}-py3-none-any.whl", file.version);
            let bytes = self.bytes_of(&filename);
            json!({"filename": filename, "url": format!("/files/{filename}"), "size": bytes.len(),
                   "hashes": {"sha256": file.digest(bytes)}, "upload-time": file.uploaded, "yanked": false,
                   "core-metadata": {"sha256": sha256(b"words")},
                   "provenance": self.provenance.get(&filename).map(|(address, ..)| address)})
        });
        let status = if self.quarantined { "quarantined" } else { "active" };
        json!({"meta": {"api-version": "1.4", "_last-serial": 7}, "name": "widgets", "project-status": {"status": status},
               "files": files.collect::<Vec<_>>()})
    }
}

type Shared = Arc<(Mutex<Index>, Clock)>;

fn held(index: &Mutex<Index>) -> MutexGuard<'_, Index> {
    index.lock().unwrap_or_else(PoisonError::into_inner)
}

/// With its time.
async fn dated(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let at = shared.1.now() - held(&shared.0).behind;
    let mut response = next.run(request).await;
    let date = at.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    response.headers_mut().insert(DATE, date.parse().expect("a header"));
    response
}

async fn said(State(shared): State<Shared>, Path(name): Path<String>, asked: AskedHeaders) -> Response {
    let way = {
        let mut index = held(&shared.0);
        index.pages_asked += 1;
        name.starts_with("slow").then(|| Arc::clone(&index.way))
    };
    if let Some(way) = way {
        let _free = way.acquire_owned().await;
    }
    let index = held(&shared.0);
    if index.down || name != "widgets" {
        return if index.down { StatusCode::BAD_GATEWAY } else { StatusCode::NOT_FOUND }.into_response();
    }
    let page = index.page();
    let etag = format!("\"{}\"", sha256(page.to_string().as_bytes()));
    if asked.get("if-none-match").is_some_and(|known| known.as_bytes() == etag.as_bytes()) {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    ([("etag", etag), ("content-type", "application/vnd.pypi.simple.v1+json".to_owned())], page.to_string())
        .into_response()
}

async fn bytes(State(shared): State<Shared>, Path(file): Path<String>) -> Response {
    let way = {
        let mut index = held(&shared.0);
        index.files_asked.push(file.clone());
        Arc::clone(&index.way)
    };
    let _free = way.acquire_owned().await;
    if held(&shared.0).down {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    let index = held(&shared.0);
    let whole = if file.ends_with(".metadata") { &b"words"[..] } else { index.bytes_of(&file) };
    index.sent.answer(whole, &format!("/files/{file}"))
}

async fn provenance(State(shared): State<Shared>, Path(file): Path<String>) -> Response {
    let mut index = held(&shared.0);
    index.provenance_asked += 1;
    let (_, status, text) = index.provenance.get(&file).cloned().unwrap_or_default();
    let to = if status.is_redirection() { text.clone() } else { String::new() };
    (status, [("location", to)], text).into_response()
}

/// What came.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn etag(&self) -> Option<&str> {
        self.headers.get(ETAG).and_then(|etag| etag.to_str().ok())
    }

    pub(super) fn unpacked(&self) -> Vec<u8> {
        let mut plain = Vec::new();
        match self.headers.get("content-encoding").map(|coding| coding.as_bytes()) {
            Some(b"gzip") => flate2::read::GzDecoder::new(&self.body[..]).read_to_end(&mut plain).expect("gzip"),
            Some(b"zstd") => zstd::Decoder::new(&self.body[..]).expect("zstd").read_to_end(&mut plain).expect("zstd"),
            _ => return self.body.clone(),
        };
        plain
    }
}

/// The gate, its index and its rules.
pub(super) struct World {
    shared: Shared,
    pub(super) clock: Clock,
    policy: watch::Sender<Arc<Policy>>,
    pub(super) gate: Arc<Gate>,
    base: String,
    /// Where the index is, without a slash at its end.
    pub(super) index: String,
    client: HttpClient,
    /// What the gate keeps.
    pub(super) dir: PathBuf,
}

impl World {
    /// Until the test is over.
    pub(super) fn run(test: impl AsyncFnOnce(Self)) {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        let dir = tempfile::tempdir().expect("a directory");
        runtime.block_on(async {
            let (index, gate) = (bound().await, bound().await);
            let base = |of: &TcpListener| format!("http://{}", of.local_addr().expect("an address"));
            let (world, work) = Self::new(dir.path().to_owned(), &base(&index), base(&gate)).await;
            let routes = Router::new().route("/simple/{name}/", get(said)).route("/files/{file}", get(bytes));
            let routes = routes.route("/integrity/{file}", get(provenance));
            let routes = routes.layer(from_fn_with_state(Arc::clone(&world.shared), dated));
            let routes = routes.with_state(Arc::clone(&world.shared));
            let answers = Arc::clone(&world.gate);
            tokio::select! {
                () = test(world) => {}
                _ = axum::serve(index, routes) => panic!("the index has ended"),
                () = listen(gate, Clients::Themselves, answers, Closer::default().closing()) => panic!("the gate has ended"),
                () = work.serve() => panic!("nobody verifies any more"),
            }
        });
    }

    /// The same in front of the simulated PyPI, which has the first two versions.
    pub(super) fn before_pypi(test: impl AsyncFnOnce(Self, Sim)) {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        let dir = tempfile::tempdir().expect("a directory");
        runtime.block_on(async {
            let mut there = sim::World::empty(sim::Order::default(), Serial(100));
            there.upload("widgets", "1", "of use", "ada", noon() - TimeDelta::days(100)).expect("free");
            there.release("widgets", "2", "of use", noon() - TimeDelta::days(20)).expect("there");
            let pypi = Sim::start(there, sim::Options::default()).await.expect("a port");
            pypi.date_ahead(noon() - Clock::System.now());
            let gate = bound().await;
            let base = format!("http://{}", gate.local_addr().expect("an address"));
            let (world, work) = Self::new(dir.path().to_owned(), pypi.base_url(), base).await;
            let answers = Arc::clone(&world.gate);
            tokio::select! {
                () = test(world, pypi) => {}
                () = listen(gate, Clients::Themselves, answers, Closer::default().closing()) => panic!("the gate has ended"),
                () = work.serve() => panic!("nobody verifies any more"),
            }
        });
    }

    async fn new(dir: PathBuf, index: &str, base: String) -> (Self, NotaryWork) {
        let clock = Clock::manual(noon());
        let file =
            |version: usize, days: i64| Listed { version, uploaded: noon() - TimeDelta::days(days), replaced: false };
        let first = Index {
            files: vec![file(1, 100), file(2, 20), file(3, 2)],
            quarantined: false,
            down: false,
            behind: TimeDelta::zero(),
            pages_asked: 0,
            provenance: BTreeMap::new(),
            provenance_asked: 0,
            bytes: BTreeMap::new(),
            files_asked: Vec::new(),
            sent: Sent::default(),
            way: Arc::new(Semaphore::new(WIDTH)),
        };
        let shared: Shared = Arc::new((Mutex::new(first), clock.clone()));
        let policy = watch::Sender::new(Arc::new(rules()));
        let egress =
            Egress { contact: "sec@acme.example", proxy: None, ca_file: None, timeout: Duration::from_secs(20) };
        let client = HttpClient::new(&egress).expect("a client");
        let root = format!("{index}/simple/").parse().expect("an address");
        let troubles = GateTroubles::default();
        let shelf = Arc::new(PageShelf::open(&dir.join("pages"), 1 << 20).expect("opened"));
        let time = GateClock::from(clock.clone());
        let from = GateIndex::new(root, (client.clone(), client.clone()), None).telling_time(time.clone());
        let source = Pages::new(from, shelf, clock.clone());
        let memory = Arc::new(Memory::open(&dir).expect("opened"));
        let sources = Sources::new(source, None, memory, troubles.clone());
        let rules = DeskRules { approvals: 1, machine: Box::new(|| Machine::read(Some(4001), "", "", &[])) };
        let reviews = OpenedReviews::at(&dir).expect("opened");
        let desk = ReviewDesk::start(reviews, rules, policy.clone(), time.clone()).expect("starts");
        let kept = LedgerRules { age: TimeDelta::days(365), room: 1 << 24 };
        let uses = OpenedUses::at(&dir).expect("opened");
        let ledger = Ledger::start(dir.clone(), kept, uses, (policy.clone(), troubles.clone()), time.clone());
        let files = FileCache::open(&dir.join("cache"), 1 << 24).await.expect("opened");
        let parts = (desk, ledger, troubles);
        let gate = Gate::new(sources, policy.subscribe(), files, parts, time, base.clone());
        let (gate, work) = gate.attesting(AttestedBook::open(&dir).expect("opened"), policy.clone());
        (Self { shared, clock, policy, gate: Arc::new(gate), base, index: index.to_owned(), client, dir }, work)
    }

    pub(super) fn index(&self) -> MutexGuard<'_, Index> {
        held(&self.shared.0)
    }

    pub(super) fn upload(&mut self, uploaded: Time) {
        let mut index = self.index();
        let version = index.files.iter().map(|file| file.version).max().unwrap_or(3) + 1;
        index.files.push(Listed { version, uploaded, replaced: false });
    }

    pub(super) fn rule(&self, change: impl FnOnce(&mut Policy)) {
        self.policy.send_modify(|now| change(Arc::make_mut(now)));
    }

    pub(super) fn rules(&self) -> Arc<Policy> {
        Arc::clone(&self.policy.borrow())
    }

    /// A record of malware of the second version.
    pub(super) fn record(&self, named: bool) {
        let mut records = MalwareRecords::default();
        let package = json!({"ecosystem": "PyPI", "name": "widgets"});
        let record =
            json!({"id": "MAL-2026-1", "modified": noon(), "affected": [{"package": package, "versions": ["2"]}]});
        if named {
            records.add(record.to_string().as_bytes(), &BTreeSet::new()).expect("a record");
        }
        self.rule(|rules| rules.malware = Arc::new(records));
    }

    /// Of whatever review there is; one begins where something is held.
    pub(super) async fn decide(&self, act: ReviewAct) {
        self.decide_until(act, None).await;
    }

    pub(super) async fn decide_until(&self, act: ReviewAct, until: Option<Time>) {
        self.ask("GET", HELD, &[]).await;
        let listed = self.gate.desk.list(None, 1).await.expect("listed");
        let Some(review) = listed.reviews.first() else { return };
        self.decide_so(review.id, act, until).await;
    }

    pub(super) async fn decide_of(&self, review: i64, act: ReviewAct) {
        self.decide_so(review, act, None).await;
    }

    async fn decide_so(&self, review: i64, act: ReviewAct, until: Option<Time>) {
        let decision = ReviewDecision { act, reason: "looked at".to_owned(), until, files_key: None };
        let by = Actor { uid: Some(1001), user: Some("ada".to_owned()), through: Through::Socket, token: None };
        // It may be decided so already.
        drop(self.gate.desk.decide(review, by, decision).await);
    }

    /// The status that another client gets, which comes from this address.
    pub(super) async fn status_from(&self, address: &str, path: &str) -> String {
        let (socket, host) = (TcpSocket::new_v4().expect("a socket"), self.base.trim_start_matches("http://"));
        socket.bind(address.parse().expect("an address")).expect("of this machine");
        let mut stream = socket.connect(host.parse().expect("an address")).await.expect("a connection");
        let request = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.expect("an answer");
        String::from_utf8_lossy(&answer).split(' ').nth(1).expect("a status").to_owned()
    }

    /// A client that asks for this, and does not wait.
    pub(super) async fn leaves(&self, path: &str) {
        let host = self.base.trim_start_matches("http://");
        let mut stream = TcpStream::connect(host).await.expect("a connection");
        stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: {host}\r\n\r\n").as_bytes()).await.expect("sent");
    }

    /// Nothing comes from the index until this is dropped.
    pub(super) async fn stalled(&self) -> OwnedSemaphorePermit {
        let way = Arc::clone(&self.index().way);
        way.acquire_many_owned(WIDTH as u32).await.expect("open")
    }

    /// Until that is so of the index.
    pub(super) async fn until(&self, is_so: impl Fn(&Index) -> bool) {
        let so = async {
            while !is_so(&self.index()) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), so).await.expect("it comes to that");
    }

    pub(super) async fn page(&self, headers: &[(&str, &str)]) -> Answer {
        let json = ("accept", "application/vnd.pypi.simple.v1+json");
        let coding = ("accept-encoding", "identity");
        let usual = headers.iter().all(|(key, _)| *key != "accept-encoding").then_some(coding);
        let headers: Vec<(&str, &str)> = headers.iter().copied().chain([json]).chain(usual).collect();
        self.ask("GET", "/simple/widgets/", &headers).await
    }

    pub(super) async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let mut request = self.client.raw().request(method, format!("{}{path}", self.base));
        for (key, value) in headers {
            request = request.header(*key, *value);
        }
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status(), response.headers().clone());
        Answer { status, headers, body: response.bytes().await.expect("a body").to_vec() }
    }
}

async fn bound() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.expect("a port")
}

fn rules() -> Policy {
    let age = AgeRules {
        modes: Modes::all(Mode::Enforce),
        file: TimeDelta::days(7),
        project: TimeDelta::days(30),
        freeze: None,
    };
    let consensus = Consensus::default();
    let (malware, exemptions, suspects) = (Arc::default(), Arc::default(), Arc::default());
    Policy { binding: Binding::default(), age, consensus, malware, exemptions, suspects }
}
