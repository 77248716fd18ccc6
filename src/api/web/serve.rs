//! The listener of the web: seats and patience as the control socket has them, and connections that ask more than once.

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
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::origin::Peer;
use super::shown::Shown;
use super::site::Site;
use crate::crowd::{Connection, Crowd, Line, Seat};
use crate::socket::MANNERS;

/// Connections at one time. A browser takes up to six, a window that is kept up to date one of them for good.
const SEATS: usize = 256;
/// Of a request's head; also the room for one read.
const HEAD_LIMIT: usize = 16 * 1024;
/// A head comes at once.
const HEAD: Duration = Duration::from_secs(10);
/// After an accept that failed, as when descriptors are short.
const PAUSE: Duration = Duration::from_millis(100);

/// An open listener.
#[derive(Debug)]
pub struct Listening {
    listener: TcpListener,
    /// Where it is, also when any port was asked for.
    pub address: SocketAddr,
}

/// Opens it.
///
/// # Errors
/// The address is taken, or not ours.
pub async fn bind(address: SocketAddr) -> std::io::Result<Listening> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    Ok(Listening { listener, address })
}

/// Answers until it is dropped. Each connection is handed to `spawn`, which owns it.
pub async fn serve(listening: Listening, (site, router): (Arc<Site>, Router), mut spawn: impl FnMut(Connection)) {
    let (mut crowd, mut shown) = (Crowd::new(SEATS, MANNERS), Shown::default());
    loop {
        match listening.listener.accept().await {
            Ok((stream, from)) => {
                let seat = crowd.seat(Some(from.ip())).await;
                let Some(tls) = shown.of(site.settings().web.tls.as_ref()) else { continue };
                spawn(Box::pin(attend(stream, tls, Peer(from.ip()), seat, router.clone())));
            }
            Err(error) => {
                tracing::warn!(%error, "the web cannot accept");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// What comes over the line, in clear or as TLS has it.
async fn attend(stream: TcpStream, tls: Option<TlsAcceptor>, peer: Peer, seat: Seat, router: Router) {
    let line = Line::new(stream, Arc::clone(&seat.patience));
    let Some(tls) = tls else { return answer(line, peer, seat, router).await };
    // Whoever says nothing gives way here, too.
    let met = tokio::select! {
        met = tokio::time::timeout(HEAD, tls.accept(line)) => met,
        () = seat.patience.lost() => return,
    };
    match met {
        Ok(Ok(stream)) => answer(stream, peer, seat, router).await,
        Ok(Err(error)) => tracing::debug!(%error, "a connection to the web is no TLS that it takes"),
        Err(_) => {}
    }
}

async fn answer(stream: impl AsyncRead + AsyncWrite + Unpin, peer: Peer, seat: Seat, router: Router) {
    let patience = Arc::clone(&seat.patience);
    let inner = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Arc::clone(&patience));
        request.extensions_mut().insert(peer);
        inner.call(request)
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD).max_buf_size(HEAD_LIMIT);
    tokio::select! {
        served = http.serve_connection(TokioIo::new(stream), service) => if let Err(error) = served {
            tracing::debug!(%error, "a connection to the web broke off");
        },
        () = seat.patience.lost() => {}
    }
}
