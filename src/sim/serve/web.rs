//! Pages for people, just enough that links in alerts lead somewhere, and the legacy addresses.

use axum::extract::{Path, RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};

use super::reply::{escape, redirect};
use super::shared::App;
use crate::model::ProjectName;

pub(super) async fn home(State(shared): App) -> Html<String> {
    let world = shared.world();
    Html(format!(
        "<!DOCTYPE html>\n<title>A simulated PyPI</title>\n<p>{} projects, serial {}.</p>\n",
        world.len(),
        world.last_serial()
    ))
}

pub(super) async fn project(State(shared): App, Path(name): Path<String>) -> Response {
    let Ok(name) = ProjectName::parse(&name) else { return not_found().await };
    let page = {
        let world = shared.world();
        world.project(&name).map(|project| {
            let life = project.life();
            let summary = life.latest().and_then(|release| release.summary.clone()).unwrap_or_default();
            let (display, owners) = (&project.display, life.owners().join(", "));
            format!(
                "<!DOCTYPE html>\n<title>{display}</title>\n<h1>{display}</h1>\n<p>{}</p>\n<p>Owners: {}</p>\n",
                escape(&summary),
                escape(&owners)
            )
        })
    };
    match page {
        Some(page) => Html(page).into_response(),
        None => not_found().await,
    }
}

/// `/pypi?:action=…`, of long ago.
pub(super) async fn legacy(RawQuery(query): RawQuery) -> Response {
    match query.unwrap_or_default().replace("%3A", ":").as_str() {
        ":action=packages_rss" => redirect("/rss/packages.xml"),
        ":action=rss" => redirect("/rss/updates.xml"),
        _ => not_found().await,
    }
}

pub(super) async fn not_found() -> Response {
    let kind = [(header::CONTENT_TYPE, "text/html; charset=UTF-8")];
    (StatusCode::NOT_FOUND, kind, "<!DOCTYPE html>\n<title>Page Not Found (404)</title>\n").into_response()
}
