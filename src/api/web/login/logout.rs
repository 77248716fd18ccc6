//! Signing out: the session is forgotten, and so is its cookie. Whoever came by a provider that has a place to sign out is led there:
//! else the next who sits here is in again by one click.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{Html, IntoResponse as _, Response};

use super::super::caller::Caller;
use super::super::pages::parts::plain;
use super::super::pages::shell::Shell;
use super::super::proxied::is_named;
use super::super::refused::{LOGIN, Reason, refuse};
use super::super::session;
use super::super::site::Site;
use super::by_oidc::out;
use crate::access;

/// Whom a proxy names would be signed in again at once where one signs in.
const OUT: &str = "/login?out=true";

pub(super) async fn logout(
    State(site): State<Arc<Site>>,
    caller: Caller,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let secure = site.settings().web.is_secure();
    let cookie = session::cookie(&headers, secure).unwrap_or_default();
    let ended = cookie.clone();
    if let Err(error) = site.store().write(move |tx| access::session::end(tx, &ended)).await {
        return refuse(&Reason::Store(error), &method, &uri);
    }
    site.service.noted(&caller.actor, "sign-out", "done", "").await;
    let gone = session::forget(secure);
    if let Some((to, name)) = out(&site, &cookie).await {
        return led(to, &name, gone);
    }
    let to = if is_named(&site.settings().web, &headers) { OUT } else { LOGIN };
    (StatusCode::SEE_OTHER, [(LOCATION, to.to_owned()), (SET_COOKIE, gone)]).into_response()
}

/// `templates/signed_out.html`.
#[derive(Template)]
#[template(path = "signed_out.html")]
struct SignedOut {
    shell: Shell,
    name: String,
    to: String,
}

/// By a page that leads on: to follow a form to another's address is what our policy forbids every page (CSP, `form-action`).
fn led(to: String, name: &str, gone: String) -> Response {
    let leads = format!("0;url={to}");
    let page = SignedOut { shell: Shell::outside("Signed out"), name: plain(name), to };
    match page.render() {
        Ok(text) => (StatusCode::OK, [("refresh", leads), ("set-cookie", gone)], Html(text)).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
