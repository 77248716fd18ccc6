//! The description of all that stands under `/api/v1`, as OpenAPI 3.1. It is made and checked by the tests of `src/api/v1`, and
//! served as it stands in the repository.

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};

pub(super) const PATH: &str = "/api/v1/openapi.json";

const DOCUMENT: &str = include_str!("../../../../docs/api/v1/openapi.json");

pub(super) async fn document() -> Response {
    ([(CONTENT_TYPE, "application/json")], DOCUMENT).into_response()
}
