//! An index with pages of every size, as PyPI writes them, and with packages that can be installed: what the gate, its peers and a
//! client without any of them ask.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::header::{ACCEPT, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use namewarden::model::hex::hex;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

const JSON: &str = "application/vnd.pypi.simple.v1+json";
/// Of every file: long before any rule about age.
const UPLOADED: &str = "2024-03-01T12:00:00.000000Z";

/// One package that can be installed.
struct Wheel {
    filename: String,
    bytes: Vec<u8>,
    metadata: String,
}

/// A page in both of its forms.
struct Page {
    json: String,
    etag: HeaderValue,
    html: String,
}

/// What it has.
pub(crate) struct Upstream {
    wheels: Vec<Wheel>,
    /// Of the addresses of files.
    base: String,
    /// Pages that are asked for more than once: to make them anew each time would be measured with whoever asks each time.
    ready: BTreeMap<String, Page>,
}

/// The pages that all peers are asked for.
const ASKED: [&str; 3] = ["pages-2000-0", "pages-20-19", "pages-2-1"];

/// Listens until the program ends.
pub(crate) async fn start(port: u16, packages: usize) -> std::io::Result<SocketAddr> {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    let address = listener.local_addr()?;
    let wheels = (0..packages).map(|number| wheel(number, packages)).collect();
    let mut upstream = Upstream { wheels, base: format!("http://{address}"), ready: BTreeMap::new() };
    let packages = (0..packages).map(|number| format!("package-{number}"));
    let names = ASKED.map(str::to_owned).into_iter().chain(packages);
    upstream.ready = names.filter_map(|name| Some((name.clone(), upstream.page(&name)?))).collect();
    let router =
        Router::new().route("/simple/", get(all)).route("/simple/{name}/", get(page)).route("/files/{file}", get(file));
    let router = router.with_state(Arc::new(upstream));
    super::spawn(async move { drop(axum::serve(listener, router).await) });
    Ok(address)
}

/// Some peers give out nothing that is not in the list of everything.
async fn all() -> Response {
    let projects = ASKED.map(|name| json!({"name": name}));
    let all = json!({"meta": {"_last-serial": 23_000_000, "api-version": "1.4"}, "projects": projects});
    ([(CONTENT_TYPE, JSON)], all.to_string()).into_response()
}

