//! What has arrived at a sink.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

/// What has arrived, in order; tests wait on it.
#[derive(Debug)]
pub(super) struct Inbox<T> {
    items: Mutex<VecDeque<T>>,
    arrived: Notify,
}

impl<T> Default for Inbox<T> {
    fn default() -> Self {
        Self { items: Mutex::default(), arrived: Notify::new() }
    }
}

impl<T: Clone> Inbox<T> {
    pub(super) fn push(&self, item: T) {
        self.lock().push_back(item);
        self.arrived.notify_waiters();
    }

    pub(super) fn all(&self) -> Vec<T> {
        self.lock().iter().cloned().collect()
    }

    /// Takes everything that has arrived.
    pub(super) fn take(&self) -> Vec<T> {
        self.lock().drain(..).collect()
    }

    /// Takes the oldest, waiting for it at most `patience`.
    pub(super) async fn next(&self, patience: Duration) -> Option<T> {
        let taken = async {
            loop {
                let arrived = self.arrived.notified();
                tokio::pin!(arrived);
                arrived.as_mut().enable();
                if let Some(item) = self.lock().pop_front() {
                    return item;
                }
                arrived.await;
            }
        };
        tokio::time::timeout(patience, taken).await.ok()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<T>> {
        self.items.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
