//! What stands before every handler: who asks, what they may, and that no page of somebody else's asks for them.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};
use axum::middleware::Next;
use axum::response::Response;
use url::form_urlencoded;

use super::bearer;
use super::caller::Caller;
use super::door;
use super::needs::Needs;
use super::proxied;
use super::refused::{Reason, refuse};
use super::session;
use super::site::Site;
use crate::crowd::{Patience, ending};

/// A body comes at once.
const BODY: Duration = Duration::from_secs(10);
/// The header and the field of a form in which the word of the session stands.
const HEADER: HeaderName = HeaderName::from_static("x-csrf-token");
const FIELD: &str = "csrf";

/// One route's door.
#[derive(Clone)]
pub(super) struct Gate {
    pub(super) site: Arc<Site>,
    pub(super) needs: Needs,
    /// The largest body that it takes, in bytes.
    pub(super) room: usize,
}

/// Lets in whoever may. The body is read here, whole and in time, but only of those who may.
pub(super) async fn guard(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let patience = parts.extensions.get::<Arc<Patience>>().cloned();
    let (method, uri) = (parts.method.clone(), parts.uri.clone());
    let read = match admit(&gate, &mut parts).await {
        Ok(()) => read(&gate, &parts, body).await,
        Err(reason) => Err(reason),
    };
    let turn = patience.map(|patience| patience.heard());
    let answer = match read {
        Ok(body) => next.run(Request::from_parts(parts, Body::from(body))).await,
        Err(reason) => refuse(&reason, &method, &uri),
    };
    match turn {
        Some(turn) => ending(turn, answer),
        None => answer,
    }
}

/// Finds out who asks, and leaves it for the handler.
async fn admit(gate: &Gate, parts: &mut Parts) -> Result<(), Reason> {
    if matches!(gate.needs, Needs::Link | Needs::Signature) {
        // Whoever is signed in in this browser may be somebody else.
        return Ok(());
    }
    let caller = caller(&gate.site, &parts.headers).await?;
    match (gate.needs, &caller) {
        (Needs::Open | Needs::Link | Needs::Signature, _) => {}
        (Needs::Role(_), None) => return Err(Reason::SignedOut),
        (Needs::Role(needed), Some(caller)) if !caller.role.suffices(needed) => {
            return Err(Reason::Role(caller.role, needed));
        }
        (Needs::Role(_), Some(_)) => {}
    }
    if let Some(caller) = caller {
        parts.extensions.insert(caller);
    }
    Ok(())
}

/// By a token, where one is shown, else by the session.
async fn caller(site: &Site, headers: &HeaderMap) -> Result<Option<Caller>, Reason> {
    if let Some(shown) = headers.get(AUTHORIZATION) {
        let token = bearer::shown(site, shown.to_str().unwrap_or_default()).await.map_err(Reason::Store)?;
        return token.map(|token| Some(Caller::showing(&token))).ok_or(Reason::SignedOut);
    }
    let Some(cookie) = session::cookie(headers, site.settings().web.is_secure()) else { return Ok(None) };
    let csrf = session::csrf(&cookie);
    let signed = session::signed(site, headers, cookie).await.map_err(Reason::Store)?;
    let settings = site.settings();
    let signed = signed.filter(|signed| proxied::is_theirs(&settings.web, headers, &signed.user.name));
    Ok(signed.map(|signed| Caller::signed(&signed.user, csrf)))
}

/// The body, and whether a page of ours sent it where it changes something.
async fn read(gate: &Gate, parts: &Parts, body: Body) -> Result<Bytes, Reason> {
    let changes = !parts.method.is_safe();
    let by_token = parts.extensions.get::<Caller>().is_some_and(|caller| caller.csrf.is_none());
    if changes && !by_token && !door::is_from_us(&gate.site.settings().web, &parts.headers) {
        return Err(Reason::Forged);
    }
    let whole = tokio::time::timeout(BODY, to_bytes(body, gate.room)).await.map_err(|_| Reason::Slow)?;
    let body = whole.map_err(|_| Reason::TooLarge(gate.room))?;
    let csrf = parts.extensions.get::<Caller>().and_then(|caller| caller.csrf.as_deref());
    // A form that is there for everybody has a word of its own: whoever is signed in may sign in as somebody else.
    match csrf.filter(|_| gate.needs != Needs::Open) {
        Some(csrf) if changes && !session::is_csrf(&given(&parts.headers, &body), csrf) => Err(Reason::Forged),
        _ => Ok(body),
    }
}

/// The word that came with it, if any did.
fn given(headers: &HeaderMap, body: &[u8]) -> String {
    if let Some(value) = headers.get(HEADER) {
        return value.to_str().unwrap_or_default().to_owned();
    }
    let form = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if form.is_none_or(|form| !form.starts_with("application/x-www-form-urlencoded")) {
        return String::new();
    }
    let field = form_urlencoded::parse(body).find(|(name, _)| name == FIELD);
    field.map(|(_, value)| value.into_owned()).unwrap_or_default()
}
