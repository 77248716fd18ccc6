//! `/integrity/NAME/VERSION/FILE/provenance`: who published a file (PEP 740; `warehouse/api/integrity.py`).

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use super::shared::{App, Shared};
use crate::model::ProjectName;

const OWN: &str = "application/vnd.pypi.integrity.v1+json";
const JSON: &str = "application/json";

/// Where the provenance of a file is.
pub(super) fn address(base_url: &str, name: &ProjectName, version: &str, filename: &str) -> String {
    format!("{base_url}/integrity/{name}/{version}/{filename}/provenance")
}

pub(super) async fn provenance(
    State(shared): App,
    Path((name, version, filename)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Response {
    let Some(kind) = accepted(&headers) else {
        return said(StatusCode::NOT_ACCEPTABLE, "Request not acceptable");
    };
    match kept(&shared, &name, &version, &filename) {
        Some(text) => {
            ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "max-age=600, public")], text).into_response()
        }
        None => said(StatusCode::NOT_FOUND, &format!("No provenance available for {filename}")),
    }
}

fn kept(shared: &Shared, name: &str, version: &str, filename: &str) -> Option<String> {
    let name = ProjectName::parse(name).ok()?;
    shared.world().provenance(&name, version, filename).map(str::to_owned)
}

/// The first type that is asked for and that there is. Qualities are not weighed, as between two names of one body.
fn accepted(headers: &HeaderMap) -> Option<&'static str> {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("*/*");
    let asked = accept.split(',').map(|range| range.split(';').next().unwrap_or_default().trim());
    asked.into_iter().find_map(|range| match range {
        OWN | "*/*" | "application/*" => Some(OWN),
        JSON => Some(JSON),
        _ => None,
    })
}

fn said(status: StatusCode, message: &str) -> Response {
    (status, [(header::CONTENT_TYPE, JSON)], json!({"message": message}).to_string()).into_response()
}
