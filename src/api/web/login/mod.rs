//! How people sign in and out: a password, a link that works once, or the word of a proxy or of a provider.

mod by_oidc;
mod by_proxy;
mod form;
mod logout;
mod next;
mod once;
mod password;
mod welcome;

use by_oidc::LANDS;
use form::AWAY;

use super::needs::Needs;
use super::refused::LOGIN;
use super::routes::Routes;
use crate::api::accounts::ONCE;
use crate::model::Role;

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .get(LOGIN, Needs::Open, password::page)
        .post(LOGIN, Needs::Open, password::sign_in)
        .get(AWAY, Needs::Open, by_oidc::away)
        .get(LANDS, Needs::Open, by_oidc::back)
        .get(ONCE, Needs::Open, once::page)
        .post(ONCE, Needs::Open, once::sign_in)
        .post("/logout", Needs::Role(Role::Viewer), logout::logout)
}
