//! Signing in at an OpenID Connect provider: to it by a link, and back with what it says.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Query, RawQuery, State};
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::{Extensions, HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;
use url::form_urlencoded;

use super::super::caller::Caller;
use super::super::origin;
use super::super::proxied::is_theirs;
use super::super::refused::{LOGIN, Reason, refuse};
use super::super::session;
use super::super::site::Site;
use super::form::{Filled, shown};
use super::next::safe;
use super::welcome::welcome;
use crate::access::oidc::{Back, Flow, NamedUser, OidcTrouble};
use crate::config::Settings;
use crate::model::{Actor, Through};
use crate::store::{StoreError, User};

/// Where a browser comes back from the provider.
pub(super) const LANDS: &str = "/login/oidc/back";

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    next: String,
}

pub(super) async fn away(
    State(site): State<Arc<Site>>,
    Query(Wanted { next }): Query<Wanted>,
    headers: HeaderMap,
    request: Extensions,
) -> Response {
    if request.get::<Caller>().is_some() {
        return Redirect::to(&safe(&next)).into_response();
    }
    let settings = site.settings();
    let Some(flow) = flow(&site, &settings) else { return Redirect::to(LOGIN).into_response() };
    let from = origin::from(&settings.web, &headers, &request);
    match led(&site, &flow, from, &next).await {
        Ok((to, cookie)) => (StatusCode::SEE_OTHER, [(LOCATION, to), (SET_COOKIE, cookie)]).into_response(),
        Err(trouble) => told(&site, &headers, from, &trouble, &next).await,
    }
}

/// Where to, and what the browser keeps until it comes back.
async fn led(site: &Site, flow: &Flow<'_>, from: Option<IpAddr>, next: &str) -> Result<(String, String), OidcTrouble> {
    site.throttle.admit_link(from).map_err(|wait| OidcTrouble::TooMany(wait.as_secs() + 1))?;
    let (cookie, way) = site.ways.begin(&safe(next), flow.clock.mono()).ok_or(OidcTrouble::NoBits)?;
    let to = flow.away(way).await?;
    Ok((to, session::give_on_the_way(&cookie, flow.settings.web.is_secure())))
}

pub(super) async fn back(
    State(site): State<Arc<Site>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    (method, uri): (Method, Uri),
    request: Extensions,
) -> Response {
    let settings = site.settings();
    let Some(flow) = flow(&site, &settings) else { return Redirect::to(LOGIN).into_response() };
    let from = origin::from(&settings.web, &headers, &request);
    match returned(&site, &flow, &headers, from, query.as_deref().unwrap_or_default()).await {
        Ok(response) => response,
        Err(error) => refuse(&Reason::Store(error), &method, &uri),
    }
}

/// `None`: there is no provider, or no address that it could lead back to.
fn flow<'f>(site: &'f Site, settings: &'f Settings) -> Option<Flow<'f>> {
    let lands = settings.web.address()? + LANDS;
    let (provider, clock) = (&site.provider, &site.service.clock);
    Some(Flow { provider, settings, oidc: settings.web.oidc.as_ref()?, lands, clock })
}

/// Where the browser of this session signs out at the provider, and what people call that.
pub(super) async fn out(site: &Site, cookie: &str) -> Option<(String, String)> {
    let (settings, token) = (site.settings(), site.hints.take(cookie)?);
    let (flow, lands) = (flow(site, &settings)?, settings.web.address()? + LOGIN);
    Some((flow.out(&token, &lands).await?, flow.oidc.name.clone()))
}

