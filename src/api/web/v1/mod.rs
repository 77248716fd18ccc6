//! `/api/v1`, and `/metrics`: what programs ask. Each resource of the table is a route, and there are no others but the document
//! that describes them.

pub(in crate::api) mod answer;
pub(in crate::api) mod asked;
mod document;

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{RawPathParams, State};
use axum::http::{HeaderMap, Uri};

use super::caller::Caller;
use super::needs::Needs;
use super::routes::Routes;
use super::site::Site;
use crate::api::v1::resource::{Method, RESOURCES, Resource};
use crate::model::Role;
use answer::answer;
use asked::Inquiry;

pub(super) fn routes(routes: Routes) -> Routes {
    let routes = routes.get(document::PATH, Needs::Role(Role::Viewer), document::document);
    RESOURCES.iter().fold(routes, |routes, resource| match resource.role {
        Some(role) => add(routes, resource, Needs::Role(role)),
        None => routes,
    })
}

fn add(routes: Routes, resource: &'static Resource, needs: Needs) -> Routes {
    let handler = move |State(site): State<Arc<Site>>,
                        caller: Caller,
                        path: Result<RawPathParams, RawPathParamsRejection>,
                        uri: Uri,
                        headers: HeaderMap,
                        body: Bytes| async move {
        let asked = Inquiry { resource, path: path.ok(), uri, headers, body };
        answer(&site.service, caller.actor, &asked).await
    };
    match resource.method {
        Method::Get => routes.get(resource.path, needs, handler),
        Method::Post => routes.post_up_to(resource.room(), resource.path, needs, handler),
        Method::Put => routes.put(resource.path, needs, handler),
    }
}
