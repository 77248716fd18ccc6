//! What is at the path of the control socket, when no daemon answered there.

use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use tokio::net::UnixStream;

use super::super::failure::Failure;
use super::super::patience;
use crate::config::access;
use crate::upstream::FetchError;

/// There is no daemon to ask; or why the one that may be there cannot be asked.
pub(super) async fn unreached(socket: &Path, error: &FetchError, patience: Duration) -> Result<(), Failure> {
    match (error, door(socket).await) {
        (FetchError::Unreachable(_), Door::Closed) => Err(closed(socket)),
        (FetchError::Unreachable(_), Door::Nobody | Door::Abandoned) => Ok(()),
        // Those who knock are more than are let in.
        (FetchError::Unreachable(_), Door::Open) => Err(Failure::new(patience::silent(socket, Duration::ZERO).await)),
        (FetchError::TimedOut, _) => Err(Failure::new(patience::silent(socket, patience).await)),
        _ => Err(Failure::new(patience::strange(socket, &error.to_string()).await)),
    }
}

/// What is at the path of the socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Door {
    Open,
    /// Somebody may be there, and this user may not ask.
    Closed,
    /// A socket whose daemon has gone without taking it along.
    Abandoned,
    Nobody,
}

/// Never waits: behind a socket that nobody reads, a connection may.
pub(super) async fn door(socket: &Path) -> Door {
    match UnixStream::connect(socket).await.map_err(|error| error.kind()) {
        Ok(_) | Err(ErrorKind::WouldBlock) => Door::Open,
        Err(ErrorKind::PermissionDenied) => Door::Closed,
        Err(ErrorKind::ConnectionRefused) => Door::Abandoned,
        Err(_) => Door::Nobody,
    }
}

pub(super) fn closed(socket: &Path) -> Failure {
    let remedy = access::remedy(socket);
    Failure::new(format!("the control socket {} is closed to this user; {remedy}", socket.display()))
}
