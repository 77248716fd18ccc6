//! The control socket: commands as JSON over HTTP on a Unix socket, for the verbs of the same machine.
//!
//! Whoever may connect may also connect a thousand times and say nothing. So there are few seats, a request has to be
//! there whole within seconds, who has not spoken gives way to who comes after, and a connection serves one request.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Extension, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::{Json, Router};
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::UnixStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::io::ReaderStream;
use tokio_util::sync::CancellationToken;

use super::peer;
use super::socket::Socket;
use super::v1::{Command, Problem, ProblemType};
use crate::api::service::CommandService;
use crate::model::Actor;

/// For commands; its version changes when they do.
pub const PATH: &str = "/v1/command";
/// Gives a copy of the store, as it is in this moment. Whoever may ask at all may see everything in it by commands, and it
/// holds no secret.
pub const STORE: &str = "/v1/store";
/// No command is larger.
const BODY_LIMIT: usize = 64 * 1024;
/// Of a request's head; also the room for one read.
const HEAD_LIMIT: usize = 16 * 1024;
/// Connections at one time. People and cron jobs need a handful.
const SEATS: usize = 64;
/// A verb sends its request at once.
const REQUEST: Duration = Duration::from_secs(10);
/// For the whole connection: longer than a verb waits for its answer.
const WHOLE: Duration = Duration::from_secs(150);
/// After an accept that failed, as when descriptors are short.
const PAUSE: Duration = Duration::from_millis(100);

/// One connection, from its first byte to its last. Ends by itself.
pub type Connection = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Answers until it is dropped; the socket file goes with it. Each connection is handed to `spawn`, which owns it.
pub async fn serve(socket: Socket, service: CommandService, mut spawn: impl FnMut(Connection)) {
    let router = Router::new()
        .route(PATH, post(answer))
        .route(STORE, post(store))
        .fallback(nothing)
        .method_not_allowed_fallback(nothing)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(service);
    let mut crowd = Crowd::new();
    loop {
        match socket.listener.accept().await {
            Ok((stream, _)) => {
                let seat = crowd.seat().await;
                spawn(Box::pin(attend(stream, seat, router.clone())));
            }
            Err(error) => {
                tracing::warn!(%error, "the control socket cannot accept");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Who is connected.
struct Crowd {
    seats: Arc<Semaphore>,
    /// In the order of their coming; also some that have gone.
    seated: VecDeque<Arc<Patience>>,
}

/// What is expected of one connection.
#[derive(Default)]
struct Patience {
    /// Its request has arrived whole.
    heard: CancellationToken,
    /// Another needs the seat.
    leave: CancellationToken,
}

/// Held while the connection lasts.
struct Seat {
    patience: Arc<Patience>,
    _permit: Option<OwnedSemaphorePermit>,
}

impl Crowd {
    fn new() -> Self {
        Self { seats: Arc::new(Semaphore::new(SEATS)), seated: VecDeque::new() }
    }

    /// A seat, at the cost of who has been silent for longest. Waits only when all have spoken and none is answered.
    async fn seat(&mut self) -> Seat {
        // Nobody else holds the patience of a connection that is over.
        self.seated.retain(|patience| Arc::strong_count(patience) > 1 && !patience.heard.is_cancelled());
        if self.seats.available_permits() == 0
            && let Some(silent) = self.seated.pop_front()
        {
            silent.leave.cancel();
        }
        let patience = Arc::<Patience>::default();
        self.seated.push_back(Arc::clone(&patience));
        // The semaphore is never closed.
        let permit = Arc::clone(&self.seats).acquire_owned().await.ok();
        Seat { patience, _permit: permit }
    }
}

impl Patience {
    /// Returns when the connection has lost its seat: too slow, or too many behind it.
    async fn lost(&self) {
        tokio::select! {
            () = self.leave.cancelled() => {}
            heard = tokio::time::timeout(REQUEST, self.heard.cancelled()) => if heard.is_ok() {
                std::future::pending::<()>().await;
            },
        }
    }
}

async fn attend(stream: UnixStream, seat: Seat, router: Router) {
    let patience = Arc::clone(&seat.patience);
    let conversation = async {
        let asked = Asked { actor: peer::of(&stream).await, patience: Arc::clone(&patience) };
        let service = TowerToHyperService::new(router.layer(Extension(Arc::new(asked))));
        let mut http = http1::Builder::new();
        http.keep_alive(false).max_buf_size(HEAD_LIMIT);
        if let Err(error) = http.serve_connection(TokioIo::new(stream), service).await {
            tracing::debug!(%error, "a connection to the control socket broke off");
        }
    };
    tokio::select! {
        // Too late is over, like answered.
        _ = tokio::time::timeout(WHOLE, conversation) => {}
        () = patience.lost() => {}
    }
}

/// Who asks, and whose patience it costs.
struct Asked {
    actor: Actor,
    patience: Arc<Patience>,
}

async fn answer(
    State(service): State<CommandService>,
    Extension(asked): Extension<Arc<Asked>>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    asked.patience.heard.cancel();
    let command = match body.map_err(|_| too_large()).and_then(|body| command(&body)) {
        Ok(command) => command,
        Err(problem) => return told(&problem),
    };
    match service.answer(&asked.actor, command).await {
        Ok(value) => Json(value).into_response(),
        Err(refusal) => told(&refusal.problem()),
    }
}

fn too_large() -> Problem {
    let detail = format!("no command is larger than {BODY_LIMIT} bytes, nor comes in pieces that break off");
    Problem::new(ProblemType::TooLarge, detail).with("name fewer cases at once")
}

fn command(body: &[u8]) -> Result<Command, Problem> {
    serde_json::from_slice(body).map_err(|error| {
        let detail = format!("the daemon does not know this command, it may be of another version: {error}");
        Problem::new(ProblemType::UnknownCommand, detail)
    })
}

/// Streamed: the caller writes it where the caller may, and this daemon may write nowhere but in its own directory.
async fn store(State(service): State<CommandService>, Extension(asked): Extension<Arc<Asked>>) -> Response {
    asked.patience.heard.cancel();
    tracing::info!(actor = %asked.actor, "asked for a copy of the store");
    match service.copy().await {
        Ok((file, length)) => {
            let stream = ReaderStream::with_capacity(tokio::fs::File::from_std(file), 1 << 18);
            ([(CONTENT_LENGTH, length)], Body::from_stream(stream)).into_response()
        }
        Err(refusal) => told(&refusal.problem()),
    }
}

async fn nothing(Extension(asked): Extension<Arc<Asked>>) -> Response {
    asked.patience.heard.cancel();
    told(&Problem::new(ProblemType::NoSuchPath, format!("commands are posted to {PATH}")))
}

/// RFC 9457, section 3.
fn told(problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.of().status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(CONTENT_TYPE, "application/problem+json")], Json(problem)).into_response()
}
