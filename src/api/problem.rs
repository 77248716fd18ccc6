//! A problem as an answer, on the socket and on the web.

use axum::Json;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};

use super::v1::Problem;

/// RFC 9457, section 3.
pub(super) fn told(problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.of().status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(CONTENT_TYPE, "application/problem+json")], Json(problem)).into_response()
}
