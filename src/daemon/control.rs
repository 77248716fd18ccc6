//! The worker behind the control socket: it owns every connection, so that none outlives it.

use std::convert::Infallible;
use std::path::Path;
use std::pin::pin;
use std::time::Duration;

use tokio::task::JoinSet;

use super::engine::REST;
use super::error::WorkerError;
use crate::api::control;
use crate::api::service::CommandService;
use crate::api::v1::{Problem, ProblemType};
use crate::socket::Socket;
use crate::store::Troubles;

/// Between two tries to open the socket of a daemon that waits: what it waits for may be in the way of that, too.
const PAUSE: Duration = Duration::from_secs(1);

/// Serves until it is dropped, and drops what is connected with it.
pub(super) async fn run(socket: Socket, service: CommandService) -> Result<(), WorkerError> {
    let mut connections = JoinSet::new();
    let mut serving = pin!(control::serve(socket, service, |connection| seat(&mut connections, connection)));
    // Nobody asked: a sign of life (`heartbeat`).
    while tokio::time::timeout(REST, serving.as_mut()).await.is_err() {}
    Ok(())
}

/// Those that are over are let go as others come; there are never more than the socket has seats.
fn seat(connections: &mut JoinSet<()>, connection: impl Future<Output = ()> + Send + 'static) {
    while connections.try_join_next().is_some() {}
    connections.spawn(connection);
}

/// A start that waits for its store is no daemon that does not run: whoever asks hears what it waits for. Silent while it
/// does not wait, and never ends.
pub(super) async fn while_waiting(path: &Path, troubles: &Troubles) -> Infallible {
    let mut watcher = troubles.watch();
    while troubles.now().is_none() {
        watcher.changed().await;
    }
    let mut said = false;
    let socket = loop {
        match Socket::bind(path).await {
            Ok(socket) => break socket,
            Err(error) if !said => tracing::warn!(%error, "nobody can ask what is waited for"),
            Err(_) => {}
        }
        said = true;
        tokio::time::sleep(PAUSE).await;
    };
    let (troubles, mut connections) = (troubles.clone(), JoinSet::new());
    control::turn_away(socket, move || waits(&troubles), |connection| seat(&mut connections, connection)).await;
    std::future::pending().await
}

fn waits(troubles: &Troubles) -> Problem {
    match troubles.now() {
        Some(trouble) => {
            let detail = format!("the daemon starts, and waits for its store: {trouble}");
            Problem::new(ProblemType::Store, detail)
                .with("it goes on by itself when that has passed; nothing is watched until then")
        }
        None => Problem::new(ProblemType::Store, "the daemon starts".to_owned()).with("ask again"),
    }
}
