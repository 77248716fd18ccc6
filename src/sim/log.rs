//! What the simulator was asked, so that tests can count it and prove what was never asked.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::http::{Method, Uri};

/// The interfaces a client can ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Endpoint {
    RssPackages,
    RssUpdates,
    RssProject,
    Xmlrpc,
    /// `/simple/`
    Index,
    /// `/simple/NAME/`
    Detail,
    /// `/pypi/NAME/json`
    Json,
    /// `/project/NAME/`
    Page,
    File,
    /// `/integrity/NAME/VERSION/FILE/provenance`
    Integrity,
    /// `/legacy/`
    Upload,
    /// `/_/oidc/…`
    Oidc,
    Other,
}

impl Endpoint {
    /// Which interface a request is for.
    pub(super) fn of(method: &Method, path: &str) -> Self {
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        match parts.as_slice() {
            ["rss", "packages.xml"] => Self::RssPackages,
            ["rss", "updates.xml"] => Self::RssUpdates,
            ["rss", ..] => Self::RssProject,
            ["pypi" | "RPC2"] if method == Method::POST => Self::Xmlrpc,
            ["pypi", .., "json"] => Self::Json,
            ["simple"] => Self::Index,
            ["simple", _] => Self::Detail,
            ["project", ..] => Self::Page,
            ["packages", ..] => Self::File,
            ["integrity", ..] => Self::Integrity,
            ["legacy"] => Self::Upload,
            ["_", "oidc", ..] => Self::Oidc,
            _ => Self::Other,
        }
    }
}

/// One request as it came in.
#[derive(Clone, Debug)]
pub struct Request {
    pub endpoint: Endpoint,
    pub method: Method,
    pub uri: Uri,
    pub user_agent: String,
    /// The first kilobytes of an XML-RPC call, or of an upload.
    pub body: String,
    /// Status of the answer; `None` while there is none.
    pub status: Option<u16>,
}

/// The last `KEPT` requests, and how many there were.
#[derive(Debug, Default)]
pub struct Log {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    requests: VecDeque<Request>,
    /// How many were dropped from the front.
    dropped: usize,
}

const KEPT: usize = 200_000;

impl Log {
    /// Notes a request as it arrives; the number is for `answered`.
    pub(super) fn arrived(&self, request: Request) -> usize {
        let mut kept = self.lock();
        if kept.requests.len() == KEPT {
            kept.requests.pop_front();
            kept.dropped += 1;
        }
        kept.requests.push_back(request);
        kept.dropped + kept.requests.len() - 1
    }

    pub(super) fn answered(&self, number: usize, status: u16) {
        let mut kept = self.lock();
        let index = number.checked_sub(kept.dropped);
        if let Some(request) = index.and_then(|index| kept.requests.get_mut(index)) {
            request.status = Some(status);
        }
    }

    pub fn requests(&self) -> Vec<Request> {
        self.lock().requests.iter().cloned().collect()
    }

    /// How often an interface was asked.
    pub fn count(&self, endpoint: Endpoint) -> usize {
        self.lock().requests.iter().filter(|request| request.endpoint == endpoint).count()
    }

    /// Did this text occur in any address or call? For proving that a name was never asked for.
    pub fn mentions(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        let mentions = |part: &str| part.to_lowercase().contains(&text);
        self.lock().requests.iter().any(|request| mentions(&request.uri.to_string()) || mentions(&request.body))
    }

    pub fn clear(&self) {
        let mut kept = self.lock();
        kept.dropped += kept.requests.len();
        kept.requests.clear();
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
