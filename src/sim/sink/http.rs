//! An HTTP server on loopback that keeps what is posted to it: Slack and webhooks in tests and in the demo.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use tokio_util::sync::CancellationToken;

use super::inbox::Inbox;

/// How the server behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HttpMood {
    /// Keeps the post and answers 200 `ok`, as Slack does.
    #[default]
    Accept,
    /// Answers 429 with this `Retry-After` in seconds, and keeps nothing.
    Throttle(u32),
    /// Answers this status, and keeps nothing.
    Fail(u16),
    /// Keeps the post and never answers: the sender cannot know.
    Hang,
}

/// A request as received.
#[derive(Clone, Debug)]
pub struct Post {
    /// Path and query.
    pub path: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Post {
    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// A running HTTP sink. Dropping it closes its port.
#[derive(Debug)]
pub struct HttpSink {
    shared: Arc<Shared>,
    address: SocketAddr,
}

#[derive(Debug, Default)]
struct Shared {
    inbox: Inbox<Post>,
    mood: Mutex<HttpMood>,
    stop: CancellationToken,
    refused: std::sync::atomic::AtomicUsize,
}

impl HttpSink {
    /// Listens on loopback; port 0 takes a free one.
    pub async fn start(port: u16) -> io::Result<Self> {
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        let stopped = shared.stop.clone().cancelled_owned();
        let app = Router::new().fallback(receive).with_state(shared.clone());
        let server = axum::serve(listener, app).with_graceful_shutdown(stopped);
        crate::sim::task::spawn(async move {
            if let Err(error) = server.await {
                tracing::error!(%error, "the HTTP sink stopped serving");
            }
        });
        Ok(Self { shared, address })
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn set_mood(&self, mood: HttpMood) {
        *self.shared.mood.lock().unwrap_or_else(PoisonError::into_inner) = mood;
    }

    /// What has arrived and was not taken by `next`.
    pub fn posts(&self) -> Vec<Post> {
        self.shared.inbox.all()
    }

    /// How many requests were answered with a failure.
    pub fn refused(&self) -> usize {
        self.shared.refused.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// Takes all that has arrived.
    pub fn take(&self) -> Vec<Post> {
        self.shared.inbox.take()
    }

    /// Takes the oldest request, waiting for it at most `patience`.
    pub async fn next(&self, patience: Duration) -> Option<Post> {
        self.shared.inbox.next(patience).await
    }
}

impl Drop for HttpSink {
    fn drop(&mut self) {
        self.shared.stop.cancel();
    }
}

async fn receive(State(shared): State<Arc<Shared>>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let mood = *shared.mood.lock().unwrap_or_else(PoisonError::into_inner);
    if matches!(mood, HttpMood::Accept | HttpMood::Hang) {
        shared.inbox.push(Post { path: uri.to_string(), headers, body });
    } else {
        shared.refused.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }
    match mood {
        HttpMood::Accept => "ok".into_response(),
        HttpMood::Throttle(seconds) => {
            (StatusCode::TOO_MANY_REQUESTS, [("retry-after", seconds.to_string())], "rate_limited").into_response()
        }
        HttpMood::Fail(status) => {
            StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR).into_response()
        }
        HttpMood::Hang => {
            shared.stop.cancelled().await;
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    async fn post(sink: &HttpSink) -> String {
        let mut stream = tokio::net::TcpStream::connect(sink.address).await.expect("connected");
        let request =
            "POST /hook?x=1 HTTP/1.1\r\nhost: sink\r\nx-id: 7\r\nconnection: close\r\ncontent-length: 2\r\n\r\nhi";
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut reply = String::new();
        stream.read_to_string(&mut reply).await.expect("answered");
        reply.to_lowercase()
    }

    #[tokio::test]
    async fn a_post_is_kept_whole() {
        let sink = HttpSink::start(0).await.expect("bound");
        assert!(post(&sink).await.starts_with("http/1.1 200"));
        let kept = sink.next(Duration::from_secs(5)).await.expect("arrived");
        assert_eq!((kept.path.as_str(), kept.header("x-id"), &kept.body[..]), ("/hook?x=1", Some("7"), &b"hi"[..]));
    }

    #[tokio::test]
    async fn failures_keep_nothing() {
        let sink = HttpSink::start(0).await.expect("bound");
        sink.set_mood(HttpMood::Throttle(7));
        let reply = post(&sink).await;
        assert!(reply.starts_with("http/1.1 429") && reply.contains("retry-after: 7"), "{reply}");
        sink.set_mood(HttpMood::Fail(503));
        assert!(post(&sink).await.starts_with("http/1.1 503"));
        assert!(sink.posts().is_empty());
        assert_eq!(sink.refused(), 2);
    }
}
