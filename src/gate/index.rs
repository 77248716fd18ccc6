//! An index in front of which the gate stands: PyPI, or the private one.

use std::path::Path;
use std::sync::Arc;

use reqwest::header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, ETAG, HeaderValue, IF_NONE_MATCH};
use reqwest::{RequestBuilder, Response, StatusCode, Url};
use tokio::sync::OwnedSemaphorePermit;

use super::clock::GateClock;
use super::present::Present;
use super::room::{PAGE_LIMIT, PageRoom, Places};
use super::standing::LastAnswer;
use super::strays::Strays;
use crate::model::ProjectName;
use crate::registry::pypi::{Fetched, is_safe};
use crate::upstream::{FetchError, HttpClient, body, sorted};

/// PEP 691, version 1. HTML has no times (PEP 833), and is not asked for.
const SIMPLE_JSON: &str = "application/vnd.pypi.simple.v1+json";
/// Where nothing is asked of times: many have HTML alone.
const SIMPLE_ANY: &str =
    "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1";
/// PEP 740's provenance object.
const PROVENANCE_JSON: &str = "application/vnd.pypi.integrity.v1+json";
/// A file may take this many times as long as a page.
const FILE_PATIENCE: u32 = 30;

/// Where pages are, and how to be known there.
#[derive(Clone, Debug)]
pub struct GateIndex {
    /// Of the simple API, with a slash at its end.
    root: Url,
    client: HttpClient,
    /// For files, which come as they are ([`HttpClient::of_files`]).
    files: HttpClient,
    /// The whole header; `None`: nobody has to be known.
    login: Option<HeaderValue>,
    /// Is a page in HTML taken, too?
    pub(super) takes_html: bool,
    /// What hears which time its pages come with; `None`: nobody goes by that.
    clock: Option<GateClock>,
    /// To a question for a page.
    last: Arc<LastAnswer>,
    /// What of its pages is PyPI's; `None`: all of it is, or nobody asks.
    pub(super) strays: Option<Strays>,
}

impl GateIndex {
    /// `clients`: for pages, and for files ([`HttpClient::of_files`]).
    pub fn new(root: Url, (client, files): (HttpClient, HttpClient), login: Option<HeaderValue>) -> Self {
        let login = login.map(|mut login| {
            login.set_sensitive(true);
            login
        });
        Self { root, client, files, login, takes_html: false, clock: None, last: Arc::default(), strays: None }
    }

    /// The same, of whose pages nothing about age is asked.
    #[must_use]
    pub fn taking_html(self) -> Self {
        Self { takes_html: true, ..self }
    }

    /// The same, of which nothing may be PyPI's, whose index is there.
    #[must_use]
    pub fn apart_from(self, pypi: &Self) -> Self {
        Self { strays: Some(Strays::between(&self.root, &pypi.root)), ..self }
    }

    /// The same, by whose pages ages are counted: what they say of the time is held against this clock.
    #[must_use]
    pub fn telling_time(self, clock: GateClock) -> Self {
        Self { clock: Some(clock), ..self }
    }

    /// Now, by what its pages say of the time as well; `None`: nobody goes by that.
    pub(super) fn present(&self) -> Option<Present> {
        self.clock.as_ref().map(GateClock::present)
    }

    /// Is no age to be counted before its first answer?
    pub(super) fn is_without_time(&self) -> bool {
        self.clock.as_ref().is_some_and(GateClock::is_lost)
    }

    /// Where the page of a project is; its files' addresses may be relative to that.
    pub fn address(&self, name: &ProjectName) -> Url {
        // A normalized name is one part of a path, and the root can be a base.
        self.root.join(&format!("{name}/")).unwrap_or_else(|_| self.root.clone())
    }

    /// The page of a project, as it comes, and its places in the room for pages, which are let go once it was read. `share`: of who asks for it.
    ///
    /// # Errors
    /// [`FetchError::NotFound`] where the index says that there is none, and nothing else says so; [`FetchError::Crowded`] where too many came before
    /// it.
    pub(super) async fn page(
        &self,
        name: &ProjectName,
        etag: Option<&str>,
        (room, share): (&PageRoom, OwnedSemaphorePermit),
    ) -> Result<(Fetched<Vec<u8>>, Places), FetchError> {
        let answer = self.page_as_it_comes(name, etag, (room, share)).await;
        self.last.note(&answer);
        answer
    }

