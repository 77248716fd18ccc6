//! PyPI's reading endpoints as typed requests, each with its quota, size cap and time limit.

use std::path::Path;
use std::time::Duration;

use reqwest::header::{ACCEPT, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use reqwest::{RequestBuilder, Response, StatusCode};

use super::addresses::Base;
use super::limits::{Endpoint, Limits};
use super::project::{ProjectDetail, ProjectJson};
use crate::clock::Clock;
use crate::model::{ProjectName, Time};
use crate::upstream::FetchError;
use crate::upstream::bearing::{self, Bearing};
use crate::upstream::body;
use crate::upstream::retry;
use crate::upstream::{ClientError, HttpClient, sorted};

/// 40 items are some 20 kB.
const RSS_LIMIT: u64 = 8_000_000;
/// 50,000 events are 15 to 20 MB.
const XMLRPC_LIMIT: u64 = 64_000_000;
/// Projects with thousands of releases are some 20 MB.
const PROJECT_LIMIT: u64 = 32_000_000;
/// 900,000 projects are some 50 MB.
const INDEX_LIMIT: u64 = 512_000_000;
/// The index may take this many times as long as any other request.
pub const INDEX_PATIENCE: u32 = 10;
/// PEP 691, version 1.
const SIMPLE_JSON: &str = "application/vnd.pypi.simple.v1+json";

/// An answer to a conditional request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched<T> {
    /// HTTP 304: what was fetched with this ETag is still current.
    Unchanged,
    Fresh {
        body: T,
        /// To be sent with the next request.
        etag: Option<String>,
        /// By the server's clock; a cache may have kept the body for a while before.
        served: Option<Time>,
    },
}

/// PyPI, or the simulator. Shared by all who ask it, so that quotas hold for the whole process.
#[derive(Debug)]
pub struct Pypi {
    base: Base,
    client: HttpClient,
    limits: Limits,
    clock: Clock,
    /// What its answers say of our clock.
    bearing: Bearing,
}

impl Pypi {
    /// `base` is the index's address without a trailing slash: `/rss/…`, `/pypi`, `/simple/` hang below it.
    ///
    /// # Errors
    /// When the base is not an address requests may go to.
    pub fn new(base: &str, client: HttpClient, clock: Clock) -> Result<Self, ClientError> {
        Ok(Self { base: Base::parse(base)?, client, limits: Limits::new(&clock), clock, bearing: Bearing::default() })
    }

    /// `/rss/packages.xml`: the newest 40 projects.
    ///
    /// # Errors
    /// See [`FetchError`].
    pub async fn rss(&self, etag: Option<&str>) -> Result<Fetched<Vec<u8>>, FetchError> {
        let request = conditional(self.client.get(&self.base.join("/rss/packages.xml")), etag);
        let response = self.send(Endpoint::Rss, request).await?;
        if response.status() == StatusCode::NOT_MODIFIED {
            return Ok(Fetched::Unchanged);
        }
        let (etag, served) = (etag_of(&response), retry::served_at(response.headers()));
        Ok(Fetched::Fresh { body: body::whole(response, RSS_LIMIT).await?, etag, served })
    }

    /// `POST /pypi`: an XML-RPC call, already encoded. Faults arrive as HTTP 200, so the body has them.
    ///
    /// # Errors
    /// See [`FetchError`].
    pub async fn xmlrpc(&self, call: String) -> Result<Vec<u8>, FetchError> {
        let request = self.client.post_to(&self.base.join("/pypi")).header(CONTENT_TYPE, "text/xml").body(call);
        let response = self.send(Endpoint::XmlRpc, request).await?;
        body::whole(response, XMLRPC_LIMIT).await
    }

    /// `/simple/` as JSON, written to the file `spool`; gives its size in bytes.
    ///
    /// # Errors
    /// See [`FetchError`]; the file then holds nothing of use.
    pub async fn index(&self, etag: Option<&str>, spool: &Path) -> Result<Fetched<u64>, FetchError> {
        let request = conditional(self.client.get(&self.base.join("/simple/")), etag)
            .header(ACCEPT, SIMPLE_JSON)
            .timeout(self.client.timeout * INDEX_PATIENCE);
        let response = self.send(Endpoint::Index, request).await?;
        if response.status() == StatusCode::NOT_MODIFIED {
            return Ok(Fetched::Unchanged);
        }
        let (etag, served) = (etag_of(&response), retry::served_at(response.headers()));
        Ok(Fetched::Fresh { body: body::spooled(response, INDEX_LIMIT, spool).await?, etag, served })
    }

    /// `/pypi/NAME/json`: who holds a project and what it published. Ask only for names that are public already.
    ///
    /// # Errors
    /// [`FetchError::NotFound`] for an unknown, empty or quarantined project; [`Self::simple`] tells which.
    pub async fn project(&self, name: &ProjectName) -> Result<ProjectJson, FetchError> {
        let request = self.client.get(&self.base.join(&format!("/pypi/{name}/json")));
        let response = self.send(Endpoint::Project, request).await?;
        ProjectJson::parse(&body::whole(response, PROJECT_LIMIT).await?)
    }

    /// `/simple/NAME/`: whether a project exists, its status and its versions. Only for names that are public already.
    ///
    /// # Errors
    /// [`FetchError::NotFound`] when nobody holds the name.
    pub async fn simple(&self, name: &ProjectName) -> Result<ProjectDetail, FetchError> {
        ProjectDetail::parse(&self.simple_json(name).await?)
    }

    pub(super) async fn simple_json(&self, name: &ProjectName) -> Result<Vec<u8>, FetchError> {
        let request = self.client.get(&self.base.join(&format!("/simple/{name}/"))).header(ACCEPT, SIMPLE_JSON);
        let response = self.send(Endpoint::Project, request).await?;
        body::whole(response, PROJECT_LIMIT).await
    }

    /// Leaves XML-RPC alone for a while: its throttling arrives in the body, where only the changelog sees it.
    pub fn hold_xmlrpc(&self, after: Duration) {
        self.limits.of(Endpoint::XmlRpc).hold(after);
    }

    /// What its answers say of our clock.
    pub fn bearing(&self) -> &Bearing {
        &self.bearing
    }

    /// Waits for the quota, sends, notes what the headers ask for, and sorts the statuses.
    async fn send(&self, endpoint: Endpoint, request: RequestBuilder) -> Result<Response, FetchError> {
        let limit = self.limits.of(endpoint);
        limit.admit().await.map_err(|after| FetchError::Throttled { after })?;
        let begun = self.clock.mono();
        let response = request.send().await.map_err(FetchError::sending)?;
        let took = self.clock.mono().saturating_sub(begun);
        let told = bearing::offset(response.headers(), self.clock.now(), took);
        let asked = retry::hold(response.headers(), self.clock.now());
        if let Some(after) = asked {
            limit.hold(after);
        }
        let sound = sorted(response, asked).inspect_err(|error| {
            if let FetchError::Throttled { after } = error {
                limit.hold(*after);
            }
        })?;
        // Whoever answers in PyPI's place with an error may have any clock.
        if let Some(offset) = told {
            self.bearing.note(offset);
        }
        Ok(sound)
    }
}

fn conditional(request: RequestBuilder, etag: Option<&str>) -> RequestBuilder {
    match etag {
        Some(etag) => request.header(IF_NONE_MATCH, etag),
        None => request,
    }
}

fn etag_of(response: &Response) -> Option<String> {
    response.headers().get(ETAG)?.to_str().ok().map(str::to_owned)
}
