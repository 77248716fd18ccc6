//! Signing in by the word of a proxy at which one has signed in already.

use axum::http::{HeaderMap, StatusCode};
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
        Some(user) => welcome(site, headers, &user, ("the proxy", next)).await.map(Some),
        None => Ok(trouble(StatusCode::FORBIDDEN, &no_account(&name))),
    }
}

/// It may hold letters that only a mail address has, and nothing that a page or a shell takes for its own.
fn no_account(name: &UserName) -> String {
    format!("There is no account {name} here. Whoever runs this makes one: namewarden user add {name} --role viewer")
}
