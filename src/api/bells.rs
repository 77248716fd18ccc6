//! The bells of the workers who act on what was stored. Ringing one waits for nobody and cannot fail: what was stored is done, and
//! whoever is not rung finds it all the same.

use std::sync::Arc;

use tokio::sync::Notify;

/// Cloning shares them.
#[derive(Clone, Debug, Default)]
pub struct Bells {
    /// Rung when notices may be due.
    pub to_deliver: Arc<Notify>,
    /// Rung when a claim moved.
    pub to_claim: Arc<Notify>,
}

impl Bells {
    /// Notices were made: let the delivery workers look.
    pub(super) fn deliver(&self) {
        self.to_deliver.notify_waiters();
    }

    /// Claims have moved: let whoever looks after them look.
    pub(super) fn claims(&self) {
        self.to_claim.notify_one();
        self.to_deliver.notify_waiters();
    }
}
