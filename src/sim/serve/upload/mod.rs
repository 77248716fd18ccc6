//! `POST /legacy/`: uploads, as `warehouse` takes and refuses them (`forklift/`), with quotas as in production. It is never kinder than PyPI. Where it is simpler, the item says so.

mod admit;
mod answer;
mod fields;
mod file;
mod form;
mod identity;
mod metadata;
mod python;
mod sdist;
mod wheel;
mod zip;

use axum::extract::multipart::{Multipart, MultipartRejection};
use axum::extract::{ConnectInfo, RawQuery, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};

use super::reply::value;
use super::shared::{App, Shared};
use super::wire::Peer;
use crate::sim::fault::Fault;
use admit::{Asked, Outcome};
use answer::Said;
pub(super) use answer::help;
use form::Form;
pub(super) use python::repr;

/// The edge lets no larger body through: PyPI's largest file, and room for the form.
pub(super) const BODY_LIMIT: usize = 110 << 20;

/// `/legacy` wants a slash, and says so with 308.
pub(super) async fn without_slash(headers: HeaderMap) -> Response {
    let what = "An upload was attempted to /legacy but the expected upload URL is /legacy/ (with a trailing slash)";
    Said::new(308, what).answer(&headers)
}

/// What a person sees there.
pub(super) async fn page() -> Html<&'static str> {
    Html("<!DOCTYPE html>\n<title>Upload packages</title>\n<p>This address is for uploads by twine and its like.</p>\n")
}

pub(super) async fn post(
    State(shared): App,
    ConnectInfo(peer): ConnectInfo<Peer>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    multipart: Result<Multipart, MultipartRejection>,
) -> Response {
    let form = match multipart {
        Ok(multipart) => Form::read(multipart).await,
        Err(_) => Ok(Form::default()),
    };
    if let Some(response) = trouble_before(&shared, &peer) {
        return response;
    }
    let outcome = match form {
        Ok(form) => routed(&shared, &peer, query.as_deref().unwrap_or_default(), &headers, &form),
        Err(said) => Outcome { said, quotas: None },
    };
    let mut response = outcome.said.answer(&headers);
    for (name, text) in outcome.quotas.iter().flat_map(admit::headers) {
        response.headers_mut().insert(HeaderName::from_static(name), value(&text));
    }
    trouble_after(&shared, &peer).await.unwrap_or(response)
}

/// Faults before the origin has the upload: nothing is stored.
fn trouble_before(shared: &Shared, peer: &Peer) -> Option<Response> {
    if shared.faulty(Fault::UploadCutBefore) {
        return Some(peer.cut_off());
    }
    if shared.faulty(Fault::UploadPortal) {
        return Some(
            Html("<!DOCTYPE html>\n<title>Sign in</title>\n<p>Sign in to use this network.</p>\n").into_response(),
        );
    }
    let page = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>\n";
    shared.faulty(Fault::UploadEdge).then(|| (StatusCode::BAD_GATEWAY, Html(page)).into_response())
}

/// Faults after the origin has stored it.
async fn trouble_after(shared: &Shared, peer: &Peer) -> Option<Response> {
    if shared.faulty(Fault::UploadHang) {
        tokio::select! {
            () = shared.faults.until(Fault::UploadHang, false) => {}
            () = shared.stopped() => {}
        }
        return Some(peer.cut_off());
    }
    if shared.faulty(Fault::UploadCutAfter) {
        return Some(peer.cut_off());
    }
    let kind = [(header::CONTENT_TYPE, "text/plain; charset=UTF-8")];
    let failed = || (StatusCode::INTERNAL_SERVER_ERROR, kind, "500 Internal Server Error").into_response();
    shared.faulty(Fault::UploadErrorAfter).then(failed)
}

/// By `:action`, in the form or in the query; what is no action meets a page that takes no POST.
fn routed(shared: &Shared, peer: &Peer, query: &str, headers: &HeaderMap, form: &Form) -> Outcome {
    let of_query = || {
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        pairs.find(|(key, _)| key == ":action").map(|(_, action)| action.into_owned())
    };
    let action = form.get(":action").map(str::to_owned).or_else(of_query);
    let said = match action.as_deref() {
        Some("file_upload") => return uploaded(shared, peer, headers, form),
        Some("submit" | "submit_pkg_info") => {
            Said::new(410, "Project pre-registration is no longer required or supported, upload your files instead.")
        }
        Some("doc_upload") => Said::new(
            410,
            "Uploading documentation is no longer supported, we recommend using https://readthedocs.org/.",
        ),
        _ => Said::new(405, ""),
    };
    Outcome { said, quotas: None }
}

fn uploaded(shared: &Shared, peer: &Peer, headers: &HeaderMap, form: &Form) -> Outcome {
    attempt(shared, peer, headers, form).unwrap_or_else(|said| Outcome { said, quotas: None })
}

/// The order of `sanitize`, `ensure_uploads_allowed` and `file_upload`.
fn attempt(shared: &Shared, peer: &Peer, headers: &HeaderMap, form: &Form) -> Result<Outcome, Said> {
    form.check_tuples()?;
    allowed(shared)?;
    let mut world = shared.world();
    let token = identity::of(&world, headers)?;
    fields::check(form)?;
    let metadata = metadata::read(form)?;
    let content = form.content.as_ref().ok_or_else(|| Said::bad("Upload payload does not have a file."))?;
    let asked = Asked {
        form,
        metadata: &metadata,
        content,
        token: &token,
        from: &peer.address.ip().to_string(),
        now: shared.clock.now(),
        registration_closed: shared.faulty(Fault::UploadRegistrationClosed),
        raced: shared.faulty(Fault::UploadRace),
    };
    Ok(asked.meet(&mut world))
}

fn allowed(shared: &Shared) -> Result<(), Said> {
    if shared.faulty(Fault::UploadReadOnly) {
        return Err(Said::forbidden("Read-only mode: Uploads are temporarily disabled."));
    }
    let see = help("admin-intervention");
    let closed = || format!("New uploads are temporarily disabled. See {see} for more information.");
    if shared.faulty(Fault::UploadClosed) { Err(Said::forbidden(closed())) } else { Ok(()) }
}
