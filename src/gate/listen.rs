//! Connections of clients: so many at a time, fairly shared, each with an end.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderMap, Request};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::client::network;
use super::closing::Closing;
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

/// How a client is known by its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clients {
    /// It is connected itself.
    Themselves,
    /// A proxy is, which says for whom it asks: the last address of `X-Forwarded-For` is the one that it wrote.
    ByProxy,
}

/// Answers until it is dropped, and every connection with it; or until it closes, and returns once the last answer has gone. HTTP/1.1 alone:
/// later versions have no reason phrase, and most clients print nothing else.
pub async fn listen(listener: TcpListener, clients: Clients, router: Router, mut closing: Closing) {
    let (mut crowd, mut connections) = (Crowd::new(SEATS, MANNERS), JoinSet::new());
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = closing.said() => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                let seat = crowd.seat(Some(network(peer.ip()))).await;
                while connections.try_join_next().is_some() {}
                connections.spawn(attend(stream, (peer, clients), seat, router.clone(), closing.clone()));
            }
            Err(error) => {
                tracing::warn!(%error, "the gate cannot accept");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
    // Who comes now finds nobody, and goes to another gate, or comes again.
    drop((listener, closing));
    while connections.join_next().await.is_some() {}
}

async fn attend(
    stream: TcpStream,
    (peer, clients): (SocketAddr, Clients),
    seat: Seat,
    router: Router,
    mut closing: Closing,
) {
    // Small answers go out at once.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%peer, %error, "a connection is slower than it could be");
    }
    let (patience, inner) = (Arc::clone(&seat.patience), TowerToHyperService::new(router));
    let line = Line::new(stream, Arc::clone(&patience));
    let service = service_fn(move |mut request: Request<Incoming>| {
        let client = client(clients, peer.ip(), request.headers());
        request.extensions_mut().insert(Client(client));
        let (turn, answer) = (patience.heard(), inner.call(request));
        async move { answer.await.map(|answer| ending(turn, answer)) }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD).max_buf_size(HEAD_LIMIT);
    let mut serving = pin!(http.serve_connection(TokioIo::new(line), service));
    let served = async {
        tokio::select! {
            served = serving.as_mut() => return served,
            () = closing.said() => {}
        }
        // What is being answered goes on to its end, and a next request has to come to another.
        serving.as_mut().graceful_shutdown();
        serving.await
    };
    tokio::select! {
        served = served => if let Err(error) = served {
            tracing::debug!(%peer, %error, "a connection broke off");
        },
        () = seat.patience.lost() => tracing::debug!(%peer, "a connection lost its seat"),
    }
}

/// Who asks: with every request as an extension. `None`: a proxy does, and does not say for whom.
#[derive(Clone, Copy, Debug)]
pub(super) struct Client(pub(super) Option<IpAddr>);

/// A proxy is no client, whatever it says.
fn client(clients: Clients, peer: IpAddr, headers: &HeaderMap) -> Option<IpAddr> {
    let said = || headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?.rsplit(',').next();
    let client = match clients {
        Clients::Themselves => Some(peer),
        Clients::ByProxy => said().and_then(|said| address(said.trim())),
    };
    // As people write it, and as a proxy would.
    client.map(|client| client.to_canonical())
}

/// Some proxies write the port as well, and brackets around an address of IPv6.
fn address(text: &str) -> Option<IpAddr> {
    let bare = || text.strip_prefix('[')?.strip_suffix(']')?.parse::<Ipv6Addr>().ok().map(IpAddr::V6);
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    text.parse().ok().or_else(bare).or_else(with_port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_address_that_a_known_proxy_wrote_is_believed() {
        let peer: IpAddr = "::ffff:127.0.0.1".parse().expect("an address");
        let mut headers = HeaderMap::new();
        let said = |clients, headers: &HeaderMap| {
            client(clients, peer, headers).map_or_else(|| "nobody knows".to_owned(), |client| client.to_string())
        };
        assert_eq!(said(Clients::ByProxy, &headers), "nobody knows");
        headers.append("x-forwarded-for", "203.0.113.9, 10.0.0.7".parse().expect("a value"));
        assert_eq!(said(Clients::ByProxy, &headers), "10.0.0.7");
        assert_eq!(said(Clients::Themselves, &headers), "127.0.0.1");
        headers.append("x-forwarded-for", "10.0.0.8".parse().expect("a value"));
        assert_eq!(said(Clients::ByProxy, &headers), "10.0.0.8");
        for (wrote, is) in [
            ("10.0.0.9:50123", "10.0.0.9"),
            ("[2001:db8::1]:50123", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("::ffff:10.0.0.9", "10.0.0.9"),
            ("unknown", "nobody knows"),
            ("10.0.0.9:", "nobody knows"),
            ("", "nobody knows"),
        ] {
            headers.append("x-forwarded-for", wrote.parse().expect("a value"));
            assert_eq!(said(Clients::ByProxy, &headers), is, "{wrote}");
        }
        assert_eq!(said(Clients::Themselves, &headers), "127.0.0.1");
    }
}
