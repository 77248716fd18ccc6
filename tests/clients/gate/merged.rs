//! A private index that merges PyPI's files with the company's own, as virtual repositories do.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::agree::listed;
use super::{JSON, PRIVATE, Stage, index};
use crate::sim::wire::get_with;

const OURS: &[u8] = b"ours";

/// What PyPI has under our name, beside our own.
type Merged = Arc<Mutex<Vec<Value>>>;

async fn page(State(merged): State<Merged>) -> Response {
    let sha256 = Sha256::digest(OURS).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let own = json!({"filename": "acme_billing-1.0-py3-none-any.whl", "url": "/own/acme_billing-1.0-py3-none-any.whl",
                     "hashes": {"sha256": sha256}});
    let mut files = vec![own];
    files.extend(merged.lock().expect("whole").clone());
    let page = json!({"meta": {"api-version": "1.0"}, "name": "acme-billing", "files": files});
    ([("content-type", "application/vnd.pypi.simple.v1+json")], page.to_string()).into_response()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_strangers_release_that_the_private_index_merges_with_ours_is_held_and_told() {
    let (listener, merged) = (tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port"), Merged::default());
    let root = format!("http://{}/simple/", listener.local_addr().expect("an address"));
    let routes = Router::new()
        .route("/simple/acme-billing/", get(page))
        .route("/own/{file}", get(async || OURS))
        .fallback(async || StatusCode::NOT_FOUND)
        .with_state(Arc::clone(&merged));
    tokio::select! {
        _ = axum::serve(listener, routes) => panic!("the private index has ended"),
        () = judged(&root, &merged) => {}
    }
}

async fn judged(root: &str, merged: &Merged) {
    let stage = Stage::before(index(PRIVATE).await, "", Some(root)).await;
    let at_pypi = get_with(stage.pypi.base_url(), "/simple/acme-billing/", &[JSON]).await.json();
    *merged.lock().expect("whole") = at_pypi["files"].as_array().expect("files").clone();
    let files = listed(&stage, "acme-billing").await;
    assert!(files.len() > 1 && files[0].0.contains("1.0"), "{files:?}");
    let page = stage.get("/simple/acme-billing/", &[JSON]).await.json();
    for file in page["files"].as_array().expect("files") {
        let is_ours = file["filename"].as_str().is_some_and(|name| name.contains("1.0"));
        let why = file["yanked"].as_str().unwrap_or_default();
        assert_eq!(why.contains("of PyPI, and merged into the private index"), !is_ours, "{file}");
    }
    assert_eq!(stage.get(&files[0].0, &[]).await.body, OURS);
    for (path, _) in &files[1..] {
        for path in [path.clone(), format!("{path}.metadata")] {
            let refused = stage.get(&path, &[]).await;
            assert!(refused.status == 451 && refused.reason().contains("of PyPI, and merged"), "{}", refused.reason());
        }
    }
    let told = stage.troubles().await.remove("private-merged").expect("told");
    assert!(told.contains("of acme-billing those are held") && told.contains("mirror_whitelist"), "{told}");
}
