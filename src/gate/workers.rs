//! Work for a processor, beside what answers: as much at a time as there are processors, or ten pages at once would take all memory.

use std::sync::Arc;

use tokio::sync::Semaphore;

/// Those who do it.
#[derive(Clone, Debug)]
pub(super) struct Workers(Arc<Semaphore>);

impl Default for Workers {
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self(Arc::new(Semaphore::new(processors)))
    }
}

#[cfg(test)]
impl Workers {
    /// Nothing is done while this is held.
    pub(super) async fn held(&self) -> Option<tokio::sync::OwnedSemaphorePermit> {
        let all = std::thread::available_parallelism().map_or(1, usize::from);
        Arc::clone(&self.0).acquire_many_owned(u32::try_from(all).ok()?).await.ok()
    }
}

impl Workers {
    /// Does it, after what came before. `None`: it panicked, and has said so, or the gate ends.
    pub(super) async fn done<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let _turn = self.0.acquire().await.ok()?;
        tokio::task::spawn_blocking(work).await.ok()
    }
}
