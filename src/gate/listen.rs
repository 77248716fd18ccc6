//! Connections of clients: so many at a time, each with an end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;

/// A resolver opens some tens, and a build farm has many resolvers. Who comes after waits for one that ends.
const SEATS: usize = 1024;
/// A head comes at once, and a client that is kept for its next request sends that soon.
const HEAD: Duration = Duration::from_secs(30);
/// Nobody downloads for longer.
const WHOLE: Duration = Duration::from_hours(1);
const HEAD_LIMIT: usize = 16 * 1024;
/// After an accept that failed, as when descriptors are short.
const PAUSE: Duration = Duration::from_millis(100);

/// Answers until it is dropped, and every connection with it. HTTP/1.1 alone: later versions have no reason phrase, and most
/// clients print nothing else.
pub async fn listen(listener: TcpListener, router: Router) {
    let (seats, mut connections) = (Arc::new(Semaphore::new(SEATS)), JoinSet::new());
    loop {
        // The semaphore is never closed.
        let Ok(seat) = Arc::clone(&seats).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, peer)) => {
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

async fn attend(stream: TcpStream, peer: SocketAddr, seat: OwnedSemaphorePermit, router: Router) {
    // Small answers go out at once.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%peer, %error, "a connection is slower than it could be");
    }
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD).max_buf_size(HEAD_LIMIT);
    let served = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    match tokio::time::timeout(WHOLE, served).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%peer, %error, "a connection broke off"),
        Err(_) => tracing::info!(%peer, "a connection that lasted for an hour was ended"),
    }
    drop(seat);
}
