//! `/simple/NAME/`: the files of one project, in JSON and HTML (`warehouse/packaging/utils.py`).

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde_json::{Value, json};

use super::integrity;
use super::negotiate::Format;
use super::reply::{Document, escape, plain_not_found, redirect};
use super::shared::{App, Shared};
use crate::model::{ProjectName, Serial, Time};
use crate::sim::world::{Life, Release, StoredFile, World, files_of};

/// What the detail page says of a project.
struct Detail {
    name: ProjectName,
    serial: Serial,
    /// PEP 792.
    status: &'static str,
    files: Vec<(Release, Arc<StoredFile>)>,
    /// The names of those that have a provenance (PEP 740).
    attested: BTreeSet<String>,
    /// PEP 752, where PyPI has namespaces: the one that the name is in, and whether its holder is the owner's.
    namespace: Option<Value>,
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
        let status = match (life.quarantined, life.archived) {
            (true, _) => "quarantined",
            (_, true) => "archived",
            _ => "active",
        };
        let namespace = namespaces(&world, &name, &life);
        let names = files.iter().map(|(_, file)| &file.filename);
        let attested = names.filter(|name| world.is_attested(name)).cloned().collect();
        Some(Self { serial: project.last_serial, status, files, attested, namespace, name })
    }

    fn json(&self, base_url: &str) -> String {
        let with_provenance = |(release, stored): &(Release, Arc<StoredFile>)| {
            let mut file = file(base_url, release, stored);
            file["provenance"] = self.provenance(base_url, release, stored).into();
            file
        };
        let files: Vec<Value> = self.files.iter().map(with_provenance).collect();
        let mut versions: Vec<&str> = self.files.iter().map(|(release, _)| release.version.as_str()).collect();
        versions.dedup();
        let mut detail = json!({
            "files": files,
            "meta": {"_last-serial": self.serial, "api-version": if self.namespace.is_some() { "1.5" } else { "1.4" }},
            "name": self.name,
            "project-status": {"status": self.status},
            "versions": versions,
        });
        if let Some(namespace) = &self.namespace {
            detail["namespaces"] = namespace.clone();
        }
        format!("{detail}\n")
    }

    fn html(&self, base_url: &str) -> String {
        let name = &self.name;
        let mut body = format!(
            "<!DOCTYPE html>\n<html>\n  <head>\n    <meta name=\"pypi:repository-version\" content=\"1.4\">\n    \
             <meta name=\"pypi:project-status\" content=\"{}\">\n    <title>Links for {name}</title>\n  </head>\n  \
             <body>\n    <h1>Links for {name}</h1>\n",
            self.status
        );
        for (release, file) in &self.files {
            let provenance = self.provenance(base_url, release, file);
            let _ = writeln!(body, "    {}<br />", anchor(base_url, release, file, provenance.as_deref()));
        }
        let _ = write!(body, "</body>\n</html>\n<!--SERIAL {}-->", self.serial);
        body
    }

    /// Where the provenance of a file is, if it has one.
    fn provenance(&self, base_url: &str, release: &Release, file: &StoredFile) -> Option<String> {
        let attested = self.attested.contains(&file.filename);
        attested.then(|| integrity::address(base_url, &self.name, &release.version, &file.filename))
    }
}

/// `null` for a name in no namespace; `owned` where the organization that holds the namespace holds the project.
fn namespaces(world: &World, name: &ProjectName, life: &Life) -> Option<Value> {
    world.namespaces.as_ref()?;
    Some(world.namespace_of(name).map_or(Value::Null, |(namespace, organization)| {
        json!([{"name": namespace, "owned": life.organization.as_deref() == Some(organization)}])
    }))
}

/// Files in the order of versions, then by name.
fn files(name: &ProjectName, life: &Life) -> Vec<(Release, Arc<StoredFile>)> {
    let of_release = |release: &Release| {
        let mut files = files_of(name, release);
        files.sort_by(|a, b| a.filename.cmp(&b.filename));
        files.into_iter().map(|file| (release.clone(), file)).collect::<Vec<_>>()
    };
    life.in_order().into_iter().flat_map(of_release).collect()
}

fn file(base_url: &str, release: &Release, file: &StoredFile) -> Value {
    let metadata = metadata(file);
    json!({
        "core-metadata": metadata,
        "data-dist-info-metadata": metadata,
        "filename": file.filename,
        "hashes": {"sha256": file.sha256()},
        "requires-python": release.field("requires_python").first(),
        "size": file.bytes.len(),
        "upload-time": upload_time(file.uploaded),
        "url": format!("{base_url}{}", file.path()),
        "yanked": yanked(release),
    })
}

/// The digest of a wheel's metadata; `false` for source distributions.
pub(super) fn metadata(file: &StoredFile) -> Value {
    file.metadata_sha256().map_or(Value::Bool(false), |digest| json!({"sha256": digest}))
}

fn anchor(base_url: &str, release: &Release, file: &StoredFile, provenance: Option<&str>) -> String {
    let python = release.field("requires_python").first();
    let python = python.map(|python| format!(" data-requires-python=\"{}\"", escape(python)));
    let yanked = release.yanked.as_ref().map(|reason| format!(" data-yanked=\"{}\"", escape(reason)));
    let metadata = file
        .metadata_sha256()
        .map(|digest| format!(" data-dist-info-metadata=\"sha256={digest}\" data-core-metadata=\"sha256={digest}\""));
    let provenance = provenance.map(|address| format!(" data-provenance=\"{}\"", escape(address)));
    format!(
        "<a href=\"{base_url}{}#sha256={}\"{}{}{}{}>{}</a>",
        file.path(),
        file.sha256(),
        python.unwrap_or_default(),
        yanked.unwrap_or_default(),
        metadata.unwrap_or_default(),
        provenance.unwrap_or_default(),
        file.filename,
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
