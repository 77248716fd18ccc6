//! Connections of clients: so many at a time, fairly shared, each with an end.

use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, Request};
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

use super::client::network;
use super::closing::Closing;
use super::lanes::Lanes;
use super::serve::{BUFFER, Gate, answered};
use crate::crowd::{Crowd, Line, Manners, Seat, while_answered};

/// A resolver opens some tens, and a build farm has many resolvers.
const SEATS: usize = 1024;
const MANNERS: Manners = Manners {
    // A client that is kept for its next request sends that soon, and a head comes at once. hyper has a limit for that as well, which
    // would be a timer to set and to take back for each request.
    request: Duration::from_secs(30),
    // Nobody downloads for longer.
    turn: Duration::from_hours(1),
    // By progress: who reads slowly is served slowly, and who reads nothing is not.
    stall: Duration::from_mins(1),
};
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
pub async fn listen(listener: TcpListener, clients: Clients, gate: Arc<Gate>, closing: Closing) {
    if let Err(error) = accept(listener, clients, gate, closing).await {
        tracing::error!(%error, "the gate cannot answer any more");
    }
}

async fn accept(listener: TcpListener, clients: Clients, gate: Arc<Gate>, mut closing: Closing) -> io::Result<()> {
    let (mut crowd, lanes) = (Crowd::new(SEATS, MANNERS), Lanes::start()?);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = closing.said() => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                let seat = crowd.seat(Some(network(peer.ip()))).await;
                match detached(stream) {
                    Ok(stream) => {
                        lanes.take(attend(stream, (peer, clients), seat, Arc::clone(&gate), closing.clone()))?;
                    }
                    Err(error) => tracing::debug!(%peer, %error, "a connection cannot be answered"),
                }
            }
            Err(error) => {
                tracing::warn!(%error, "the gate cannot accept");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
    // Who comes now finds nobody, and goes to another gate, or comes again.
    drop((listener, closing));
    lanes.ended().await;
    Ok(())
}

/// Known to no runtime, so that another can have it.
fn detached(stream: TcpStream) -> io::Result<std::net::TcpStream> {
    // Small answers go out at once.
    stream.set_nodelay(true)?;
    stream.into_std()
}

async fn attend(
    stream: std::net::TcpStream,
    (peer, clients): (SocketAddr, Clients),
    seat: Seat,
    gate: Arc<Gate>,
    closing: Closing,
) {
    let Ok(stream) = TcpStream::from_std(stream) else { return };
    let patience = Arc::clone(&seat.patience);
    let line = Line::new(stream, Arc::clone(&patience));
    let service = service_fn(move |request: Request<Incoming>| {
        let (asked, _) = request.into_parts();
        let (turn, gate) = (patience.heard(), Arc::clone(&gate));
        async move {
            let client = client(clients, peer.ip(), &asked.headers);
            Ok::<_, Infallible>(while_answered(turn, answered(&gate, &asked, client).await))
        }
    });
    let mut http = http1::Builder::new();
    http.header_read_timeout(None).max_buf_size(BUFFER);
    let mut serving = pin!(http.serve_connection(TokioIo::new(line), service));
    // Whoever ends the gate waits for it.
    let _until_the_end = closing.clone();
    let mut signs = signs(seat, closing);
    loop {
        tokio::select! {
            biased;
            served = serving.as_mut() => {
                if let Err(error) = served {
                    tracing::debug!(%peer, %error, "a connection broke off");
                }
                return;
            }
            Some(sign) = signs.next() => match sign {
                // What is being answered goes on to its end, and a next request has to come to another.
                Sign::Closing => serving.as_mut().graceful_shutdown(),
                Sign::Lost => {
                    tracing::debug!(%peer, "a connection lost its seat");
                    return;
                }
            },
        }
    }
}

/// What ends a connection from this side.
enum Sign {
    Closing,
    Lost,
}

type Awaited = Pin<Box<dyn Future<Output = Sign> + Send>>;

/// Each of them looked at when it calls alone, and not whenever there is something to read or to write.
fn signs(seat: Seat, mut closing: Closing) -> FuturesUnordered<Awaited> {
    let lost = async move {
        seat.patience.lost().await;
        Sign::Lost
    };
    let closed = async move {
        closing.said().await;
        Sign::Closing
    };
    FuturesUnordered::from_iter([Box::pin(lost) as Awaited, Box::pin(closed)])
}

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
