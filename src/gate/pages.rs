//! The pages of one index: asked once however many want them, kept for a minute, and for a day where the index is down.

use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;

use super::errands::Errands;
use super::index::GateIndex;
use super::page::ProjectPage;
use crate::clock::Clock;
use crate::model::ProjectName;
use crate::registry::pypi::Fetched;
use crate::upstream::FetchError;

/// How long a page is taken for what it is: a removal or a quarantine is in force after so long.
const FRESH: Duration = Duration::from_mins(1);
/// How long one is served while the index does not answer.
const STALE: Duration = Duration::from_hours(24);
/// How long an index may take while there is a page of it that is no more than `STALE`: pip waits for 15 s, and asks again.
const PATIENCE: Duration = Duration::from_secs(3);
/// Bytes of all pages that are kept, as they came; in memory they take about three times as much.
const ROOM: u64 = 48 << 20;

/// What an index said of a project when it last said something.
#[derive(Debug)]
pub struct KnownPage {
    /// `None`: nobody has it there.
    pub page: Option<Arc<ProjectPage>>,
    etag: Option<String>,
    /// Bytes of the page as it came.
    size: u32,
    /// On the monotonic clock.
    at: Duration,
}

/// What an index has, as it was asked at some moment; its answer may be an earlier one.
#[derive(Debug)]
struct Look {
    known: Arc<KnownPage>,
    /// On the monotonic clock.
    at: Duration,
}

/// The pages of one index.
#[derive(Debug)]
pub struct Pages {
    looks: Cache<ProjectName, Arc<Look>>,
    asked: Asked,
    under_way: Errands,
}

/// The index, and what it said last.
#[derive(Clone, Debug)]
struct Asked {
    index: GateIndex,
    clock: Clock,
    last: Cache<ProjectName, Arc<KnownPage>>,
}

impl Pages {
    pub fn new(index: GateIndex, clock: Clock) -> Self {
        let last = Cache::builder().max_capacity(ROOM).weigher(|_, known: &Arc<KnownPage>| known.weight()).build();
        let looks = Cache::builder().max_capacity(ROOM).weigher(|_, look: &Arc<Look>| look.known.weight()).build();
        Self { looks, asked: Asked { index, clock, last }, under_way: Errands::default() }
    }

    pub fn index(&self) -> &GateIndex {
        &self.asked.index
    }

    /// What the index says of this project, or said within a day where it does not answer now.
    ///
    /// # Errors
    /// Why nobody can tell. That there is no such project is no error.
    pub async fn get(&self, name: &ProjectName) -> Result<Arc<KnownPage>, Arc<FetchError>> {
        let is_over = |look: &Arc<Look>| self.asked.clock.mono().saturating_sub(look.at) >= FRESH;
        if self.looks.get(name).await.is_some_and(|look| is_over(&look)) {
            self.looks.invalidate(name).await;
        }
        let look = self.looks.try_get_with_by_ref(name, self.look(name)).await?;
        Ok(Arc::clone(&look.known))
    }

    async fn look(&self, name: &ProjectName) -> Result<Arc<Look>, FetchError> {
        let known = self.refreshed(name).await?;
        Ok(Arc::new(Look { known, at: self.asked.clock.mono() }))
    }

    /// An index that does not answer at all is one that is down, for whoever has its last page.
    async fn refreshed(&self, name: &ProjectName) -> Result<Arc<KnownPage>, FetchError> {
        let kept = self.asked.kept(name).await;
        let answer = self.under_way.to_the_end(self.asked.clone().refresh(name.clone(), self.looks.clone()));
        let Some(kept) = kept else { return answer.await.unwrap_or(Err(FetchError::TimedOut)) };
        match tokio::time::timeout(PATIENCE, answer).await {
            Ok(answer) => answer.unwrap_or(Err(FetchError::TimedOut)),
            Err(_) => {
                tracing::warn!(project = %name, "the index takes its time; its last page is served");
                Ok(kept)
            }
        }
    }
}

impl Asked {
    /// Asks the index, and keeps what it says.
    async fn refresh(
        self,
        name: ProjectName,
        looks: Cache<ProjectName, Arc<Look>>,
    ) -> Result<Arc<KnownPage>, FetchError> {
        let before = self.last.get(&name).await;
        let etag = before.as_ref().and_then(|known| known.etag.clone());
        let known = match self.index.page(&name, etag.as_deref()).await {
            Ok(Fetched::Fresh { body, etag, .. }) => self.read(&name, &body, etag)?,
            Ok(Fetched::Unchanged) => match before {
                Some(known) => Arc::new(known.again(self.clock.mono())),
                None => return Err(FetchError::Garbled("it is unchanged, and was never asked".to_owned())),
            },
            Err(FetchError::NotFound | FetchError::Gone) => {
                Arc::new(KnownPage { page: None, etag: None, size: 0, at: self.clock.mono() })
            }
            Err(error) => return self.of_before(&name, error).await,
        };
        self.last.insert(name.clone(), Arc::clone(&known)).await;
        // Whoever got the last page meanwhile asks for this one next.
        looks.invalidate(&name).await;
        Ok(known)
    }

    fn read(&self, name: &ProjectName, body: &[u8], etag: Option<String>) -> Result<Arc<KnownPage>, FetchError> {
        let base = self.index.address(name);
        let is_json = body.trim_ascii_start().starts_with(b"{");
        let page = match str::from_utf8(body) {
            Ok(html) if self.index.takes_html && !is_json => ProjectPage::read_html(name, &base, html),
            _ => ProjectPage::read(name, &base, body),
        };
        let page = page.map_err(|error| FetchError::Garbled(error.to_string()))?;
        for left in &page.left_out {
            tracing::debug!(project = %name, file = %left.filename, field = left.field, "a file cannot be given out");
        }
        self.warn_of_unchecked(&page);
        let size = u32::try_from(body.len()).unwrap_or(u32::MAX);
        Ok(Arc::new(KnownPage { page: Some(Arc::new(page)), etag, size, at: self.clock.mono() }))
    }

    /// Of our own somebody would look for the reason.
    fn warn_of_unchecked(&self, page: &ProjectPage) {
        let unchecked = page.left_out.iter().filter(|left| left.field == "sha256").count();
        if self.index.takes_html && unchecked > 0 {
            tracing::warn!(
                project = %page.name,
                "the private index names {unchecked} files without a SHA-256 digest, and none of them is given out; have it say them \
                 (pypiserver: --hash-algo sha256)"
            );
        }
    }

    /// Its last page, if that is not too old: a project that was there is taken to be there still; that there was none proves nothing.
    async fn kept(&self, name: &ProjectName) -> Option<Arc<KnownPage>> {
        let is_kept = |known: &Arc<KnownPage>| self.clock.mono().saturating_sub(known.at) < STALE;
        self.last.get(name).await.filter(|known| known.page.is_some() && is_kept(known))
    }

    async fn of_before(&self, name: &ProjectName, error: FetchError) -> Result<Arc<KnownPage>, FetchError> {
        let Some(kept) = self.kept(name).await else { return Err(error) };
        tracing::warn!(project = %name, %error, "the index does not answer; its last page is served");
        Ok(kept)
    }
}

impl KnownPage {
    fn again(&self, at: Duration) -> Self {
        Self { page: self.page.clone(), etag: self.etag.clone(), size: self.size, at }
    }

    fn weight(&self) -> u32 {
        self.size.saturating_add(1000)
    }
}
