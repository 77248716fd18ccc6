//! Two indexes that answer, are down, or hand out what is not theirs.

use std::path::Path as Dir;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use chrono::TimeDelta;

use super::*;
use crate::clock::Clock;
use crate::gate::consensus::Consensus;
use crate::gate::policy::{AgeRules, Binding, Mode, Modes, Policy};
use crate::gate::{GateIndex, Memory, PageShelf, Pages, Sources};
use crate::upstream::{Egress, HttpClient};

/// What the servers do; the private one has no page but as a mirror.
#[derive(Debug, Default)]
struct Doing {
    is_private_down: bool,
    is_mirror: bool,
    is_pypi_down: bool,
}

type Shared = Arc<Mutex<Doing>>;

fn doing(shared: &Shared) -> MutexGuard<'_, Doing> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn page(State(shared): State<Shared>, Path((index, name)): Path<(String, String)>) -> Response {
    let doing = doing(&shared);
    let (is_down, is_there) = match &*index {
        "private" => (doing.is_private_down, doing.is_mirror),
        _ => (doing.is_pypi_down, true),
    };
    let page = format!(r#"{{"meta": {{"api-version": "1.4"}}, "name": "{name}", "files": []}}"#);
    match (is_down, is_there) {
        (true, _) => StatusCode::BAD_GATEWAY.into_response(),
        (_, true) => ([("content-type", "application/vnd.pypi.simple.v1+json")], page).into_response(),
        (_, false) => StatusCode::NOT_FOUND.into_response(),
    }
}

fn policy() -> Policy {
    let (modes, day) = (Modes::all(Mode::Enforce), TimeDelta::days(1));
    let age = AgeRules { modes, file: day, project: day, freeze: None };
    let (malware, exemptions, suspects) = (Arc::default(), Arc::default(), Arc::default());
    let consensus = Consensus::default();
    Policy { binding: Binding::default(), age, consensus, malware, exemptions, suspects }
}

fn sources(dir: &Dir, base: &str, troubles: &GateTroubles) -> Sources {
    let egress = Egress { contact: "sec@acme.example", proxy: None, ca_file: None, timeout: Duration::from_secs(20) };
    let client = HttpClient::new(&egress).expect("a client");
    let shelf = Arc::new(PageShelf::open(&dir.join("pages"), 1 << 20).expect("opened"));
    let pages = |index: &str| {
        let root = format!("{base}/{index}/").parse().expect("an address");
        Pages::new(GateIndex::new(root, (client.clone(), client.clone()), None), Arc::clone(&shelf), Clock::System)
    };
    let memory = Arc::new(Memory::open(dir).expect("opened"));
    Sources::new(pages("pypi"), Some(pages("private")), memory, troubles.clone())
}

/// Kinds that are told after a look.
async fn told(sources: &Sources, troubles: &GateTroubles) -> Vec<String> {
    sources.look(&policy()).await;
    troubles.told().into_keys().collect()
}

async fn said(shared: &Shared, sources: &Sources, troubles: &GateTroubles) {
    assert_eq!((told(sources, troubles).await, sources.private_now()), (Vec::new(), Some(PrivateIs::Alone)));
    doing(shared).is_private_down = true;
    assert_eq!(told(sources, troubles).await, Vec::<String>::new(), "it may be started again");
    assert_eq!(sources.private_now(), Some(PrivateIs::Silent), "nothing is given out at once");
    assert_eq!(told(sources, troubles).await, ["private-silent"]);
    let words = troubles.told().remove("private-silent").expect("told");
    assert!(words.contains("HTTP 502") && words.contains("[gate.private] index"), "{words}");
    doing(shared).is_pypi_down = true;
    assert_eq!(told(sources, troubles).await, ["private-silent"]);
    assert_eq!(told(sources, troubles).await, ["private-silent", "pypi-silent"], "though its last page is kept");
    *doing(shared) = Doing::default();
    assert_eq!((told(sources, troubles).await, sources.private_now()), (Vec::new(), Some(PrivateIs::Alone)));
    doing(shared).is_mirror = true;
    assert_eq!(told(sources, troubles).await, ["private-mirror"], "at once: it says so itself");
    assert_eq!(sources.private_now(), Some(PrivateIs::Mirror));
    *doing(shared) = Doing::default();
    assert_eq!((told(sources, troubles).await, sources.private_now()), (Vec::new(), Some(PrivateIs::Alone)));
}

#[test]
fn where_too_much_is_asked_for_at_once_nobody_has_looked() {
    let (crowded, troubles) = (Arc::new(FetchError::Crowded), GateTroubles::default());
    let standing = Standing::new(troubles.clone());
    for _ in 0..=LOOKS {
        standing.hear_private("http://index.test", Err(Arc::clone(&crowded)));
    }
    assert_eq!((standing.private(), troubles.kinds()), (None, Vec::new()));
}

#[test]
fn an_index_that_is_silent_or_becomes_a_copy_of_pypi_is_told_and_makes_the_gate_unready() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let (dir, troubles) = (tempfile::tempdir().expect("a directory"), GateTroubles::default());
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let (shared, sources) = (Shared::default(), sources(dir.path(), &base, &troubles));
        assert_eq!(sources.private_now(), None, "nobody knows yet");
        let routes = Router::new().route("/{index}/{name}/", get(page)).with_state(Arc::clone(&shared));
        tokio::select! {
            () = said(&shared, &sources, &troubles) => {}
            _ = axum::serve(listener, routes) => panic!("the indexes have ended"),
        }
    });
}
