//! What the gate answers: pages, files, the metadata of wheels.

mod answer;
mod coding;
mod door;
mod files;
mod pages;
mod progress;
mod range;
mod ready;
mod sheet;
mod state;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::get;

use super::refusal::Refusal;
use answer::refused;
pub use state::Gate;

/// The routes of the gate.
pub fn router(gate: Arc<Gate>) -> Router {
    let indexes = Router::new()
        .route("/simple/", get(index))
        .route("/simple/{name}", get(pages::page))
        .route("/simple/{name}/", get(pages::page))
        // Pipenv asks so where its index ends in a slash.
        .route("/simple//{name}/", get(pages::page))
        .route("/files/{name}/{file}", get(files::file))
        .layer(from_fn_with_state(Arc::clone(&gate), door::door));
    Router::new()
        .merge(indexes)
        .route("/healthz", get(ready::alive))
        .route("/readyz", get(ready::ready))
        .fallback(async || refused(&Refusal::missing("this path")))
        .with_state(gate)
}

/// Nobody installs a list of everything, and the names of ours would be in it.
async fn index() -> Response {
    refused(&Refusal::missing("a list of all projects"))
}

#[cfg(test)]
mod tests;
