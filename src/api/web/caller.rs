//! Who asks, as the guard found out.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::Response;

use super::refused::{Reason, refuse};
use crate::access::token::Shown;
use crate::model::{Actor, Role, Through, UserName};
use crate::store::User;

/// Who asks. A handler takes it as an argument; there is one wherever a route needs a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// For the command service.
    pub actor: Actor,
    pub user: UserName,
    pub role: Role,
    /// Of a session: what its forms carry in the field `csrf`, and its scripts in the header `X-CSRF-Token`.
    pub csrf: Option<String>,
}

impl Caller {
    /// Somebody who signed in.
    pub(super) fn signed(user: &User, csrf: String) -> Self {
        let actor = Self::actor(user, Through::Session, None);
        Self { actor, user: user.name.clone(), role: user.role, csrf: Some(csrf) }
    }

    /// A program that showed a token.
    pub(super) fn showing(token: &Shown) -> Self {
        let actor = Self::actor(&token.user, Through::Token, Some(token.id));
        Self { actor, user: token.user.name.clone(), role: token.role, csrf: None }
    }

    /// Somebody whose account it is, by whatever way they came.
    pub(super) fn actor(user: &User, through: Through, token: Option<i64>) -> Actor {
        Actor { uid: user.person(), user: Some(user.name.to_string()), through, token }
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        let caller = parts.extensions.get::<Self>().cloned();
        caller.ok_or_else(|| refuse(&Reason::SignedOut, &parts.method, &parts.uri))
    }
}
