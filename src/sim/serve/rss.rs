//! The three RSS feeds (`warehouse/rss/views.py`), and what caches and broken pipes make of them.

use std::sync::PoisonError;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use tokio::io::AsyncWriteExt as _;
use tokio_util::io::ReaderStream;

use super::caches::Served;
use super::feed::{Item, latest, newest, of_project, render};
use super::reply::{Document, edge_unavailable};
use super::shared::{App, Shared};
use super::web;
use crate::model::ProjectName;
use crate::sim::World;
use crate::sim::fault::Fault;

const TYPE: &str = "text/xml; charset=UTF-8";
/// How much `RssEndless` sends.
const ENDLESS: usize = 200 << 20;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Packages,
    Updates,
}

/// Bodies kept for `RssBackwards`.
const KEPT: usize = 8;

pub(super) async fn packages(State(shared): App, headers: HeaderMap) -> Response {
    feed(&shared, Kind::Packages, &headers)
}

pub(super) async fn updates(State(shared): App, headers: HeaderMap) -> Response {
    feed(&shared, Kind::Updates, &headers)
}

pub(super) async fn project(State(shared): App, Path(name): Path<String>, headers: HeaderMap) -> Response {
    if shared.faulty(Fault::RssDown) {
        return edge_unavailable();
    }
    let body = ProjectName::parse(&name).ok().and_then(|name| of_project(&shared.world(), &name, &shared.base_url));
    match body {
        Some(body) => Document::new(TYPE, body).answer(&headers, &[]),
        None => web::not_found().await,
    }
}

fn feed(shared: &Shared, kind: Kind, headers: &HeaderMap) -> Response {
    if shared.faulty(Fault::RssDown) {
        return edge_unavailable();
    }
    if shared.faulty(Fault::RssEndless) {
        return endless(&shared.base_url);
    }
    let mut document = document(shared, kind);
    if shared.faulty(Fault::RssTruncated) {
        document.body = document.body.slice(..document.body.len() * 2 / 3);
    }
    document.answer(headers, &[])
}

/// The body to serve: rendered once per serial, unless a fault changes it or serves an older one.
fn document(shared: &Shared, kind: Kind) -> Document {
    let mut served = shared.rss.feeds[kind as usize].lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(old) = by_cache_fault(&mut served, shared) {
        return old;
    }
    let world = shared.world();
    let serial = world.last_serial();
    if shared.faulty(Fault::RssIllegal) || shared.faulty(Fault::RssReordered) {
        return Document::new(TYPE, spoilt(shared, &world, kind));
    }
    if let Some((_, last)) = served.bodies.back().filter(|(at, _)| *at == serial) {
        return last.clone();
    }
    let document = Document::new(TYPE, kind.render(&kind.items(&world, &shared.base_url), &shared.base_url));
    served.bodies.push_back((serial, document.clone()));
    let surplus = served.bodies.len().saturating_sub(KEPT);
    served.bodies.drain(..surplus);
    document
}

/// An older body, when a fault says so and there is one.
fn by_cache_fault(served: &mut Served, shared: &Shared) -> Option<Document> {
    if shared.faulty(Fault::RssStale) {
        return served.bodies.back().map(|(_, last)| last.clone());
    }
    served.back = !served.back && shared.faulty(Fault::RssBackwards);
    let first = served.bodies.front().map(|(_, first)| first.clone());
    first.filter(|_| served.back)
}

/// The feed with what the faults do to its content; it is not kept as a body that was served.
fn spoilt(shared: &Shared, world: &World, kind: Kind) -> String {
    let mut items = kind.items(world, &shared.base_url);
    if shared.faulty(Fault::RssReordered) {
        items.reverse();
    }
    let body = kind.render(&items, &shared.base_url);
    let illegal = if shared.faulty(Fault::RssIllegal) { "\u{8}\u{1b}[31m\u{ffff}" } else { "" };
    body.replace("<description>", &format!("<description>{illegal}"))
}

impl Kind {
    fn items(self, world: &World, base_url: &str) -> Vec<Item> {
        match self {
            Self::Packages => newest(world, base_url),
            Self::Updates => latest(world, base_url),
        }
    }

    fn render(self, items: &[Item], base_url: &str) -> String {
        render(self.channel(), &format!("{base_url}/"), items)
    }

    /// Title and description of the channel.
    fn channel(self) -> (&'static str, &'static str) {
        match self {
            Self::Packages => ("PyPI newest packages", "Newest packages registered at the Python Package Index"),
            Self::Updates => ("PyPI recent updates", "Recent updates to the Python Package Index"),
        }
    }
}

/// Two hundred megabytes of items, made while they are sent.
fn endless(base_url: &str) -> Response {
    let (mut writer, reader) = tokio::io::duplex(1 << 16);
    let base_url = base_url.to_owned();
    crate::sim::task::spawn(async move {
        let head = Kind::Packages.render(&[], &base_url).replace("  </channel>\n</rss>\n", "");
        let mut sent = head.len();
        let mut outcome = writer.write_all(head.as_bytes()).await;
        let filler = filler(&base_url).xml();
        let parts: Vec<&str> = filler.split(NUMBER).collect();
        while outcome.is_ok() && sent < ENDLESS {
            let xml = parts.join(&sent.to_string());
            sent += xml.len();
            // An error means that the client has had enough.
            outcome = writer.write_all(xml.as_bytes()).await;
        }
    });
    ([(header::CONTENT_TYPE, TYPE)], Body::from_stream(ReaderStream::new(reader))).into_response()
}

/// Where the items of an endless feed differ.
const NUMBER: &str = "NUMBER";

fn filler(base_url: &str) -> Item {
    Item {
        title: format!("endless-{NUMBER} added to PyPI"),
        link: format!("{base_url}/project/endless-{NUMBER}/"),
        guid: true,
        summary: Some("x".repeat(400)),
        author: None,
        second: 1_700_000_000,
    }
}
