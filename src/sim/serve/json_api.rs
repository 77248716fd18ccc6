//! `/pypi/NAME/json`: what look-ups ask (`warehouse/legacy/api/json.py`).

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::reply::{Document, redirect};
use super::shared::{App, Shared};
use super::simple::{metadata, upload_time};
use crate::model::{ProjectName, Serial};
use crate::sim::fault::Fault;
use crate::sim::world::{Life, Release, StoredFile, files_of};

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
            "urls": self.files(release),
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
        let releases = self.life.in_order().into_iter().map(|release| (release.version.clone(), self.files(release)));
        json!(releases.collect::<BTreeMap<_, _>>())
    }

    fn info(&self, release: &Release) -> Value {
        let page = format!("{}/project/{}/", self.base_url, self.name);
        let mut info = said(release);
        let rest = json!({
            "author_email": release.author_email.as_deref().unwrap_or_default(), "bugtrack_url": null, "docs_url": null,
            "downloads": {"last_day": -1, "last_month": -1, "last_week": -1}, "name": self.display, "package_url": page,
            "project_url": page, "release_url": format!("{page}{}/", release.version), "summary": release.summary,
            "version": release.version, "yanked": release.yanked.is_some(), "yanked_reason": reason(release),
        });
        if let (Value::Object(info), Value::Object(rest)) = (&mut info, rest) {
            info.extend(rest);
        }
        info
    }

    fn files(&self, release: &Release) -> Vec<Value> {
        files_of(self.name, release).iter().map(|file| self.file(release, file)).collect()
    }

    fn file(&self, release: &Release, file: &StoredFile) -> Value {
        let (md5, sha256, blake2_256) = (file.md5(), file.sha256(), file.blake2_256());
        json!({
            "comment_text": "", "core-metadata": metadata(file), "md5_digest": md5,
            "digests": {"md5": md5, "sha256": sha256, "blake2_256": blake2_256},
            "downloads": -1, "filename": file.filename, "has_sig": false, "packagetype": file.packagetype(),
            "python_version": file.python, "requires_python": release.field("requires_python").first(),
            "size": file.bytes.len(), "upload_time": file.uploaded.format("%Y-%m-%dT%H:%M:%S").to_string(),
            "upload_time_iso_8601": upload_time(file.uploaded), "url": format!("{}{}", self.base_url, file.path()),
            "yanked": release.yanked.is_some(), "yanked_reason": reason(release),
        })
    }
}

/// What the form of the first upload said: texts are empty where it said nothing, lists and later fields null.
fn said(release: &Release) -> Value {
    let text = |key: &str| release.field(key).first().cloned().unwrap_or_default();
    let maybe = |key: &str| release.field(key).first();
    let list = |key: &str| Some(release.field(key)).filter(|values| !values.is_empty());
    let pairs = release.field("project_urls").iter().filter_map(|url| url.split_once(','));
    let urls: BTreeMap<&str, &str> = pairs.map(|(label, url)| (label.trim(), url.trim())).collect();
    json!({
        "author": text("author"), "classifiers": release.field("classifiers"), "description": release.readme.clone().unwrap_or_else(|| text("description")),
        "description_content_type": maybe("description_content_type"), "download_url": text("download_url"),
        "dynamic": list("dynamic"), "home_page": text("home_page"), "keywords": text("keywords"),
        "license": text("license"), "license_expression": maybe("license_expression"),
        "license_files": list("license_file"), "maintainer": text("maintainer"),
        "maintainer_email": text("maintainer_email"), "platform": text("platform"),
        "project_urls": Some(urls).filter(|urls| !urls.is_empty()), "provides_extra": list("provides_extra"),
        "requires_dist": list("requires_dist"), "requires_python": maybe("requires_python"),
    })
}

/// `null` when not yanked, and when yanked without a reason.
fn reason(release: &Release) -> Option<&str> {
    release.yanked.as_deref().filter(|reason| !reason.is_empty())
}
