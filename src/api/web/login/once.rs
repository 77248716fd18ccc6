//! Signing in by a link that works once. Opening it changes nothing, since scanners and previews open links too; the button does.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::Response;
use serde::Deserialize;

use super::super::refused::{LOGIN, Reason, refuse};
use super::super::site::Site;
use super::form::{Filled, is_ours, shown};
use super::welcome::welcome;
use crate::access::sign_in::{is_known, taken};
use crate::api::accounts::ONCE;
use crate::store::{StoreError, User};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sent {
    form: String,
    code: String,
}

const OVER: &str = "This link has been used, or its 15 minutes are over. Ask for another, or sign in with a password.";
const STALE: &str = "Your browser keeps no cookies, or this page was open for too long. Try again.";

pub(super) async fn page(State(site): State<Arc<Site>>, Query(sent): Query<Sent>, headers: HeaderMap) -> Response {
    shown(&site, &headers, StatusCode::OK, Filled { action: ONCE, code: &sent.code, ..Filled::default() })
}

pub(super) async fn sign_in(
    State(site): State<Arc<Site>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    Form(sent): Form<Sent>,
) -> Response {
    match tried(&site, &headers, sent).await {
        Ok(response) => response,
        Err(error) => refuse(&Reason::Store(error), &method, &uri),
    }
}

async fn tried(site: &Site, headers: &HeaderMap, Sent { form, code }: Sent) -> Result<Response, StoreError> {
    let filled = Filled { action: ONCE, trouble: STALE, code: &code, ..Filled::default() };
    if !is_ours(site, headers, &form) {
        return Ok(shown(site, headers, StatusCode::FORBIDDEN, filled));
    }
    match redeemed(site, code).await? {
        Some(user) => welcome(site, headers, &user, ("a link", "/"), None).await,
        None => {
            let over = Filled { action: LOGIN, trouble: OVER, ..Filled::default() };
            Ok(shown(site, headers, StatusCode::UNAUTHORIZED, over))
        }
    }
}

async fn redeemed(site: &Site, code: String) -> Result<Option<User>, StoreError> {
    let (now, asked) = (site.now(), code.clone());
    match site.store().read(move |tx| is_known(tx, &asked)).await? {
        true => site.store().write(move |tx| taken(tx, &code, now)).await,
        false => Ok(None),
    }
}
