//! `/simple/NAME/`: the page of a project, in the form that is wanted.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::{ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, LOCATION, VARY};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use chrono::TimeDelta;

use super::answer::{is_known, refused, refused_to, tagged, unchanged};
use super::sheet::Sheet;
use super::state::{App, Gate};
use crate::gate::form::Form;
use crate::gate::refusal::Refusal;
use crate::model::{ProjectName, Time};

/// How long clients may keep a page, as PyPI has it: a file on it is decided again when it is asked for.
const LONGEST: TimeDelta = TimeDelta::seconds(600);

pub(super) async fn page(State(gate): App, Path(text): Path<String>, uri: Uri, headers: HeaderMap) -> Response {
    let Ok(name) = ProjectName::parse(&text) else { return refused(&Refusal::missing(&text)) };
    if name.as_str() != text || !uri.path().ends_with('/') {
        return moved(&format!("{}/simple/{name}/", gate.path()));
    }
    let accept = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok());
    let Some(form) = Form::wanted(accept) else { return StatusCode::NOT_ACCEPTABLE.into_response() };
    match sheet(&gate, &name, form).await {
        Ok(sheet) => answer(&sheet, form, &headers, gate.clock.now()),
        Err(refusal) => refused_to(&headers, refusal, &gate.public, &name),
    }
}

fn moved(to: &str) -> Response {
    let location = HeaderValue::from_str(to).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::MOVED_PERMANENTLY, [(LOCATION, location)]).into_response()
}

/// The page as it is now, written anew where it has to be.
async fn sheet(gate: &Gate, name: &ProjectName, form: Form) -> Result<Arc<Sheet>, Refusal> {
    let (found, policy) = gate.found(name).await?;
    let now = gate.clock.now();
    let key = (name.clone(), form);
    let page = found.known.page.clone().ok_or_else(|| Refusal::missing(name.as_str()))?;
    if let Some(sheet) = gate.rendered.get(&key).await.filter(|sheet| sheet.is_current(&page, &policy, now)) {
        return Ok(sheet);
    }
    let sheet = Arc::new(Sheet::new(&gate.public, (page, found.origin), policy, form, now)?);
    gate.rendered.insert(key, Arc::clone(&sheet)).await;
    Ok(sheet)
}

fn answer(sheet: &Sheet, form: Form, asked: &HeaderMap, now: Time) -> Response {
    let gzip = takes_gzip(asked);
    let etag = format!("\"{}{}\"", &sheet.digest[..32], if gzip { "-gzip" } else { "" });
    let left = sheet.changes.map_or(LONGEST, |changes| (changes - now).clamp(TimeDelta::zero(), LONGEST));
    let cache = HeaderValue::from_str(&format!("private, max-age={}, must-revalidate", left.num_seconds()));
    let cache = cache.unwrap_or(HeaderValue::from_static("no-store"));
    let mut response = if is_known(asked, &etag) {
        unchanged(&etag, cache)
    } else {
        let mut response = Response::new(Body::from(if gzip { sheet.gzip.clone() } else { sheet.plain.clone() }));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(form.content_type()));
        headers.insert(CACHE_CONTROL, cache);
        if gzip {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        tagged(&mut response, &etag);
        response
    };
    response.headers_mut().insert(VARY, HeaderValue::from_static("Accept, Accept-Encoding"));
    response
}

fn takes_gzip(asked: &HeaderMap) -> bool {
    let codings = asked.get_all(ACCEPT_ENCODING).iter().filter_map(|codings| codings.to_str().ok());
    codings.flat_map(|codings| codings.split(',')).any(|coding| {
        let (coding, weight) = coding.split_once(';').unwrap_or((coding, ""));
        coding.trim().eq_ignore_ascii_case("gzip") && !matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
    })
}
