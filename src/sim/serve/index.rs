//! `/simple/`: every project in one body of some 45 MB, rendered once per serial.

use std::fmt::Write as _;
use std::sync::{Arc, PoisonError};

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use tokio::time::Instant;

use super::caches::{Form, Rendered};
use super::negotiate::Format;
use super::reply::{Document, escape};
use super::shared::{App, Shared, endless_name};
use crate::model::Serial;
use crate::sim::World;
use crate::sim::fault::Fault;

/// A serial out of this world.
const ABSURD: Serial = Serial(9_000_000_000_000_000_000);
/// How far back the faults that go back go, in journal entries.
const BACK: usize = 20;

fn form(shared: &Shared, format: Format) -> Form {
    Form {
        format,
        halved: shared.faulty(Fault::IndexHalved),
        absurd: shared.faulty(Fault::IndexAbsurd),
        empty: shared.faulty(Fault::IndexEmpty),
        contradictory: shared.faulty(Fault::IndexContradictory),
        unreadable: shared.faulty(Fault::Unreadable),
    }
}

pub(super) async fn index(State(shared): App, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    if shared.faulty(Fault::IndexError) {
        return (StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error").into_response();
    }
    let format = Format::choose(query.as_deref(), &headers);
    let renderer = shared.clone();
    let rendered = tokio::task::spawn_blocking(move || document(&renderer, format)).await;
    let Ok(mut document) = rendered else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    if shared.faulty(Fault::IndexTruncated) {
        document.body = document.body.slice(..document.body.len() / 2);
    }
    document.answer(&headers, &[("cache-control", "max-age=600, public"), ("vary", "Accept, Accept-Encoding")])
}

fn document(shared: &Arc<Shared>, format: Format) -> Document {
    let mut cache = shared.index.inner.lock().unwrap_or_else(PoisonError::into_inner);
    let world = shared.world();
    let serial = served_serial(shared, &world, &mut cache);
    let form = form(shared, format);
    if let Some((_, _, known)) = cache.rendered.iter().find(|(at, of, _)| (*at, *of) == (serial, form)) {
        return known.clone();
    }
    let body = if format == Format::Json { json(&world, serial, form) } else { html(&world, serial) };
    drop(world);
    let document = Document::new(format.content_type(), body).with_serial(serial);
    if cache.rendered.len() == 2 {
        cache.rendered.remove(0);
    }
    cache.rendered.push((serial, form, document.clone()));
    document
}

/// The serial whose index is served: the last one, unless a cache fault is on.
fn served_serial(shared: &Shared, world: &World, cache: &mut Rendered) -> Serial {
    let now = world.last_serial();
    if !shared.faulty(Fault::IndexStale) {
        cache.frozen = None;
    }
    if shared.faulty(Fault::IndexAlternating) {
        cache.turn = !cache.turn;
    }
    if shared.faulty(Fault::IndexBackwards) || (cache.turn && shared.faulty(Fault::IndexAlternating)) {
        return world.serial_ago(BACK);
    }
    if shared.faulty(Fault::IndexStale) {
        let last_served = cache.rendered.iter().map(|(serial, ..)| *serial).max();
        return *cache.frozen.get_or_insert(last_served.unwrap_or(now));
    }
    refresh(shared, now, cache)
}

/// The serial of the cached index, until it is older than the lag.
fn refresh(shared: &Shared, now: Serial, cache: &mut Rendered) -> Serial {
    match cache.fresh {
        Some((since, serial)) if since.elapsed() < shared.options.index_lag => serial,
        _ => {
            cache.fresh = Some((Instant::now(), now));
            now
        }
    }
}

/// Keys sorted, compact, a newline at the end, as `warehouse`'s renderer writes it.
fn json(world: &World, serial: Serial, form: Form) -> String {
    let mut body = String::with_capacity(64 * world.len() + 100);
    let head = if form.absurd { ABSURD } else { serial };
    let _ = write!(body, "{{\"meta\":{{\"_last-serial\":{head},\"api-version\":\"1.4\"}},\"projects\":[");
    let mut comma = "";
    let mut line = |name: &str, last: Serial| {
        // Names hold no character that JSON escapes, or are escaped already.
        let _ = write!(body, "{comma}{{\"_last-serial\":{last},\"name\":\"{name}\"}}");
        comma = ",";
    };
    let mut lines = 0_usize;
    world.listed_at(serial, |_, display, last| {
        lines += 1;
        if form.empty || (form.halved && lines.is_multiple_of(2)) {
            return;
        }
        line(display, if form.contradictory && lines == 1 { ABSURD } else { last });
        if form.contradictory && lines == 2 {
            line(&display.to_uppercase(), last);
        }
    });
    if form.unreadable {
        unreadable_names().iter().for_each(|name| line(name, serial));
    }
    body.push_str("]}\n");
    body
}

/// What no project can be called, as JSON writes it.
fn unreadable_names() -> [String; 3] {
    ["half-a-pair-\\ud800".to_owned(), "nul-\\u0000-\\u202e".to_owned(), endless_name()]
}

fn html(world: &World, serial: Serial) -> String {
    let mut body = String::with_capacity(64 * world.len() + 300);
    body.push_str(
        "<!DOCTYPE html>\n<html>\n  <head>\n    <meta name=\"pypi:repository-version\" content=\"1.4\">\n    \
         <title>Simple index</title>\n  </head>\n  <body>\n",
    );
    world.listed_at(serial, |name, display, _| {
        let _ = writeln!(body, "    <a href=\"/simple/{name}/\">{}</a>", escape(display));
    });
    body.push_str("  </body>\n</html>\n");
    body
}
