//! Signing in with a password. Whether there is such an account is not told: neither by words, nor by the time that it takes.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Form;
use axum::extract::{Query, Request, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::{RequestExt as _, http::Extensions};
use serde::Deserialize;

use super::super::caller::Caller;
use super::super::origin;
use super::super::refused::{LOGIN, Reason, refuse};
use super::super::site::Site;
use super::by_proxy::by_proxy;
use super::form::{Filled, is_ours, shown};
use super::next::safe;
use super::welcome::welcome;
use crate::model::{Actor, Through, UserName};
use crate::store::{StoreError, User};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    next: String,
    /// They signed out here.
    out: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Sent {
    form: String,
    name: String,
    password: String,
    next: String,
}

const WRONG: &str = "The account or the password is wrong.";
const STALE: &str = "This page was open for too long, or your browser keeps no cookies. Try again.";

/// Whoever is signed in goes on. Whoever signed out is not signed in again before they ask for it, though a proxy knows them still.
pub(super) async fn page(
    State(site): State<Arc<Site>>,
    Query(Wanted { next, out }): Query<Wanted>,
    headers: HeaderMap,
    (method, uri): (Method, Uri),
    request: Extensions,
) -> Response {
    if request.get::<Caller>().is_some() {
        return Redirect::to(&safe(&next)).into_response();
    }
    let empty = Filled { action: LOGIN, next: &next, ..Filled::default() };
    if out {
        return shown(&site, &headers, StatusCode::OK, Filled { is_out: true, ..empty });
    }
    match by_proxy(&site, &headers, &next).await {
        Ok(Some(response)) => response,
        Ok(None) => shown(&site, &headers, StatusCode::OK, empty),
        Err(error) => refuse(&Reason::Store(error), &method, &uri),
    }
}

pub(super) async fn sign_in(State(site): State<Arc<Site>>, request: Request) -> Response {
    let (headers, method, uri) = (request.headers().clone(), request.method().clone(), request.uri().clone());
    let from = origin::from(&site.settings().web, &headers, request.extensions());
    let Form(sent) = request.extract::<Form<Sent>, _>().await.unwrap_or_default();
    match tried(&site, &headers, from, &sent).await {
        Ok(response) => response,
        Err(error) => refuse(&Reason::Store(error), &method, &uri),
    }
}

async fn tried(site: &Site, headers: &HeaderMap, from: Option<IpAddr>, sent: &Sent) -> Result<Response, StoreError> {
    let again = |status: StatusCode, trouble: &str| {
        shown(
            site,
            headers,
            status,
            Filled { action: LOGIN, trouble, name: &sent.name, next: &sent.next, ..Filled::default() },
        )
    };
    if !is_ours(site, headers, &sent.form) {
        return Ok(again(StatusCode::FORBIDDEN, STALE));
    }
    if let Err(wait) = site.throttle.admit(&sent.name.trim().to_ascii_lowercase(), from) {
        refused(site, sent, from, "too many tries").await;
        return Ok(later(again, wait));
    }
    match proven(site, sent).await? {
        Err(wait) => Ok(later(again, wait)),
        Ok(Some(user)) => welcome(site, headers, &user, (&said(from), &sent.next), None).await,
        Ok(None) => {
            refused(site, sent, from, "wrong").await;
            Ok(again(StatusCode::UNAUTHORIZED, WRONG))
        }
    }
}

/// The account, if the password is its own. Whoever has none is compared all the same; or how long to wait, where many are.
async fn proven(site: &Site, sent: &Sent) -> Result<Result<Option<User>, Duration>, StoreError> {
    let name = sent.name.trim().parse::<UserName>().ok();
    let user = site.store().read(move |tx| name.as_ref().map(|name| tx.users().get(name)).transpose()).await?.flatten();
    let hash = user.as_ref().and_then(|user| user.password.clone());
    let right = site.throttle.compare(sent.password.clone(), hash).await;
    Ok(right.map(|right| user.filter(|_| right)))
}

fn later(again: impl Fn(StatusCode, &str) -> Response, wait: Duration) -> Response {
    let seconds = wait.as_secs() + 1;
    let mut response =
        again(StatusCode::TOO_MANY_REQUESTS, &format!("Too many tries. Try again in {seconds} seconds."));
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// Strangers' tries are in the log, and in the trail as far as they do not fill it. A name that was typed may be a password.
async fn refused(site: &Site, sent: &Sent, from: Option<IpAddr>, why: &str) {
    let name = sent.name.parse::<UserName>().ok();
    let known = site.store().read(move |tx| name.as_ref().map(|name| tx.users().get(name)).transpose()).await;
    let known = known.ok().flatten().flatten();
    tracing::warn!(
        account = known.as_ref().map(|user| user.name.as_str()),
        from = said(from),
        why,
        "a sign-in was refused"
    );
    if site.throttle.is_worth_a_line() {
        let user = known.map(|user| user.name.to_string());
        let nobody = Actor { through: Through::Session, user, ..Actor::default() };
        site.service.noted(&nobody, "sign-in", why, &said(from)).await;
    }
}

fn said(from: Option<IpAddr>) -> String {
    from.map_or_else(|| "password".to_owned(), |from| format!("password, from {from}"))
}
