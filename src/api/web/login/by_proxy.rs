//! Signing in by the word of a proxy at which one has signed in already.

use std::time::Duration;

use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;

use super::super::proxied::{Word, word};
use super::super::refused::LOGIN;
use super::super::site::Site;
use super::form::{Filled, shown};
use super::welcome::welcome;
use crate::model::UserName;
use crate::store::StoreError;

const NO_NAME: &str = "The proxy in front of this page names whom no account can be called. Ask whoever runs it.";
const UNPROVEN: &str =
    "Something names you that does not prove to be the proxy of this page. Sign in here, or ask whoever runs it.";

/// The answer to whoever the proxy speaks of; `None`: it speaks of nobody, and they sign in here.
pub(super) async fn by_proxy(site: &Site, headers: &HeaderMap, next: &str) -> Result<Option<Response>, StoreError> {
    let trouble = |status: StatusCode, trouble: &str| {
        Some(shown(site, headers, status, Filled { action: LOGIN, trouble, next, ..Filled::default() }))
    };
    let name = match word(&site.settings().web, headers) {
        Word::None => return Ok(None),
        Word::NoName => return Ok(trouble(StatusCode::FORBIDDEN, NO_NAME)),
        Word::Unproven => {
            tracing::warn!("somebody is named without the secret of [web.proxy_user]; X-Namewarden-Proxy carries it");
            return Ok(trouble(StatusCode::OK, UNPROVEN));
        }
        Word::User(name) => name,
    };
    let asked = name.clone();
    match site.store().read(move |tx| tx.users().get(&asked)).await? {
        Some(user) => match site.throttle.admit_named(user.name.as_str()) {
            Ok(()) => welcome(site, headers, &user, ("the proxy", next), None).await.map(Some),
            Err(wait) => Ok(Some(later(site, headers, next, wait))),
        },
        None => Ok(trouble(StatusCode::FORBIDDEN, &no_account(&name))),
    }
}

/// A browser that keeps no cookie begins a session with each page.
fn later(site: &Site, headers: &HeaderMap, next: &str, wait: Duration) -> Response {
    let seconds = wait.as_secs() + 1;
    let trouble =
        format!("The proxy signs you in too often; does your browser keep cookies? Try again in {seconds} seconds.");
    let filled = Filled { action: LOGIN, trouble: &trouble, next, ..Filled::default() };
    let mut response = shown(site, headers, StatusCode::TOO_MANY_REQUESTS, filled);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// It may hold letters that only a mail address has, and nothing that a page or a shell takes for its own.
fn no_account(name: &UserName) -> String {
    format!("There is no account {name} here. Whoever runs this makes one: namewarden user add {name} --role viewer")
}
