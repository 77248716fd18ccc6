//! Connections of a control socket. There are few seats (`src/crowd.rs`), and each serves one request.

use std::sync::Arc;
use std::time::Duration;

use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::UnixStream;

use super::file::Socket;
use super::manners::{MANNERS, TURN};
use super::peer;
use crate::crowd::{Connection, Crowd, Line, Patience, Seat};
use crate::model::Actor;

/// Of a request's head, in which as many names may stand as in a body; also the room for one read.
const HEAD_LIMIT: usize = 72 * 1024;
/// Connections at one time. People and cron jobs need a handful.
const SEATS: usize = 64;
/// After an accept that failed, as when descriptors are short.
const PAUSE: Duration = Duration::from_millis(100);

/// Who asks, and whose patience it costs: with every request as an extension, in an `Arc`.
pub struct Knocking {
    pub actor: Actor,
    pub patience: Arc<Patience>,
}

/// Answers until it is dropped; the socket file goes with it. Each connection is handed to `spawn`, which owns it.
pub async fn admit(socket: Socket, router: Router, mut spawn: impl FnMut(Connection)) {
    let mut crowd = Crowd::new(SEATS, MANNERS);
    loop {
        match socket.listener.accept().await {
            Ok((stream, _)) => {
                let seat = crowd.seat(None).await;
                spawn(Box::pin(attend(stream, seat, router.clone())));
            }
            Err(error) => {
                tracing::warn!(%error, "the control socket cannot accept");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

async fn attend(stream: UnixStream, seat: Seat, router: Router) {
    let patience = Arc::clone(&seat.patience);
    let conversation = async {
        let asked = Knocking { actor: peer::of(&stream).await, patience: Arc::clone(&patience) };
        let line = Line::new(stream, Arc::clone(&patience));
        let service = TowerToHyperService::new(router.layer(Extension(Arc::new(asked))));
        let mut http = http1::Builder::new();
        http.keep_alive(false).max_buf_size(HEAD_LIMIT);
        if let Err(error) = http.serve_connection(TokioIo::new(line), service).await {
            tracing::debug!(%error, "a connection to the control socket broke off");
        }
    };
    tokio::select! {
        // Too late is over, like answered.
        _ = tokio::time::timeout(TURN, conversation) => {}
        () = patience.lost() => {}
    }
}
