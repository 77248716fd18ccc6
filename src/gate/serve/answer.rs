//! Parts that every answer has: who may keep it, whether it changed, and what a refusal looks like.

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, RETRY_AFTER, USER_AGENT};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use hyper::ext::ReasonPhrase;

use crate::gate::refusal::Refusal;
use crate::gate::setup::SetupTool;
use crate::model::ProjectName;

/// Bytes that nearly every refusal has room in, and heads of one: a name of ours is refused as fast as another is given.
const PROBLEM: usize = 512;
const HEADS: usize = 3;

/// A refusal in each of the ways that a client prints one. Nobody keeps it: what is held today is there tomorrow.
pub(super) fn refused(refusal: &Refusal) -> Response {
    let mut problem = Vec::with_capacity(PROBLEM);
    // Nothing in it can fail to be written.
    drop(serde_json::to_writer(&mut problem, &refusal.problem()));
    let mut response = Response::new(Body::from(problem));
    *response.status_mut() = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.reserve(HEADS);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(seconds) = refusal.retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    // It is printable ASCII.
    if let Ok(phrase) = ReasonPhrase::try_from(refusal.phrase().into_bytes()) {
        response.extensions_mut().insert(phrase);
    }
    response
}

/// The same for whoever asked, with how their tool is kept to this gate.
pub(super) fn refused_to(asked: &HeaderMap, refusal: Refusal, gate: &str, name: &ProjectName) -> Response {
    let agent = asked.get(USER_AGENT).and_then(|agent| agent.to_str().ok());
    refused(&refusal.advising(agent.and_then(SetupTool::of_agent), gate, name))
}

/// Has who asks this very content already (RFC 9110, section 13.1.2)?
pub(super) fn is_known(asked: &HeaderMap, etag: &HeaderValue) -> bool {
    let tags =
        asked.get_all(IF_NONE_MATCH).iter().filter_map(|tags| tags.to_str().ok()).flat_map(|tags| tags.split(','));
    tags.map(str::trim).any(|tag| tag == "*" || *etag == *tag.strip_prefix("W/").unwrap_or(tag))
}

pub(super) fn unchanged(etag: HeaderValue, cache: HeaderValue) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    response.headers_mut().insert(CACHE_CONTROL, cache);
    response.headers_mut().insert(ETAG, etag);
    response
}

/// The strong one of a content (RFC 9110, section 8.8.3). `of`: printable ASCII without quotes.
pub(super) fn etag(of: &str) -> HeaderValue {
    // One that is none names nothing that anybody has.
    HeaderValue::from_str(&format!("\"{of}\"")).unwrap_or(HeaderValue::from_static("\"\""))
}
