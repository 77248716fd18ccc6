//! The XML-RPC methods (`warehouse/legacy/api/xmlrpc/views.py`). Faults are HTTP 200.

use std::sync::atomic::Ordering;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use super::reply::{edge_unavailable, value};
use super::shared::{App, Shared};
use super::web;
use super::xmlrpc::{Argument, Call, Fault, Value, response};
use crate::model::{ProjectName, Serial};
use crate::sim::fault::Fault as Trouble;
use crate::sim::world::Entry;

/// A serial out of this world.
const ABSURD: Serial = Serial(9_000_000_000_000_000_000);
/// How far back the fault `XmlrpcBackwards` goes, in journal entries.
const BACK: usize = 20;

pub(super) async fn call(State(shared): App, headers: HeaderMap, body: Bytes) -> Response {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if let Some(response) = transport_trouble(&shared) {
        return response;
    }
    // The header is part of the route's match.
    if !kind.starts_with("text/xml") {
        return web::not_found().await;
    }
    let left = shared.quota.hit(tokio::time::Instant::now());
    let throttled = !left.allowed || shared.faulty(Trouble::XmlrpcThrottled);
    let worker = shared.clone();
    let answered = tokio::task::spawn_blocking(move || {
        let result = if throttled { Err(throttle(left.reset)) } else { answer(&worker, &body) };
        result.unwrap_or_else(|fault| fault.response())
    });
    let Ok(text) = answered.await else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let mut response = ([(header::CONTENT_TYPE, "text/xml; charset=UTF-8")], text).into_response();
    for (name, text) in shared.quota.headers(left) {
        response.headers_mut().insert(name, value(&text));
    }
    response
}

/// Faults below XML-RPC.
fn transport_trouble(shared: &Shared) -> Option<Response> {
    let status = |fault, status: StatusCode| shared.faulty(fault).then(|| status.into_response());
    // A hanging call that is released when the simulator stops gets this too.
    (shared.faulty(Trouble::XmlrpcDown) || shared.faulty(Trouble::XmlrpcHang))
        .then(edge_unavailable)
        .or_else(|| status(Trouble::XmlrpcNotFound, StatusCode::NOT_FOUND))
        .or_else(|| status(Trouble::XmlrpcHttpGone, StatusCode::GONE))
}

fn throttle(reset: u64) -> Fault {
    let text = "HTTPTooManyRequests: The action could not be performed because there were too many requests by the \
                client. Limit may reset in ";
    Fault(-32500, format!("{text}{reset} seconds."))
}

fn answer(shared: &Shared, body: &[u8]) -> Result<String, Fault> {
    let xml = std::str::from_utf8(body).ok();
    let call = xml.and_then(Call::parse).ok_or_else(|| Fault(-32700, "parse error; not well formed".to_owned()))?;
    if shared.faulty(Trouble::XmlrpcGone) {
        return Err(unknown_method());
    }
    if shared.faulty(Trouble::XmlrpcDeprecated) {
        return Err(dead("RuntimeError", "the XML-RPC API has been deprecated and is no longer available."));
    }
    match call.method.as_str() {
        "changelog_last_serial" => none(&call).map(|()| last_serial(shared)),
        "changelog_since_serial" => int(&call, "serial").map(|serial| since(shared, serial)),
        "list_packages_with_serial" => none(&call).map(|()| all_packages(shared)),
        "package_roles" => text(&call, "package_name").map(|name| package_roles(shared, name)),
        "user_packages" => text(&call, "username").map(|user| user_packages(shared, user)),
        // No project of the simulator has a classifier.
        "browse" => one(&call).map(|_| response(|out| Value::Array(Vec::new()).write(out))),
        other => Err(dead_method(other)),
    }
}

/// The methods that used to be.
fn dead_method(method: &str) -> Fault {
    match method {
        "changelog" => {
            dead("ValueError", "The changelog method has been deprecated, use changelog_since_serial instead.")
        }
        "system.multicall" => {
            dead("ValueError", "MultiCall requests have been deprecated, use individual requests instead.")
        }
        "search" => dead(
            "RuntimeError",
            "PyPI no longer supports 'pip search' (or XML-RPC search). Please use the web search instead.",
        ),
        "package_data" | "package_urls" | "top_packages" | "list_packages" | "package_releases" | "release_urls"
        | "release_data" => {
            dead("RuntimeError", "This API has been removed. Please use the Simple or JSON API instead.")
        }
        _ => unknown_method(),
    }
}

fn dead(class: &str, text: &str) -> Fault {
    Fault(-32500, format!("{class}: {text}"))
}

fn unknown_method() -> Fault {
    Fault(-32601, "server error; requested method not found".to_owned())
}

