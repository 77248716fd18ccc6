//! What is being done: handed over to whoever owns the tasks, and which keys are at work.

use std::collections::HashSet;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc::error::SendError;
use tokio::sync::{mpsc, oneshot};

use super::refusal::Refusal;
use crate::store::Keyed;

/// Something that goes on by itself, and is handed to whoever owns the tasks.
pub type Undertaking = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Hands it over and waits for what it comes to. It goes on also when nobody waits any more. Where nobody takes it over, as
/// without a daemon, it is done by whoever waits.
pub(super) async fn see_through<T: Send + 'static>(
    undertakings: &mpsc::Sender<Undertaking>,
    work: impl Future<Output = T> + Send + 'static,
) -> Result<T, Refusal> {
    let (answer, answered) = oneshot::channel();
    // Whoever asked may have gone.
    let undertaking: Undertaking = Box::pin(async move { drop(answer.send(work.await)) });
    if let Err(SendError(undertaking)) = undertakings.send(undertaking).await {
        undertaking.await;
    }
    answered.await.map_err(|_| Refusal::Stopping)
}

/// Whose keys are at work.
#[derive(Clone, Debug, Default)]
pub struct UnderWay(Arc<Mutex<HashSet<Keyed>>>);

/// Held while one is.
pub(super) struct Place(UnderWay, Keyed);

impl UnderWay {
    /// `None` while the same key is at work.
    pub(super) fn enter(&self, keyed: &Keyed) -> Option<Place> {
        let new = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(keyed.clone());
        new.then(|| Place(self.clone(), keyed.clone()))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.1);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn what_was_begun_goes_on_when_its_asker_has_gone() {
        let ((undertakings, mut queue), done) = (mpsc::channel(1), Arc::new(AtomicBool::new(false)));
        let set = Arc::clone(&done);
        let mut asking = Box::pin(see_through(&undertakings, async move { set.store(true, Ordering::Relaxed) }));
        assert!((&mut asking).now_or_never().is_none(), "it waits");
        drop(asking);
        queue.recv().await.expect("it was handed over").await;
        assert!(done.load(Ordering::Relaxed));
    }

    #[tokio::test]
    async fn without_anybody_who_takes_it_over_it_is_done_all_the_same() {
        let undertakings = mpsc::channel(1).0;
        assert_eq!(see_through(&undertakings, async { 7 }).await.ok(), Some(7));
    }

    #[test]
    fn a_key_has_one_place_at_a_time() {
        let (under_way, keyed) =
            (UnderWay::default(), |key: &str| Keyed { actor: "a".to_owned(), key: key.to_owned() });
        let place = under_way.enter(&keyed("k")).expect("free");
        assert!(under_way.clone().enter(&keyed("k")).is_none() && under_way.enter(&keyed("l")).is_some());
        drop(place);
        assert!(under_way.enter(&keyed("k")).is_some());
    }
}