    async fn page_as_it_comes(
        &self,
        name: &ProjectName,
        etag: Option<&str>,
        (room, share): (&PageRoom, OwnedSemaphorePermit),
    ) -> Result<(Fetched<Vec<u8>>, Places), FetchError> {
        let mut places = room.place(share).await?;
        let accept = if self.takes_html { SIMPLE_ANY } else { SIMPLE_JSON };
        let mut request = self.known(self.client.get(self.address(name).as_str())).header(ACCEPT, accept);
        if let Some(etag) = etag {
            request = request.header(IF_NONE_MATCH, etag);
        }
        let asked = self.clock.as_ref().map(GateClock::mono);
        let response = request.send().await.map_err(FetchError::sending)?;
        if let Some((clock, asked)) = self.clock.as_ref().zip(asked) {
            clock.hear(response.headers(), asked);
        }
        let response = sorted(response, None)?;
        if response.status() == StatusCode::NOT_MODIFIED {
            return Ok((Fetched::Unchanged, places));
        }
        let etag = response.headers().get(ETAG).and_then(|etag| etag.to_str().ok()).map(str::to_owned);
        let body = body::admitted(response, (room.small, PAGE_LIMIT), async || places.grow(room).await).await?;
        Ok((Fetched::Fresh { body, etag, served: None }, places))
    }

    /// Why it did not answer when it was asked for a page last; `None`: it did, whatever it said, or nobody has asked yet.
    pub(super) fn failure(&self) -> Option<String> {
        self.last.failure()
    }

    /// Where it is, as persons are told: without a login, which may stand in its address.
    pub(super) fn place(&self) -> String {
        self.root.origin().ascii_serialization()
    }

    /// What the index keeps of who published a file. A page says where that is, so that nobody else is asked for it, whatever it says.
    ///
    /// # Errors
    /// See [`FetchError`].
    pub async fn provenance(&self, address: &Url, limit: u64) -> Result<Vec<u8>, FetchError> {
        let has_login = !address.username().is_empty() || address.password().is_some();
        if has_login || address.origin() != self.root.origin() {
            return Err(FetchError::Garbled("its provenance is not at the index itself".to_owned()));
        }
        // This client follows no redirect to anybody else.
        let request = self.known(self.client.get(address.as_str())).header(ACCEPT, PROVENANCE_JSON);
        body::whole(sorted(request.send().await.map_err(FetchError::sending)?, None)?, limit).await
    }

    /// Writes a file that a page of this index named to `path`; gives its size in bytes.
    ///
    /// # Errors
    /// See [`FetchError`]; nothing is left then.
    pub async fn file(&self, address: &Url, limit: u64, path: &Path) -> Result<u64, FetchError> {
        body::spooled(self.asked(address).await?, limit, path).await
    }

    /// The same, for where no disk takes it.
    ///
    /// # Errors
    /// See [`FetchError`].
    pub async fn file_in_memory(&self, address: &Url, limit: u64) -> Result<Vec<u8>, FetchError> {
        body::whole(self.asked(address).await?, limit).await
    }

    async fn asked(&self, address: &Url) -> Result<Response, FetchError> {
        if !self.may_name(address) {
            return Err(FetchError::Garbled("its address is clear text, or of this machine".to_owned()));
        }
        // A server that compresses on the way, or calls an archive compressed once more, gives other bytes than the digest is of.
        let request = self.files.get(address.as_str()).header(ACCEPT_ENCODING, "identity");
        let request = request.timeout(self.files.timeout * FILE_PATIENCE);
        let is_own = address.origin() == self.root.origin();
        let request = if is_own { self.known(request) } else { request };
        sorted(request.send().await.map_err(FetchError::sending)?, None)
    }

    /// An index on this machine may name what is on it; any other would have the gate ask it for whatever a stranger writes.
    fn may_name(&self, address: &Url) -> bool {
        is_safe(address) && (address.scheme() == "https" || self.root.scheme() == "http")
    }

    /// With the login, which reaches nobody but this index.
    fn known(&self, request: RequestBuilder) -> RequestBuilder {
        match &self.login {
            Some(login) => request.header(AUTHORIZATION, login.clone()),
            None => request,
        }
    }
}

#[cfg(test)]
mod tests;
