//! `/pypi/NAME/json`: what look-ups ask (`warehouse/legacy/api/json.py`).
//!
//! File digests give SHA-256 only; PyPI adds MD5 and BLAKE2.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::reply::{Document, redirect};
use super::shared::{App, Shared};
use super::simple::upload_time;
use crate::model::{ProjectName, Serial};
use crate::sim::fault::Fault;
use crate::sim::wheel::Wheel;
use crate::sim::world::{Life, Release};

pub(super) async fn project(State(shared): App, Path(name): Path<String>, headers: HeaderMap) -> Response {
    answer(&shared, &name, None, &headers)
}

pub(super) async fn release(
    State(shared): App,
    Path((name, version)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    answer(&shared, &name, Some(&version), &headers)
}

pub(super) async fn without_slash(uri: Uri) -> Response {
    redirect(uri.path().trim_end_matches('/'))
}

/// Unknown, empty or quarantined: 404. The name is normalized silently, as the edge does.
fn answer(shared: &Shared, name: &str, version: Option<&str>, headers: &HeaderMap) -> Response {
    if shared.faulty(Fault::JsonError) {
        return (StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error").into_response();
    }
    let found = if shared.faulty(Fault::JsonNotFound) { None } else { document(shared, name, version) };
    match found {
        Some(document) => document.answer(headers, &[("cache-control", "max-age=900, public")]),
        None => {
            let kind = [(header::CONTENT_TYPE, "application/json")];
            (StatusCode::NOT_FOUND, kind, "{\"message\": \"Not Found\"}").into_response()
        }
    }
}

fn document(shared: &Shared, name: &str, version: Option<&str>) -> Option<Document> {
    let name = ProjectName::parse(name).ok()?;
    let (display, life, serial) = {
        let world = shared.world();
        let project = world.project(&name)?;
        (project.display.to_string(), project.life().into_owned(), project.last_serial)
    };
    if life.quarantined {
        return None;
    }
    let release = if let Some(version) = version { life.release(version)? } else { life.latest()? };
    let view = View { base_url: &shared.base_url, name: &name, display: &display, life: &life };
    let mut body = view.body(release, serial);
    if version.is_none() {
        body["releases"] = view.releases();
    }
    Some(Document::new("application/json", body.to_string()).with_serial(serial))
}

struct View<'a> {
    base_url: &'a str,
    name: &'a ProjectName,
    display: &'a str,
    life: &'a Life,
}

impl View<'_> {
    fn body(&self, release: &Release, serial: Serial) -> Value {
        json!({
            "info": self.info(release),
            "last_serial": serial,
            "ownership": self.ownership(),
            "urls": [self.file(release)],
            "vulnerabilities": [],
        })
    }

    /// Owners first, then by user name.
    fn ownership(&self) -> Value {
        let mut roles = self.life.roles.clone();
        roles.sort();
        let roles: Vec<Value> = roles.iter().map(|(role, user)| json!({"role": role.as_str(), "user": user})).collect();
        json!({"roles": roles, "organization": self.life.organization})
    }

    fn releases(&self) -> Value {
        let releases =
            self.life.in_order().into_iter().map(|release| (release.version.clone(), vec![self.file(release)]));
        json!(releases.collect::<BTreeMap<_, _>>())
    }

    fn info(&self, release: &Release) -> Value {
        let page = format!("{}/project/{}/", self.base_url, self.name);
        let mut info = json!({
            "author": "", "author_email": release.author_email.as_deref().unwrap_or_default(), "bugtrack_url": null,
            "classifiers": [], "description": "", "description_content_type": null, "docs_url": null,
            "download_url": "", "downloads": {"last_day": -1, "last_month": -1, "last_week": -1}, "dynamic": null,
            "home_page": "", "keywords": "", "license": "", "license_expression": null, "license_files": null,
            "maintainer": "", "maintainer_email": "",
        });
        let rest = json!({
            "name": self.display, "package_url": page, "platform": "", "project_url": page, "project_urls": null,
            "provides_extra": null, "release_url": format!("{page}{}/", release.version), "requires_dist": null,
            "requires_python": null, "summary": release.summary, "version": release.version,
            "yanked": release.yanked.is_some(), "yanked_reason": reason(release),
        });
        if let (Value::Object(info), Value::Object(rest)) = (&mut info, rest) {
            info.extend(rest);
        }
        info
    }

    fn file(&self, release: &Release) -> Value {
        let wheel = Wheel::build(self.name, release);
        json!({
            "comment_text": "", "core-metadata": {"sha256": wheel.metadata_sha256()},
            "digests": {"sha256": wheel.sha256()}, "downloads": -1, "filename": wheel.filename, "has_sig": false,
            "packagetype": "bdist_wheel", "python_version": "py3", "requires_python": null, "size": wheel.bytes.len(),
            "upload_time": release.created.format("%Y-%m-%dT%H:%M:%S").to_string(),
            "upload_time_iso_8601": upload_time(release.created),
            "url": format!("{}{}", self.base_url, wheel.path()),
            "yanked": release.yanked.is_some(), "yanked_reason": reason(release),
        })
    }
}

/// `null` when not yanked, and when yanked without a reason.
fn reason(release: &Release) -> Option<&str> {
    release.yanked.as_deref().filter(|reason| !reason.is_empty())
}
