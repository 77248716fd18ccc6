//! Signing out: the session is forgotten, and so is its cookie.

use axum::extract::State;
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};

use super::super::caller::Caller;
use super::super::proxied::is_named;
use super::super::refused::{LOGIN, Reason, refuse};
use super::super::session;
use super::super::site::Site;
use crate::access;

/// Whom a proxy names would be signed in again at once where one signs in.
const OUT: &str = "/login?out=true";

pub(super) async fn logout(
    State(site): State<Site>,
    caller: Caller,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let secure = site.settings().web.is_secure();
    if let Some(cookie) = session::cookie(&headers, secure)
        && let Err(error) = site.store().write(move |tx| access::session::end(tx, &cookie)).await
    {
        return refuse(&Reason::Store(error), &method, &uri);
    }
    site.service.noted(&caller.actor, "sign-out", "done", "").await;
    let gone = session::forget(secure);
    let to = if is_named(&site.settings().web, &headers) { OUT } else { LOGIN };
    (StatusCode::SEE_OTHER, [(LOCATION, to.to_owned()), (SET_COOKIE, gone)]).into_response()
}
