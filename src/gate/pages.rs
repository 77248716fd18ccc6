//! The pages of one index: asked once however many want them, kept for a minute, and for a day where the index is down.

use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;

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
    pub index: GateIndex,
    clock: Clock,
    looks: Cache<ProjectName, Arc<Look>>,
    last: Cache<ProjectName, Arc<KnownPage>>,
}

impl Pages {
    pub fn new(index: GateIndex, clock: Clock) -> Self {
        let last = Cache::builder().max_capacity(ROOM).weigher(|_, known: &Arc<KnownPage>| known.weight()).build();
        let looks = Cache::builder().max_capacity(ROOM).weigher(|_, look: &Arc<Look>| look.known.weight()).build();
        Self { index, clock, looks, last }
    }

    /// What the index says of this project, or said within a day where it does not answer now.
    ///
    /// # Errors
    /// Why nobody can tell. That there is no such project is no error.
    pub async fn get(&self, name: &ProjectName) -> Result<Arc<KnownPage>, Arc<FetchError>> {
        let is_over = |look: &Arc<Look>| self.clock.mono().saturating_sub(look.at) >= FRESH;
        if self.looks.get(name).await.is_some_and(|look| is_over(&look)) {
            self.looks.invalidate(name).await;
        }
        let look = self.looks.try_get_with_by_ref(name, self.look(name)).await?;
        Ok(Arc::clone(&look.known))
    }

    async fn look(&self, name: &ProjectName) -> Result<Arc<Look>, FetchError> {
        let known = self.refreshed(name).await?;
        Ok(Arc::new(Look { known, at: self.clock.mono() }))
    }

    async fn refreshed(&self, name: &ProjectName) -> Result<Arc<KnownPage>, FetchError> {
        let before = self.last.get(name).await;
        let etag = before.as_ref().and_then(|known| known.etag.clone());
        let known = match self.index.page(name, etag.as_deref()).await {
            Ok(Fetched::Fresh { body, etag, .. }) => self.read(name, &body, etag)?,
            Ok(Fetched::Unchanged) => match before {
                Some(known) => Arc::new(known.again(self.clock.mono())),
                None => return Err(FetchError::Garbled("it is unchanged, and was never asked".to_owned())),
            },
            Err(FetchError::NotFound | FetchError::Gone) => {
                Arc::new(KnownPage { page: None, etag: None, size: 0, at: self.clock.mono() })
            }
            Err(error) => return self.of_before(name, before, error),
        };
        self.last.insert(name.clone(), Arc::clone(&known)).await;
        Ok(known)
    }

    fn read(&self, name: &ProjectName, body: &[u8], etag: Option<String>) -> Result<Arc<KnownPage>, FetchError> {
        let page = ProjectPage::read(name, &self.index.address(name), body);
        let page = page.map_err(|error| FetchError::Garbled(error.to_string()))?;
        for left in &page.left_out {
            tracing::debug!(project = %name, file = %left.filename, field = left.field, "a file cannot be given out");
        }
        let size = u32::try_from(body.len()).unwrap_or(u32::MAX);
        Ok(Arc::new(KnownPage { page: Some(Arc::new(page)), etag, size, at: self.clock.mono() }))
    }

    /// A project that was there is taken to be there still; that there was none proves nothing later.
    fn of_before(
        &self,
        name: &ProjectName,
        before: Option<Arc<KnownPage>>,
        error: FetchError,
    ) -> Result<Arc<KnownPage>, FetchError> {
        let kept = before.filter(|known| known.page.is_some() && self.clock.mono().saturating_sub(known.at) < STALE);
        let Some(kept) = kept else { return Err(error) };
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
