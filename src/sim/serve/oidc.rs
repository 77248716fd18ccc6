//! Trusted publishing (`warehouse` `oidc/views.py`): an identity token for an upload token of 15 minutes.
//!
//! The simulator's issuer signs with HMAC-SHA256 (`Policy::identity_key`), and a publisher is known by its subject alone.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use chrono::TimeDelta;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::shared::{App, Shared};
use super::upload::{help, repr};
use crate::model::{ProjectName, Time};
use crate::sim::fault::Fault;
use crate::sim::hex::hex;
use crate::sim::identity::{AUDIENCE, Claims, ISSUER, Unsigned, read};
use crate::sim::world::{Holder, Refusal, Token, World};

/// Seconds that a minted token lives.
const LIFE: i64 = 900;

pub(super) async fn audience(State(shared): App) -> Response {
    if shared.faulty(Fault::OidcClosed) {
        return said(StatusCode::FORBIDDEN, &json!({"message": "Trusted publishing functionality not enabled"}));
    }
    said(StatusCode::OK, &json!({"audience": AUDIENCE}))
}

pub(super) async fn mint(State(shared): App, body: Bytes) -> Response {
    match minted(&shared, &body) {
        Ok((token, expires)) => {
            said(StatusCode::OK, &json!({"success": true, "token": token, "expires": expires.timestamp()}))
        }
        Err((code, description)) => {
            let errors = json!([{"code": code, "description": description}]);
            said(StatusCode::UNPROCESSABLE_ENTITY, &json!({"message": "Token request failed", "errors": errors}))
        }
    }
}

fn said(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

#[derive(Deserialize)]
struct Payload {
    token: String,
}

/// Code and description.
type Refused = (&'static str, String);

fn minted(shared: &Shared, body: &[u8]) -> Result<(String, Time), Refused> {
    let payload: Payload = serde_json::from_slice(body)
        .map_err(|error| ("invalid-payload", format!("1 validation error for TokenPayload: {error}")))?;
    let mut world = shared.world();
    let now = shared.clock.now();
    let (claims, sound) = read(&payload.token, &world.policy.identity_key, now)
        .map_err(|Unsigned| ("invalid-payload", "malformed JWT".to_owned()))?;
    if claims.iss != ISSUER {
        return Err(("invalid-payload", "unknown trusted publishing issuer".to_owned()));
    }
    if shared.faulty(Fault::OidcClosed) {
        return Err(("not-enabled", "GitHub trusted publishing functionality not enabled".to_owned()));
    }
    if !sound {
        return Err(("invalid-token", "malformed or invalid token".to_owned()));
    }
    let closed = shared.faulty(Fault::UploadRegistrationClosed);
    reified(&mut world, &claims, now, closed)?;
    exchanged(&mut world, &claims, now)
}

/// A pending publisher with this subject becomes one, and its project is created, empty.
fn reified(world: &mut World, claims: &Claims, now: Time, closed: bool) -> Result<(), Refused> {
    world.expire_publishers(now);
    let pending = world.publishers.pending.iter().find(|pending| pending.subject == claims.sub).cloned();
    let Some(pending) = pending else { return Ok(()) };
    let exists = ProjectName::parse(&pending.display).is_ok_and(|name| world.project(&name).is_some());
    if exists {
        world.publishers.pending.retain(|known| *known != pending);
        return Err(("invalid-pending-publisher", "valid token, but project already exists".to_owned()));
    }
    if closed {
        let see = help("admin-intervention");
        let what = format!("New project registration temporarily disabled. See {see} for more information.");
        return Err(("invalid-payload", what));
    }
    let refused = |why| ("invalid-payload", unavailable(&pending.display, &why));
    world.reify(&pending, now).map(drop).map_err(refused)
}

fn unavailable(display: &str, why: &Refusal) -> String {
    let what = match why {
        Refusal::Similar(_) => "is too similar to an existing project.",
        Refusal::Existing(_) => "conflicts with an existing project.",
        Refusal::Stdlib(_) => "isn't allowed (conflict with Python Standard Library module name).",
        _ => "isn't allowed.",
    };
    format!("The name {} {what} See {} for more information.", repr(display), help("project-name"))
}

/// A token for the projects of the publisher; an identity token is good for one.
fn exchanged(world: &mut World, claims: &Claims, now: Time) -> Result<(String, Time), Refused> {
    let Some(projects) = world.publishers.standing.get(&claims.sub).filter(|projects| !projects.is_empty()) else {
        let what = "valid token, but no corresponding publisher (Publisher with matching claims was not found)";
        return Err(("invalid-publisher", what.to_owned()));
    };
    let projects = Some(projects.clone());
    if !world.publishers.exchanged.insert(claims.jti.clone()) {
        return Err(("invalid-reuse-token", "invalid token: already used".to_owned()));
    }
    let token = format!("pypi-{}", hex(&Sha256::digest(format!("{} {}", claims.jti, world.policy.identity_key))));
    let expires = now + TimeDelta::seconds(LIFE);
    let minted = Token { holder: Holder::Publisher(claims.sub.clone()), projects, expires: Some(expires) };
    world.accounts.tokens.insert(token.clone(), minted);
    Ok((token, expires))
}
