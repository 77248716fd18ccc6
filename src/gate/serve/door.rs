//! Who asks, where the gate asks for that: without a login nothing is said, not even what there is.

use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;

use super::refusals::refused;
use super::state::Gate;
use crate::gate::refusal::Refusal;

/// Who logged in; `None` where nobody has to.
///
/// # Errors
/// It is nobody whom the gate knows.
pub(super) fn user(gate: &Gate, headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    let Some(logins) = &gate.logins else { return Ok(None) };
    let logins = logins.borrow();
    let user = logins.user(headers.get(AUTHORIZATION));
    user.map(|user| Some(user.to_owned())).ok_or_else(Refusal::unknown)
}

/// uv asks without a login first, and with one after this answer.
pub(super) fn shut(refusal: &Refusal) -> Response {
    let mut response = refused(refusal);
    let basic = HeaderValue::from_static("Basic realm=\"namewarden gate\", charset=\"UTF-8\"");
    response.headers_mut().insert(WWW_AUTHENTICATE, basic);
    response
}
