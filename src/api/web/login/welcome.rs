//! Somebody has signed in: a new session, and the way to where they were going.

use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};

use super::super::session;
use super::super::site::Site;
use super::next::safe;
use crate::access;
use crate::access::random::random;
use crate::model::{Actor, Through};
use crate::store::{StoreError, Tx, User};

/// Whoever signs in gets a cookie that nobody has seen, and the session of before ends. `hint`: what a provider said of them.
pub(super) async fn welcome(
    site: &Site,
    headers: &HeaderMap,
    user: &User,
    (by, next): (&str, &str),
    hint: Option<String>,
) -> Result<Response, StoreError> {
    let settings = site.settings();
    let secure = settings.web.is_secure();
    let (before, cookie) = (session::cookie(headers, secure), random().map_err(|_| StoreError::Closed)?);
    let (begun, validity, now, name) = (cookie.clone(), site.validity(), site.now(), user.name.clone());
    let begin = move |tx: &Tx<'_>| {
        before.iter().try_for_each(|before| access::session::end(tx, before))?;
        access::session::begin(tx, &begun, &name, validity, now)
    };
    site.store().write(begin).await?;
    if let Some(hint) = hint {
        site.hints.keep(&cookie, hint, site.service.clock.mono());
    }
    site.service.noted(&actor(user), "sign-in", "done", by).await;
    Ok((StatusCode::SEE_OTHER, [(LOCATION, safe(next)), (SET_COOKIE, session::give(&cookie, &settings.web))])
        .into_response())
}

pub(super) fn actor(user: &User) -> Actor {
    Actor { uid: user.uid, user: Some(user.name.to_string()), through: Through::Session, token: None }
}
