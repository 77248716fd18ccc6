//! What is fetched is fetched to its end, however long whoever asked for it first waits: the next one finds it there.

use std::sync::{Mutex, PoisonError};

use tokio::sync::oneshot;
use tokio::task::JoinSet;

/// Work that is under way; it ends with this.
#[derive(Debug, Default)]
pub(super) struct Errands(Mutex<JoinSet<()>>);

impl Errands {
    /// Begins the work, and gives what waits for its result: `None` where all of it ends.
    pub(super) fn to_the_end<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> impl Future<Output = Option<T>> + Send + 'static {
        let (tell, told) = oneshot::channel();
        let mut under_way = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while under_way.try_join_next().is_some() {}
        // Whoever asked may have gone.
        under_way.spawn(async move { drop(tell.send(work.await)) });
        async move { told.await.ok() }
    }
}
