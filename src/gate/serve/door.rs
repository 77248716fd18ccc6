//! Who asks, where the gate asks for that: without a login nothing is said, not even what there is.

use std::sync::Arc;

use axum::extract::{Extension, Request, State};
use axum::http::HeaderValue;
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::middleware::Next;
use axum::response::Response;

use super::answer::refused;
use super::state::{App, Gate};
use crate::gate::listen::Client;
use crate::gate::refusal::Refusal;

/// With every request of one who logged in, as an extension.
#[derive(Clone, Debug)]
pub(super) struct User(pub(super) String);

/// Who asks, as far as that is known.
pub(super) type Asker = (Option<Extension<User>>, Option<Extension<Client>>);

/// Who has a login is known by that, wherever they ask from.
pub(super) fn peer((user, client): Asker) -> String {
    let address = || client.and_then(|Extension(Client(client))| client).map(|client| client.to_string());
    user.map(|Extension(User(user))| user).or_else(address).unwrap_or_else(|| "unknown".to_owned())
}

/// Lets in whom it knows, and everybody where nobody has to log in.
pub(super) async fn door(State(gate): App, mut request: Request, next: Next) -> Response {
    match known(&gate, &request) {
        Ok(Some(user)) => drop(request.extensions_mut().insert(User(user))),
        Ok(None) => {}
        Err(refusal) => return asked(&refusal),
    }
    next.run(request).await
}

fn known(gate: &Arc<Gate>, request: &Request) -> Result<Option<String>, Refusal> {
    let Some(logins) = &gate.logins else { return Ok(None) };
    let logins = logins.borrow();
    let user = logins.user(request.headers().get(AUTHORIZATION));
    user.map(|user| Some(user.to_owned())).ok_or_else(Refusal::unknown)
}

/// uv asks without a login first, and with one after this answer.
fn asked(refusal: &Refusal) -> Response {
    let mut response = refused(refusal);
    let basic = HeaderValue::from_static("Basic realm=\"namewarden gate\", charset=\"UTF-8\"");
    response.headers_mut().insert(WWW_AUTHENTICATE, basic);
    response
}
