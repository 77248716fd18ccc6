//! What a route is, and whom it is for.

use axum::http::Method;

use crate::model::Role;

/// Whom a route is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Everybody who can connect.
    Open,
    /// Whoever has the link: it is all that is known of them.
    Link,
    /// Whoever signs the request by a secret of the configuration; without one there is no such route.
    Signature,
    /// Whoever has this role, or one above it.
    Role(Role),
}

/// One route, as it was added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    pub method: Method,
    /// As axum has it, `/findings/{case}`.
    pub path: String,
    pub needs: Needs,
}
