//! Two indexes that say what they are told to: the private one, and PyPI's.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_TYPE, DATE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use chrono::TimeDelta;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::super::world::{noon, sha256};
use crate::clock::Clock;
use crate::model::Time;

/// The project that is asked for.
pub(super) const NAME: &str = "widgets";
/// One that the private index always has.
pub(super) const OURS: &str = "acme-tools";
/// What files may be called, and which version that is.
pub(super) const FILES: [(&str, Option<u8>); 6] = [
    ("widgets-1-py3-none-any.whl", Some(1)),
    ("widgets-1.0.tar.gz", Some(1)),
    ("widgets-2-py3-none-any.whl", Some(2)),
    ("widgets-2.0.0.tar.gz", Some(2)),
    ("widgets-3-py3-none-any.whl", Some(3)),
    ("widgets-of-old.txt", None),
];
/// Bytes that are many.
pub(super) const LARGE: u8 = 9;
/// What the metadata of any wheel says.
pub(super) const WORDS: &str = "Metadata-Version: 2.1";

/// So many seconds after noon.
pub(super) fn at(seconds: i64) -> Time {
    noon() + TimeDelta::seconds(seconds)
}

/// When a file was uploaded, as its page has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// In seconds after noon.
    At(i64),
    Nothing,
    Nonsense,
}

impl Said {
    pub(super) fn seconds(self) -> Option<i64> {
        match self {
            Self::At(seconds) => Some(seconds),
            Self::Nothing | Self::Nonsense => None,
        }
    }
}

/// Where a file lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Near,
    /// The same index, elsewhere.
    Moved,
    /// As PyPI's store has it.
    Store,
    /// At the index of PyPI, whoever lists it.
    Pypi,
}

/// A file of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Listed {
    /// Which of [`FILES`].
    pub(super) name: usize,
    /// Which bytes it has.
    pub(super) content: u8,
    pub(super) uploaded: Said,
    /// It is yanked, in so many words.
    pub(super) yanked: Option<&'static str>,
    pub(super) has_metadata: bool,
    pub(super) place: Place,
}

impl Listed {
    pub(super) fn filename(&self) -> &'static str {
        FILES[self.name].0
    }

    pub(super) fn bytes(&self) -> String {
        bytes(self.filename(), self.content)
    }

    pub(super) fn digest(&self) -> String {
        sha256(self.bytes().as_bytes())
    }

    fn url(&self, pypi: &str) -> String {
        let (filename, content) = (self.filename(), self.content);
        match self.place {
            Place::Near => format!("../../files/{content:02x}/{filename}"),
            Place::Moved => format!("../../moved/{content:02x}/{filename}"),
            Place::Store => format!("../../packages/ab/cd/{content:060x}/{filename}"),
            Place::Pypi => format!("{pypi}/pypi/files/{content:02x}/{filename}"),
        }
    }

    fn json(&self, pypi: &str) -> Value {
        let mut file = json!({"filename": self.filename(), "url": self.url(pypi), "hashes": {"sha256": self.digest()}, "size": self.bytes().len()});
        match self.uploaded {
            Said::At(seconds) => file["upload-time"] = json!(at(seconds)),
            Said::Nothing => {}
            Said::Nonsense => file["upload-time"] = json!("yesterday"),
        }
        if let Some(why) = self.yanked {
            file["yanked"] = if why.is_empty() { json!(true) } else { json!(why) };
        }
        if self.has_metadata {
            file["core-metadata"] = json!({"sha256": sha256(WORDS.as_bytes())});
        }
        file
    }
}

fn bytes(filename: &str, content: u8) -> String {
    let bytes = format!("{filename} of {content}");
    if content == LARGE { bytes.repeat(10_000) } else { bytes }
}

/// What an index has under the name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Project {
    pub(super) quarantined: bool,
    /// It says who holds its prefix.
    pub(super) is_reserved: bool,
    pub(super) files: Vec<Listed>,
}

/// One index.
#[derive(Clone, Debug, Default)]
pub(super) struct Side {
    pub(super) project: Option<Project>,
    pub(super) down: bool,
}

