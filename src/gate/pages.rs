//! The pages of one index: asked once however many want them, kept for a minute, and for a day where the index is down, also over a
//! restart. What was read of them is in the memory as far as it fits; all of them are on the disk.

mod asked;
mod history;
mod known;
mod print;
mod readings;
mod shelf;

use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;
use moka::policy::EvictionPolicy;
use tokio::sync::OwnedSemaphorePermit;

use super::errands::Errands;
use super::index::GateIndex;
use super::present::Present;
use crate::clock::Clock;
use crate::model::{ProjectName, Requester};
use crate::upstream::FetchError;
use asked::Asked;
pub(super) use known::{KnownPage, ReadPage};
pub(super) use print::Print;
pub use shelf::PageShelf;

/// How long a page is taken for what it is: a removal or a quarantine is in force after so long.
const FRESH: Duration = Duration::from_mins(1);
/// How long an index may take while there is a page of it that is no more than a day old: pip waits for 15 s, and asks again.
const PATIENCE: Duration = Duration::from_secs(3);

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

impl Pages {
    /// `shelf`: where they are kept, those of every index.
    pub fn new(index: GateIndex, shelf: Arc<PageShelf>, clock: Clock) -> Self {
        let looks = Cache::builder().max_capacity(asked::KNOWN).weigher(|_, look: &Arc<Look>| look.known.weight());
        let looks = looks.eviction_policy(EvictionPolicy::lru()).build();
        Self { looks, asked: Asked::new(index, shelf, clock), under_way: Errands::here() }
    }

    pub fn index(&self) -> &GateIndex {
        &self.asked.index
    }

    pub(super) fn clock(&self) -> &Clock {
        &self.asked.clock
    }

    /// Now, by what its pages say of the time as well, where somebody goes by that.
    pub(super) fn present(&self) -> Present {
        self.asked.present()
    }

    /// What the index says of this project, or said within a day where it does not answer now. The gate itself asks.
    ///
    /// # Errors
    /// Why nobody can tell. That there is no such project is no error.
    pub async fn get(&self, name: &ProjectName) -> Result<Arc<KnownPage>, Arc<FetchError>> {
        self.get_for(None, name).await
    }

    /// The same for a client: of what has to be asked for it has its share.
    ///
    /// # Errors
    /// As there.
    pub(super) async fn get_for(
        &self,
        client: Option<&Requester>,
        name: &ProjectName,
    ) -> Result<Arc<KnownPage>, Arc<FetchError>> {
        if let Some(look) = self.looks.get(name).await {
            if self.asked.clock.mono().saturating_sub(look.at) < FRESH {
                return Ok(Arc::clone(&look.known));
            }
            self.looks.invalidate(name).await;
        }
        let share = match self.asked.room.share(client).await {
            Ok(share) => share,
            Err(crowded) => return self.kept(name).await.ok_or_else(|| Arc::new(crowded)),
        };
        // On the heap, since each answer would carry the room for it.
        let look = Box::pin(self.looks.try_get_with_by_ref(name, self.look(name, share))).await?;
        Ok(Arc::clone(&look.known))
    }

    /// The same as of now.
    ///
    /// # Errors
    /// As there.
    pub(super) async fn anew(&self, name: &ProjectName) -> Result<Arc<KnownPage>, Arc<FetchError>> {
        self.anew_for(None, name).await
    }

    /// The same for a client.
    ///
    /// # Errors
    /// As there.
    pub(super) async fn anew_for(
        &self,
        client: Option<&Requester>,
        name: &ProjectName,
    ) -> Result<Arc<KnownPage>, Arc<FetchError>> {
        self.looks.invalidate(name).await;
        self.get_for(client, name).await
    }

    /// What the index said within a day, without asking it.
    pub(super) async fn kept(&self, name: &ProjectName) -> Option<Arc<KnownPage>> {
        self.asked.kept(name).await
    }

    /// The page that [`Self::get`] says is there, or the one that the index has by now, where the disk lost it.
    ///
    /// # Errors
    /// [`FetchError::NotFound`] where there is none; else why nobody can tell.
    pub async fn read(&self, name: &ProjectName, known: &KnownPage) -> Result<Arc<ReadPage>, Arc<FetchError>> {
        if let Some(read) = self.asked.read(name, known).await? {
            return Ok(read);
        }
        tracing::warn!(project = %name, "its page is on the disk no more, and the index is asked again");
        self.asked.forget(name).await;
        self.looks.invalidate(name).await;
        let known = self.get(name).await?;
        let lost = || Arc::new(FetchError::Garbled("its page was lost as soon as it came".to_owned()));
        self.asked.read(name, &known).await?.ok_or_else(lost)
    }

    async fn look(&self, name: &ProjectName, share: OwnedSemaphorePermit) -> Result<Arc<Look>, FetchError> {
        let known = self.refreshed(name, share).await?;
        Ok(Arc::new(Look { known, at: self.asked.clock.mono() }))
    }

    /// An index that does not answer at all is one that is down, for whoever has its last page.
    async fn refreshed(&self, name: &ProjectName, share: OwnedSemaphorePermit) -> Result<Arc<KnownPage>, FetchError> {
        let kept = self.asked.kept(name).await;
        let renewed = renewed(self.asked.clone(), (name.clone(), share), self.looks.clone());
        let answer = self.under_way.to_the_end(renewed);
        let Some(kept) = kept else { return answer.await.unwrap_or(Err(FetchError::TimedOut)) };
        match tokio::time::timeout(PATIENCE, answer).await {
            Ok(answer) => answer.unwrap_or(Err(FetchError::TimedOut)),
            Err(_) => {
                if let Some(left_out) = self.asked.seldom.of("slow") {
                    tracing::warn!(project = %name, left_out, "the index takes its time; its last page is served");
                }
                Ok(kept)
            }
        }
    }
}

async fn renewed(
    asked: Asked,
    (name, share): (ProjectName, OwnedSemaphorePermit),
    looks: Cache<ProjectName, Arc<Look>>,
) -> Result<Arc<KnownPage>, FetchError> {
    let known = asked.refresh(&name, share).await?;
    // Whoever got the last page meanwhile asks for this one next.
    looks.invalidate(&name).await;
    Ok(known)
}
