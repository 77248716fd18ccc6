//! Both indexes on one server, and what is asked of them.

use std::collections::BTreeSet;
use std::sync::Mutex as Locked;

use axum::extract::Path as Asked;
use axum::http::StatusCode;

use super::super::*;

/// What both servers have, and what was asked of PyPI.
#[derive(Debug, Default)]
pub(super) struct There {
    pub(super) published: BTreeSet<String>,
    pub(super) down: bool,
    /// Its login ran out: it says of everything that there is no such project.
    pub(super) hides: bool,
    /// It hands out PyPI's own.
    pub(super) mirrors: bool,
    pub(super) asked_of_pypi: Vec<String>,
}

impl There {
    pub(super) fn has(&self, name: &str) -> bool {
        !self.hides && (self.published.contains(name) || self.mirrors && OF_PYPI.contains(&name))
    }
}

pub(super) type Shared = Arc<Locked<There>>;

fn page_of(name: &str) -> Response {
    let page = format!(r#"{{"meta": {{"api-version": "1.4"}}, "name": "{name}", "files": []}}"#);
    ([("content-type", "application/vnd.pypi.simple.v1+json")], page).into_response()
}

pub(super) async fn of_pypi_too(State(there): State<Shared>, Asked(name): Asked<String>) -> Response {
    there.lock().expect("whole").asked_of_pypi.push(name.clone());
    page_of(&name)
}

pub(super) async fn of_ours(State(there): State<Shared>, Asked(name): Asked<String>) -> Response {
    let there = there.lock().expect("whole");
    match (there.down, there.has(&name)) {
        (true, _) => StatusCode::BAD_GATEWAY.into_response(),
        (false, true) => page_of(&name),
        (false, false) => StatusCode::NOT_FOUND.into_response(),
    }
}
