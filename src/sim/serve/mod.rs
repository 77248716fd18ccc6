//! The HTTP side: routes, the state behind them, and what is common to every answer.

mod caches;
mod feed;
mod files;
mod index;
mod integrity;
mod json_api;
mod negotiate;
mod oidc;
mod quota;
mod reply;
mod rpc;
mod rss;
mod shared;
mod simple;
mod upload;
mod web;
mod wire;
mod xmlrpc;

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::fault::Fault;
use super::log::{Endpoint, Request as Logged};
use super::task::spawn;
use shared::App;
pub(super) use shared::Shared;

/// Serves until `stop`; under the fault `Refused` the port is closed, and opened again after it.
pub(super) async fn run(shared: Arc<Shared>, listener: TcpListener, stop: CancellationToken) {
    let mut listener = Some(listener);
    while !stop.is_cancelled() {
        let bound = match listener.take() {
            Some(bound) => bound,
            None => match TcpListener::bind(shared.address).await {
                Ok(bound) => bound,
                Err(error) => return tracing::error!(%error, "the simulator cannot open its port again"),
            },
        };
        let refuse = CancellationToken::new();
        let refused = refuse.clone().cancelled_owned();
        let service = router(shared.clone()).into_make_service_with_connect_info::<wire::Peer>();
        let server = axum::serve(wire::Lines(bound), service).with_graceful_shutdown(refused);
        spawn(async move {
            if let Err(error) = server.await {
                tracing::error!(%error, "the simulator stopped serving");
            }
        });
        tokio::select! {
            () = shared.faults.until(Fault::Refused, true) => {}
            () = stop.cancelled() => {}
        }
        refuse.cancel();
        tokio::select! {
            () = shared.faults.until(Fault::Refused, false) => {}
            () = stop.cancelled() => {}
        }
    }
}

fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/", get(web::home))
        .route("/rss/packages.xml", get(rss::packages))
        .route("/rss/updates.xml", get(rss::updates))
        .route("/rss/project/{name}/releases.xml", get(rss::project))
        .route("/pypi", post(rpc::call).get(web::legacy))
        .route("/pypi/", post(rpc::call))
        .route("/RPC2", post(rpc::call))
        .route("/simple", get(simple::with_slash))
        .route("/simple/", get(index::index))
        .route("/simple/{name}", get(simple::with_slash))
        .route("/simple/{name}/", get(simple::detail))
        .route("/pypi/{name}/json", get(json_api::project))
        .route("/pypi/{name}/json/", get(json_api::without_slash))
        .route("/pypi/{name}/{version}/json", get(json_api::release))
        .route("/pypi/{name}/{version}/json/", get(json_api::without_slash))
        .route("/integrity/{name}/{version}/{file}/provenance", get(integrity::provenance))
        .route("/project/{name}/", get(web::project))
        .route("/packages/{a}/{b}/{c}/{file}", get(files::download))
        .route("/legacy", post(upload::without_slash))
        .route("/legacy/", post(upload::post).get(upload::page).layer(DefaultBodyLimit::max(upload::BODY_LIMIT)))
        .route("/_/oidc/audience", get(oidc::audience))
        .route("/_/oidc/mint-token", post(oidc::mint))
        .fallback(web::not_found)
        .layer(from_fn_with_state(shared.clone(), around))
        .with_state(shared)
}

/// Around every request: latency, the log, and the headers all answers share.
async fn around(State(shared): App, request: Request, next: Next) -> Response {
    let endpoint = Endpoint::of(request.method(), request.uri().path());
    let agent = request.headers().get("user-agent").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (method, uri, user_agent) = (request.method().clone(), request.uri().clone(), agent.to_owned());
    let (request, body) = match peek(endpoint, request).await {
        Ok(peeked) => peeked,
        Err(status) => return status.into_response(),
    };
    let number = shared.log.arrived(Logged { endpoint, method, uri, user_agent, body, status: None });
    delay(&shared, endpoint).await;
    let mut response = next.run(request).await;
    shared.log.answered(number, response.status().as_u16());
    let headers = response.headers_mut();
    headers.insert("date", reply::value(&shared.clock.date()));
    headers.insert("access-control-allow-origin", reply::value("*"));
    headers.insert("access-control-expose-headers", reply::value("X-PyPI-Last-Serial"));
    response
}

/// The beginning of an XML-RPC call or an upload, for the log.
async fn peek(endpoint: Endpoint, request: Request) -> Result<(Request, String), StatusCode> {
    let limit = match endpoint {
        Endpoint::Xmlrpc => 1 << 20,
        Endpoint::Upload => upload::BODY_LIMIT,
        _ => return Ok((request, String::new())),
    };
    if request.method() != Method::POST {
        return Ok((request, String::new()));
    }
    let (parts, body) = request.into_parts();
    let bytes = to_bytes(body, limit).await.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE)?;
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]).into_owned();
    Ok((Request::from_parts(parts, Body::from(bytes)), start))
}

/// The faults that only cost time. A hanging call ends with the fault, or with the simulator.
async fn delay(shared: &Shared, endpoint: Endpoint) {
    if shared.faulty(Fault::Latency) {
        tokio::time::sleep(shared.options.latency).await;
    }
    let slow = match endpoint {
        Endpoint::Xmlrpc => Fault::XmlrpcSlow,
        Endpoint::Json | Endpoint::Page => Fault::JsonSlow,
        _ => return,
    };
    if shared.faulty(slow) {
        tokio::time::sleep(shared.options.slowness).await;
    }
    if endpoint == Endpoint::Xmlrpc {
        tokio::select! {
            () = shared.faults.until(Fault::XmlrpcHang, false) => {}
            () = shared.stop.cancelled() => {}
        }
    }
}
