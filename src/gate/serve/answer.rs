//! Parts that every answer has: who may keep it, and whether it changed.

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;

/// Content that a digest names never changes, and whether it may be had does: a project falls under a quarantine, a freeze, or is
/// ours after all. So who keeps it asks each time (304 costs a head), and nobody keeps it for others: what comes from the private
/// index is not everybody's, and a proxy in between would answer for a gate that was not asked.
pub(super) const ASK_AGAIN: HeaderValue = HeaderValue::from_static("private, max-age=0, must-revalidate");

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
