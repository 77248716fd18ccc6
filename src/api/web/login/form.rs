//! The page on which one signs in. It carries a word of the browser's own cookie, so that nobody's page can sign somebody in as
//! somebody else.

use askama::Template;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse as _, Response};
use url::form_urlencoded;

use super::super::pages::parts::plain;
use super::super::pages::shell::Shell;
use super::super::session;
use super::super::site::Site;
use crate::access::random::random;

/// From where a browser leaves for a provider.
pub(super) const AWAY: &str = "/login/oidc";

/// `templates/sign_in.html`.
#[derive(Template)]
#[template(path = "sign_in.html")]
struct Page<'p> {
    shell: Shell,
    action: &'p str,
    word: String,
    trouble: &'p str,
    name: String,
    next: &'p str,
    code: &'p str,
    is_out: bool,
    /// A provider at which one may sign in instead: what it is called, and the way there.
    provider: Option<(&'p str, String)>,
}

/// What is in it already.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Filled<'p> {
    pub(super) action: &'p str,
    pub(super) trouble: &'p str,
    pub(super) name: &'p str,
    pub(super) next: &'p str,
    /// Of a link; then nothing is to be filled in.
    pub(super) code: &'p str,
    /// They signed out here, and a proxy knows them still.
    pub(super) is_out: bool,
}

/// The page, with a cookie for whoever has none.
pub(super) fn shown(site: &Site, headers: &HeaderMap, status: StatusCode, filled: Filled<'_>) -> Response {
    let settings = site.settings();
    let secure = settings.web.is_secure();
    let (cookie, new) = match session::cookie_called(headers, session::form_name(secure)) {
        Some(cookie) if cookie.len() == 43 => (cookie, false),
        _ => (random().unwrap_or_default(), true),
    };
    let Filled { action, trouble, name, next, code, is_out } = filled;
    let shell = Shell::outside(if is_out { "Signed out" } else { "Sign in" });
    let provider = settings.web.oidc.as_ref().map(|oidc| (oidc.name.as_str(), way_there(next)));
    let (word, name) = (session::csrf(&cookie), plain(name));
    let page = Page { shell, action, word, trouble, name, next, code, is_out, provider };
    let Ok(text) = page.render() else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let mut response = (status, Html(text)).into_response();
    if new && let Ok(value) = session::give_as(session::form_name(secure), &cookie, secure).parse() {
        response.headers_mut().append(SET_COOKIE, value);
    }
    response
}

fn way_there(next: &str) -> String {
    format!("{AWAY}?{}", form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish())
}

/// Was it sent from that page?
pub(super) fn is_ours(site: &Site, headers: &HeaderMap, word: &str) -> bool {
    let secure = site.settings().web.is_secure();
    let cookie = session::cookie_called(headers, session::form_name(secure)).filter(|cookie| !cookie.is_empty());
    cookie.is_some_and(|cookie| session::is_csrf(word, &session::csrf(&cookie)))
}