async fn page(State(upstream): State<Arc<Upstream>>, Path(name): Path<String>, asked: HeaderMap) -> Response {
    let made;
    let page = match upstream.ready.get(&name) {
        Some(page) => page,
        None => {
            made = upstream.page(&name);
            let Some(page) = &made else { return StatusCode::NOT_FOUND.into_response() };
            page
        }
    };
    if wants_html(&asked) {
        return Html(page.html.clone()).into_response();
    }
    if asked.get(IF_NONE_MATCH) == Some(&page.etag) {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    ([(CONTENT_TYPE, HeaderValue::from_static(JSON)), (ETAG, page.etag.clone())], page.json.clone()).into_response()
}

/// As NORA asks, and nobody who reads JSON does.
fn wants_html(asked: &HeaderMap) -> bool {
    let accept = asked.get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    accept.contains("text/html") && !accept.contains(JSON)
}

/// The links of a page (PEP 503).
fn html(page: &Value) -> String {
    let link = |file: &Value| {
        let text = |at: &str| file.pointer(at).and_then(Value::as_str).unwrap_or_default();
        let (url, sha256, name) = (text("/url"), text("/hashes/sha256"), text("/filename"));
        format!("<a href=\"{url}#sha256={sha256}\">{name}</a><br>\n")
    };
    let links: String = page["files"].as_array().into_iter().flatten().map(link).collect();
    format!("<!DOCTYPE html>\n<html><body>\n{links}</body></html>\n")
}

async fn file(State(upstream): State<Arc<Upstream>>, Path(file): Path<String>) -> Response {
    let (of, is_metadata) = file.strip_suffix(".metadata").map_or((file.as_str(), false), |of| (of, true));
    match upstream.wheels.iter().find(|wheel| wheel.filename == of) {
        Some(wheel) if is_metadata => wheel.metadata.clone().into_response(),
        Some(wheel) => wheel.bytes.clone().into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn digest(of: &[u8]) -> String {
    hex(&Sha256::digest(of))
}

/// Every key that PyPI writes. Digests are what makes such a page large, and no two are alike.
fn project(name: &str, files: usize, base: &str) -> Value {
    let listed: Vec<Value> = (0..files).map(|number| listed(name, number, base)).collect();
    let versions: Vec<String> = (0..files.div_ceil(4)).map(|release| format!("1.{release}.0")).collect();
    json!({
        "meta": {"_last-serial": 23_000_000, "api-version": "1.4"}, "name": name, "alternate-locations": [],
        "project-status": {"status": "active"}, "versions": versions, "files": listed,
    })
}

fn listed(name: &str, number: usize, base: &str) -> Value {
    let tag =
        ["py3-none-any", "cp311-cp311-manylinux_2_17_x86_64", "cp312-cp312-macosx_11_0_arm64", "cp312-cp312-win_amd64"];
    let filename = format!("{}-1.{}.0-{}.whl", name.replace('-', "_"), number / 4, tag[number % 4]);
    let (bytes, metadata) = (digest(filename.as_bytes()), digest(format!("{filename}.metadata").as_bytes()));
    json!({
        "filename": filename, "hashes": {"sha256": bytes}, "size": 100_000 + number * 977,
        "url": format!("{base}/packages/{}/{}/{}/{filename}", &bytes[..2], &bytes[2..4], &bytes[4..]),
        "upload-time": UPLOADED, "requires-python": ">=3.9", "yanked": false,
        "core-metadata": {"sha256": metadata}, "data-dist-info-metadata": {"sha256": metadata},
        "provenance": format!("{base}/integrity/{name}/1.{}.0/{filename}/provenance", number / 4),
    })
}

impl Page {
    fn of(page: &Value) -> Self {
        let json = page.to_string();
        let etag = format!("\"{}\"", digest(json.as_bytes()));
        let etag = HeaderValue::from_str(&etag).unwrap_or(HeaderValue::from_static("\"\""));
        Self { json, etag, html: html(page) }
    }
}

impl Upstream {
    /// `pages-2000-7` is the seventh project of 2,000 files, `package-7` the seventh that can be installed.
    fn page(&self, name: &str) -> Option<Page> {
        let parts: Vec<&str> = name.split('-').collect();
        let page = match parts[..] {
            ["pages", files, _] => files.parse().ok().map(|files| project(name, files, &self.base)),
            ["package", number] => number.parse().ok().and_then(|number| self.package(number)),
            _ => None,
        };
        page.map(|page| Page::of(&page))
    }

    fn package(&self, number: usize) -> Option<Value> {
        let wheel = self.wheels.get(number)?;
        let metadata = json!({"sha256": digest(wheel.metadata.as_bytes())});
        Some(json!({
            "meta": {"api-version": "1.4"}, "name": format!("package-{number}"), "versions": ["1.0"],
            "files": [{
                "filename": wheel.filename, "hashes": {"sha256": digest(&wheel.bytes)}, "size": wheel.bytes.len(),
                "url": format!("{}/files/{}", self.base, wheel.filename), "upload-time": UPLOADED, "yanked": false,
                "core-metadata": metadata, "data-dist-info-metadata": metadata,
            }],
        }))
    }
}

/// The first needs all the others; each is of 200 KB that nothing makes smaller.
fn wheel(number: usize, packages: usize) -> Wheel {
    let name = format!("package_{number}");
    let needs = (1..packages).map(|other| format!("Requires-Dist: package-{other}\n"));
    let needs: String = if number == 0 { needs.collect() } else { String::new() };
    let metadata = format!("Metadata-Version: 2.1\nName: package-{number}\nVersion: 1.0\n{needs}");
    let info = format!("{name}-1.0.dist-info");
    let noise: Vec<u8> = (0..6400_u32).flat_map(|block| Sha256::digest(format!("{name}{block}"))).collect();
    let files = [
        (format!("{name}/data.bin"), noise),
        (format!("{info}/METADATA"), metadata.clone().into_bytes()),
        (format!("{info}/WHEEL"), b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n".to_vec()),
    ];
    let record: String = files.iter().map(|(path, _)| format!("{path},,\n")).collect();
    let record = (format!("{info}/RECORD"), format!("{record}{info}/RECORD,,\n").into_bytes());
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (path, bytes) in files.into_iter().chain([record]) {
        zip.start_file(path, zip::write::SimpleFileOptions::default()).expect("a new file");
        zip.write_all(&bytes).expect("memory takes it");
    }
    let bytes = zip.finish().expect("memory takes it").into_inner();
    Wheel { filename: format!("{name}-1.0-py3-none-any.whl"), bytes, metadata }
}
