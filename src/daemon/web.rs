//! The worker behind the web: it owns every connection, so that none outlives it.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;

use tokio::task::JoinSet;

use super::engine::{Engine, REST};
use super::error::WorkerError;
use crate::api::service::CommandService;
use crate::api::web::{self, Listening, Site};
use crate::model::health::HealthIssue;

/// Serves until it is dropped, and drops what is connected with it.
pub(super) async fn run(engine: Arc<Engine>, address: SocketAddr, service: CommandService) -> Result<(), WorkerError> {
    let listening = bound(&engine, address).await?;
    engine.resolve(HealthIssue::WebClosed).await?;
    tracing::info!(address = %listening.address, "the web listens");
    engine.web.send_replace(Some(listening.address));
    let mut connections = JoinSet::new();
    let site = Site::new(service);
    let router = web::router(&site);
    let serving = web::serve(listening, (site, router), |connection| {
        // Those that are over are let go as others come; there are never more than there are seats.
        while connections.try_join_next().is_some() {}
        connections.spawn(connection);
    });
    let mut serving = pin!(serving);
    // Nobody asked: a sign of life (`heartbeat`).
    while tokio::time::timeout(REST, serving.as_mut()).await.is_err() {}
    Ok(())
}

/// A port that somebody else has is told, since whoever looks there takes another's page for ours, and tried again: a page
/// that cannot be opened is no reason to stop the watch.
async fn bound(engine: &Engine, address: SocketAddr) -> Result<Listening, WorkerError> {
    loop {
        let error = match web::bind(address).await {
            Ok(listening) => return Ok(listening),
            Err(error) => error,
        };
        tracing::error!(%address, %error, "the web cannot listen; free this address, or write another as [web] listen");
        let detail = format!("{address}: {error}; free this address, or write another as [web] listen");
        engine.raise(HealthIssue::WebClosed, detail).await?;
        engine.rest(REST).await;
    }
}
