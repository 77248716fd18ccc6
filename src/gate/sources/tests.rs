//! An index that says nothing of the time, behind a gate that has lost it.

mod private;

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use chrono::TimeDelta;
use tokio::net::TcpListener;

use super::*;
use crate::clock::Clock;
use crate::gate::consensus::Consensus;
use crate::gate::consensus::tests::policy;
use crate::gate::{GateClock, PageShelf};
use crate::upstream::{Egress, HttpClient};

async fn page(State(asked): State<Arc<AtomicUsize>>) -> Response {
    asked.fetch_add(1, Ordering::SeqCst);
    let page = r#"{"meta": {"api-version": "1.4"}, "name": "gadgets", "files": []}"#;
    // The server writes a time of its own where there is none.
    ([("content-type", "application/vnd.pypi.simple.v1+json"), ("date", "none")], page).into_response()
}

fn sources(dir: &Path, base: &str, clock: &Clock) -> Sources {
    let egress = Egress { contact: "sec@acme.example", proxy: None, ca_file: None, timeout: Duration::from_secs(20) };
    let client = HttpClient::new(&egress).expect("a client");
    fs::write(dir.join("time.txt"), "half").expect("written");
    let time = GateClock::from(clock.clone()).after_restart(dir);
    let root = format!("{base}/simple/").parse().expect("an address");
    let index = GateIndex::new(root, (client.clone(), client), None).telling_time(time);
    let shelf = Arc::new(PageShelf::open(&dir.join("pages"), 1 << 20).expect("opened"));
    let memory = Arc::new(Memory::open(dir).expect("opened"));
    Sources::new(Pages::new(index, shelf, clock.clone()), None, memory, GateTroubles::default())
}

async fn asks(sources: &Sources, clock: &Clock, asked: &AtomicUsize) {
    let (policy, name) = (policy(Consensus::default()), "gadgets".parse().expect("valid"));
    let mut counts = Vec::new();
    for seconds in [0, 0, 4, 1, 0, 5] {
        clock.advance(TimeDelta::seconds(seconds));
        for client in ["10.0.0.1", "10.0.0.2"].map(Requester::of_word) {
            assert!(sources.find(&policy, &name, Some(&client)).await.is_err(), "nobody knows what time it is");
        }
        counts.push(asked.load(Ordering::SeqCst));
    }
    assert_eq!(counts, [2, 2, 2, 3, 3, 4], "for its page, and then for the time alone");
}

#[tokio::test]
async fn an_index_that_does_not_say_what_time_it_is_is_asked_for_it_once_in_a_while_however_many_ask() {
    let (dir, asked) = (tempfile::tempdir().expect("a directory"), Arc::<AtomicUsize>::default());
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let clock = Clock::manual("2026-11-27T12:00:00Z".parse().expect("a time"));
    let routes = Router::new().route("/simple/gadgets/", get(page)).with_state(Arc::clone(&asked));
    let sources = sources(dir.path(), &base, &clock);
    tokio::select! {
        _ = axum::serve(listener, routes) => panic!("the index has ended"),
        () = asks(&sources, &clock, &asked) => {}
    }
}
