//! The worker behind the control socket: it owns every connection, so that none outlives it.

use std::pin::pin;

use tokio::task::JoinSet;

use super::engine::REST;
use super::error::WorkerError;
use crate::api::control;
use crate::api::service::CommandService;
use crate::api::socket::Socket;

/// Serves until it is dropped, and drops what is connected with it.
pub(super) async fn run(socket: Socket, service: CommandService) -> Result<(), WorkerError> {
    let mut connections = JoinSet::new();
    let serving = control::serve(socket, service, |connection| {
        // Those that are over are let go as others come; there are never more than the socket has seats.
        while connections.try_join_next().is_some() {}
        connections.spawn(connection);
    });
    let mut serving = pin!(serving);
    // Nobody asked: a sign of life (`heartbeat`).
    while tokio::time::timeout(REST, serving.as_mut()).await.is_err() {}
    Ok(())
}
