//! The three RSS feeds (`warehouse/rss/views.py`), and what caches and broken pipes make of them.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use chrono::DateTime;
use tokio::io::AsyncWriteExt as _;
use tokio_util::io::ReaderStream;

use super::reply::{Document, edge_unavailable, escape};
use super::{App, Fault, Shared, page};
use crate::model::{ProjectName, Serial};
use crate::sim::World;
use crate::sim::world::Release;

const TYPE: &str = "text/xml; charset=UTF-8";
/// Projects in `packages.xml`, counted before those without a release are dropped.
const PACKAGES: usize = 40;
const UPDATES: usize = 100;
const PROJECT_RELEASES: usize = 40;
/// How much `RssEndless` sends.
const ENDLESS: usize = 200 << 20;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Packages,
    Updates,
}

/// The last bodies of the two feeds, oldest first, and which cache answers next.
#[derive(Debug, Default)]
pub(super) struct Cache {
    feeds: [Mutex<Served>; 2],
}

#[derive(Debug, Default)]
struct Served {
    bodies: VecDeque<(Serial, Document)>,
    back: bool,
}

/// Bodies kept for `RssBackwards`.
const KEPT: usize = 8;

struct Item {
    title: String,
    link: String,
    guid: bool,
    summary: Option<String>,
    author: Option<String>,
    second: i64,
}

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
    let Some(body) = ProjectName::parse(&name).ok().and_then(|name| project_feed(&shared, &name)) else {
        return page::not_found().await;
    };
    Document::new(TYPE, body).answer(&headers, &[])
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

/// The body to serve: rendered once per serial, unless a cache fault serves an older one.
fn document(shared: &Shared, kind: Kind) -> Document {
    let mut served = shared.rss.feeds[kind as usize].lock().unwrap_or_else(PoisonError::into_inner);
    let edited = shared.faulty(Fault::RssIllegal) || shared.faulty(Fault::RssReordered);
    if shared.faulty(Fault::RssStale)
        && let Some((_, last)) = served.bodies.back()
    {
        return last.clone();
    }
    served.back = !served.back && shared.faulty(Fault::RssBackwards);
    if served.back
        && let Some((_, first)) = served.bodies.front()
    {
        return first.clone();
    }
    let world = shared.world();
    let serial = world.last_serial();
    if let Some((_, last)) = served.bodies.back().filter(|(at, _)| *at == serial && !edited) {
        return last.clone();
    }
    let mut items = if kind == Kind::Packages { newest(&world, shared) } else { latest(&world, shared) };
    drop(world);
    if shared.faulty(Fault::RssReordered) {
        items.reverse();
    }
    let mut body = render(kind.channel(), &format!("{}/", shared.base_url), &items);
    if shared.faulty(Fault::RssIllegal) {
        body = body.replace("<description>", "<description>\u{8}\u{1b}[31m\u{ffff}");
    }
    let document = Document::new(TYPE, body);
    if !edited {
        served.bodies.push_back((serial, document.clone()));
        let surplus = served.bodies.len().saturating_sub(KEPT);
        served.bodies.drain(..surplus);
    }
    document
}

impl Kind {
    /// Title and description of the channel.
    fn channel(self) -> (&'static str, &'static str) {
        match self {
            Self::Packages => ("PyPI newest packages", "Newest packages registered at the Python Package Index"),
            Self::Updates => ("PyPI recent updates", "Recent updates to the Python Package Index"),
        }
    }
}

/// Newest projects: the limit comes first, then those without a release drop out. Quarantine hides nothing here.
fn newest(world: &World, shared: &Shared) -> Vec<Item> {
    let mut newest = Newest::new(PACKAGES);
    for (name, project) in world.projects() {
        newest.offer(project.created_second(), || (name, project));
    }
    let item = |(second, (name, project)): (i64, (&ProjectName, &crate::sim::world::Project))| {
        let life = project.life();
        let release = life.highest()?;
        Some(Item {
            title: format!("{} added to PyPI", project.display),
            link: format!("{}/project/{name}/", shared.base_url),
            guid: true,
            summary: release.summary.clone(),
            author: author(release),
            second,
        })
    };
    newest.found.into_iter().filter_map(item).collect()
}

fn latest(world: &World, shared: &Shared) -> Vec<Item> {
    let mut newest = Newest::new(UPDATES);
    for (name, project) in world.projects() {
        if !project.released_second().is_some_and(|second| newest.wants(second)) {
            continue;
        }
        for release in &project.life().releases {
            newest.offer(release.created.timestamp(), || (name, project.display.to_string(), release.clone()));
        }
    }
    let item = |(_, (name, display, release)): (i64, (&ProjectName, String, Release))| {
        release_item(&shared.base_url, name, format!("{display} {}", release.version), &release)
    };
    newest.found.into_iter().map(item).collect()
}

