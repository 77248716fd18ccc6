//! The answer to one request: what the command service says, as HTTP says it.

use std::time::Duration;

use axum::body::Body;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, LINK};
use axum::http::{HeaderName, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use futures_util::StreamExt as _;
use serde::Deserialize;
use tokio_util::io::ReaderStream;
use url::form_urlencoded;

use super::asked::Inquiry;
use crate::api::keyed::Said;
use crate::api::problem::told;
use crate::api::reply::Reply;
use crate::api::reports::LaidReport;
use crate::api::service::CommandService;
use crate::api::v1::resource::{Method, Shape};
use crate::api::v1::{Metrics, Problem, ProblemType};
use crate::model::Actor;

/// Whoever waits longer has gone; what was begun is done to its end.
const PATIENCE: Duration = Duration::from_secs(120);
/// OpenMetrics 1.0, "Content-Type".
const METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// Of a file in the memory at one time, in bytes.
const ROOM: usize = 64 * 1024;
/// That this answer was given before, as others call it.
const AGAIN: HeaderName = HeaderName::from_static("idempotent-replayed");

/// Where the next page begins, of a page.
#[derive(Deserialize)]
struct Next {
    next: Option<String>,
}

/// Never fails: a refusal is an answer, and what takes too long is one.
pub(in crate::api) async fn answer(service: &CommandService, actor: Actor, asked: &Inquiry) -> Response {
    let answered = match asked.resource.method {
        Method::Get => tokio::time::timeout(PATIENCE, read(service, &actor, asked)).await,
        Method::Post | Method::Put => tokio::time::timeout(PATIENCE, done(service, actor, asked)).await,
    };
    match answered {
        Ok(Ok(response)) => response,
        Ok(Err(problem)) => told(&problem),
        Err(_) => {
            let detail = format!("no answer came within {} s; what was begun goes on", PATIENCE.as_secs());
            told(&Problem::new(ProblemType::NoAnswer, detail))
        }
    }
}

async fn read(service: &CommandService, actor: &Actor, asked: &Inquiry) -> Result<Response, Problem> {
    let command = asked.command()?;
    if let Some(file) = service.file(actor, &command).await.map_err(|refusal| refusal.problem())? {
        return streamed(file);
    }
    let reply = service.answer(actor, command).await.map_err(|refusal| refusal.problem())?;
    match asked.resource.shape {
        Shape::One | Shape::List => Ok(json(reply)),
        Shape::Page => page(&asked.uri, reply),
        Shape::Text => text(&reply),
    }
}

async fn done(service: &CommandService, actor: Actor, asked: &Inquiry) -> Result<Response, Problem> {
    let command = asked.command()?;
    let said = match asked.key()? {
        Some(key) => service.done_once(actor, key, command).await?,
        None => service.done(&actor, command).await,
    };
    Ok(response(said))
}

fn response(said: Said) -> Response {
    let status = StatusCode::from_u16(said.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let media_type = if status.is_success() { "application/json" } else { "application/problem+json" };
    let mut response = (status, [(CONTENT_TYPE, media_type)], said.body).into_response();
    if said.again {
        response.headers_mut().insert(AGAIN, "true".parse().expect("a value"));
    }
    response
}

fn json(reply: Reply) -> Response {
    ([(CONTENT_TYPE, "application/json")], reply.into_text()).into_response()
}

/// With a link to the next one (RFC 8288).
fn page(uri: &Uri, reply: Reply) -> Result<Response, Problem> {
    let Next { next } = reply.read().map_err(unlike)?;
    Ok(match next.map(|next| link(uri, &next)) {
        Some(link) => ([(LINK, link)], json(reply)).into_response(),
        None => json(reply),
    })
}

/// The same list, from there on.
fn link(uri: &Uri, next: &str) -> String {
    let before = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(before.filter(|(name, _)| name != "after")).append_pair("after", next);
    format!("<{}?{}>; rel=\"next\"", uri.path(), query.finish())
}

fn text(reply: &Reply) -> Result<Response, Problem> {
    let Metrics { text } = reply.read().map_err(unlike)?;
    Ok(([(CONTENT_TYPE, METRICS)], text).into_response())
}

/// A reply that is not of the shape of its resource: a list that ended there would look whole.
fn unlike(error: serde_json::Error) -> Problem {
    Problem::new(ProblemType::Failed, error.to_string())
}

/// A file as it is taken. It is there until then.
///
/// # Errors
/// There are too many open files.
pub(in crate::api) fn streamed(file: LaidReport) -> Result<Response, Problem> {
    let failed = |error: std::io::Error| Problem::new(ProblemType::Failed, error.to_string());
    let reader = tokio::fs::File::from_std(file.reader().map_err(failed)?);
    let head = [(CONTENT_TYPE, file.media_type.to_owned()), (CONTENT_LENGTH, file.length.to_string())];
    let parts = ReaderStream::with_capacity(reader, ROOM).inspect(move |_| {
        let _kept = &file;
    });
    Ok((head, Body::from_stream(parts)).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_of_the_same_list() {
        let uri: Uri = "/api/v1/findings?states=open&owner=a%26b&after=old&states=ours".parse().expect("a URI");
        let next = "</api/v1/findings?states=open&owner=a%26b&states=ours&after=n-_w>; rel=\"next\"";
        assert_eq!(link(&uri, "n-_w"), next);
        assert_eq!(link(&"/x".parse().expect("a URI"), "n"), "</x?after=n>; rel=\"next\"");
    }
}
