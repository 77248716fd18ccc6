//! What the gate answers: pages, files, the metadata of wheels.

mod answer;
mod coding;
mod door;
mod files;
mod inside;
mod pages;
mod progress;
mod range;
mod ready;
mod refusals;
mod sending;
mod sheet;
mod state;
mod supply;
mod way;

use std::net::IpAddr;
use std::sync::Arc;

use axum::http::header::ALLOW;
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse as _, Response};

use super::refusal::Refusal;
use crate::model::Requester;
use refusals::refused;
pub(super) use sending::BUFFER;
pub use state::Gate;
use way::Way;

/// The answer to this request. `client`: who asks, as far as an address tells.
///
/// By hand: there are few places, and an answer that lies ready takes no longer than a router does.
pub(super) async fn answered(gate: &Arc<Gate>, asked: &Parts, client: Option<IpAddr>) -> Response {
    let way = Way::of(asked.uri.path());
    let user = if way.is_open() { Ok(None) } else { door::user(gate, &asked.headers) };
    let user = match user {
        Ok(user) => user,
        Err(refusal) => return door::shut(&refusal),
    };
    if way != Way::Nowhere && asked.method != Method::GET && asked.method != Method::HEAD {
        return (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, "GET,HEAD")]).into_response();
    }
    let who = Requester { user, host: client };
    match way {
        Way::Page(name) => pages::page(gate, &name, asked, &who).await,
        // It is large, and pages are what has to be quick.
        Way::File(name, file) => Box::pin(files::file(gate, (&name, &file), asked, who)).await,
        // Nobody installs a list of everything, and the names of ours would be in it.
        Way::All => refused(&Refusal::missing("a list of all projects")),
        Way::Alive => ready::alive().into_response(),
        Way::Ready => ready::ready(gate).into_response(),
        Way::Nowhere => refused(&Refusal::missing("this path")),
    }
}

#[cfg(test)]
mod tests;
