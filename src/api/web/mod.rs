//! The web: pages for people and an API for programs, over one listener.
//!
//! Everything but `/healthz`, the way in, links from messages and what Slack signs is closed. A route is added with [`Routes`] alone, which says what it needs and
//! wraps it with the guard; whatever a handler does, it does through the command service, as the [`Caller`] whom the guard
//! let in.

mod answer;
mod assets;
mod bearer;
mod caller;
mod door;
mod guard;
mod headers;
mod health;
mod in_passing;
mod login;
mod needs;
mod origin;
mod pages;
mod proxied;
mod refused;
mod routes;
mod serve;
mod session;
mod shown;
mod site;
mod slack;
mod slack_app;
pub(super) mod v1;
mod windows;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;

pub use caller::Caller;
pub use needs::{Needs, Route};
pub use routes::Routes;
pub use serve::{Listening, bind, serve};
pub use session::{cookie_name, csrf};
pub use site::Site;

/// Every route, and the list of them.
pub fn routes(site: &Arc<Site>) -> Routes {
    let routes = Routes::new(site.clone()).get(health::PATH, Needs::Open, health::healthz);
    pages::routes(v1::routes(login::routes(slack::routes(answer::routes(routes)))))
}

/// What answers browsers and programs.
pub fn router(site: &Arc<Site>) -> Router {
    let door = from_fn_with_state(site.clone(), door::host);
    let strict = from_fn_with_state(site.clone(), headers::strict);
    let closed = routes(site).closed();
    closed.layer(door).layer(strict).with_state(site.clone())
}
