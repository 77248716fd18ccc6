//! `/simple/NAME/`: the files of one project, in JSON and HTML (`warehouse/packaging/utils.py`).

use std::fmt::Write as _;

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde_json::{Value, json};

use super::negotiate::Format;
use super::reply::{Document, escape, plain_not_found, redirect};
use super::shared::{App, Shared};
use crate::model::{ProjectName, Serial, Time};
use crate::sim::wheel::Wheel;
use crate::sim::world::{Life, Release};

/// What the detail page says of a project.
struct Detail {
    name: ProjectName,
    serial: Serial,
    quarantined: bool,
    files: Vec<(Release, Wheel)>,
}

/// `/simple` and `/simple/NAME` want a slash.
pub(super) async fn with_slash(uri: Uri) -> Response {
    redirect(&format!("{}/", uri.path()))
}

pub(super) async fn detail(
    State(shared): App,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let Ok(normal) = ProjectName::parse(&name) else { return plain_not_found() };
    if normal.as_str() != name {
        return redirect(&format!("/simple/{normal}/"));
    }
    let Some(detail) = Detail::of(&shared, normal) else { return plain_not_found() };
    let format = Format::choose(query.as_deref(), &headers);
    let body = if format == Format::Json { detail.json(&shared.base_url) } else { detail.html(&shared.base_url) };
    let document = Document::new(format.content_type(), body).with_serial(detail.serial);
    document.answer(&headers, &[("cache-control", "max-age=600, public"), ("vary", "Accept, Accept-Encoding")])
}

impl Detail {
    fn of(shared: &Shared, name: ProjectName) -> Option<Self> {
        let world = shared.world();
        let project = world.project(&name)?;
        let life = project.life();
        let files = if life.quarantined { Vec::new() } else { files(&name, &life) };
        Some(Self { serial: project.last_serial, quarantined: life.quarantined, files, name })
    }

    fn json(&self, base_url: &str) -> String {
        let files: Vec<Value> = self.files.iter().map(|(release, wheel)| file(base_url, release, wheel)).collect();
        let versions: Vec<&str> = self.files.iter().map(|(release, _)| release.version.as_str()).collect();
        let status = if self.quarantined { "quarantined" } else { "active" };
        let detail = json!({
            "files": files,
            "meta": {"_last-serial": self.serial, "api-version": "1.4"},
            "name": self.name,
            "project-status": {"status": status},
            "versions": versions,
        });
        format!("{detail}\n")
    }

    fn html(&self, base_url: &str) -> String {
        let name = &self.name;
        let mut body = format!(
            "<!DOCTYPE html>\n<html>\n  <head>\n    <meta name=\"pypi:repository-version\" content=\"1.4\">\n    \
             <meta name=\"pypi:project-status\" content=\"{}\">\n    <title>Links for {name}</title>\n  </head>\n  \
             <body>\n    <h1>Links for {name}</h1>\n",
            if self.quarantined { "quarantined" } else { "active" }
        );
        for (release, wheel) in &self.files {
            let _ = writeln!(body, "    {}<br />", anchor(base_url, release, wheel));
        }
        let _ = write!(body, "</body>\n</html>\n<!--SERIAL {}-->", self.serial);
        body
    }
}

/// Files in the order of versions.
fn files(name: &ProjectName, life: &Life) -> Vec<(Release, Wheel)> {
    life.in_order().into_iter().map(|release| (release.clone(), Wheel::build(name, release))).collect()
}

fn file(base_url: &str, release: &Release, wheel: &Wheel) -> Value {
    let metadata = json!({"sha256": wheel.metadata_sha256()});
    json!({
        "core-metadata": metadata,
        "data-dist-info-metadata": metadata,
        "filename": wheel.filename,
        "hashes": {"sha256": wheel.sha256()},
        "provenance": null,
        "requires-python": null,
        "size": wheel.bytes.len(),
        "upload-time": upload_time(release.created),
        "url": format!("{base_url}{}", wheel.path()),
        "yanked": yanked(release),
    })
}

fn anchor(base_url: &str, release: &Release, wheel: &Wheel) -> String {
    let yanked = release.yanked.as_ref().map(|reason| format!(" data-yanked=\"{}\"", escape(reason)));
    let metadata = wheel.metadata_sha256();
    format!(
        "<a href=\"{base_url}{}#sha256={}\"{} data-dist-info-metadata=\"sha256={metadata}\" \
         data-core-metadata=\"sha256={metadata}\">{}</a>",
        wheel.path(),
        wheel.sha256(),
        yanked.unwrap_or_default(),
        wheel.filename,
    )
}

/// `false`, `true`, or the reason.
fn yanked(release: &Release) -> Value {
    match release.yanked.as_deref() {
        None => Value::Bool(false),
        Some("") => Value::Bool(true),
        Some(reason) => Value::from(reason),
    }
}

/// Python's naive `isoformat()` and a `Z`: six digits of fraction, or none when it is zero.
pub(super) fn upload_time(at: Time) -> String {
    let fraction = if at.timestamp_subsec_micros() == 0 { "" } else { "%.6f" };
    format!("{}Z", at.format(&format!("%Y-%m-%dT%H:%M:%S{fraction}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_second_has_no_fraction() {
        let at = |micros| chrono::DateTime::from_timestamp_micros(micros).expect("in range");
        assert_eq!(upload_time(at(1_787_331_457_000_000)), "2026-08-21T16:57:37Z");
        assert_eq!(upload_time(at(1_787_331_457_120_934)), "2026-08-21T16:57:37.120934Z");
    }
}
