//! What is asked at the control socket, and what comes back.

use std::path::Path;
use std::time::Instant;

use serde_json::{Value, json};

use super::super::failure::Failure;
use super::super::instance::here;
use super::super::patience;
use crate::api::v1::resource::{Request, Shape, request};
use crate::api::v1::{Command, Problem, ProblemType};
use crate::upstream::FetchError;
use crate::upstream::local::{self, LocalReply};

/// Longest path with its query, bytes: what an address may have (`http::Uri`), and the daemon takes.
const TARGET_LIMIT: usize = 65_000;

/// What came back from the socket, in the time that the command may take; with what an answer to it is made of.
pub(super) async fn asked(
    socket: &Path,
    command: &Command,
) -> Result<(Shape, Result<LocalReply, FetchError>), Failure> {
    let Request { method, target, body, shape } = fitting(command)?;
    let (began, asking) = (Instant::now(), local::ask(socket, method.as_str(), &target, body));
    let answer = patience::waited(socket, patience::with(command), asking).await;
    let status = answer.as_ref().ok().map(|reply| reply.status);
    tracing::info!(socket = %socket.display(), status, took_ms = began.elapsed().as_millis(), "asked the daemon");
    Ok((shape, answer))
}

/// Hands on what this command gives as a file. The same, with what was said instead.
pub(super) async fn taken(
    socket: &Path,
    command: &Command,
    part: impl FnMut(&[u8]),
) -> Result<Result<(u16, Vec<u8>), FetchError>, Failure> {
    let target = fitting(command)?.target;
    Ok(patience::waited(socket, patience::with(command), local::take(socket, &target, part)).await)
}

/// The request of a command, where a path can have it.
fn fitting(command: &Command) -> Result<Request, Failure> {
    let asked = request(command).ok_or_else(nameless)?;
    let length = asked.target.len();
    if length > TARGET_LIMIT {
        let problem = Problem::new(ProblemType::TooLarge, format!("all that is asked for comes to {length} bytes"));
        return Err(problem.with("name fewer at once").into());
    }
    Ok(asked)
}

fn nameless() -> Failure {
    let detail = "nothing is called by an empty name, or by one of dots alone".to_owned();
    Problem::new(ProblemType::BadValue, detail).with("write its name, or its number").into()
}

pub(super) fn refused(status: u16, body: &[u8]) -> Failure {
    match serde_json::from_slice::<Problem>(body) {
        Ok(problem) => problem.into(),
        Err(_) => Failure::new(format!("{}: it answered HTTP {status}", older())),
    }
}

pub(in crate::cli) fn older() -> String {
    format!("the daemon is of another version: {} as the one that is installed", here().restart(None))
}

/// A text is what it is, and of which kind.
pub(super) async fn parsed(socket: &Path, shape: Shape, reply: &LocalReply) -> Result<Value, Failure> {
    let LocalReply { body, media_type, .. } = reply;
    if shape == Shape::Text {
        return Ok(json!({"text": String::from_utf8_lossy(body), "media_type": media_type}));
    }
    match serde_json::from_slice(body) {
        Ok(reply) => Ok(reply),
        Err(error) => Err(Failure::new(patience::strange(socket, &format!("it is no JSON: {error}")).await)),
    }
}
