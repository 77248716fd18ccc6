//! `/simple/NAME/`: the page of a project, in the form that is wanted.

use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, LOCATION, VARY};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use chrono::TimeDelta;

use super::answer::{is_known, unchanged};
use super::coding::Coding;
use super::refusals::{refused, refused_to};
use super::sheet::{Sheet, Wanted};
use super::state::{Gate, WholeProject};
use crate::gate::form::Form;
use crate::gate::present::Present;
use crate::gate::refusal::Refusal;
use crate::gate::ruling::Origin;
use crate::model::{ProjectName, Requester};

/// How long clients may keep a page, as PyPI has it: a file on it is decided again when it is asked for.
const LONGEST: TimeDelta = TimeDelta::seconds(600);
const KEPT_FOR_LONGEST: HeaderValue = HeaderValue::from_static("private, max-age=600, must-revalidate");
const VARIES: HeaderValue = HeaderValue::from_static("Accept, Accept-Encoding");
/// Heads of a page.
const HEADS: usize = 6;
/// What devpi holds a page against that it has: it takes none that says an older one, or none.
const SERIAL: HeaderName = HeaderName::from_static("x-pypi-last-serial");

/// `text`: the name as it is asked for.
pub(super) async fn page(gate: &Gate, text: &str, asked: &Parts, client: &Requester) -> Response {
    let Ok(name) = ProjectName::parse(text) else { return refused(&Refusal::missing(text)) };
    if name.as_str() != text || !asked.uri.path().ends_with('/') {
        return moved(&format!("{}/simple/{name}/", gate.path()));
    }
    let headers = &asked.headers;
    let accept = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok());
    let Some(form) = Form::wanted(accept) else { return StatusCode::NOT_ACCEPTABLE.into_response() };
    let wanted = Wanted { name, form, coding: Coding::wanted(headers) };
    match sheet(gate, &wanted, client).await {
        Ok((sheet, now)) => answer(&sheet, &wanted, headers, now),
        Err(refusal) => refused_to((&gate.refusals, &gate.public), headers, refusal, wanted.name).await,
    }
}

fn moved(to: &str) -> Response {
    let location = HeaderValue::from_str(to).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::MOVED_PERMANENTLY, [(LOCATION, location)]).into_response()
}

/// The page as it is at that moment, written anew where it has to be: once, however many ask.
async fn sheet(gate: &Gate, wanted: &Wanted, client: &Requester) -> Result<(Arc<Sheet>, Present), Refusal> {
    let (found, policy) = gate.found(&wanted.name, Some(client)).await?;
    let now = gate.clock.present();
    let is_current = |sheet: &Arc<Sheet>| sheet.is_current(&found, &policy, now);
    match gate.rendered.get(wanted).await.filter(is_current) {
        Some(sheet) => Ok((sheet, now)),
        // On the heap, since each answer would carry the room for it.
        None => Ok((Box::pin(anew(gate, wanted, client, is_current)).await?, gate.clock.present())),
    }
}

async fn anew(
    gate: &Gate,
    wanted: &Wanted,
    client: &Requester,
    is_current: impl Fn(&Arc<Sheet>) -> bool,
) -> Result<Arc<Sheet>, Refusal> {
    // One that somebody else has begun may be from before a decision.
    for _ in 0..2 {
        gate.rendered.invalidate(wanted).await;
        let made = gate.rendered.try_get_with_by_ref(wanted, made(gate, wanted, client)).await;
        let sheet = made.map_err(|refusal| Refusal::clone(&refusal))?;
        if is_current(&sheet) {
            return Ok(sheet);
        }
    }
    made(gate, wanted, client).await
}

/// Of what is there now, and by the rules that are in force once it is.
async fn made(gate: &Gate, wanted: &Wanted, client: &Requester) -> Result<Arc<Sheet>, Refusal> {
    let (whole, policy) = gate.whole(&wanted.name, Some(client)).await?;
    if let Some(held) = whole.held() {
        return Err(Refusal::of(&wanted.name, None, &held));
    }
    let WholeProject { origin, read } = whole;
    if let Some(notary) = gate.notary.as_ref().filter(|_| origin == Origin::Pypi) {
        notary.look_through(&policy, &read.page, gate.clock.present());
    }
    let (public, wanted, now) = (gate.public.clone(), wanted.clone(), gate.clock.present());
    let sheet = gate.workers.done(move || Sheet::new(&public, (&read, origin), &policy, &wanted, now)).await;
    match sheet {
        Some(Ok(sheet)) => Ok(Arc::new(sheet)),
        Some(Err(error)) => Err(Refusal::not_now(&error.to_string())),
        None => Err(Refusal::not_now("the page cannot be written")),
    }
}

fn answer(sheet: &Sheet, wanted: &Wanted, asked: &HeaderMap, now: Present) -> Response {
    let mut response = if is_known(asked, &sheet.etag) {
        unchanged(sheet.etag.clone(), kept_for(sheet, now))
    } else {
        let mut response = Response::new(Body::from(sheet.text.clone()));
        let headers = response.headers_mut();
        headers.reserve(HEADS);
        headers.insert(CONTENT_TYPE, wanted.form.content_type());
        headers.insert(CACHE_CONTROL, kept_for(sheet, now));
        headers.insert(ETAG, sheet.etag.clone());
        if let Some(coding) = wanted.coding.name() {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static(coding));
        }
        response
    };
    if let Some(serial) = &sheet.serial {
        response.headers_mut().insert(SERIAL, serial.clone());
    }
    response.headers_mut().insert(VARY, VARIES);
    response
}

fn kept_for(sheet: &Sheet, now: Present) -> HeaderValue {
    let Some(left) = sheet.term.left(now) else { return KEPT_FOR_LONGEST };
    let left = left.clamp(TimeDelta::zero(), LONGEST).num_seconds();
    let cache = HeaderValue::from_str(&format!("private, max-age={left}, must-revalidate"));
    cache.unwrap_or(HeaderValue::from_static("no-store"))
}
