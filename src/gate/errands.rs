//! What is fetched is fetched to its end, however long whoever asked for it first waits: the next one finds it there.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::task::JoinSet;

use super::client::shares_as;
use crate::model::Requester;

/// Work that is under way; it ends with this.
#[derive(Debug)]
pub(super) struct Errands {
    under_way: Mutex<JoinSet<()>>,
    /// Where it is done, whoever asks.
    place: Handle,
}

impl Errands {
    /// None yet. They are done by the runtime that makes this: threads that answer (`lanes.rs`) wait for nobody else's names and bytes.
    pub(super) fn here() -> Self {
        Self { under_way: Mutex::default(), place: Handle::current() }
    }

    /// Begins the work, and gives what waits for its result: `None` where all of it ends.
    pub(super) fn to_the_end<T: Send + 'static, W: Future<Output = T> + Send + 'static>(
        &self,
        work: W,
    ) -> impl Future<Output = Option<T>> + Send + use<T, W> {
        let (tell, told) = oneshot::channel();
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        while under_way.try_join_next().is_some() {}
        // Whoever asked may have gone.
        under_way.spawn_on(async move { drop(tell.send(work.await)) }, &self.place);
        async move { told.await.ok() }
    }
}

/// So many files are fetched for one client at a time, whatever addresses of its network it has. What is being fetched lies beside the cache until it is
/// whole, and goes on to its end though whoever asked has gone; who waits for their turn has begun nothing.
const AT_ONCE: usize = 16;

/// Who has how much fetched, of files or of pages.
#[derive(Debug, Default)]
pub(super) struct Shares(Mutex<HashMap<String, Arc<Semaphore>>>);

impl Shares {
    /// Waits until another of this client's is there; held until this one is. `None`: never. `client`: who asks; `None`: the gate itself.
    pub(super) async fn one(&self, client: Option<&Requester>) -> Option<OwnedSemaphorePermit> {
        let client = client.map(shares_as).unwrap_or_default();
        let of_client = {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            all.retain(|_, of| Arc::strong_count(of) > 1 || of.available_permits() < AT_ONCE);
            Arc::clone(all.entry(client).or_insert_with(|| Arc::new(Semaphore::new(AT_ONCE))))
        };
        // It is never closed.
        of_client.acquire_owned().await.ok()
    }
}

/// Does its client have nothing else fetched?
pub(super) fn is_the_only(share: &OwnedSemaphorePermit) -> bool {
    share.semaphore().available_permits() + share.num_permits() == AT_ONCE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_client_waits_for_its_own_and_for_nobody_elses() {
        let shares = Shares::default();
        let one = async |peer: &str| shares.one(Some(&Requester::of_word(peer))).await;
        let mut taken = Vec::new();
        for _ in 0..AT_ONCE {
            taken.push(one("10.0.0.1").await);
        }
        let soon = std::time::Duration::from_millis(50);
        assert!(tokio::time::timeout(soon, one("10.0.0.1")).await.is_err());
        assert!(tokio::time::timeout(soon, one("::ffff:10.0.0.1")).await.is_err(), "the same address");
        assert!(tokio::time::timeout(soon, one("10.0.0.2")).await.is_ok());
        taken.pop();
        assert!(tokio::time::timeout(soon, one("10.0.0.1")).await.is_ok());
        drop(taken);
        drop(one("10.0.0.3").await);
        assert_eq!(shares.0.lock().expect("unbroken").len(), 1, "whoever has nothing under way is forgotten");
    }
}
