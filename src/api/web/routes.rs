//! The only way to add a route: each says what it needs, and is on the list that the test of strangers walks.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter, on};

use super::guard::{Gate, guard};
use super::needs::{Needs, Route};
use super::refused::{Reason, refuse};
use super::site::Site;
use crate::api::v1::resource::COMMAND_ROOM;
use crate::model::Role;

/// Routes that are being put together.
pub struct Routes {
    site: Arc<Site>,
    router: Router<Arc<Site>>,
    list: Vec<Route>,
}

impl Routes {
    pub fn new(site: Arc<Site>) -> Self {
        Self { site, router: Router::new(), list: Vec::new() }
    }

    /// Also answers HEAD.
    pub fn get<H: Handler<T, Arc<Site>>, T: 'static>(self, path: &str, needs: Needs, handler: H) -> Self {
        self.route((Method::GET, MethodFilter::GET), path, needs, handler)
    }

    pub fn post<H: Handler<T, Arc<Site>>, T: 'static>(self, path: &str, needs: Needs, handler: H) -> Self {
        self.route((Method::POST, MethodFilter::POST), path, needs, handler)
    }

    /// For bodies of up to so many bytes.
    pub fn post_up_to<H: Handler<T, Arc<Site>>, T: 'static>(
        mut self,
        room: usize,
        path: &str,
        needs: Needs,
        handler: H,
    ) -> Self {
        self.list.push(Route { method: Method::POST, path: path.to_owned(), needs });
        let guarded = self.guarded((needs, room), axum::routing::post(handler));
        Self { router: self.router.route(path, guarded), ..self }
    }

    pub fn put<H: Handler<T, Arc<Site>>, T: 'static>(self, path: &str, needs: Needs, handler: H) -> Self {
        self.route((Method::PUT, MethodFilter::PUT), path, needs, handler)
    }

    /// Every route that was added.
    pub fn list(&self) -> &[Route] {
        &self.list
    }

    fn route<H: Handler<T, Arc<Site>>, T: 'static>(
        mut self,
        (method, filter): (Method, MethodFilter),
        path: &str,
        needs: Needs,
        handler: H,
    ) -> Self {
        self.list.push(Route { method, path: path.to_owned(), needs });
        let guarded = self.guarded((needs, COMMAND_ROOM), on(filter, handler));
        Self { router: self.router.route(path, guarded), ..self }
    }

    fn guarded(&self, (needs, room): (Needs, usize), methods: MethodRouter<Arc<Site>>) -> MethodRouter<Arc<Site>> {
        methods.layer(from_fn_with_state(Gate { site: self.site.clone(), needs, room }, guard))
    }

    /// With everything else closed too: a stranger does not learn what is there.
    pub(super) fn closed(self) -> Router<Arc<Site>> {
        let needs = (Needs::Role(Role::Viewer), COMMAND_ROOM);
        let nothing = self.guarded(needs, axum::routing::any(nothing)).with_state(self.site.clone());
        let otherwise = self.guarded(needs, axum::routing::any(otherwise));
        self.router.fallback_service(nothing).method_not_allowed_fallback(otherwise)
    }
}

/// axum adds by which methods it is done.
async fn otherwise(request: Request) -> Response {
    refuse(&Reason::Method, request.method(), request.uri())
}

async fn nothing(request: Request) -> Response {
    refuse(&Reason::Nothing, request.method(), request.uri())
}
