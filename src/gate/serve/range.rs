//! Which part of a file is asked for (RFC 9110, section 14).

use axum::http::header::{CONTENT_RANGE, IF_RANGE, RANGE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};

/// Where it begins and how long it is; `None` for all. A range of what is another file by now is none (`If-Range`).
pub(super) fn range(asked: &HeaderMap, etag: &HeaderValue, size: u64) -> Result<Option<(u64, u64)>, ()> {
    let is_of_this = asked.get(IF_RANGE).is_none_or(|of| of == etag);
    let Some(text) = asked.get(RANGE).and_then(|range| range.to_str().ok()).filter(|_| is_of_this) else {
        return Ok(None);
    };
    let Ok(parsed) = http_range_header::parse_range_header(text) else { return Ok(None) };
    match parsed.validate(size).map_err(|_| ())?.as_slice() {
        [one] => Ok(Some((*one.start(), one.end() - one.start() + 1))),
        _ => Ok(None),
    }
}

pub(super) fn unsatisfiable(size: u64) -> Response {
    (StatusCode::RANGE_NOT_SATISFIABLE, [(CONTENT_RANGE, content_range(&format!("*/{size}")))]).into_response()
}

pub(super) fn content_range(of: &str) -> HeaderValue {
    HeaderValue::from_str(&format!("bytes {of}")).unwrap_or(HeaderValue::from_static("bytes */0"))
}