fn last_serial(shared: &Shared) -> String {
    let serial = end(shared);
    response(|out| Value::Int(serial.0.cast_signed()).write(out))
}

/// Where the changelog ends.
fn end(shared: &Shared) -> Serial {
    let world = shared.world();
    if shared.faulty(Trouble::XmlrpcEmpty) {
        return Serial(shared.last_asked.load(Ordering::Relaxed));
    }
    if shared.faulty(Trouble::XmlrpcBackwards) { world.serial_ago(BACK) } else { world.last_serial() }
}

fn since(shared: &Shared, serial: i64) -> String {
    let after = Serial(u64::try_from(serial).unwrap_or(0));
    shared.last_asked.store(after.0, Ordering::Relaxed);
    let end = end(shared);
    let mut entries = shared.world().since(after, shared.options.page_cap);
    distort(shared, &mut entries);
    response(|out| {
        out.reserve(350 * entries.len() + 100);
        out.push_str("<value><array><data>\n");
        entries
            .iter()
            .filter(|entry| entry.serial <= end || entry.serial == ABSURD)
            .for_each(|entry| five(entry).write(out));
        out.push_str("</data></array></value>\n");
    })
}

/// The faults that are in the entries themselves.
fn distort(shared: &Shared, entries: &mut Vec<Entry>) {
    if shared.faulty(Trouble::XmlrpcUnsorted) {
        entries.reverse();
    }
    if shared.faulty(Trouble::XmlrpcAbsurd)
        && let Some(last) = entries.last_mut()
    {
        last.serial = ABSURD;
    }
    // Beside each creation, so that a quiet changelog stays quiet.
    if shared.faulty(Trouble::Unreadable)
        && let Some(created) = entries.iter().find(|entry| entry.action == "create").cloned()
    {
        entries.push(Entry { name: "\u{202e}\u{4e2d}".to_owned(), ..created.clone() });
        entries.push(Entry { name: super::shared::endless_name(), ..created });
        entries.sort_by_key(|entry| entry.serial);
    }
}

/// Name, version, second, action, serial.
fn five(entry: &Entry) -> Value<'_> {
    Value::Array(vec![
        Value::Text(&entry.name),
        entry.version.as_deref().map_or(Value::Nil, Value::Text),
        Value::Int(entry.second),
        Value::Text(&entry.action),
        Value::Int(entry.serial.0.cast_signed()),
    ])
}

/// Display names; quarantined and empty projects are in it.
fn all_packages(shared: &Shared) -> String {
    let world = shared.world();
    let members = world.projects().map(|(_, project)| (&*project.display, project.last_serial.0.cast_signed()));
    response(|out| Value::Struct(members.collect()).write(out))
}

fn package_roles(shared: &Shared, name: &str) -> String {
    let roles = ProjectName::parse(name).ok().and_then(|name| {
        let world = shared.world();
        world.project(&name).map(|project| project.life().roles.clone())
    });
    let roles = roles.unwrap_or_default();
    let rows = roles.iter().map(|(role, user)| Value::Array(vec![Value::Text(role.as_str()), Value::Text(user)]));
    response(|out| Value::Array(rows.collect()).write(out))
}

fn user_packages(shared: &Shared, user: &str) -> String {
    let mut rows = Vec::new();
    for (_, project) in shared.world().projects() {
        let roles = project.life().into_owned().roles;
        let held = roles.into_iter().filter(|(_, who)| who == user);
        rows.extend(held.map(|(role, _)| (role, project.display.to_string())));
    }
    let rows = rows.iter().map(|(role, name)| Value::Array(vec![Value::Text(role.as_str()), Value::Text(name)]));
    response(|out| Value::Array(rows.collect()).write(out))
}

fn none(call: &Call) -> Result<(), Fault> {
    if call.arguments.is_empty() { Ok(()) } else { Err(arity()) }
}

fn one(call: &Call) -> Result<&Argument, Fault> {
    if let [argument] = call.arguments.as_slice() { Ok(argument) } else { Err(arity()) }
}

/// Strictly typed: a string of digits is refused.
fn int(call: &Call, parameter: &str) -> Result<i64, Fault> {
    match one(call)? {
        Argument::Int(number) => Ok(*number),
        _ => Err(Fault(-32602, format!("client error; {parameter}: Input should be a valid integer"))),
    }
}

fn text<'a>(call: &'a Call, parameter: &str) -> Result<&'a str, Fault> {
    match one(call)? {
        Argument::Text(text) => Ok(text),
        _ => Err(Fault(-32602, format!("client error; {parameter}: Input should be a valid string"))),
    }
}

fn arity() -> Fault {
    Fault(-32602, "server error; invalid method params".to_owned())
}
