//! Indexes that answer otherwise than with a page: that lead on without an end, say more than anybody can keep, or want a login.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path as Asked, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use tokio::net::TcpListener;

use super::*;
use crate::clock::Clock;
use crate::gate::consensus::Consensus;
use crate::gate::consensus::tests::policy;
use crate::gate::{GateTroubles, Memory, PageShelf, Pages, Sources};
use crate::upstream::Egress;

/// How often each of its projects was asked for.
type Counted = Arc<Mutex<BTreeMap<String, usize>>>;

async fn said(State(asked): State<Counted>, Asked(name): Asked<String>) -> Response {
    *asked.lock().expect("whole").entry(name.clone()).or_default() += 1;
    let leads = |to: &str| (StatusCode::FOUND, [(LOCATION, to.to_owned())]).into_response();
    match name.as_str() {
        "round" => leads("/simple/round/"),
        // Nobody is there, and nobody is to ask.
        "away" => leads("http://127.0.0.2:9/simple/away/"),
        "endless" => {
            let part = || Ok::<_, Infallible>(Bytes::from_static(&[b' '; 1 << 16]));
            Body::from_stream(futures_util::stream::repeat_with(part)).into_response()
        }
        "shut" => StatusCode::UNAUTHORIZED.into_response(),
        "barred" => StatusCode::FORBIDDEN.into_response(),
        "gadgets" => {
            let page = r#"{"meta": {"api-version": "1.4"}, "name": "gadgets", "files": []}"#;
            ([("content-type", SIMPLE_JSON)], page).into_response()
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// One that answers so, until the test is over, and where it is.
async fn index() -> (Counted, Url, impl Future<Output = ()>) {
    let (asked, listener) = (Counted::default(), TcpListener::bind("127.0.0.1:0").await.expect("a port"));
    let root = format!("http://{}/simple/", listener.local_addr().expect("an address"));
    let routes = Router::new().route("/simple/{name}/", get(said)).with_state(Arc::clone(&asked));
    let served = async move { axum::serve(listener, routes).await.expect("serves") };
    (asked, root.parse().expect("an address"), served)
}

fn pages(dir: &Path, root: Url) -> Pages {
    let egress = Egress { contact: "sec@acme.example", proxy: None, ca_file: None, timeout: Duration::from_secs(20) };
    let client = HttpClient::new(&egress).expect("a client");
    let shelf = Arc::new(PageShelf::open(dir, 1 << 20).expect("opened"));
    Pages::new(GateIndex::new(root, (client.clone(), client), None), shelf, Clock::System)
}

fn sources(dir: &Path, pypi: Pages, private: Option<Pages>) -> Sources {
    let memory = Arc::new(Memory::open(dir).expect("opened"));
    Sources::new(pypi, private, memory, GateTroubles::default())
}

/// With what status a name is refused; `None`: it is there.
async fn refused(sources: &Sources, name: &str) -> Option<u16> {
    let name = ProjectName::parse(name).expect("valid");
    sources.find(&policy(Consensus::default()), &name, None).await.err().map(|refusal| refusal.status)
}

fn times(asked: &Counted, name: &str) -> usize {
    asked.lock().expect("whole").get(name).copied().unwrap_or_default()
}

#[tokio::test]
async fn redirects_have_an_end_and_lead_to_nobody_else_and_a_page_without_one_is_cut_off() {
    let dir = tempfile::tempdir().expect("a directory");
    let (asked, root, served) = index().await;
    let sources = sources(dir.path(), pages(&dir.path().join("pages"), root), None);
    let test = async {
        assert_eq!(refused(&sources, "round").await, Some(503));
        assert_eq!(times(&asked, "round"), 6, "the first, and five more");
        assert_eq!((refused(&sources, "away").await, times(&asked, "away")), (Some(503), 1));
        let sent = std::time::Instant::now();
        let endless = ProjectName::parse("endless").expect("valid");
        let why = sources.pypi.get_for(None, &endless).await.expect_err("nobody keeps it");
        assert!(matches!(*why, FetchError::TooLarge { limit: PAGE_LIMIT }), "{why}");
        assert_eq!((refused(&sources, "endless").await, times(&asked, "endless")), (Some(503), 2));
        assert!(sent.elapsed() < Duration::from_secs(20), "it is not waited for: {:?}", sent.elapsed());
        assert_eq!(refused(&sources, "gadgets").await, None, "and others have their pages");
        assert_eq!(refused(&sources, "nothing").await, Some(404));
    };
    tokio::select! {
        () = served => panic!("the index has ended"),
        () = test => {}
    }
}

#[tokio::test]
async fn what_the_private_index_shows_to_whoever_logs_in_alone_is_asked_of_nobody_else() {
    let dir = tempfile::tempdir().expect("a directory");
    let ((asked, of_pypi, serves), (own, of_ours, serves_ours)) = (index().await, index().await);
    let (pypi, private) = (pages(&dir.path().join("pypi"), of_pypi), pages(&dir.path().join("own"), of_ours));
    let sources = sources(dir.path(), pypi, Some(private));
    let test = async {
        for name in ["shut", "barred"] {
            assert_eq!((refused(&sources, name).await, times(&own, name)), (Some(503), 1), "{name}");
            assert_eq!(times(&asked, name), 0, "it may be ours, so PyPI never hears of {name}");
        }
        assert_eq!((refused(&sources, "nothing").await, times(&asked, "nothing")), (Some(404), 1), "404 opens the way");
    };
    tokio::select! {
        () = serves => panic!("PyPI has ended"),
        () = serves_ours => panic!("the private index has ended"),
        () = test => {}
    }
}