/// Both.
#[derive(Debug)]
pub(super) struct There {
    pub(super) pypi: Side,
    pub(super) private: Side,
    /// Files come with other bytes than their pages say.
    pub(super) tampers: bool,
    /// How often PyPI was asked for the page.
    pub(super) asked: usize,
    pub(super) at_pypi: String,
    pub(super) clock: Clock,
    /// Nothing comes while somebody else has all of these: of pages, and of files.
    pub(super) ways: [Arc<Semaphore>; 2],
    /// How many wait for them.
    pub(super) waiting: [usize; 2],
}

/// So many answers are on their way at a time, at most.
pub(super) const WIDTH: u32 = 1000;

pub(super) type Shared = Arc<Mutex<There>>;

pub(super) fn held(there: &Shared) -> MutexGuard<'_, There> {
    there.lock().unwrap_or_else(PoisonError::into_inner)
}

impl There {
    pub(super) fn new(at_pypi: String, clock: Clock) -> Self {
        let ways = [(); 2].map(|()| Arc::new(Semaphore::new(WIDTH as usize)));
        let (pypi, private) = (Side::default(), Side::default());
        Self { pypi, private, tampers: false, asked: 0, at_pypi, clock, ways, waiting: [0; 2] }
    }

    fn body(&self, project: &Project) -> String {
        let status = if project.quarantined { "quarantined" } else { "active" };
        let files: Vec<Value> = project.files.iter().map(|file| file.json(&self.at_pypi)).collect();
        let reserved = if project.is_reserved { json!([{"name": "wid", "owned": true}]) } else { Value::Null };
        json!({"meta": {"api-version": "1.4", "_last-serial": 7}, "name": NAME, "project-status": {"status": status},
               "namespaces": reserved, "files": files})
        .to_string()
    }
}

/// Of one of the two, with everything below `/pypi` where it is PyPI's.
pub(super) fn routes(there: Shared, is_pypi: bool) -> Router {
    let answer = move |State(there): State<Shared>, request: Request| async move {
        let path = request.uri().path().to_owned();
        let path = if is_pypi { path.strip_prefix("/pypi").unwrap_or("/") } else { &path };
        let mut response = match path.strip_prefix("/simple/") {
            Some(name) => page(&there, is_pypi, name.trim_end_matches('/'), request.headers()).await,
            None => file(&there, is_pypi, path).await,
        };
        // The time as it is, whatever the clock of this machine shows.
        let now = super::stage::begins() + held(&there).clock.mono();
        let date = now.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        response.headers_mut().insert(DATE, date.parse().expect("a header"));
        response
    };
    Router::new().fallback(answer).with_state(there)
}

/// Waits while nothing may come.
async fn way(there: &Shared, which: usize) {
    let way = {
        let mut there = held(there);
        there.waiting[which] += 1;
        Arc::clone(&there.ways[which])
    };
    drop(way.acquire_owned().await);
    held(there).waiting[which] -= 1;
}

async fn page(there: &Shared, is_pypi: bool, name: &str, asked: &HeaderMap) -> Response {
    if name == NAME {
        held(there).asked += usize::from(is_pypi);
        way(there, 0).await;
    }
    let there = held(there);
    let side = if is_pypi { &there.pypi } else { &there.private };
    let body = match (side.down, name, &side.project) {
        (true, ..) => return StatusCode::BAD_GATEWAY.into_response(),
        (_, OURS, _) if !is_pypi => json!({"meta": {"api-version": "1.4"}, "name": OURS, "files": []}).to_string(),
        (_, NAME, Some(project)) => there.body(project),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let etag = format!("\"{}\"", sha256(body.as_bytes()));
    if asked.get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == etag.as_bytes()) {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    let json = "application/vnd.pypi.simple.v1+json".to_owned();
    ([(ETAG, etag), (CONTENT_TYPE, json)], body).into_response()
}

async fn file(there: &Shared, is_pypi: bool, path: &str) -> Response {
    way(there, 1).await;
    let there = held(there);
    let down = if is_pypi { there.pypi.down } else { there.private.down };
    let mut parts = path.rsplit('/');
    let (name, content) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let content = content.get(content.len().saturating_sub(2)..).and_then(|hex| u8::from_str_radix(hex, 16).ok());
    match content {
        _ if down => StatusCode::BAD_GATEWAY.into_response(),
        _ if there.tampers => "somebody else's".into_response(),
        Some(_) if name.ends_with(".metadata") => WORDS.into_response(),
        Some(content) => bytes(name, content).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
