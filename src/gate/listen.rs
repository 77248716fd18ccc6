//! Connections of clients: so many at a time, fairly shared, each with an end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::crowd::{Crowd, Line, Manners, Seat, ending};

/// A resolver opens some tens, and a build farm has many resolvers.
const SEATS: usize = 1024;
const MANNERS: Manners = Manners {
    // A client that is kept for its next request sends that soon.
    request: HEAD,
    // Nobody downloads for longer.
    turn: Duration::from_hours(1),
    // By progress: who reads slowly is served slowly, and who reads nothing is not.
    stall: Duration::from_mins(1),
};
/// A head comes at once.
const HEAD: Duration = Duration::from_secs(30);
const HEAD_LIMIT: usize = 16 * 1024;
/// After an accept that failed, as when descriptors are short.
const PAUSE: Duration = Duration::from_millis(100);

/// Answers until it is dropped, and every connection with it. HTTP/1.1 alone: later versions have no reason phrase, and most
/// clients print nothing else.
pub async fn listen(listener: TcpListener, router: Router) {
    let (mut crowd, mut connections) = (Crowd::new(SEATS, MANNERS), JoinSet::new());
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                let seat = crowd.seat(Some(peer.ip())).await;
                while connections.try_join_next().is_some() {}
                connections.spawn(attend(stream, peer, seat, router.clone()));
            }
            Err(error) => {
                tracing::warn!(%error, "the gate cannot accept");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

async fn attend(stream: TcpStream, peer: SocketAddr, seat: Seat, router: Router) {
    // Small answers go out at once.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%peer, %error, "a connection is slower than it could be");
    }
    let (patience, inner) = (Arc::clone(&seat.patience), TowerToHyperService::new(router));
    let line = Line::new(stream, Arc::clone(&patience));
    let service = service_fn(move |request: Request<Incoming>| {
        let (turn, answer) = (patience.heard(), inner.call(request));
        async move { answer.await.map(|answer| ending(turn, answer)) }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD).max_buf_size(HEAD_LIMIT);
    tokio::select! {
        served = http.serve_connection(TokioIo::new(line), service) => if let Err(error) = served {
            tracing::debug!(%peer, %error, "a connection broke off");
        },
        () = seat.patience.lost() => tracing::debug!(%peer, "a connection lost its seat"),
    }
}
