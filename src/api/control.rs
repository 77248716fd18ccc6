//! The control socket, for the verbs of the same machine: the resources of the web under the same paths, over HTTP on a Unix socket.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::rejection::{BytesRejection, RawPathParamsRejection};
use axum::extract::{DefaultBodyLimit, Extension, RawPathParams, State};
use axum::http::header::CONTENT_LENGTH;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodFilter, on, post};
use tokio_util::io::ReaderStream;

use super::problem::told;
use super::trail::note;
use super::v1::resource::{COMMAND_ROOM, Method, RESOURCES, Resource};
use super::v1::{Problem, ProblemType};
use super::web::v1::answer;
use super::web::v1::asked::Inquiry;
use crate::api::service::CommandService;
use crate::crowd::{Connection, ending};
use crate::socket::{Knocking, Socket, admit};

/// Gives a copy of the store, as it is in this moment. Whoever may ask at all may see everything in it by commands, and it
/// holds no secret.
pub const STORE: &str = "/api/v1/store/copy";

/// Answers until it is dropped; the socket file goes with it. Each connection is handed to `spawn`, which owns it.
pub async fn serve(socket: Socket, service: CommandService, spawn: impl FnMut(Connection)) {
    let router = RESOURCES.iter().fold(Router::new(), with_resource);
    let router = router
        .route(STORE, post(store))
        .fallback(nothing)
        .method_not_allowed_fallback(nothing)
        .layer(DefaultBodyLimit::max(COMMAND_ROOM))
        .with_state(Arc::new(service));
    admit(socket, router, spawn).await;
}

/// The same before there is anything to answer from: whatever is asked, the answer is why.
pub async fn turn_away(
    socket: Socket,
    why: impl Fn() -> Problem + Clone + Send + Sync + 'static,
    spawn: impl FnMut(Connection),
) {
    let answer = move |Extension(asked): Extension<Arc<Knocking>>| {
        let answer = ending(asked.patience.heard(), told(&why()));
        async move { answer }
    };
    admit(socket, Router::new().fallback(answer), spawn).await;
}

/// A resource as it stands on the web. Whoever may connect may ask for each: what a person alone may do, the rules say.
fn with_resource(router: Router<Arc<CommandService>>, resource: &'static Resource) -> Router<Arc<CommandService>> {
    let handler = move |State(service): State<Arc<CommandService>>,
                        Extension(asked): Extension<Arc<Knocking>>,
                        path: Result<RawPathParams, RawPathParamsRejection>,
                        uri: Uri,
                        headers: HeaderMap,
                        body: Result<Bytes, BytesRejection>| async move {
        let turn = asked.patience.heard();
        let Ok(body) = body else { return ending(turn, told(&too_large(resource.room()))) };
        let inquiry = Inquiry { resource, path: path.ok(), uri, headers, body };
        ending(turn, answer::answer(&service, asked.actor.clone(), &inquiry).await)
    };
    let method = match resource.method {
        Method::Get => MethodFilter::GET,
        Method::Post => MethodFilter::POST,
        Method::Put => MethodFilter::PUT,
    };
    router.route(resource.path, on(method, handler).layer(DefaultBodyLimit::max(resource.room())))
}

fn too_large(room: usize) -> Problem {
    let detail = format!("none of these is larger than {room} bytes, nor comes in pieces that break off");
    Problem::new(ProblemType::TooLarge, detail).with("name fewer cases at once")
}

/// Streamed: the caller writes it where the caller may, and this daemon may write nowhere but in its own directory.
async fn store(State(service): State<Arc<CommandService>>, Extension(asked): Extension<Arc<Knocking>>) -> Response {
    let turn = asked.patience.heard();
    tracing::info!(actor = %asked.actor, "asked for a copy of the store");
    let made = service.copy().await;
    let outcome = made.as_ref().map_or_else(ToString::to_string, |_| "done".to_owned());
    note(&service.store, &service.clock, &asked.actor, ("backup", &outcome, "into a file of theirs")).await;
    let copy = match made {
        Ok((file, length)) => {
            let stream = ReaderStream::with_capacity(tokio::fs::File::from_std(file), 1 << 18);
            ([(CONTENT_LENGTH, length)], Body::from_stream(stream)).into_response()
        }
        Err(refusal) => told(&refusal.problem()),
    };
    ending(turn, copy)
}

async fn nothing() -> Response {
    let detail = "resources are under /api/v1, and a daemon of another version may have others".to_owned();
    told(&Problem::new(ProblemType::NoSuchPath, detail))
}