fn project_feed(shared: &Shared, name: &ProjectName) -> Option<String> {
    let world = shared.world();
    let project = world.project(name)?;
    let mut releases = project.life().releases.clone();
    releases.sort_by_key(|release| std::cmp::Reverse(release.created));
    let items: Vec<Item> = releases
        .iter()
        .take(PROJECT_RELEASES)
        .map(|release| release_item(&shared.base_url, name, release.version.clone(), release))
        .collect();
    let title = format!("PyPI recent updates for {}", project.display);
    let description = format!("Recent updates to the Python Package Index for {}", project.display);
    Some(render((&title, &description), &format!("{}/project/{name}/", shared.base_url), &items))
}

fn release_item(base_url: &str, name: &ProjectName, title: String, release: &Release) -> Item {
    Item {
        title,
        link: format!("{base_url}/project/{name}/{}/", release.version),
        guid: false,
        summary: release.summary.clone(),
        author: author(release),
        second: release.created.timestamp(),
    }
}

/// The addresses of Author-Email; dropped whole when one of them is none.
fn author(release: &Release) -> Option<String> {
    let field = release.author_email.as_deref()?;
    let address =
        |part: &str| part.rsplit_once('<').map_or(part, |(_, rest)| rest.trim_end_matches('>')).trim().to_owned();
    let addresses: Vec<String> = field.split(',').map(|part| address(part.trim())).collect();
    addresses.iter().all(|address| address.contains('@')).then(|| addresses.join(", "))
}

fn render((title, description): (&str, &str), link: &str, items: &[Item]) -> String {
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\">\n  <channel>\n    <title>{}</title>\n    \
         <link>{link}</link>\n    <description>{}</description>\n    <language>en</language>\n",
        escape(title),
        escape(description)
    );
    items.iter().for_each(|item| xml.push_str(&item.xml()));
    xml.push_str("  </channel>\n</rss>\n");
    xml
}

impl Item {
    fn xml(&self) -> String {
        // Code points below 32 are removed, and a missing summary is Python's `None`.
        let summary: String = self.summary.as_deref().unwrap_or("None").chars().filter(|c| *c >= ' ').collect();
        let date = DateTime::from_timestamp(self.second, 0).unwrap_or_default().format("%a, %d %b %Y %H:%M:%S GMT");
        let guid = if self.guid { format!("      <guid>{}</guid>\n", self.link) } else { String::new() };
        let author = self.author.as_ref().map(|author| format!("      <author>{}</author>\n", escape(author)));
        format!(
            "    <item>\n      <title>{}</title>\n      <link>{}</link>\n{guid}      <description>{}</description>\n\
             {}      <pubDate>{date}</pubDate>\n    </item>\n",
            escape(&self.title),
            self.link,
            escape(&summary),
            author.unwrap_or_default(),
        )
    }
}

/// Two hundred megabytes of items, made while they are sent.
fn endless(base_url: &str) -> Response {
    let (mut writer, reader) = tokio::io::duplex(1 << 16);
    let base_url = base_url.to_owned();
    crate::sim::spawn(async move {
        let head = render(Kind::Packages.channel(), &format!("{base_url}/"), &[]).replace("  </channel>\n</rss>\n", "");
        let mut sent = head.len();
        let mut outcome = writer.write_all(head.as_bytes()).await;
        while outcome.is_ok() && sent < ENDLESS {
            let item = Item {
                title: format!("endless-{sent} added to PyPI"),
                link: format!("{base_url}/project/endless-{sent}/"),
                guid: true,
                summary: Some("x".repeat(400)),
                author: None,
                second: 1_700_000_000,
            };
            let xml = item.xml();
            sent += xml.len();
            // An error means that the client has had enough.
            outcome = writer.write_all(xml.as_bytes()).await;
        }
    });
    ([(header::CONTENT_TYPE, TYPE)], Body::from_stream(ReaderStream::new(reader))).into_response()
}

/// The newest of what is offered, newest first; among equals, what was offered first.
struct Newest<T> {
    limit: usize,
    found: Vec<(i64, T)>,
}

impl<T> Newest<T> {
    fn new(limit: usize) -> Self {
        Self { limit, found: Vec::with_capacity(limit + 1) }
    }

    fn wants(&self, second: i64) -> bool {
        self.found.len() < self.limit || self.found.last().is_some_and(|(oldest, _)| second > *oldest)
    }

    fn offer(&mut self, second: i64, make: impl FnOnce() -> T) {
        if self.wants(second) {
            let place = self.found.partition_point(|(other, _)| *other >= second);
            self.found.insert(place, (second, make()));
            self.found.truncate(self.limit);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newest_keeps_the_limit_in_order() {
        let mut newest = Newest::new(2);
        for second in [3, 1, 9, 4] {
            newest.offer(second, || second);
        }
        assert_eq!(newest.found, [(9, 9), (4, 4)]);
    }

    #[test]
    fn an_author_is_only_addresses() {
        let author = |field: &str| {
            let release = Release {
                version: "1".into(),
                created: crate::model::Time::default(),
                summary: None,
                author_email: Some(field.into()),
                yanked: None,
                display: "x".into(),
            };
            author(&release)
        };
        assert_eq!(author("Dev <dev@acme.example>, b@c.example").as_deref(), Some("dev@acme.example, b@c.example"));
        assert_eq!(author("Dev <dev@acme.example>, nobody"), None);
    }
}