async fn returned(
    site: &Site,
    flow: &Flow<'_>,
    headers: &HeaderMap,
    from: Option<IpAddr>,
    query: &str,
) -> Result<Response, StoreError> {
    let secure = flow.settings.web.is_secure();
    let cookie = session::cookie_called(headers, session::way_name(secure)).unwrap_or_default();
    let state = only(query, "state").unwrap_or_default();
    let Some(way) = site.ways.back(&cookie, &state, flow.clock.mono()) else {
        return Ok(told(site, headers, from, &OidcTrouble::Lost, "/").await);
    };
    let mut response = match signed(site, flow, headers, flow.named(&way, &read(query)).await).await? {
        Ok((user, token)) => welcome(site, headers, &user, (&said(from), &way.next), Some(token)).await?,
        Err(trouble) => told(site, headers, from, &trouble, &way.next).await,
    };
    if let Ok(gone) = session::forget_the_way(secure).parse() {
        response.headers_mut().append(SET_COOKIE, gone);
    }
    Ok(response)
}

/// The account of whom the provider names, which has to be there, with its word for it.
async fn signed(
    site: &Site,
    flow: &Flow<'_>,
    headers: &HeaderMap,
    named: Result<NamedUser, OidcTrouble>,
) -> Result<Result<(User, String), OidcTrouble>, StoreError> {
    let NamedUser { user: name, token } = match named {
        Ok(named) if is_theirs(&flow.settings.web, headers, &named.user) => named,
        Ok(_) => return Ok(Err(OidcTrouble::OtherUser)),
        Err(trouble) => return Ok(Err(trouble)),
    };
    let asked = name.clone();
    let user = site.store().read(move |tx| tx.users().get(&asked)).await?;
    Ok(user.map(|user| (user, token)).ok_or(OidcTrouble::NoAccount(name)))
}

/// What came back with them. What is there twice was not written by one hand.
fn read(query: &str) -> Back {
    Back { code: only(query, "code"), error: only(query, "error"), iss: only(query, "iss") }
}

fn only(query: &str, name: &str) -> Option<String> {
    let mut all = form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| key == name);
    let first = all.next().map(|(_, value)| value.into_owned());
    first.filter(|_| all.next().is_none())
}

/// On the page on which one signs in, in the log, and in the trail as far as strangers do not fill it.
async fn told(site: &Site, headers: &HeaderMap, from: Option<IpAddr>, trouble: &OidcTrouble, next: &str) -> Response {
    tracing::warn!(why = %trouble, from = said(from), "a sign-in by OpenID Connect was refused");
    if site.throttle.is_worth_a_line() {
        let user = if let OidcTrouble::NoAccount(name) = trouble { Some(name.to_string()) } else { None };
        let nobody = Actor { through: Through::Session, user, ..Actor::default() };
        site.service.noted(&nobody, "sign-in", "refused", &said(from)).await;
    }
    let words = trouble.to_string();
    shown(site, headers, status(trouble), Filled { action: LOGIN, trouble: &words, next, ..Filled::default() })
}

fn status(trouble: &OidcTrouble) -> StatusCode {
    match trouble {
        OidcTrouble::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
        OidcTrouble::NoAccount(_) | OidcTrouble::OtherUser | OidcTrouble::Lost => StatusCode::FORBIDDEN,
        trouble if trouble.is_ours_to_mend() => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::UNAUTHORIZED,
    }
}

fn said(from: Option<IpAddr>) -> String {
    from.map_or_else(|| "OpenID Connect".to_owned(), |from| format!("OpenID Connect, from {from}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_back_counts_where_it_is_there_once() {
        let back = read("code=a%2Fb&state=s&iss=https%3A%2F%2Flogin.acme.example");
        assert_eq!((back.code.as_deref(), back.error), (Some("a/b"), None));
        assert_eq!(back.iss.as_deref(), Some("https://login.acme.example"));
        assert_eq!(only("state=a&state=b", "state"), None);
        assert_eq!((only("", "state"), only("states=a", "state")), (None, None));
    }

    #[test]
    fn what_only_the_operator_can_mend_is_no_fault_of_who_tried() {
        assert_eq!(status(&OidcTrouble::Silent(String::new())), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(status(&OidcTrouble::Nonce), StatusCode::UNAUTHORIZED);
        assert_eq!(status(&OidcTrouble::TooMany(1)), StatusCode::TOO_MANY_REQUESTS);
    }
}
